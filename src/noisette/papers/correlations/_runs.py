"""What the figures of frozen noise share: activations, networks, and the states in which they settle."""

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
}  # of the matrices that are simulated; one size, as each is compiled once
DRAWS = {"smoke": 64, "quick": 128, "paper": 320}  # of the noise
TOGETHER = 64  # draws that are solved side by side; for more of them a second program would be compiled
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
FEWEST = 20  # draws without which a network counts for nothing
MANY = 3.0  # standard errors


class Traces(NamedTuple):
    """Unbiased traces of each network of N = `size` units, shape (activity, network), and draws that were lost.

    Activities are x and φ(x), and if asked for those of a linear network with the same weights and noise.
    """

    first: np.ndarray
    second: np.ndarray
    diagonal: np.ndarray
    size: int
    failed: int

    def dimension(self) -> tuple[np.ndarray, np.ndarray]:
        """Return D of each activity, and its standard error."""
        found = np.array([jackknife(*pair) for pair in zip(self.first, self.second, strict=True)])
        return found[:, 0], found[:, 1]

    def variance(self) -> tuple[np.ndarray, np.ndarray]:
        """Return tr C/N of each activity, and its standard error."""
        return _mean(self.first)

    def covariance_variance(self) -> tuple[np.ndarray, np.ndarray]:
        """Return ψ of each activity, and its standard error."""
        return _mean((self.second - self.diagonal) * self.size / (self.size - 1))


def _mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values.mean(1), values.std(1, ddof=1) / np.sqrt(values.shape[1])


def settled(activation: Activation, gain: float, weights: np.ndarray, draws: int, key: Any) -> tuple[np.ndarray, int]:
    """Return the states in which a network settles, shape (draws, N), and how many were not found and left out."""
    if activation is linear:
        if np.linalg.eigvals(gain * weights).real.max() >= 1:
            return np.empty((0, len(weights))), draws
        noise = np.asarray(frozen_draws(NOISE, key, draws, len(weights)))
        return np.linalg.solve(np.eye(len(weights)) - gain * weights, noise.T).T, 0
    network = RateNetwork(weights, gain, activation=activation, noise=NOISE)
    keys = [jax.random.fold_in(key, batch) for batch in range(-(-draws // TOGETHER))]
    found = [find_fixed_points(network, TOGETHER, key=each, warn=False) for each in keys]
    states = np.concatenate([one.state.values[one.converged.values] for one in found])
    return states[:draws], sum(int(one.attrs["failed"]) for one in found)


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
    """Simulate networks that settle in frozen noise, and return their traces.

    Parameters
    ----------
    activation, gain : φ, g
    scale, seed : of the reproduction
    networks : how many at least
    size : N; as many networks as find room share one matrix, as independent blocks. SIZE of the scale by default
    control : gain of a linear network with the same weights and noise, whose traces are wanted too
    """
    total, key = SIZE[scale], jax.random.key(seed)
    size = total if size is None else size
    together, found, failed = total // size, [], 0
    for number in range(-(-networks // together)):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = blocks(size, together, for_weights)
        x, lost = settled(activation, gain, W, DRAWS[scale], for_noise)
        failed += lost
        if len(x) < FEWEST:
            continue
        rates = np.asarray(activation(jnp.asarray(x)))
        samples = [x, rates]
        if control is not None:
            noise = x - gain * rates @ W.T
            samples.append(np.linalg.solve(np.eye(len(W)) - control * W, noise.T).T)
        for one in range(together):
            part = slice(one * size, (one + 1) * size)
            found.append([spectral_moments(y[:, part])[:3] for y in samples])
    first, second, diagonal = np.moveaxis(np.reshape(found, (len(found), -1, 3)), (0, 1, 2), (2, 1, 0))
    return Traces(first, second, diagonal, size, failed)


def blocks(size: int, number: int, key: Any) -> np.ndarray:
    """Return `number` independent matrices of variance 1/N as the blocks of one."""
    W = np.zeros((size * number, size * number))
    for one in range(number):
        part = slice(one * size, (one + 1) * size)
        W[part, part] = gaussian(size, size**-0.5, key=jax.random.fold_in(key, one))
    return W
