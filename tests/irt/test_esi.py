"""The arithmetic of the Epistemic Stability Index."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid import irt
from proofgrid.irt.esi import corrected_share, proofs_needed, sensitivity, stability_index


def judgements(flawed: list[bool], valid: list[bool], invalid: list[bool]) -> pd.DataFrame:
    """One row a judgement; the k-th of each kind belong to one proof; True is a rejection."""
    rows = [
        {"proof": f"p{k}", "kind": kind, "rejected": rejected}
        for kind, values in (("flawed", flawed), ("valid", valid), ("invalid", invalid))
        for k, rejected in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["proof", "kind", "rejected"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0, 1), st.floats(0.6, 1), st.floats(0.6, 1))
def test_correction_inverts_the_mixture(u: float, c: float, r: float) -> None:
    """Where U = u r + (1 - u)(1 - c), the correction gives u back."""
    np.testing.assert_allclose(corrected_share(u * r + (1 - u) * (1 - c), c, r), u, atol=1e-9)


def test_known_case() -> None:
    """U .4, c .9, r .8: u = .3 / .7."""
    found = irt.stability_index(
        judgements([True] * 8 + [False] * 12, [True] * 2 + [False] * 18, [True] * 16 + [False] * 4)
    )
    assert (found.U, found.esi, found.c, found.r) == (0.4, 0.6, 0.9, 0.8)
    assert found.u == pytest.approx(0.3 / 0.7)
    assert found.corrected == pytest.approx(1 - 0.3 / 0.7)
    assert found.corrected_interval is not None
    assert found.corrected_interval[0] < found.corrected < found.corrected_interval[1]
    assert found.reason is None


@pytest.mark.parametrize(
    ("flawed", "valid", "invalid"),
    [
        ([True] * 30, [True] * 30, [True] * 30),
        ([False] * 30, [False] * 30, [False] * 30),
        ([True, False] * 15, [True, False] * 15, [True, False] * 15),
    ],
)
def test_no_index_where_valid_and_invalid_are_not_told_apart(
    flawed: list[bool], valid: list[bool], invalid: list[bool]
) -> None:
    """Always reject, always accept and a coin have a plain index and no corrected one."""
    found = irt.stability_index(judgements(flawed, valid, invalid))
    assert found.esi is not None
    assert found.corrected is None
    assert found.corrected_interval is None
    assert found.reason == "cannot_tell_valid_from_invalid"


def test_few_judgements_give_counts_only() -> None:
    """Fewer than ten asked inferences have counts and no index; none at all is no error."""
    found = irt.stability_index(judgements([True] * 9, [False] * 9, [True] * 9))
    assert (found.asked, found.rejected) == (9, 9)
    assert found.esi is None
    assert found.corrected is None
    assert found.reason == "too_few"
    assert irt.stability_index(judgements([], [], [])).asked == 0


def test_index_is_clipped_and_u_is_not() -> None:
    """More rejections of its own steps than of invalid ones: u above 1, ESI* at 0."""
    found = irt.stability_index(judgements([True] * 20, [False] * 20, [True] * 15 + [False] * 5))
    assert found.u is not None
    assert found.u > 1
    assert found.corrected == 0


def test_bad_tables_are_refused() -> None:
    """A missing column or an unknown kind is named."""
    with pytest.raises(irt.IrtError, match="lack a column 'rejected'"):
        irt.stability_index(pd.DataFrame({"proof": [], "kind": []}))
    with pytest.raises(irt.IrtError, match="'odd' is no kind"):
        irt.stability_index(pd.DataFrame({"proof": ["p"], "kind": ["odd"], "rejected": [True]}))


def test_errors_seen_less_often_lower_the_index() -> None:
    """With r smaller by a step more of what was rejected counts as unstable; no index without a separation left."""
    rows = [("flawed", k < 30) for k in range(100)] + [("valid", k < 5) for k in range(100)]
    rows += [("invalid", k < 80) for k in range(100)]
    table = pd.DataFrame(
        [{"proof": f"p{k % 100}", "kind": kind, "rejected": hit} for k, (kind, hit) in enumerate(rows)]
    )
    index = stability_index(table, bootstrap=50)
    found = sensitivity(index)
    assert index.corrected is not None
    assert found[0.3] is not None
    assert found[0.3] < found[0.1] < index.corrected
    assert proofs_needed(0.14) == 100
