"""What the report's sections say: tables whose figures are counted again by hand from the attempts."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from proofgrid import figures, irt
from proofgrid.report import (
    comparison,
    failures,
    leaderboard,
    markdown_report,
    pairs_section,
    per_task,
    stability_section,
)
from proofgrid.report.blocks import Case as CaseBlock
from proofgrid.report.blocks import Folded, Plot, Prose, Section, Table
from proofgrid.report.board import Board, make_board
from proofgrid.report.page import build_page
from proofgrid.report.sections import Contents, contents, made
from proofgrid.report.simulate import simulate_run
from proofgrid.report.svg import inline_svg
from proofgrid.report.tables import Cell, Column, escape, markdown
from proofgrid.report.terms import entry_of
from proofgrid.run.scored import ScoredRun
from proofgrid.stability.measure import Case, ModelStability, Stability, broken_down
from proofgrid.stability.reverse import Reverse
from proofgrid.statistics import summarize
from tests.proofgrid.hostile_texts import HOSTILE, hostile_run

TASKS = ("pl1_pw", "pl1_pc", "eq_er")


@pytest.fixture(scope="module")
def run() -> ScoredRun:
    """Eight models on three tasks."""
    return simulate_run(8, 6, tasks=TASKS)


@pytest.fixture(scope="module")
def board(run: ScoredRun) -> Board:
    """The run as the sections read it."""
    return make_board([run])


@pytest.fixture(scope="module")
def whole(board: Board) -> Contents:
    """Every section, the 2PL fit included."""
    return contents(board)


def column(table: Table, label: str) -> list[Cell]:
    """The cells under a heading."""
    place = [c.label for c in table.columns].index(label)
    return [row[place] for row in table.rows]


def changed(run: ScoredRun, **columns: object) -> ScoredRun:
    """The run with some columns of its attempts set."""
    return replace(run, attempts=run.attempts.assign(**columns))


def test_leaderboard_is_the_mean_of_the_tasks_accuracies(run: ScoredRun, board: Board) -> None:
    """Rows come best first; each mean and each cell is what counting the answers gives, api errors left out."""
    rows = leaderboard.heat_rows(board)
    assert [round(r.solved.value, 6) for r in rows] == sorted((round(r.solved.value, 6) for r in rows), reverse=True)
    for row in rows:
        mine = run.attempts[(run.attempts["model"] == row.name) & (run.attempts["outcome"] != "api_error")]
        shares = mine.assign(ok=mine["outcome"] == "correct").groupby("task")[["ok", "strict"]].mean()
        assert row.solved.value == pytest.approx(shares["ok"].mean())
        assert row.strict.value == pytest.approx(shares["strict"].mean())
        for cell in row.cells:
            assert cell.solved.value == pytest.approx(shares.loc[cell.task.id, "ok"])
            assert cell.solved.low <= cell.solved.value <= cell.solved.high
            assert cell.strict.value <= cell.solved.value


def test_cells_no_better_than_guessing_are_marked(board: Board) -> None:
    """A cell of a judging task is marked where its interval reaches the chance level; a writing task's never is."""
    cells = [c for r in leaderboard.heat_rows(board) for c in r.cells]
    assert any(c.by_chance for c in cells if c.task.id == "pl1_pc")
    assert not any(c.by_chance for c in cells if c.task.id == "pl1_pw")


def test_the_page_is_handed_every_levels_figures(board: Board) -> None:
    """What the level filter shows is what the leaderboard of that level says, computed in one place."""
    views = leaderboard.level_views(board)
    assert len(views) == 1 + len(board.levels)
    for level, view in zip((None, *board.levels), views, strict=True):
        for row in leaderboard.heat_rows(board, level):
            rank, _, best, mean, *cells = view[row.who]
            assert (rank, best, mean[3]) == (str(row.rank), row.rank.best, row.solved.interval)
            assert [c[1] for c in cells] == [c.solved.percent for c in row.cells]


def test_one_interval_for_one_number(run: ScoredRun, board: Board) -> None:
    """The terminal's table and the report give a model the same accuracy with the same interval."""
    rows = summarize(run.attempts).set_index(["model", "task"])
    for row in leaderboard.heat_rows(board):
        for task, share in [("all", row.solved), *((c.task.id, c.solved) for c in row.cells)]:
            there = rows.loc[(row.name, task)]
            assert (there["accuracy"], there["low"], there["high"]) == pytest.approx(
                (share.value, share.low, share.high)
            )


