"""The second phase's questions: every askable first failure of a run's flawed proofs, with its matched controls.

The plan follows from the run's answers and a seed alone, so that the same command asks only what is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, cast

from proofgrid.stability.controls import controls, make_pool
from proofgrid.stability.equational_flaws import find_equational_flaw, valid_equational_steps
from proofgrid.stability.flaws import Flaw, Language, Step, find_flaw, valid_steps
from proofgrid.stability.hilbert_flaws import find_hilbert_flaw, valid_hilbert_steps
from proofgrid.tasks import Item, get_task
from proofgrid.tasks.core import item_rng
from proofgrid.tasks.questions.asked import AnyAsked
from proofgrid.tasks.questions.stability import TASK_ID

if TYPE_CHECKING:
    from proofgrid.run.scored import ScoredRun

PROOF_TASKS: dict[str, Language | Literal["hilbert", "equational"]] = {
    "pl1_pw": "ndl",
    "pl2_pw": "ndl",
    "pl3_pw": "macro",
    "pl4_pw": "hilbert",
    "pl4_pw_c": "hilbert",
    "eq_gf": "equational",
    "eq_er": "equational",
}
"""Tasks whose answers make inferences of the model's own: proofs from first line to last, and rewriting steps."""
MORE_PROOFS = 30
"""Correct proofs of a model that are read for controls which its flawed ones do not have."""

Class = Literal["flawed", "valid", "invalid"]


@dataclass
class Plan:
    """Questions by model label, in the order of the proofs, and what was not asked and why."""

    questions: dict[str, list[Item]] = field(default_factory=dict)
    flawed: dict[str, int] = field(default_factory=dict)
    """Flawed proofs by model."""
    not_asked: dict[str, Counter[str]] = field(default_factory=dict)
    unmatched: dict[str, int] = field(default_factory=dict)
    """Flawed inferences for which a control of either kind was wanted and none was found."""

    @property
    def problems(self) -> list[Item]:
        """All questions."""
        return [problem for found in self.questions.values() for problem in found]


@dataclass(frozen=True, slots=True)
class Written:
    """A proof as a model wrote it."""

    name: str
    item: str
    attempt: int
    task: str
    shown: Mapping[str, Any]
    proof: Any
    """The answer as it was read: a text, or what the task's reader makes of one."""
    diagnosis: str | None

    @property
    def reader(self) -> Reader:
        """What reads its language."""
        return READERS[PROOF_TASKS[self.task]]


def plan(run: ScoredRun, ratio: float = 1.0, seed: int = 0) -> Plan:
    """The questions for a scored run; ``ratio`` controls of each kind for each flawed inference."""
    out = Plan()
    attempts = run.attempts[(run.attempts["round"] == 0) & run.attempts["task"].isin(list(PROOF_TASKS))]
    for model, rows in attempts.groupby("model", sort=False):
        label = str(model)
        wrong = _proofs(run, rows[rows["outcome"] == "incorrect"])
        right = _proofs(run, rows[rows["outcome"] == "correct"].head(MORE_PROOFS))
        found = {w.name: flaw for w in wrong if (flaw := w.reader.flaw(w.task, w.shown, w.proof)) is not None}
        more = {w.name: w.reader.steps(w.task, w.shown, w.proof) for w in right}
        out.flawed[label] = len(found)
        out.not_asked[label] = Counter(flaw.not_asked for flaw in found.values() if flaw.not_asked is not None)
        asked = {w.name: w for w in wrong if w.name in found and found[w.name].asked is not None}
        out.questions[label], out.unmatched[label] = _questions(label, asked, found, more, ratio, seed)
    return out


