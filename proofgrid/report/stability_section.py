"""The chapter on epistemic stability, where a run has been asked: table, forest plot, breakdown and cases to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from proofgrid.checker.counting import count
from proofgrid.glossary import plain_name
from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Case, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, percent, without_empty
from proofgrid.report.text import visible

if TYPE_CHECKING:
    from proofgrid.stability.measure import ModelStability, Stability

LEAD = (
    "Does a model reject, when shown it alone, the very inference that it wrote in a proof? ESI is the share of "
    "its own flawed "
    "inferences that it holds valid. ESI* corrects for a model that rejects or accepts everything, by the share "
    "c of valid "
    "controls that it accepts and the share r of invalid ones that it rejects."
)

CASES = "Cases to read: an inference that a model wrote in a proof, and what it said of it when it was shown it alone."


@dataclass(frozen=True, slots=True)
class _Row:
    """A model, and of two runs of the same models what it was in the first."""

    name: str
    now: ModelStability
    before: ModelStability | None = None


def section(board: Board) -> Section | None:
    """The chapter; None where no run has answers to stability questions.

    Of two runs of the same models it has one row a model, what it was beside what it is, as the leaderboard has.
    """
    found: dict[str, ModelStability] = {}
    cases: list[tuple[str, Stability, int]] = []
    for place, stability in enumerate(board.stability):
        if stability is None:
            continue
        who = {board.models[w]: board.contestants[w] for w, of in enumerate(board.of_run) if of == place}
        found |= {who.get(m.model, m.model): m for m in stability.models}
        here = [(who.get(c.model, c.model), stability, i) for i, c in enumerate(stability.cases)]
        cases = [*here, *cases]  # the later run's first
    if not found:
        return None
    rows = _rows(board, found)
    indexed = any(_spread(m).value == m.index.corrected for row in rows for m in (row.now, row.before) if m)
    blocks: list[Block] = [
        _plot(board, rows) if indexed else Prose("No model has a corrected index yet; the table says why."),
        _table(board, rows),
        _breakdown(board, rows),
    ]
    if cases:
        blocks.append(Prose(CASES))
    for model, stability, i in cases[:10]:
        case = stability.cases[i]
        where = f"line {case.line} of {case.item}" if case.line else case.item
        blocks.append(
            Case(
                f"{board.brief.get(model, model)} on {where}: {case.inference}",
                answer_link(model, case.item, case.attempt),
                (
                    ("The proof, the marked line being its own", _marked(case.proof, case.line)),
                    ("What it was asked, alone", case.question),
                    ("What it said", case.rejection),
                ),
            )
        )
    return Section("stability", "Epistemic stability", tuple(blocks), LEAD)


def _rows(board: Board, found: Mapping[str, ModelStability]) -> list[_Row]:
    """In the leaderboard's order; a model that both of two runs asked is one row."""
    earlier = {board.contestants[after]: board.contestants[before] for before, after in board.partners.items()}
    earlier = {after: before for after, before in earlier.items() if after in found and before in found}
    ranked = {board.contestants[w]: board.ranked_name(w) for w in board.ranked}
    place = {board.contestants[w]: at for at, w in enumerate(board.order)}
    names = sorted(set(found) - set(earlier.values()), key=lambda name: (place.get(name, len(place)), name))
    return [
        _Row(
            ranked.get(name, name),
            found[name],
            found[earlier[name]] if name in earlier else None,
        )
        for name in names
    ]


def _marked(proof: str, line: int) -> str:
    lines = proof.split("\n")
    return "\n".join(f"{'▶' if i == line else ' '} {i:>3}  {text}" for i, text in enumerate(lines, 1))


def _spread(m: ModelStability | None) -> drawing.Spread:
    index = None if m is None else m.index
    low, high = (index and index.corrected_interval) or (nan, nan)
    return drawing.Spread(nan if index is None or index.corrected is None else index.corrected, low, high)