def test_a_section_that_cannot_be_made_is_a_note(board: Board) -> None:
    """An exception inside one section becomes its note; it says what happened."""

    def broken() -> Section:
        raise ValueError("cannot convert float NaN to integer")

    found = made("irt", "Item response theory", broken)
    assert found is not None
    assert "cannot convert float NaN" in next(b.text for b in found.blocks if isinstance(b, Prose))


def test_a_sparse_run_has_its_report(run: ScoredRun) -> None:
    """Models that answered different tasks: the page is written, and says that nothing is known between them."""
    frame = run.attempts
    models = sorted(frame["model"].unique())
    keep = [row.task == TASKS[models.index(row.model) % 3] for row in frame.itertuples()]
    sparse = make_board([replace(run, attempts=frame[keep].reset_index(drop=True))])
    page = build_page(sparse, "sparse", "sparse_files", lambda *_: None).decode()
    assert "share no item" in page
    assert "could not be" not in page


def test_pairs_are_compared_on_shared_items(board: Board) -> None:
    """The table of pairs holds each pair once, with the difference of the two accuracies on the items of both."""
    section = pairs_section.section(board)
    assert section is not None
    table = next(b for b in section.blocks if isinstance(b, Table) and b.id == "pairs-table")
    assert len(table.rows) == 8 * 7 // 2
    share = board.matrix.shares
    for first, other, _, difference, *_ in table.rows:
        assert isinstance(difference.value, float)
        assert difference.value == pytest.approx(float((share.loc[first.text] - share.loc[other.text]).mean()))


def test_of_very_many_items_a_task_shows_those_that_models_differ_on(run: ScoredRun) -> None:
    """A task with more items than a table holds shows those whose share solved is nearest to a half, and says so."""
    clones = per_task.MOST_ITEMS // 6 + 1
    own = run.attempts[run.attempts["task"] == "pl1_pw"]
    more = [own.assign(item=own["item"] + f"-{k}") for k in range(clones)]
    items = {f"{i}-{k}": replace(run.items[i], id=f"{i}-{k}") for i in own["item"].unique() for k in range(clones)}
    many = make_board([replace(run, items=items, attempts=pd.concat(more, ignore_index=True))])
    table = per_task.item_table(many, many.tasks[0], None)
    assert len(table.rows) == per_task.MOST_ITEMS < len(items)
    assert f"{per_task.MOST_ITEMS} of {len(items)}" in table.note
    shares = many.item_means.groupby("item")["solved"].mean()
    shown = [cell.text for cell in column(table, "item")]
    assert shown == sorted(shown)
    assert (shares[shown] - 0.5).abs().max() <= (shares.drop(shown) - 0.5).abs().min()
    assert not per_task.item_table(make_board([run]), many.tasks[0], None).note


def test_api_errors_are_missing_and_truncated_answers_wrong(run: ScoredRun) -> None:
    """A model whose every other answer was an api error keeps its accuracy; truncation counts against it."""
    frame = run.attempts
    right = changed(run, outcome="correct", strict=True)
    odd = np.arange(len(frame)) // 8 % 2 == 1  # every other item, for all eight models
    errors = changed(right, outcome=pd.Series(np.where(odd, "api_error", "correct"), index=frame.index))
    cut = changed(right, outcome=pd.Series(np.where(odd, "truncated", "correct"), index=frame.index))
    assert {r.solved.value for r in leaderboard.heat_rows(make_board([errors]))} == {1.0}
    assert all(r.solved.value < 0.8 for r in leaderboard.heat_rows(make_board([cut])))


def test_outcome_table_counts_rates_tokens_and_cost(run: ScoredRun, board: Board) -> None:
    """Rates, tokens per answer, cost and seconds per solved item are those of the attempts."""
    table = leaderboard.outcome_table(board)
    for row in table.rows:
        mine = run.attempts[run.attempts["model"] == row[0].text]
        by = dict(zip([c.label for c in table.columns], row, strict=True))
        assert by["truncated"].value == pytest.approx((mine["outcome"] == "truncated").mean())
        assert by["tokens per answer"].value == pytest.approx(mine["completion_tokens"].sum() / len(mine))
        solved = (mine["outcome"] == "correct").sum()
        assert by["cost per solved item"].value == pytest.approx(mine["cost"].sum() / solved)
        assert by["s per solved item"].value == pytest.approx(mine["seconds"].sum() / solved)


