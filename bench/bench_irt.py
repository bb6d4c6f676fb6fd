"""2PL fits: speed against girth in the same run, memory, and accuracy on simulated responses.

    python bench/bench_irt.py [--quick | --whole]

Times are CPU seconds of ``fit_2pl`` in full (validation, EM, standard errors of items and abilities) against the bare
call of ``girth.twopl_mml``, both on one core. Where ``make bench-peers`` has made an environment for them, mirt (the
Python package), py-irt and NUTS by NumPyro fit the same responses, too: NUTS, whose posterior is exact, is what
abilities and errors are held against. ``proofgrid irt`` as a whole, with its intervals and plots, is run on two large
tables. Exits non-zero where accuracy, coverage or memory misses its bar, never for a time.
"""

from __future__ import annotations

# ruff: noqa: E402 - the number of threads must be set before numpy is imported
import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bench_run import timed
from proofgrid import irt

FIT_PEER = Path(__file__).parent / "peers" / "fit_peer.py"
PEERS_PYTHON = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
RATIO_BARS = {(24, 150): 150, (24, 500): 400}
RMSE_BARS = {(24, 150): (0.44, 0.58, 0.24), (24, 500): (0.44, 0.58, 0.16), (40, 1000): (0.44, 0.58, 0.09)}
WHOLE = ((240, 720), (24, 20_000))
WHOLE_SECONDS, WHOLE_MB = 120.0, 2_000.0
CENTRES = ((0.0, 1.0), (1.5, 1.5), (-1.5, 1.0))


def simulate(seed, models, items, b_mean=0.0, b_sd=1.0):
    rng = np.random.default_rng(seed)
    a, b, theta = rng.lognormal(0, 0.4, items), rng.normal(b_mean, b_sd, items), rng.normal(0, 1, models)
    y = rng.random((models, items)) < expit(a * (theta[:, None] - b))
    names = [f"item-{k}" for k in range(items)]
    return a, b, theta, pd.DataFrame(y.astype(float), index=[f"model-{k}" for k in range(models)], columns=names)


def best_time(table, times=5):
    spent = []
    for _ in range(times):
        start = time.process_time()
        irt.fit_2pl(table)
        spent.append(time.process_time() - start)
    return min(spent)


def speed(sizes):
    import girth

    irt.fit_2pl(simulate(1, 10, 20)[3])
    for models, items in sizes:
        table = simulate(0, models, items)[3]
        # girth fails on constant items; it gets the others.
        varied = table.loc[:, (table.sum() > 0) & (table.sum() < models)]
        ours = best_time(table)
        start = time.process_time()
        girth.twopl_mml(varied.to_numpy().T.astype(int))
        theirs = time.process_time() - start
        said = f"ours {ours:.4f} s, girth twopl_mml {theirs:.1f} s, ratio {theirs / ours:.0f}"
        print(f"{models} x {items}: {said} (bar {RATIO_BARS[models, items]})", flush=True)


def peers(models, items, names):
    """Other packages on the same responses: CPU seconds, and abilities and errors beside those that NUTS finds."""
    if not PEERS_PYTHON.exists():
        print(f"{models} x {items}: mirt, py-irt and NumPyro are not here: make bench-peers installs them")
        return True
    _, _, theta, table = simulate(0, models, items)
    table = table.loc[:, (table.sum() > 0) & (table.sum() < models)]  # mirt and girth fail on constant items
    fit, ours = irt.fit_2pl(table), best_time(table)
    found = {"ours": {"theta": fit.ability.to_numpy(), "se": fit.ability_se.to_numpy(), "seconds": ours}}
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        np.savetxt(file.name, table.to_numpy(), fmt="%d", delimiter=",")
        for name in names:
            done = subprocess.run(
                [PEERS_PYTHON, str(FIT_PEER), name, file.name], check=True, text=True, stdout=subprocess.PIPE
            )
            found[name] = json.loads(done.stdout)
    print(f"\n| {models} x {items} | CPU s | times ours | r with the truth | r with NUTS | SE / that of NUTS, linked |")
    print("| --- | --- | --- | --- | --- | --- |")
    gold = found["numpyro"]
    good = gold["rhat"] < 1.05
    for name, one in found.items():
        x = np.array(one["theta"])
        close = np.corrcoef(x, gold["theta"])[0, 1]
        wide = ""
        if "se" in one and name != "numpyro":
            ratio = float(np.mean(np.array(one["se"]) / x.std() / gold["linked_se"]))
            wide = f"{ratio:.2f}"
            if name == "ours":
                good = good and close > 0.998 and 0.9 < ratio < 1.1
        print(
            f"| {name} | {one['seconds']:.3f} | {one['seconds'] / ours:.0f} | {np.corrcoef(x, theta)[0, 1]:.4f} "
            f"| {close:.4f} | {wide} |"
        )
    print(
        f"NUTS: R-hat at most {gold['rhat']:.3f} (bar 1.05); ours: r with NUTS over .998, SE ratio .9 to 1.1"
        + ("" if good else "  MISSED")
    )
    return good


