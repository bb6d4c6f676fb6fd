"""Why believe a verdict: all campaigns that judge the project from outside, two at once, with what each of them took.

    python bench/campaigns.py [--quick] [--all] [--only NAME ...] [--workers N]

Those that judge verdicts run in full: they are what docs/trust.md rests on. Those that judge items, estimates, attacks
and grammars take hours and have pages of their own, so a sample of each is taken, unless with --all. With --quick a
sample of every one. Fuzzing takes FUZZING seconds a checker, and is passed over, aloud, where atheris is not installed.

What each prints goes to artifacts/trust/NAME.log; of one that fails the end is shown. Exits with 1 where one fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
LOGS = ROOT / "artifacts" / "trust"
FUZZING = 80
IN_FULL = ("trust_kernels", "trust_mutants", "trust_provers", "trust_transform", "trust_ndl", "trust_sequents",
    "trust_languages", "trust_suite")  # fmt: skip
"""They judge verdicts and the items' claims; the longest first."""
LONG_SAMPLES = ("trust_items",)
"""Samples that would leave the other core idle if they came last."""
ALONE: dict[str, Sequence[str]] = {"trust_kernels": ("--workers", "1"), "trust_items": ("--jobs", "1")}
"""Options under which a campaign is one process: others run beside it."""
SHARE: dict[str, Sequence[str]] = {"trust_mutants": ("--mutants", "10000")}
"""How much of a campaign in full is taken, unless with --all: what keeps the whole within half an hour on two cores."""
TAIL = 40


@dataclass(slots=True)
class Campaign:
    """One of them, as it is started."""

    name: str
    command: Sequence[str]
    sample: bool
    started: float = 0.0


def campaigns(quick: bool, everything: bool) -> list[Campaign]:
    """What there is to run, the longest first."""
    ordered = (*IN_FULL, *LONG_SAMPLES)
    names = [*ordered, *sorted(path.stem for path in BENCH.glob("trust_*.py") if path.stem not in ordered)]
    found = []
    for name in names:
        sample = quick or not (everything or name in IN_FULL)
        share = ["--quick"] if sample else [] if everything else SHARE.get(name, ())
        options = [*share, *ALONE.get(name, ())]
        found.append(Campaign(name, [str(BENCH / f"{name}.py"), *options], sample))
    if importlib.util.find_spec("atheris") is None:
        print("LEFT OUT: no atheris for this Python, so nothing is fuzzed", flush=True)
        return found
    options = ["--quick", "-seed=1"] if quick else [f"-max_total_time={FUZZING}"]
    fuzzers = [Campaign(path.stem, [str(path), *options], quick) for path in sorted((BENCH / "fuzz").glob("fuzz_*.py"))]
    return [*found[: len(IN_FULL)], *fuzzers, *found[len(IN_FULL) :]]


def start(campaign: Campaign) -> int:
    """Its process."""
    campaign.started = time.monotonic()
    log = os.open(LOGS / f"{campaign.name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    try:
        return os.posix_spawn(sys.executable, [sys.executable, *campaign.command], os.environ, file_actions=actions)
    finally:
        os.close(log)


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample of each")
    parser.add_argument("--all", action="store_true", help="each in full: hours")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="campaigns at once")
    options = parser.parse_args()
    os.chdir(ROOT)
    LOGS.mkdir(parents=True, exist_ok=True)
    todo = campaigns(options.quick, options.all)
    if unknown := set(options.only or ()) - {one.name for one in todo}:
        parser.error(f"no campaign is called {', '.join(sorted(unknown))}")
    todo = [one for one in todo if not options.only or one.name in options.only][::-1]
    running: dict[int, Campaign] = {}
    failed, total, begun = [], 0.0, time.monotonic()
    print(f"{'campaign':<20} {'':6} {'wall s':>7} {'CPU s':>7}", flush=True)
    while todo or running:
        if todo and len(running) < options.workers:
            one = todo.pop()
            running[start(one)] = one
            continue
        process, status, used = os.wait4(-1, 0)
        one = running.pop(process)
        cpu = used.ru_utime + used.ru_stime
        total += cpu
        code = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - one.started
        said = "" if code == 0 else f"  FAILED with {code}"
        print(f"{one.name:<20} {'sample' if one.sample else 'full':6} {took:7.0f} {cpu:7.0f}{said}", flush=True)
        if code:
            failed.append(one.name)
            lines = (LOGS / f"{one.name}.log").read_text("utf-8", "replace").splitlines()
            print("\n".join(f"    {line}" for line in lines[-TAIL:]), flush=True)
    print(f"{time.monotonic() - begun:.0f} s, {total:.0f} processor seconds; {len(failed)} failed {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
