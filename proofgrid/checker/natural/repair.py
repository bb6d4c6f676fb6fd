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
from proofgrid.checker.natural.between import UNSEPARATED, braces, semicolons
from proofgrid.checker.natural.careless import CarelessSteps, numbers_a_step
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
    if "[" in plain or _have_split_words(plain):
        tokens = tokenize_loosely(plain, language)
    elif scanned is None:
        careless = CarelessSteps(plain, language)
        tokens = scan_through(plain, language, careless.row)
    else:
        tokens = [Steps([token]) if isinstance(token, Application) else token for token in scanned]
    kinds = _kinds_of(tokens)
    if "s" in kinds:
        if "(" in kinds or _BARE.search(kinds) is not None:
            tokens = _taken_apart(tokens, plain, language)
            careless = None
    else:
        careless = None  # what rows there were have been taken apart
    if normalised.moved:
        _move(tokens, normalised)
        if careless is not None:
            careless.marks = list(normalised.originals(careless.marks))
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


def _mended(
    tokens: list[Any], normalised: Normalised, text: str, careless: CarelessSteps | None = None
) -> tuple[list[Any], list[Repair]]:
    """The tokens after every repair of tokens, with all repairs; ``careless`` has those made before."""
    repairs = list(normalised.repairs)
    words: bool | None = None  # whether there are words of rules side by side, where that is known
    made: dict[Any, list[Repair]] = {}
    if careless is not None:
        made = {formulas: careless.parentheses, _punctuation: careless.stray, semicolons: careless.semicolons}
    kinds = _kinds_of(tokens)
    for meets, of_words, mend in _PASSES:
        met = meets.search(kinds) is not None or (mend is join_words and _have_split_words(normalised.text))
        if not met and of_words:
            words = _have_rule_words(tokens, kinds) if words is None else words
        if met or (of_words and words):
            mended = read_calls(tokens, repairs, kinds, text) if mend is read_calls else mend(tokens, repairs, kinds)
            if mended != tokens:
                tokens, words = mended, None
                kinds = _kinds_of(tokens)
        repairs += made.get(mend, ())  # at one offset repairs stand in the order of the passes
    repairs += respell(tokens)
    if careless is not None:
        repairs += careless.rules
    renumber(tokens)
    repairs.sort(key=attrgetter("offset"))
    return tokens, repairs


def _move(tokens: Sequence[Coarse], normalised: Normalised) -> None:
    """The tokens of a normalised text at their places in the original."""
    parts: list[Any] = []  # all that has a place of its own, in text order, but for rules
    steps: list[Application] = []
    for token in tokens:
        if type(token) is Steps:
            steps += token.steps
            for step in token.steps:
                parts += step.labels
                if step.conclusion is not None:
                    parts.append(step.conclusion)
                parts += step.arguments
        elif token.start < token.end:
            parts.append(token)
    moved = iter(normalised.originals([at for part in parts for at in (part.start, part.end - 1)]))
    for part, start, last in zip(parts, moved, moved, strict=True):
        part.start = start
        part.end = last + 1 if last >= start else start
    for step, start in zip(steps, normalised.originals([step.rule_start for step in steps]), strict=True):
        step.start = step.rule_start = start
        if step.conclusion is not None:
            step.start = step.conclusion.start
        if step.labels:
            step.labels = tuple([Label(name.text, name.start, name.start + len(name.text)) for name in step.labels])
            step.start = step.labels[0].start
        step.end = step.arguments[-1].end
    if steps:
        for row, token in pairwise(tokens):
            if type(row) is Steps and token.start == token.end and type(token) is Token:  # a ';' that was added
                token.start = token.end = row.end


def _kinds_of(tokens: Sequence[Coarse]) -> str:
    """One character for the type of each token, so that patterns find what stands side by side.

    ``t`` a term, ``s`` steps in a row, ``l`` a label, ``a`` a rule with its ``on``, ``f`` ``from``, ``b`` ``by``, ``n``
    ``on``, ``h`` a word before a hypothesis, ``o`` a connective, ``A`` ``:=``; a mark is itself, and any other ``?``.
    """
    kinds = "".join([_KINDS[token.type] for token in tokens])
    if "?" not in kinds:
        return kinds
    single = list(kinds)
    for match in re.finditer(r"\?", kinds):
        text = tokens[match.start()].text  # type: ignore[union-attr]
        if text in _MARKS_OF_THEIR_OWN:
            single[match.start()] = text
    return "".join(single)


def _have_split_words(text: str) -> bool:
    """Whether ``suppose-absurd`` or a rule of contradiction may be written as two words, or with a ``_``."""
    folded = text.casefold()
    return ("suppose" in folded or "contradiction" in folded) and _SPLIT.search(text) is not None


def _have_rule_words(tokens: Sequence[AnyToken], kinds: str) -> bool:
    """Whether the first of two words side by side names a rule, or both do together."""
    words = {(tokens[at].text, tokens[at + 1].text) for at in map(re.Match.start, _SIDE_BY_SIDE.finditer(kinds))}
    return any(spelled_rule(one) or spelled_rule(f"{one}-{other}") for one, other in words)


