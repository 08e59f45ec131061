"""Memory function and total memory capacity of a driven network."""

from typing import Any, Unpack

import jax
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._memory import memory_curve, total_capacity
from noisette.analysis._options import MemoryOptions, Progress
from noisette.analysis._reservoir import driven_states, random_signal
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork

VALUES = 3000  # number of random input values with which the capacity is measured
WASHOUT = 2000  # largest number of initial samples that are discarded


@check_arguments
@public_call
def network_memory(
    network: ContinuousNetwork,
    lags: ArrayLike,
    signal: ArrayLike | None = None,
    *,
    key: KeyLike = 0,
    dt: float = 0.01,
    hold: float = 0.5,
    progress: Progress | None = None,
    **options: Unpack[MemoryOptions],
) -> xr.Dataset:
    """Drive a network with a signal, and measure its memory function and its total memory capacity.

    The capacity is that of `total_capacity` for random input, each value of which is held for a constant time. Unless
    the signal is random as well, the capacity is measured in a separate run.

    Parameters
    ----------
    network : network in continuous time
    lags : τ, delays in samples
    signal : S, one number per step, shape (steps,); by default random input, with one sample per value
    key : an integer or a JAX key
    dt : time step, in the network's unit of time
    hold : time for which each random value is held, in the same unit
    progress : True to show a bar (see `show_progress`), or a function called with (steps done, steps) of each run
    **options : ``protocol``, "out-of-sample" (the default) or "in-sample", as for `memory_curve`; the default
        discards a fifth of the samples (at most 2000), and uses 60, 20 and 20 % of the rest for fit, selection of the
        ridge parameter and score. ``direction``, "memory" (the default) or "prediction"

    Returns
    -------
    Dataset as returned by `memory_curve`, with ``capacity``

    Raises
    ------
    InputError : too few samples; invalid arguments of `driven_states`, `memory_curve` and `total_capacity`.

    See Also
    --------
    analysis.driven_states : States of a driven network, the first of two steps.
    analysis.memory_curve : The memory function of given states, the second of two steps.
    analysis.total_capacity : The sum of the memory function over all lags.

    Examples
    --------
    >>> import noisette as nz
    >>> data = nz.analysis.network_memory(nz.RateNetwork([[0.0]]), [1], hold=0.02)
    >>> 0 <= float(data.capacity) <= 1
    True

    References
    ----------
    Jaeger (2001), Short term memory in echo state networks, GMD report 152; Huang & Huang (2025), Physical Review
    E 112:044227.
    """
    protocol, direction = options.get("protocol", "out-of-sample"), options.get("direction", "memory")
    require(real_array(lags, "lags").size > 0, "no lags", "at least one")
    valid = real_number(hold, "hold", "a time above zero", lambda time: 0 < time < np.inf)
    steps = round(valid / real_number(dt, "dt", "a time above zero", lambda time: 0 < time < np.inf))
    root = as_key(key)
    values_key, capacity_key, curve_key = (jax.random.fold_in(root, number) for number in (1, 2, 3))
    values = random_signal(VALUES * steps, steps, key=values_key)
    driven = driven_states(network, values, dt, every=steps, key=capacity_key, progress=progress)
    capacity = total_capacity(driven.states, driven.signal).capacity
    if signal is not None:
        driven = driven_states(network, signal, dt, key=curve_key, progress=progress)
    data = memory_curve(
        driven.states, driven.signal, lags, direction=direction, protocol=protocol, **_readout(driven, lags, protocol)
    )
    return data.assign(capacity=capacity)


def _readout(driven: xr.Dataset, lags: ArrayLike, protocol: str) -> Any:
    """Return washout and split of the "out-of-sample" protocol for a signal of any length."""
    if protocol != "out-of-sample":
        return {}
    longest = int(np.max(lags))
    washout = min(WASHOUT, driven.signal.size // 5)
    remaining = driven.signal.size - washout - longest
    tenth = remaining // 10
    require(
        tenth >= 1,
        f"{max(remaining, 0)} samples remain after a washout of {washout} and lags up to {longest}",
        "at least 10 are needed for fit, selection of the ridge parameter and score",
        "give a longer signal",
    )
    return {"washout": washout, "split": (remaining - 4 * tenth, 2 * tenth, 2 * tenth)}


__all__ = ["network_memory"]
