"""The chapter on item response theory: abilities, Wright map, curves, information, fit, and what each task tells."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from proofgrid import irt
from proofgrid.checker.counting import count
from proofgrid.irt import plots
from proofgrid.irt.dimensions import misgivings
from proofgrid.irt.discrimination import task_discrimination
from proofgrid.irt.fit_statistics import item_fit, person_fit
from proofgrid.matrix import irt_arguments
from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Folded, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.names import shortened
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, p_value, percent

TITLE = "Item response theory"
LEAD = (
    "A two-parameter logistic model puts models and items on one scale: an item's difficulty is the ability at "
    "which half of "
    "all models solve it, its discrimination how sharply it tells those below from those above."
)


def section(board: Board) -> tuple[Section, pd.Series[float] | None]:
    """The chapter, and the items' difficulties for the tasks' pages (None where no model could be fitted)."""
    arguments = irt_arguments(board.matrix)
    table, tasks = arguments["responses"], arguments["groups"]
    try:
        fit = irt.fit_2pl(**arguments)
    except irt.IrtError as error:
        text = f"No model of abilities and difficulties was fitted: {str(error).rstrip('.')}."
        return Section("irt", TITLE, (Prose(text, warning=True),), LEAD), None
    shown = tasks.map({t.id: t.short for t in board.tasks})
    told = task_discrimination(fit, tasks, bootstrap=BOOTSTRAP)
    summary = told.table
    found = irt.information(fit, shown)
    fits = item_fit(fit)
    blocks: list[Block] = [Prose(sentence, warning=True) for sentence in _cautions(fit)]
    blocks.append(
        Prose(
            f"Marginal reliability {found.marginal_reliability:.2f}: the share of the differences between "
            "estimated abilities "
            "that is not error of measurement."
        )
    )
    map_, forest, *rest = _plots(board, fit, shown, summary, found, fits)
    placed = bool((fit.difficulty.abs() < plots.EDGE).mean() > 0.5)  # else a map of the items would show its edges
    further: list[Block] = [
        *rest,
        _task_table(board, fit, tasks, summary, told.draws),
        _item_table(board, fit, table, shown, fits),
    ]
    features = _feature_table(board, fit, tasks)
    further += [features] if features is not None else []
    rough = _too_little(fit)
    if rough:
        blocks = [Prose(rough, warning=True), forest, *([map_] if placed else []), _ability_table(board, fit)]
        blocks.append(
            Folded("irt-further", "Curves, information, fit and items: as rough as the note above says", tuple(further))
        )
    else:
        blocks += [map_, forest, *further[: len(rest)], _ability_table(board, fit), *further[len(rest) :]]
    return Section("irt", TITLE, tuple(blocks), LEAD), fit.difficulty


BOOTSTRAP = 200
MOST_ITEMS = 2000
"""Rows of the table of items; of more, the easiest and the hardest are shown."""
FEW = 10
"""Models below which the items' parameters are hardly identified: curves and information are folded away."""


def _too_little(fit: irt.Fit2PL) -> str:
    """Why a fit carries abilities and little else; nothing where it carries more."""
    models = len(fit.ability)
    if models >= FEW and fit.converged:
        return ""
    why = f"With {count(models, 'model')} an item's difficulty and discrimination are hardly identified"
    if models >= FEW:
        why = "The estimation had not converged when it stopped"
    return f"{why}: read the abilities below with their intervals, and the rest, folded away, as rough."


def _cautions(fit: irt.Fit2PL) -> list[str]:
    said = [s.strip() for s in misgivings(fit) if s]
    if not fit.converged:
        said.append("The estimation had not converged when it stopped; read these figures as rough.")
    return [s[0].upper() + s[1:] + ("" if s.endswith(".") else ".") for s in said]


