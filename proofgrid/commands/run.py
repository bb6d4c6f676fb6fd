"""``proofgrid run``: put items to models; the same command again completes what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from proofgrid.commands.run_arguments import RunArguments, as_command
from proofgrid.errors import UserError

if TYPE_CHECKING:
    from proofgrid.models.config import ModelConfig
    from proofgrid.run.display import Silent
    from proofgrid.run.plan import Source
    from proofgrid.run.records import Cell
    from proofgrid.run.runner import Runner
    from proofgrid.run.state import Ending, RunOptions
    from proofgrid.run.store import RunStore


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(as_command(run))


def run(said: RunArguments) -> None:
    """Put items to models and keep every answer the moment it arrives. Run again to complete what is missing."""
    from proofgrid.run.display import make_display
    from proofgrid.run.plan import gather, invocation_facts, parse_tasks

    configs = _configurations(said)
    source = _source(said, parse_tasks(said.task or []))
    folder = said.run or _folder(source)
    display = make_display(said.quiet)
    with _store(folder, said.dry_run) as store:
        ids = gather(store, source)
        _set_policy(store, said)
        invocation = store.begin(invocation_facts(said.header(), configs))
        try:
            if said.adaptive is not None:
                ending: Ending | None = _adaptive(store, configs, ids, said, display)
            else:
                ending = _execute(store, configs, ids, said, display)
        finally:
            store.end(invocation)
    if ending is not None:
        _finish(folder, ending, display, said.quiet)


def _configurations(said: RunArguments) -> list[ModelConfig]:
    """The models to ask. Raises UserError if what is asked of them does not go together."""
    from proofgrid.models.entries import configurations
    from proofgrid.run.plan import with_max_tokens

    overrides = {
        "max_tokens": said.max_tokens,
        "temperature": said.temperature,
        "reasoning_effort": said.reasoning_effort,
    }
    allowed = said.allow_key_env or []
    configs = configurations(said.model or [], said.models, overrides, said.base_url, said.batch, allowed)
    if said.retry_truncated:
        if said.max_tokens is None:
            raise UserError("--retry-truncated needs --max-tokens N, larger than the bound that cut the answers")
        configs = [with_max_tokens(config, said.max_tokens) for config in configs]
    if said.repair and any(config.batch for config in configs):
        raise UserError("--repair needs answers at once and cannot use batches; leave one of the two out")
    unpriced = [config.label for config in configs if not config.priced and not config.local]
    if said.max_cost is not None and unpriced:
        raise UserError(f"--max-cost needs the price of {unpriced[0]}: add prices to models.yaml")
    return configs


def _options(said: RunArguments) -> RunOptions:
    from proofgrid.run.state import DEFAULT_THROTTLES, RunOptions

    throttles = said.max_throttles
    if throttles is None and said.max_retries is None:
        throttles = DEFAULT_THROTTLES
    return RunOptions(
        concurrency=said.concurrency,
        max_retries=6 if said.max_retries is None else said.max_retries,
        max_throttles=throttles,
        backoff=said.backoff,
        repair=said.repair,
        max_cost=said.max_cost,
        max_tokens_total=said.max_tokens_total,
        batch_poll=said.batch_poll,
    )


def _source(said: RunArguments, tasks: tuple[str, ...]) -> Source:
    from proofgrid.run.plan import Source

    if sum(value is not None for value in (said.suite, said.seed, said.items)) > 1:
        raise UserError("give one of --suite, --seed and --items")
    if said.seed is not None:
        return Source("seed", str(said.seed), tasks, said.limit, said.level)
    if said.items is not None:
        return Source("file", str(said.items), tasks, said.limit, said.level)
    return Source("suite", said.suite or "v1", tasks, said.limit, said.level)


def _folder(source: Source) -> Path:
    """The same folder for the same items, so that the same command resumes."""
    from proofgrid.tasks import TASK_IDS

    name = {"suite": Path(source.name).name, "seed": f"seed{source.name}", "file": Path(source.name).stem}[source.kind]
    tasks = "all" if source.tasks == TASK_IDS else "+".join(source.tasks)
    return Path("runs") / f"{name}-{tasks if len(tasks) < 80 else f'{len(source.tasks)}-tasks'}"


@contextmanager
def _store(folder: Path, dry: bool) -> Iterator[RunStore]:
    """The run's store; for ``--dry-run`` a copy that is thrown away, so that nothing is left behind."""
    from proofgrid.run.files import DATABASE
    from proofgrid.run.store import RunStore

    if not dry:
        with RunStore.open(folder) as store:
            yield store
        return
    with TemporaryDirectory(prefix="proofgrid-") as name:
        if (folder / DATABASE).exists():
            with RunStore.read(folder) as there:
                there.copy_to(Path(name) / DATABASE)
        with RunStore.open(name) as store:
            yield store


