"""``proofgrid generate``: problems as JSON lines, or a frozen suite made again and compared."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proofgrid.commands.engine import Engine

if TYPE_CHECKING:
    from proofgrid.tasks import Item

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Generate problems, each proved and checked.")(generate)


def generate(
    task: Annotated[list[str] | None, Opt(help="Task id, or all; may be repeated.")] = None,
    n: Annotated[
        int | None, Opt("--n", min=1, help="Problems of each task (default 20; of a suite, as many as v1 has).")
    ] = None,
    seed: Annotated[int | None, Opt(help="The same seed gives the same bytes everywhere (default 0).")] = None,
    level: Annotated[int | None, Opt(min=1, help="Only this level; else levels are dealt in turn.")] = None,
    out: Annotated[Path | None, Opt(help="A file of JSON lines; standard output by default.")] = None,
    jobs: Annotated[int | None, Opt(min=1, help="Processes; one a core by default.")] = None,
    engine: Annotated[Engine, Opt(help="This machine, or a Ray cluster (RAY_ADDRESS).")] = Engine.local,
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
        tasks = parse_tasks(task) if task else None
        if level is not None or engine is not Engine.local:
            raise UserError(
                "a suite has all levels and is made on this machine: --level and --engine do not go with it"
            )
        if suite is not None and verify:
            if n is not None or seed is not None or out is not None:
                raise UserError("a suite is verified as it was made: --n, --seed and --out do not go with --verify")
            _verify(suite, tasks, jobs)
        elif suite is not None and seed is not None and out is not None:
            _freeze(suite, seed, out, tasks, n, jobs)
        else:
            raise UserError(
                "--suite goes with --verify (proofgrid generate --suite v1 --verify) or, for a suite of your own, with "
                "--seed and --out (proofgrid generate --suite mine --seed 4711 --out suites/mine)"
            )
        return
    if not task:
        raise UserError("name a task: --task pl1_pw (see `proofgrid tasks`), or --task all")
    from proofgrid.tasks.making.parallel import generate_parallel

    count = 20 if n is None else n

    def made(name: str) -> Iterator[Item]:
        if engine is Engine.local:
            return generate_parallel(name, count, seed or 0, level, jobs)
        from proofgrid.integrations.ray import first_drafts

        return generate_parallel(name, count, seed or 0, level, drafts=first_drafts(name, count, seed or 0, level))

    problems = (problem for name in parse_tasks(task) for problem in made(name))
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


def _freeze(suite: str, seed: int, out: Path, tasks: Sequence[str] | None, n: int | None, jobs: int | None) -> None:
    from proofgrid.tasks.suites import SUITE_SIZES, freeze_suite

    sizes = {task: n or SUITE_SIZES.get(task, 20) for task in (tasks or SUITE_SIZES)}
    freeze_suite(suite, seed, out, sizes, jobs=jobs, progress=_say)
    sys.stdout.write(f"{out}: use it with proofgrid run --suite {out}; keep the seed to yourself\n")


def _verify(suite: str, tasks: Sequence[str] | None, jobs: int | None) -> None:
    from proofgrid.errors import UserError
    from proofgrid.tasks.suites import suite_manifest, verify_suite

    held = [entry["task"] for entry in suite_manifest(suite)["files"].values()]
    if lacking := [task for task in tasks or () if task not in held]:
        raise UserError(f"the suite '{suite}' has no items of {', '.join(lacking)}; it has {', '.join(held)}")
    differences = verify_suite(suite, jobs=jobs, progress=_say, tasks=tasks)
    for line in differences:
        sys.stdout.write(line + "\n")
    if differences:
        raise typer.Exit(1)
    said = f"suite {suite}" if tasks is None else f"{', '.join(tasks)} of suite {suite}"
    sys.stdout.write(f"{said}: every file is byte for byte what the generators make\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