def test_first_failures_are_counted_by_kind_and_rule(run: ScoredRun, board: Board) -> None:
    """The table's counts are those of the verdicts; slips and fallacies are the checker's diagnoses."""
    found = failures.flaws(board, "pl1_pw")
    wrong = run.attempts[(run.attempts["task"] == "pl1_pw") & (run.attempts["outcome"] == "incorrect")]
    verdicts = [v["failure"] for v in wrong["verdict"] if v and v["failure"]]
    assert len(found) == len(verdicts) > 5
    table = failures.failure_table(board, found, "t")
    assert sum(float(c.value or 0) for c in column(table, "proofs")) == len(found)
    assert sum(float(c.value or 0) for c in column(table, "slips")) == sum(v["diagnosis"] == "slip" for v in verdicts)
    assert sum(float(c.value or 0) for c in column(table, "fallacies")) == sum(
        v["diagnosis"] == "fallacy" for v in verdicts
    )
    assert all(0 <= f.share < 1 for f in found if f.share == f.share)
    assert all(c.href and c.href.startswith("#") for c in column(table, "for example"))


def test_reliability_is_kr20_and_none_for_two_models(board: Board) -> None:
    """Alpha equals Kuder and Richardson's formula 20 on complete answers, and is not given for too few models."""
    means = board.item_means[board.item_means["task"] == "eq_er"]
    wide = means.pivot(index="who", columns="item", values="solved").dropna(axis=1)
    k, p, total = wide.shape[1], wide.mean(), wide.sum(axis=1)
    kr20 = k / (k - 1) * (1 - float((p * (1 - p)).sum()) / float(total.var(ddof=0)))
    assert per_task.reliability(board, "eq_er").alpha == pytest.approx(kr20)
    few = simulate_run(2, 3, tasks=("eq_er",))
    assert np.isnan(per_task.reliability(make_board([few]), "eq_er").alpha)


def test_comparison_pairs_answers_and_tests_the_changes(run: ScoredRun) -> None:
    """Each model is paired with itself; gains and losses are counted by hand, and listed with links to both answers."""
    later = replace(simulate_run(8, 6, tasks=TASKS, shift=1.5), name="later")
    board = make_board([run, later])
    assert all("[" in name for name in board.contestants)
    section = comparison.section(board)
    table = next(b for b in section.blocks if isinstance(b, Table) and b.id == "mcnemar")
    gained = lost = 0
    for row in table.rows:
        sides = [
            r.attempts[(r.attempts["model"] == row[0].text) & (r.attempts["outcome"] != "api_error")].set_index("item")
            for r in (run, later)
        ]
        both = sides[0].join(sides[1][["outcome"]].rename(columns={"outcome": "outcome_b"}), how="inner")
        before, after = both["outcome"] == "correct", both["outcome_b"] == "correct"
        by = dict(zip([c.label for c in table.columns], row, strict=True))
        assert by["items in both"].value == len(both)
        assert by["gained"].value == (after & ~before).sum()
        assert by["lost"].value == (before & ~after).sum()
        gained, lost = gained + int((after & ~before).sum()), lost + int((before & ~after).sum())
    changes = next(b for b in section.blocks if isinstance(b, Table) and b.id == "changes")
    assert len(changes.rows) == gained + lost
    assert gained > lost
    text = markdown_report([run, later])
    assert "What changed" in text
    assert "McNemar p" in text


def test_two_single_models_are_compared_with_each_other_and_strangers_are_not(run: ScoredRun) -> None:
    """Runs of one model each pair up whatever the names; runs of several without a common one say so."""
    models = list(run.attempts["model"].unique())
    one, two = (ScoredRun(m, {}, run.items, run.attempts[run.attempts["model"] == m]) for m in models[:2])
    (pair,) = comparison.pairings(make_board([one, two]))
    assert pair.total.n > 0
    assert (
        comparison.pairings(
            make_board([one, ScoredRun("rest", {}, run.items, run.attempts[run.attempts["model"] != models[0]])])
        )
        == []
    )