def _plots(
    board: Board,
    fit: irt.Fit2PL,
    tasks: pd.Series[str],
    summary: pd.DataFrame,
    found: irt.Information,
    fits: pd.DataFrame,
) -> list[Plot]:
    models, earlier = _ranked(board, fit)
    ability = fit.ability[models]
    best, last = str(ability.idxmax()), str(ability.idxmin())
    easy, hard = str(fit.difficulty.idxmin()), str(fit.difficulty.idxmax())
    known = summary.dropna(subset="D1")
    top = str(known["D1"].idxmax()) if len(known) else ""
    peak = int(found.test.to_numpy().argmax())
    short = {t.id: t.short for t in board.tasks}
    labels = shortened([_called(board, model) for model in models], LABEL)
    forest = styled(lambda: plots.ability_forest(fit, labels), WIDE)
    from_to = f"From {ability[best]:.2f} ({_brief(board, best)}) down to {ability[last]:.2f} ({_brief(board, last)})"
    if earlier:
        forest = styled(lambda: plots.ability_change(fit, [(earlier.get(m), m) for m in models], labels), WIDE)
        from_to += f"; hollow: in {board.runs[0].name}, on the same scale"
    return [
        Plot(
            "irt-wright",
            "Wright map",
            f"Models on the left, items on the right, on one scale. The ablest is {_brief(board, best)} "
            f"({ability[best]:.2f}), the least able {_brief(board, last)} ({ability[last]:.2f}); the easiest "
            f"item is {easy} ({fit.difficulty[easy]:.2f}), the hardest {hard} ({fit.difficulty[hard]:.2f}).",
            styled(lambda: plots.wright_map(fit, tasks, labels, models)),
            full=True,
        ),
        Plot(
            "irt-abilities-plot",
            "Abilities with 95% intervals",
            f"{from_to}; the mean standard error is {float(fit.ability_se[models].mean()):.2f}.",
            forest,
            wide=True,
        ),
        Plot(
            "irt-information",
            "Test information with the models' abilities under it",
            f"The test measures best at an ability of {float(found.theta[peak]):.1f}, with a standard error of "
            f"{float(found.sem.to_numpy()[peak]):.2f}; each tick below is a model.",
            lambda: drawing.test_information(
                found.theta, found.test.to_numpy(), found.sem.to_numpy(), ability.to_numpy()
            ),
            wide=True,
        ),
        Plot(
            "irt-task-information",
            "Information by task",
            "Where on the scale each task tells models apart: "
            + "; ".join(
                f"{task} most at {float(found.theta[int(curve.argmax())]):.1f}"
                for task, curve in ((str(c), found.by_task[c].to_numpy()) for c in found.by_task.columns)
            )
            + ".",
            styled(lambda: plots.information_plot(fit, tasks, whole=False)),
            full=True,
        ),
        *(
            [
                Plot(
                    "irt-d1",
                    "Task discrimination D1 with 95% intervals",
                    "How well a task's mean item tells these models apart, from 0 (not at all) to 1. Highest: "
                    f"{short.get(top, top)} ({known['D1'][top]:.2f}).",
                    styled(
                        lambda: plots.forest(
                            [short.get(str(t), str(t)) for t in known.index],
                            known["D1"].to_numpy(),
                            known["D1_low"].to_numpy(),
                            known["D1_high"].to_numpy(),
                            "normalised task discrimination D1 (95% interval)",
                        ),
                        WIDE,
                    ),
                    wide=True,
                )
            ]
            if len(known) > 1
            else []  # one task, or too few models and items: the table below says what there is
        ),
        Plot(
            "irt-icc",
            "Item characteristic curves",
            "Twelve items spread over the difficulties: the fitted curve, and as dots the shares of models that "
            "solved the item "
            "in groups of like ability.",
            styled(lambda: plots.icc_plot(fit)),
            full=True,
        ),
        Plot(
            "irt-fit",
            "Item and model fit",
            f"{count(int((fits['infit'] > 1.3).sum()), 'item')} with an infit above 1.3 (noisier than the model "
            "expects) and "
            f"{count(int((fits['infit'] < 0.7).sum()), 'item')} below 0.7.",
            styled(lambda: plots.fit_plot(fits, person_fit(fit).loc[models].set_axis(labels))),
            full=True,
        ),
    ]


LABEL = 32
"""Characters of a model's name beside a figure."""
WIDE = 6.6
"""Inches of a figure that takes half the page's width, as those of :mod:`proofgrid.report.drawing`."""


