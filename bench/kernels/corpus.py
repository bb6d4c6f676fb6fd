"""Accepted proofs and refuted inferences to show to other systems: from the frozen suite, from fresh items of every
generator, and from what the builtin models answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofgrid.checker.errors import CheckerError
from proofgrid.checker.export.api import chain_of, lines_of
from proofgrid.checker.export.coq import coq_theorem
from proofgrid.checker.export.coq_chain import chain_section
from proofgrid.checker.parsing import parse_formula
from proofgrid.tasks import TASK_IDS, Item, get_task
from proofgrid.tasks.kinds.gaps.gaps import fill as fill_gaps
from proofgrid.tasks.kinds.masking.masks import fill as fill_masks
from proofgrid.tasks.suites import load_suite

Given = tuple[Sequence[str], str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proof that our checker accepts."""

    name: str
    source: str
    language: str
    problem: Given | str
    proof: str

    @property
    def label(self) -> str:
        """What its theorem is called."""
        return "".join(c if c.isalnum() else "_" for c in f"t_{self.source}_{self.name}")

    def coq(self) -> str:
        """Its theorem; raises CheckerError where our own checker, asked again, does not accept it strictly."""
        if self.language == "equational":
            assert isinstance(self.problem, str)
            problem, terms, steps = chain_of(self.problem, self.proof)
            return chain_section(self.label, problem, terms, steps)
        language = "macro" if self.language == "macro" else "ndl"
        return coq_theorem(self.label, parse_formula(self.problem[1]), lines_of(self.problem, self.proof, language))


@dataclass(frozen=True, slots=True)
class Fallacy:
    """An inference that our checker says does not follow, with its countermodel."""

    name: str
    premises: tuple[str, ...]
    conclusion: str
    countermodel: Mapping[str, bool]


def items(per_task: int | None, fresh: int, seed: int) -> Iterator[tuple[str, Item]]:
    """(source, item): ``per_task`` of each task of v1 (None: all; of proof checking, where fallacies come from, ten
    times as many), then ``fresh`` made from ``seed``."""
    for task_id in TASK_IDS:
        frozen = list(load_suite("v1", [task_id]))
        n = None if per_task is None else per_task * 10 if task_id in ("pl1_pc", "pl3_pc") else per_task
        yield from (("v1", item) for item in frozen[:n])
        yield from (("fresh", item) for item in get_task(task_id).generate(fresh, seed))


def _chain_problem(shown: Mapping[str, Any], chain: str) -> str:
    terms = [
        line.split("=", 1)[1].rpartition(" by ")[0] or line.split("=", 1)[1]
        for line in chain.splitlines()
        if "=" in line
    ]
    return " # ".join([*shown["equations"], f"{terms[0].strip()} = {terms[-1].strip()}"])


def accepted(source: str, item: Item) -> Iterator[Accepted]:
    """The proofs that an item holds: its reference, or the correct proof that it shows."""
    shown, reference, name = item.shown, item.reference, item.id
    given = (shown.get("premises", ()), shown.get("goal", ""))
    kind = item.task.removesuffix("_c")
    if kind in ("pl1_pw", "pl2_pw", "pl3_pw"):
        yield Accepted(name, source, "macro" if kind == "pl3_pw" else "ndl", given, reference["proof"])
    elif kind == "pl4_pw":
        yield Accepted(name, source, "hilbert", given, reference["proof"])
    elif kind in ("pl1_pc", "pl3_pc") and reference["correct"]:
        yield Accepted(name, source, "macro" if kind == "pl3_pc" else "ndl", given, shown["proof"])
    elif kind == "pl1_pm" and reference["solvable"]:
        yield Accepted(name, source, "ndl", given, fill_masks(shown["proof"], reference["masks"]))
    elif kind == "pl1_gf":
        yield Accepted(name, source, "ndl", given, fill_gaps(shown["proof"], reference["gaps"]))
    elif kind == "eq_pc" and reference["correct"]:
        yield Accepted(name, source, "equational", _chain_problem(shown, shown["chain"]), shown["chain"])
    elif kind == "eq_er" and all(reference["justifications"]):
        lines = shown["chain"].splitlines()
        steps = [
            f"{line} by {', '.join(sets[0])}" for line, sets in zip(lines[1:], reference["justifications"], strict=True)
        ]
        chain = "\n".join([lines[0], *steps])
        yield Accepted(name, source, "equational", _chain_problem(shown, shown["chain"]), chain)


def attempted(item: Item, budget: int) -> Iterator[Accepted]:
    """The builtin prover's own proof, where the task asks for one and it is accepted."""
    task = get_task(item.task)
    if not item.task.endswith("_pw"):
        return
    text = task.attempt(item.shown, budget)
    if task.score(item, text).strict:
        language = {"pl3_pw": "macro", "pl4_pw": "hilbert"}.get(item.task, "ndl")
        yield Accepted(
            item.id, "prover", language, (item.shown["premises"], item.shown["goal"]), json.loads(text)["proof"]
        )


def fallacies(item: Item) -> Iterator[Fallacy]:
    """Every step of a shown proof that does not follow, as the checker lists them."""
    from proofgrid.checker import check

    if item.task not in ("pl1_pc", "pl1_pc_c", "pl3_pc") or item.reference["correct"]:
        return
    language: Any = "macro" if item.task == "pl3_pc" else "ndl"
    verdict = check(
        (item.shown["premises"], item.shown["goal"]), item.shown["proof"], language=language, all_failures=True
    )
    for number, failure in enumerate(verdict.failures):
        if failure.diagnosis == "fallacy" and failure.inference and failure.countermodel is not None:
            if any("…" in text for text in (*failure.inference.from_, failure.inference.to)):
                continue  # cut for display: not a formula
            yield Fallacy(f"{item.id}_{number}", failure.inference.from_, failure.inference.to, failure.countermodel)


__all__ = ["Accepted", "CheckerError", "Fallacy", "accepted", "attempted", "fallacies", "items"]
