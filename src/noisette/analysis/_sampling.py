"""Independent samples of the activity of a network, at fixed points or in runs, and the traces of their covariance."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.analysis._dimension import SpectralMoments, spectral_moments
from noisette.analysis._runs import Runs, Transient, start_variance, stationary_runs
from noisette.errors import require
from noisette.networks import RateNetwork
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, Sum, White
from noisette.noise._spectrum import require_representable
from noisette.simulation import find_fixed_points
from noisette.simulation._fixed_points import frozen_draws, is_frozen
from noisette.weights import gaussian, square

NAN = float("nan")
BLOCKS = 20  # of draws, left out one at a time


class Sampling(NamedTuple):
    """Parameters of the sampling of a network: in runs if `moving`, otherwise at fixed points."""

    activation: Callable[..., Any]
    noise: Noise | None
    draws: int
    rate: bool
    outside: bool
    centred: bool
    moving: bool
    dt: float
    discard: float
    snapshots: int
    every: float

    @property
    def least(self) -> int:
        """The smallest number of draws that the estimators need."""
        return 4 if self.centred else 2

    def check(self) -> None:
        """Refuse what cannot be sampled."""
        require(
            not self.outside or (is_frozen(self.noise) and not self.moving),
            "noise outside φ that is not frozen, or dynamic=True",
            "it must be Frozen",
            "place it inside",
        )
        _check_strengths(self.noise)
        require(self.draws >= self.least, f"{self.draws} draws", f"at least {self.least} for this activation")
        if self.moving:
            require(0 < self.dt < np.inf, f"dt {self.dt}", "a time above zero")
            require(0 <= self.discard < np.inf, f"discard {self.discard}", "a time, zero or longer")
            require(self.snapshots >= 1, f"snapshots {self.snapshots}", "at least 1")
            require(self.dt <= self.every < np.inf, f"every {self.every}", f"a time of at least dt, {self.dt:g}")

    def of(self, W: np.ndarray, gain: float, key: PRNGKeyArray) -> "Samples":
        """Sample one network at one gain."""
        network = RateNetwork(W, gain, activation=self.activation, noise=self.noise)
        unstable = 0
        if self.moving:
            when = Transient(self.dt, self.discard, self.snapshots, self.every)
            runs = stationary_runs(network, key, self.draws, when, start_variance(network, self.dt))
            runs = runs._replace(states=_rates(network, runs.states) if self.rate else runs.states)
        else:
            states, unstable = self._fixed_points(network, key)
            runs = Runs(states, 0.0, NAN, True, "")
        usable = np.isfinite(runs.states).all((1, 2))
        kept = runs.states[usable]
        samples = kept.reshape(-1, len(W))
        failed = int((~usable).sum()) - unstable
        return Samples(samples, np.repeat(np.arange(len(kept)), runs.states.shape[1]), failed, unstable, runs)

    def _fixed_points(self, network: RateNetwork, key: PRNGKeyArray) -> tuple[np.ndarray, int]:
        """Return stable fixed points, shape (draws, 1, N), NaN where there is none; and the number of unstable ones."""
        if not self.outside:
            points = find_fixed_points(network, self.draws, key=key, warn=False)
            x = points.state.values
            x = _rates(network, x) if self.rate else x
        else:  # h = gW(φ(h) + ξ), x = φ(h) + ξ
            assert self.noise is not None
            noise = np.asarray(frozen_draws(self.noise, key, self.draws, network.size))
            inputs = float(network.gain) * noise @ np.asarray(network.weights).T
            points = find_fixed_points(network.with_noise(None), inputs=inputs, warn=False)
            x = _rates(network, points.state.values) + (0.0 if self.rate else noise)
        return np.where(points.stable.values[:, None], x, np.nan)[:, None], int(points.attrs["unstable"])


def _check_strengths(noise: Noise | None) -> None:
    """Refuse noise whose products of covariances overflow or underflow."""
    if isinstance(noise, Sum):
        for part in noise.parts:
            _check_strengths(part)
    elif isinstance(noise, White):
        require_representable(noise.strength)
    elif isinstance(noise, Frozen | OrnsteinUhlenbeck):
        require_representable(noise.std)


def _rates(network: RateNetwork, units: np.ndarray) -> np.ndarray:
    return np.asarray(network.rate(jnp.asarray(units)))


class Row(NamedTuple):
    """Results of one network at one gain.

    Attributes
    ----------
    moments, errors : traces, and the errors of tr C/N, ψ and D over draws
    failed, unstable : numbers of draws that are left out: not solved or run away; solved by an unstable fixed point
    runs : the runs, without their states
    """

    moments: SpectralMoments
    errors: tuple[float, float, float]
    failed: int
    unstable: int
    runs: Runs


class Samples(NamedTuple):
    """Samples of one network: activity (samples, N), the draw of each sample, draws left out, and the runs."""

    activity: np.ndarray
    draw: np.ndarray
    failed: int
    unstable: int
    runs: Runs

    def row(self, centred: bool, alone: bool) -> Row:
        """Return the traces, and their errors if this is the only network; NaN if too few draws are left."""
        lost = SpectralMoments(NAN, NAN, NAN, self.activity.shape[1])
        errors = self.errors(centred) if alone else (NAN, NAN, NAN)
        runs = self.runs._replace(states=np.empty((0, 0, 0)))
        return Row(self.moments(centred) or lost, errors, self.failed, self.unstable, runs)

    def moments(self, centred: bool, without: np.ndarray | None = None) -> SpectralMoments | None:
        """Return unbiased traces, from all draws or `without` some; None if too few are left."""
        kept = slice(None) if without is None else ~np.isin(self.draw, without)
        left = self.draw[kept]
        if len(np.unique(left)) < (4 if centred else 2):
            return None
        return spectral_moments(self.activity[kept], centred=centred, groups=left)

    def errors(self, centred: bool) -> tuple[float, float, float]:
        """Return standard errors of tr C/N, ψ and D of this one network, by leaving out blocks of draws."""
        draws = np.unique(self.draw)
        blocks = np.array_split(draws, min(BLOCKS, max(1, len(draws))))
        left_out = [self.moments(centred, block) for block in blocks]
        values = np.array(
            [(m.first, m.covariance_variance, m.participation_dimension) for m in left_out if m is not None]
        )
        if len(values) < len(blocks) or len(blocks) < 2:
            return NAN, NAN, NAN
        spread = ((values - values.mean(0)) ** 2).sum(0)
        first, second, third = np.sqrt((len(blocks) - 1) / len(blocks) * spread).tolist()
        return first, second, third


def matrices(
    weights: Any, size: int | None, self_coupling: bool, keys: Callable[[int], PRNGKeyArray]
) -> Callable[[int], np.ndarray]:
    """Return a function from the index of a network to its matrix; by default gaussian matrices of variance 1/N."""
    if weights is None:
        n = 400 if size is None else size
        require(n >= 1, f"size {n}", "at least one unit")
        return lambda number: gaussian(n, n**-0.5, self_coupling=self_coupling, key=keys(number))
    source = weights if callable(weights) else lambda number: weights

    def matrix(number: int) -> np.ndarray:
        W = square(source(number))
        require(size in (None, len(W)), f"size {size} and weights of {len(W)} units", "one of them")
        return W

    return matrix


def keys_of(key: PRNGKeyArray) -> tuple[Callable[[int], PRNGKeyArray], Callable[[int], PRNGKeyArray]]:
    """Return the keys of the weights and of the noise of each network."""
    weights, noise = jax.random.split(key)
    return lambda number: jax.random.fold_in(weights, number), lambda number: jax.random.fold_in(noise, number)


__all__ = ["Row", "Sampling", "keys_of", "matrices"]
