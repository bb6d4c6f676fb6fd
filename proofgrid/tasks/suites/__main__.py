"""``python -m proofgrid.tasks.suites``: freeze and verify suites, score the builtin model, print the table of
tasks/README.md.

python -m proofgrid.tasks.suites freeze --name mine --seed 4711 --out suites/mine [--tenth]
python -m proofgrid.tasks.suites verify v1
python -m proofgrid.tasks.suites builtin v1
python -m proofgrid.tasks.suites readme
python -m proofgrid.tasks.suites calibrate answers.jsonl
python -m proofgrid.tasks.suites release --seed 1          all of these for v1: replace it, and all that is printed
from it
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from proofgrid.tasks.errors import TaskError
from proofgrid.tasks.suites.builtin import RECORD, score_builtin
from proofgrid.tasks.suites.calibrate import LEAST_MODELS, calibrate
from proofgrid.tasks.suites.freeze import SUITE_SIZES, freeze_suite, verify_suite
from proofgrid.tasks.suites.store import HOME, load_suite
from proofgrid.tasks.suites.table import SHORTCUTS, table, write_readme


def say(text: str) -> None:
    """One line of progress on stderr."""
    sys.stderr.write(f"{text}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 where a suite differs, 2 where the user has something to mend."""
    parser = argparse.ArgumentParser(
        prog="python -m proofgrid.tasks.suites",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    freeze = commands.add_parser("freeze", help="generate a suite and write it to a directory")
    freeze.add_argument("--name", required=True)
    freeze.add_argument("--seed", type=int, required=True)
    freeze.add_argument("--out", required=True)
    freeze.add_argument("--tenth", action="store_true", help="a tenth of v1's items of each task, as in v1-b and v1-c")
    verify = commands.add_parser("verify", help="make a suite again and compare")
    verify.add_argument("name")
    builtin = commands.add_parser("builtin", help="record what the builtin model makes of a suite")
    builtin.add_argument("name")
    shown = commands.add_parser("table", help="print the table of the tasks")
    shown.add_argument("name", nargs="?", default="v1")
    commands.add_parser("readme", help="print the table of v1 into tasks/README.md")
    levels = commands.add_parser("calibrate", help="levels from models' answers: what they say, and new ones")
    levels.add_argument("export", help="what proofgrid export wrote, as JSON lines")
    levels.add_argument("--suite", default="v1")
    levels.add_argument("--out", default=None, help="write the new levels to this file, as JSON (item id to level)")
    release = commands.add_parser("release", help="freeze v1 anew, with everything that is printed from it")
    release.add_argument("--seed", type=int, required=True)
    for command in (verify, builtin, release):
        command.add_argument("--task", action="append", default=None, help="only this one; may be repeated")
    for command in (freeze, verify, builtin, release):
        command.add_argument("--jobs", type=int, default=None)
    options = parser.parse_args(arguments)
    try:
        return run(options)
    except TaskError as error:
        say(f"proofgrid.tasks.suites: {error}")
        return 2


def run(options: argparse.Namespace) -> int:
    """What the command says, with its exit code."""
    if options.command == "freeze":
        sizes = {task: n // 10 for task, n in SUITE_SIZES.items()} if options.tenth else None
        out = freeze_suite(options.name, options.seed, options.out, sizes, jobs=options.jobs, progress=say)
        say(f"wrote {out}")
    elif options.command == "verify":
        differences = verify_suite(options.name, jobs=options.jobs, progress=say, tasks=options.task)
        for difference in differences:
            say(difference)
        return 1 if differences else 0
    elif options.command == "builtin":
        chosen = None if options.task is None else tuple(options.task)
        say(f"wrote {score_builtin(options.name, chosen, jobs=options.jobs, progress=say)}")
    elif options.command == "calibrate":
        found = calibrate(load_suite(options.suite), options.export)
        for one in found:
            shares = ", ".join(f"{level}: {share:.0%}" for level, share in one.missed.items())
            say(f"{one.task}: {one.models} models, missed by level {shares}; pairs in order {one.agreement:.0%}")
        new = {item: level for one in found for item, level in sorted(one.levels.items())}
        if options.out is not None:
            Path(options.out).write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
        elif new:
            sys.stdout.write(json.dumps(new, indent=1) + "\n")
        if not new:
            say(f"new levels need the answers of {LEAST_MODELS} models or more")
    elif options.command == "table":
        sys.stdout.write(table(options.name) + "\n")
    elif options.command == "release":
        fresh = HOME / "v1.new"
        shutil.rmtree(fresh, ignore_errors=True)
        old = HOME / "v1"
        freeze_suite("v1", options.seed, fresh, jobs=options.jobs, progress=say, only=options.task, rest=old)
        if options.task is not None:
            for record in (RECORD, SHORTCUTS):
                shutil.copyfile(old / record, fresh / record)
        shutil.rmtree(old, ignore_errors=True)
        fresh.rename(old)
        score_builtin("v1", None if options.task is None else tuple(options.task), jobs=options.jobs, progress=say)
        write_readme()
    else:
        write_readme()
    return 0


if __name__ == "__main__":
    sys.exit(main())
