"""``proofgrid import-inspect``: the answers of Inspect AI's logs become a run."""

from __future__ import annotations

import json
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from proofgrid.commands.import_ import bring_in


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("import-inspect", no_args_is_help=True, short_help="Bring the answers of Inspect's logs into a run.")(
        import_inspect
    )


def import_inspect(
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Logs of proofgrid's tasks: .eval or .json.")],
    run: Annotated[Path, typer.Option(help="The run's folder; made where there is none.")],
) -> None:
    """Bring the answers of Inspect's logs into a run: score, irt, stability and report then work on them."""
    from proofgrid.errors import UserError
    from proofgrid.integrations.inspect_log import logged_answers
    from proofgrid.run.plan import Source
    from proofgrid.tasks import TASK_IDS

    for log in logs:
        if not log.is_file():
            raise UserError(f"{log} is no file")
    with tempfile.TemporaryDirectory() as folder:
        items, completions = Path(folder) / "items.jsonl", Path(folder) / "inspect.jsonl"
        seen: dict[str, bytes] = {}
        with items.open("w", encoding="utf-8") as item_file, completions.open("w", encoding="utf-8") as answer_file:
            for log in logs:
                for answer in logged_answers(log):
                    text = answer.item.to_json()
                    digest = sha256(text.encode()).digest()
                    known = seen.setdefault(answer.item.id, digest)
                    if known != digest:
                        raise UserError(f"{log}: item {answer.item.id} is another one in an earlier log")
                    if known is digest:
                        item_file.write(text + "\n")
                    answer_file.write(json.dumps(answer.line) + "\n")
        if not seen:
            raise UserError("the logs hold no samples")
        bring_in(run, completions, Source("file", str(items), TASK_IDS), said=[str(log) for log in logs])
