"""Strong order of an integration scheme: the error of single paths against the step, on recorded noise."""

from collections.abc import Sequence
from typing import Any, Unpack

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array

from noisette.analysis._options import StrongOrderOptions
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, Integrator, NetworkLike, as_network
from noisette.networks.step_size import Explicit
from noisette.noise import Noise, Recorded, prepared, record
from noisette.provenance import network_entries, provenance
from noisette.random_numbers import fold_in
from noisette.simulation._continuous import discretised, steps_and_dt
from noisette.simulation._stack import starts as starting_states

REFERENCE = 32  # ratio of the shortest step to that of the reference
TRIALS = 200
FEWEST_TRIALS = 10  # for a standard error by the jackknife


@check_arguments
@public_call
def strong_order(
    network: NetworkLike,
    noise: Noise,
    dts: Sequence[float] | np.ndarray,
    *,
    key: KeyLike,
    duration: float = 1.0,
    **options: Unpack[StrongOrderOptions],
) -> xr.Dataset:
    """Errors of single paths against the time step, in simulations with the same noise, and their order.

    .. math:: e(\\mathrm dt) = \\sqrt{\\langle |x_{\\mathrm dt}(T) - x(T)|^2 \\rangle / N}
       \\propto \\mathrm dt^{\\gamma}

    The noise is recorded (`noise.record`), so that simulations with different steps follow the same Brownian path. The
    strong order γ is the slope of ln e against ln dt, by least squares. In theory it is 1 for Euler's method in
    additive noise and ½ in multiplicative noise (Itô), and at least 1 for Heun's method in additive noise.

    Parameters
    ----------
    network : network in continuous time
    noise : noise that replaces that of the network; or noise recorded in several trials, refined where necessary
    dts : two or more time steps, in the network's unit of time, each of which divides `duration`
    key : an integer or a JAX key
    duration : T, length of each run
    **options : ``trials``, the number of paths, 200 by default or that of the record; ``start``, as for `simulate`;
        ``solver``, "euler" or "heun"; ``exact``, the solution x(T) as a function of the initial state, shape (N,), the
        recorded increments of the noise, shape (steps, N), and the length of these steps, 1/32 of the shortest of `dts`
        unless `noise` is recorded. By default x(T) is simulated in steps of this length, which increases γ by about
        0.01

    Returns
    -------
    Dataset over ``dt`` with ``error``, the root mean square error over paths and units, and its standard error
    ``error_se``; ``order``, γ, and its standard error ``order_se``, by the jackknife over paths

    Raises
    ------
    InputError : a network in discrete time, fewer than two steps or ten paths, steps that do not divide `duration`,
        states that are not finite, or no error at all.

    See Also
    --------
    step_audit : Whether a step is short enough for statistics of a network.

    Examples
    --------
    >>> import noisette as nz
    >>> stock = nz.networks.Flow(lambda x: 0 * x, 1, scale=lambda x: x)  # geometric Brownian motion
    >>> result = strong_order(stock, nz.White(0.5), [0.1, 0.05, 0.025], key=0, start=1.0, trials=500)
    >>> bool(abs(result.order - 0.5) < 4 * result.order_se)
    True

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, chapter 9.
    """
    original, random = as_network(network, ContinuousNetwork), as_key(key)
    dynamics, solver = original.dynamics(), options.get("solver", "euler")
    steps = np.sort(np.atleast_1d(real_array(dts, "dts")))[::-1]
    fits = steps.ndim == 1 and steps.size > 1 and (steps > 0).all() and len(set(steps.tolist())) == steps.size
    require(fits, f"dts of shape {steps.shape}", "two or more different times above zero")
    span = real_number(duration, "duration", "a time above zero", lambda t: 0 < t < np.inf)
    for dt in steps:
        steps_and_dt([dynamics], None, span, float(dt), None, float(dt))
    finest = float(steps[-1]) / REFERENCE
    paths = _paths(noise, original.size, span, finest, random, options.get("trials"))
    start = starting_states(dynamics, options.get("start"), paths.trials, random)
    run = lambda dt: _ends(dynamics, paths, jnp.asarray(start), span, float(dt), solver)  # noqa: E731
    exact = options.get("exact")
    if exact is None:
        solution = run(finest)
    else:
        increments, length = paths.array(), float(paths.dt)
        pairs = zip(start, increments, strict=True)
        solution = np.stack([real_array(exact(x, rows, length), "result of exact") for x, rows in pairs])
        require(solution.shape == start.shape, f"results of exact of shape {solution.shape[1:]}", f"({original.size},)")
    errors = np.stack([((run(dt) - solution) ** 2).mean(1) for dt in steps])  # (dts, trials)
    require(np.isfinite(errors).all(), "states that are not finite", "paths that remain finite", "give shorter steps")
    require((errors.mean(1) > 0).all(), "errors that are zero", "noise or dynamics in which the step matters")
    data = _orders(errors, steps, dynamics.time_unit)
    configuration = {
        **{"noise": noise, "dts": steps, "duration": span, "trials": paths.trials, "solver": solver},
        **{"start": options.get("start"), "exact": exact, "key": key, "reference_dt": finest},
        **network_entries(original),
    }
    return data.assign_attrs(provenance("simulated", "single-run", (), configuration))


