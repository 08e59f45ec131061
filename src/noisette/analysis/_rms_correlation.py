"""Root mean square of the correlations of successive states, from simulated or recorded states.

The square of an estimated correlation is too large by the variance of the estimate, about 1/T for T steps. In large
networks, whose correlations are weak, this bias can exceed the mean square itself. The product of the estimates of two
independent runs has no such bias, and the mean over all pairs of different runs is therefore used.
"""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.provenance import provenance

LEAST = 3  # smallest number of runs or blocks, for a standard error by the jackknife


@check_arguments
@public_call
def rms_correlation(states: Any, *, blocks: int = 10) -> xr.Dataset:
    """Estimate the root mean square of the correlations of successive states of all pairs of units.

    .. math:: C_\\mathrm{RMS}^2 = \\frac{1}{R (R - 1)} \\sum_{a \\ne b} \\frac{1}{N^2} \\sum_{ij}
       C^{(a)}_{ij} C^{(b)}_{ij}, \\qquad C^{(a)}_{ij} = \\mathrm{corr}\\big(s_j(t), s_i(t+1)\\big) \\text{ in run } a

    with means and variances of all R runs together. A single run is cut into ``blocks``, which should be longer than
    the correlation time of the network, as they are taken to be independent. Units that never change have the
    correlation zero. A network that remains in one of several attractors during each run has correlations between
    runs, not within them; use runs from independent starts.

    Parameters
    ----------
    states : states in successive steps without the transient: shape (times, N), or (runs, times, N) for independent
        runs; or the result of `simulate` with the probe `Trace`
    blocks : number R of blocks of a single run, at least 3

    Returns
    -------
    Dataset with ``rms_correlation`` (zero if the mean square is negative by chance), its standard error
    ``rms_correlation_se`` by the jackknife over runs, ``mean_square`` and ``mean_square_se``, and ``uncorrected``, the
    root mean square with the bias

    Raises
    ------
    InputError : states of another shape, fewer than three runs or blocks, fewer than two steps in each.

    See Also
    --------
    theory.markov.rms_correlation : The exact value of networks of up to 16 units.
    analysis.plug_in : Information of successive states from counts.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> coins = rng.choice([-1.0, 1.0], (2000, 50))  # independent units: all correlations are zero
    >>> data = rms_correlation(coins)
    >>> round(float(data.uncorrected), 3), bool(abs(data.mean_square) < 3 * data.mean_square_se)
    (0.022, True)

    References
    ----------
    Metzner, Yamakou, Voelkl, Schilling & Krauss (2024) [metzner2024b].
    """
    runs = _runs(states, integer(blocks, "blocks", LEAST))
    gram = _products(runs)
    number = len(gram)
    total, own = gram.sum(), np.diag(gram)
    square = (total - own.sum()) / (number * (number - 1))
    # without run a: the sum over pairs of the others
    left = (total - 2 * gram.sum(1) + own - (own.sum() - own)) / ((number - 1) * (number - 2))
    error = np.sqrt((number - 1) / number * np.sum((left - left.mean()) ** 2))
    root = np.sqrt(max(square, 0.0))
    values = {
        "rms_correlation": (root, "root mean square of the correlations of successive states"),
        "rms_correlation_se": (error / (2 * root) if root > 0 else np.nan, "standard error"),
        "mean_square": (square, "mean square of the correlations of successive states"),
        "mean_square_se": (error, "standard error"),
        "uncorrected": (np.sqrt(gram.mean()), "root mean square, with bias"),
    }
    data = xr.Dataset({name: ((), float(v), {"long_name": label, "units": ""}) for name, (v, label) in values.items()})
    configuration = {"runs": number, "steps": runs.shape[1] - 1, "blocks": blocks}
    return data.assign_attrs(provenance("simulated", "independent-runs", ("metzner2024b",), configuration))


def _runs(states: Any, blocks: int) -> Float[np.ndarray, "runs times N"]:
    """Return the states of runs or blocks."""
    if isinstance(states, xr.Dataset):
        require("trace" in states, "a result without states", "a result of simulate with the probe Trace")
        states = states.trace
    array = np.ascontiguousarray(real_array(states, "states"))  # sums in one order for every layout
    shape = "(times, N) or (runs, times, N)"
    require(array.ndim in (2, 3) and array.size > 0, f"states of shape {array.shape}", shape)
    if array.ndim == 2 or len(array) == 1:
        array = array.reshape(-1, array.shape[-1])
        length = len(array) // blocks
        remedy = "simulate longer, or give fewer blocks"
        require(length >= 2, f"{len(array)} steps in {blocks} blocks", "at least two steps in each", remedy)
        return array[len(array) - blocks * length :].reshape(blocks, length, -1)
    require(len(array) >= LEAST, f"{len(array)} runs", f"one run, or at least {LEAST}", "for a standard error")
    require(array.shape[1] >= 2, f"runs of {array.shape[1]} step", "at least two steps")
    return array


def _products(runs: Float[np.ndarray, "runs times N"]) -> Float[np.ndarray, "runs runs"]:
    """Return the mean over pairs of units of the products of correlations of two runs, for all pairs of runs."""
    centred = runs - runs.mean((0, 1))
    deviation = np.sqrt((centred**2).mean((0, 1)))
    scaled = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)
    steps = scaled.shape[1] - 1
    correlations = np.stack([(run[1:].T @ run[:-1]).ravel() / steps for run in scaled])
    return correlations @ correlations.T / correlations.shape[1]


__all__ = ["rms_correlation"]
