"""Who is better? All pairs of models on the items they share: differences, exact tests, ranks, and what would tell."""

from __future__ import annotations

from math import isinf

import numpy as np

from proofgrid import comparing
from proofgrid.checker.counting import count
from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.tables import Cell, Column, Table, model_cell, p_value

TITLE = "Who is better"
LEAD = (
    "Models that answered the same items are compared item by item: the items' difficulty, which makes most of an "
    "accuracy's interval, falls out of the difference."
)
MOST_MATRIX = 30
"""Models in the matrix of all pairs; more are read in the table."""
SHOWN = 2000


def section(board: Board) -> Section | None:
    """The comparison of all pairs; None for a single contestant."""
    if len(board.ranked) < 2:
        return None
    pairs = board.pairwise()
    told = int(pairs.better.sum())
    of = len(pairs.models) * (len(pairs.models) - 1) // 2
    blocks: list[Block] = [Prose(_told(told, of))]
    alone = int((pairs.items[np.triu_indices(len(pairs.models), 1)] == 0).sum())
    if alone:
        blocks.append(Prose(f"{count(alone, 'pair')} share no item, so nothing is known of their order.", warning=True))
    if len(pairs.models) <= MOST_MATRIX:
        blocks.append(_matrix(board, pairs))
    blocks += [_ranks(board, pairs), _table(board, pairs)]
    spread = _components(board)
    return Section("pairs", TITLE, (*blocks, *([spread] if spread else [])), LEAD)


def _told(told: int, of: int) -> str:
    """How many pairs the tests tell apart, as a sentence."""
    if of == 1:
        return f"The two models are {'' if told else 'not '}told apart at 5%."
    many = {0: "None", of: "All"}.get(told, f"{told:,}")
    return f"{many} of the {of:,} pairs {'is' if told <= 1 else 'are'} told apart at 5% over all pairs (Holm)."


def _order(board: Board, pairs: comparing.Pairwise) -> list[int]:
    share = board.matrix.shares.mean(axis=1).fillna(-1.0).reindex(pairs.models).to_numpy()
    return sorted(range(len(pairs.models)), key=lambda i: (pairs.ranks[i].best, -share[i], str(pairs.models[i])))


def _plain(board: Board, contestant: str) -> str:
    return board.ranked_name(board.contestants.index(contestant))


def _name(board: Board, contestant: str) -> Cell:
    plain = _plain(board, contestant)
    return model_cell(board.brief[plain], plain)


def _matrix(board: Board, pairs: comparing.Pairwise) -> Plot:
    order = _order(board, pairs)
    names = [_plain(board, str(pairs.models[i])) for i in order]
    differences = pairs.difference[np.ix_(order, order)]
    clear = (pairs.adjusted < comparing.LEVEL)[np.ix_(order, order)]
    return Plot(
        "pairs-matrix",
        "Paired differences, row minus column",
        "Percentage points on the items that both answered; bold where the two are told apart over all pairs.",
        lambda: drawing.difference_matrix(names, differences, clear),
        full=True,
    )


def _ranks(board: Board, pairs: comparing.Pairwise) -> Table:
    share = board.matrix.shares.mean(axis=1).reindex(pairs.models)
    rows = []
    for i in _order(board, pairs):
        rank = pairs.ranks[i]
        rows.append(
            (
                _name(board, str(pairs.models[i])),
                Cell(rank.range, float(rank.best)),
                Cell(f"{100 * share.iloc[i]:.1f}%" if share.iloc[i] == share.iloc[i] else "–", float(share.iloc[i])),
                Cell(str(int(pairs.better[i].sum())), float(pairs.better[i].sum())),
                Cell(str(int(pairs.better[:, i].sum())), float(pairs.better[:, i].sum())),
            )
        )
    columns = (
        Column("model", "text"),
        Column("rank", help="the ranks it may have: together they hold with 95%"),
        Column("items right", help="mean over its items, all tasks taken together"),
        Column("better than", help="models that it beats at 5% over all pairs"),
        Column("worse than"),
    )
    return Table("pairs-ranks", "Ranks from all pairs", columns, tuple(rows), filter=len(rows) > 12)


def _table(board: Board, pairs: comparing.Pairwise) -> Table:
    found = pairs.table().sort_values("p", kind="stable")
    rows = []
    for row in found.head(SHOWN).to_dict("records"):
        seen = row["items"] > 0
        low, high = 100 * row["low"], 100 * row["high"]
        rows.append(
            (
                _name(board, str(row["model"])),
                _name(board, str(row["other"])),
                Cell(f"{row['items']:,}", float(row["items"])),
                Cell(
                    f"{100 * row['difference']:+.1f}" if row["difference"] else "0",
                    row["difference"],
                    small=f"{low:+.1f} to {high:+.1f}",
                )
                if seen
                else Cell("–", ""),
                Cell(f"{row['model_only']} : {row['other_only']}", float(row["model_only"] - row["other_only"])),
                p_value(row["p"]),
                p_value(row["p_holm"]),
                _many(row["items_needed"]),
            )
        )
    columns = (
        Column("model", "text"),
        Column("other", "text"),
        Column("items", help="that both answered"),
        Column("difference", help="percentage points with a 95% interval (Agresti & Min 2005; items are the units)"),
        Column("only one right", help="items on which the first did better : on which the other did"),
        Column("McNemar p", help="exact, two-sided; with several samples its generalisation by exchange of sides"),
        Column("Holm p", help="adjusted for all pairs"),
        Column("items to tell", help="items that would tell these two apart with 80% power, at the difference seen"),
    )
    note = "" if len(found) <= SHOWN else f"The {SHOWN:,} pairs with the smallest p of {len(found):,}."
    return Table("pairs-table", "All pairs", columns, tuple(rows), note, filter=True)


def _many(value: float) -> Cell:
    return Cell("–", "") if isinf(value) or value != value else Cell(f"{value:,.0f}", value)


def _components(board: Board) -> Prose | None:
    found = comparing.components(board.matrix.right, board.matrix.asked)
    if found.sample != found.sample:
        return None
    first = board.counted.assign(model=board.counted["who"], hit=board.counted["solved"])
    between = comparing.run_to_run(first[["model", "item", "attempt", "hit"]])
    seen = f" (seen: {100 * between:.1f})" if between == between else ""
    return Prose(
        f"Where the differences come from, as standard deviations in percentage points: models "
        f"{100 * found.model:.1f}, items {100 * found.item:.1f}, models on items {100 * found.model_by_item:.1f}, one "
        f"answer around its cell's chance {100 * found.sample:.1f}. A model's whole score differs from one run to the "
        f"next by {100 * found.score:.1f}{seen}."
    )
