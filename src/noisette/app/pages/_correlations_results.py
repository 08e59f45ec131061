"""Numbers of the page about correlations: calls of the library, whose results are kept for further views."""

import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette import (
    Autocovariance,
    Frozen,
    OrnsteinUhlenbeck,
    RateNetwork,
    Snapshots,
    White,
    find_fixed_points,
    simulate,
    simulated_correlations,
    spectral_moments,
    theory,
    weights,
)
from noisette.activations import Activation, from_string, linear
from noisette.app.answers import Report
from noisette.errors import InputError
from noisette.noise import Noise
from noisette.theory.gaussian import is_odd

GAINS = np.arange(1, 31) / 10
SIMULATED = GAINS[2::3].tolist()  # gains at which networks are simulated
DT = 0.1  # of simulated runs, and of the theory of their steps
DRAWS = 48  # draws of the noise for each network and gain
PAIR_DRAWS, PAIR_RUNS, SNAPSHOTS, SPACING = 1000, 300, 4, 5.0  # of the network whose covariances are shown
LAGS, LAG_NETWORKS, LAG_RUNS, LONGEST = 30, 4, 4, 40.0  # of the simulated autocovariance; the longest lag
STATISTICS = ("variance", "covariance_variance", "participation_dimension")
COLUMNS = (*STATISTICS, "susceptibility", "valid", "reason")
COUNTS = ("failed", "unstable")
FEWEST = 50  # stable fixed points from which covariances are estimated
KEPT = 24

Row = dict[str, Any]


@dataclass(frozen=True)
class Law:
    """Activation, noise and activity of a view, on which all results of mean-field theory depend besides the gain.

    Parameters
    ----------
    activation : word of the registry
    kind : "frozen", "white" or "coloured"
    strength : standard deviation of an isolated unit in the noise
    tau : correlation time of coloured noise; 0 for other noise
    activity : "current" or "rate"
    """

    activation: str
    kind: str
    strength: float
    tau: float
    activity: Any

    @property
    def phi(self) -> Activation:
        """Activation."""
        return activation_of(self.activation)

    @property
    def odd(self) -> bool:
        """Whether the activation is odd, so that all means are zero."""
        return is_odd(self.phi)

    @property
    def noise(self) -> Noise:
        """Noise."""
        return noise_of(self.kind, self.strength, self.tau)

    @property
    def step(self) -> float | None:
        """Time step of theory and simulation; None for fixed points, which do not depend on it."""
        return None if self.kind == "frozen" else DT

    @property
    def transient(self) -> float:
        """Time that is discarded at the beginning of runs."""
        return 40.0 + 5 * self.tau


@lru_cache(maxsize=64)
def activation_of(text: str) -> Activation:
    """Return the activation of a word; the same object, since programs are compiled for each object."""
    return from_string(text)


@lru_cache(maxsize=256)
def noise_of(kind: str, strength: float, tau: float) -> Noise:
    """Return noise in which an isolated unit has a given standard deviation."""
    plain: Noise = {"frozen": Frozen, "white": White}[kind](1.0) if kind != "coloured" else OrnsteinUhlenbeck(1.0, tau)
    isolated = float(theory.mean_field(linear, 0.0, plain).variance)
    return plain.scaled(strength / isolated**0.5)


