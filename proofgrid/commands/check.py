"""``proofgrid check``: one proof, or a file of them, against the checker.

Exit codes: 0 correct, 1 incorrect, 2 the input cannot be read, 3 over the checker's limits. With ``--jsonl`` the code
is that of the worst line: 2 where a line could not be read, else 3, else 1, else 0.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from itertools import islice
from multiprocessing import get_all_start_methods, get_context
from typing import Annotated, Any

import typer

from proofgrid.commands.engine import Engine
from proofgrid.errors import UserError
from proofgrid.textfile import read_byte_lines, read_parquet_lines, read_text

CORRECT, INCORRECT, UNREADABLE, OVER_LIMITS = 0, 1, 2, 3
_CHUNK = 16
"""Lines of a JSONL file that go to a worker process at once."""


class Language(StrEnum):
    """The four languages."""

    ndl = "ndl"
    macro = "macro"
    hilbert = "hilbert"
    equational = "equational"


class Mode(StrEnum):
    """How exact a proof must be."""

    strict = "strict"
    instrumented = "instrumented"


class Profile(StrEnum):
    """Which slips are read through."""

    surface = "surface"
    paper = "paper"


class Format(StrEnum):
    """How a verdict is written."""

    text = "text"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Check one proof, or a file of them.")(check)


def check(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="The proof; - is standard input.")] = "-",
    problem: Annotated[
        str | None, typer.Option(help='What is to be proved: "premise # premise # goal".', show_default=False)
    ] = None,
    language: Annotated[Language, typer.Option(help="The proof's language.")] = Language.ndl,
    mode: Annotated[
        Mode, typer.Option(help="strict: the language exactly; instrumented: read through surface slips.")
    ] = Mode.instrumented,
    profile: Annotated[
        Profile,
        typer.Option(
            help="surface: slips of the pen only; paper: also any wrong conclusion where what holds is inconsistent, "
            "as the published verdicts do."
        ),
    ] = Profile.surface,
    output: Annotated[Format, typer.Option("--format", help="How to write the verdict.")] = Format.text,
    all_failures: Annotated[bool, typer.Option("--all-failures", help="Go on after the first failure.")] = False,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='Check every {"problem": ..., "proof": ...} of a JSONL (- is stdin) or .parquet file; '
            "writes one verdict a line, as JSON.",
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=1024, help="Worker processes for --jsonl.")] = 1,
    engine: Annotated[Engine, typer.Option(help="For --jsonl: this machine, or a Ray cluster (RAY_ADDRESS).")] = (
        Engine.local
    ),
) -> None:
    """Check a proof: exit 0 correct, 1 incorrect, 2 cannot read the input, 3 over the limits."""
    options = {
        "language": language.value,
        "mode": mode.value,
        "profile": profile.value,
        "all_failures": all_failures,
    }
    if jsonl is not None:
        if problem is not None or file != "-":
            raise UserError("with --jsonl the problems and proofs come from its file: leave out FILE and --problem")
        raise typer.Exit(_check_lines(jsonl, options, jobs, engine))
    if problem is None:
        raise UserError('say what is to be proved: --problem "premise # ... # goal" (or give a file with --jsonl)')
    raise typer.Exit(_check_one(file, problem, options, output))


def _check_one(file: str, problem: str, options: dict[str, Any], output: Format) -> int:
    from proofgrid.checker import check as check_proof
    from proofgrid.checker.render import render, wants_colour

    text = read_text(file)
    verdict = check_proof(problem, text, **options)
    if output is Format.json:
        _write(json.dumps(verdict.to_json()))
    else:
        name = "<stdin>" if file == "-" else file
        wide = sys.stdout.isatty() or "COLUMNS" in os.environ
        width = max(40, shutil.get_terminal_size().columns) if wide else None
        _write(render(verdict, name=name, colour=wants_colour(sys.stdout), width=width))
    if verdict.failure is not None and verdict.failure.class_ == "limit":
        return OVER_LIMITS
    return CORRECT if verdict.correct else INCORRECT


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def _check_lines(jsonl: str, options: dict[str, Any], jobs: int, engine: Engine) -> int:
    worst = CORRECT
    rank = {CORRECT: 0, INCORRECT: 1, OVER_LIMITS: 2, UNREADABLE: 3}
    try:
        lines = read_parquet_lines(jsonl) if jsonl.endswith(".parquet") else read_byte_lines(jsonl)
        results = _results(lines, options, jobs) if engine is Engine.local else _on_ray(lines, options)
        for code, line in results:
            sys.stdout.write(line + "\n")
            worst = max(worst, code, key=lambda c: rank[c])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return worst


def _results(lines: Iterable[tuple[int, bytes]], options: dict[str, Any], jobs: int) -> Iterator[tuple[int, str]]:
    """Exit code and output line of every input line, in order, with at most a few chunks under way."""
    numbered = iter(lines)
    if jobs == 1:
        for number, line in numbered:
            yield _check_line(number, line, options)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    import proofgrid.checker  # noqa: F401 (before the fork: every worker has it then)

    context = get_context("fork" if "fork" in get_all_start_methods() else None)
    pending: deque[tuple[list[int], Future[list[tuple[int, str]]]]] = deque()
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) < 4 * jobs:
                chunk = list(islice(numbered, _CHUNK))
                if not chunk:
                    exhausted = True
                    break
                try:
                    pending.append(([number for number, _ in chunk], pool.submit(_check_chunk, chunk, options)))
                except BrokenProcessPool as error:
                    raise UserError("a worker process died (out of memory?): try fewer --jobs") from error
            if pending:
                try:
                    yield from pending.popleft()[1].result()
                except BrokenProcessPool as error:
                    raise UserError("a worker process died (out of memory?): try fewer --jobs") from error


def _on_ray(lines: Iterable[tuple[int, bytes]], options: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """As :func:`_results`, on a Ray cluster."""
    from proofgrid.integrations.ray import ray_map

    def lost(line: tuple[int, bytes]) -> tuple[int, str]:
        return UNREADABLE, _error(line[0], "every process that checked this line ended (out of memory?)")

    return ray_map(partial(_check_chunk, options=options), lines, lost)


def _check_chunk(chunk: Sequence[tuple[int, bytes]], options: dict[str, Any]) -> list[tuple[int, str]]:
    return [_check_line(number, line, options) for number, line in chunk]


def _check_line(number: int, line: bytes, options: dict[str, Any]) -> tuple[int, str]:
    """One object in, one out: a verdict, or ``{"error": ..., "line": ...}`` where the object cannot be read."""
    from proofgrid.checker import CheckerError
    from proofgrid.checker import check as check_proof

    try:
        data = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return UNREADABLE, _error(number, "this line is not UTF-8")
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep or not readable"
        return UNREADABLE, _error(number, f"this line is no JSON object ({what})")
    if not isinstance(data, dict):
        return UNREADABLE, _error(number, "this line is no JSON object")
    identity = {"id": data["id"]} if isinstance(data.get("id"), (str, int)) else {}
    for key in ("problem", "proof"):
        if key not in data:
            return UNREADABLE, _error(number, f'the object lacks "{key}"', identity)
    if not isinstance(data["proof"], str):
        return UNREADABLE, _error(number, '"proof" is not a text', identity)
    chosen = {**options, **{key: data[key] for key in ("language", "mode", "profile") if key in data}}
    try:
        verdict = check_proof(data["problem"], data["proof"], **chosen)
    except (CheckerError, ValueError, TypeError) as error:
        return UNREADABLE, _error(number, str(error), identity)
    over = verdict.failure is not None and verdict.failure.class_ == "limit"
    code = OVER_LIMITS if over else CORRECT if verdict.correct else INCORRECT
    return code, json.dumps({**identity, **verdict.to_json()})


def _error(number: int, message: str, identity: dict[str, Any] | None = None) -> str:
    return json.dumps({**(identity or {}), "error": message, "line": number})