def test_repaired_answers_are_counted_apart(run: ScoredRun) -> None:
    """Rounds after feedback do not enter the leaderboard; their gain has a table of its own."""
    again = run.attempts.assign(round=1, outcome="correct", strict=True)
    mended = replace(run, attempts=pd.concat([run.attempts, again], ignore_index=True))
    before, after = (leaderboard.heat_rows(make_board([r])) for r in (run, mended))
    assert [r.solved for r in before] == [r.solved for r in after]
    table = leaderboard.repair_table(make_board([mended]))
    assert table is not None
    assert {c.text for c in column(table, "after 1")} == {"100.0%"}
    assert leaderboard.repair_table(make_board([run])) is None


def test_every_chapter_is_there_with_its_tables_and_plots(whole: Contents) -> None:
    """Tasks, failures and item response theory have what the page promises, and ids are unique."""
    found = [b for s in whole.sections for b in s.blocks]
    (folded,) = (b for b in found if isinstance(b, Folded))
    found += folded.blocks
    blocks = {b.id: b for b in found if isinstance(b, Table | Plot)}
    assert len(blocks) == sum(isinstance(b, Table | Plot) for b in found)
    assert "irt-icc" in {b.id for b in folded.blocks if isinstance(b, Table | Plot)}, "eight models carry no curves"
    assert not {"irt-wright", "irt-abilities"} & {b.id for b in folded.blocks if isinstance(b, Table | Plot)}
    assert {
        "irt-wright",
        "irt-information",
        "irt-icc",
        "irt-fit",
        "irt-tasks",
        "irt-items",
        "outcomes",
    } <= set(blocks)
    for task in TASKS:
        assert {f"{task}-levels", f"{task}-items"} <= set(blocks)
        assert f"{task}-by-level" not in blocks, "of about one item a level there is no curve"
    assert all(len(b.text) > 30 for b in blocks.values() if isinstance(b, Plot))
    assert whole.stability is None
    assert whole.comparison is None


def test_one_model_is_reported_without_a_fit(run: ScoredRun) -> None:
    """A run of one model has a leaderboard and, in place of a fit, a sentence that says why there is none."""
    model = run.attempts["model"].iloc[0]
    alone = contents(make_board([replace(run, attempts=run.attempts[run.attempts["model"] == model])]))
    assert "No model of abilities" in str(alone.irt.blocks[0])
    board = make_board([replace(run, attempts=run.attempts[run.attempts["model"] == model])])
    html = write_page(board)
    assert "One model alone has no rank." in html
    assert re.search(r'<td class="rank"[^>]*><b>–</b>', html)
    assert all(view[0][0] == "–" for view in leaderboard.level_views(board))
    assert "| rank |" not in markdown_report(list(board.runs))


