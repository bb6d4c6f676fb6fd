"""Where proofs fail: the first failure of every rejected proof, by kind and rule, and how far the proof got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from statistics import median
from typing import Any

import numpy as np

from proofgrid.checker.counting import count
from proofgrid.glossary import plain_name
from proofgrid.report import drawing
from proofgrid.report.blocks import Plot
from proofgrid.report.board import Board
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, percent, without_empty
from proofgrid.report.text import one_line

FEW = 5
"""Failed proofs below which their places are no distribution."""
MAPPED = 10
"""Failed proofs below which a map of them would show single ones; the table does."""
RULES = 10
"""Rules that the map shows by name; the others are one column."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first failure of one proof."""

    who: int
    item: str
    attempt: int
    kind: str
    class_: str
    rule: str
    diagnosis: str
    share: float
    """Share of the proof's steps before it, NaN where the failure has no step."""


def flaws(board: Board, task: str | None = None) -> list[Flaw]:
    """The first failures of first answers, of one task or of all."""
    frame = board.first if task is None else board.first[board.first["task"] == task]
    frame = frame[(frame["outcome"] == "incorrect") & frame["verdict"].notna()]
    out = []
    for who, item, attempt, verdict in zip(
        frame["who"], frame["item"], frame["attempt"], frame["verdict"], strict=True
    ):
        failure = verdict.get("failure") if isinstance(verdict, Mapping) else None
        if isinstance(failure, Mapping):
            out.append(_flaw(int(who), str(item), int(attempt), verdict, failure))
    return out


def _flaw(who: int, item: str, attempt: int, verdict: Mapping[str, Any], failure: Mapping[str, Any]) -> Flaw:
    step, steps = failure.get("step"), verdict.get("steps") or 0
    share = (step - 1) / steps if isinstance(step, int) and 0 < step <= steps else nan
    return Flaw(
        who,
        item,
        attempt,
        str(failure.get("kind")),
        str(failure.get("class")),
        str(failure.get("rule") or "–"),
        str(failure.get("diagnosis") or ""),
        share,
    )


def failure_table(board: Board, found: list[Flaw], id_: str) -> Table:
    """Counts by kind and rule, most frequent first, each with an example to look at."""
    groups: dict[tuple[str, str], list[Flaw]] = {}
    for flaw in found:
        groups.setdefault((flaw.kind, flaw.rule), []).append(flaw)
    rows = []
    for (kind, rule), members in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0])):
        shares = [m.share for m in members if m.share == m.share]
        example = members[0]
        rows.append(
            (
                Cell(plain_name(kind), kind, small=kind),
                Cell(rule),
                Cell(f"{len(members):,}", float(len(members))),
                percent(len(members) / len(found), 1),
                Cell(
                    str(sum(m.diagnosis == "slip" for m in members)), float(sum(m.diagnosis == "slip" for m in members))
                ),
                Cell(
                    str(sum(m.diagnosis == "fallacy" for m in members)),
                    float(sum(m.diagnosis == "fallacy" for m in members)),
                ),
                percent(median(shares) if shares else nan),
                Cell(
                    example.item,
                    href=answer_link(board.contestants[example.who], example.item, example.attempt),
                    small=board.brief[board.contestants[example.who]],
                ),
            )
        )
    columns = (
        Column("what fails", "text", "the first failure in plain words, and its code: proofgrid explain CODE"),
        Column("rule", "text"),
        Column("proofs"),
        Column("share"),
        Column("slips", help="the advertised conclusion does follow from what held: right plan, wrong step"),
        Column("fallacies", help="it does not follow; there is a countermodel"),
        Column("sound part, median", help="share of the proof's steps before its first failure"),
        Column("for example", "text"),
    )
    return without_empty(Table(id_, "Where proofs fail: the first failure, by kind and rule", columns, tuple(rows)))


def failure_plots(found: list[Flaw], id_: str) -> list[Plot]:
    """The map of kinds and rules, and how far proofs got."""
    kinds = [k for k, _ in Counter(f.kind for f in found).most_common(9)]
    common = Counter(f.rule for f in found).most_common()
    rules = [r for r, _ in common[:RULES]]
    rest = {r for r, _ in common[RULES:]}
    grid = np.array([[sum(f.kind == k and f.rule == r for f in found) for r in rules] for k in kinds])
    names = ["(no rule)" if r == "–" else r for r in rules]
    if rest:
        grid = np.hstack([grid, [[sum(f.kind == k and f.rule in rest for f in found)] for k in kinds]])
        names.append(f"{len(rest)} others")
    often, times = next(((r, n) for r, n in common if r != "–"), ("", 0))
    plots = []
    if grid.size > 3 and len(found) >= MAPPED:
        said = f"The commonest is {plain_name(kinds[0])} ({count(sum(f.kind == kinds[0] for f in found), 'proof')})"
        if often:
            said += f"; what stands in the failing step is most often {one_line(often, 40)} ({times:,})"
        plots.append(
            Plot(
                f"{id_}-map",
                "First failures by kind and rule",
                f"{said}.",
                lambda: drawing.failure_map([plain_name(k) for k in kinds], names, grid),
                wide=True,
            )
        )
    placed = [f for f in found if f.share == f.share]
    if len(placed) >= FEW:
        by = {d: [f.share for f in placed if f.diagnosis == d] for d in ("slip", "fallacy", "")}
        plots.append(
            Plot(
                f"{id_}-where",
                "How far proofs get",
                f"The median proof that fails is sound for {100 * median(f.share for f in placed):.0f}% of its steps; "
                f"{count(len(by['slip']), 'first failure is a slip', 'first failures are slips')}, "
                f"{count(len(by['fallacy']), 'a fallacy', 'fallacies')}.",
                lambda: drawing.where_in_proof(by["slip"], by["fallacy"], by[""]),
                wide=bool(plots),
            )
        )
    return plots


def model_table(board: Board, found: list[Flaw]) -> Table:
    """Per model: failures by class, slips against fallacies, and the median share before the first failure."""
    rows = []
    for who in board.order:
        mine = [f for f in found if f.who == who]
        shares = [f.share for f in mine if f.share == f.share]
        slips, fallacies = (sum(f.diagnosis == d for f in mine) for d in ("slip", "fallacy"))
        kinds = Counter(f.kind for f in mine).most_common(1)
        rows.append(
            (
                model_cell(board.brief[board.contestants[who]], board.contestants[who]),
                Cell(f"{len(mine):,}", float(len(mine))),
                *(
                    percent(sum(f.class_ == c for f in mine) / len(mine) if mine else nan)
                    for c in ("syntax", "type", "logic")
                ),
                Cell(f"{slips:,}", float(slips)),
                Cell(f"{fallacies:,}", float(fallacies)),
                percent(slips / (slips + fallacies) if slips + fallacies else nan),
                percent(median(shares) if shares else nan),
                Cell(plain_name(kinds[0][0]), kinds[0][0], small=kinds[0][0]) if kinds else Cell("–"),
            )
        )
    columns = (
        Column("model", "text"),
        Column("failed proofs"),
        Column("syntax", help="share of the failures that are of form: not readable, an unknown name, a gap left open"),
        Column("type", help="share in which a rule has the wrong number or form of arguments"),
        Column("logic", help="share in which the step, or the whole, does not give what it says"),
        Column("slips"),
        Column("fallacies"),
        Column("slips among slips and fallacies", help="planning right, execution wrong"),
        Column("sound part, median", help="share of the proof's steps before its first failure"),
        Column("most often", "text"),
    )
    return without_empty(Table("failures-by-model", "How each model's proofs fail", columns, tuple(rows), filter=True))
