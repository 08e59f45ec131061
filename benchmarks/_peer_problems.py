"""Problems of all contenders: matrices, parameters, and the values by which their results are compared."""

import numpy as np

Array = np.ndarray
Values = dict[str, list[float]]

BINARY_NOISE = 5.0  # r
DT, SIGMA, GAIN = 0.1, 0.5, 0.8  # rate networks in white noise
BLOCK = 64  # steps of which covariances are accumulated in one product
CURVE_DT, GAINS, DELTA = 0.01, np.linspace(0.5, 6.5, 16), 1e-6
SPECTRUM_DT, SPECTRUM_GAIN, EVERY = 0.05, 3.0, 10
REACTION_GAIN = 2.0  # of the network with the Onsager reaction term, γ = 1, dt = CURVE_DT
OU_STD, OU_TAU = 2.0, 5.0  # steps
STRENGTHS, CHAIN_STEPS = np.arange(51.0), 10_000
INPUTS, LAGS, RADIUS = 4000, 40, 0.9  # reservoir


def binary_weights(size: int) -> Array:
    """Return Gaussian weights of standard deviation 10/√N."""
    return 10 / np.sqrt(size) * np.random.default_rng(1).standard_normal((size, size))


def rate_weights(size: int, gain: float = GAIN) -> Array:
    """Return Gaussian weights of standard deviation g/√N."""
    return gain / np.sqrt(size) * np.random.default_rng(2).standard_normal((size, size))


def start(size: int) -> Array:
    """Return the initial state of a measurement of exponents."""
    return np.random.default_rng(3).standard_normal(size)


def frame(size: int, exponents: int) -> Array:
    """Return the initial tangents, as the probe `Lyapunov` chooses them."""
    drawn = np.random.default_rng(0).standard_normal((size, exponents))
    return np.linalg.qr(drawn)[0] if exponents > 1 else drawn / np.linalg.norm(drawn)


def reservoir(size: int) -> tuple[Array, Array, Array]:
    """Return the weights, of spectral radius 0.9, the input weights and the input of a reservoir."""
    rng = np.random.default_rng(4)
    weights = rng.standard_normal((size, size))
    weights *= RADIUS / np.abs(np.linalg.eigvals(weights)).max()
    return weights, 0.1 * rng.uniform(-1, 1, (size, 1)), rng.uniform(-1, 1, (INPUTS, 1))


def mean_error(samples: Array) -> list[float]:
    """Return mean and standard error of independent samples."""
    samples = np.asarray(samples, float).ravel()
    return [float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples)))]


def binary_values(weights: Array, before: Array, after: Array) -> Values:
    """Return the fraction of flips, and the mean product of states and the signs of their fields; states are ±1."""
    before, after = np.asarray(before, float), np.asarray(after, float)
    aligned = after * np.sign(before @ weights.T)
    return {"flips": mean_error((before != after).mean(1)), "alignment": mean_error(aligned.mean(1))}


def count_values(counts: Array) -> Values:
    """Return the fraction of flips, and the probability of the most frequent state, from counts (runs, 2^N, 2^N)."""
    counts = np.asarray(counts, float)
    number, codes = counts.sum((1, 2)), np.arange(counts.shape[1])
    size = int(np.log2(len(codes)))
    flipped = np.array([[(a ^ b).bit_count() for b in codes.tolist()] for a in codes.tolist()]) / size
    occupation = counts.sum(2) / number[:, None]
    return {
        "steps": [float(number.mean()), 0.0],
        "flips": mean_error((counts * flipped).sum((1, 2)) / number),
        "occupation²": mean_error((occupation * occupation.mean(0)).sum(1)),
    }


def rate_values(states: Array) -> Values:
    """Return the mean square of the states, shape (runs, N)."""
    squares = np.atleast_2d(np.asarray(states, float)) ** 2
    return {"variance": mean_error(squares.mean(1) if len(squares) > 8 else squares)}


def covariance_values(covariances: Array) -> Values:
    """Return the mean variance and the mean square of a covariance; covariances have shape (runs, N, N)."""
    covariances = np.asarray(covariances, float)
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    off = (np.square(covariances).sum(2) - variances**2) / (covariances.shape[1] - 1)
    if len(covariances) > 8:
        variances, off = variances.mean(1), off.mean(1)
    return {"variance": mean_error(variances), "covariance²": mean_error(off)}


def exponent_values(exponents: Array) -> Values:
    """Return the largest exponent and the mean of all."""
    exponents = np.asarray(exponents, float)
    return {"largest": [float(exponents.max()), 0.0], "mean": [float(exponents.mean()), 0.0]}


def energy_values(states: Array) -> Values:
    """Return the mean square of the state of a network without noise, shape (N,)."""
    return {"mean square": [float(np.mean(np.square(np.asarray(states, float)))), 0.0]}


def noise_values(states: Array) -> Values:
    """Return the standard deviation of Ornstein–Uhlenbeck noise."""
    squares = mean_error(np.asarray(states, float) ** 2)
    return {"standard deviation": [squares[0] ** 0.5, squares[1] / (2 * squares[0] ** 0.5)]}
