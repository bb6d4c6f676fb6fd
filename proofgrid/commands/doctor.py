"""``proofgrid doctor``: what is installed, reachable and configured, and which models would work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Say what is installed and configured.")(doctor)


def doctor(
    model: Annotated[list[str] | None, Opt(help="Would this model spec work? May be repeated.")] = None,
    models: Annotated[Path | None, Opt(help="Would the entries of this models.yaml work?")] = None,
    base_url: Annotated[str | None, Opt(help="A running OpenAI-compatible server.")] = None,
    allow_key_env: Annotated[
        list[str] | None, Opt(metavar="VARIABLE", help="An api_key_env that may be sent to any server; repeatable.")
    ] = None,
) -> None:
    """Say what is installed and configured; with --model or --models also which models would work, and why not."""
    from proofgrid.commands.terminal import say
    from proofgrid.errors import ModelSpecError
    from proofgrid.models.config import ModelConfig
    from proofgrid.models.entries import load_entries
    from proofgrid.models.spec import ModelEntry, resolve
    from proofgrid.run.doctor import Finding, diagnose, installation

    findings = list(installation())
    configs: list[ModelConfig] = []
    entries = [(ModelEntry(spec=spec), "") for spec in model or []]
    if models is not None:
        entries += [(entry, f"{models}, line {line}: ") for entry, line in load_entries(models)]
    for entry, where in entries:
        label = entry.name or entry.spec
        try:
            config = resolve(entry, None, base_url, allow_key_env or [])
        except ModelSpecError as error:
            findings.append(Finding(label, False, f"{where}{error}"))
            continue
        if any(other.label == label for other in configs):
            findings.append(Finding(label, False, f"{where}it is there twice; give one of them a `name` of its own"))
        else:
            configs.append(config)
    findings += diagnose(configs)
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark = {True: "ok", False: "NO", None: "-"}[finding.works]
        say(f"{mark:>2}  {finding.what:<{width}}  {finding.said}", indent=" " * (width + 6))
    if any(finding.works is False for finding in findings):
        raise typer.Exit(1)
