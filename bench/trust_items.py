"""Are the items worth their levels? Figures for a frozen suite and for fresh items, each beside its bound.

    python bench/trust_items.py [--quick] [--suite v1 | --no-suite] [--fresh N] [--seeds N] [--ladder N] [--task T]
        [--items FILE]

One line a figure: what, the value, the bound, and "PASSED" where the bound is kept. Exit code 1 if one is not.

What is measured: problems of one class (clauses up to renaming and flips, exactly) within a task, over all tasks and
between two seeds; premises that are not needed, and cores of five or fewer; agreement of the level with provers that
are unlike each other (Spearman's rank correlation); the kind of challenge proofs; equations, undone rewrites and
impossibilities by two elements; what errors are made of; how far the labels are from the shares dealt; classifiers that
see only the surface (a linear model on tokens, pairs of tokens and counts, five folds, area under the curve); CPU
seconds for 100 items; the levels above those of suites; what answers earn that do not reason (bench/shortcuts.py;
--record writes it beside the suite).

--quick takes a few items of each task and judges a figure by the interval that they leave open (bench/bounds.py): it
fails where the bound is missed beyond chance. Items made before (``proofgrid generate --task T --seed 77 --n 500``) are
measured with --items instead of being made.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bounds import Bounds
from bench.item_parts import (
    area,
    challenge,
    equational,
    errors,
    flawed,
    labels,
    ladder,
    lengths,
    spread_of_area,
)
from bench.shortcuts import CHECKING, guess_names, line_prediction, shortcut_scores, templates
from proofgrid.checker import entails
from proofgrid.checker.formulas import Formula, atoms
from proofgrid.tasks.core import Item, load_items
from proofgrid.tasks.making.agreement import macro_steps, resolvents, tableau_steps
from proofgrid.tasks.making.classes import class_key
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.making.problems import said_already
from proofgrid.tasks.making.problems.entailed import needed
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.making.provers import search, search_macro
from proofgrid.tasks.registry import TASK_IDS, get_task
from proofgrid.tasks.suites import load_suite
from proofgrid.tasks.suites.freeze import class_keys
from proofgrid.tasks.suites.store import suite_directory
from proofgrid.tasks.suites.table import SHORTCUTS

FEW, FEW_CHALLENGE = 24, 6
"""Items of a task with --quick."""
RANKED = 100
"""Items of a task that every prover is asked about; FEW with --quick."""


def by_task(items: Sequence[Item]) -> dict[str, list[Item]]:
    """The items of each task."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.task, []).append(item)
    return found


# --- the same problem again -------------------------------------------------------------------------------------------


def keys(items: Sequence[Item]) -> list[str]:
    """The class of each item."""
    return [class_key(item.shown) for item in items]


def sameness(bounds: Bounds, groups: dict[str, list[Item]], dealt: bool) -> None:
    """Repeated classes, within a task and, where the tasks were dealt as those of a suite, over all."""
    everything: list[str] = []
    for task, items in groups.items():
        found = keys(items)
        repeated = len(found) - len(set(found))
        bounds.figure(f"{task}: items whose problem another has too", repeated, 0, at_most=True)
        everything += found
    if dealt and len(groups) > 1:
        repeated = len(everything) - len(set(everything))
        bounds.figure("all tasks: items whose problem another has too", repeated, 0, at_most=True)


def seeds(bounds: Bounds, task: str, items: Sequence[Item], n: int) -> None:
    """How much two seeds share, what 10,000 items would share by as many classes, and what an item costs.

    The items of the second seed are made here, by one process, for the CPU seconds.
    """
    cost, other = [], []
    makes = get_task(task).generate(n, 202)
    for _ in range(n):
        started = time.process_time()
        other.append(next(makes))
        cost.append(time.process_time() - started)
    found = set(keys(items[:n]))
    shared = len(found & set(keys(other)))
    bounds.share(f"{task}: share of {n} items that another seed has too", shared, n, 0.05, at_most=True)
    classes = len(found) * n / max(shared, 3)  # three: the upper 95% bound of a Poisson mean where none was met
    share = min(1.0, 10_000 / classes)
    print(f"      about {classes:,.0f} classes or more; of 10,000 items a share of {share:.3f} or less")
    many, most = (20, 120) if task.endswith("_c") else (100, 60)
    bounds.mean(f"{task}: CPU seconds for {many} items (from {n})", [many * one for one in cost], most)


# --- premises, levels -------------------------------------------------------------------------------------------------