def styled(draw: Callable[[], Figure], width: float | None = None) -> Callable[[], Figure]:
    """The same figure in the report's style, and as wide as its place on the page."""

    def wrapped() -> Figure:
        with drawing.styled():
            figure = draw()
        if width is not None:
            figure.set_figwidth(width)
        return figure

    return wrapped


def _task_table(board: Board, fit: irt.Fit2PL, tasks: pd.Series[str], summary: pd.DataFrame, draws: int) -> Table:
    where = irt.where_tasks_tell(fit, tasks)
    short = {t.id: t.short for t in board.tasks}
    rows = []
    for task, row in summary.sort_values("D1", ascending=False, kind="stable").iterrows():
        low, high = (float(where[end][str(task)]) for end in ("half_from", "half_to"))
        rows.append(
            (
                Cell(short.get(str(task), str(task)), href=f"#task-{task}"),
                Cell(f"{row['items']:.0f}", float(row["items"])),
                *(_with_interval(row, name) for name in ("D1", "D2", "DI", "item_rest")),
                number(float(row["difficulty"])),
                number(float(where["peak_ability"][str(task)])),
                Cell(f"{low:.1f} to {high:.1f}", low),
            )
        )
    columns = (
        Column("task", "text"),
        Column("items"),
        Column("D1", help="normalised expected information of the task's mean item, 0 to 1"),
        Column("D2", help="share of an item's information between abilities -1 and +1"),
        Column("DI", help="classical discrimination index: upper against lower 27% of models"),
        Column("item-rest r"),
        Column("mean difficulty"),
        Column("informs most at", help="the ability at which the task tells models apart best"),
        Column("half of it", help="abilities between which at least half of that information is kept"),
    )
    note = f"95% intervals from {draws} draws of the models (or their families) with replacement."
    return Table("irt-tasks", "What each task tells: discrimination", columns, tuple(rows), note)


def _with_interval(row: pd.Series[float], name: str) -> Cell:
    value, low, high = (float(row[name + end]) for end in ("", "_low", "_high"))
    if value != value:
        return Cell("–", "")
    return Cell(f"{value:.2f}", value, small="" if low != low else f"{low:.2f} to {high:.2f}")


def _feature_table(board: Board, fit: irt.Fit2PL, tasks: pd.Series[str]) -> Table | None:
    """How an item's difficulty goes with what can be counted in it, within tasks (Spearman's rank correlation)."""
    rows: list[tuple[Cell, ...]] = []
    short = {t.id: t.short for t in board.tasks}
    for task in dict.fromkeys(tasks):
        members = tasks.index[tasks == task]
        frame = pd.DataFrame([dict(board.items[i].difficulty) for i in members], index=members).astype(float)
        frame["level"] = [float(board.items[i].level) for i in members]
        b = fit.difficulty[members]
        found = []
        for feature in frame.columns:
            both = pd.concat([frame[feature], b], axis=1).dropna()
            if len(both) >= 5 and (both.nunique() > 1).all():
                test = spearmanr(both.iloc[:, 0], both.iloc[:, 1])
                found.append((str(feature), float(test.statistic), float(test.pvalue), len(both)))
        for feature, rho, p, n in sorted(found, key=lambda f: -abs(f[1]))[:6]:
            cells = (
                Cell(short[task]),
                Cell(feature.replace("_", " ")),
                number(rho),
                p_value(p),
                Cell(str(n), float(n)),
            )
            rows.append(cells)
    if not rows:
        return None
    columns = (
        Column("task", "text"),
        Column("feature", "text"),
        Column("rank correlation"),
        Column("p"),
        Column("items"),
    )
    note = "The six features of each task that go most with difficulty; not adjusted for there being several."
    return Table("irt-features", "Difficulty against the items' features", columns, tuple(rows), note, filter=True)


def _ranked(board: Board, fit: irt.Fit2PL) -> tuple[list[str], dict[str, str]]:
    """The contestants that the chapter ranks, and of two runs of the same models what each of them was before.

    Both runs are fitted together, so that before and after stand on one scale; a model has one place in it, its later.
    """
    fitted = set(fit.models)
    names = [board.contestants[w] for w in board.ranked if board.contestants[w] in fitted]
    pairs = {board.contestants[after]: board.contestants[before] for before, after in board.partners.items()}
    return names, {after: before for after, before in pairs.items() if after in names and before in fitted}


