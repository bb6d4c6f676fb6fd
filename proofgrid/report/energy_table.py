"""Joules beside dollars: only for models whose answers a meter measured."""

from __future__ import annotations

from proofgrid.energy import energy_of
from proofgrid.report.board import Board
from proofgrid.report.tables import Cell, Column, Table, model_cell, number


def energy_table(board: Board) -> Table | None:
    """One row a measured model; None where nothing was measured."""
    rows = []
    meters: list[str] = []
    for who in board.order:
        found = energy_of(board.runs[board.of_run[who]], board.models[who])
        if found is None:
            continue
        meters.append(found.meter)
        rows.append(
            (
                model_cell(board.brief[board.contestants[who]], board.contestants[who]),
                Cell(f"{found.answers:,}", float(found.answers)),
                number(found.joules, 0),
                number(found.joules_above_idle, 0),
                number(found.joules_per_solved, 1),
                number(1000 * found.accuracy_per_joule, 3),
                number(found.watts, 1),
                number(found.idle_watts, 1),
                number(1000 * found.accuracy_per_watt, 3),
                number(found.tokens_per_second, 1),
            )
        )
    if not rows:
        return None
    columns = (
        Column("model", "text"),
        Column("answers measured"),
        Column("joules", help="of these answers, the idle server's share included"),
        Column("joules above idle", help="the same without what the idle server would have drawn in that time"),
        Column("joules per solved item", help="joules of all these answers for each one that is right"),
        Column("IPJ, per kJ", help="accuracy per joule: accuracy over the mean kilojoules of an answer"),
        Column("watts", help="mean power while the answers were made"),
        Column("watts idle", help="mean power of the server, up and idle, before its first request"),
        Column("IPW, per kW", help="accuracy per watt: accuracy over the mean power in kilowatts"),
        Column("tokens per second", help="completion tokens of all requests together"),
    )
    note = (
        f"Measured by {'; '.join(dict.fromkeys(meters))}. A meter sees the whole machine, other work on it included. "
        "IPJ and IPW as in Intelligence per Watt (arXiv:2511.07885). Models that are not here were not measured."
    )
    return Table("energy", "What answers took in energy", columns, tuple(rows), note)
