"""Activations, networks and their fixed points, shared by the figures about frozen noise."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from noisette.activations import Activation, Pade, Power, erf, linear, tanh
from noisette.analysis import jackknife, spectral_moments
from noisette.networks import RateNetwork
from noisette.noise import Frozen
from noisette.simulation import find_fixed_points
from noisette.simulation._fixed_points import frozen_draws
from noisette.weights import gaussian

NOISE = Frozen(1.0)
SIZE = {
    "smoke": 40,
    "quick": 200,
    "paper": 400,
}  # size of the simulated matrices; a single size avoids recompilation
DRAWS = {"smoke": 64, "quick": 128, "paper": 320}  # draws of the noise
BATCH = 64  # draws that are solved in one batch; a fixed size avoids recompilation
ACTIVITIES = ("current", "rate")
ACTIVATIONS: dict[str, Activation] = {
    "linear": linear,
    "tanh": tanh,
    "erf": erf,
    "power": Power(0.75),
    "pade": Pade(1 / 3, 0.0),
}
LABELS = {"linear": "linear", "tanh": "tanh", "erf": "erf", "power": "power ¾", "pade": "Padé x/(1 + x²/3)"}
COLOURS = {"linear": "black", "tanh": "entropy", "erf": "divergence", "power": "information", "pade": "purple"}
MIN_DRAWS = 20  # solved draws below which a network is discarded
THRESHOLD = 3.0  # standard errors


class Traces(NamedTuple):
    """Unbiased traces for networks of N = `size` units, shape (activity, network), and number of unsolved draws.

    The activities are x and φ(x), and optionally the state of a linear network with the same weights and noise.
    """

    first: np.ndarray
    second: np.ndarray
    diagonal: np.ndarray
    size: int
    failed: int

    def dimension(self) -> tuple[np.ndarray, np.ndarray]:
        """Return D of each activity, and its standard error."""
        estimates = np.array([jackknife(*pair) for pair in zip(self.first, self.second, strict=True)])
        return estimates[:, 0], estimates[:, 1]

    def variance(self) -> tuple[np.ndarray, np.ndarray]:
        """Return tr C/N of each activity, and its standard error."""
        return _mean(self.first)

    def covariance_variance(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ψ of each activity, and its standard error."""
        return _mean((self.second - self.diagonal) * self.size / (self.size - 1))


def _mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values.mean(1), values.std(1, ddof=1) / np.sqrt(values.shape[1])


def fixed_points(
    activation: Activation, gain: float, weights: np.ndarray, draws: int, key: Any
) -> tuple[np.ndarray, int]:
    """Return the fixed points of a network in frozen noise, shape (draws, N), and the number of unsolved draws."""
    if activation is linear:
        if np.linalg.eigvals(gain * weights).real.max() >= 1:
            return np.empty((0, len(weights))), draws
        noise = np.asarray(frozen_draws(NOISE, key, draws, len(weights)))
        return np.linalg.solve(np.eye(len(weights)) - gain * weights, noise.T).T, 0
    network = RateNetwork(weights, gain, activation=activation, noise=NOISE)
    keys = [jax.random.fold_in(key, batch) for batch in range(-(-draws // BATCH))]
    results = [find_fixed_points(network, BATCH, key=each, warn=False) for each in keys]
    states = np.concatenate([result.state.values[result.converged.values] for result in results])
    return states[:draws], sum(int(result.attrs["failed"]) for result in results)


def traces(
    activation: Activation,
    gain: float,
    scale: str,
    seed: int,
    *,
    networks: int,
    size: int | None = None,
    control: float | None = None,
) -> Traces:
    """Find the fixed points of networks in frozen noise, and return their traces.

    Parameters
    ----------
    activation, gain : φ and g
    scale, seed : scale and seed of the reproduction
    networks : minimal number of networks
    size : N, by default SIZE of the scale; smaller networks are combined in one matrix as independent blocks
    control : gain of a linear network with the same weights and noise, whose traces are also returned
    """
    total, key = SIZE[scale], jax.random.key(seed)
    size = total if size is None else size
    blocks_per_matrix, moments, failed = total // size, [], 0
    for number in range(-(-networks // blocks_per_matrix)):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = blocks(size, blocks_per_matrix, for_weights)
        x, unsolved = fixed_points(activation, gain, W, DRAWS[scale], for_noise)
        failed += unsolved
        if len(x) < MIN_DRAWS:
            continue
        rates = np.asarray(activation(jnp.asarray(x)))
        samples = [x, rates]
        if control is not None:
            noise = x - gain * rates @ W.T
            samples.append(np.linalg.solve(np.eye(len(W)) - control * W, noise.T).T)
        for block in range(blocks_per_matrix):
            part = slice(block * size, (block + 1) * size)
            moments.append([spectral_moments(y[:, part])[:3] for y in samples])
    first, second, diagonal = np.moveaxis(np.reshape(moments, (len(moments), -1, 3)), (0, 1, 2), (2, 1, 0))
    return Traces(first, second, diagonal, size, failed)


def blocks(size: int, number: int, key: Any) -> np.ndarray:
    """Return a block-diagonal matrix of `number` independent matrices with entries of variance 1/N."""
    W = np.zeros((size * number, size * number))
    for block in range(number):
        part = slice(block * size, (block + 1) * size)
        W[part, part] = gaussian(size, size**-0.5, key=jax.random.fold_in(key, block))
    return W
