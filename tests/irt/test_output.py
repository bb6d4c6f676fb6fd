"""Files and plots: complete, equal from run to run, and legible."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid import irt
from proofgrid.irt.output import write_analysis
from proofgrid.irt.plots import spread_apart, wright_map
from tests.irt.simulate import simulate


@pytest.fixture(scope="module")
def analysis() -> irt.Analysis:
    """A small analysis with everything in it."""
    truth = simulate(0, 24, 60)
    groups = pd.Series([f"task|{k % 3}" for k in range(60)], index=truth.responses.columns)
    features = pd.DataFrame({"size": truth.b + 0.1}, index=truth.responses.columns)
    return irt.analyse(truth.responses, groups, priors=irt.Priors(hierarchical=True), features=features, bootstrap=10)


@pytest.fixture(scope="module")
def written(analysis: irt.Analysis, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the analysis."""
    return write_analysis(analysis, tmp_path_factory.mktemp("irt") / "out", {"runs": "one"})


def test_all_files_are_written_and_read_back(analysis: irt.Analysis, written: list[Path]) -> None:
    """CSV, JSON, plots in both formats and the summary are there, and say the same as the analysis."""
    folder, names = written[0].parent, {path.name for path in written}
    expected = {
        "items.csv",
        "models.csv",
        "tasks.csv",
        "irt.json",
        "summary.md",
        "explanation.csv",
        "stability.csv",
    }
    for name in ("wright_map", "abilities", "information", "fit"):
        expected |= {f"{name}.svg", f"{name}.png"}
    assert expected <= names
    models = pd.read_csv(folder / "models.csv", index_col="model")
    np.testing.assert_allclose(models["ability"], analysis.fit.ability, atol=1e-4)
    data = json.loads((folder / "irt.json").read_text())
    assert (data["n_models"], data["n_items"], data["source"]) == (24, 60, {"runs": "one"})
    assert len(data["items"]) == 60
    summary = (folder / "summary.md").read_text()
    assert "do not rank single problems" in summary
    assert "task&#124;0" in summary
    assert "Out-of-sample R²" in summary


def test_the_same_analysis_writes_the_same_bytes(analysis: irt.Analysis, written: list[Path], tmp_path: Path) -> None:
    """Nothing that is written holds a date or a random identifier."""
    again = write_analysis(analysis, tmp_path / "again", {"runs": "one"})
    for first, second in zip(written, again, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30))
def test_labels_keep_their_distance(values: list[float]) -> None:
    """Spread positions keep the order, the distance (where there is room) and the range."""
    gap = min(0.2, 8 / max(len(values) - 1, 1))
    out = spread_apart(np.array(values), 0.2, -4, 4)
    ordered = np.sort(out)
    assert (np.diff(ordered) >= gap - 1e-9).all()
    assert ordered[0] >= -4 - 1e-9
    assert ordered[-1] <= 4 + 1e-9
    assert (np.argsort(np.argsort(values, kind="stable")) == np.argsort(np.argsort(out, kind="stable"))).all()


def test_labels_of_24_models_do_not_collide(analysis: irt.Analysis) -> None:
    """In the drawn Wright map no two model labels overlap, although many abilities are nearly equal."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = wright_map(analysis.fit, labels=[f"vendor/some-long-model-name-{k}" for k in range(24)])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert len(boxes) == 24
    overlapping = [(i, j) for i in range(24) for j in range(i) if boxes[i].overlaps(boxes[j])]
    assert overlapping == []


def test_names_are_plain_text_wherever_they_are_written(tmp_path: Path) -> None:
    """Names are strangers': no markup in the summary, no formulas in the tables."""
    truth = simulate(5, 12, 20)
    names = ["=1+1", "<b>x</b>", "a|b", "![x](http://x.example)", *[f"m{k}" for k in range(8)]]
    table = truth.responses.set_axis(names, axis=0)
    write_analysis(irt.analyse(table, bootstrap=0), tmp_path, {"matrix": "<script>.csv"})
    summary = (tmp_path / "summary.md").read_text()
    assert "<b>" not in summary
    assert "<script>" not in summary
    assert "![x](" not in summary
    assert "\n'=1+1," in (tmp_path / "models.csv").read_text()
