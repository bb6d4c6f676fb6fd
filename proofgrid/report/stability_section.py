"""The chapter on epistemic stability, where a run has been asked: table, forest plot, breakdown and cases to read."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from proofgrid.checker.counting import count
from proofgrid.glossary import plain_name
from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Case, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, percent

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


def section(board: Board) -> Section | None:
    """The chapter; None where no run has answers to stability questions."""
    found: list[tuple[str, ModelStability]] = []
    cases: list[tuple[str, Stability, int]] = []
    for place, stability in enumerate(board.stability):
        if stability is None:
            continue
        who = {board.models[w]: board.contestants[w] for w, of in enumerate(board.of_run) if of == place}
        found += [(who.get(m.model, m.model), m) for m in stability.models]
        cases += [(who.get(c.model, c.model), stability, i) for i, c in enumerate(stability.cases)]
    if not found:
        return None
    place_of = {board.contestants[w]: at for at, w in enumerate(board.order)}
    found.sort(key=lambda one: place_of.get(one[0], len(place_of)))
    blocks: list[Block] = [_plot(board, found), _table(board, found), _breakdown(board, found)]
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


def _marked(proof: str, line: int) -> str:
    lines = proof.split("\n")
    return "\n".join(f"{'▶' if i == line else ' '} {i:>3}  {text}" for i, text in enumerate(lines, 1))


def _plot(board: Board, found: list[tuple[str, ModelStability]]) -> Plot:
    spreads = []
    for _, m in found:
        low, high = m.index.corrected_interval or (nan, nan)
        spreads.append(drawing.Spread(nan if m.index.corrected is None else m.index.corrected, low, high))
    plain = [nan if m.index.esi is None else m.index.esi for _, m in found]
    names = [model for model, _ in found]
    brief = [board.brief.get(model, model) for model in names]
    having = [(s.value, n) for s, n in zip(spreads, brief, strict=True) if s.value == s.value]
    text = f"{count(len(having), 'model has', 'models have')} a corrected index"
    if having:
        text += f"; from {max(having)[1]} ({max(having)[0]:.2f}) down to {min(having)[1]} ({min(having)[0]:.2f})"
    return Plot(
        "stability-forest",
        "ESI* with 95% intervals, and against accuracy",
        text + ".",
        lambda: drawing.stability_forest(names, spreads, plain, [m.accuracy for _, m in found]),
        full=True,
    )


def _table(board: Board, found: list[tuple[str, ModelStability]]) -> Table:
    from proofgrid.stability.output import REASONS

    rows = []
    for model, m in found:
        index = m.index
        interval = index.corrected_interval
        rows.append(
            (
                model_cell(board.brief.get(model, model), model),
                percent(m.accuracy),
                Cell(f"{m.flawed_proofs:,}", float(m.flawed_proofs)),
                Cell(f"{index.asked:,}", float(index.asked)),
                percent(_there(index.U)),
                number(_there(index.esi)),
                percent(_there(index.c)),
                percent(_there(index.r)),
                Cell("–", "")
                if index.corrected is None
                else Cell(
                    f"{index.corrected:.2f}",
                    index.corrected,
                    small=f"{interval[0]:.2f}–{interval[1]:.2f}" if interval else "",
                ),
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
        Column("ESI*", help="corrected for c and r, with its 95% bootstrap interval over proofs"),
        Column("not asked or unread", help="failures that state no inference, and questions without a readable answer"),
        Column("why no index", "text"),
    )
    return Table("stability-table", "Epistemic stability by model", columns, tuple(rows), filter=True)


def _breakdown(board: Board, found: list[tuple[str, ModelStability]]) -> Table:
    rows = []
    for model, m in found:
        for part in m.breakdown.to_dict("records"):
            rows.append(
                (
                    model_cell(board.brief.get(model, model), model),
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
    return Table(
        "stability-parts", "By task, kind of failure, rule, diagnosis and depth", columns, tuple(rows), filter=True
    )


def _part_of(board: Board, by: str, value: str) -> Cell:
    """What a row of the breakdown is about, in the words of the rest of the page."""
    if by == "task":
        return Cell(next((t.short for t in board.tasks if t.id == value), value))
    if by == "kind" and (plain := plain_name(value)) != value:
        return Cell(plain, value, small=value)
    if by == "diagnosis" and value == "none":
        return Cell("neither slip nor fallacy")
    return Cell(value)


def _there(value: object) -> float:
    return float(value) if isinstance(value, int | float) else nan