def _questions(
    label: str,
    asked: Mapping[str, Written],
    flaws: Mapping[str, Flaw],
    more: Mapping[str, Sequence[Step]],
    ratio: float,
    seed: int,
) -> tuple[list[Item], int]:
    pool = make_pool(flaws, more)
    used: set[AnyAsked] = set()
    problems, unmatched = [], 0
    for k, (name, written) in enumerate(asked.items()):
        flaw = flaws[name]
        assert flaw.asked is not None
        problems.append(_problem(label, written, flaw, "flawed", 0, flaw.asked, "", seed))
        for n in range(int((k + 1) * ratio) - int(k * ratio)):
            rng = item_rng("stability", seed, label, name, n)
            valid, invalid = controls(name, flaw, pool, used, rng)
            unmatched += valid is None or invalid is None
            if valid is not None:
                problems.append(_problem(label, written, flaw, "valid", n, valid[0], valid[1], seed))
            if invalid is not None:
                problems.append(_problem(label, written, flaw, "invalid", n, invalid[0], invalid[1], seed))
    return problems, unmatched


def _problem(
    label: str, written: Written, flaw: Flaw, class_: Class, n: int, asked: AnyAsked, matched: str, seed: int
) -> Item:
    name = sha256("\0".join((label, written.name, class_, str(n), str(seed))).encode()).hexdigest()[:16]
    rng = item_rng("stability-order", name)
    shown: dict[str, Any] = {
        **asked.to_json(),
        "valid_first": rng.random() < 0.5,
        "asks": "valid" if rng.random() < 0.5 else "invalid",
    }
    reference = {
        "valid": class_ == "valid",
        "class": class_,
        "model": label,
        "proof": written.name,
        "item": written.item,
        "attempt": written.attempt,
        "task": written.task,
        "kind": flaw.kind,
        "rule": flaw.rule,
        "diagnosis": written.diagnosis,
        "depth": flaw.depth,
        "line": flaw.line,
        "matched": matched,
    }
    difficulty = {"size": float(asked.size), "sources": float(len(asked.sources))}
    return Item(f"{TASK_ID}-{name}", TASK_ID, 1, seed, shown, reference, difficulty)


def _proofs(run: ScoredRun, rows: Any) -> list[Written]:
    out = []
    for row in rows.itertuples():
        problem = run.items[row.item]
        value = get_task(problem.task).read(problem.shown, row.text).value
        if value.strip() if isinstance(value, str) else value is not None:
            failure = (row.verdict or {}).get("failure") or {}
            name = f"{row.item}#{row.attempt}"
            out.append(
                Written(name, row.item, int(row.attempt), problem.task, problem.shown, value, failure.get("diagnosis"))
            )
    return out


@dataclass(frozen=True, slots=True)
class Reader:
    """How a language's answers are read: (task, what the item shows, answer) to its first flaw, and to its steps."""

    flaw: Callable[[str, Mapping[str, Any], Any], Flaw | None]
    steps: Callable[[str, Mapping[str, Any], Any], tuple[Step, ...]]


def _natural(language: Language) -> Reader:
    return Reader(
        lambda _, shown, proof: find_flaw(*_problem_of(shown), proof, language),
        lambda _, shown, proof: valid_steps(*_problem_of(shown), proof, language),
    )


READERS: Mapping[str, Reader] = {
    "ndl": _natural("ndl"),
    "macro": _natural("macro"),
    "hilbert": Reader(
        lambda _, shown, proof: find_hilbert_flaw(*_problem_of(shown), proof),
        lambda _, shown, proof: valid_hilbert_steps(*_problem_of(shown), proof),
    ),
    "equational": Reader(find_equational_flaw, valid_equational_steps),
}
"""By language of PROOF_TASKS."""


def _problem_of(shown: Mapping[str, Any]) -> tuple[tuple[Any, ...], Any]:
    return _pair(tuple(shown["premises"]), shown["goal"])


@lru_cache(maxsize=4096)
def _pair(premises: tuple[str, ...], goal: str) -> tuple[tuple[Any, ...], Any]:
    from proofgrid.checker import parse_formula

    return tuple(parse_formula(p) for p in premises), parse_formula(goal)


def question_of(item: Item) -> Class:
    """flawed, valid or invalid."""
    return cast(Class, item.reference["class"])
