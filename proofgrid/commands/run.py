"""``proofgrid run``: put items to models; the same command again completes what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from proofgrid.commands.run_arguments import RunArguments, as_command
from proofgrid.errors import UserError

if TYPE_CHECKING:
    from proofgrid.models.config import ModelConfig
    from proofgrid.run.display import Silent
    from proofgrid.run.plan import Making, Source
    from proofgrid.run.records import Cell
    from proofgrid.run.runner import Runner
    from proofgrid.run.state import Ending, ErrorBound, RunOptions
    from proofgrid.run.store import RunStore


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Put items to models; run again to complete.")(as_command(run))


def run(said: RunArguments) -> None:
    """Put items to models and keep every answer the moment it arrives. Run again to complete what is missing."""
    from proofgrid.run.display import make_display
    from proofgrid.run.plan import invocation_facts, parse_tasks

    configs = _configurations(said)
    source = _source(said, parse_tasks(said.task or [*_tasks_of(said.item or [])]))
    options = _options(said)
    folder = said.run or _folder(source)
    display = make_display(said.quiet)
    with _store(folder, said.dry_run) as store:
        with display.making() as making:
            ids = _items(store, source, said.item or [], making)
        _set_policy(store, said)
        invocation = store.begin(invocation_facts(said.header(), configs))
        try:
            if said.adaptive is not None:
                ending: Ending | None = _adaptive(store, configs, ids, said, options, display)
            else:
                ending = _execute(store, configs, ids, said, options, display)
        finally:
            store.end(invocation)
    if ending is not None:
        _finish(folder, ending, display, said.quiet)
        if said.fail_under is not None:
            _demand(folder, [config.label for config in configs], ids, said.fail_under)


def _configurations(said: RunArguments) -> list[ModelConfig]:
    """The models to ask. Raises UserError if what is asked of them does not go together."""
    from proofgrid.models.entries import configurations
    from proofgrid.run.plan import with_max_tokens

    overrides = {
        "max_tokens": said.max_tokens,
        "temperature": said.temperature,
        "reasoning_effort": said.reasoning_effort,
        "constrain": said.constrain or None,
    }
    allowed = said.allow_key_env or []
    configs = configurations(said.model or [], said.models, overrides, said.base_url, said.batch, allowed)
    if said.retry_truncated:
        if said.max_tokens is None:
            raise UserError("--retry-truncated needs --max-tokens N, larger than the bound that cut the answers")
        configs = [with_max_tokens(config, said.max_tokens) for config in configs]
    if any(config.batch and config.constrain for config in configs):
        raise UserError("--constrain needs answers at once and cannot use batches; leave one of the two out")
    if said.repair and any(config.batch for config in configs):
        raise UserError("--repair needs answers at once and cannot use batches; leave one of the two out")
    unpriced = [config.label for config in configs if not config.priced and not config.local]
    if said.max_cost is not None and unpriced:
        raise UserError(f"--max-cost needs the price of {unpriced[0]}: add prices to models.yaml")
    return configs


def _options(said: RunArguments) -> RunOptions:
    from proofgrid.run.state import DEFAULT_THROTTLES, RunOptions

    if said.max_errors is not None and said.batch:
        raise UserError("--max-errors stops between requests, and a batch is one request: leave one of the two out")
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
        most_errors=_error_bound(said.max_errors),
    )


def _error_bound(text: str | None) -> ErrorBound | None:
    """``20`` or ``5%`` as a bound. Raises UserError."""
    from proofgrid.run.state import ErrorBound

    if text is None:
        return None
    try:
        number = float(text.removesuffix("%"))
        if text.endswith("%") and 0 <= number < 100:
            return ErrorBound(share=number / 100)
        if not text.endswith("%") and number >= 1 and number.is_integer():
            return ErrorBound(number=int(number))
    except ValueError:
        pass
    raise UserError(f"--max-errors takes a number of errors (20) or a share of the answers (5%), not '{text}'")


def _source(said: RunArguments, tasks: tuple[str, ...]) -> Source:
    from proofgrid.run.plan import Source

    generated = said.seed is not None or said.seeds is not None
    if sum((said.suite is not None, generated, said.items is not None)) > 1:
        raise UserError("give one of --suite, --seed (or --seeds) and --items")
    if generated:
        if said.subset_seed is not None:
            raise UserError("--subset-seed draws from a suite or from --items; generated items are random as they are")
        seed = 1 if said.seed is None else said.seed
        return Source("seed", str(seed), tasks, said.limit, said.level, seeds=said.seeds or 1)
    if said.subset_seed is not None and said.limit is None:
        raise UserError("--subset-seed needs --limit N: how many items of each task to draw")
    kind, name = ("suite", said.suite or "v1") if said.items is None else ("file", str(said.items))
    return Source(kind, name, tasks, said.limit, said.level, subset_seed=said.subset_seed)  # type: ignore[arg-type]


def _tasks_of(ids: list[str]) -> Iterator[str]:
    """The tasks that our own item ids begin with, so that --item alone does not read all of a suite."""
    from proofgrid.tasks import TASK_IDS

    yield from dict.fromkeys(task for name in ids for task in TASK_IDS if name.startswith(f"{task}-"))


def _items(store: RunStore, source: Source, named: list[str], making: Making) -> list[str]:
    """Ids of the items to ask, which are in the store afterwards. Items that the run has need no source."""
    from proofgrid.run.plan import gather

    known = set(store.items()) if named else set()
    if named and known.issuperset(named):
        return list(dict.fromkeys(named))
    return gather(store, replace(source, ids=tuple(dict.fromkeys(named))), making)


def _folder(source: Source) -> Path:
    """The same folder for the same items, so that the same command resumes."""
    from proofgrid.tasks import TASK_IDS

    seeds = f"seed{source.name}" if source.seeds == 1 else f"seeds{source.name}-{int(source.name) + source.seeds - 1}"
    name = {"suite": Path(source.name).name, "seed": seeds, "file": Path(source.name).stem}[source.kind]
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
    store: RunStore,
    configs: list[ModelConfig],
    ids: list[str],
    said: RunArguments,
    options: RunOptions,
    display: Silent,
) -> Ending | None:
    from proofgrid.run.plan import describe_estimates, estimate
    from proofgrid.run.runner import execute

    wanted = _wanted(store, configs, ids, said)
    estimates = [estimate(config, store, wanted[config.label], said.repair) for config in configs]
    for line in describe_estimates(estimates):
        (sys.stdout.write(line + "\n") if said.dry_run else display.note(line))
    for config in configs:
        if config.constrain is not None:
            display.note(f"{config.label}: answers are generated under a grammar ({config.constrain})")
    if said.dry_run:
        return None
    watch = _watch(store, wanted, ids, said.samples, display)
    return execute(store, configs, wanted, options, display.say, watch)


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
    store: RunStore,
    configs: list[ModelConfig],
    ids: list[str],
    said: RunArguments,
    options: RunOptions,
    display: Silent,
) -> Ending:
    from proofgrid.commands.adaptive import run_adaptive
    from proofgrid.run.plan import check_same_model

    if said.bank is None or said.adaptive is None:
        raise UserError("--adaptive needs --bank FILE: the item parameters that `proofgrid irt` wrote")
    check_same_model(store, configs, server=not said.moved_server)
    return run_adaptive(store, configs, ids, said.adaptive, said.bank, options, display)


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


def _demand(folder: Path, labels: list[str], ids: list[str], least: float) -> None:
    """Exit 1 if a model solved less than ``least`` percent of these items at its first try."""
    from proofgrid.run.load import load_outcomes
    from proofgrid.statistics import summarize

    attempts = load_outcomes(folder)
    rows = summarize(attempts[attempts["item"].isin(ids) & attempts["model"].isin(labels)])
    below = False
    for label in labels:
        own = rows[rows["model"] == label] if len(rows) else rows
        share = 100 * float(own["accuracy"].iloc[-1]) if len(own) else float("nan")
        if not share >= least:  # without an answer that was judged there is no share
            said = "nothing was judged" if share != share else f"{share:.1f}% correct"
            typer.echo(f"{label}: {said}, under --fail-under {least:g}", err=True)
            below = True
    if below:
        raise typer.Exit(1)
