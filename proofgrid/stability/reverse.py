"""The reverse: valid steps that a model called wrong in a proof-checking task and that it takes in proofs of its own.

A false alarm names a line; where a valid step stands on it, that step's inference is compared with the steps of the
model's own proofs. Two inferences are the same when they are equal up to a renaming of atoms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofgrid.checker import Formula
from proofgrid.stability.flaws import Language, steps_by_line, valid_steps
from proofgrid.tasks import get_task
from proofgrid.tasks.questions.inference import Asked

if TYPE_CHECKING:
    from proofgrid.run.scored import ScoredRun

CHECKING_TASKS: dict[str, Language] = {"pl1_pc": "ndl", "pl1_pc_c": "ndl", "pl3_pc": "macro"}
WRITING_TASKS: dict[str, Language] = {"pl1_pw": "ndl", "pl2_pw": "ndl", "pl3_pw": "macro"}

_ATOM = re.compile(r"[A-Z][0-9]*(?:_[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Reverse:
    """``rejected`` valid inferences were called the first error; the model's own proofs take ``used`` of them."""

    rejected: int
    used: int
    examples: tuple[str, ...] = ()


def reverse(run: ScoredRun, label: str, examples: int = 3) -> Reverse:
    """What one model rejected and uses. Where a run has only one of the two kinds of task, nothing is found."""
    attempts = run.attempts[(run.attempts["model"] == label) & (run.attempts["round"] == 0)]
    rejected: list[Asked] = []
    checked = attempts[attempts["task"].isin(list(CHECKING_TASKS)) & (attempts["outcome"] == "incorrect")]
    for item, text in zip(checked["item"], checked["text"], strict=True):
        problem = run.items[str(item)]
        answer = get_task(problem.task).read(problem.shown, str(text)).value
        if answer is None or answer.correct or not answer.line:
            continue
        premises, goal = _pair(problem.shown)
        steps = steps_by_line(premises, goal, str(problem.shown["proof"]), CHECKING_TASKS[problem.task])
        if answer.line in steps:
            asked = steps[answer.line].asked
            assert isinstance(asked, Asked)  # these tasks' proofs are in formulas
            rejected.append(asked)
    if not rejected:
        return Reverse(0, 0)
    taken: set[str] = set()
    written = attempts[attempts["task"].isin(list(WRITING_TASKS))]
    for item, text in zip(written["item"], written["text"], strict=True):
        problem = run.items[str(item)]
        proof = get_task(problem.task).read(problem.shown, str(text or "")).value
        if isinstance(proof, str):
            premises, goal = _pair(problem.shown)
            steps_taken = valid_steps(premises, goal, proof, WRITING_TASKS[problem.task])
            taken.update(shape(s.asked) for s in steps_taken if isinstance(s.asked, Asked))
    both = [asked for asked in rejected if shape(asked) in taken]
    return Reverse(len(rejected), len(both), tuple(asked.text() for asked in both[:examples]))


def shape(asked: Asked) -> str:
    """The inference with its atoms renamed in order of occurrence."""
    names: dict[str, str] = {}
    sources, target = "; ".join(map(str, asked.sources)), "" if asked.target is None else str(asked.target)

    def renamed(text: str) -> str:
        return _ATOM.sub(lambda m: names.setdefault(m.group(), f"p{len(names)}"), text)

    return f"{asked.rule}: {renamed(sources)} / {renamed(target)}"


def _pair(shown: object) -> tuple[tuple[Formula, ...], Formula]:
    from proofgrid.tasks.kinds.writing import pair

    return pair(shown)  # type: ignore[arg-type]
