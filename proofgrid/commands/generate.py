"""``proofgrid generate``: problems as JSON lines, or a frozen suite made again and compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(generate)


def generate(
    task: Annotated[list[str] | None, Opt(help="Task id, or all; may be repeated.")] = None,
    n: Annotated[int, Opt("--n", min=1, help="Problems of each task.")] = 20,
    seed: Annotated[int | None, Opt(help="The same seed gives the same bytes everywhere (default 0).")] = None,
    level: Annotated[int | None, Opt(min=1, help="Only this level; else levels are dealt in turn.")] = None,
    out: Annotated[Path | None, Opt(help="A file of JSON lines; standard output by default.")] = None,
    jobs: Annotated[int | None, Opt(min=1, help="Processes; one a core by default.")] = None,
    suite: Annotated[
        str | None,
        Opt(help="With --verify: the frozen suite to make again. With --seed and --out: a name for a new one."),
    ] = None,
    verify: Annotated[bool, Opt("--verify", help="Make a suite again and compare it byte for byte.")] = False,
) -> None:
    """Generate problems, each proved and checked before it is written."""
    from proofgrid.errors import UserError
    from proofgrid.run.plan import parse_tasks

    if suite is not None or verify:
        if suite is not None and verify:
            _verify(suite, jobs)
        elif suite is not None and seed is not None and out is not None:
            _freeze(suite, seed, out, jobs)
        else:
            raise UserError(
                "--suite goes with --verify (proofgrid generate --suite v1 --verify) or, for a suite of your own, with "
                "--seed and --out (proofgrid generate --suite mine --seed 4711 --out suites/mine)"
            )
        return
    if not task:
        raise UserError("name a task: --task pl1_pw (see `proofgrid tasks`), or --task all")
    from proofgrid.tasks.making.parallel import generate_parallel

    problems = (problem for name in parse_tasks(task) for problem in generate_parallel(name, n, seed or 0, level, jobs))
    if out is None:
        for problem in problems:
            sys.stdout.write(problem.to_json() + "\n")
        return
    # To a file beside it first: a generation that fails half-way leaves no half file under the name asked for.
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for problem in problems:
                file.write(problem.to_json() + "\n")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _freeze(suite: str, seed: int, out: Path, jobs: int | None) -> None:
    from proofgrid.tasks.suites import freeze_suite

    def say(line: str) -> None:
        sys.stderr.write(line + "\n")

    freeze_suite(suite, seed, out, jobs=jobs, progress=say)
    sys.stdout.write(f"{out}: use it with proofgrid run --suite {out}; keep the seed to yourself\n")


def _verify(suite: str, jobs: int | None) -> None:
    from proofgrid.tasks.suites import verify_suite

    def say(line: str) -> None:
        sys.stderr.write(line + "\n")

    differences = verify_suite(suite, jobs=jobs, progress=say)
    for line in differences:
        sys.stdout.write(line + "\n")
    if differences:
        raise typer.Exit(1)
    sys.stdout.write(f"suite {suite}: every file is byte for byte what the generators make\n")
