"""A verdict as text for a person, in the manner of rustc: the line, the caret, what is missing, what would help.

Rendering knows nothing of terminals: whether to colour is the caller's decision (:func:`wants_colour` helps).
"""

from __future__ import annotations

import os
import re
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from proofgrid.checker.counting import count
from proofgrid.checker.culprit import marks

if TYPE_CHECKING:
    from proofgrid.checker.verdict import Failure, Fix, Verdict

_STYLES: Final = {"error": "1;31", "ok": "1;32", "frame": "1;34", "warn": "1;33", "bold": "1", "off": "0"}
_OFF: Final = "\x1b[0m"
_CSS: Final = {
    "1;31": "color:#b3261e;font-weight:bold",
    "1;32": "color:#146c2e;font-weight:bold",
    "1;34": "color:#1a56b0;font-weight:bold",
    "1;33": "color:#8a5a00;font-weight:bold",
    "1": "font-weight:bold",
}
_WIDTH: Final = 400
_FIXES: Final = 40
"""Fixes that are listed; a text with more is hardly a proof, and the verdict as data has them all."""


def wants_colour(stream: Any) -> bool:
    """Whether to colour what is written to ``stream``: only on a terminal, and not against NO_COLOR."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class _Paint:
    def __init__(self, colour: bool, width: int | None) -> None:
        self.colour, self.width = colour, width

    def lines(self, head: str, plain: str, text: str, indent: int, style: str = "") -> list[str]:
        """``head`` (as printed; ``plain`` without colour) and ``text`` after it, wrapped under each other."""
        room = None if self.width is None else max(20, self.width - len(plain))
        parts = [text] if room is None or len(text) <= room else wrap(text, room, break_on_hyphens=False) or [""]
        first, *rest = (self(style, part) if style else part for part in parts)
        return [head + first, *(" " * indent + part for part in rest)]

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour else text


def printable(text: str) -> str:
    """The text with control characters, lone surrogates and the like made visible: safe on any terminal."""
    return "".join(
        c if c.isprintable() else " " if c == "\t" else c.encode("unicode_escape", "replace").decode("ascii")
        for c in text
    )


def _cut(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def render(verdict: Verdict, *, name: str = "proof", colour: bool = False, width: int | None = None) -> str:
    """The verdict as lines of text, without a final newline. ``name`` stands for the proof's file.

    With ``width`` messages and notes are wrapped; what is quoted from the proof never is.
    """
    paint = _Paint(colour, width)
    out: list[str] = []
    failures = verdict.failures or ((verdict.failure,) if verdict.failure else ())
    for failure in failures:
        out += [*_failure(failure, name, paint), ""]
    for fix in verdict.fixes[:_FIXES]:
        out += _fix(fix, name, paint)
    if len(verdict.fixes) > _FIXES:
        out.append(f"... and {len(verdict.fixes) - _FIXES:,} fixes more")
    if verdict.fixes:
        out.append("")
    out.append(_summary(verdict, paint))
    return "\n".join(out)


def render_failure(
    failure: Failure, *, name: str = "proof", colour: bool = False, width: int | None = None
) -> list[str]:
    """One failure as :func:`render` draws it, as lines."""
    return _failure(failure, name, _Paint(colour, width))


def render_html(verdict: Verdict) -> str:
    """The verdict as a ``<pre>`` element, in the colours of a terminal, for a notebook. Nothing of it is markup."""
    text = escape(render(verdict, colour=True))  # what is quoted from a proof holds no escape sequences
    coloured = re.sub(
        "\x1b\\[([0-9;]+)m", lambda found: f'<span style="{_CSS[found[1]]}">', text.replace(_OFF, "</span>")
    )
    return f"<pre>{coloured}</pre>"


def _fix(fix: Fix, name: str, paint: _Paint) -> list[str]:
    where = f"{name}:{fix.line}" if fix.line else name
    step = f", step {fix.step}" if fix.step is not None else ""
    head = f"{where}{step}: "
    plain = f"fix[{fix.kind}] {head}"
    return paint.lines(f"{paint('warn', f'fix[{fix.kind}]')} {head}", plain, _cut(fix.message), 4)


def _failure(failure: Failure, name: str, paint: _Paint) -> list[str]:
    head = f"error[{failure.kind}]"
    out = paint.lines(paint("error", head) + paint("bold", ": "), f"{head}: ", _cut(failure.message), 4, "bold")
    number = str(failure.line) if failure.line else " "
    pad = " " * len(number)
    bar = paint("frame", "|")
    if failure.line:
        out.append(f"{pad}{paint('frame', '-->')} {name}:{failure.line}:{failure.column}")
        out += [f"{pad} {bar}", *_excerpt(failure, number, paint)]
    notes: list[tuple[str, str]] = []
    labels = [mark.label for mark in marks(failure)]
    for text, value in dict.fromkeys(zip(failure.arguments, failure.evaluated, strict=False)):
        under = any(label.endswith(f"this is {value}") for label in labels)  # said below the line already
        if not under and "".join(text.split()) != "".join(value.split()):
            notes.append(("where", f"{_cut(text)} is {_cut(value)}"))
    for label, content in (
        ("missing", failure.missing),
        ("nearest that holds", failure.nearest),
        ("expected", failure.expected),
        ("actual", failure.actual),
        ("hint", failure.hint),
    ):
        if content is not None:
            notes.append((label, _cut(content)))
    if failure.possible is not None:
        rows = [", ".join(names) for names in failure.possible]
        notes.append(("possible equations", "; ".join(rows) if rows else "none"))
    if failure.diagnosis == "slip":
        notes.append(("slip", "what held does entail the conclusion; the step does not show it"))
    elif failure.diagnosis == "fallacy":
        notes.append(("fallacy", "what held does not entail the conclusion"))
    if failure.countermodel is not None:
        values = ", ".join(f"{k} {'true' if v else 'false'}" for k, v in list(failure.countermodel.items())[:40])
        notes.append(("counterexample", values or "any"))
    for label, content in notes:
        head = f"{pad} {paint('frame', '=')} {paint('bold', label)}: "
        out += paint.lines(head, f"{pad} = {label}: ", content, len(pad) + 5 + len(label))
    return out


def _excerpt(failure: Failure, number: str, paint: _Paint) -> list[str]:
    """The line with what is to blame underlined, and under it a word on each place, the rightmost first."""
    pad, bar = " " * len(number), paint("frame", "|")
    found = marks(failure)
    if not found:  # the line was cut before the place
        return [f"{paint('frame', number)} {bar} {_window(failure.text, failure.column)[0]}"]
    line, caret = _window(failure.text, found[0].column)
    step = f"step {failure.step}" if failure.step is not None else ""
    shift = caret - len(printable(failure.text[: found[0].column - 1]))
    spans: list[tuple[int, int, str]] = []
    for mark in found:
        start = len(printable(failure.text[: mark.column - 1])) + shift
        end = min(start + len(printable(failure.text[mark.column - 1 : mark.column - 1 + mark.length])), len(line))
        if 0 <= start < max(end, start + 1):
            spans.append((start, max(end, start + 1), mark.label))
    under = [" "] * max(end for _, end, _ in spans)
    for start, end, _ in reversed(spans):
        under[start:end] = ("^" if (start, end) == spans[0][:2] else "-") * (end - start)
    said = " ".join(part for part in (spans[0][2], f"({step})" if spans[0][2] and step else step) if part)
    out = [f"{paint('frame', number)} {bar} {line}"]
    if len(spans) == 1 or spans[0][0] == max(start for start, _, _ in spans):
        out.append(f"{pad} {bar} " + paint("error", "".join(under) + (f" {said}" if said else "")))
        rest = spans[1:]
    else:
        out.append(f"{pad} {bar} " + paint("error", "".join(under)))
        rest = [(spans[0][0], spans[0][1], said), *spans[1:]]
    out += [f"{pad} {bar} {' ' * start}{label}" for start, _, label in sorted(rest, reverse=True) if label]
    return out


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a long line that is worth showing, and the caret's place in it (0-based)."""
    at = min(max(column - 1, 0), len(text))
    start = 0 if at < 160 else at - 80
    before = printable(text[start:at])
    part = printable(text[at : start + 240])
    if start:
        before = "…" + before
    if len(text) > start + 240:
        part += "…"
    return before + part, len(before)


def _summary(verdict: Verdict, paint: _Paint) -> str:
    steps = count(verdict.steps, "step")
    repaired = f", {count(len(verdict.fixes), 'fix', 'fixes')}" if verdict.fixes else ""
    if verdict.correct:
        how = "strictly correct" if verdict.strict else "correct"
        return f"{paint('ok', how)}: {_cut(verdict.conclusion or '')} ({steps}{repaired})"
    if verdict.failure is not None and verdict.failure.class_ == "limit":
        return f"{paint('warn', 'no verdict')}: over the checker's limits"
    many = f", {count(len(verdict.failures), 'failure')}" if len(verdict.failures) > 1 else ""
    return f"{paint('error', 'incorrect')} ({steps}{repaired}{many})"
