"""What a notebook shows of a fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from proofgrid import fit_2pl


def test_a_notebook_shows_abilities_best_first_and_no_markup_of_others() -> None:
    """The table has every model with its error, the best first; a model's name is text, whatever it holds."""
    rng = np.random.default_rng(7)
    ability = np.array([-1.0, 0.0, 2.0])
    chances = 1 / (1 + np.exp(-(ability[:, None] - np.linspace(-1.5, 1.5, 40))))
    names = ["weak", "middling", "<b>strong</b>"]
    fit = fit_2pl(pd.DataFrame((rng.random((3, 40)) < chances).astype(float), index=names))
    html = fit._repr_html_()
    assert "<b>" not in html
    assert [html.index(name) for name in ("&lt;b&gt;strong", "middling", "weak")] == sorted(
        html.index(name) for name in ("&lt;b&gt;strong", "middling", "weak")
    )
    assert f"{fit.ability.max():.2f}" in html
    assert f"{fit.ability_se['weak']:.2f}" in html
    assert "3 models" in html