def premises(bounds: Bounds, groups: dict[str, list[Item]]) -> None:
    """PL3: cores, bystanders, references; and what is said already, anywhere."""
    for task in ("pl1_pw", "pl2_pw", "pl3_pw", "pl4_pw"):
        items = groups.get(task, [])
        if items:
            said = sum(said_already(*pair(item.shown)) for item in items)
            bounds.figure(f"{task}: goals that the premises say already", said, 0, at_most=True)
    items = groups.get("pl3_pw", [])
    if not items:
        return
    cores, idle, steps, short = [], 0, 0, 0
    for item in items:
        given, goal = pair(item.shown)
        core = len(needed(given, goal))
        cores.append(core)
        idle += len(given) - core
        steps += len(given)
        crude = search_macro(sorted(given, key=str), goal, budget=8_000)
        short += crude.proof is not None and crude.steps * 1.5 < float(item.difficulty["steps"])
    bounds.figure("pl3_pw: items with a core of five premises or fewer", sum(c <= 5 for c in cores), 0, at_most=True)
    bounds.share("pl3_pw: share of premises that are not needed", idle, steps, 0.0, at_most=True)
    bounds.figure("pl3_pw: references 1.5 times as long as another prover's", short, 0, at_most=True)


def effort(given: Sequence[Formula], goal: Formula) -> dict[str, float]:
    """What provers that are unlike each other need."""
    return {
        "goal-directed": search(given, goal, budget=20_000).spent,
        "macro search": macro_steps(given, goal),
        "tableau": tableau_steps(given, goal),
        "SAT conflicts": conflicts(given, goal),
        "resolution": resolvents(given, goal),
    }


def conflicts(given: Sequence[Formula], goal: Formula) -> float:
    """Conflicts and decisions of a CDCL solver on the clauses of the problem."""
    from pysat.solvers import Solver

    from proofgrid.tasks.making.problems.clauses import clausal_form

    bit = {name: 1 << k for k, name in enumerate(atoms(*given, goal))}
    rows = [c for p in given for c in clausal_form(p, bit)] + clausal_form(goal, bit, positive=False)
    with Solver(name="minisat22") as solver:
        for plain, negated in rows:
            solver.add_clause([k + 1 for k in _bits(plain)] + [-k - 1 for k in _bits(negated)])
        solver.solve()
        stats = solver.accum_stats()
    return float(stats["conflicts"] + stats["propagations"] / 100)


def _bits(number: int) -> list[int]:
    return [k for k in range(number.bit_length()) if number >> k & 1]


def levels(bounds: Bounds, groups: dict[str, list[Item]], most: int) -> None:
    """Spearman's correlation of the level with each prover's effort."""
    for task in ("pl1_pw", "pl2_pw", "pl3_pw"):
        items = groups.get(task, [])[:most]
        if len(items) < 12:
            continue
        rows = [effort(*pair(item.shown)) for item in items]
        for name in rows[0]:
            rank = float(spearmanr([item.level for item in items], [row[name] for row in rows]).statistic)
            bounds.rank(f"{task}: rank correlation of level and {name}", rank, len(items), 0.4)


# --- shortcuts --------------------------------------------------------------------------------------------------------


def features(item: Item) -> Counter[str]:
    """The surface of a proof: tokens, pairs of them, arguments by rule, names that are nowhere bound, length."""
    text = str(item.shown["proof"])
    words = re.findall(r"[A-Za-z][\w'-]*|:=|==>|<==>|[~&|(){},;#]", text)
    plain = ["atom" if re.fullmatch(r"[A-Z][0-9_]*", w) else re.sub(r"\d+", "0", w) for w in words]
    found: Counter[str] = Counter(plain)
    found.update(f"{a} {b}" for a, b in itertools.pairwise(plain))
    for rule, arguments in re.findall(r"([a-z][\w'-]*) on ([^;{}\n]*)", text):
        found[f"{rule}/{arguments.count(',') + 1}"] += 1
    bound = set(re.findall(r"([\w'-]+)\s*:=", text))
    cited = set(re.findall(r"(?:on|,) ([a-z][\w'-]*)", text))
    found["unbound"] = sum(name not in bound and not name.startswith("premise") for name in cited)
    found["lines"] = text.count("\n")
    return found


def surface_scores(items: Sequence[Item]) -> np.ndarray:
    """A ridge regression on the surface, five folds: the held-out score of each item, high where it looks wrong."""
    counts = [features(item) for item in items]
    common = [w for w, n in Counter(w for c in counts for w in c).most_common(600) if n >= 5]
    x = np.log1p(np.array([[c[w] for w in common] for c in counts], dtype=float))
    x = (x - x.mean(0)) / (x.std(0) + 1e-9)
    y = np.array([flawed(item) for item in items])
    order = np.random.default_rng(1).permutation(len(items))
    scores = np.zeros(len(items))
    for fold in range(5):
        test = order[fold::5]
        train = np.setdiff1d(order, test)
        gram = x[train] @ x[train].T + 300.0 * np.eye(len(train))
        scores[test] = x[test] @ x[train].T @ np.linalg.solve(gram, y[train] - y[train].mean())
    return scores


