"""Epistemic stability on models whose stability is known: coverage, models that must get no index, planning time.

    python bench/trust_stability.py [--quick]

1. 500 simulated models for each of several sizes and error rates: the 95% interval of ESI* must cover the truth in 92
   to 98% of them; always-reject, always-accept and a coin must never get a corrected index.
2. The builtin authors through the whole path (run, questions, answers, index): the interval must cover.
3. A run of 24 models x 300 proofs is planned: questions made and controls matched (time printed, never judged).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from proofgrid import irt
from proofgrid.irt.esi import KINDS

JUDGES = {"always-reject": (0.0, 1.0), "always-accept": (1.0, 0.0), "coin": (0.5, 0.5), "coin .7": (0.3, 0.7)}
"""c and r of models that must never get a corrected index."""


def judged(rng, n, u, c, r):
    """One simulated model: n flawed proofs with a control of each kind."""
    unstable = rng.random(n) < u
    flawed = np.where(unstable, rng.random(n) < r, rng.random(n) < 1 - c)
    rejected = np.concatenate([flawed, rng.random(n) < 1 - c, rng.random(n) < r])
    return pd.DataFrame({"proof": np.tile(np.arange(n), 3), "kind": np.repeat(KINDS, n), "rejected": rejected})


def coverage(runs):
    good = True
    for n in (30, 60, 150):
        for u in (0.1, 0.3, 0.6):
            for c, r in ((0.95, 0.9), (0.8, 0.75)):
                rng = np.random.default_rng([n, int(100 * u), int(100 * c)])
                found = [irt.stability_index(judged(rng, n, u, c, r), bootstrap=400, seed=k) for k in range(runs)]
                intervals = [f.corrected_interval for f in found if f.corrected_interval is not None]
                covered = float(np.mean([low <= 1 - u <= high for low, high in intervals]))
                fine = 0.92 <= covered <= 0.98 or runs < 500
                good = good and fine
                print(
                    f"{n} proofs, u {u}, c {c}, r {r}: 95% interval covers {covered:.3f} of {len(intervals)} indices "
                    f"({runs - len(intervals)} without one)" + ("" if fine else "  MISSED"),
                    flush=True,
                )
    return good


def never(runs):
    """c and r of a model that rejects everything, accepts everything, or tosses a coin."""
    good = True
    for name, (c, r) in JUDGES.items():
        got = 0
        for n in (10, 30, 150):
            rng = np.random.default_rng(n)
            got += sum(
                irt.stability_index(judged(rng, n, 0.5, c, r), bootstrap=1).corrected is not None for _ in range(runs)
            )
        print(f"{name}: {got} corrected indices in {3 * runs} runs (bar 0)")
        good = good and got == 0
    return good


def authors(limit):
    """The builtin authors from the run to the index."""
    from proofgrid.models.entries import configurations
    from proofgrid.run.load import load_run
    from proofgrid.run.plan import Source, gather, missing_cells
    from proofgrid.run.runner import execute
    from proofgrid.run.state import RunOptions
    from proofgrid.run.store import RunStore
    from proofgrid.stability.measure import measure
    from proofgrid.stability.plan import plan
    from proofgrid.tasks.questions.stability import StabilityQuestion

    rates = {"believer": 0.0, "unstable-20": 0.2, "unstable-60": 0.6}
    none = ("always-reject", "always-accept", "coin")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        with RunStore.open(path) as store:
            configs = configurations([f"builtin/{name}" for name in (*rates, *none)], None, {}, None, False)
            ids = gather(store, Source("seed", "7", ("pl1_pw",), limit))
            execute(
                store, configs, {c.label: list(missing_cells(store, c.label, ids, 1)) for c in configs}, RunOptions()
            )
        made = plan(load_run(path))
        task = StabilityQuestion()
        with RunStore.open(path) as store:
            store.add_items((p, task.prompt(p.shown)) for p in made.problems)
            cells = {
                label: list(missing_cells(store, label, [p.id for p in found], 1))
                for label, found in made.questions.items()
            }
            execute(store, configs, cells, RunOptions())
        for one in measure(path).models:
            name = one.model.removeprefix("builtin/")
            index = one.index
            if name in none:
                fine = index.corrected is None
                print(f"{name}: asked {index.asked}, corrected index {index.corrected} (bar: none)")
            else:
                low, high = index.corrected_interval or (np.nan, np.nan)
                fine = low <= 1 - rates[name] <= high and (name != "believer" or index.corrected == 1.0)
                span = f"{low:.2f} to {high:.2f}"
                print(f"{name}: asked {index.asked}, ESI* {index.corrected} ({span}), true {1 - rates[name]}")
            good = good and fine
    return good


def planning(models, proofs):
    """Time to plan a run of proofs by simulated authors."""
    from proofgrid.models.builtin_stability import written
    from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
    from proofgrid.stability.plan import plan
    from proofgrid.tasks import get_task

    task = get_task("pl1_pw")
    problems = list(task.generate(min(proofs, 100), seed=3))
    # Each problem stands three times under names of its own: what is timed is planning, not making problems.
    items = {f"{p.id}-{k}": p for k in range(-(-proofs // len(problems))) for p in problems}
    items = dict(list(items.items())[:proofs])
    answers = {p.id: written("pl1_pw", p.shown, 1000) for p in problems}
    scores = {p.id: task.score(p, answers[p.id]) for p in problems}
    rows = [
        dict.fromkeys(ATTEMPT_COLUMNS)
        | {"model": f"model-{m}", "task": "pl1_pw", "item": name, "attempt": 0, "round": 0, "text": answers[p.id]}
        | {"outcome": scores[p.id].outcome, "verdict": scores[p.id].verdict}
        for m in range(models)
        for name, p in items.items()
    ]
    run = ScoredRun("simulated", {}, items, pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS)))
    start = time.perf_counter()
    made = plan(run)
    spent = time.perf_counter() - start
    flawed, unmatched = sum(made.flawed.values()), sum(made.unmatched.values())
    print(
        f"{models} models x {proofs} proofs: {len(made.problems)} questions on {flawed} flawed proofs planned in "
        f"{spent:.1f} s (bar 60 s), {unmatched} without a control"
    )
    return len(made.problems) > flawed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample under a minute")
    quick = parser.parse_args().quick
    good = coverage(60 if quick else 500)
    good = never(60 if quick else 500) and good
    good = authors(40 if quick else 200) and good
    good = planning(*((4, 100) if quick else (24, 300))) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
