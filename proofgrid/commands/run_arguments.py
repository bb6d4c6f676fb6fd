"""The options of ``proofgrid run`` as one value: a field here is an option there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

Opt = typer.Option


class Counted(StrEnum):
    """What an api_error counts as."""

    missing = "missing"
    wrong = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArguments:
    """What a user wrote. Fields are options of the same name, ``_`` written ``-``."""

    model: Annotated[list[str] | None, Opt(help="Model spec (provider/name); may be repeated.")] = None
    models: Annotated[Path | None, Opt(help="A models.yaml: specs with parameters and prices.")] = None
    task: Annotated[list[str] | None, Opt(help="Task id, or all; may be repeated.")] = None
    suite: Annotated[str | None, Opt(help="Frozen suite; v1 if no other source is named.")] = None
    seed: Annotated[int | None, Opt(help="Generate items from this seed instead.")] = None
    seeds: Annotated[
        int | None,
        Opt(min=1, help="Generate from so many seeds, from --seed (or 1) on; says how much they vary."),
    ] = None
    items: Annotated[Path | None, Opt(help="A file that `proofgrid generate` wrote, instead.")] = None
    limit: Annotated[int | None, Opt(min=1, help="Items of each task.")] = None
    level: Annotated[int | None, Opt(min=1, help="Only items of this level.")] = None
    subset_seed: Annotated[
        int | None, Opt(help="With --limit N: a random N of each task, drawn with this seed, not the first N.")
    ] = None
    item: Annotated[list[str] | None, Opt(help="Only the item of this id; may be repeated.")] = None
    samples: Annotated[int, Opt(min=1, help="Attempts at each item.")] = 1
    run: Annotated[Path | None, Opt("--run", help="The run's folder; runs/... by default.")] = None
    max_cost: Annotated[float | None, Opt(min=0, help="Stop before spending more USD than this.")] = None
    max_tokens_total: Annotated[int | None, Opt(min=1, help="Stop before using more tokens than this.")] = None
    concurrency: Annotated[int, Opt(min=1, help="Most requests in flight for each model.")] = 64
    base_url: Annotated[str | None, Opt(help="A running OpenAI-compatible server, for all models given.")] = None
    max_tokens: Annotated[int | None, Opt(min=1, help="Bound on an answer's tokens.")] = None
    temperature: Annotated[float | None, Opt(min=0, help="Sampling temperature; the server's own by default.")] = None
    reasoning_effort: Annotated[str | None, Opt(help="For models that take one: low, medium, high, ...")] = None
    constrain: Annotated[
        bool, Opt("--constrain", help="Generate answers under the grammar of the task's answer; reasoning stays free.")
    ] = False
    repair: Annotated[int, Opt(min=0, help="Show failed proofs to their model and ask again, up to N times.")] = 0
    retry_errors: Annotated[bool, Opt("--retry-errors", help="Ask again where the server failed.")] = False
    retry_truncated: Annotated[
        bool, Opt("--retry-truncated", help="Ask again, with --max-tokens N, only where answers were cut.")
    ] = False
    adaptive: Annotated[str | None, Opt(help="Choose items by information until se=X is reached.")] = None
    bank: Annotated[Path | None, Opt(help="Item parameters for --adaptive.")] = None
    batch: Annotated[bool, Opt("--batch", help="Use OpenAI's and Anthropic's batch interface: half the price.")] = False
    batch_poll: Annotated[float, Opt(min=0, hidden=True)] = 30.0
    max_retries: Annotated[
        int | None, Opt(min=0, help="Tries after a failure before it is an api_error; 6 by default.")
    ] = None
    max_throttles: Annotated[
        int | None, Opt(min=0, help="Of these, after a 429; 30 by default, or as --max-retries says.")
    ] = None
    max_errors: Annotated[
        str | None, Opt(metavar="N|P%", help="Stop a model after N api_errors, or when over P% of 20 or more failed.")
    ] = None
    fail_under: Annotated[
        float | None,
        Opt(min=0, max=100, metavar="PCT", help="Exit 1 if a model solves less than this of the items asked for."),
    ] = None
    backoff: Annotated[float, Opt(min=0, hidden=True)] = 0.5
    errors_as: Annotated[Counted | None, Opt(help="What api_errors count as in every figure; missing by default.")] = (
        None
    )
    context_errors: Annotated[
        Counted | None, Opt(help="The same for prompts longer than the model's window; by default as --errors-as.")
    ] = None
    allow_key_env: Annotated[
        list[str] | None, Opt(metavar="VARIABLE", help="An api_key_env that may be sent to any server; repeatable.")
    ] = None
    moved_server: Annotated[
        bool, Opt("--moved-server", help="The run's model is the same at another base URL than before.")
    ] = False
    dry_run: Annotated[bool, Opt("--dry-run", help="Print calls, tokens and cost; ask nothing.")] = False
    quiet: Annotated[bool, Opt("--quiet", help="No progress, no table.")] = False

    def header(self) -> dict[str, Any]:
        """What the run's header keeps: every option that was set, but for how the command shows itself."""
        unsaid = ("run", "quiet", "dry_run", "backoff", "batch_poll")
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in unsaid and getattr(self, field.name) not in (None, False, [])
        }
        return {name: str(value) if isinstance(value, Path | StrEnum) else value for name, value in said.items()}


def as_command(work: Callable[[RunArguments], None]) -> Callable[..., None]:
    """A function that typer reads RunArguments' options from, and that calls ``work`` with them."""

    def command(**options: Any) -> None:
        work(RunArguments(**options))

    hints = get_type_hints(RunArguments, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(field.name, kind, default=field.default, annotation=hints[field.name])
        for field in fields(RunArguments)
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {field.name: hints[field.name] for field in fields(RunArguments)}
    command.__name__, command.__doc__ = work.__name__, work.__doc__
    return command