def test_markdown_is_plain_whatever_models_are_called() -> None:
    """Hostile names and texts become neither HTML nor Markdown, and every line of a table has its cells."""
    text = markdown_report([hostile_run()])
    assert not set(text) & set("<>@")
    assert not re.search(r"(?<!\\)\[", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert len(tables) > 12
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    for hostile in HOSTILE:
        assert "|" not in escape(hostile[:200]).replace("\\|", "")


def test_markdown_counts_what_it_leaves_out() -> None:
    """A long table says how many rows the page has beyond it."""
    table = Table("t", "T", (Column("a", "text"), Column("b")), tuple((Cell(str(i)), Cell("1")) for i in range(5)))
    assert "3 more rows" in markdown(table, 2)


def test_figures_are_inline_svg_without_styles(board: Board) -> None:
    """A figure becomes an image with a name and a description, without style or script, with ids of its own."""
    figure = figures.heatmap(["a\u202eb", "$x$ <script>"], ["T"], np.array([[0.5], [np.nan]]))
    svg = inline_svg(figure, "f-1", "A title", "What it <shows>")
    assert 'role="img"' in svg
    assert '<title id="f-1-t">A title</title>' in svg
    assert "What it &lt;shows&gt;" in svg
    assert "style" not in svg
    assert "<script" not in svg
    assert "U+202E" in svg
    assert svg == inline_svg(
        figures.heatmap(["a\u202eb", "$x$ <script>"], ["T"], np.array([[0.5], [np.nan]])),
        "f-1",
        "A title",
        "What it <shows>",
    )
    assert all(i.startswith("f-1-") for i in re.findall(r'\bid="([^"]+)"', svg))


def test_figures_for_a_notebook_are_the_report_s(run: ScoredRun) -> None:
    """figures.of_run gives every plot of the report as a matplotlib Figure."""
    found = figures.of_run(simulate_run(8, 12, tasks=("eq_er", "eq_pc")))
    assert {"leaderboard", "heatmap", "eq_er-by-level", "irt-wright"} <= set(found)
    assert all(isinstance(f, Figure) for f in found.values())


def measured(model: str, n: int, run: ScoredRun) -> Stability:
    """What a stability phase would have found of a model that rejects 40% of what it wrote."""
    rows = [
        {"model": model, "proof": f"p{i}", "kind": kind, "rejected": float(i % 10 < share), "task": "pl1_pw",
         "failure": "notInAB", "rule": "mp", "diagnosis": "fallacy", "depth": i % 2}
        for kind, share in (("flawed", 4), ("valid", 1), ("invalid", 9))
        for i in range(n)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    one = ModelStability(
        model, irt.stability_index(table, bootstrap=50), 0.5, n + 3, {"Parsing": 3}, 1,
        broken_down(table, bootstrap=50), Reverse(0, 0),
    )  # fmt: skip
    item = next(iter(run.items))
    case = Case(
        model, "pl1_pw", item, 0, "notInAB", 2, "{\n  A BY mp on <b>B</b>\n}", "B ⊢ A", "Is it valid?", "No: <script>"
    )
    return Stability((one,), table, (case,))


def test_stability_has_a_chapter_where_it_was_measured(run: ScoredRun, board: Board) -> None:
    """Indices with intervals, why a model has none, the forest plot, and cases with the line marked and a link."""
    models = list(board.contestants[:2])
    parts = [measured(models[0], 40, run), measured(models[1], 4, run)]
    both = Stability(
        (*parts[0].models, *parts[1].models), pd.concat([p.judgements for p in parts]), parts[0].cases
    )  # fmt: skip
    section = stability_section.section(make_board([run], [both]))
    assert section is not None
    table = next(b for b in section.blocks if isinstance(b, Table) and b.id == "stability-table")
    by = [dict(zip([c.label for c in table.columns], row, strict=True)) for row in table.rows]
    assert by[0]["ESI"].value == pytest.approx(0.6)
    assert by[0]["ESI*"].value == pytest.approx(1 - (0.4 - 0.1) / (0.9 + 0.9 - 1))
    assert re.fullmatch(r"0\.\d\d–[01]\.\d\d", by[0]["ESI*"].small)
    assert by[1]["ESI*"].text == "–"
    assert by[1]["why no index"].text == "fewer than 10 asked"
    (case,) = (b for b in section.blocks if isinstance(b, CaseBlock))
    assert case.href.startswith("#")
    assert "▶   2    A BY mp" in case.parts[0][1]
    plot = next(b for b in section.blocks if isinstance(b, Plot))
    assert "1 model has a corrected index" in plot.text
    assert inline_svg(plot.draw(), "f", "t", "d").startswith("<svg")
    assert stability_section.section(board) is None
    html = write_page(make_board([run], [both]))
    assert "No: &lt;script&gt;" in html
    assert 'href="#stability"' in html


def test_two_runs_have_one_row_a_model_in_the_chapter_on_stability(run: ScoredRun) -> None:
    """Of two runs a model is one row and one name, its earlier index in a column and hollow in the figure."""
    first, second = (str(m) for m in sorted(run.attempts["model"].unique())[:2])
    before, after = (replace(run, name=name) for name in ("before", "after"))
    parts = [measured(first, 40, run), measured(first, 30, run), measured(second, 12, run)]
    later = Stability(
        (*parts[1].models, *parts[2].models), pd.concat([p.judgements for p in parts[1:]]), parts[1].cases
    )
    board = make_board([before, after], [parts[0], later])
    section = stability_section.section(board)
    assert section is not None
    tables = {b.id: b for b in section.blocks if isinstance(b, Table)}
    names = [row[0].value for row in tables["stability-table"].rows]
    assert sorted(map(str, names)) == sorted([first, second])
    by = {str(row[0].value): row for row in tables["stability-table"].rows}
    at = [column.label for column in tables["stability-table"].columns].index("ESI* in before")
    index = parts[0].models[0].index
    assert by[first][at].value == index.corrected
    assert by[second][at].text == "–"
    assert {row[0].value for row in tables["stability-parts"].rows} == {first, second}
    plot = next(b for b in section.blocks if isinstance(b, Plot))
    assert plot.text.endswith("; hollow: in before.")
    axes = plot.draw().axes[0]
    assert len(axes.get_yticklabels()) == 2
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white" and len(line.get_xdata())]
    assert [float(line.get_xdata()[0]) for line in hollow] == [index.corrected]


def test_a_chapter_without_an_index_has_no_empty_figure(run: ScoredRun) -> None:
    """Where no model was asked enough, a sentence stands for the figure, and no column is only dashes."""
    model = str(run.attempts["model"].iloc[0])
    section = stability_section.section(make_board([run], [measured(model, 4, run)]))
    assert section is not None
    assert isinstance(section.blocks[0], Prose)
    assert "No model has a corrected index" in section.blocks[0].text
    heads = {c.label for b in section.blocks if isinstance(b, Table) for c in b.columns}
    assert "ESI*" not in heads


def write_page(board: Board) -> str:
    """The report page of a board."""
    return build_page(board, "run", "files", lambda *_: None).decode()


def test_what_a_small_run_does_not_support_is_left_out() -> None:
    """No column, curve or map that repeats another one or says nothing: one model, and two models on two items."""
    for run in (simulate_run(1, 6, tasks=("pl1_pw",)), simulate_run(2, 2, tasks=("pl1_pw",))):
        small = make_board([changed(run, cost=0.0, completion_tokens=0)])
        tables = {b.id: b for s in contents(small).sections for b in s.blocks if isinstance(b, Table)}
        plots = {b.id for s in contents(small).sections for b in s.blocks if isinstance(b, Plot)}
        heads = [c.label for c in tables["outcomes"].columns]
        for name in ("cost", "tokens per answer", "empty", "checker limit", "scorer error"):
            assert name not in heads
        assert "All answers were free." in tables["outcomes"].note
        assert "item-rest r" not in [c.label for c in tables["pl1_pw-items"].columns]
        assert not {"pl1_pw-by-level", "all-failures-map", "heatmap", "irt-d1"} & plots


def test_no_column_of_a_task_repeats_another(board: Board) -> None:
    """Accuracy and its strict share stand once, and no two columns have one name."""
    for task in board.tasks:
        labels = [c.label for c in per_task.level_table(board, task, [1, 2]).columns]
        assert len(set(labels)) == len(labels)
        assert "instrumented" not in labels


def test_long_names_are_short_on_the_page_and_whole_in_the_csv(run: ScoredRun) -> None:
    """Tables hold names of at most 40 characters with the whole one behind them, which the CSV takes."""
    frame = run.attempts
    long = make_board(
        [changed(run, model="provider/" + frame["model"] + "-with-a-name-that-has-no-end-at-all-20261101")]
    )
    for section in contents(long, with_irt=False).sections:
        for table in (b for b in section.blocks if isinstance(b, Table)):
            for place, column in enumerate(table.columns):
                if column.label not in ("model", "other"):
                    continue
                for cell in (row[place] for row in table.rows):
                    assert len(cell.text) <= 40
                    assert cell.whole == cell.value
                    assert str(cell.value).startswith("provider/")


def test_a_head_leads_to_its_own_word() -> None:
    """A head's link explains what stands in it, never a word that happens to share a letter."""
    expected = {
        "item-rest r": "item-rest", "difficulty b": "difficulty", "rejected U": "U", "r": "r",
        "mean difficulty": "difficulty",
        "sound part, median": "sound", "Holm p": "paired", "by chance": None, "rank correlation": None, "share": None,
    }  # fmt: skip
    for head, code in expected.items():
        entry = entry_of(head)
        assert (entry.code if entry else None) == code, head
