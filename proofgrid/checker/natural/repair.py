"""Instrumented reading: the surface repairs that make an unreadable text a proof, smallest first.

Called only where strict reading failed, so a well-formed proof is never touched, and every repair replaces something
that no well-formed proof contains. First characters (:mod:`proofgrid.checker.natural.characters`), then tokens:
stray punctuation, formulas without their parentheses, misread conclusions, a missing ``on``, ``;`` or brace.
The result goes through the same parser. Each pass is linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final

from proofgrid.checker.formulas import Formula
from proofgrid.checker.natural.between import STEP_ENDS, STEP_STARTS, braces, semicolons
from proofgrid.checker.natural.careless import CarelessSteps
from proofgrid.checker.natural.characters import Normalised, Repair
from proofgrid.checker.natural.heads import join_words, read_calls, respell
from proofgrid.checker.natural.kinds import (
    CONCLUSION_REPLACED,
    DOUBLE_SEMICOLON,
    MISSING_ON,
    MISSING_PARENTHESES,
    STRAY_PUNCTUATION,
)
from proofgrid.checker.natural.lexer import (
    UNFILLED,
    AnyToken,
    Coarse,
    Steps,
    Token,
    scan_through,
    tokenize_loosely,
)
from proofgrid.checker.natural.parentheses import formulas
from proofgrid.checker.natural.spelling import spelled_rule
from proofgrid.checker.natural.syntax import Application, Label, Term
from proofgrid.checker.parsing import ATOM, shorten


def repair(
    text: str,
    language: str,
    premises: Sequence[Formula] = (),
    goal: Formula | None = None,
    normalised: Normalised | None = None,
) -> tuple[list[AnyToken], list[Repair]]:
    """Tokens of ``text`` (as given) after every repair that applies, with the repairs made, in text order.

    Premises and goal are the problem's: only lines that repeat them are left out. ``normalised`` is the text with its
    characters repaired, where that was made before.

    The tokens may still not parse: then the text has a fault that no documented repair mends.
    """
    normalised = normalised or Normalised(text, premises, goal, language)
    tokens = tokenize_loosely(normalised.text, language)
    if normalised.moved:
        _move(tokens, normalised)
    return _mended(tokens, normalised, text)


def repair_around_steps(
    normalised: Normalised, text: str, language: str, scanned: list[Coarse] | None = None
) -> tuple[list[Coarse], list[Repair]]:
    """What :func:`repair` gives, with the plain steps in a row as one token where no repair may change such steps.

    Most slips of long proofs are few, and the steps between them are in order. No repair of tokens changes a step that
    is between two of ``{``, ``;`` and ``}`` but those of parentheses and brackets around several, and of keywords that
    are written as names. ``scanned`` is what :func:`scan` made of the normalised text, where it came to the end.
    """
    plain = normalised.text
    careless: CarelessSteps | None = None
    tokens: list[Any]
    if "[" in plain or _JOINED.search(plain):
        tokens = tokenize_loosely(plain, language)
    elif scanned is None:
        careless = CarelessSteps(plain, language)
        tokens = scan_through(plain, language, careless.row)
    else:
        tokens = [Steps([token]) if isinstance(token, Application) else token for token in scanned]
    types = [token.type for token in tokens]
    if "STEPS" in types:
        if "LPAREN" in types or _is_bare(types):
            tokens = _taken_apart(tokens, plain, language)
            careless = None
    else:
        careless = None  # what rows there were have been taken apart
    if normalised.moved:
        _move(tokens, normalised)
        if careless is not None:
            careless.dots = list(normalised.originals(careless.dots))
    return _mended(tokens, normalised, text, careless)


def _taken_apart(tokens: Sequence[Coarse], plain: str, language: str) -> list[AnyToken]:
    """The tokens of a text of which some are rows of steps, all one by one and none of them repaired."""
    out: list[Any] = []
    end = 0
    for token in tokens:
        if type(token) is Steps:
            inside = tokenize_loosely(plain[end : token.end], language)  # a '.' may stand before the row
            for part in inside:
                part.start += end
                part.end += end
            out += inside
        elif token.start < token.end:  # no ';' that was added
            out.append(token)
        end = token.end
    renumber(out)
    return out


def _is_bare(types: Sequence[str]) -> bool:
    """Whether a hypothesis may have no block: of the steps after it, the first would become one."""
    for i, kind in enumerate(types):
        if kind in ("ASSUME", "SUPPOSE"):
            block = i + 3 if types[i + 1 : i + 2] == ["LABEL"] else i + 2
            if types[block : block + 1] != ["LBRACE"]:
                return True
    return False


def _mended(
    tokens: list[Any], normalised: Normalised, text: str, careless: CarelessSteps | None = None
) -> tuple[list[Any], list[Repair]]:
    """The tokens after every repair of tokens, with all repairs; ``careless`` has those made before."""
    repairs = list(normalised.repairs)
    made: dict[Any, list[Repair]] = {}
    if careless is not None:
        made = {formulas: careless.parentheses, _punctuation: careless.stray, semicolons: careless.semicolons}
    seen: set[str | tuple[str, str]] | None = None  # where it is not known yet
    for meets, mend in _PASSES:
        if seen is None and meets is not None:
            seen = _neighbours(tokens)
        if (meets is None or seen is None or not seen.isdisjoint(meets)) or (
            mend is join_words and _JOINED.search(normalised.text)
        ):
            mended = read_calls(tokens, repairs, text) if mend is read_calls else mend(tokens, repairs)
            if mended != tokens:
                tokens = mended
                seen = None
        repairs += made.get(mend, ())  # at one offset repairs stand in the order of the passes
    repairs += respell(tokens)
    if careless is not None:
        repairs += careless.rules
    renumber(tokens)
    repairs.sort(key=attrgetter("offset"))
    return tokens, repairs


def _move(tokens: Sequence[Coarse], normalised: Normalised) -> None:
    """The tokens of a normalised text at their places in the original."""
    if not any([type(token) is Steps for token in tokens]):  # noqa: C419 (a generator costs more)
        _move_single(tokens, normalised)
        return
    parts: list[Any] = []  # tokens, terms and labels in text order, and plain steps before the rest of theirs
    for token in tokens:
        if type(token) is Steps:
            for step in token.steps:
                parts += step.labels
                if step.conclusion is not None:
                    parts.append(step.conclusion)
                parts.append(step)
                parts += step.arguments
        else:
            parts.append(token)
    offsets: list[int] = []
    for part in parts:
        if isinstance(part, Application):
            offsets += (part.rule_start, part.rule_start)
        elif part.start == part.end:  # a ';' that was added behind a step
            offsets += (part.end - 1, part.end - 1)
        else:
            offsets += (part.start, part.end - 1)
    moved = iter(normalised.originals(offsets))
    for part, start, last in zip(parts, moved, moved, strict=True):
        if isinstance(part, Application):
            part.rule_start = start
        elif part.start == part.end:
            part.start = part.end = last + 1
        else:
            part.start, part.end = start, max(start, last + 1)
    for token in tokens:
        if type(token) is Steps:
            for step in token.steps:
                step.labels = tuple(
                    [Label(label.text, label.start, label.start + len(label.text)) for label in step.labels]
                )
                first = (*step.labels, step.conclusion)[0]
                step.start = step.rule_start if first is None else first.start
                step.end = step.arguments[-1].end


def _move_single(tokens: Sequence[Any], normalised: Normalised) -> None:
    """Tokens at their places in the original, none of which is a row of steps."""
    moved = iter(normalised.originals([offset for token in tokens for offset in (token.start, token.end - 1)]))
    for token, start, last in zip(tokens, moved, moved, strict=True):
        token.start = start
        token.end = last + 1 if last >= start else start


def _neighbours(tokens: Sequence[AnyToken]) -> set[str | tuple[str, str]]:
    """The types that occur, and every two that stand side by side; "END" is before the first and after the last.

    A stray character has its own for a type, and is "UNKNOWN" besides. "RULE WORDS" is there where the first of two
    words side by side names a rule, or both do together; "GLUED", where there is no space between two terms. What a
    repair mends shows in all this, and most repairs have nothing to mend in a text.
    """
    types = ["END", *[token.type for token in tokens], "END"]
    stray = "UNKNOWN" in types
    if stray:
        types[1:-1] = [token.text if token.type == "UNKNOWN" else token.type for token in tokens]
    pairs = set(pairwise(types))
    seen: set[str | tuple[str, str]] = {*(kind for pair in pairs for kind in pair), *pairs}
    if stray:
        seen.add("UNKNOWN")
    if not pairs.isdisjoint(_SIDE_BY_SIDE):
        beside = [
            (one, other)
            for one, other, pair in zip(tokens, tokens[1:], pairwise(types[1:]), strict=False)
            if pair in _SIDE_BY_SIDE
        ]
        if any(one.end == other.start for one, other in beside):
            seen.add("GLUED")
        words = {(one.text, other.text) for one, other in beside}
        if any(spelled_rule(one) or spelled_rule(f"{one}-{other}") for one, other in words):
            seen.add("RULE WORDS")
    return seen


def _punctuation(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """Double semicolons, and a step's stray final ``.`` or ``,``."""
    out: list[AnyToken] = []
    n = len(tokens)
    for i, token in enumerate(tokens):
        kind = token.type
        following = tokens[i + 1].type if i + 1 < n else "END"
        if kind == "SEMI":
            if out and out[-1].type == "SEMI":
                repairs.append(Repair(DOUBLE_SEMICOLON, token.start, "dropped a second ';'"))
                continue
            if not out or out[-1].type == "LBRACE" or following == "END":
                repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a ';' that separates nothing"))
                continue
        elif kind == "UNKNOWN" and token.text in (".", ":", "=") and _numbers_a_step(out, following):
            head = out.pop()
            shown = shorten(f"{head.text}{token.text}")
            repairs.append(Repair(CONCLUSION_REPLACED, head.start, f"read '{shown}' as the step's name"))
            if following != "LABEL":
                out.append(Token("LABEL", head.text, head.start, token.end))
            continue
        elif kind == "UNKNOWN" and token.text == "." and following in ("SEMI", "RBRACE", "END", "TERM", *STEP_STARTS):
            repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a stray '.'"))
            continue
        elif kind == "COMMA" and following in ("SEMI", "RBRACE", "END"):
            repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a stray ','"))
            continue
        out.append(token)
    return out


