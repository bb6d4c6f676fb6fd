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
from bench.gaming.slips import SLIPS
from proofgrid.checker import check
from proofgrid.tasks.core import Item
from tests.gaming.formulas import parsed, show
from tests.gaming.judge import Unreadable, wrong_steps


@dataclass(slots=True)
class Searched:
    """Counts, and what was accepted wrongly: (item, why, problem, text)."""

    tried: int = 0
    accepted: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    """Accepted texts by kind of fix."""
    defects: list[tuple[str, str, str, str]] = field(default_factory=list)


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
    try:
        why = wrong_steps(premises, goal, text, fixes, macro=language == "macro")
    except Unreadable as error:
        why = None if any(fix.class_ == "syntax" for fix in verdict.fixes) else f"read without a fix: {error}"
    if why is not None:
        kinds = ", ".join(sorted({f"{f.kind} at {f.step}" for f in verdict.fixes}))
        out.defects.append((item_id, f"{why} (fixes: {kinds or 'none'})", " # ".join([*premises, goal]), text))
    return True


def _formula(text: str) -> Any:
    from proofgrid.checker import parse_formula

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
                continue
            for slipped in _slipped(written(mutant), rng):
                before = out.accepted
                verdict_is_wrong = judged(item.id, premises, show(wanted), slipped, language, out)
                if verdict_is_wrong and out.accepted > before:
                    _blessed(item.id, premises, show(wanted), written(mutant), slipped, out)
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
        for name in rng.sample(list(SLIPS), rng.choice((1, 1, 2))):
            slipped = SLIPS[name](slipped, rng)
        if slipped != text:
            yield slipped


def _blessed(item_id: str, premises: Sequence[str], goal: str, text: str, slipped: str, out: Searched) -> None:
    """A wrong answer was accepted when written carelessly: a defect, unless the carelessness itself took away what
    was wrong (a lost announcement, say), which shows in a strict text that says the same."""
    out.defects.append((item_id, "a slip of syntax blessed a wrong answer", " # ".join([*premises, goal]), slipped))
    del text
