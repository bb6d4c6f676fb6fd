"""Figures of what items are made of: challenge proofs, equations, errors, labels; and the levels above those of suites.

Each part takes the items by task and prints nothing about a task that has none (bench/trust_items.py).
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np

from bench.bounds import Bounds
from proofgrid.checker import check
from proofgrid.checker.equational import find_model
from proofgrid.checker.equational.terms import variables
from proofgrid.checker.formulas import Formula, atoms
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.equational.values import chain_lines, problem_of
from proofgrid.tasks.making.agreement import MACRO_BUDGET, MOST_RESOLVENTS, TABLEAU_BUDGET, resolvents
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.making.provers import search, search_macro
from proofgrid.tasks.making.provers.analytic import Analytic
from proofgrid.tasks.registry import get_task

Groups = dict[str, list[Item]]
STYLES = {"pl1_pc_c": ((0, 0), (0, 0.02)), "pl1_pm_c": ((0, 0), (0.99, 1)), "pl1_gf_c": ((0.05, 0.5), (0.9, 1))}
"""Of a challenge task's steps, the shares with a name and with their conclusion announced (inclusive)."""
SHORTEST = {"pl1_pw": ("steps", 4), "pl4_pw": ("lines", 5), "pl4_pw_c": ("lines", 5)}
"""What the shortest proofs of a task have at least."""
LADDER = ("pl1_pw", "pl2_pw", "pl3_pw", "pl4_pw", "eq_gf")
"""The tasks with levels above those of suites."""


def flawed(item: Item) -> bool:
    """Whether an item is one of those that are wrong, unsolvable or unjustified."""
    reference = item.reference
    if "correct" in reference:
        return not reference["correct"]
    if "solvable" in reference:
        return not reference["solvable"]
    if "justifications" in reference:
        return not all(reference["justifications"])
    return not reference["missing"]


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """The area under the curve: how often a flawed item scores above a sound one, ties half."""
    up, down = scores[labels], scores[~labels]
    return float(np.mean((up[:, None] > down[None, :]) + 0.5 * (up[:, None] == down[None, :])))


def spread_of_area(labels: np.ndarray) -> float:
    """The standard deviation of the area where scores tell nothing (Mann-Whitney)."""
    up, down = int(labels.sum()), int((~labels).sum())
    return float(np.sqrt((up + down + 1) / (12 * up * down)))


def challenge(bounds: Bounds, groups: Groups) -> None:
    """The published kind: few atoms, three premises, tableaux."""
    for task in ("pl1_pc_c", "pl1_pm_c", "pl1_gf_c"):
        items = groups.get(task, [])
        if items:
            problems = [pair(item.shown) for item in items]
            bounds.figure(f"{task}: median of atoms", median(len(atoms(*p, g)) for p, g in problems), 5, at_most=True)
            bounds.figure(f"{task}: median of premises", median(len(p) for p, _ in problems), 3, at_most=True)
            text = " ".join(item.shown["proof"] + " ".join(item.reference.get("masks", {}).values()) for item in items)
            for rule in ("cases", "cond-def", "absurd", "from-complements"):
                bounds.figure(
                    f"{task}: {rule} in the average proof",
                    len(re.findall(rf"\b{rule}\b", text)) / len(items),
                    1,
                    at_most=False,
                )
            _style(bounds, task, items)


def _style(bounds: Bounds, task: str, items: Sequence[Item]) -> None:
    """How many steps have a name, and how many announce their conclusion."""
    steps = [line for item in items for line in item.shown["proof"].split("\n") if " on " in line and "#" not in line]
    marks = (("a name", ":="), ("their conclusion announced", " BY "))
    for (what, mark), (least, most) in zip(marks, STYLES[task], strict=True):
        share = sum(mark in line for line in steps) / len(steps)
        if least > 0:
            bounds.figure(f"{task}: share of steps with {what}", share, least, at_most=False)
        if most < 1:
            bounds.figure(f"{task}: share of steps with {what}", share, most, at_most=True)


def labels(bounds: Bounds, groups: Groups) -> None:
    """The share of the flawed items is the one dealt, of all of them and within each level."""
    for task, items in groups.items():
        share = float(get_task(task).flawed)
        if share:
            nearest = 0.99 if bounds.sample else 0.5  # a few of a task's items may end between two of the flawed ones
            bounds.figure(f"{task}: items that the flawed ones are off by", _off(items, share), nearest, at_most=True)
            at_level = max(_off([i for i in items if i.level == level], share) for level in {i.level for i in items})
            bounds.figure(f"{task}: the same of the level that is off most", at_level, 0.99, at_most=True)


def _off(items: Sequence[Item], share: float) -> float:
    return abs(sum(map(flawed, items)) - share * len(items))


def lengths(bounds: Bounds, groups: Groups) -> None:
    """The shortest proof that is known of any item."""
    for task, (what, least) in SHORTEST.items():
        if groups.get(task):
            found = min(item.difficulty[what] for item in groups[task])
            bounds.figure(f"{task}: {what} of the shortest proof of an item", found, least, at_most=False)


