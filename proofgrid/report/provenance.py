"""Where a report's figures come from, in one strip: items, samples, how models were asked, version, dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from proofgrid.report.board import Board
from proofgrid.report.text import one_line

PARAMETERS = ("temperature", "top_p", "reasoning_effort", "max_tokens", "max_completion_tokens")
"""Sampling parameters that the strip states where they were set."""


def provenance(board: Board) -> list[tuple[str, str]]:
    """(label, text) of what a reader has to know to judge or repeat the figures."""
    headers = [run.header for run in board.runs]
    samples = int(board.attempts["attempt"].max()) + 1
    out = [
        ("items", _distinct(map(_source, headers))),
        ("samples", f"{_samples(board)}{samples} an item"),
        ("asked with", _distinct(filter(None, map(_parameters, headers)))),
        ("ProofGrid", _distinct(str(v) for h in headers for v in _versions(h))),
        ("run", _distinct(filter(None, map(_dates, headers)))),
    ]
    return [(label, one_line(text, 200)) for label, text in out if text]


def _samples(board: Board) -> str:
    """``up to`` where items do not all have as many."""
    return "" if board.first.groupby(["who", "item"]).size().nunique() == 1 else "up to "


def _distinct(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _source(header: Mapping[str, Any]) -> str:
    sources = header.get("sources")
    if isinstance(sources, list) and sources:
        return ", ".join(dict.fromkeys(_one_source(s) for s in sources if isinstance(s, Mapping)))
    if header.get("suite") is not None:
        return str(header["suite"])
    return f"seed {header['seed']}" if header.get("seed") is not None else ""


def _one_source(source: Mapping[str, Any]) -> str:
    name, seeds = str(source.get("name", "")), source.get("seeds", 1)
    if source.get("kind") == "suite":
        return f"suite {name}"
    if source.get("kind") == "seed":
        last = int(name) + seeds - 1 if name.lstrip("-").isdigit() and isinstance(seeds, int) else None
        return f"seed {name}" if last is None or seeds == 1 else f"seeds {name} to {last}"
    return f"file {name}"


def _parameters(header: Mapping[str, Any]) -> str:
    """Parameters that all models share; that they differ, where they do."""
    models = [
        m for m in header.get("models", ()) if isinstance(m, Mapping) and m.get("api") not in ("builtin", "import")
    ]
    said = []
    for name in PARAMETERS:
        values = []
        for model in models:
            params = model.get("params")
            found = params.get(name) if isinstance(params, Mapping) else None
            values.append(found if found is not None else model.get(name))
        given = [v for v in values if v is not None]
        if given:
            same = len({str(v) for v in values}) == 1
            said.append(f"{name.replace('_', ' ')} {given[0] if same else 'that differs by model'}")
    return ", ".join(said)


def _versions(header: Mapping[str, Any]) -> list[Any]:
    invocations = header.get("invocations")
    found = [i.get("proofgrid") for i in invocations if isinstance(i, Mapping)] if isinstance(invocations, list) else []
    return list(dict.fromkeys(v for v in (*found, header.get("proofgrid")) if v))


def _dates(header: Mapping[str, Any]) -> str:
    first, last = moment(header.get("started")), moment(header.get("ended"))
    if not first or first == last or not last:
        return first or last
    same_day = first.split(",")[0] == last.split(",")[0]
    return f"{first.removesuffix(' UTC')} to {last.split(', ')[1] if same_day else last}"


def moment(stamp: object) -> str:
    """``28 Nov 2026, 17:48 UTC``; nothing where there is no date."""
    if not isinstance(stamp, str):
        return ""
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def served_changes(board: Board) -> list[str]:
    """Models whose server named another model, or another version of itself, while the run went on."""
    out = []
    for run in board.runs:
        for model in run.header.get("models", ()):
            rows = model.get("served") if isinstance(model, Mapping) else None
            served = [r for r in rows or () if isinstance(r, Mapping) and (r.get("model") or r.get("version"))]
            if len(served) > 1:
                names = [f"{r.get('model') or ''} {r.get('version') or ''}".strip() for r in served]
                counts = [f"{n} ({r.get('answers', 0):,})" for n, r in zip(names, served, strict=True)]
                out.append(
                    f"{model.get('label')}: the served model changed while the run went on: {', '.join(counts)}."
                )
    return out
