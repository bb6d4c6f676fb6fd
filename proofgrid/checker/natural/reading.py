"""Reading a proof in NDL or the macro language: exactly, or through its slips.

Most proofs are in order, and their plain steps are read at once. Where that fails the tokens are read one by one, and
where that fails, too, they are repaired and read again. What cannot be a proof is told by its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from proofgrid.checker.errors import FormulaSyntaxError, ProofSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.limits import check_steps
from proofgrid.checker.natural.characters import Normalised, Repair
from proofgrid.checker.natural.heads import respell
from proofgrid.checker.natural.hopeless import check_nesting, is_no_proof, lasting_fault, slot_for_a_step, strict_fault
from proofgrid.checker.natural.kinds import MISSING_BRACES, STRAY_PUNCTUATION
from proofgrid.checker.natural.lexer import (
    NAME_CHARACTERS,
    AnyToken,
    Coarse,
    Steps,
    Token,
    count_steps,
    scan,
    tokenize,
    with_openings_apart,
)
from proofgrid.checker.natural.parser import parse_repaired, parse_scanned, parse_tokens
from proofgrid.checker.natural.repair import renumber, repair, repair_around_steps
from proofgrid.checker.natural.scope import Open, read_formulas, read_steps_formulas
from proofgrid.checker.natural.syntax import Application, From, ParsedProof, Term

Name = Literal["ndl", "macro"]
_ELSEWHERE_REPAIRED = re.compile(
    rf"[^\t\n\x20-\x7e]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<![{NAME_CHARACTERS}])'|(?i:suppose_?absurd)"
    r"|^[ \t]*+\(?[0-9]{1,4}\)",
    re.MULTILINE,
)
"""What a repair of characters or words changes in steps that can be read without it."""


def read_tokens(tokens: list[AnyToken], plain: str, language: Name) -> tuple[ParsedProof, dict[str, Open]]:
    """Tree and formulas of a token list.

    Raises ProofSyntaxError with the offset, LimitReached where there are too many steps to evaluate.
    """
    check_steps(count_steps(tokens))
    proof = parse_tokens(tokens, plain, language)
    try:
        formulas = read_formulas(proof, [token for token in tokens if type(token) is Term])
    except FormulaSyntaxError as error:
        raise ProofSyntaxError(str(error), error.offset) from None
    return proof, formulas


@dataclass(frozen=True, slots=True)
class Reading:
    """A proof that could be read."""

    proof: ParsedProof
    formulas: dict[str, Open]
    repairs: list[Repair]
    """What was repaired so that it could be read, in text order."""
    read_as: list[AnyToken] | Callable[[], list[AnyToken]] | None = None
    """The tokens as they were read, or what reads them; None where they are those of the text, but for what stands
    around it."""

    @property
    def tokens(self) -> list[AnyToken]:
        """The tokens as they were read, single ones.

        Of plain steps that were read at once around a repair only the terms are where they stand in the text, and
        labels, rules and ``from`` start there; their ``BY``, commas and semicolons are beside a term.
        """
        if self.read_as is not None:
            return self.read_as() if callable(self.read_as) else self.read_as
        tokens = tokenize(self.proof.text, self.proof.language)
        return _in_order(tokens)[0] if self.repairs else tokens  # type: ignore[return-value]


def read_proof(
    text: str, plain: str, language: Name, premises: Sequence[Formula], goal: Formula, *, tolerant: bool
) -> Reading:
    """A proof, exactly or through slips. ``plain`` is the text with its comments blanked out.

    Raises ProofSyntaxError and LimitReached as read_tokens does.
    """
    check_nesting(plain)
    if (slot := slot_for_a_step(plain)) is not None:
        raise ProofSyntaxError(f"{slot[1]} is not filled in", slot.start(1))
    lost = is_no_proof(plain, language)
    fault = strict_fault(plain, language)
    if fault is not None and (lost or not tolerant):
        raise fault
    unfit: list[Coarse] | None = None
    broken = False  # whether the tokens make no proof, with formulas or rules that may be none, either
    if not lost and (fault is None or plain[fault.offset] == ";"):
        scanned, opened = _scanned(plain, language)
        if opened is not None:
            reading = _read_scanned(scanned, opened, plain, language, tolerant=tolerant)
            if reading is not None:
                return reading
            if tolerant and plain.strip():
                scanned[:] = with_openings_apart(scanned, plain)
                unfit = scanned
        elif tolerant and plain.strip():
            broken = parse_scanned(scanned, plain, language) is None
    if fault is None and unfit is None and not broken:
        tokens = tokenize(plain, language)
        repairs = respell(tokens) if tolerant else []
        try:
            proof, formulas = read_tokens(tokens, plain, language)
        except ProofSyntaxError:
            if not tolerant or lost or not plain.strip():
                raise
        else:
            return Reading(proof=proof, formulas=formulas, repairs=repairs, read_as=tokens)
    if (fault := lasting_fault(text, plain, language, premises, goal)) is not None:
        raise fault
    normalised = Normalised(text, premises, goal, language)
    unchanged = unfit if unfit and unfit[-1].type != "UNKNOWN" and normalised.text == plain else None
    return _read_mended(text, plain, normalised, language, premises, goal, unchanged)


def _read_mended(
    text: str,
    plain: str,
    normalised: Normalised,
    language: Name,
    premises: Sequence[Formula],
    goal: Formula,
    scanned: list[Coarse] | None,
) -> Reading:
    """A proof after every repair. Raises as read_tokens does.

    Where the slips are all beside its plain steps these are one token; it is what repairing single tokens reads.
    ``scanned`` is what :func:`scan` made of the normalised text, where it came to the end.
    """
    tokens: Any
    tokens, repairs = repair_around_steps(normalised, text, language, scanned)
    if any([type(token) is Steps for token in tokens]):  # noqa: C419 (a generator costs more)
        check_steps(count_steps(tokens))
        formulas = read_steps_formulas(tokens)
        if formulas is not None:
            proof = parse_repaired(tokens, plain, language, _as_read)
            return Reading(proof=proof, formulas=formulas, repairs=repairs, read_as=partial(_one_by_one, tokens))
        if scanned is not None:
            scanned.clear()  # two lists of all tokens are not held while a third is made
        tokens = None  # a formula is none
    if tokens is None:
        tokens, repairs = repair(text, language, premises, goal, normalised)
    proof, formulas = read_tokens(tokens, plain, language)
    return Reading(proof=proof, formulas=formulas, repairs=repairs, read_as=tokens)


def _one_by_one(tokens: Sequence[Coarse]) -> list[AnyToken]:
    """The tokens with those of plain steps one by one."""
    out: list[Any] = []
    for token in tokens:
        if type(token) is Steps:
            out += _as_read(token.steps)
        else:
            out.append(token)
    renumber(out)
    return out


def _as_read(steps: Sequence[Application]) -> Iterator[AnyToken]:
    """The tokens of plain steps as they were read, with a ``;`` between them."""
    for n, step in enumerate(steps):
        if n:
            end = steps[n - 1].end
            yield Token("SEMI", ";", end, end)
        for label in step.labels:
            yield Token("LABEL", label.text, label.start, label.end)
        at = step.rule_start
        if type(step) is From:
            if step.conclusion is not None:
                yield step.conclusion
            yield Token("FROM", "from", at, at + 4, step.step)
        else:
            if step.conclusion is not None:
                yield step.conclusion
                yield Token("BY", "BY", step.conclusion.end, step.conclusion.end)
            yield Token("APPLY", step.rule, at, at + len(step.rule), step.step)
        for k, term in enumerate(step.arguments):
            assert type(term) is Term
            if k:
                yield Token("COMMA", ",", term.start, term.start)
            yield term


def _scanned(plain: str, language: Name) -> tuple[list[Coarse], dict[str, Open] | None]:
    """The tokens of a text, plain steps read at once, and what :func:`read_steps_formulas` makes of them."""
    tokens = scan(plain, language)
    check_steps(count_steps(tokens))
    return tokens, read_steps_formulas(tokens)


def _read_scanned(
    tokens: list[Coarse], formulas: dict[str, Open], plain: str, language: Name, *, tolerant: bool
) -> Reading | None:
    """A proof in which there is nothing to repair; None where that is not so: nor are its tokens one by one a proof.

    It reads what reading token by token reads, to the same tree. ``tolerant``: braces may be missing around all of it,
    or a ``;`` stand at its end.
    """
    proof = parse_scanned(tokens, plain, language)
    if proof is not None:
        return Reading(proof=proof, formulas=formulas, repairs=[])
    if not tolerant or not tokens or tokens[-1].type == "UNKNOWN" or _ELSEWHERE_REPAIRED.search(plain) is not None:
        return None
    whole, repairs = _in_order(tokens)
    proof = parse_scanned(whole, plain, language) if repairs else None
    return None if proof is None else Reading(proof=proof, formulas=formulas, repairs=repairs)


def _in_order(tokens: Sequence[Coarse]) -> tuple[list[Coarse], list[Repair]]:
    """The tokens without a ``;`` at the end and with braces around steps that have none, as repairing makes them."""
    whole = list(tokens)
    repairs: list[Repair] = []
    if len(whole) > 1 and whole[-1].type == "SEMI" != whole[-2].type:
        last = whole.pop()
        repairs.append(Repair(STRAY_PUNCTUATION, last.start, "dropped a ';' that separates nothing"))
    depth = 0
    for token in whole:
        kind = token.type
        if kind in ("LBRACE", "LPAREN", "OPENING"):
            depth += 1
        elif kind in ("RBRACE", "RPAREN"):
            depth -= 1
        elif depth == 0 and (kind == "SEMI" or (type(token) is Steps and len(token.steps) > 1)):
            start, end = whole[0].start, whole[-1].end
            repairs.insert(0, Repair(MISSING_BRACES, start, "added the missing braces around the proof"))
            return [Token("LBRACE", "{", start, start), *whole, Token("RBRACE", "}", end, end)], repairs
    return whole, repairs
