"""Integration of flows without noise by SciPy's adaptive and stiff solvers, with streaming probes."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.errors import InputError
from noisette.networks import ContinuousNetwork, Discretized, Network
from noisette.probes import Step
from noisette.simulation._driver import Progress, Trials, begin, results

CHUNK = 256  # number of sampled states passed to the probes in a call


@eqx.filter_jit
def _velocity(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    """Return the drift at a state, compiled."""
    return network.drift(units, time, inputs)


@eqx.filter_jit
def _jacobian(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    """Return the Jacobian of the drift at a state, shape (N, N), compiled."""
    return jax.jacfwd(lambda x: network.drift(x, time, inputs))(units)


def _states(sampled: Discretized, start: Array, steps: int, method: str, tolerance: float) -> Iterator[np.ndarray]:
    """Yield the states at times 0, dt, 2 dt, …, from the dense output of a solver with adaptive steps."""
    from scipy.integrate import BDF, DOP853  # imported on use, since the import takes 0.15 s

    dt, network = float(sampled.dt), sampled.network
    inputs = None if sampled.inputs is None else np.asarray(sampled.inputs)

    def evaluate(function, time, units):
        index = None if inputs is None else jnp.asarray(inputs[min(int(time / dt + 1e-9), len(inputs) - 1)])
        return np.asarray(function(network, jnp.asarray(units), jnp.asarray(time), index))

    velocity = partial(evaluate, _velocity)
    options: dict[str, Any] = {"jac": partial(evaluate, _jacobian)} if method == "stiff" else {}
    solver: Any = (BDF if method == "stiff" else DOP853)(
        velocity, 0.0, np.asarray(start), steps * dt, rtol=tolerance, atol=tolerance * 1e-2, **options
    )
    if method == "stiff":
        solver.D[2:] = 0  # SciPy does not initialise these differences, which its first step uses
    yield np.asarray(start)
    index = 1
    while index <= steps:
        message = solver.step()
        if solver.status == "failed":
            raise InputError(f"the {method} solver failed at time {solver.t:g}: {message}; the flow may blow up there")
        interpolant = solver.dense_output()
        while index <= steps and index * dt <= solver.t * (1 + 1e-12):
            yield interpolant(min(index * dt, solver.t))
            index += 1


@eqx.filter_jit
def _update_records(trials: Trials, records: Any, states: Array, first: Any) -> Any:
    """Update the records of the probes with successive states, shape (networks, runs, chunk + 1, N)."""

    def update(network: Network, key, start, record, path):
        def body(i, record):
            step = Step(first + i, path[i], path[i + 1], network)
            return {name: probe.update(record[name], step) for name, probe in trials.probes.items()}

        return jax.lax.fori_loop(0, path.shape[0] - 1, body, record)

    return trials.each(update, records, states)


def solve(
    trials: Trials, networks: list[Discretized], steps: int, method: str, tolerance: float, progress: Progress | None
) -> tuple[np.ndarray, Any]:
    """Integrate all trials; return last states and results of the probes, with leading shape (networks, runs)."""
    paths = [[_states(n, s, steps, method, tolerance) for s in trials.starts] for n in networks]
    _, records = begin(trials, steps)
    last = np.array([[next(path) for path in row] for row in paths])
    for first in range(0, steps, CHUNK):
        number = min(CHUNK, steps - first)
        new_states = np.array([[[next(path) for _ in range(number)] for path in row] for row in paths])
        states = np.concatenate([last[:, :, None], new_states], axis=2)
        records = _update_records(trials, records, jnp.asarray(states), np.int64(first))
        last = new_states[:, :, -1]
        if callable(progress):
            progress(first + number, steps)
    return last, jax.tree.map(np.asarray, results(trials, records, steps))
