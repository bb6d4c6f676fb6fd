"""``proofgrid run``: put items to models; the same command again completes what is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from proofgrid.models.config import ModelConfig
    from proofgrid.run.display import Silent
    from proofgrid.run.plan import Source
    from proofgrid.run.records import Cell
    from proofgrid.run.state import Ending
    from proofgrid.run.store import RunStore

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(run)


def run(
    model: Annotated[list[str] | None, Opt(help="Model spec (provider/name); may be repeated.")] = None,
    models: Annotated[Path | None, Opt(help="A models.yaml: specs with parameters and prices.")] = None,
    task: Annotated[list[str] | None, Opt(help="Task id, or all; may be repeated.")] = None,
    suite: Annotated[str | None, Opt(help="Frozen suite; v1 where no other source is named.")] = None,
    seed: Annotated[int | None, Opt(help="Generate items from this seed instead.")] = None,
    items: Annotated[Path | None, Opt(help="A file that `proofgrid generate` wrote, instead.")] = None,
    limit: Annotated[int | None, Opt(min=1, help="Items of each task.")] = None,
    level: Annotated[int | None, Opt(min=1, help="Only items of this level.")] = None,
    samples: Annotated[int, Opt(min=1, help="Attempts at each item.")] = 1,
    run: Annotated[Path | None, Opt("--run", help="The run's folder; runs/... by default.")] = None,
    max_cost: Annotated[float | None, Opt(min=0, help="Stop before spending more USD than this.")] = None,
    max_tokens_total: Annotated[int | None, Opt(min=1, help="Stop before using more tokens than this.")] = None,
    concurrency: Annotated[int, Opt(min=1, help="Most requests in flight for each model.")] = 64,
    base_url: Annotated[str | None, Opt(help="A running OpenAI-compatible server, for all models given.")] = None,
    max_tokens: Annotated[int | None, Opt(min=1, help="Bound on an answer's tokens.")] = None,
    temperature: Annotated[float | None, Opt(min=0, help="Sampling temperature; the server's own by default.")] = None,
    reasoning_effort: Annotated[str | None, Opt(help="For models that take one: low, medium, high, ...")] = None,
    repair: Annotated[int, Opt(min=0, help="Show failed proofs to their model and ask again, up to N times.")] = 0,
    retry_errors: Annotated[bool, Opt("--retry-errors", help="Ask again where the server failed.")] = False,
    retry_truncated: Annotated[
        bool, Opt("--retry-truncated", help="Ask again, with --max-tokens N, only where answers were cut.")
    ] = False,
    adaptive: Annotated[str | None, Opt(help="Choose items by information until se=X is reached.")] = None,
    bank: Annotated[Path | None, Opt(help="Item parameters for --adaptive.")] = None,
    batch: Annotated[
        bool, Opt("--batch", help="Use the batch interface of OpenAI and Anthropic: half the price.")
    ] = False,
    batch_poll: Annotated[float, Opt(min=0, hidden=True)] = 30.0,
    max_retries: Annotated[int, Opt(min=0, help="Tries after a failure before it is an api_error.")] = 6,
    backoff: Annotated[float, Opt(min=0, hidden=True)] = 0.5,
    dry_run: Annotated[bool, Opt("--dry-run", help="Print calls, tokens and cost; ask nothing.")] = False,
    quiet: Annotated[bool, Opt("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Put items to models and keep every answer the moment it arrives. Run again to complete what is missing."""
    from proofgrid.errors import UserError
    from proofgrid.models.entries import configurations
    from proofgrid.run.display import make_display
    from proofgrid.run.plan import gather, invocation_facts, parse_tasks, with_max_tokens
    from proofgrid.run.state import RunOptions
    from proofgrid.run.store import RunStore

    overrides = {"max_tokens": max_tokens, "temperature": temperature, "reasoning_effort": reasoning_effort}
    configs = configurations(model or [], models, overrides, base_url, batch)
    if retry_truncated:
        if max_tokens is None:
            raise UserError("--retry-truncated needs --max-tokens N, larger than the bound that cut the answers")
        configs = [with_max_tokens(config, max_tokens) for config in configs]
    if repair and any(config.batch for config in configs):
        raise UserError("--repair needs answers at once and cannot use batches; leave one of the two out")
    source = _source(suite, seed, items, parse_tasks(task or []), limit, level)
    unpriced = [config.label for config in configs if config.prices is None and not config.local]
    if max_cost is not None and unpriced:
        raise UserError(f"--max-cost needs the price of {unpriced[0]}: add prices to models.yaml")
    options = RunOptions(
        concurrency=concurrency,
        max_retries=max_retries,
        backoff=backoff,
        repair=repair,
        max_cost=max_cost,
        max_tokens_total=max_tokens_total,
        batch_poll=batch_poll,
    )
    folder = run or _folder(source)
    display = make_display(quiet)
    with RunStore.open(folder) as store:
        ids = gather(store, source)
        invocation = store.begin(invocation_facts(_arguments(locals())))
        try:
            outcome: Ending | None
            if adaptive is not None:
                outcome = _adaptive(store, configs, ids, adaptive, bank, options, display)
            else:
                wanted = _wanted(store, configs, ids, samples, retry_errors, retry_truncated, repair)
                outcome = _execute(store, configs, wanted, ids, samples, options, display, dry_run)
        finally:
            store.end(invocation)
    if outcome is not None:
        _finish(folder, outcome, display, quiet)


