"""The report on stated confidence: its numbers are those of tasks.calibration, and it is there only where stated."""

from __future__ import annotations

import pytest

from proofgrid.report.blocks import Plot
from proofgrid.report.board import make_board
from proofgrid.report.calibration import calibration_blocks, stated
from proofgrid.report.simulate import simulate_run
from proofgrid.report.tables import Table
from proofgrid.tasks.making.calibration import calibration


@pytest.fixture(scope="module")
def board():
    """Three models on a task that asks for confidence and on one that does not."""
    return make_board([simulate_run(3, 10, tasks=("eq_gf", "eq_er"))])


def test_each_models_brier_score_is_in_the_table(board):
    """A row a model, with the Brier score of its own answers, best first; the figure can be drawn."""
    plot, table = calibration_blocks(board, "eq_gf")
    assert isinstance(plot, Plot)
    assert isinstance(table, Table)
    assert plot.draw().axes
    counted = board.counted[board.counted["task"] == "eq_gf"]
    expected = {}
    for who, name in enumerate(board.contestants):
        found = calibration(stated(counted[counted["who"] == who]))
        if found is not None:
            expected[name] = pytest.approx(found.brier)
    assert {row[0].text: row[4].value for row in table.rows} == expected
    assert len(expected) == 3
    scores = [row[4].value for row in table.rows]
    assert scores == sorted(scores)


def test_a_task_without_confidence_has_no_calibration(board):
    """Where no answer states a confidence there is neither a figure nor a table."""
    assert calibration_blocks(board, "eq_er") == []
