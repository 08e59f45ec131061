"""Means and covariances of populations at all times, with inputs that change: `driven_populations`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.functions import sampled
from noisette.networks import Populations
from noisette.provenance import provenance
from noisette.theory.populations._mean_field import configuration, model_at, one_gain, start_of
from noisette.theory.populations._two_time import two_time

MOST_TIMES = 6000  # of the two-time equations, whose memory grows as the square of their number
STRONGEST = 1e12  # variance that counts as divergence


@check_arguments
@public_call
def driven_populations(
    populations: Populations,
    inputs: Callable[[float], ArrayLike] | ArrayLike = 0.0,
    gain: float = 1.0,
    *,
    duration: float,
    dt: float = 0.05,
    every: int = 1,
    start: tuple[Any, Any] = (0.0, 1.0),
) -> xr.Dataset:
    """Means, covariances and growth of perturbations of populations at all times, N → ∞, with an input that changes.

    .. math:: \\tau_p \\dot x_p = -x_p + b_p + I_p(t) + g \\sum_q M_{pq} R_q(t) + \\eta_p(t) + \\text{noise}, \\qquad
       \\langle \\eta_p \\eta_p' \\rangle = g^2 \\sum_q V_{pq} \\langle \\phi(x_q(t))\\, \\phi(x_q(t')) \\rangle

    The two-time equations are solved forward from x ~ N(mean, variance). They are the limit N → ∞ of a simulation by
    Euler's method with the step dt, without other approximation for smooth activations; they differ from continuous
    time by an error of order dt. All units of a population receive the same input: for inputs with phases that differ
    between units, divide the population into several of equal statistics.

    Parameters
    ----------
    populations : see `networks.Populations`
    inputs : I(t), a function of the time that returns a number or one for each population; or a constant
    gain : g
    duration, dt : length of the solution and time step, in the unit of the time constants; at most 6000 steps
    every : number of steps between the times of the result
    start : mean and variance of x at the start, each a number or one for each population

    Raises
    ------
    InputError : If the ensemble or the noise has no theory, with the reason; if activity diverges; or too many steps.

    Returns
    -------
    Dataset over ``time`` and ``population``: ``mean`` and ``rate``; ``covariance`` of x over ``other_time``;
    ``variance``, its diagonal; ``overlap`` over ``rank``; and ``growth``, the logarithm of the root mean square
    distance of two nearby trajectories, relative to that at the start

    See Also
    --------
    theory.population_mean_field : The stationary state in continuous time.
    analysis.synchronisation : Two simulated trajectories in the same noise or input.

    Examples
    --------
    >>> import noisette as nz
    >>> populations = nz.networks.Populations(nz.ensembles.gaussian(400))
    >>> sine = lambda t: 2.0 * np.sin(t)
    >>> driven = driven_populations(populations, sine, 1.5, duration=60, dt=0.1)
    >>> growth = driven.growth.sel(time=slice(30, None))
    >>> bool(growth[-1] < growth[0])  # a strong common input ends chaos
    True

    References
    ----------
    Rajan, Abbott & Sompolinsky (2010) [rajan2010]; Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988].
    """
    g = one_gain(gain)
    model = model_at(populations, g)
    shortest = float(model.tau.min())
    allowed = f"a step above zero, up to the time constant {shortest:g}"
    step = real_number(dt, "dt", allowed, lambda d: 0 < d <= shortest)
    until = real_number(duration, "duration", "a time above zero", lambda d: 0 < d < np.inf)
    steps = int(np.rint(until / step)) + 1
    require(steps <= MOST_TIMES, f"{steps} times", f"at most {MOST_TIMES}", "use a longer dt or a shorter duration")
    p = model.populations
    begin = start_of(p, model.rank, *start, 0.1)
    times = step * np.arange(steps)
    run = two_time(model, steps, step, begin, _values(inputs, times, p))
    final = run.covariance[:, -1, -1]
    require(
        bool(np.isfinite(final).all()) and bool((final < STRONGEST).all()),
        f"populations whose activity diverges at gain {g:g}",
        "an activation that saturates, a lower gain, or a shorter dt",
    )
    kept = slice(None, None, integer(every, "every", 1))
    over = "time"
    data = xr.Dataset(
        {
            "mean": ((over, "population"), run.mean[kept]),
            "rate": ((over, "population"), run.rate[kept]),
            "variance": ((over, "population"), np.einsum("ptt->tp", run.covariance)[kept]),
            "covariance": (("population", over, "other_time"), run.covariance[:, kept, kept]),
            "overlap": ((over, "rank"), run.overlap[kept]),
            "growth": (over, run.growth[kept]),
        },
        {
            over: (over, times[kept], {"units": "tau", "long_name": "time"}),
            "other_time": ("other_time", times[kept], {"units": "tau", "long_name": "time"}),
            "population": np.arange(p),
        },
    )
    texts = {
        "mean": "μ = ⟨x⟩",
        "rate": "R = ⟨φ(x)⟩",
        "variance": "variance of x over units and networks",
        "covariance": "covariance of x at two times",
        "growth": "logarithm of the distance of two nearby trajectories",
    }
    for name, text in texts.items():
        data[name].attrs["long_name"] = text
    arguments = {"gain": g, "duration": until, "dt": step, "inputs": inputs, "start": [np.asarray(s) for s in start]}
    papers = ("sompolinsky1988", "rajan2010")
    return data.assign_attrs(
        provenance("mean-field", "fixed-start", papers, {**arguments, **configuration(populations)})
    )


def _values(inputs: Callable[[float], ArrayLike] | ArrayLike, times: np.ndarray, p: int) -> np.ndarray:
    """Return the input at all times, shape (times, P)."""
    if callable(inputs):
        rows = [sampled(inputs, "inputs", float(t)) for t in times]
    else:
        rows = [real_array(inputs, "inputs")] * len(times)
    fits = all(row.shape in ((), (p,)) for row in rows)
    require(fits, f"inputs of shape {rows[0].shape}", f"a number, or {p} numbers, one for each population")
    return np.array([np.broadcast_to(row, (p,)) for row in rows], float)


__all__ = ["driven_populations"]