def _called(board: Board, contestant: str) -> str:
    return board.ranked_name(board.contestants.index(contestant))


def _brief(board: Board, contestant: str) -> str:
    return board.brief[_called(board, contestant)]


def _ability_table(board: Board, fit: irt.Fit2PL) -> Table:
    models, earlier = _ranked(board, fit)
    rows = []
    for model in fit.ability[models].sort_values(ascending=False, kind="stable").index:
        ability, se = float(fit.ability[model]), float(fit.ability_se[model])
        rows.append(
            (
                model_cell(_brief(board, model), _called(board, model)),
                *(_before_and_change(fit, earlier.get(model), model) if earlier else ()),
                number(ability),
                number(se),
                Cell(f"{ability - 1.96 * se:.2f} to {ability + 1.96 * se:.2f}", ability - 1.96 * se),
                Cell(str(fit.model_flags[model])),
            )
        )
    before = (
        Column(f"ability in {board.runs[0].name}", help="on the same scale: both runs are fitted together"),
        Column("change", help="with a 95% interval, the items' uncertainty counted in both"),
    )
    columns = (
        Column("model", "text"),
        *(before if earlier else ()),
        Column("ability", help="posterior mean, in standard deviations of the models' abilities"),
        Column("SE", help="standard error, the items' uncertainty included"),
        Column("95% interval"),
        Column("note", "text"),
    )
    if not any(row[-1].text for row in rows):  # nothing is odd about any of them
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    note = f"Abilities and their order are those of {board.runs[1].name}." if earlier else ""
    return Table("irt-abilities", "Abilities", columns, tuple(rows), note, filter=True)


def _before_and_change(fit: irt.Fit2PL, before: str | None, after: str) -> tuple[Cell, Cell]:
    if before is None:
        return Cell("–", ""), Cell("–", "")
    change = float(fit.ability[after] - fit.ability[before])
    margin = 1.96 * float(np.hypot(fit.ability_se[after], fit.ability_se[before]))
    small = f"{change - margin:+.2f} to {change + margin:+.2f}"
    return number(float(fit.ability[before])), Cell(f"{change:+.2f}", change, small=small, css="keep")


def _item_table(board: Board, fit: irt.Fit2PL, table: pd.DataFrame, tasks: pd.Series[str], fits: pd.DataFrame) -> Table:
    solved = table.mean()
    rows = []
    ordered = list(fit.difficulty.sort_values(kind="stable").index)
    shown = ordered if len(ordered) <= MOST_ITEMS else [*ordered[: MOST_ITEMS // 2], *ordered[-MOST_ITEMS // 2 :]]
    for item in shown:
        rows.append(
            (
                Cell(str(item)),
                Cell(str(tasks[item])),
                Cell(str(board.items[item].level), float(board.items[item].level)),
                percent(float(solved.get(item, nan))),
                number(float(fit.difficulty[item])),
                number(float(fit.difficulty_se[item])),
                number(float(fit.discrimination[item])),
                number(float(fit.discrimination_se[item])),
                number(float(fits["infit"].get(item, nan))),
                number(float(fits["outfit"].get(item, nan))),
                Cell(str(fit.item_flags[item]).replace("_", " ")),
            )
        )
    columns = (
        Column("item", "text"),
        Column("task", "text"),
        Column("level"),
        Column("solved"),
        Column("difficulty b"),
        Column("SE of b"),
        Column("discrimination a", help="do not rank single items by it: with few models it is barely identified"),
        Column("SE of a"),
        Column("infit", help="mean square near 1; above 1.3 noisier than the model expects"),
        Column("outfit"),
        Column("note", "text"),
    )
    which = f"{count(len(rows), 'item')}, easiest first"
    if len(shown) < len(ordered):
        which = f"The {len(shown) // 2:,} easiest and as many hardest of {len(ordered):,} items"
        which += " (proofgrid irt --out DIR writes all), easiest first"
    note = (
        f"{which}. With few models a single item's discrimination is barely "
        "identified; "
        "the tasks' aggregates above are what to compare."
    )
    return Table("irt-items", "Items", columns, tuple(rows), note, filter=True)