def _paths(noise: Noise, size: int, duration: float, dt: float, key: Any, trials: int | None) -> Recorded:
    """Return the recorded paths of all trials."""
    if isinstance(noise, Recorded):
        require(trials in (None, noise.trials), f"{trials} trials of {noise.trials} recorded ones", "leave out trials")
    else:
        number = integer(TRIALS if trials is None else trials, "trials", FEWEST_TRIALS)
        noise = record(noise, size, duration=duration, dt=dt, key=key, trials=number)
    require(noise.trials >= FEWEST_TRIALS, f"noise recorded in {noise.trials} trials", f"at least {FEWEST_TRIALS}")
    return noise


def _ends(
    network: ContinuousNetwork, paths: Recorded, starts: Array, duration: float, dt: float, solver: Explicit
) -> np.ndarray:
    """Return the last state of the run on each path, shape (trials, N)."""
    steps, length = steps_and_dt([network], None, duration, dt, None, dt)
    single = prepared(paths.trial(0), steps, length)
    integrator = discretised([network.with_noise(single)], length, None, solver)[0]
    keys = jax.vmap(lambda i: fold_in(paths.key, i))(jnp.arange(paths.trials))
    return np.asarray(_last_states(integrator, paths.data, keys, starts, jnp.asarray(steps)))


@eqx.filter_jit
def _last_states(integrator: Any, data: Array, keys: Array, starts: Array, steps: Array) -> Array:
    assert isinstance(integrator, Integrator)

    def last(path, key, start):
        single = eqx.tree_at(lambda i: (i.network.noise.data, i.network.noise.key), integrator, (path, key))
        state = single.init(start, key=key)
        return jax.lax.fori_loop(0, steps, lambda n, state: single.step(state, n, key=key), state).units

    return jax.vmap(last)(data, keys, starts)


def _orders(errors: np.ndarray, steps: np.ndarray, unit: str) -> xr.Dataset:
    """Return errors and order from mean square errors of shape (dts, trials); the jackknife leaves out each trial."""
    trials = errors.shape[1]
    centred = np.log(steps) - np.log(steps).mean()
    slope = lambda squares: centred @ np.log(squares) / 2 / (centred @ centred)  # noqa: E731
    total = errors.sum(1)
    error = np.sqrt(total / trials)
    without = slope((total[:, None] - errors) / (trials - 1))
    order_se = np.sqrt((trials - 1) * np.mean((without - without.mean()) ** 2))
    standard_error = errors.std(1, ddof=1) / np.sqrt(trials) / (2 * error)
    dt = ("dt", steps, {"long_name": "time step dt", "units": unit})
    return xr.Dataset(
        {
            "error": ("dt", error, {"long_name": "rms error of a path", "units": ""}),
            "error_se": ("dt", standard_error),
            "order": ((), slope(total), {"long_name": "strong order"}),
            "order_se": ((), order_se),
        },
        {"dt": dt},
    )
