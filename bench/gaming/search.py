"""Searches from a reference: what is accepted must be right, step by step, with no help but the fixes recorded.

A walk weakens a reference one change at a time and goes on from what is still accepted; a single edit tries on a wrong
answer whatever a fix could bless; a slip of syntax is put on a wrong answer. Each accepted text goes to the second
judge (tests/gaming), which shares no code with the checker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.gaming.mutants import changed, read, single_edits, written
from bench.gaming.slips import FORGETFUL, SLIPS
from proofgrid.checker import as_read, check, parse_formula
from proofgrid.tasks.core import Item
from tests.gaming.formulas import parsed, show
from tests.gaming.judge import Unreadable, wrong_steps


@dataclass(slots=True)
class Searched:
    """Counts, and what was accepted wrongly."""

    tried: int = 0
    accepted: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    """Accepted texts by kind of fix."""
    written_out: int = 0
    """Accepted texts that the judge was given as the checker read them, slips of syntax mended."""
    defects: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(item, why, problem, text)"""


def judged(item_id: str, premises: Sequence[str], goal: str, text: str, language: Any, out: Searched) -> bool:
    """Whether the checker accepts a text; a defect is noted where the second judge does not."""
    verdict = check((list(map(_formula, premises)), _formula(goal)), text, language=language)
    out.tried += 1
    if not verdict.correct:
        return False
    out.accepted += 1
    out.fixed.update({fix.kind for fix in verdict.fixes})
    fixes: dict[int, frozenset[str]] = {}
    for fix in verdict.fixes:
        if fix.step is not None and (fix.class_ == "structural" or fix.kind == "conclusion-as-name"):
            fixes[fix.step] = fixes.get(fix.step, frozenset()) | {fix.kind}
    said = text.removeprefix("\ufeff")
    if any(fix.class_ == "syntax" and fix.kind != "conclusion-as-name" for fix in verdict.fixes):
        said = as_read((list(map(_formula, premises)), _formula(goal)), text, language)
        out.written_out += 1
    try:
        why = wrong_steps(premises, goal, said, fixes, macro=language == "macro")
    except Unreadable as error:
        why = f"not in strict syntax: {error}"
    if why is not None:
        kinds = ", ".join(sorted({f"{f.kind} at {f.step}" for f in verdict.fixes}))
        out.defects.append((item_id, f"{why} (fixes: {kinds or 'none'})", " # ".join([*premises, goal]), text))
    return True


def _formula(text: str) -> Any:
    return parse_formula(text)


def search(items: Sequence[Item], language: Any, rng: Random, tries: int) -> Searched:
    """About ``tries`` texts from the references of proof-writing items."""
    out = Searched()
    sources = []
    for item in items:
        text = str(item.reference["proof"])
        if len(text) < 6_000:
            sources.append((item, read(text)))
    while out.tried < tries and sources:
        item, root = rng.choice(sources)
        premises, goal = list(item.shown["premises"]), str(item.shown["goal"])
        forms, wanted = [parsed(p) for p in premises], parsed(goal)
        current = root
        for _ in range(12):
            premises, wanted, current = _altered(rng, premises, wanted, current, forms)
            mutant = current
            for _ in range(rng.choice((1, 1, 2))):
                mutant = changed(mutant, forms, wanted, rng)
            if judged(item.id, premises, show(wanted), written(mutant), language, out):
                current = mutant
                for slipped in _slipped(written(mutant), rng):
                    judged(item.id, premises, show(wanted), slipped, language, out)
                continue
            for slipped in _slipped(written(mutant), rng):
                if judged(item.id, premises, show(wanted), slipped, language, out):
                    problem = " # ".join([*premises, show(wanted)])
                    out.defects.append((item.id, "a slip of syntax blessed a wrong answer", problem, slipped))
            if language == "ndl" and rng.random() < 0.1:
                for edit in single_edits(mutant, forms, wanted, 60, rng):
                    judged(item.id, premises, show(wanted), written(edit), language, out)
    return out


def _altered(
    rng: Random, premises: list[str], wanted: Any, current: Any, forms: Sequence[Any]
) -> tuple[list[str], Any, Any]:
    """Now and then the goal is another formula, so that a right proof is a wrong answer."""
    if rng.random() < 0.05:
        return premises, rng.choice([("~", wanted), *forms, "false"]), current
    return premises, wanted, current


def _slipped(text: str, rng: Random) -> Iterator[str]:
    """The text with one or two slips of syntax."""
    for _ in range(2):
        slipped = text
        for name in rng.sample([name for name in SLIPS if name not in FORGETFUL], rng.choice((1, 1, 2))):
            slipped = SLIPS[name](slipped, rng)
        if slipped != text:
            yield slipped