def _set_policy(store: RunStore, said: RunArguments) -> None:
    """What api_errors count as, if the command says it; else it stays as it was."""
    from proofgrid.scoring import ErrorPolicy

    old = store.policy()
    errors = old.errors if said.errors_as is None else said.errors_as.value
    context = old.context if said.context_errors is None else said.context_errors.value
    store.set_policy(ErrorPolicy(errors, context))


def _wanted(store: RunStore, configs: list[ModelConfig], ids: list[str], said: RunArguments) -> dict[str, list[Cell]]:
    from proofgrid.run.plan import check_same_model, missing_cells, truncated_cells

    check_same_model(store, configs, parameters=not said.retry_truncated, server=not said.moved_server)
    if said.retry_truncated:
        return {config.label: truncated_cells(store, config.label) for config in configs}
    return {
        config.label: list(
            missing_cells(store, config.label, ids, said.samples, retry_errors=said.retry_errors, repair=said.repair)
        )
        for config in configs
    }


def _execute(
    store: RunStore, configs: list[ModelConfig], ids: list[str], said: RunArguments, display: Silent
) -> Ending | None:
    from proofgrid.run.plan import describe_estimates, estimate
    from proofgrid.run.runner import execute

    wanted = _wanted(store, configs, ids, said)
    estimates = [estimate(config, store, wanted[config.label], said.repair) for config in configs]
    for line in describe_estimates(estimates):
        (sys.stdout.write(line + "\n") if said.dry_run else display.note(line))
    if said.dry_run:
        return None
    watch = _watch(store, wanted, ids, said.samples, display)
    return execute(store, configs, wanted, _options(said), display.say, watch)


def _watch(
    store: RunStore, wanted: dict[str, list[Cell]], ids: list[str], samples: int, display: Silent
) -> Callable[[Runner], Callable[[], None]]:
    """Counters start where the store stands."""
    from proofgrid.scoring import scorer_fingerprint

    def watch(runner: Runner) -> Callable[[], None]:
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
    store: RunStore, configs: list[ModelConfig], ids: list[str], said: RunArguments, display: Silent
) -> Ending:
    from proofgrid.commands.adaptive import run_adaptive
    from proofgrid.run.plan import check_same_model

    if said.bank is None or said.adaptive is None:
        raise UserError("--adaptive needs --bank FILE: the item parameters that `proofgrid irt` wrote")
    check_same_model(store, configs, server=not said.moved_server)
    return run_adaptive(store, configs, ids, said.adaptive, said.bank, _options(said), display)


def _finish(folder: Path, ending: Ending, display: Silent, quiet: bool) -> None:
    from proofgrid.commands.summary import print_summary

    if not quiet:
        print_summary(folder, ending)
    if ending.interrupted:
        display.say("interrupted; everything that arrived is kept, and the same command goes on")
        raise typer.Exit(130)
    if ending.stops:
        if quiet is False:
            display.say("not complete: the same command goes on")
        raise typer.Exit(1 if ending.exhausted else 2)
    if not ending.complete:
        raise typer.Exit(1)
