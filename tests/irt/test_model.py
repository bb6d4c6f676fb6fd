"""The 2PL's own formulas against finite differences and sums over all patterns."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.irt.em import fit_em
from proofgrid.irt.fit_statistics import score_distribution, share_by_score
from proofgrid.irt.model import item_information, log_likelihood, probability, softplus
from proofgrid.irt.quadrature import adapted, make_grid, moments, posterior
from proofgrid.irt.responses import read_responses
from proofgrid.irt.uncertainty import uncertainty
from tests.irt.simulate import simulate

A = st.lists(st.floats(0.05, 5), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(A, st.integers(0, 10**6), st.floats(-4, 4))
def test_information_against_finite_differences(slopes: list[float], seed: int, theta: float) -> None:
    """Minus the second derivative of the log likelihood is what finite differences say."""
    rng = np.random.default_rng(seed)
    a, b = np.array(slopes), rng.normal(0, 1.5, len(slopes))
    y, seen = rng.integers(0, 2, (1, len(a))).astype(float), rng.integers(0, 2, (1, len(a))).astype(float)
    y *= seen
    h = 1e-4
    near = log_likelihood(y, seen, a, b, np.array([theta - h, theta, theta + h]))[0]
    information = (seen[0] * item_information(a, b, np.array([theta]))[:, 0]).sum()
    np.testing.assert_allclose(information, -(near[2] - 2 * near[1] + near[0]) / h**2, atol=2e-5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(-800, 800))
def test_softplus_never_overflows(z: float) -> None:
    """log(1 + e^z) is finite everywhere and obeys softplus(z) - softplus(-z) = z."""
    both = softplus(np.array([z, -z]))
    assert np.isfinite(both).all()
    np.testing.assert_allclose(both[0] - both[1], z, atol=1e-9)


def test_score_distribution_sums_over_patterns() -> None:
    """The recursion gives what adding up all patterns gives."""
    p = probability(np.array([0.5, 1.0, 2.0]), np.array([-1.0, 0.0, 1.0]), np.array([-0.5, 0.7]))
    expected = np.zeros((4, 2))
    for pattern in product((0, 1), repeat=3):
        chosen = np.where(np.array(pattern)[:, None] == 1, p, 1 - p)
        expected[sum(pattern)] += chosen.prod(axis=0)
    np.testing.assert_allclose(score_distribution(p), expected, atol=1e-12)


def test_item_errors_are_the_inverse_of_the_numerical_hessian() -> None:
    """Item covariances without priors equal the inverse of the Hessian of the marginal likelihood by differences."""
    data = read_responses(simulate(5, 800, 4).responses)
    fit = fit_em(data, None, tolerance=1e-9)
    x0 = np.concatenate([fit.a, fit.b])

    def objective(x: np.ndarray) -> float:
        grid = make_grid(-7, 7, 141)
        return float(data.weight @ posterior(log_likelihood(data.y, data.seen, x[:4], x[4:], grid.theta), grid)[1])

    h = 1e-3
    hessian = np.zeros((8, 8))
    for i in range(8):
        for j in range(8):
            step_i, step_j = h * np.eye(8)[i], h * np.eye(8)[j]
            hessian[i, j] = (
                objective(x0 + step_i + step_j)
                - objective(x0 + step_i - step_j)
                - objective(x0 - step_i + step_j)
                + objective(x0 - step_i - step_j)
            ) / (4 * h * h)
    expected = np.linalg.inv(-hessian)
    found = uncertainty(data, fit, fixed_scale=False).item_covariance
    np.testing.assert_allclose(found[:, 0, 0], np.diag(expected)[:4], rtol=0.01)
    np.testing.assert_allclose(found[:, 1, 1], np.diag(expected)[4:], rtol=0.01)
    np.testing.assert_allclose(found[:, 0, 1], [expected[k, 4 + k] for k in range(4)], rtol=0.02)


def test_both_ways_to_invert_agree() -> None:
    """The Woodbury identity gives what inverting the whole information matrix gives."""
    from proofgrid.irt.uncertainty import _complete_information, _dense, _invert_blocks, _low_rank, _scores

    data = read_responses(simulate(1, 12, 60).responses, varied=False)
    from proofgrid.irt.priors import Priors

    fit = fit_em(data, Priors())
    p = probability(fit.a, fit.b, fit.grid.theta)
    blocks = _complete_information(data, fit, p, fit.post * data.weight[:, None])
    terms, _ = _scores(data, fit, p)
    dense, d1 = _dense(blocks, terms)
    low, d2 = _low_rank(_invert_blocks(blocks), np.concatenate(terms))
    np.testing.assert_allclose(d1, d2, atol=1e-8)
    x = np.random.default_rng(0).normal(size=(120, 2))
    np.testing.assert_allclose(dense(x), low(x), atol=1e-8)


def test_the_grid_follows_narrow_posteriors() -> None:
    """A posterior of any width keeps its mean and sd on the adapted grid, also where the first grid missed it."""
    for sd in (0.5, 0.1, 0.02, 0.005):
        grid = make_grid()

        def curve(theta: np.ndarray, sd: float = sd) -> np.ndarray:
            return -0.5 * ((theta[None, :] - 0.123) / sd) ** 2

        for _ in range(12):
            finer = adapted(grid, posterior(curve(grid.theta), grid)[0])
            if finer is grid:
                break
            grid = finer
        mean, variance = moments(posterior(curve(grid.theta), grid)[0], grid)
        width = 1 / (1 / sd**2 + 1)
        np.testing.assert_allclose(mean[0], 0.123 * width / sd**2, atol=1e-5)
        np.testing.assert_allclose(variance[0], width, rtol=1e-3)


def test_share_by_score_is_the_recursion_without_each_item() -> None:
    """P(solved | sum score), found by taking an item out of the whole, is what the recursion over the others gives."""
    random = np.random.default_rng(2)
    nodes = np.linspace(-4, 4, 41)
    p = 1 / (1 + np.exp(-random.lognormal(0, 0.5, 30)[:, None] * (nodes - random.normal(0, 1.5, 30)[:, None])))
    weight = np.exp(-0.5 * nodes**2)
    whole = score_distribution(p) @ weight
    found = share_by_score(p, weight)
    for k in range(len(p)):
        others = score_distribution(np.delete(p, k, axis=0))
        np.testing.assert_allclose(found[k, 1:], (others * p[k]) @ weight / whole[1:], atol=1e-9)
    assert (found[:, 0] == 0).all()
