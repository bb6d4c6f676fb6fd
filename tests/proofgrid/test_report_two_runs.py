"""Two runs of the same models: one row a model, what it was beside what it is, and never one ranked board of both."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from proofgrid.report import comparison, irt_section, leaderboard, per_task
from proofgrid.report.blocks import Block, Folded, Plot
from proofgrid.report.board import Board, make_board
from proofgrid.report.simulate import simulate_run
from proofgrid.report.tables import Table
from proofgrid.statistics import holm, mean_over_tasks

TASKS = ("pl1_pw", "pl1_pc")


@pytest.fixture(scope="module")
def board() -> Board:
    """Five models before and after they became much abler, one of them in the second run only."""
    before = simulate_run(5, 8, tasks=TASKS, name="before", shift=-2.5)
    gone = sorted(before.attempts["model"].unique())[0]
    before = replace(before, attempts=before.attempts[before.attempts["model"] != gone].reset_index(drop=True))
    return make_board([before, simulate_run(5, 8, tasks=TASKS, name="after", shift=3.0)])


def test_each_model_has_one_row_with_what_it_was(board: Board) -> None:
    """The board has the second run's models once each; four have the first run's accuracy beside, one has none."""
    rows = leaderboard.heat_rows(board)
    assert len(rows) == 5
    assert all("[" not in row.name for row in rows)
    assert sum(row.before is not None for row in rows) == 4
    earlier = {after: before for before, after in board.partners.items()}
    for row in rows:
        assert board.of_run[row.who] == 1
        if row.before is not None:
            was = mean_over_tasks([board.tally(earlier[row.who], t.id) for t in board.tasks])
            assert row.before.value == pytest.approx(was.value)
            assert all(f"(before {c.before.percent}%)" in c.label for c in row.cells if c.before and c.solved.n)


def test_a_row_says_whether_its_change_is_significant(board: Board) -> None:
    """Beside a model's name stands the paired difference and what Holm's adjusted test says of it."""
    found = comparison.pairings(board)
    adjusted = dict(zip((p.b for p in found), holm([p.total.p for p in found]), strict=True))
    difference = {p.b: p.total.difference for p in found}
    for row in leaderboard.heat_rows(board):
        if row.before is None:
            assert row.change == ""
            continue
        assert row.change.startswith(f"{100 * difference[row.who]:+.0f} points, ")
        clear = adjusted[row.who] < 0.05
        assert ("no significant change" in row.change) is not clear
        assert ("better" in row.change) is (clear and difference[row.who] > 0)


def test_the_first_sentence_says_what_changed(board: Board) -> None:
    """Before who leads stands for how many models the change is significant, by paired tests."""
    first, second, *_ = leaderboard.sentences(board)
    assert first.startswith("From before to after ")
    assert "models changed significantly" in first
    assert re.search(" leads? with ", second)
    assert "[after]" not in second


def test_ranks_are_those_of_the_second_run_alone(board: Board) -> None:
    """No rank counts a model's former self among its rivals."""
    assert len(board.pairwise().models) == 5
    assert all(row.rank.worst <= 5 for row in leaderboard.heat_rows(board))
    views = leaderboard.level_views(board)
    assert [bool(row) for row in views[0]] == [run == 1 for run in board.of_run]


def test_strangers_are_ranked_together() -> None:
    """Two runs with no model in common, several models each, stand on one board as before."""
    a = simulate_run(2, 3, tasks=("pl1_pw",), name="a")
    b = simulate_run(2, 3, tasks=("pl1_pw",), name="b")
    b = replace(b, attempts=b.attempts.assign(model=b.attempts["model"] + "-other"))
    found = make_board([a, b])
    assert len(leaderboard.heat_rows(found)) == 4
    assert all(row.before is None for row in leaderboard.heat_rows(found))


def test_heads_group_neighbouring_tasks(board: Board) -> None:
    """Writing and checking have a head each, and every column its number of items."""
    assert leaderboard.groups(board) == [("Writing", 1), ("Checking", 1)]
    assert leaderboard.sizes(board) == {"pl1_pw": 8, "pl1_pc": 8}


def test_every_chapter_ranks_the_second_run_alone(board: Board) -> None:
    """Abilities and each task's accuracies have a row a model with what it was beside it."""
    irt = irt_section.section(board)[0]
    (abilities,) = (b for b in _flat(irt.blocks) if isinstance(b, Table) and b.id == "irt-abilities")
    tasks = [per_task.level_table(board, task, []) for task in board.tasks]
    for table, was in ((abilities, "ability in before"), *((t, "accuracy in before") for t in tasks)):
        names = [row[0].whole or row[0].text for row in table.rows]
        assert len(names) == len(set(names)) == 5
        assert not any("[" in name for name in names)
        at = [column.label for column in table.columns].index(was)
        assert sum(row[at].text == "–" for row in table.rows) == 1
    changes = [float(row[2].value) for row in abilities.rows if row[2].value != ""]
    assert sum(change > 0 for change in changes) >= 3


def test_abilities_before_and_after_are_drawn_in_one_row(board: Board) -> None:
    """The figure of abilities and the Wright map have five names, and none is of the first run."""
    irt = irt_section.section(board)[0]
    for id_ in ("irt-abilities-plot", "irt-wright"):
        (plot,) = (b for b in _flat(irt.blocks) if isinstance(b, Plot) and b.id == id_)
        axes = plot.draw().axes[0]
        said = [label.get_text() for label in (*axes.get_yticklabels(), *axes.texts)]
        named = [text for text in said if "simulated" in text]
        assert len(named) == 5
        assert not any("[" in text for text in named)


def _flat(blocks: Iterable[Block]) -> list[Block]:
    return [inner for block in blocks for inner in (_flat(block.blocks) if isinstance(block, Folded) else [block])]
