"""Do the intervals hold? Coverage of abilities, of their differences, of ranks, and the error rate of paired tests.

    python bench/trust_irt.py [--quick]

Every design is simulated anew for every seed; what is counted is how often a 95% interval holds the truth. The truth is
on the fit's scale after mean-sigma linking to the models' true abilities (a bank's, to those of the models that it was
fitted to). With two dimensions the truth is the universe score: the ability that 4,000 further items of the same kinds
give the same models. Exits non-zero where a figure is outside its bar.

A full run compares each figure with its bar as it is. With --quick there are a quarter of the seeds, and chance alone
moves a sound figure across a bar in one run of a few; so a figure is missed there only where the data exclude its bar:
where it lies outside by more than t standard errors of its own (over seeds, at least the binomial's), t being Student's
for these seeds at a level that keeps false alarms of a whole quick run, over all its figures, below 1%. The margin
stands beside each figure.
"""

from __future__ import annotations

# ruff: noqa: E402 - the number of threads must be set before numpy is imported
import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import sys
import time
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import t as student

from proofgrid import irt
from proofgrid.comparing import compare_all
from proofgrid.statistics import proportion, tally

BAR = (0.93, 0.97)
ERROR_BAR = (0.03, 0.07)
FIGURES = 38
"""Compared with bars in one run: two for each of thirteen designs, nine error rates, three of ranks."""
FALSE_ALARMS = 0.01


@dataclass(frozen=True)
class Figure:
    """The mean of one value a seed (a share of ``each`` trials), and what of it is chance."""

    values: list
    each: int

    @property
    def mean(self):
        """Over seeds."""
        return float(np.mean(self.values))

    @property
    def error(self):
        """Standard error over seeds, at least that of independent trials."""
        n, p = len(self.values), min(max(self.mean, 0.02), 0.98)
        over_seeds = float(np.std(self.values, ddof=1) / np.sqrt(n)) if n > 1 else float("inf")
        return max(over_seeds, float(np.sqrt(p * (1 - p) / (n * self.each))))

    def within(self, bar, quick):
        """Whether it is inside its bar; in a quick run, whether it is not outside beyond chance."""
        margin = self.margin if quick else 0.0
        return bar[0] - margin <= self.mean <= bar[1] + margin

    @property
    def margin(self):
        """How far chance carries a quick run's figure, at the level of FALSE_ALARMS over all figures."""
        return self.error * float(student.isf(FALSE_ALARMS / FIGURES / 2, max(len(self.values) - 1, 1)))

    def shown(self, quick):
        """With its margin, or its standard error."""
        return f"{self.mean:.3f} ± {self.margin if quick else self.error:.3f}"


@dataclass
class Draw:
    """One simulated table with what it was drawn from."""

    theta: np.ndarray
    table: pd.DataFrame
    options: dict = field(default_factory=dict)


def named(values):
    return pd.DataFrame(
        values,
        index=[f"model-{k}" for k in range(values.shape[0])],
        columns=[f"item-{k}" for k in range(values.shape[1])],
    )


def parameters(rng, items):
    return rng.lognormal(0, 0.4, items), rng.normal(0, 1, items)


