"""The command line: one module a command under ``proofgrid.commands``, each with a ``register(app)``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

import proofgrid
from proofgrid.errors import UserError
from proofgrid.extras import missing_extra

COMMANDS = (
    "check",
    "tasks",
    "generate",
    "prompt",
    "run",
    "score",
    "irt",
    "compare",
    "stability",
    "report",
    "export",
    "export_dataset",
    "view",
    "serve",
    "show",
    "import_",
    "import_inspect",
    "lm_eval_path",
    "merge",
    "export_proof",
    "explain",
    "doctor",
    "benchmarks",
)
"""In the order that ``proofgrid --help`` shows. A command's heavy imports belong inside its function."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"proofgrid {proofgrid.__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Hold what every command shares."""


def command_line(commands: Sequence[str] = COMMANDS) -> typer.Typer:
    """Return the command line with these modules' commands: all of them, unless one is known to be asked for."""
    app = typer.Typer(
        name="proofgrid",
        help="Grade the reasoning, not the answer: machine-checkable proofs as a benchmark for language models.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # loading rich takes longer than all else that --help does
    )
    app.callback()(options)
    for command in commands:
        import_module(f"proofgrid.commands.{command}").register(app)
    return app


def _asked_for(arguments: Sequence[str]) -> Sequence[str]:
    """Modules that the arguments need: one where the first names a command, for the others need not be loaded then."""
    named = {command.strip("_").replace("_", "-"): command for command in COMMANDS}
    return [named[arguments[0]]] if arguments and arguments[0] in named else COMMANDS


def main() -> None:
    """Entry point: a user's mistake is one sentence on stderr and a non-zero exit, never a traceback."""
    try:
        command_line(_asked_for(sys.argv[1:]))()
    except UserError as error:
        _say(error)
    except ModuleNotFoundError as error:
        if (lacking := missing_extra(error)) is None:
            raise
        sys.stderr.write(f"proofgrid: {lacking}\n")
        sys.exit(lacking.exit_code)
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        sys.stderr.write(f"proofgrid: {where}{error.strerror or error}\n")
        sys.exit(2)
    except Exception as error:
        _mistake(error)


def _say(error: Exception) -> None:
    sys.stderr.write(f"proofgrid: {error}\n")
    sys.exit(getattr(error, "exit_code", 2))


def _mistake(error: Exception) -> None:
    """End with one sentence where an error is a user's, or a broken database; else raise it again.

    What raises them is imported only now: a command that needs none of it starts the sooner.
    """
    import sqlite3

    from proofgrid.checker import CheckerError
    from proofgrid.tasks import TaskError

    if isinstance(error, (TaskError, CheckerError)):
        _say(error)
    if isinstance(error, sqlite3.Error):
        sys.stderr.write(
            f"proofgrid: the run's database cannot be used: {error}; what was written before is kept: "
            "if the disk is sound and has room, copy the folder and try `sqlite3 run.sqlite .recover`\n"
        )
        sys.exit(2)
    raise error


if __name__ == "__main__":
    main()
