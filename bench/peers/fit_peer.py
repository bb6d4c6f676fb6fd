"""Fit a 2PL with another package and print what it says, as one JSON object.

    python bench/peers/fit_peer.py girth|mirt|mirt-priors|py-irt|numpyro responses.csv

Runs under an environment that holds the packages (requirements.txt beside this file), without ProofGrid. The CSV has a
row a model and a column an item, 0 or 1. The object holds CPU seconds of the second of two fits (so that compiling and
importing are not counted, but for py-irt and numpyro, whose one fit is long), abilities and their standard errors.

Priors are ours wherever a package takes any: theta ~ N(0, 1), log a ~ N(mean, 0.5), b ~ N(mean, 2). numpyro samples
the posterior with NUTS under them and is the gold standard; its two means need proper hyperpriors, N(0, 1) and N(0, 5),
for under flat ones (ours: means are estimated) the posterior has no finite mass where all slopes go to 0.
"""

from __future__ import annotations

# ruff: noqa: E402 - the number of threads must be set before numpy is imported
import contextlib
import csv
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np

Fit = Callable[[np.ndarray], dict[str, Any]]
"""From models x items of 0 and 1 to {"theta": [...], "se": [...] or absent}."""


def girth(table: np.ndarray) -> dict[str, Any]:
    """Marginal maximum likelihood, no priors; abilities by its expected a posteriori estimate."""
    from girth import ability_eap, twopl_mml

    items = table.T.astype(int)
    found = twopl_mml(items)
    theta = ability_eap(items, found["Difficulty"], found["Discrimination"])
    return {"theta": theta}


def mirt(table: np.ndarray) -> dict[str, Any]:
    """EM without priors, its fastest engine, expected a posteriori abilities and their errors."""
    from mirt import fit_mirt, fscores

    fit = fit_mirt(table.astype(int), "2PL")
    scored = fscores(fit, table.astype(int))
    return {"theta": scored.theta, "se": scored.standard_error, "converged": bool(fit.converged)}


def mirt_with_priors(table: np.ndarray) -> dict[str, Any]:
    """EM with normal priors on slope and location, fixed means."""
    from mirt import fit_mirt, fscores
    from mirt.estimation.priors import LogNormalPrior, NormalPrior

    priors = {"discrimination": LogNormalPrior(0.0, 0.5), "difficulty": NormalPrior(0.0, 2.0)}
    fit = fit_mirt(table.astype(int), "2PL", priors=priors)
    scored = fscores(fit, table.astype(int))
    return {"theta": scored.theta, "se": scored.standard_error, "converged": bool(fit.converged)}


def py_irt(table: np.ndarray) -> dict[str, Any]:
    """Variational inference, as its documentation runs it: hierarchical priors, 2,000 epochs."""
    import torch
    from py_irt.config import IrtConfig
    from py_irt.training import IrtModelTrainer

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.jsonlines"
        rows = (
            {"subject_id": f"m{i}", "responses": {f"i{j}": int(v) for j, v in enumerate(row)}}
            for i, row in enumerate(table)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        config = IrtConfig(model_type="2pl", priors="hierarchical", epochs=2000, seed=1)
        trainer = IrtModelTrainer(data_path=path, config=config, verbose=False)
        trainer.train(device="cpu")
        found = trainer.irt_model.export()
        order = {int(name[1:]): k for k, name in trainer._dataset.ix_to_subject_id.items()}
    return {"theta": [found["ability"][order[i]] for i in range(len(table))]}


def numpyro(table: np.ndarray) -> dict[str, Any]:
    """NUTS, 4 chains of 500 after 500, one after another."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from numpyro.diagnostics import gelman_rubin
    from numpyro.infer import MCMC, NUTS, init_to_value

    y = jnp.asarray(table)
    right = table.mean(axis=1)
    start = {"b_mean": 0.0, "log_a_mean": 0.0, "theta": jnp.asarray((right - right.mean()) / right.std())}

    def model() -> None:
        b_mean = numpyro.sample("b_mean", dist.Normal(0, 5))
        log_a_mean = numpyro.sample("log_a_mean", dist.Normal(0, 1))
        theta = numpyro.sample("theta", dist.Normal(0, 1).expand([y.shape[0]]))
        b = b_mean + 2.0 * numpyro.sample("b_raw", dist.Normal(0, 1).expand([y.shape[1]]))
        log_a = log_a_mean + 0.5 * numpyro.sample("log_a_raw", dist.Normal(0, 1).expand([y.shape[1]]))
        numpyro.sample("y", dist.Bernoulli(logits=jnp.exp(log_a) * (theta[:, None] - b)), obs=y)

    kernel = NUTS(
        model, init_strategy=init_to_value(values=start)
    )  # from anywhere, a chain may stay where all slopes are 0
    sampler = MCMC(kernel, num_warmup=500, num_samples=500, num_chains=4, chain_method="sequential", progress_bar=False)
    sampler.run(jax.random.PRNGKey(1))
    theta = np.asarray(sampler.get_samples(group_by_chain=True)["theta"])
    draws = theta.reshape(-1, theta.shape[-1])
    linked = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(
        axis=1, keepdims=True
    )  # without the scale's own error
    return {
        "theta": draws.mean(axis=0),
        "se": draws.std(axis=0, ddof=1),
        "linked_se": linked.std(axis=0, ddof=1),
        "rhat": float(np.max(gelman_rubin(theta))),
    }


PEERS: dict[str, tuple[Fit, int]] = {
    "girth": (girth, 2),
    "mirt": (mirt, 2),
    "mirt-priors": (mirt_with_priors, 2),
    "py-irt": (py_irt, 1),
    "numpyro": (numpyro, 1),
}
"""Name -> how it fits, and how often it is run."""


def main() -> None:
    name, path = sys.argv[1:3]
    with Path(path).open(newline="", encoding="utf-8") as file:
        table = np.array([[float(v) for v in row] for row in csv.reader(file)])
    fit, times = PEERS[name]
    for _ in range(times):
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            found = fit(table)
        spent = time.process_time() - start
    print(json.dumps({"seconds": spent, **found}, default=lambda array: np.ravel(array).tolist()))


if __name__ == "__main__":
    main()