def two_pl(rng, models, items, missing=0.0, copies=1, samples=1, guessing=0.0, theta=None):
    a, b = parameters(rng, items // copies)
    theta = rng.normal(0, 1, models) if theta is None else theta
    p = guessing + (1 - guessing) * expit(a * (theta[:, None] - b))
    y = np.repeat(rng.binomial(samples, p) / samples, copies, axis=1)
    y[rng.random(y.shape) < missing] = np.nan
    table, options = named(y), {}
    if samples > 1:
        options["samples"] = table * 0 + samples
    if guessing:
        options["guessing"] = pd.Series(guessing, index=table.columns)
    return Draw(theta, table, options)


def families(rng, models=24, items=150, of=4):
    """Models of one family are alike in ability and in what they find hard."""
    a, b = parameters(rng, items)
    base = np.repeat(rng.normal(0, 1, models // of), of)
    theta = np.sqrt(0.7) * base + np.sqrt(0.3) * rng.normal(0, 1, models)
    own = np.repeat(rng.normal(0, 0.5, (models // of, items)), of, axis=0)
    table = named((rng.random((models, items)) < expit(a * (theta[:, None] - b) + own)).astype(float))
    return Draw(theta, table, {"families": pd.Series([f"f{k // of}" for k in range(models)], index=table.index)})


def two_dimensions(rng, models=24, items=150, rho=0.3):
    pair = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], models)

    def draw(n):
        a, b = parameters(rng, n)
        theta = pair[:, np.arange(n) % 2]
        return named((rng.random((models, n)) < expit(a * (theta - b))).astype(float))

    truth = irt.fit_2pl(draw(4000)).ability.to_numpy()
    return Draw(truth, draw(items))


def tasks(rng, items, models=24):
    """Ten tasks with that many items each, one of which nearly all models solve; each with priors of its own."""
    means = np.append(rng.normal(-0.5, 1, 9), -5.0)
    task = np.repeat(np.arange(10), items)
    a, b = parameters(rng, len(task))
    theta = rng.normal(0, 1, models)
    table = named((rng.random((models, len(task))) < expit(a * (theta[:, None] - b - means[task]))).astype(float))
    groups = pd.Series([f"task-{k}" for k in task], index=table.columns)
    return Draw(theta, table, {"groups": groups, "priors": irt.Priors(hierarchical=True)})


DESIGNS = {
    "2PL 24 x 150": (160, lambda rng: two_pl(rng, 24, 150)),
    "2PL 24 x 500": (160, lambda rng: two_pl(rng, 24, 500)),
    "2PL 40 x 1000": (80, lambda rng: two_pl(rng, 40, 1000)),
    "2PL 1000 x 100": (6, lambda rng: two_pl(rng, 1000, 100)),
    "guessing .25, 24 x 150": (160, lambda rng: two_pl(rng, 24, 150, guessing=0.25)),
    "two dimensions (rho .3), 24 x 150": (80, two_dimensions),
    "six families of four, 24 x 150": (160, families),
    "30% missing, 24 x 150": (160, lambda rng: two_pl(rng, 24, 150, missing=0.3)),
    "items tripled, 24 x 3 x 50": (160, lambda rng: two_pl(rng, 24, 150, copies=3)),
    "ten tasks, 24 x 10 x 20": (160, lambda rng: tasks(rng, 20)),
    "ten tasks, 24 x 10 x 200": (40, lambda rng: tasks(rng, 200)),
    "k of 4 samples, 12 x 80": (160, lambda rng: two_pl(rng, 12, 80, samples=4)),
}


def linked(theta, ability):
    scale = theta.std() / ability.std()
    return theta.mean() + scale * (ability - ability.mean()), scale


def coverage(name, seeds, draw, quick):
    theta_in, pair_in, errors, length = [], [], [], []
    started = time.process_time()
    for seed in range(seeds):
        found = draw(np.random.default_rng([seed, sum(map(ord, name))]))
        fit = irt.fit_2pl(found.table, **found.options)
        estimate, scale = linked(found.theta, fit.ability.to_numpy())
        se = scale * fit.ability_se.to_numpy()
        off = estimate - found.theta
        theta_in.append(np.mean(np.abs(off) < 1.96 * se))
        covariance = scale**2 * fit.ability_covariance
        variance = np.diag(covariance)
        spread = np.sqrt(variance[:, None] + variance[None, :] - 2 * covariance)
        upper = np.triu_indices(len(off), 1)
        pair_in.append(np.mean(np.abs(off[:, None] - off[None, :])[upper] < 1.96 * spread[upper]))
        errors.append(off.std())
        length.append(se.mean())
    return report(name, len(off), theta_in, pair_in, errors, length, time.process_time() - started, quick)


def bank(seeds, quick):
    """New models scored by a bank of 24 models and 150 items."""
    theta_in, pair_in, errors, length = [], [], [], []
    started = time.process_time()
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 77])
        a, b = parameters(rng, 150)
        old, new = rng.normal(0, 1, 24), rng.normal(0, 1, 40)

        def answers(theta, a=a, b=b, rng=rng):
            return named((rng.random((len(theta), 150)) < expit(a * (theta[:, None] - b))).astype(float))

        fit = irt.fit_2pl(answers(old))
        scored = irt.score_against(irt.make_bank(fit), answers(new))
        _, scale = linked(old, fit.ability.to_numpy())
        off = old.mean() + scale * (scored["ability"].to_numpy() - fit.ability.mean()) - new
        se = scale * scored["ability_se"].to_numpy()
        theta_in.append(np.mean(np.abs(off) < 1.96 * se))
        upper = np.triu_indices(len(off), 1)
        spread = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
        pair_in.append(np.mean(np.abs(off[:, None] - off[None, :])[upper] < 1.96 * spread[upper]))
        errors.append(off.std())
        length.append(se.mean())
    spent = time.process_time() - started
    return report("bank of 24 models, 40 new ones", 40, theta_in, pair_in, errors, length, spent, quick)


def report(name, models, theta_in, pair_in, errors, length, spent, quick):
    theta, pair = Figure(theta_in, models), Figure(pair_in, models)  # differences of n models have n - 1 freedoms
    good = theta.within(BAR, quick) and pair.within(BAR, quick)
    print(
        f"| {name} | {len(theta_in)} | {theta.shown(quick)} | {pair.shown(quick)} | {np.mean(errors):.3f} | "
        f"{np.mean(length):.3f} | {spent:.1f} |" + ("" if good else " **missed**"),
        flush=True,
    )
    return good


def paired_tests(seeds, quick):
    """Two models of equal ability among others: how often is a difference claimed at 5%?"""
    print("\n| paired tests of equal models | pairs | exact test | interval without 0 | P(better) beyond .975 |")
    print("| --- | --- | --- | --- | --- |")
    good = True
    for name, items, samples in (("24 x 150", 150, 1), ("24 x 500", 500, 1), ("12 x 80, 4 samples", 80, 4)):
        exact, interval, chance = [], [], []
        for seed in range(seeds):
            rng = np.random.default_rng([seed, items, samples])
            theta = np.repeat(rng.normal(0, 1, 12), 2)
            found = two_pl(rng, 24, items, samples=samples, theta=theta)
            asked = found.table * 0 + samples
            pairs = compare_all(found.table * samples, asked)
            better = irt.fit_2pl(found.table, **found.options).better_than().to_numpy()
            one, other = np.arange(0, 24, 2), np.arange(1, 24, 2)
            exact.append(np.mean(pairs.p[one, other] < 0.05))
            interval.append(np.mean((pairs.low[one, other] > 0) | (pairs.high[one, other] < 0)))
            chance.append(np.mean(np.abs(better[one, other] - 0.5) > 0.475))
        # The exact test of discrete counts is below its level by construction; the others should be at it.
        rates = [Figure(x, 12) for x in (exact, interval, chance)]
        bars = ((0.0, ERROR_BAR[1]), ERROR_BAR, ERROR_BAR)
        fine = all(r.within(bar, quick) for r, bar in zip(rates, bars, strict=True))
        good = good and fine
        shown = " | ".join(r.shown(quick) for r in rates)
        print(f"| {name} | {12 * seeds} | {shown} |" + ("" if fine else " **missed**"), flush=True)
    return good


def ranks(seeds):
    """Do the intervals of ranks hold all true ranks at once, and each?"""
    print("\n| ranks from all pairs (Holm) | seeds | all at once | each | mean width |")
    print("| --- | --- | --- | --- | --- |")
    good = True
    for models, items in ((10, 150), (24, 150), (24, 500)):
        together, each, width = [], [], []
        for seed in range(seeds):
            rng = np.random.default_rng([seed, models, items])
            found = two_pl(rng, models, items)
            pairs = compare_all(found.table, found.table * 0 + 1)
            place = (-found.theta).argsort().argsort() + 1
            inside = [r.best <= p <= r.worst for r, p in zip(pairs.ranks, place, strict=True)]
            together.append(all(inside))
            each.append(np.mean(inside))
            width.append(np.mean([r.worst - r.best + 1 for r in pairs.ranks]))
        fine = np.mean(together) >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / seeds)
        good = good and fine
        held = proportion(tally([float(t) for t in together]))
        print(
            f"| {models} x {items} | {seeds} | {held.value:.3f} | {np.mean(each):.3f} | {np.mean(width):.1f} |"
            + ("" if fine else " **missed**"),
            flush=True,
        )
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a quarter of the seeds, judged by what chance allows")
    quick = parser.parse_args().quick
    part = 4 if quick else 1
    print(f"± is {'the margin of a quick run (see --help)' if quick else 'one standard error'}\n")
    print("| 95% intervals of abilities | seeds | coverage | of differences | RMSE | mean SE | CPU s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    held = [coverage(name, max(6, seeds // part), draw, quick) for name, (seeds, draw) in DESIGNS.items()]
    good = bank(120 // part, quick) and all(held)
    good = paired_tests(160 // part, quick) and good
    good = ranks(100 // part) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