def large():
    """Time and peak memory of a 40 x 2000 fit in a process of its own."""
    code = (
        "import sys, time, resource; sys.path.insert(0, 'bench'); import bench_irt; from proofgrid import irt\n"
        "table = bench_irt.simulate(0, 40, 2000)[3]\n"
        "start = time.process_time(); fit = irt.fit_2pl(table); spent = time.process_time() - start\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6\n"
        "print(f'40 x 2000: {spent:.2f} s (bar 5), peak memory {peak:.2f} GB (bar 1), converged {fit.converged}')\n"
        "sys.exit(0 if fit.converged and peak < 1 else 1)"
    )
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def whole(models, items):
    """CPU seconds and peak memory of ``proofgrid irt`` in full, on a table of 15 tasks."""
    table = simulate(0, models, items)[3]
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "table.csv", Path(folder) / "out"
        tasks = pd.DataFrame([[f"task-{k % 15}" for k in range(items)]], index=["task"], columns=table.columns)
        pd.concat([tasks, table.astype(int)]).to_csv(path)
        _, cpu, _, tree = timed(
            [sys.executable, "-m", "proofgrid.cli", "irt", "--matrix", str(path), "--out", str(out)]
        )
        draws = json.loads((out / "irt.json").read_text(encoding="utf-8"))["bootstrap_draws"]
    over = "  OVER its time" * (cpu > WHOLE_SECONDS) + "  OVER its memory" * (tree > WHOLE_MB)
    print(
        f"proofgrid irt, {models} x {items}: {cpu:.1f} s (bar {WHOLE_SECONDS:g}), {tree:.0f} MB (bar {WHOLE_MB:g}), "
        f"{draws} draws for its intervals{over}",
        flush=True,
    )
    return tree <= WHOLE_MB


def large_tables():
    """Whether all of them stay within their memory."""
    good = True
    for models, items in WHOLE:
        good = whole(models, items) and good
    return good


def accuracy(models, items, b_mean, b_sd, seeds):
    """RMSE of a, b, theta after mean-sigma linking to the true abilities, and coverage of 95% intervals of theta."""
    squares, covered = [], []
    for seed in range(seeds):
        a, b, theta, table = simulate(seed, models, items, b_mean, b_sd)
        fit = irt.fit_2pl(table)
        scale = theta.std() / fit.ability.std(ddof=0)
        shift = theta.mean() - scale * fit.ability.mean()
        off = shift + scale * fit.ability.to_numpy() - theta
        off_b = shift + scale * fit.difficulty.to_numpy() - b
        off_a = fit.discrimination.to_numpy() / scale - a
        squares.append([np.mean(off_a**2), np.mean(off_b**2), np.mean(off**2)])
        covered.append(np.mean(np.abs(off) < 1.96 * scale * fit.ability_se.to_numpy()))
    rmse, coverage = np.sqrt(np.mean(squares, axis=0)), float(np.mean(covered))
    good = 0.88 <= coverage <= 0.97
    said = ""
    if (b_mean, b_sd) == (0.0, 1.0):
        bars = RMSE_BARS[models, items]
        good = good and all(r <= bar for r, bar in zip(rmse, bars, strict=True))
        said = " (bars {:.2f} {:.2f} {:.2f})".format(*bars)
    print(
        f"{models} x {items}, b ~ N({b_mean:g}, {b_sd:g}), {seeds} seeds: RMSE a {rmse[0]:.3f} b {rmse[1]:.3f} "
        f"theta {rmse[2]:.3f}{said}; 95% intervals of theta cover {coverage:.3f} (bar .88 to .97)"
        + ("" if good else "  MISSED"),
        flush=True,
    )
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the small sizes only, under a minute")
    parser.add_argument("--whole", action="store_true", help="the command on the large tables only")
    options = parser.parse_args()
    if options.whole:
        sys.exit(0 if large_tables() else 1)
    quick = options.quick
    speed([(24, 150)] if quick else [(24, 150), (24, 500)])
    good = large()
    if not quick:
        good = peers(24, 150, ("numpyro", "girth", "mirt", "mirt-priors", "py-irt")) and good
        good = peers(24, 500, ("numpyro", "mirt", "mirt-priors")) and good
        good = large_tables() and good
    for models, items in [(24, 150), (24, 500)] if quick else RMSE_BARS:
        for centre in CENTRES:
            good = accuracy(models, items, *centre, seeds=20) and good
    print(f"peak memory of all this: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
