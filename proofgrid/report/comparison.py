"""Two runs side by side: what changed, answer by answer, with McNemar's exact test."""

from __future__ import annotations

from dataclasses import dataclass

from proofgrid.checker.counting import count
from proofgrid.comparing import LEVEL
from proofgrid.report import drawing
from proofgrid.report.blocks import Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.headline import listed
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, p_value, percent
from proofgrid.report.text import spell, visible
from proofgrid.statistics import McNemar, Proportion, holm, mcnemar, mean_over_tasks

SHOWN = 2000
"""Rows of the item-by-item table; a run that changed more than this is read by its summary."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """A contestant of the first run and one of the second, compared on the answers both gave."""

    name: str
    a: int
    b: int
    changes: tuple[tuple[str, str, int, bool], ...]
    """(task, item, level, gained) of every item that changed."""
    by_task: dict[str, McNemar]
    total: McNemar


def pairings(board: Board) -> list[Pairing]:
    """Models that stand in both runs; where none does and each run has one model, those two."""
    found = []
    for a, b in board.partners.items():
        same = board.models[a] == board.models[b]
        title = board.models[a] if same else f"{board.contestants[a]} → {board.contestants[b]}"
        found.append(_pair(board, title, a, b))
    return found


def _adjusted(board: Board) -> list[tuple[Pairing, float]]:
    """The pairings that share items, each with its p adjusted for all of them (Holm)."""
    found = [p for p in pairings(board) if p.total.n]
    return list(zip(found, holm([p.total.p for p in found]), strict=True))


def verdicts(board: Board) -> dict[int, str]:
    """By contestant of the second run: the difference on the items of both, and whether it is significant (Holm)."""
    out = {}
    for p, q in _adjusted(board):
        word = ("better" if p.total.difference > 0 else "worse") if q < LEVEL else "no significant change"
        out[p.b] = f"{100 * p.total.difference:+.0f} points, {word} (p {p_value(q).text})"
    return out


def sentence(board: Board) -> str:
    """What changed from the first run to the second, and for how many models that is significant."""
    found = _adjusted(board)
    if not found:
        return "The two runs share no item."
    clear = [p for p, q in found if q < LEVEL]
    if len(found) == 1:
        p, q = found[0]
        low, high = (100 * x for x in p.total.interval)
        how = "a significant change" if q < LEVEL else "no significant change"
        return (
            f"{_brief(board, p)}: {100 * p.total.difference:+.1f} points "
            f"from {board.runs[0].name} to {board.runs[1].name} on the {p.total.n:,} items of both "
            f"(95% interval {low:+.1f} to {high:+.1f}), {how} by the paired test."
        )
    many = f"{spell(len(clear))} of {len(found)} models changed significantly"
    said = f"From {board.runs[0].name} to {board.runs[1].name} {many} by paired tests on the items of both"
    if clear:
        said += ": " + listed([f"{_brief(board, p)} ({100 * p.total.difference:+.1f} points)" for p in clear])
    return f"{said}."


def _brief(board: Board, pairing: Pairing) -> str:
    return board.brief.get(visible(pairing.name), pairing.name)


def _pair(board: Board, name: str, a: int, b: int) -> Pairing:
    means = board.item_means
    sides = [means[means["who"] == w].set_index("item")[["task", "level", "solved"]] for w in (a, b)]
    after = sides[1][["solved"]].rename(columns={"solved": "solved_b"})
    joined = sides[0].join(after, how="inner").sort_values(["task", "level"], kind="stable")
    pairs: dict[str, list[tuple[bool, bool]]] = {t.id: [] for t in board.tasks}
    changes = []
    for item, task, level, x, y in zip(
        joined.index, joined["task"], joined["level"], joined["solved"], joined["solved_b"], strict=True
    ):
        right = (x > 0.5, y > 0.5)
        pairs[task].append(right)
        if right[0] != right[1]:
            changes.append((str(task), str(item), int(level), right[1]))
    by_task = {task: mcnemar(found) for task, found in pairs.items() if found}
    return Pairing(name, a, b, tuple(changes), by_task, mcnemar([p for found in pairs.values() for p in found]))


def section(board: Board) -> Section:
    """The comparison of exactly two runs."""
    a, b = board.runs[0].name, board.runs[1].name
    found = pairings(board)
    if not found:
        text = "The two runs have no model in common, so no answers can be paired; the leaderboard shows both."
        return Section("comparison", "What changed", (Prose(text, warning=True),), kicker=f"{a} → {b}")
    adjusted = holm([p.total.p for p in found])
    rows = tuple(
        (
            model_cell(_brief(board, p), visible(p.name)),
            Cell(f"{p.total.n:,}", float(p.total.n)),
            percent((p.total.both + p.total.lost) / p.total.n, 1),
            percent((p.total.both + p.total.gained) / p.total.n, 1),
            _difference(p.total),
            Cell(f"{p.total.gained}", float(p.total.gained)),
            Cell(f"{p.total.lost}", float(p.total.lost)),
            p_value(p.total.p),
            p_value(q),
        )
        for p, q in zip(found, adjusted, strict=True)
        if p.total.n
    )
    columns = (
        Column("model", "text"),
        Column("items in both"),
        Column(a),
        Column(b),
        Column("difference", help="percentage points with a 95% interval (Agresti & Min 2005)"),
        Column("gained", help="wrong before, right now"),
        Column("lost", help="right before, wrong now"),
        Column("McNemar p", help="exact, two-sided, over the items that changed"),
        Column("Holm p", help="adjusted for as many models"),
    )
    names = [p.name for p in found]
    before, after = ([_mean(board, p, side) for p in found] for side in ("a", "b"))
    gained, lost = (sum(getattr(p.total, side) for p in found) for side in ("gained", "lost"))
    plot = Plot(
        "change",
        f"Accuracy, {a} and {b}",
        f"{count(gained, 'answer')} became right and {count(lost, 'answer')} became wrong.",
        lambda: drawing.paired_change(names, before, after, a, b),
        wide=True,
    )
    blocks = (
        Table("mcnemar", "Each model against itself", columns, rows, filter=len(rows) > 8),
        plot,
        _task_table(board, found),
        _change_table(board, found),
    )
    lead = (
        "Both runs' answers to the same items are paired, so only items whose outcome changed speak: McNemar's "
        "test asks "
        "whether more changed one way than chance would have it."
    )
    return Section("comparison", "What changed", blocks, lead, f"{a} → {b}")


def _mean(board: Board, pairing: Pairing, side: str) -> Proportion:
    who = pairing.a if side == "a" else pairing.b
    return mean_over_tasks([board.tally(who, t) for t in pairing.by_task])


def _difference(test: McNemar) -> Cell:
    low, high = test.interval
    return Cell(
        f"{100 * test.difference:+.1f}", test.difference, small=f"{100 * low:+.1f} to {100 * high:+.1f}", css="keep"
    )


def _task_table(board: Board, found: list[Pairing]) -> Table:
    tests = [(t, [p.by_task[t.id] for p in found if t.id in p.by_task]) for t in board.tasks]
    pooled = [
        (
            t,
            McNemar(
                sum(m.both for m in ms),
                sum(m.gained for m in ms),
                sum(m.lost for m in ms),
                sum(m.neither for m in ms),
            ),
        )
        for t, ms in tests
        if ms
    ]
    adjusted = holm([m.p for _, m in pooled])
    rows = tuple(
        (
            Cell(t.short, href=f"#task-{t.id}"),
            Cell(f"{m.n:,}", float(m.n)),
            percent((m.both + m.lost) / m.n, 1),
            percent((m.both + m.gained) / m.n, 1),
            _difference(m),
            Cell(f"{m.gained}", float(m.gained)),
            Cell(f"{m.lost}", float(m.lost)),
            p_value(m.p),
            p_value(q),
        )
        for (t, m), q in zip(pooled, adjusted, strict=True)
    )
    columns = (
        Column("task", "text"),
        Column("answers in both"),
        Column(board.runs[0].name),
        Column(board.runs[1].name),
        Column("difference"),
        Column("gained"),
        Column("lost"),
        Column("McNemar p", help="over all models' answers taken together"),
        Column("Holm p"),
    )
    return Table("mcnemar-tasks", "By task, models taken together", columns, rows)


def _change_table(board: Board, found: list[Pairing]) -> Table:
    short = {t.id: t.short for t in board.tasks}
    changes = [(p, *c) for p in found for c in p.changes]
    rows = []
    for p, task, item, level, gained in changes[:SHOWN]:
        rows.append(
            (
                Cell(item),
                model_cell(_brief(board, p), visible(p.name)),
                Cell(short[task]),
                Cell(str(level), float(level)),
                Cell("gained" if gained else "lost", css="good" if gained else "bad"),
                Cell("before", href=answer_link(board.contestants[p.a], item)),
                Cell("after", href=answer_link(board.contestants[p.b], item)),
            )
        )
    columns = (
        Column("item", "text"),
        Column("model", "text"),
        Column("task", "text"),
        Column("level"),
        Column("change", "text"),
        Column("before", "text"),
        Column("after", "text"),
    )
    note = "" if len(changes) <= SHOWN else f"The first {SHOWN:,} of {len(changes):,} changes."
    return Table("changes", "Item by item", columns, tuple(rows), note, filter=True)
