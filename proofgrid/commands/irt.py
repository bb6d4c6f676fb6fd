"""``proofgrid irt``: item response theory for runs, or for a matrix made elsewhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proofgrid.checker.counting import count

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.run.scored import ScoredRun


class Engine(StrEnum):
    """What estimates."""

    map = "map"
    girth = "girth"


class Truncated(StrEnum):
    """How an answer that was cut at the length limit enters the matrix."""

    wrong = "wrong"
    missing = "missing"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(name="irt", short_help="Estimate abilities, difficulties and information.")(irt_command)


def irt_command(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN...", help="Run folders.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write tables, plots and summary.md to.")] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(
            help="A CSV instead of runs: models in rows, items in columns, 0, 1 or empty; a first row `task`: tasks."
        ),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="map: our own; girth: the reference engine.")] = Engine.map,
    no_priors: Annotated[
        bool, typer.Option("--no-priors", help="Plain maximum likelihood (needs many models).")
    ] = False,
    flat: Annotated[bool, typer.Option("--flat", help="One prior for all items instead of one for each task.")] = False,
    truncated: Annotated[Truncated, typer.Option(help="What a truncated answer is.")] = Truncated.wrong,
    bootstrap: Annotated[int, typer.Option(min=0, help="Draws of models for intervals; 0 for none.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    guessing: Annotated[
        bool, typer.Option("--guessing/--no-guessing", help="Fix a floor at the task's chance where one can guess.")
    ] = True,
    save_bank: Annotated[Path | None, typer.Option(help="Write the items' parameters to this file.")] = None,
    bank: Annotated[Path | None, typer.Option(help="Fit nothing: place the models on the scale of this bank.")] = None,
) -> None:
    """Abilities, difficulties, information and what each task tells, with errors: tables, plots and a summary."""
    import sys

    from proofgrid.commands.threads import one_thread_for_matrices

    one_thread_for_matrices()
    from proofgrid import irt
    from proofgrid.commands.irt_tables import ability_lines, task_lines
    from proofgrid.commands.responses import read_responses
    from proofgrid.commands.terminal import columns, say
    from proofgrid.errors import UserError
    from proofgrid.irt.output import write_analysis
    from proofgrid.matrix import irt_arguments

    if out is None:
        raise UserError("name the folder to write to: --out DIR")
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; --out names a folder")
    try:
        loaded, found = read_responses(runs, matrix, "missing" if truncated is Truncated.missing else "wrong")
        if bank is not None:
            _score_against(bank, found.shares, found.asked, out)
            return
        arguments = irt_arguments(found, flat=flat, guessing=guessing and engine is Engine.map)
        table = arguments["responses"]
        if no_priors:
            arguments["priors"] = None
        analysis = irt.analyse(
            **arguments,
            engine=engine.value,
            features=item_features(loaded, table) if loaded else None,
            bootstrap=bootstrap,
            seed=seed,
        )
        write_analysis(analysis, out, facts(loaded, matrix, table, truncated.value))
        if save_bank is not None:
            saved = irt.make_bank(analysis.fit, suite_hashes(loaded))
            saved.save(save_bank)
            typer.echo(f"{save_bank}: {count(len(saved.items), 'item')}")
    except irt.IrtError as error:
        raise UserError(str(error)) from error
    width = columns(sys.stdout)
    typer.echo("\n".join([*ability_lines(analysis.fit, width), "", *task_lines(analysis.tasks, width), ""]))
    say("D1: how well a task's mean item tells these models apart, from 0 to 1 (proofgrid explain D1).")
    for sentence in analysis.cautions:
        say(f"note: {sentence}", indent="      ", err=True)
    typer.echo(f"{out / 'summary.md'}")


def item_features(runs: list[ScoredRun], table: pd.DataFrame) -> pd.DataFrame:
    """What is known of each item: its task (one column for each but the first), level, and difficulty features.

    A feature that a task does not have is 0 there, beside the task's own column.
    """
    import pandas as pd

    problems = {name: problem for run in reversed(runs) for name, problem in run.items.items()}
    rows = {}
    for item in table.columns:
        problem = problems[str(item)]
        rows[item] = {f"task {problem.task}": 1.0, "level": float(problem.level), **problem.difficulty}
    frame = pd.DataFrame.from_dict(rows, orient="index").fillna(0.0)
    tasks = [column for column in frame.columns if str(column).startswith("task ")]
    frame = frame.drop(columns=tasks[:1])
    # Columns that few items share cannot be told from those items.
    return frame.loc[:, (frame != 0).sum() >= 5]


def suite_hashes(runs: list[ScoredRun]) -> dict[str, str]:
    """The content hashes of the suites that the runs took their items from, by task."""
    hashes: dict[str, str] = {}
    for run in runs:
        for source in run.header.get("sources", []):
            found = source.get("hashes") or {}
            hashes.update(found if found else {f"{source.get('kind')} {source.get('name')}": "generated"})
    return hashes


def facts(runs: list[ScoredRun], matrix: Path | None, table: pd.DataFrame, truncated: str) -> dict[str, Any]:
    """Where the responses came from, and the share that was truncated."""
    if matrix is not None:
        return {"matrix": matrix.name}
    first = [run.attempts[(run.attempts["attempt"] == 0) & (run.attempts["round"] == 0)] for run in runs]
    total = sum(len(rows) for rows in first)
    cut = sum(int((rows["outcome"] == "truncated").sum()) for rows in first)
    return {
        "runs": ", ".join(run.name for run in runs),
        "truncated answers": f"{cut} of {total} ({cut / max(total, 1):.1%}), counted as {truncated}",
    }


def _score_against(bank: Path, table: pd.DataFrame, samples: pd.DataFrame, out: Path) -> None:
    from proofgrid import irt
    from proofgrid.commands.terminal import say

    frozen = irt.load_bank(bank)
    scored = irt.score_against(frozen, table, samples).rename_axis("model")
    if frozen.caution:
        say(f"note: {frozen.caution}", indent="      ", err=True)
    out.mkdir(parents=True, exist_ok=True)
    scored.to_csv(out / "models.csv", float_format="%.6g", lineterminator="\n")
    for name, row in scored.sort_values("ability", ascending=False, kind="stable").iterrows():
        typer.echo(f"{name}: ability {row['ability']:.2f} ± {row['ability_se']:.2f} from {row['responses']:.0f} items")
    table_of_tasks, differences = irt.reference_discrimination(frozen, table.columns)
    table_of_tasks.to_csv(out / "tasks.csv", float_format="%.6g", lineterminator="\n")
    differences.to_csv(out / "task_differences.csv", index=False, float_format="%.6g", lineterminator="\n")
    known = table_of_tasks.dropna(subset="D1")
    if len(known):
        typer.echo(
            f"D1 against N(0, 1) on the bank's scale ({len(frozen.fitted_to)} models), by task, 95% in brackets:"
        )
    for name, row in known.iterrows():
        typer.echo(f"{name}: {row['D1']:.3f} ({row['D1_low']:.3f} to {row['D1_high']:.3f}), {row['items']:.0f} items")
    typer.echo(f"{out / 'models.csv'}")


__all__ = ["facts", "item_features", "register", "suite_hashes"]
