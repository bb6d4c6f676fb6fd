"""What asking adaptively from a bank saves: items until a wanted standard error, against the same items at random.

    python bench/bench_adaptive.py [--quick]

Banks are fitted to 24, 60 and 200 simulated models on 400 items (a ~ log-normal(0, .4), b ~ N(0, 1)); then 60 new
models with abilities N(0, 1) are placed, once by information (in batches of eight, as `proofgrid run --adaptive`
asks) and once with the bank's items in random order, until the standard error, the bank's own uncertainty included, is
as wanted. Also printed: how often the interval holds the true ability, and how many models the bank could not place
that well at all. Exits non-zero where coverage is below .90 beyond chance or adaptive asking does not save a third.
"""

from __future__ import annotations

# ruff: noqa: E402 - the number of threads must be set before numpy is imported
import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import sys

import numpy as np
import pandas as pd
from scipy.special import expit

from proofgrid import irt

ITEMS = 400


def answers(rng, theta, a, b):
    return (rng.random((len(theta), len(a))) < expit(a * (theta[:, None] - b))).astype(float)


def place(test, row, order=None):
    """Ask until done: by information, or in ``order``. Returns the state."""
    given = {}
    state = test.state(given)
    while not state.done:
        chosen = state.next_items if order is None else order[len(given) : len(given) + test.batch]
        given |= {item: row[item] for item in chosen}
        state = test.state(given)
    return state


def measure(models, wanted, new):
    rng = np.random.default_rng([models, int(100 * wanted)])
    a, b = rng.lognormal(0, 0.4, ITEMS), rng.normal(0, 1, ITEMS)
    names = [f"item-{k}" for k in range(ITEMS)]
    old, theta = rng.normal(0, 1, models), rng.normal(0, 1, new)
    fit = irt.fit_2pl(pd.DataFrame(answers(rng, old, a, b), columns=names))
    bank = irt.make_bank(fit)
    scale = old.std() / fit.ability.std(ddof=0)
    test = irt.AdaptiveTest(bank, wanted)
    rows = answers(rng, theta, a, b)
    asked, random, held, out = [], [], [], 0
    for k in range(new):
        row = dict(zip(names, rows[k], strict=True))
        state = place(test, row)
        other = place(test, row, list(rng.permutation(bank.items)))
        if state.se > wanted or other.se > wanted:
            out += 1
            continue
        asked.append(state.asked)
        random.append(other.asked)
        off = old.mean() + scale * (state.ability - fit.ability.mean()) - theta[k]
        held.append(abs(off) < 1.96 * scale * state.se)
    if not asked:
        print(f"| {models} | {wanted} | - | - | - | - | {out} of {new} |", flush=True)
        return True
    saving, cover = 1 - np.mean(asked) / np.mean(random), float(np.mean(held))
    good = cover >= 0.90 - 2 * np.sqrt(0.09 / len(held)) and saving >= 1 / 3
    print(
        f"| {models} | {wanted} | {np.mean(asked):.0f} ({min(asked)} to {max(asked)}) | {np.mean(random):.0f} | "
        f"{saving:.0%} | {cover:.2f} | {out} of {new} |" + ("" if good else " **missed**"),
        flush=True,
    )
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one bank, ten models")
    quick = parser.parse_args().quick
    print("| models of the bank | se | items asked | at random | saved | intervals hold | out of reach |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    cases = [(60, 0.3)] if quick else [(m, se) for m in (24, 60, 200) for se in (0.4, 0.3, 0.2)]
    good = [measure(models, wanted, 10 if quick else 60) for models, wanted in cases]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
