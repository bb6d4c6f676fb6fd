"""``proofgrid stability``: ask models, alone and afresh, about the inferences that their flawed proofs rest on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proofgrid.checker.counting import count

if TYPE_CHECKING:
    from proofgrid.models.config import ModelConfig
    from proofgrid.run.display import Silent
    from proofgrid.run.state import Ending
    from proofgrid.run.store import RunStore
    from proofgrid.stability.measure import Stability

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Ask models about inferences they wrote themselves.")(stability)


def stability(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    controls: Annotated[float, Opt(min=0, help="Controls of each kind for each flawed inference.")] = 1.0,
    samples: Annotated[int, Opt(min=1, help="Times each question is asked.")] = 1,
    seed: Annotated[int, Opt(help="Of the controls and the questions' wording.")] = 0,
    model: Annotated[list[str] | None, Opt("--model", help="Only these models (their names in the run).")] = None,
    concurrency: Annotated[int, Opt(min=1, help="Most requests in flight for each model.")] = 64,
    max_cost: Annotated[float | None, Opt(min=0, help="Stop before the run has spent more USD than this.")] = None,
    retry_errors: Annotated[bool, Opt("--retry-errors", help="Ask again where the server failed.")] = False,
    out: Annotated[Path | None, Opt(help="Folder for tables, the plot and the cases.")] = None,
    dry_run: Annotated[bool, Opt("--dry-run", help="Print calls, tokens and cost; ask nothing.")] = False,
    report_only: Annotated[bool, Opt("--report-only", help="Ask nothing; show what was answered.")] = False,
    quiet: Annotated[bool, Opt("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Does a model reject, alone, the inference it wrote in a proof? Run again to complete what is missing."""
    from proofgrid.errors import UserError
    from proofgrid.run.display import make_display
    from proofgrid.run.state import RunOptions
    from proofgrid.stability.measure import measure

    if out is not None and out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; --out names a folder")
    display = make_display(quiet)
    outcome: Ending | None = None
    if not report_only:
        options = RunOptions(concurrency=concurrency, max_cost=max_cost)
        outcome = _ask(run, controls, samples, seed, model or [], retry_errors, options, display, dry_run)
        if dry_run:
            return
    found = measure(run)
    if not quiet:
        _print(found)
    if out is not None:
        from proofgrid.stability.output import write_stability

        write_stability(found, out)
        typer.echo(f"{out / 'stability.md'}")
    if outcome is not None and outcome.interrupted:
        display.say("interrupted; everything that arrived is kept, and the same command goes on")
        raise typer.Exit(130)
    if outcome is not None and not outcome.complete:
        display.say("not complete: the same command goes on (add --retry-errors where the server failed)")
        raise typer.Exit(1)


