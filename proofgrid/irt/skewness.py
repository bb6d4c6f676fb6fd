"""How far the mean of an item's posterior lies from its mode, to third order.

What is said of all items of a task must not be read off the items' modes. Each mode has its difficulty where it suits
its own slope best, and steeper slopes leave less room for other difficulties: where responses tell little, modes grow
steeper together with the mean they are given, without end. Posterior means do not: to the order of Laplace's
approximation (Tierney & Kadane 1986) they are the modes moved by half the inverse Hessian times the third derivatives
contracted with it, which is the gradient of -1/2 log |H|.
"""

from __future__ import annotations

import numpy as np

from proofgrid.irt.hyper import times
from proofgrid.irt.responses import Array


def beyond_mode(a: Array, b: Array, first: Array, second: Array, third: Array, inverse: Array) -> Array:
    """Posterior mean less mode of (log a, b): 2 x items, at most one posterior standard deviation.

    ``first``, ``second`` and ``third`` are sums over models and abilities of the derivatives of the log likelihood by
    the logit, times the powers of ability from 0 on (2, 3 and 4 x items); ``inverse`` is the inverse of the negative
    Hessian, prior included, as :func:`~proofgrid.irt.hyper.times` has it.
    """
    (f0, f1), (s0, s1, s2), (t0, t1, t2, t3) = first, second, third
    # The same with powers of theta - b.
    f1 = f1 - b * f0
    s1, s2 = s1 - b * s0, s2 - 2 * b * s1 + b * b * s0
    t1, t2, t3 = t1 - b * t0, t2 - 2 * b * t1 + b * b * t0, t3 - 3 * b * t2 + 3 * b * b * t1 - b**3 * t0
    aaa = a**3 * t3 + 3 * a * a * s2 + a * f1
    aab = -a * (a * a * t2 + 3 * a * s1 + f0)
    abb = 2 * a * a * s0 + a**3 * t1
    bbb = -(a**3) * t0
    v_aa, v_ab, v_bb = inverse
    contracted = np.stack([aaa * v_aa + 2 * aab * v_ab + abb * v_bb, aab * v_aa + 2 * abb * v_ab + bbb * v_bb])
    sd = np.sqrt(np.maximum(inverse[[0, 2]], 0.0))
    return np.asarray(np.clip(0.5 * times(inverse, contracted), -sd, sd), dtype=np.float64)


def stiffness(a: Array, b: Array, second: Array, inverse: Array) -> Array:
    """By how much more than its curvature says an item resists its prior's mean, since its skewness grows: at least 1.

    Where the prior decides an item, what :func:`beyond_mode` takes from log a grows with a^2, by 3 Var(log a) of the
    curvature; where the likelihood is a tail, exp(-logit), it grows by half the logit's variance. Twice their sum is
    counted: too much costs a few passes, too little overshoots. Arguments as there.
    """
    z = a * (second[1] / np.where(second[0] < 0, second[0], -np.inf) - b)  # where the item tells most
    v_aa, v_ab, v_bb = inverse
    logit = z * z * v_aa - 2 * a * z * v_ab + a * a * v_bb
    return np.asarray(1.0 + 2.0 * (3.0 * v_aa + 0.5 * logit), dtype=np.float64)
