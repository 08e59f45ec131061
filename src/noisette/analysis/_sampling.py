"""Independent samples of network activity, at fixed points or in runs, and the traces of their covariance matrix.

The traces tr C and tr C² are estimated by U-statistics over independent draws of the noise (`spectral_moments`), which
are unbiased for any number of draws; snapshots of one run share a draw, and only products between different draws are
used. The standard errors of a single network follow from a delete-block jackknife over draws: with B blocks and θ_b
the estimate without block b, s² = (B − 1)/B Σ_b (θ_b − θ̄)². See Efron (1982), The Jackknife, the Bootstrap and Other
Resampling Plans.
"""

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
BLOCKS = 20  # number of blocks of draws in the jackknife


class Sampling(NamedTuple):
    """Parameters of the sampling of a network.

    Attributes
    ----------
    activation, noise : φ and the noise of the network
    draws : number of draws of the noise, or of runs
    rate : whether to sample rates φ(x) instead of currents x
    outside : whether the noise enters outside φ
    centred : whether the unknown mean is removed
    moving : whether to sample snapshots of runs instead of fixed points
    dt, discard, snapshots, every : times of runs, as for `Transient`
    """

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
        """Smallest number of draws for which the estimators exist."""
        return 4 if self.centred else 2

    def check(self) -> None:
        """Raise `InputError` for parameters with which sampling is not possible."""
        require(
            not self.outside or (is_frozen(self.noise) and not self.moving),
            "noise outside φ that is not frozen, or dynamic=True with noise outside φ",
            "noise outside φ must be Frozen, and dynamic False",
            "place the noise inside φ",
        )
        _check_strengths(self.noise)
        require(self.draws >= self.least, f"{self.draws} draws", f"at least {self.least} for this activation")
        if self.moving:
            require(0 < self.dt < np.inf, f"dt {self.dt}", "a time above zero")
            require(0 <= self.discard < np.inf, f"discard {self.discard}", "a time, zero or longer")
            require(self.snapshots >= 1, f"snapshots {self.snapshots}", "at least 1")
            require(self.dt <= self.every < np.inf, f"every {self.every}", f"a time of at least dt, {self.dt:g}")

    def of(self, W: np.ndarray, gain: float, key: PRNGKeyArray) -> "Samples":
        """Sample one network with the weights W, shape (N, N), at one gain."""
        network = RateNetwork(W, gain, activation=self.activation, noise=self.noise)
        unstable = 0
        if self.moving:
            schedule = Transient(self.dt, self.discard, self.snapshots, self.every)
            runs = stationary_runs(network, key, self.draws, schedule, start_variance(network, self.dt))
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
        """Return stable fixed points, shape (draws, 1, N), NaN without one, and the number of unstable fixed points."""
        if not self.outside:
            points = find_fixed_points(network, self.draws, key=key, warn=False)
            x = points.state.values
            x = _rates(network, x) if self.rate else x
        else:
            # noise outside φ: with x = φ(h) + ξ and h = g W x, the input h solves h = g W φ(h) + g W ξ
            assert self.noise is not None
            noise = np.asarray(frozen_draws(self.noise, key, self.draws, network.size))
            inputs = float(network.gain) * noise @ np.asarray(network.weights).T
            points = find_fixed_points(network.with_noise(None), inputs=inputs, warn=False)
            x = _rates(network, points.state.values) + (0.0 if self.rate else noise)
        return np.where(points.stable.values[:, None], x, np.nan)[:, None], int(points.attrs["unstable"])


def _check_strengths(noise: Noise | None) -> None:
    """Raise `InputError` for noise so strong or so weak that products of covariances overflow or underflow."""
    if isinstance(noise, Sum):
        for part in noise.parts:
            _check_strengths(part)
    elif isinstance(noise, White):
        require_representable(noise.strength)
    elif isinstance(noise, Frozen | OrnsteinUhlenbeck):
        require_representable(noise.std)


def _rates(network: RateNetwork, states: np.ndarray) -> np.ndarray:
    """Return the rates φ(x) of states of shape (…, N)."""
    return np.asarray(network.rate(jnp.asarray(states)))


class Row(NamedTuple):
    """Results of one network at one gain.

    Attributes
    ----------
    moments, errors : traces, and the standard errors of tr C/N, ψ and D over draws
    failed, unstable : numbers of omitted draws: those without a solution or with a divergent run, and those at unstable
        fixed points
    runs : the runs, without their states
    """

    moments: SpectralMoments
    errors: tuple[float, float, float]
    failed: int
    unstable: int
    runs: Runs


class Samples(NamedTuple):
    """Samples of one network at one gain.

    Attributes
    ----------
    activity : x or φ(x), shape (samples, N)
    draw : index of the draw of each sample, shape (samples,)
    failed, unstable : numbers of omitted draws, as for `Row`
    runs : the runs
    """

    activity: np.ndarray
    draw: np.ndarray
    failed: int
    unstable: int
    runs: Runs

    def row(self, centred: bool, alone: bool) -> Row:
        """Return the traces, with their errors if this is the only network; NaN if too few draws remain."""
        undefined = SpectralMoments(NAN, NAN, NAN, self.activity.shape[1])
        errors = self.errors(centred) if alone else (NAN, NAN, NAN)
        runs = self.runs._replace(states=np.empty((0, 0, 0)))
        return Row(self.moments(centred) or undefined, errors, self.failed, self.unstable, runs)

    def moments(self, centred: bool, without: np.ndarray | None = None) -> SpectralMoments | None:
        """Return unbiased traces from all draws except those in `without`; None if too few draws remain."""
        kept = slice(None) if without is None else ~np.isin(self.draw, without)
        remaining = self.draw[kept]
        if len(np.unique(remaining)) < (4 if centred else 2):
            return None
        return spectral_moments(self.activity[kept], centred=centred, groups=remaining)

    def errors(self, centred: bool) -> tuple[float, float, float]:
        """Return the standard errors of tr C/N, ψ and D of this network by the delete-block jackknife over draws."""
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
    """Return a function from the index of a network to its weight matrix; by default Gaussian with variance 1/N."""
    if weights is None:
        n = 400 if size is None else size
        require(n >= 1, f"size {n}", "at least one unit")
        return lambda number: gaussian(n, n**-0.5, self_coupling=self_coupling, key=keys(number))
    source = weights if callable(weights) else lambda number: weights

    def matrix(number: int) -> np.ndarray:
        W = square(source(number))
        require(size in (None, len(W)), f"size {size} and weights of {len(W)} units", "equal sizes, or weights alone")
        return W

    return matrix


def keys_of(key: PRNGKeyArray) -> tuple[Callable[[int], PRNGKeyArray], Callable[[int], PRNGKeyArray]]:
    """Return two functions from the index of a network to the keys of its weights and of its noise."""
    weights, noise = jax.random.split(key)
    return lambda number: jax.random.fold_in(weights, number), lambda number: jax.random.fold_in(noise, number)


__all__ = ["Row", "Sampling", "keys_of", "matrices"]
