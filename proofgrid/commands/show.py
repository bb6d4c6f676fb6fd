"""``proofgrid show``: one item of a run: what was asked, what each model said, and the verdict."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from proofgrid.tasks import Score


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(show)


def show(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    item: Annotated[str, typer.Argument(help="An item's id.")],
    model: Annotated[str | None, typer.Option(help="Only this model's attempts.")] = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="Also the prompt.")] = False,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Also the reasoning, where it was kept.")] = False,
) -> None:
    """Show one item: what each model answered and how it was judged."""
    from difflib import get_close_matches

    from proofgrid.errors import UserError
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import known_finish, score_completion

    write = sys.stdout.write
    with RunStore.read(run) as store:
        items, policy = store.items(), store.policy()
        if item not in items:
            near = get_close_matches(item, list(items), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"ids look like {next(iter(items), 'nothing')}"
            raise UserError(f"{run} has no item '{item}'; {hint}")
        stored = items[item]
        write(f"{item} ({stored.problem.task}, level {stored.problem.level})\n")
        write(problem_text(stored.problem.shown))
        if prompt:
            write(f"\n--- prompt\n{stored.prompt.rstrip()}\n")
        found = [record for record in store.of_item(item) if model in (None, record.cell.model)]
        if not found:
            write("no attempts" + (f" of {model}" if model else "") + "\n")
        for record in found:
            cell, done = record.cell, record.completion
            score = score_completion(stored.problem, done, policy)
            word = done.finish_reason or ""
            unknown = word if word and not known_finish(word) else None
            round_ = f", repair round {cell.round}" if cell.round else ""
            write(f"\n--- {cell.model}, attempt {cell.attempt}{round_}: {score.outcome}, {score.points:g} points\n")
            if reasoning and done.reasoning:
                write(f"[reasoning]\n{done.reasoning.rstrip()}\n[answer]\n")
            if done.text:
                write(done.text.rstrip() + "\n")
            said_of = (
                ("error", done.error),
                ("refusal", done.refusal),
                ("finish reason", unknown),
                ("verdict", score.feedback),
                ("traceback", score.trace),
                *what_was_read(score),
            )
            for label, said in said_of:
                if said:
                    write(f"[{label}] {said}\n")


def problem_text(shown: Mapping[str, Any]) -> str:
    """What an item shows, as lines: premises and goal, or equations, and the proof or chain that goes with them."""
    lines = [f"premise-{number}: {premise}" for number, premise in enumerate(shown.get("premises", ()), 1)]
    lines += [f"goal: {shown['goal']}"] if "goal" in shown else []
    lines += [str(equation) for equation in shown.get("equations", ())]
    body = shown.get("proof", shown.get("chain"))
    return "\n".join([*lines, *([str(body)] if body else []), ""])


def what_was_read(score: Score) -> list[tuple[str, str]]:
    """(label, sentence) for each repair of the reader, each fix of the checker, and what profile paper would say."""
    from proofgrid.tasks.answers.repairs import REPAIRS

    verdict = score.verdict or {}
    said = [("repair", REPAIRS.get(name, name)) for name in score.repairs]
    for fix in verdict.get("fixes", ()) if score.outcome == "correct" else ():
        at = f"line {fix['line']}: " if fix.get("line") else ""
        said.append(("fix", f"{at}{fix['message']} ({fix['kind']})"))
    if verdict.get("paper_only"):
        said.append(
            ("profile paper", "would accept it: it overlooks a wrong conclusion where what holds is inconsistent")
        )
    return said
