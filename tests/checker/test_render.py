"""Verdicts as text: the line, the caret, what is missing; safe on any terminal."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from proofgrid.checker import check
from proofgrid.checker.render import printable, render, wants_colour

PROBLEM = "(A | B) # (A ==> C) # C"
PROOF = "{\n  x := (A ==> C);\n  C BY cases on premise-1, x, (B ==> C) # here\n}"


def test_a_failure_is_drawn_with_its_line_and_caret() -> None:
    """The picture shows kind, message, place, line, caret under the rule, and notes."""
    assert render(check(PROBLEM, PROOF), name="proof.ndl") == (
        "error[notInAB]: (B ==> C) does not hold here\n"
        " --> proof.ndl:3:8\n"
        "  |\n"
        "3 |   C BY cases on premise-1, x, (B ==> C) # here\n"
        "  |                               ^^^^^^^^^ does not hold here (step 1)\n"
        "  = where: premise-1 is (A | B)\n"
        "  = where: x is (A ==> C)\n"
        "  = missing: (B ==> C)\n"
        "  = nearest that holds: (A ==> C)\n"
        "  = hint: (B ==> C) does not follow from what holds here: no step can conclude it\n"
        "  = fallacy: what held does not entail the conclusion\n"
        "  = counterexample: A false, B true, C false\n"
        "\n"
        "incorrect (1 step)"
    )


def test_fixes_and_success_are_summed_up() -> None:
    """A repaired proof lists its fixes and says that it is correct, not strictly so."""
    text = render(check("A # (A ==> B) # B", "B BY mp on A -> B, A"))
    assert text == (
        "fix[missing-parentheses] proof:1: added the missing parentheses of A ==> B\n"
        "fix[connective] proof:1: read '->' as '==>'\n\n"
        "correct: B (1 step, 2 fixes)"
    ) or text.endswith("correct: B (1 step, 2 fixes)")
    assert render(check("A # A", "claim on A")) == "strictly correct: A (1 step)"


def test_a_text_that_is_no_proof_does_not_flood_the_terminal() -> None:
    """Of very many fixes only the first are listed, and how many more there are."""
    verdict = check("A # A", "A BY claim on A.;\n" * 100)
    shown = render(verdict).splitlines()
    assert len(verdict.fixes) > 100
    assert len(shown) < 60
    assert f"... and {len(verdict.fixes) - 40:,} fixes more" in shown


def test_every_failure_is_drawn_on_request() -> None:
    """With all failures each is drawn and the count is given."""
    verdict = check("A # B", "{ C BY claim on D; E BY claim on F; B BY claim on B }", all_failures=True)
    text = render(verdict)
    assert text.count("error[notInAB]") == 3
    assert text.endswith("incorrect (3 steps, 3 failures)")


def test_colour_is_only_colour() -> None:
    """With colour the text is the same once the escape sequences are taken out."""
    import re

    verdict = check(PROBLEM, PROOF)
    coloured = render(verdict, colour=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == render(verdict)


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_colour_only_on_a_terminal_and_not_against_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, NO_COLOR and a dumb terminal get no colour."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())


@pytest.mark.parametrize("proof", ["claim on \x1b[31m", "\x07 \ud800 claim on", "x\u202e := claim on B", "a\x00b on A"])
def test_hostile_text_cannot_reach_the_terminal(proof: str) -> None:
    """Escape sequences, bells, surrogates and direction marks of a proof are shown, not sent."""
    text = render(check("A # A", proof), name="p")
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.encode("utf-8")


def test_printable_keeps_what_can_be_read() -> None:
    """Letters and symbols of any script stay; tabs become spaces."""
    assert printable("∧ é\t\x1b") == "∧ é \\x1b"


def test_long_lines_are_cut_around_the_caret() -> None:
    """A failure far to the right of a long line shows that part, with the caret under it."""
    steps = "; ".join(["x := claim on A"] * 200)
    text = render(check("A # B", "{ " + steps + "; C BY mp on (A ==> C), A; B BY claim on B }"))
    _, _, _, line, caret, *_ = text.split("\n")
    assert len(line) < 400
    assert line[caret.index("^") :].startswith("(A ==> C)")
    assert "…" in line


def test_a_line_that_was_cut_before_the_failure_is_drawn_without_a_caret() -> None:
    """A line longer than a verdict keeps is shown from its beginning where the failing place was cut away."""
    verdict = check("A # B", "assume A {" * 6000 + "claim on B" + "}" * 6000)
    assert verdict.failure is not None
    assert verdict.failure.column > len(verdict.failure.text)
    text = render(verdict)
    assert "…" in text
    assert "^" not in text


def test_parsing_failures_limits_and_goals_are_drawn_too() -> None:
    """Failures without a step or a line have their picture."""
    assert "expected" in render(check("A # A", "claim"))
    assert render(check("A # B", "claim on A")).startswith("error[wrongTopConclusion]: the proof concludes A")
    assert render(check("A # A", "#" + "x" * 20_000_001)).endswith("no verdict: over the checker's limits")


def test_a_notebook_shows_the_text_and_no_markup_of_the_proof() -> None:
    """In a notebook a verdict is its text, in colours, with what the proof holds escaped."""
    verdict = check("A # B", "B BY claim on <script>alert(1)</script>")
    html = verdict._repr_html_()
    assert html.startswith("<pre>")
    assert html.endswith("</pre>")
    assert "<script" not in html
    assert "\x1b" not in html
    assert unescape(re.sub(r"</?(span|pre)[^>]*>", "", html)) == render(verdict)