def _numbers_a_step(out: Sequence[AnyToken], following: str) -> bool:
    """Whether the last token, before a ``.`` or ``:``, stands at the start of a step: ``1. B BY ...``, ``s1: ...``."""
    if not out or (len(out) > 1 and out[-2].type not in ("SEMI", "LBRACE", "RBRACE")):
        return False
    if following != "TERM" and following not in STEP_STARTS:
        return False
    head = out[-1]
    return isinstance(head, Term) and head.is_name and UNFILLED.fullmatch(head.text) is None


def _conclusions(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """A conclusion's name with symbols stuck to it: ``(b1 BY ...``, ``"b1" BY ...``, ``b@1 BY ...``.

    Only what is written without a space is one name: words before ``BY`` may be anything.
    """
    out: list[AnyToken] = []
    start = 0  # where the step under way starts in `out`; -1 after anything that no conclusion contains
    n = len(tokens)
    for i, token in enumerate(tokens):
        kind = token.type
        if kind in ("SEMI", "LBRACE", "RBRACE", "LABEL"):
            start = len(out) + 1
        elif kind == "BY" and start >= 0 and len(out) - start > 1 and i + 1 < n and tokens[i + 1].type == "APPLY":
            run = out[start:]
            words = [t for t in run if isinstance(t, Term)]
            glued = all(a.end == b.start for a, b in pairwise(run))
            if words and glued and all(t.is_name and UNFILLED.fullmatch(t.text) is None for t in words):
                shown = shorten("".join(t.text for t in run[:64]))
                del out[start:]
                if len(words) == 1:
                    out.append(words[0])
                    bare = all(t.type in ("TERM", "LPAREN", "RPAREN") for t in run)
                    made = MISSING_PARENTHESES if bare and ATOM.fullmatch(words[0].text) else CONCLUSION_REPLACED
                    repairs.append(Repair(made, run[0].start, f"read '{shown}' as '{words[0].text}'"))
                else:
                    repairs.append(Repair(CONCLUSION_REPLACED, run[0].start, f"dropped '{shown}', which is no name"))
                    start = -1
                    continue
            start = -1
        elif kind not in ("TERM", "UNKNOWN", "LPAREN", "RPAREN"):
            start = -1
        out.append(token)
    return out


def _heads(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """What stands before a rule: a missing ``on``, a label that is no name."""
    out: list[AnyToken] = []
    n = len(tokens)
    for i, token in enumerate(tokens):
        if token.type not in ("TERM", "ASSIGN", "LABEL"):
            out.append(token)
            continue
        previous = out[-1].type if out else "SEMI"
        before = out[-2].type if len(out) > 1 else "SEMI"
        following = tokens[i + 1].type if i + 1 < n else "END"
        if (
            token.type == "TERM"
            and following in ("TERM", "LPAREN")
            and spelled_rule(token.text) is not None
            and previous in ("BY", "SEMI", "LBRACE", "LABEL", "RBRACE")
        ):
            repairs.append(Repair(MISSING_ON, token.start, f"added the missing 'on' after '{token.text}'"))
            token = Token("APPLY", token.text, token.start, token.end)
        if token.type == "ASSIGN" and previous == "TERM" and out[-1].text.lower() != "assert":
            if following == "APPLY":
                repairs.append(
                    Repair(CONCLUSION_REPLACED, token.start, f"read '{shorten(out[-1].text)} :=' as its conclusion")
                )
                token = Token("BY", "BY", token.start, token.end)
            elif UNFILLED.search(out[-1].text) is None:
                last = out.pop()
                repairs.append(
                    Repair(CONCLUSION_REPLACED, last.start, f"dropped '{shorten(last.text)}', which is no name")
                )
                continue
        if token.type == "LABEL" and previous == "TERM" and before in ("SEMI", "LBRACE", "RBRACE"):
            last = out[-1]
            named = isinstance(last, Term) and last.is_name and UNFILLED.fullmatch(last.text) is None
            if named and last.text.lower() != "assert":
                out.pop()
                shown = shorten(f"{last.text} {token.text}")
                repairs.append(Repair(CONCLUSION_REPLACED, last.start, f"read the name '{shown}' as '{token.text}'"))
        out.append(token)
    return out


def renumber(tokens: Sequence[Coarse]) -> None:
    """Step numbers after tokens were turned into applications, or dropped."""
    step = 0
    for token in tokens:
        if token.type in ("APPLY", "FROM"):
            step += 1
            token.step = step  # type: ignore[union-attr, misc]
        elif type(token) is Steps:
            for plain in token.steps:
                step += 1
                plain.step = step


_SIDE_BY_SIDE: Final = frozenset([("TERM", "TERM"), ("TERM", "APPLY")])
_JOINED = re.compile(r"suppose(?!-absurd)|(?<!by-)contradiction", re.IGNORECASE)
_PASSES: Final[tuple[tuple[frozenset[str | tuple[str, str]] | None, Any], ...]] = (
    (
        frozenset([":", "=", ("BY", "FROM"), ("FROM", "ON"), "RULE WORDS"]),
        join_words,
    ),
    (
        frozenset(
            [
                *("RULE WORDS", ("APPLY", "LBRACE"), ("FROM", "LBRACE")),
                *((head, mark) for head in ("TERM", "APPLY", "FROM") for mark in ("LPAREN", "[")),
            ]
        ),
        read_calls,
    ),
    (frozenset(["OP", "LPAREN", "RPAREN"]), formulas),
    (
        frozenset(
            [
                *(".", ":", "="),
                *(("SEMI", mark) for mark in ("SEMI", "END")),
                *((mark, "SEMI") for mark in ("END", "LBRACE", "COMMA")),
                *(("COMMA", mark) for mark in ("RBRACE", "END")),
            ]
        ),
        _punctuation,
    ),
    (frozenset(["UNKNOWN", "LPAREN", "RPAREN", "GLUED"]), _conclusions),
    (frozenset(["ASSIGN", "RULE WORDS", ("TERM", "LPAREN"), ("TERM", "LABEL")]), _heads),
    (
        frozenset(
            (end, start) for end in STEP_ENDS for start in (*STEP_STARTS, "TERM") if (end, start) != ("TERM", "LBRACE")
        ),
        semicolons,
    ),
    (None, braces),
)
"""The repairs of tokens in their order, each with the types and neighbours without which it has nothing to mend."""