def _ask(
    run: Path,
    controls: float,
    samples: int,
    seed: int,
    models: list[str],
    retry_errors: bool,
    options: Any,
    display: Silent,
    dry_run: bool,
) -> Ending | None:
    from proofgrid.errors import UserError
    from proofgrid.irt.esi import proofs_needed
    from proofgrid.run.load import load_run
    from proofgrid.run.plan import describe_estimates, estimate, invocation_facts, missing_cells
    from proofgrid.run.runner import execute
    from proofgrid.run.store import RunStore
    from proofgrid.stability.plan import PROOF_TASKS, plan
    from proofgrid.tasks.questions.stability import StabilityQuestion

    scored = load_run(run)
    made = plan(scored, controls, seed)
    if unknown := [name for name in models if name not in made.questions]:
        known = ", ".join(made.questions) or "none that wrote a proof"
        raise UserError(f"this run has no proofs by '{unknown[0]}'; its models are {known}")
    if not made.problems:
        raise UserError(
            f"{run} holds no flawed proof whose first failure can be asked about ({', '.join(PROOF_TASKS)})"
        )
    chosen = [label for label in made.questions if made.questions[label] and (not models or label in models)]
    task = StabilityQuestion()
    with RunStore.open(run) as store:
        configs = _configs(store, chosen)
        store.add_items((problem, task.prompt(problem.shown)) for problem in made.problems)
        cells = {
            label: list(
                missing_cells(store, label, [p.id for p in made.questions[label]], samples, retry_errors=retry_errors)
            )
            for label in chosen
        }
        for line in describe_estimates([estimate(c, store, cells[c.label]) for c in configs]):
            (sys.stdout.write(line + "\n") if dry_run else display.note(line))
        flawed = sum(question.reference["class"] == "flawed" for q in made.questions.values() for question in q)
        wanted = proofs_needed(0.14)
        hint = (
            f"{count(flawed, 'flawed inference')} of {count(len(chosen), 'model')}: "
            f"about {wanted} a model give ESI* to ±.14"
        )
        (sys.stdout.write(hint + "\n") if dry_run else display.note(hint))
        if dry_run:
            return None
        arguments = {"controls": controls, "samples": samples, "seed": seed, "models": models}
        invocation = store.begin(invocation_facts({"stability": arguments}))
        try:
            return execute(store, configs, cells, options, display.say, _watch(cells, display))
        finally:
            store.end(invocation)


def _configs(store: RunStore, labels: list[str]) -> list[ModelConfig]:
    """The latest configuration of each model: the same parameters as in the run. Raises UserError for imports."""
    from proofgrid.errors import UserError
    from proofgrid.models.spec import refuse_foreign_key

    latest = {config.label: config for config in store.models()}
    configs = [latest[label] for label in labels]
    if imported := [config.label for config in configs if config.api == "import"]:
        raise UserError(
            f"the answers of {imported[0]} were imported, so there is nobody to ask; leave it out with --model"
        )
    for config in configs:  # a run's folder may come from anybody
        for name in config.key_env:
            if config.base_url is not None and name not in ("PROOFGRID_API_KEY", "VLLM_API_KEY"):
                refuse_foreign_key(config.spec, name, config.base_url)
    return configs


def _watch(cells: dict[str, Any], display: Silent) -> Any:
    def watch(runner: Any) -> Any:
        for label, state in runner.states.items():
            state.total = len(cells[label])
        return display.watch(runner)

    return watch


def _print(found: Stability) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from proofgrid.report.names import shortened
    from proofgrid.report.text import visible
    from proofgrid.stability.output import REASONS, interval_text, share_text

    console = Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=160)
    wide = console.width >= 120
    heads = ("model", "accuracy", "flawed", "asked", "rejected", "ESI", "95%", "c", "r", "ESI*", "95%")
    kept = range(len(heads)) if wide else (0, 1, 3, 5, 7, 8, 9, 10)
    names = shortened([one.model for one in found.models], max(18, console.width - (96 if wide else 54)))
    table = Table(
        title="Epistemic stability", box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1), pad_edge=False
    )
    for at in kept:
        table.add_column(heads[at], justify="right" if at else "left", no_wrap=True)
    for one, name in zip(found.models, names, strict=True):
        index = one.index
        cells = (
            name, share_text(one.accuracy), str(one.flawed_proofs), str(index.asked), f"{index.rejected:g}",
            share_text(index.esi), interval_text(index.esi_interval), share_text(index.c), share_text(index.r),
            share_text(index.corrected), interval_text(index.corrected_interval),
        )  # fmt: skip
        table.add_row(*(Text(visible(cells[at])) for at in kept))
    console.print(table)
    for one, name in zip(found.models, names, strict=True):
        if one.index.reason:
            console.print(
                f"{visible(name)}: no corrected index, {REASONS.get(one.index.reason, one.index.reason)}",
                markup=False, highlight=False,
            )  # fmt: skip
    if not wide and found.models:
        typer.echo("ESI: share of its own flawed inferences that a model holds valid; ESI* corrects it by c and r.")
