"""Runs of many networks and traces of x and φ(x), shared by the figures about time-dependent activity."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from noisette.activations import Activation
from noisette.analysis import spectral_moments
from noisette.networks import RateNetwork
from noisette.noise import Noise
from noisette.papers.correlations._runs import Traces
from noisette.probes import Snapshots, Trace
from noisette.simulation import simulate
from noisette.weights import gaussian

DT = 0.1
DISCARD = 20.0  # transient
SNAPSHOTS, INTERVAL = 4, 5.0  # number of snapshots of a run, and the time between them

States = Callable[[RateNetwork, Any], np.ndarray]  # function of network and key; states of shape (runs, times, N)


def snapshots(runs: int, *, dt: float = DT, discard: float = DISCARD, number: int = SNAPSHOTS) -> States:
    """Return a function that takes snapshots of independent runs of a network."""
    times = (discard + INTERVAL * np.arange(number)).tolist()

    def states(network: RateNetwork, key: Any) -> np.ndarray:
        probe, steps = Snapshots(times), round(times[-1] / dt) + 1
        return simulate(network, steps, probe, key=key, dt=dt, runs=runs, start="normal", warn=False).snapshots.values

    return states


def trajectories(runs: int, duration: float) -> States:
    """Return a function that records every second state of independent runs of a network."""

    def states(network: RateNetwork, key: Any) -> np.ndarray:
        probe, steps = Trace(every=2), round((DISCARD + duration) / DT)
        result = simulate(network, steps, probe, key=key, dt=DT, runs=runs, start="normal", warn=False)
        return result.trace.values[:, round(DISCARD / DT / 2) :]

    return states


def dynamic_traces(
    activation: Activation,
    gain: float,
    noise: Noise,
    states: States,
    *,
    size: int,
    networks: int,
    seed: int,
    long_window: bool = False,
) -> Traces:
    """Simulate networks in noise, and return the traces of the covariances of x and φ(x).

    Only products of states of different runs are averaged, because states of one run are correlated. With
    `long_window`, the mean over each run is one sample.
    """
    moments, key = [], jax.random.key(seed)
    for number in range(networks):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = gaussian(size, size**-0.5, key=for_weights)
        x = states(RateNetwork(W, gain, activation=activation, noise=noise), for_noise)
        samples = [x, np.asarray(activation(jnp.asarray(x)))]
        if long_window:
            samples = [y.mean(1, keepdims=True) for y in samples]
        run = np.repeat(np.arange(len(x)), samples[0].shape[1])
        moments.append([spectral_moments(y.reshape(-1, size), groups=run)[:3] for y in samples])
    first, second, diagonal = np.array(moments).T
    return Traces(first, second, diagonal, size, 0)