def _plot(board: Board, rows: list[_Row]) -> Plot:
    rows = [row for row in rows if row.now.index.esi is not None or row.before is not None]
    spreads = [_spread(row.now) for row in rows]
    before = [_spread(row.before) for row in rows] if any(row.before for row in rows) else None
    plain = [nan if row.now.index.esi is None else row.now.index.esi for row in rows]
    names = [row.name for row in rows]
    brief = [board.brief.get(model, model) for model in names]
    having = [(s.value, n) for s, n in zip(spreads, brief, strict=True) if s.value == s.value]
    text = f"{count(len(having), 'model has', 'models have')} a corrected index"
    if len(having) > 1:
        text += f"; from {max(having)[1]} ({max(having)[0]:.2f}) down to {min(having)[1]} ({min(having)[0]:.2f})"
    elif having:
        text += f": {having[0][1]} ({having[0][0]:.2f})"
    if before is not None:
        text += f"; hollow: in {visible(board.runs[0].name)}"
    return Plot(
        "stability-forest",
        "ESI* with 95% intervals, and against accuracy",
        text + ".",
        lambda: drawing.stability_forest(names, spreads, plain, [row.now.accuracy for row in rows], before),
        full=True,
    )


def _table(board: Board, found: list[_Row]) -> Table:
    from proofgrid.stability.output import REASONS

    rows = []
    paired = any(row.before for row in found)
    for row in found:
        m = row.now
        index = m.index
        rows.append(
            (
                model_cell(board.brief.get(row.name, row.name), row.name),
                percent(m.accuracy),
                Cell(f"{m.flawed_proofs:,}", float(m.flawed_proofs)),
                Cell(f"{index.asked:,}", float(index.asked)),
                percent(_there(index.U)),
                number(_there(index.esi)),
                percent(_there(index.c)),
                percent(_there(index.r)),
                *([_corrected(row.before)] if paired else []),
                _corrected(m),
                Cell(f"{m.unanswered + sum(m.not_asked.values()):,}", float(m.unanswered + sum(m.not_asked.values()))),
                Cell(REASONS.get(index.reason or "", index.reason or "")),
            )
        )
    columns = (
        Column("model", "text"),
        Column("accuracy", help="on the tasks whose answers are asked about"),
        Column("flawed proofs"),
        Column("asked", help="flawed inferences asked and answered readably"),
        Column("rejected U", help="share of them that the model rejects"),
        Column("ESI", help="1 - U"),
        Column("c", help="share of valid controls accepted"),
        Column("r", help="share of invalid controls rejected"),
        *([Column(f"ESI* in {visible(board.runs[0].name)}", help="what it was in the first run")] if paired else []),
        Column("ESI*", help="corrected for c and r, with its 95% bootstrap interval over proofs"),
        Column("not asked or unread", help="failures that state no inference, and questions without a readable answer"),
        Column("why no index", "text"),
    )
    return without_empty(Table("stability-table", "Epistemic stability by model", columns, tuple(rows), filter=True))


def _corrected(m: ModelStability | None) -> Cell:
    if m is None or m.index.corrected is None:
        return Cell("–", "")
    interval = m.index.corrected_interval
    return Cell(
        f"{m.index.corrected:.2f}",
        m.index.corrected,
        small=f"{interval[0]:.2f}–{interval[1]:.2f}" if interval else "",
    )


def _breakdown(board: Board, found: list[_Row]) -> Table:
    rows = []
    for row in found:
        for part in row.now.breakdown.to_dict("records"):
            rows.append(
                (
                    model_cell(board.brief.get(row.name, row.name), row.name),
                    Cell(str(part["by"])),
                    _part_of(board, str(part["by"]), str(part["value"])),
                    Cell(f"{part['asked']:.0f}", float(part["asked"])),
                    percent(_there(part["U"])),
                    number(_there(part["esi"])),
                    number(_there(part["corrected"])),
                )
            )
    columns = (
        Column("model", "text"),
        Column("by", "text"),
        Column("of", "text"),
        Column("asked"),
        Column("rejected U"),
        Column("ESI"),
        Column("ESI*"),
    )
    caption = "By task, kind of failure, rule, diagnosis and depth"
    return without_empty(Table("stability-parts", caption, columns, tuple(rows), filter=True))


_OWN = {"rewriteFailed": "a rewriting that does not give the term", "nothingClaimed": "an answer that claims nothing"}
"""Kinds that only this chapter counts."""


def _part_of(board: Board, by: str, value: str) -> Cell:
    """What a row of the breakdown is about, in the words of the rest of the page."""
    if by == "task":
        return Cell(next((t.short for t in board.tasks if t.id == value), value))
    if by == "kind" and (plain := _OWN.get(value) or plain_name(value)) != value:
        return Cell(plain, value, small=value)
    if by == "diagnosis" and value == "none":
        return Cell("neither slip nor fallacy")
    return Cell(value)


def _there(value: object) -> float:
    return float(value) if isinstance(value, int | float) else nan