def ladder(bounds: Bounds, tasks: Sequence[str], n: int) -> None:
    """``n`` items of each level above those of suites: the planted proof is right, and no prover here finds one.

    The problems of pl4_pw are asked of its own prover only: the others do not write its language.
    """
    for name in LADDER:
        task = get_task(name)
        for level in task.upper_levels if name in tasks else ():
            items = list(task.generate(n, 303, level))
            wrong = sum(not task.score(item, task.reference_answer(item)).strict for item in items)
            solved = [task.score(item, task.attempt(item.shown, task.full_budget)).points > 0 for item in items]
            if name in ("pl1_pw", "pl2_pw", "pl3_pw"):
                solved = [a or proved(*pair(item.shown)) for a, item in zip(solved, items, strict=True)]
            what = f"{name}, level {level}: items of {n}"
            bounds.figure(f"{what} whose planted proof is not strictly right", wrong, 0, at_most=True)
            bounds.figure(f"{what} that a prover here solves", sum(solved), 0, at_most=True)


def proved(premises: Sequence[Formula], goal: Formula) -> bool:
    """Whether any of four provers that are unlike each other proves the goal within its budget."""
    return (
        search(premises, goal, budget=20_000).proof is not None
        or search_macro(premises, goal, budget=MACRO_BUDGET).proof is not None
        or Analytic(premises, goal, TABLEAU_BUDGET).run() is not None
        or resolvents(premises, goal) < MOST_RESOLVENTS
    )


def equational(bounds: Bounds, groups: Groups) -> None:
    """Variables, undone rewrites, two-element models, head symbols."""
    for task in ("eq_pc", "eq_gf", "eq_er"):
        items = groups.get(task, [])
        if items:
            made = [e for item in items for e in problem_of(item.shown).equations.values()]
            open_ = sum(bool(variables(e.left, e.right)) for e in made)
            bounds.share(f"{task}: share of equations with variables", open_, len(made), 0.8, at_most=False)
            undone = 0
            for item in items:
                terms = [line.term for line in chain_lines(item.shown) if line.term is not None]
                undone += len(set(terms)) < len(terms)
            bounds.figure(f"{task}: chains that come back to a term", undone, 0, at_most=True)
    items = groups.get("eq_gf", [])
    if not items:
        return
    two, heads, unfilled = 0, [], []
    for item in items:
        lines = chain_lines(item.shown)
        at = next(k for k, line in enumerate(lines) if line.kind == "gap")
        before, after = lines[at - 1].term, lines[at + 1].term
        equations = list(problem_of(item.shown).equations.values())
        wrong = flawed(item)
        two += wrong and find_model(equations, before, after, sizes=(2,)) is not None
        heads.append(float(before.name == after.name))
        unfilled.append(wrong)
    bounds.figure("eq_gf: impossibilities by a model of two elements", two, 0, at_most=True)
    score = area(np.array(heads), np.array(unfilled))
    away = max(score, 1 - score)
    bounds.figure(
        "eq_gf: area under the curve of equal head symbols",
        away,
        0.6,
        at_most=True,
        nearest=away - 3 * spread_of_area(np.array(unfilled)),
    )


def errors(bounds: Bounds, groups: Groups) -> None:
    """What is wrong in wrong proofs."""
    for task in ("pl1_pc", "pl1_pc_c", "pl3_pc"):
        wrong = [item.reference["error"] for item in groups.get(task, []) if not item.reference["correct"]]
        if wrong:
            kinds = Counter(error["kind"] for error in wrong)
            bounds.share(f"{task}: share of undefined names", kinds["undefinedName"], len(wrong), 0.05, at_most=True)
            fallacies = sum(error["diagnosis"] == "fallacy" for error in wrong)
            bounds.share(f"{task}: share of fallacies", fallacies, len(wrong), 0.5, at_most=False)
            bounds.figure(f"{task}: errors without a line", sum(error["line"] == 0 for error in wrong), 0, at_most=True)
    rules: Counter[str | None] = Counter()
    for item in groups.get("pl1_pc", []):
        if not item.reference["correct"]:
            failure = check(pair(item.shown), item.shown["proof"], mode="strict").failure
            rules[failure.rule if failure else None] += 1
    if rules:
        forms = rules["cases"] + rules["neg-cond"]
        bounds.share("pl1_pc: share of errors at cases or neg-cond", forms, rules.total(), 0.2, at_most=False)
    for task in ("pl1_gf", "pl1_gf_c"):
        if groups.get(task):
            hints = 0
            for item in groups[task]:
                lines = item.shown["proof"].split("\n")
                hints += sum("GAP-" in b and a.lstrip().startswith("#") for a, b in itertools.pairwise(lines))
            bounds.figure(f"{task}: remarks right above a gap", hints, 0, at_most=True)
