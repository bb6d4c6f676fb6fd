"""The report's figures as one family: one size of text at every width, colours told apart without colour vision."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from matplotlib.colors import to_rgb

from proofgrid.report import drawing
from proofgrid.report.board import Board, make_board
from proofgrid.report.drawing import LARGEST, NARROW, SMALLEST, narrowed
from proofgrid.report.sections import all_figures
from proofgrid.report.simulate import simulate_run
from proofgrid.report.svg import SVG, inline_svg

VISIONS = (None, "protanomaly", "deuteranomaly", "tritanomaly")
DATA = {name: getattr(drawing, name) for name in ("INK", "FAINT", "BLUE", "ORANGE", "RED")}
"""Colours that mean something by being different; the others are those of axes and marks."""
APART = 15.0
"""CAM02-UCS; about ten times what an eye just notices (Luo, Cui & Li 2006)."""


def seen(colour: str, vision: str | None) -> np.ndarray:
    """sRGB as someone without one kind of cone sees it (Machado, Oliveira & Fernandes 2009, severity 100)."""
    rgb = np.array(to_rgb(colour))
    if vision is None:
        return rgb
    space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
    return np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)


def lightness(colour: str, vision: str | None) -> float:
    """CIE L* of a colour so seen."""
    return float(cspace_convert(seen(colour, vision), "sRGB1", "CIELab")[0])


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_of_data_are_told_apart(vision: str | None) -> None:
    """Every two colours that data are drawn in differ clearly for every kind of colour vision."""
    for (a, first), (b, second) in itertools.combinations(DATA.items(), 2):
        far = float(deltaE(seen(first, vision), seen(second, vision), input_space="sRGB1"))
        assert far > APART, f"{a} and {b}: {far:.1f}"


def test_two_greens_would_be_found_out() -> None:
    """What the bound is for: blue and green that only those with all cones tell apart."""
    far = [float(deltaE(seen("#0b62a3", v), seen("#00785a", v), input_space="sRGB1")) for v in (None, "tritanomaly")]
    assert far[0] > APART > far[1]


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_heat_map_is_read_by_lightness(vision: str | None, theme: str) -> None:
    """From 0 to 100% each of the eleven shades is darker (on dark: lighter) than the last, and its number legible."""
    css = (files("proofgrid.report") / "static" / "report.css").read_text("utf-8")
    before, after = css.split('[data-theme="dark"] .h0')
    text = before if theme == "light" else '[data-theme="dark"] .h0' + after
    shades = {int(n): (b, f) for n, b, f in re.findall(r"\.h(\d+)\s?\{--b:(#\w+);--f:(#\w+)\}", text)}
    assert sorted(shades) == list(range(11))
    tones = [lightness(shades[n][0], vision) for n in range(11)]
    steps = np.diff(tones) if theme == "dark" else -np.diff(tones)
    assert steps.min() > 1.5, steps
    for back, ink in shades.values():
        assert abs(lightness(back, vision) - lightness(ink, vision)) > 40


@pytest.mark.parametrize("vision", VISIONS)
def test_the_figures_map_gets_darker_all_the_way(vision: str | None) -> None:
    """The same for the map of the figures."""
    tones = [lightness(tuple(drawing.SEQUENTIAL(x)[:3]), vision) for x in np.linspace(0, 1, 21)]  # type: ignore[arg-type]
    assert (np.diff(tones) < 0).all()


@pytest.fixture(scope="module")
def board() -> Board:
    """Twelve models with long names on three tasks: every figure is drawn."""
    run = simulate_run(12, 12, tasks=("pl1_pw", "pl1_pc", "eq_gf"))
    long = run.attempts["model"] + "-instruct-2026-01-preview-with-a-name-that-has-no-end"
    return make_board([type(run)(run.name, run.header, run.items, run.attempts.assign(model=long))])


def test_text_has_one_size_at_every_width(board: Board) -> None:
    """All text is 11 to 12 pixels, as drawn and as laid out again for a narrow screen, which holds the figure."""
    narrow = 0
    for name, figure in all_figures(board).items():
        for again in (False, True):
            if again and not narrowed(figure):
                continue
            narrow += again
            root = ET.fromstring(inline_svg(figure, "f", "t", "d"))
            width, points = float(root.get("width", "0")), float(root.get("viewBox", "0 0 0 0").split()[2])
            assert width == pytest.approx(points * 96 / 72, abs=0.1)
            assert not again or width <= NARROW * 96 + 1
            sizes = {float(e.get("font-size", "0").removesuffix("px")) for e in root.iter(f"{{{SVG}}}text")} - {0.0}
            assert all(SMALLEST - 0.01 <= size <= LARGEST + 0.01 for size in sizes), (name, sizes)
    assert narrow >= 4


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("length", [3, 20, 40])
def test_a_map_of_two_models_has_room_for_long_names(length: int) -> None:
    """Two models with names of any length are laid out without collapsing the map between them."""
    names = [("builtin/student?skill=0.25&slips=0.05 · " + name)[-length:] for name in ("before", "afterwards")]
    values = np.array([[0.0, 0.25], [-0.25, 0.0]])
    figure = drawing.difference_matrix(names, values, values > 0)
    inline_svg(figure, "f", "title", "text")
    (axes,) = figure.get_axes()
    box = axes.get_window_extent()
    assert min(box.width, box.height) > 0.3 * figure.dpi