def shortcut(bounds: Bounds, groups: dict[str, list[Item]]) -> dict[str, object]:
    """What answers earn that do not reason, and how well an error's line is guessed; the record for the table."""
    record: dict[str, object] = {}
    for task, items in groups.items():
        scores = None
        if task in CHECKING:
            wrongs = np.array([flawed(item) for item in items])
            if len(items) >= 40:
                scores = surface_scores(items)
                what = f"{task}: area under the curve of a linear model on the surface"
                most = max(0.58, 0.5 + 2 * spread_of_area(wrongs))
                bounds.figure(what, area(scores, wrongs), most, at_most=True)
            name, hit, chance = line_prediction(items)
            wrong = int(wrongs.sum())
            what = f"{task}: errors found by the best guess of a line ({name})"
            if bounds.sample:
                bounds.share(what, hit * wrong, wrong, chance + 0.1, at_most=True, tried=len(guess_names()))
            else:
                spread = np.sqrt(chance * (1 - chance) / max(1, wrong)) if wrong < 200 else 0.0
                bounds.figure(what, hit, chance + 0.1 + 2 * spread, at_most=True)
            print(f"      a random step is the wrong one in {chance:.3f}")
        found = shortcut_scores(task, items, scores)
        record[task] = found
        best = found["template"]
        assert isinstance(best, dict)
        bounds.share(
            f"{task}: points of the best template ({best['answer']})",
            best["points"] * len(items),
            len(items),
            get_task(task).chance + 0.05,
            at_most=True,
            tried=sum(1 for _ in templates(task)),
        )
    return record


def measure(bounds: Bounds, title: str, items: Sequence[Item], ranked: int, *, dealt: bool = True) -> dict[str, object]:
    """All figures of some items; answers what shortcuts earn."""
    print(f"{title}: {len(items)} items", flush=True)
    groups = by_task(items)
    parts: tuple[Callable[[Bounds, dict[str, list[Item]]], None], ...] = (
        premises,
        challenge,
        equational,
        errors,
        labels,
        lengths,
    )
    sameness(bounds, groups, dealt)
    for part in parts:
        part(bounds, groups)
    record = shortcut(bounds, groups)
    levels(bounds, groups, ranked)
    return record


def few(task: str) -> int:
    """Items of a task with --quick."""
    return FEW_CHALLENGE if task.endswith("_c") else FEW


def main() -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few items, judged by intervals")
    parser.add_argument("--suite", default="v1")
    parser.add_argument("--no-suite", action="store_true")
    parser.add_argument("--fresh", type=int, default=500, help="fresh items of each task (0: none)")
    parser.add_argument("--seeds", type=int, default=120, help="of which so many are compared with another seed's")
    parser.add_argument("--ladder", type=int, default=2, help="items of each level above those of suites (0: none)")
    parser.add_argument("--items", action="append", default=[], type=Path, help="measure these, made before")
    parser.add_argument("--task", action="append", default=None, help="only this one; may be repeated")
    parser.add_argument("--jobs", type=int, default=None, help="processes that make items; one a core by default")
    parser.add_argument("--record", action="store_true", help="write what shortcuts earn beside the suite's manifest")
    options = parser.parse_args()
    tasks = tuple(options.task or TASK_IDS)
    bounds = Bounds(sample=options.quick)
    ranked = FEW if options.quick else RANKED
    assert entails([], pair({"premises": [], "goal": "(A | ~A)"})[1])
    if not options.no_suite:
        groups = by_task(load_suite(options.suite, tasks))
        frozen = [item for task, items in groups.items() for item in items[: few(task) if options.quick else None]]
        record = measure(bounds, f"suite {options.suite}", frozen, ranked)
        if options.record and options.task is None and not options.quick:
            path = suite_directory(options.suite) / SHORTCUTS
            path.write_text(json.dumps(record, indent=1) + "\n")
    fresh: list[Item] = [item for path in options.items for item in load_items(path.read_text().splitlines())]
    if not options.items:
        for task in tasks if options.fresh else ():  # as a suite is dealt: a class that a task has is dealt to no other
            many = min(options.fresh, few(task)) if options.quick else options.fresh
            jobs = 1 if options.quick else options.jobs
            fresh += generate_parallel(task, many, 77, jobs=jobs, taken=class_keys(fresh))
    if fresh:
        measure(bounds, "fresh items", fresh, ranked, dealt=not options.items)
    if options.seeds:
        for task, items in by_task(fresh).items():
            seeds(bounds, task, items, min(options.seeds, len(items), few(task) if options.quick else options.seeds))
    if options.ladder and not options.quick:
        print(f"levels above those of suites: {options.ladder} items of each", flush=True)
        ladder(bounds, tasks, options.ladder)
    if not bounds.printed:
        parser.error("nothing to measure: no suite, no fresh items and no levels above those of suites")
    if bounds.missed:
        print(f"{len(bounds.missed)} of {bounds.printed} bounds missed")
    else:
        print(f"all of {bounds.printed} bounds kept")
    for what in bounds.missed:
        print(f"  missed: {what}", file=sys.stderr)
    return 1 if bounds.missed else 0


if __name__ == "__main__":
    sys.exit(main())
