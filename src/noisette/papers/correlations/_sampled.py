"""Simulated statistics of x and φ(x) from the same runs, at equal times or in long windows."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from noisette.activations import Activation
from noisette.analysis import jackknife, trace_moments
from noisette.networks import RateNetwork
from noisette.noise import Noise
from noisette.probes import Snapshots, Trace
from noisette.simulate import simulate
from noisette.weights import gaussian

ACTIVITIES = ("current", "rate")
DT = 0.1
DISCARD = 20.0  # until the start is forgotten
SNAPSHOTS, BETWEEN = 4, 5.0
NAMES = ("variance", "dimension")

States = Callable[[RateNetwork, Any], np.ndarray]  # from a network and a key to samples, shape (runs, samples, N)


def snapshots(runs: int, *, dt: float = DT, discard: float = DISCARD, number: int = SNAPSHOTS) -> States:
    """Return the function that takes snapshots of independent runs of a network."""
    times = discard + BETWEEN * np.arange(number)

    def states(network: RateNetwork, key: Any) -> np.ndarray:
        steps = round(times[-1] / dt) + 1
        probe = Snapshots(times.tolist())
        found = simulate(network, steps, probe, key=key, dt=dt, runs=runs, start="normal", warn=False)
        return found.snapshots.values

    return states


def sampled(
    activation: Activation, gain: float, noise: Noise, states: States, *, size: int, networks: int, seed: int
) -> dict[str, np.ndarray]:
    """Return variance tr C/N and dimension D of x and of φ(x), each with its standard error over networks.

    Samples of one run depend on each other: only products of different runs are taken.
    """
    traces: list[list[tuple[float, float]]] = [[], []]
    key = jax.random.key(seed)
    for number in range(networks):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = gaussian(size, size**-0.5, key=for_weights)
        x = states(RateNetwork(W, gain, activation=activation, noise=noise), for_noise)
        run = np.repeat(np.arange(len(x)), x.shape[1])
        for kept, y in zip(traces, (x, np.asarray(activation(x))), strict=True):
            found = trace_moments(y.reshape(-1, size), groups=run)
            kept.append((found.first, found.second))
    return errors([np.array(each).T for each in traces])


def errors(traces: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Return means and errors over networks from the (first, second) traces of each activity."""
    first = [(one.mean(), one.std(ddof=1) / np.sqrt(len(one))) for one, _ in traces]
    dimension = [jackknife(one, two) for one, two in traces]
    pairs = {"variance": np.array(first), "dimension": np.array(dimension)}
    return {key: v for name, p in pairs.items() for key, v in ((name, p[:, 0]), (f"{name}_se", p[:, 1]))}


def windowed(
    activation: Activation, gain: float, noise: Noise, *, window: float, runs: int, size: int, networks: int, seed: int
) -> tuple[float, float]:
    """Return D of rates summed over one long window of each run, and its standard error over networks."""
    key, traces = jax.random.key(seed), []
    for number in range(networks):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        network = RateNetwork(gaussian(size, size**-0.5, key=for_weights), gain, activation=activation, noise=noise)
        found = simulate(
            network, round((DISCARD + window) / DT), Trace(every=2), key=for_noise, dt=DT, runs=runs, start="normal",
            warn=False,
        )  # fmt: skip
        late = found.trace.isel(time=found.time.values >= DISCARD).values
        traces.append(trace_moments(np.asarray(activation(late)).mean(1))[:2])
    first, second = np.array(traces).T
    return jackknife(first, second)