class Rows:
    """Results of one law at single gains, computed when they are first needed."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.theory: dict[float, Row] = {}
        self.dynamics: dict[float, Row] = {}
        self.simulated: dict[tuple[int, int, int, float], Row] = {}
        self.critical: float | None = None

    def fill(self) -> None:
        """Compute all gains of the grid in frozen noise, which takes little longer than a single gain."""
        if self.law.kind == "frozen" and not all(gain in self.theory for gain in GAINS.tolist()):
            data = self._correlations(GAINS)
            for i, gain in enumerate(GAINS.tolist()):
                self.theory[gain] = {name: data[name].values[i].item() for name in COLUMNS}

    def at(self, gain: float) -> Row:
        """Return the theory of fixed points in frozen noise, and of the dynamics in other noise, for N → ∞."""
        if gain not in self.theory:
            self.theory[gain] = _row(self._correlations(gain))
        return self.theory[gain]

    def with_size(self, gain: float, size: int) -> tuple[Row, str]:
        """Return the theory for N → ∞, and why networks of N units differ from it, or "" if they do not."""
        if self.law.kind == "frozen":
            row = self.at(gain)
            return row, str(self._correlations(gain, size).reason.values) if row["valid"] else ""
        row = _row(self._correlations(gain, size))
        exists = bool(np.isfinite(row["variance"]))
        self.theory[gain] = row | {"valid": exists, "reason": "" if exists else row["reason"]}
        return self.theory[gain], row["reason"] if exists else ""

    def is_unstable(self, gain: float) -> bool:
        """Return whether there are fixed points, and they are unstable; the activity is chaotic then."""
        return self.law.kind == "frozen" and self.at(gain)["susceptibility"] >= 1

    def best(self, gain: float) -> Row:
        """Return the theory that describes the activity: of the dynamics where fixed points are unstable."""
        return self.chaos(gain) if self.is_unstable(gain) else self.at(gain)

    def chaos(self, gain: float) -> Row:
        """Return the theory of the dynamics in frozen noise."""
        if gain not in self.dynamics:
            self.dynamics[gain] = _row(self._correlations(gain, dynamic=True, dt=DT))
        return self.dynamics[gain]

    def knows(self, gain: float) -> bool:
        """Return whether the theory at a gain has been computed."""
        return gain in self.theory and (not self.is_unstable(gain) or gain in self.dynamics)

    def sample(self, gain: float, size: int, networks: int, seed: int, report: Report) -> Row:
        """Return the statistics of simulated networks; `report` is called with (networks done, networks)."""
        key = size, networks, seed, gain
        if key not in self.simulated:
            law = self.law
            with warnings.catch_warnings(action="ignore", category=UserWarning):  # what is omitted is counted
                data = simulated_correlations(
                    law.phi, gain, law.noise, size, networks=networks, draws=DRAWS, key=seed, progress=report,
                    activity=law.activity, dynamic=self.is_unstable(gain), dt=DT,
                )  # fmt: skip
            names = [f"{name}{end}" for name in STATISTICS for end in ("", "_se")]
            self.simulated[key] = {name: data[name].item() for name in (*names, *COUNTS)}
        return self.simulated[key]

    def critical_gain(self) -> float:
        """Return the gain at which the stationary state loses stability; NaN if there is no theory of it."""
        if self.critical is None:
            self.critical = critical_of(self.law.activation, self.law.noise)
        return self.critical

    def _correlations(self, gain: Any, size: int | None = None, **options: Any) -> xr.Dataset:
        law = self.law
        options = {"dt": law.step} | options
        with np.errstate(all="ignore"):  # results that are not finite have a reason
            return theory.correlations(law.phi, gain, law.noise, size, activity=law.activity, **options)


@lru_cache(maxsize=32)
def rows_of(law: Law) -> Rows:
    """Return the results of a law."""
    return Rows(law)


def critical_of(activation: str, noise: Noise) -> float:
    """Return the critical gain, or NaN if there is no theory of it."""
    try:
        return theory.critical_gain(activation_of(activation), noise)
    except InputError:
        return float("nan")


def _row(data: xr.Dataset) -> Row:
    return {name: data[name].item() for name in COLUMNS}


_results: OrderedDict[tuple[Any, ...], xr.Dataset] = OrderedDict()


def kept(key: tuple[Any, ...], make: Callable[[], xr.Dataset]) -> xr.Dataset:
    """Return a result that was computed before, or compute it."""
    data = _results.get(key)
    if data is None:
        data = _results[key] = make()
        while len(_results) > KEPT:
            _results.popitem(last=False)
    return data


def network_of(law: Law, gain: float, size: int, key: Any) -> RateNetwork:
    """Return a random network."""
    W = weights.gaussian(size, size**-0.5, key=key)
    return RateNetwork(W, gain, activation=law.phi, noise=law.noise)


def pairs(law: Law, gain: float, size: int, seed: int, report: Report) -> xr.Dataset:
    """Return the estimated covariance of each pair of units of one network, with predictions where they exist.

    Raises
    ------
    InputError : If too few draws of the noise lead to stable fixed points.
    """
    key = jax.random.key(seed)
    network = network_of(law, gain, size, key)
    noise_key = jax.random.fold_in(key, 1)
    fixed = law.kind == "frozen" and not rows_of(law).is_unstable(gain)
    if fixed:
        points = find_fixed_points(network, PAIR_DRAWS, key=noise_key, warn=False, progress=report)
        states = points.state.values[points.stable.values]
        groups = np.arange(len(states))
    else:
        times = (law.transient + SPACING * np.arange(SNAPSHOTS)).tolist()
        run = simulate(
            network, duration=times[-1] + 1, probes=Snapshots(times), runs=PAIR_RUNS, dt=DT, key=noise_key, warn=False,
            progress=report,
        )  # fmt: skip
        states = run.snapshots.values.reshape(-1, size)
        groups = np.repeat(np.arange(PAIR_RUNS), SNAPSHOTS)
    finite = np.isfinite(states).all(1)
    states, groups = states[finite], groups[finite]
    if len(np.unique(groups)) < FEWEST:
        raise InputError(f"only {len(states)} of the samples are stationary; lower the gain")
    values = states if law.activity == "current" else np.asarray(law.phi(jnp.asarray(states)))
    upper = np.triu_indices(size, 1)
    moments = spectral_moments(values, centred=not law.odd, groups=groups)
    covariance = np.cov(values.T) if not law.odd else values.T @ values / len(values)
    data = xr.Dataset(
        {"covariance": ("pair", covariance[upper]), "covariance_variance": moments.covariance_variance},
        attrs={"method": "simulated", "samples": len(values), "size": size},
    )
    return data.merge(_predicted(network, law, upper)) if fixed else data


def _predicted(network: RateNetwork, law: Law, upper: Any) -> xr.Dataset:
    try:
        data = theory.predicted_covariance(network, activity=law.activity, sites="alike" if law.odd else "own", draws=0)
    except InputError:
        return xr.Dataset()
    return xr.Dataset({"predicted": ("pair", data.covariance.values[upper])})


def lag_theory(law: Law, gain: float) -> xr.Dataset:
    """Return the autocovariance by theory, over about four decay times."""
    data = theory.autocovariance(law.phi, gain, law.noise, dt=DT)
    longest = max(min(float(data.lag[-1]) / 3, LONGEST), 2.0)
    return data[[law.activity]].rename({law.activity: "theory"}).sel(lag=slice(0, longest))


def lag_settings(law: Law, longest: float) -> tuple[int, float]:
    """Return the number of steps between simulated lags, and the duration of runs."""
    return max(1, round(longest / LAGS / DT)), law.transient + max(100.0, 8 * longest)


def lag_simulation(law: Law, gain: float, size: int, seed: int, longest: float, report: Report) -> xr.Dataset:
    """Return the autocovariance of simulated networks, with its standard error over networks."""
    every, duration = lag_settings(law, longest)
    keys = [jax.random.fold_in(jax.random.key(seed), k) for k in range(LAG_NETWORKS)]
    networks = [network_of(law, gain, size, key) for key in keys]
    # subtraction of means within runs is a bias, and removes what frozen noise contributes
    probe = Autocovariance(LAGS, every, discard=round(law.transient / DT), centred=not law.odd)
    data = simulate(
        networks, duration=duration, probes=probe, runs=LAG_RUNS, dt=DT, key=seed, warn=False, progress=report
    )
    runs = data[law.activity].mean("run")
    error = runs.std("network", ddof=1) / LAG_NETWORKS**0.5
    return xr.Dataset({"simulated": runs.mean("network"), "simulated_se": error})
