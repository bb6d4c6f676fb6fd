"""Priors of the marginal-MAP engine, stated and settable."""

from __future__ import annotations

from dataclasses import dataclass

from proofgrid.irt.errors import IrtError


@dataclass(frozen=True, slots=True)
class Priors:
    """log a ~ N(log_a_mean, log_a_sd^2) and b ~ N(b_mean, b_sd^2) for every item.

    A mean of None is estimated from the data (empirical Bayes; flat for b, around 0 with a standard deviation of 1 for
    log a, which matters only where items order a few models perfectly). That is the default, because with a fixed mean
    the abilities drift whenever the items are not centred where the prior says. With ``hierarchical`` each task has its
    own means and standard deviations: the means are shrunk to the grand mean with ``between_sd``, the standard
    deviations are estimated with the ones given here as a prior guess worth ``sd_weight`` items.
    """

    log_a_mean: float | None = None
    log_a_sd: float = 0.5
    b_mean: float | None = None
    b_sd: float = 2.0
    hierarchical: bool = False
    between_sd: float = 1.0
    sd_weight: float = 10.0

    def __post_init__(self) -> None:
        for name in ("log_a_sd", "b_sd", "between_sd", "sd_weight"):
            if not getattr(self, name) > 0:
                raise IrtError(f"the prior's {name} must be positive, not {getattr(self, name)}")


DEFAULT_PRIORS = Priors()
