"""``python -m tasks.suites``: freeze, verify, and the table of tasks/README.md, without the rest of proofgrid."""

from __future__ import annotations

import argparse
import sys

from tasks.errors import TaskError
from tasks.suites.freeze import freeze_suite, verify_suite


def say(text: str) -> None:
    """One line of progress on stderr."""
    sys.stderr.write(f"{text}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 where a suite differs, 2 where the user has something to mend."""
    parser = argparse.ArgumentParser(prog="python -m tasks.suites", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    freeze = commands.add_parser("freeze", help="generate a suite and write it to a directory")
    freeze.add_argument("--name", required=True)
    freeze.add_argument("--seed", type=int, required=True)
    freeze.add_argument("--out", required=True)
    verify = commands.add_parser("verify", help="make a suite again and compare")
    verify.add_argument("name")
    for command in (freeze, verify):
        command.add_argument("--jobs", type=int, default=None)
    options = parser.parse_args(arguments)
    try:
        if options.command == "freeze":
            say(f"wrote {freeze_suite(options.name, options.seed, options.out, jobs=options.jobs, progress=say)}")
            return 0
        differences = verify_suite(options.name, jobs=options.jobs, progress=say)
    except TaskError as error:
        say(f"tasks.suites: {error}")
        return 2
    for difference in differences:
        say(difference)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
