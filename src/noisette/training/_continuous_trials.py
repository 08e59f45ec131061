"""Trials of networks in continuous time other than task networks, such as a trained network with a reaction term."""

import warnings

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.errors import StepSizeWarning, require, users_frame
from noisette.networks import ContinuousNetwork, Euler, Onsager, RateNetwork, TaskNetwork, fastest_rate
from noisette.networks.rate import OBSERVED
from noisette.noise import by_place
from noisette.random_numbers import fold_in
from noisette.training._draws import initial_units

BOUND = 2.0  # of dt times the rate of the fastest mode, beyond which Euler's method is unstable
NEEDED = "trials need a network in ms with input weights and a readout, such as what training.load returns"


def interface(network: ContinuousNetwork) -> TaskNetwork | RateNetwork:
    """Return the network whose input weights and readout a network has: itself, or the network of a reaction term.

    Raises
    ------
    InputError : a network without input weights or readout, or whose time is not in ms.

    Examples
    --------
    >>> import noisette as nz
    >>> trained = nz.networks.TaskNetwork.random(5, key=0)
    >>> interface(nz.Onsager(trained)).readout.shape
    (1, 5)
    """
    inner = network
    while isinstance(inner, Onsager):
        inner = inner.network
    if isinstance(inner, TaskNetwork):
        return inner
    kind = type(inner).__name__
    require(isinstance(inner, RateNetwork), f"trials of a {kind}", NEEDED)
    assert isinstance(inner, RateNetwork)
    require(inner.input_weights is not None, f"trials of a {kind} without input weights", NEEDED)
    require(inner.readout is not None, f"trials of a {kind} without a readout", NEEDED)
    require(inner.time_unit == "ms", f"trials of a {kind} with times in {inner.time_unit}", NEEDED)
    return inner


@eqx.filter_jit
def run_continuous(
    network: ContinuousNetwork, inputs: Array, keys: Array, dt: Array, examined: Array, keep_states: bool, batch: int
) -> tuple[Array | None, Array, Array]:
    """Return states (None unless they are kept), outputs, and the states before some steps of many trials.

    Trials are integrated by Euler's method in float64. The initial states are those of task networks for the same
    keys, and the noise has the same law, but other numbers.
    """
    readout = interface(network)
    assert isinstance(readout, RateNetwork)
    noisy = network if isinstance(network, RateNetwork) and by_place(network.noise).keys() & set(OBSERVED) else None

    def single(arguments):
        signal, key = arguments
        noise_key, initial_key = jax.random.split(key)
        integrator = Euler(network=network, dt=dt, inputs=signal.astype(float))  # pyright: ignore[reportCallIssue]
        first = integrator.init(initial_units(initial_key, network.size).astype(float), key=fold_in(initial_key, 1))

        def step(state, time):
            after = integrator.step(state, time, key=fold_in(noise_key, time))
            if noisy is None:
                return after, (after.units, None)
            return after, (after.units, noisy.noisy_output(after, (time + 1) * dt, dt))

        _, (states, observed) = jax.lax.scan(step, first, jnp.arange(len(signal) - 1))
        before = jnp.concatenate([first.units[None], states])[examined]
        outputs = readout.output(states) if observed is None else observed
        return states.astype(jnp.float32) if keep_states else None, outputs.astype(jnp.float32), before

    return jax.lax.map(single, (inputs, keys), batch_size=batch)


def examined_steps(network: ContinuousNetwork, steps: int, dt: float) -> np.ndarray:
    """Return the indices of the steps at which the length of a step is checked: at the instants, and the last one."""
    last = steps - 1
    return np.unique([last, *(min(round(time / dt), last) for time in network.instants(steps * dt))])


def warn_of_long_steps(network: ContinuousNetwork, states: Array, inputs: Array, steps: np.ndarray, dt: float) -> None:
    """Warn if the fastest mode is unstable in steps of `dt` at states of a trial, before the steps of given indices.

    Slow oscillations are not considered: the steps of a trained network are those of its training.
    """
    signals = jnp.asarray(inputs, float)
    pairs = zip(steps.tolist(), states, strict=True)
    fastest = float(np.max([float(fastest_rate(network, units, n * dt, signals[n])) for n, units in pairs]))
    if not dt * fastest < BOUND:  # also if a state is not finite
        message = (
            f"steps of {dt:g} ms are too long: the rate of the fastest mode is {fastest:.3g}/ms, and Euler's method is "
            f"stable only for dt < {BOUND / fastest:.2g} ms; construct the task with a shorter dt"
        )
        warnings.warn(message, StepSizeWarning, stacklevel=users_frame())
