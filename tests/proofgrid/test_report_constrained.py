"""Free beside constrained in the report: the pairs that are one model, and exact figures over their shared items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofgrid.report.board import Board, make_board
from proofgrid.report.constrained_section import section, twins
from proofgrid.report.simulate import simulate_run
from proofgrid.report.tables import Table
from proofgrid.statistics import McNemar
from tests.proofgrid.test_report_sections import column


def asked_both_ways(**other: Any) -> Board:
    """Two simulated models renamed: one model, free and constrained; 12 items of one task."""
    run = simulate_run(2, 12, tasks=("pl1_pw",))
    table = run.attempts[run.attempts["round"] == 0].copy()
    names = sorted(table["model"].unique())
    table["model"] = table["model"].map({names[0]: "m", names[1]: "m, constrained"})
    place = {item: at for at, item in enumerate(dict.fromkeys(table["item"]))}
    at = table["item"].map(place)
    held = table["model"] == "m, constrained"
    # free: 1 strictly right, 1 right after a fix, the others unreadable; constrained: right on all but the first two
    right = (held & (at >= 2)) | (~held & (at < 2))
    table["outcome"] = [
        "correct" if r else "incorrect" if h else "unparsable" for r, h in zip(right, held, strict=True)
    ]
    table["strict"] = right & (held | (at == 0))
    config = {"label": "m", "provider": "vllm", "model": "m", "params": {}, "serve": {}, "system": None}
    models = [config, {**config, "label": "m, constrained", "constrain": "structured_outputs", **other}]
    return make_board([replace(run, attempts=table, header={**run.header, "models": models})])


def mcnemar_of(gained: int, lost: int) -> float:
    """The exact p-value of these discordant counts."""
    return McNemar(0, gained, lost, 0).p


def test_one_model_both_ways_is_compared_item_by_item() -> None:
    """Shares, difference and McNemar's p follow from the counts."""
    found = section(asked_both_ways())
    assert found is not None
    (table,) = (block for block in found.blocks if isinstance(block, Table))
    items = int(column(table, "items")[0].text)
    assert column(table, "free, strict")[0].value == 1 / items
    assert column(table, "free")[0].value == 2 / items
    assert column(table, "constrained")[0].value == (items - 2) / items
    assert column(table, "free, unreadable")[0].value == (items - 2) / items
    assert column(table, "gained : lost")[0].text == f"{items - 2} : 2"
    assert column(table, "McNemar p")[0].value == mcnemar_of(items - 2, 2)
    assert column(table, "p against strict")[0].value == mcnemar_of(items - 2, 1)


def test_other_parameters_are_another_model() -> None:
    """A constrained model with other sampling has no free twin here, and there is no section."""
    board = asked_both_ways(params={"temperature": 1.0})
    assert twins(board) == []
    assert section(board) is None