_ARGUMENTS = (
    *("model", "models", "task", "suite", "seed", "items", "limit", "level", "samples", "max_cost", "max_tokens_total"),
    *("concurrency", "base_url", "max_tokens", "temperature", "reasoning_effort", "repair", "retry_errors"),
    *("retry_truncated", "adaptive", "bank", "batch", "max_retries"),
)
"""Of the command line, what the run's header keeps."""


def _arguments(values: dict[str, Any]) -> dict[str, Any]:
    plain = {name: values[name] for name in _ARGUMENTS if values[name] not in (None, False, [])}
    return {name: str(value) if isinstance(value, Path) else value for name, value in plain.items()}


def _source(
    suite: str | None,
    seed: int | None,
    items: Path | None,
    tasks: tuple[str, ...],
    limit: int | None,
    level: int | None,
) -> Source:
    from proofgrid.errors import UserError
    from proofgrid.run.plan import Source

    if sum(value is not None for value in (suite, seed, items)) > 1:
        raise UserError("give one of --suite, --seed and --items")
    if seed is not None:
        return Source("seed", str(seed), tasks, limit, level)
    if items is not None:
        return Source("file", str(items), tasks, limit, level)
    return Source("suite", suite or "v1", tasks, limit, level)


def _folder(source: Source) -> Path:
    """The same folder for the same items, so that the same command resumes."""
    from proofgrid.tasks import TASK_IDS

    name = {"suite": Path(source.name).name, "seed": f"seed{source.name}", "file": Path(source.name).stem}[source.kind]
    tasks = "all" if source.tasks == TASK_IDS else "+".join(source.tasks)
    return Path("runs") / f"{name}-{tasks if len(tasks) < 80 else f'{len(source.tasks)}-tasks'}"


def _wanted(
    store: RunStore,
    configs: list[ModelConfig],
    ids: list[str],
    samples: int,
    retry_errors: bool,
    retry_truncated: bool,
    repair: int,
) -> dict[str, list[Cell]]:
    from proofgrid.run.plan import check_same_parameters, missing_cells, truncated_cells

    if retry_truncated:
        return {config.label: truncated_cells(store, config.label) for config in configs}
    check_same_parameters(store, configs)
    return {
        config.label: list(missing_cells(store, config.label, ids, samples, retry_errors=retry_errors, repair=repair))
        for config in configs
    }


def _execute(
    store: RunStore,
    configs: list[ModelConfig],
    wanted: dict[str, list[Cell]],
    ids: list[str],
    samples: int,
    options: Any,
    display: Silent,
    dry_run: bool,
) -> Ending | None:
    from proofgrid.run.plan import describe_estimates, estimate
    from proofgrid.run.runner import execute

    estimates = [estimate(config, store, wanted[config.label], options.repair) for config in configs]
    for line in describe_estimates(estimates):
        (sys.stdout.write(line + "\n") if dry_run else display.note(line))
    if dry_run:
        return None
    return execute(store, configs, wanted, options, display.say, _watch(store, wanted, ids, samples, display))


def _watch(store: RunStore, wanted: dict[str, list[Cell]], ids: list[str], samples: int, display: Silent) -> Any:
    """Counters start where the store stands."""
    from proofgrid.scoring import scorer_fingerprint

    def watch(runner: Any) -> Any:
        kept = set(ids)
        for label, state in runner.states.items():
            first = [
                (key, failed) for item, _, round_, key, failed in store.states(label) if item in kept and not round_
            ]
            again = {cell.item for cell in wanted[label] if cell.round == 0} if wanted[label] else set()
            outcomes = store.outcomes(scorer_fingerprint(), label)
            state.total = len(ids) * samples
            state.done = max(0, state.total - sum(cell.round == 0 for cell in wanted[label]))
            state.scored = sum(key in outcomes for key, failed in first if not failed)
            state.correct = sum(outcomes.get(key) == "correct" for key, _ in first)
            state.errors = 0 if again else sum(failed for _, failed in first)
        return display.watch(runner)

    return watch


def _adaptive(
    store: RunStore,
    configs: list[ModelConfig],
    ids: list[str],
    adaptive: str,
    bank: Path | None,
    options: Any,
    display: Silent,
) -> Ending:
    from proofgrid.errors import UserError
    from proofgrid.run.plan import check_same_parameters

    if bank is None:
        raise UserError("--adaptive needs --bank FILE: the item parameters that `proofgrid irt` wrote")
    check_same_parameters(store, configs)
    from proofgrid.commands.adaptive import run_adaptive

    outcome: Ending = run_adaptive(store, configs, ids, adaptive, bank, options, display)
    return outcome


def _finish(folder: Path, outcome: Ending, display: Silent, quiet: bool) -> None:
    from proofgrid.commands.summary import print_summary

    if not quiet:
        print_summary(folder, outcome)
    if outcome.interrupted:
        display.say("interrupted; everything that arrived is kept, and the same command goes on")
        raise typer.Exit(130)
    if outcome.stops:
        if quiet is False:
            display.say("not complete: the same command goes on")
        raise typer.Exit(1 if outcome.exhausted else 2)
    if not outcome.complete:
        raise typer.Exit(1)
