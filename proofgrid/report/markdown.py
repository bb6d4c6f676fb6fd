"""The report in short, as Markdown for a pull request: leaderboard, what changed, where proofs fail."""

from __future__ import annotations

from proofgrid.checker.counting import count
from proofgrid.report import comparison, failures, leaderboard
from proofgrid.report.blocks import Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.sections import made
from proofgrid.report.tables import Cell, Column, Table, escape, markdown

LIMIT = 30
"""Rows of a table; the HTML report has the others."""


def render(board: Board) -> str:
    """The whole document."""
    title = escape(" and ".join(run.name for run in board.runs))
    rows = leaderboard.heat_rows(board)
    parts = [
        f"# {title}",
        f"{count(len(board.contestants), 'model')}, {count(len(board.tasks), 'task')}, "
        f"{count(len(board.items), 'item')}, "
        f"{count(len(board.attempts), 'answer')}; judged by ProofGrid's proof checker.",
        "## Leaderboard",
        markdown(_leaderboard(board, rows), LIMIT),
        "Accuracy in percent, instrumented / strict; in brackets its 95% interval. Models marked = are not told apart "
        "by paired tests on the same items.",
    ]
    if len(board.runs) == 2:
        changed = made("comparison", "What changed", lambda: comparison.section(board))
        parts += _section(changed) if changed is not None else []
    failed = made("failures", "Where proofs fail", lambda: _failed(board))
    parts += _section(failed) if failed is not None else []
    came = Section("outcomes", "What answers came to", (leaderboard.outcome_table(board),))
    parts += _section(came)
    return "\n\n".join(parts) + "\n"


def _leaderboard(board: Board, rows: list[leaderboard.HeatRow]) -> Table:
    rank = (Column("rank", "text"),) if len(rows) > 1 else ()  # one model alone has none
    columns = (*rank, Column("model", "text"), Column("mean"), *(Column(t.short) for t in board.tasks))
    return Table(
        "leaderboard",
        "Leaderboard",
        columns,
        tuple(
            (
                *(Cell(str(r.rank)) for _ in rank),
                Cell(r.name),
                Cell(f"{r.solved.percent} / {r.strict.percent}", small=r.solved.interval),
                *(Cell(f"{c.solved.percent} / {c.strict.percent}" if c.solved.n else "–") for c in r.cells),
            )
            for r in rows
        ),
    )


def _failed(board: Board) -> Section | None:
    found = failures.flaws(board)
    return Section("failures", "Where proofs fail", (_failures(found),)) if found else None


def _failures(found: list[failures.Flaw]) -> Table:
    groups: dict[tuple[str, str], list[failures.Flaw]] = {}
    for flaw in found:
        groups.setdefault((flaw.kind, flaw.rule), []).append(flaw)
    ordered = sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))
    return Table(
        "failures",
        "Where proofs fail",
        (Column("kind", "text"), Column("rule", "text"), Column("proofs"), Column("slips"), Column("fallacies")),
        tuple(
            (
                Cell(kind),
                Cell(rule),
                Cell(str(len(members))),
                Cell(str(sum(m.diagnosis == "slip" for m in members))),
                Cell(str(sum(m.diagnosis == "fallacy" for m in members))),
            )
            for (kind, rule), members in ordered
        ),
    )


def _section(section: Section) -> list[str]:
    parts = [f"## {escape(section.title)}" + (f": {escape(section.kicker)}" if section.kicker else "")]
    for block in section.blocks:
        if isinstance(block, Prose):
            parts.append(escape(block.text))
        elif isinstance(block, Table) and block.rows:
            heading = [f"### {escape(block.caption)}"] if len(section.blocks) > 1 else []
            parts += [*heading, markdown(block, LIMIT)]
    return parts