def _punctuation(tokens: list[AnyToken], repairs: list[Repair], kinds: str) -> list[AnyToken]:
    """Double semicolons, and a step's stray final ``.`` or ``,``."""
    out: list[AnyToken] = []
    last = 0
    for match in _STRAY.finditer(kinds):
        i = match.start()
        out += tokens[last:i]
        last = i + 1
        token, kind = tokens[i], kinds[i]
        following = kinds[last : last + 1] or "$"
        if kind == ";":
            if out and out[-1].type == "SEMI":
                repairs.append(Repair(DOUBLE_SEMICOLON, token.start, "dropped a second ';'"))
                continue
            if not out or out[-1].type == "LBRACE" or following == "$":
                repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a ';' that separates nothing"))
                continue
        elif kind in ".:=" and _numbers_a_step(out, following):
            head = out.pop()
            shown = shorten(f"{head.text}{token.text}")
            repairs.append(Repair(CONCLUSION_REPLACED, head.start, f"read '{shown}' as the step's name"))
            if following != "l":
                out.append(Token("LABEL", head.text, head.start, token.end))
            continue
        elif kind == "." and following in ";}$t" + _STEP_STARTS:
            repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a stray '.'"))
            continue
        elif kind == "," and following in ";}$":
            repairs.append(Repair(STRAY_PUNCTUATION, token.start, "dropped a stray ','"))
            continue
        out.append(token)
    return out + tokens[last:]


def _numbers_a_step(out: Sequence[AnyToken], following: str) -> bool:
    """Whether the last token, before a ``.`` or ``:``, stands at the start of a step: ``1. B BY ...``, ``s1: ...``.

    ``following`` is the kind of the token after that.
    """
    if not out or (len(out) > 1 and out[-2].type not in ("SEMI", "LBRACE", "RBRACE")):
        return False
    if following not in "t" + _STEP_STARTS:
        return False
    head = out[-1]
    return isinstance(head, Term) and head.is_name and numbers_a_step(head.text)


def _conclusions(tokens: list[AnyToken], repairs: list[Repair], kinds: str) -> list[AnyToken]:
    """A conclusion's name with symbols stuck to it: ``(b1 BY ...``, ``"b1" BY ...``, ``b@1 BY ...``.

    Only what is written without a space is one name: words before ``BY`` may be anything.
    """
    out: list[AnyToken] = []
    last = 0
    for match in _STUCK.finditer(kinds):
        start, end = match.span()
        run = tokens[start:end]
        words = [t for t in run if isinstance(t, Term)]
        glued = all(a.end == b.start for a, b in pairwise(run))
        if not (words and glued and all(t.is_name and UNFILLED.fullmatch(t.text) is None for t in words)):
            continue
        shown = shorten("".join(t.text for t in run[:64]))
        out += tokens[last:start]
        last = end
        if len(words) == 1:
            out.append(words[0])
            bare = all(t.type in ("TERM", "LPAREN", "RPAREN") for t in run)
            made = MISSING_PARENTHESES if bare and ATOM.fullmatch(words[0].text) else CONCLUSION_REPLACED
            repairs.append(Repair(made, run[0].start, f"read '{shown}' as '{words[0].text}'"))
        else:
            repairs.append(Repair(CONCLUSION_REPLACED, run[0].start, f"dropped '{shown}', which is no name"))
            last += 1  # nor is there anything for the 'BY'
    return out + tokens[last:]


def _heads(tokens: list[AnyToken], repairs: list[Repair], _: str) -> list[AnyToken]:
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


_KINDS: Final = {
    "TERM": "t",
    "STEPS": "s",
    "LABEL": "l",
    "APPLY": "a",
    "FROM": "f",
    "BY": "b",
    "ON": "n",
    "ASSUME": "h",
    "SUPPOSE": "h",
    "OP": "o",
    "ASSIGN": "A",
    "UNKNOWN": "?",
    "LPAREN": "(",
    "RPAREN": ")",
    "COMMA": ",",
    "SEMI": ";",
    "LBRACE": "{",
    "RBRACE": "}",
}
_MARKS_OF_THEIR_OWN: Final = frozenset(".:=[]")
_SPLIT = re.compile(r"suppose(?!-absurd)|(?<!by-)contradiction", re.IGNORECASE)
_STEP_STARTS: Final = "lah{"
"""Kinds of tokens with which a step begins, besides a term."""
_SIDE_BY_SIDE = re.compile("t(?=[ta])")
_BARE = re.compile(r"h(?!(?:l.|[^l])\{)")
"""A hypothesis that may have no block: of the steps after it, the first would become one."""
_STRAY = re.compile(r"(?<![^;{.:=,]);|;$|[.:=,]")
_STUCK = re.compile(r"(?<![^;{}l])[t?().:=\[\]]{2,}+(?=ba)")
"""Several tokens where one name should stand before ``BY``, from the start of the step."""
_PASSES: Final[tuple[tuple[re.Pattern[str], bool, Any], ...]] = (
    (re.compile(r"[baf]:|ht[:=]|t:=|bf|fn"), True, join_words),
    (re.compile(r"[af]\{|[taf][(\[]"), True, read_calls),
    (re.compile(r"[o()]"), False, formulas),
    (re.compile(r"^;|[;{];|;$|\.(?:[;}tlah{]|$)|(?:^|[;{}])t[.:=][tlah{]|,(?:[;}]|$)"), False, _punctuation),
    (_STUCK, False, _conclusions),
    (re.compile(r"t[(Al]"), True, _heads),
    (UNSEPARATED, False, semicolons),
    (re.compile(""), False, braces),
)
"""The repairs of tokens in their order, each with what it mends as kinds of tokens side by side (:func:`_kinds_of`).

The second is whether it mends words of rules side by side, too. Most repairs have nothing to mend in a text.
"""
