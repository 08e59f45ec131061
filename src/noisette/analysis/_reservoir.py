"""Networks as reservoirs: input signals and the states of driven networks."""

import math
import warnings
from typing import Any

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.analysis._options import Progress
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import StepSizeWarning, integer, real_array, require, users_frame
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, as_network
from noisette.probes import Trace
from noisette.simulation import simulate

OMEGAS = (0.02 * math.pi, 0.04 * math.pi)


@check_arguments
def sines(steps: int, omegas: tuple[float, ...] = OMEGAS) -> Float[np.ndarray, " steps"]:
    """Sum of sines of the step number.

    .. math:: S(k) = \\sum_i \\sin(\\omega_i k)

    Parameters
    ----------
    steps : number of steps
    omegas : ω_i, in radians per *step*, independent of dt; by default with periods of 100 and 50 steps

    Returns
    -------
    S, shape (steps,)

    Raises
    ------
    InputError : no steps or no frequencies, frequencies that are not finite.

    Examples
    --------
    >>> sines(100)[[0, 25, 50]].round(6)
    array([0., 1., 0.])

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227, figure 9.
    """
    steps = integer(steps, "steps", None)
    require(steps >= 1 and len(omegas) >= 1, f"{steps} steps of {len(omegas)} sines", "at least one of each")
    return np.sin(np.outer(np.arange(steps), real_array(omegas, "omegas"))).sum(1)


@check_arguments
def random_signal(steps: int, hold: int = 1, *, key: KeyLike) -> Float[np.ndarray, " steps"]:
    """Signal of independent values, uniform between −1 and 1, each of which is held for a number of steps.

    A signal that changes in every short step is averaged out by units with a longer time constant; values held for
    about a time constant are not. Delays in units of values result from sampling states with ``every=hold``.

    Parameters
    ----------
    steps : length of the signal, in steps
    hold : number of steps for which each value is held
    key : an integer or a JAX key

    Returns
    -------
    S, shape (steps,)

    Raises
    ------
    InputError : numbers of steps that are not integers of at least 1.

    Examples
    --------
    >>> import jax
    >>> signal = random_signal(6, 3, key=jax.random.key(0))
    >>> len(set(signal[:3])), len(set(signal)), bool(abs(signal).max() < 1)
    (1, 2, True)
    """
    steps = integer(steps, "steps", None)
    hold = integer(hold, "hold", None)
    require(steps >= 1 and hold >= 1, f"{steps} steps, with values held for {hold} steps", "at least one step of each")
    values = jax.random.uniform(as_key(key), (-(-steps // hold),), float, -1.0, 1.0)
    return np.repeat(np.asarray(values), hold)[:steps]


@check_arguments
@public_call
def driven_states(
    network: NetworkLike,
    signal: ArrayLike | Array,
    dt: float = 0.01,
    *,
    key: KeyLike,
    every: int = 1,
    start: str | ArrayLike | None = None,
    warn: bool = True,
    progress: Progress | None = None,
) -> xr.Dataset:
    """States of a network driven by a signal, each taken *before* the signal of its step acts.

    .. math:: \\mathbf x[k+1] = \\mathbf x[k] + dt \\, \\mathbf F(\\mathbf x[k], S[k])

    so that x[k] depends on S[k − 1] and earlier values. In published scripts the signal is added after the reaction
    term: ``Onsager(network, stimulus="outside")``.

    Parameters
    ----------
    network : network in continuous time, or a trained network
    signal : S, one number per step, shape (steps,)
    dt : time step, in the network's unit of time
    key : an integer or a JAX key, for the start and the noise
    every : number of steps between two samples of states and signal, such as the `hold` of `random_signal`
    start : as for `simulate`; by default a standard normal state
    warn : whether to warn of a step that is too long
    progress : True to show a bar (see `show_progress`), or a function called with (steps done, steps)

    Returns
    -------
    Dataset with ``states`` (time, unit) and ``signal`` (time)

    Raises
    ------
    InputError : a signal of the wrong shape or with values that are not finite, a state that becomes infinite.

    See Also
    --------
    analysis.network_memory : Memory and prediction of a network's input, in one call.
    analysis.memory_curve : The memory function of given states, the second of two steps.
    analysis.total_capacity : The sum of the memory function over all lags.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> driven = driven_states(nz.RateNetwork([[0.0]]), [1.0, 0.0, 0.0], 0.5, start=0.0, key=jax.random.key(0))
    >>> driven.states[:, 0].values
    array([0.  , 0.5 , 0.25])
    """
    network = as_network(network, ContinuousNetwork)
    every = integer(every, "every")
    samples = real_array(signal, "signal")
    require(
        samples.ndim == 1 and samples.size > 0,
        f"signal of shape {samples.shape}",
        "finite numbers, one per step",
    )
    options: dict[str, Any] = {"dt": dt, "inputs": samples, "start": start, "key": key, "progress": progress}
    result = simulate(network, len(samples), Trace(every), warn=False, **options).isel(run=0)
    if warn and "warning" in result.attrs:
        warnings.warn(result.attrs["warning"], StepSizeWarning, stacklevel=users_frame())
    require(
        bool(np.isfinite(result.trace.values).all()),
        "a network whose state became infinite",
        "memory is defined for finite states only",
        "shorten dt or lower the gain",
    )
    sampled_signal = xr.DataArray(samples[::every], dims="time", attrs={"long_name": "signal", "units": ""})
    return xr.Dataset({"states": result.trace, "signal": sampled_signal}).assign_attrs(result.attrs)
