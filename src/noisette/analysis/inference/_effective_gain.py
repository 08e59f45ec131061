"""Gain and noise of a linear random network from the spread of its covariances.

Three relations of the theory for N → ∞ each determine the gain: N ⟨C_ij²⟩/⟨C_ii⟩² in long windows, the same at equal
times in white noise (see `theory.linear_gain`), and the correlation time τ/√(1 − g²) of the mean autocovariance, which
decays as e^{−k|t|/τ}, k = √(1 − g²). With ρ = e^{−k dt/τ}, the variance of a sum of n samples is

    Var Σ x = n Var x [(1 + ρ)/(1 − ρ) − 2ρ(1 − ρⁿ)/(n (1 − ρ)²)],

which is solved for k. Errors are computed for ln(1 + N ⟨C_ij²⟩/⟨C_ii⟩²), which is −2 ln(1 − g²) in long windows, is not
bounded by g ≥ 0 for estimates, and has about the same scatter at every gain; limits of intervals are then converted to
gains. Sampling errors are those of a jackknife over blocks of trials or windows. The scatter between networks of the
same gain is that of networks drawn at the estimate, with their exact covariances, which also give the bias of windows
of finite length.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.stats
import xarray as xr
from numpy.typing import ArrayLike
from scipy.optimize import root_scalar

from noisette.analysis.inference._random_networks import Scatter, Statistics, random_networks
from noisette.analysis.inference._trials import as_trials
from noisette.analysis.inference._windows import (
    common_share,
    correlation_time,
    default_window,
    statistics_of,
    windows_of,
)
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.progress import ProgressLike
from noisette.provenance import provenance
from noisette.theory.covariance import CovarianceKind, linear_gain

RELATIONS = ("long-window", "half-window", "equal-time", "autocovariance")
LARGEST_DEVIATION = 3.0  # standard errors between two relations; exceeded by chance in 0.3 % of the comparisons
LARGEST_SHARE = 0.1  # of the mean covariance in the spread
FEWEST_UNITS = 4
SLOPES = {"long-window": 2.0, "equal-time": 0.5}  # of N ⟨C_ij²⟩/⟨C_ii⟩² against g² at zero
RATES = (1e-3, 3.0)  # range of k = √(1 − g²) of estimates, which errors take beyond 1
REFERENCES = ("hu2022", "dahmen2019")


class Sampling(NamedTuple):
    """What statistics depend on besides the network: samples of a window, dt/τ, if known, and the kind of result."""

    window: int
    dt: float | None
    covariance: CovarianceKind


@check_arguments
@public_call
def effective_gain(
    data: ArrayLike | xr.DataArray,
    *,
    key: KeyLike,
    size: int | None = None,
    covariance: CovarianceKind = "long-window",
    window: int | None = None,
    dt: float | None = None,
    networks: int = 50,
    confidence: float = 0.95,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Estimate the gain and the noise of a linear random network from the spread of covariances, with intervals.

    .. math:: \\frac{N \\langle C_{ij}^2 \\rangle}{\\langle C_{ii} \\rangle^2} = (1 - g^2)^{-2} - 1, \\qquad
       \\sigma^2 = (1 - g^2) \\langle C_{ii} \\rangle

    for averages over windows that are long compared with the correlation time, times the root of their length, or for
    single snapshots in frozen noise. The network is dx/dt = −x + gJx + noise of strength σ in units of τ, with
    independent Gaussian J_ij of variance 1/N and the same independent noise for each unit; g is the gain of this model
    that has the same spread. Covariances need not be known one by one: the mean of C_ij² over pairs is estimated
    without bias, from fewer trials than units. Input that units share enlarges the spread and thus the gain, see
    ``common_share``. Observed units must be a random sample.

    Parameters
    ----------
    data : x, shape (trials, time, n) or (time, n), stationary; one sample a trial stands for snapshots in frozen noise.
        The dimensions of a DataArray are used by name, such as ``trace`` of a simulation (run, time, unit)
    key : an integer or a JAX key, for the scatter between networks
    size : N, the number of units of the network; by default n, that is, all units are observed
    covariance : relation that determines the result: "long-window", which holds for noise of any colour, or
        "equal-time", for white noise, with smaller errors
    window : samples of a window; by default 20 correlation times or a hundredth of the data, or the whole trial
    dt : time between samples in units of the time constant τ of a unit, if it is known, for the check by the
        autocovariance
    networks : number of networks that are drawn for their scatter
    confidence : probability of the interval
    progress : True, or a callback

    Returns
    -------
    Dataset with ``gain``, ``gain_se``, ``gain_low`` and ``gain_high``, in which the scatter between networks of the
    same gain is included; ``noise`` σ per root of τ (in frozen noise, its standard deviation) with ``noise_se``,
    ``noise_low`` and ``noise_high``; over ``relation``: ``relation_gain``, the gain by each relation of the theory, and
    ``deviation`` from the result in standard errors; ``common_share``, the part of the spread that is due to the mean
    covariance, if it is significant; ``valid``, whether no deviation exceeds three and the share is below a tenth, with
    a ``reason``

    Raises
    ------
    InputError : data of another shape, with NaN or constant units; fewer than four units or eight windows; more
        observed units than units; a gain at which networks are unstable.

    See Also
    --------
    theory.linear_gain : The relation alone.
    analysis.linear_network : All weights, if samples suffice.
    spectral_moments : The estimates of the traces.
    simulated_correlations : The inverse: covariances of networks of given gain.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, key=jax.random.key(0))
    >>> network = nz.RateNetwork(W, 0.6, activation=nz.activations.linear, noise=nz.White(0.5))
    >>> run = nz.simulate(network, duration=5000, dt=0.1, probes=nz.Trace(every=5), key=0)
    >>> fit = effective_gain(run.trace, dt=0.5, key=0)
    >>> bool(fit.gain_low < 0.6 < fit.gain_high), bool(fit.valid), round(float(fit.noise), 1)
    (True, True, 0.5)

    References
    ----------
    Hu & Sompolinsky (2022) [hu2022]; Dahmen, Grün, Diesmann & Helias (2019) [dahmen2019].
    """
    values = as_trials(data).values
    observed = values.shape[2]
    require(observed >= FEWEST_UNITS, f"{observed} units", f"at least {FEWEST_UNITS}")
    total = observed if size is None else integer(size, "size")
    require(total >= observed, f"{observed} observed units of {total}", "at most as many as the network has")
    networks = integer(networks, "networks")
    require(networks >= 10, f"{networks} networks", "at least 10")
    confidence = real_number(confidence, "confidence", "a probability between 0 and 1", lambda p: 0 < p < 1)
    if dt is not None:
        dt = real_number(dt, "dt", "a time above zero", lambda t: 0 < t < np.inf)
    static = values.shape[1] == 1
    require(not static or covariance == "long-window", "equal-time covariances of snapshots", "several samples a trial")
    correlation = correlation_time(values)
    length = default_window(values, correlation) if window is None else integer(window, "window")
    require(length <= values.shape[1], f"window {length} of {values.shape[1]} samples", "at most a trial")
    windows = windows_of(values, length, correlation)
    sampling = Sampling(length, None if static else dt, covariance)
    full = statistics_of(windows, total)
    blocks = int(windows.long_block[-1]) + 1
    others = []
    for block in range(blocks):
        others.append(statistics_of(windows, total, without=block))
        if callable(progress):
            progress(block + 1, blocks + 1)
    gain = linear_gain(float(np.expm1(_spread(full, covariance))), covariance)
    step = None if static else _step(correlation, gain) if dt is None else dt
    time = None if step is None else length * step
    scatter = random_networks(gain, total, observed, time, networks, as_key(key))
    if callable(progress):
        progress(blocks + 1, blocks + 1)
    result = _dataset(full, others, scatter, sampling, confidence)
    settings: dict[str, Any] = {"key": key, "size": total, "covariance": covariance, "window": length, "dt": dt}
    settings |= {"networks": networks, "confidence": confidence, "data": np.asarray(data)}
    attrs = provenance("asymptotic", "moments", REFERENCES, settings, windows=len(windows.long))
    share = common_share(windows, total, float(np.expm1(full.long_spread)))
    return _checked(result, share).assign_attrs(attrs)


def _spread(statistics: Statistics, covariance: CovarianceKind) -> float:
    return float(statistics.long_spread if covariance == "long-window" else statistics.equal_spread)


def _step(correlation: float, gain: float) -> float:
    """Return dt/τ from the correlation time of (1 + ρ)/(1 − ρ) samples."""
    return float(2 * np.arctanh(1 / max(correlation, 1 + 1e-6)) / np.sqrt(1 - gain**2))


def _square(log_spread: float, covariance: CovarianceKind) -> float:
    """Return g²; for estimates of the spread below zero the negative value on the tangent at zero."""
    spread = float(np.expm1(log_spread))
    if spread < 0:
        return spread / SLOPES[covariance]
    return linear_gain(spread, covariance) ** 2


def _square_of_time(log_ratio: float, sampling: Sampling) -> float:
    """Return 1 − k² from the ratio of the variances of sums over windows, per sample, and of samples."""
    assert sampling.dt is not None
    n, step = sampling.window, sampling.dt

    def excess(k: float) -> float:
        rho = np.exp(-k * step)
        gap = -np.expm1(-k * step)
        return np.log((1 + rho) / gap + 2 * rho * np.expm1(-k * step * n) / (n * gap**2)) - log_ratio

    least, most = RATES
    if excess(most) >= 0:
        return 1 - most**2
    if excess(least) <= 0:
        return 1 - least**2
    return 1 - float(root_scalar(excess, bracket=(least, most)).root) ** 2


class Row(NamedTuple):
    """Spread and logarithm of σ² by the relation of the result, and g² by all relations."""

    spread: float
    noise: float
    squares: np.ndarray


def _row(s: Statistics, bias: Statistics, sampling: Sampling) -> Row:
    """Return the estimates from statistics, from which the bias of finite windows is subtracted."""
    spread = float(s.long_spread - bias.long_spread)
    squares = [_square(spread, "long-window")]
    if sampling.window > 1:
        squares.append(_square(float(s.half_spread - bias.half_spread), "long-window"))
        squares.append(_square(float(s.equal_spread), "equal-time"))
        if sampling.dt is not None:
            squares.append(_square_of_time(float(s.long_variance - s.equal_variance), sampling))
    square = squares[0]
    if sampling.covariance == "equal-time":
        square, spread = squares[2], float(s.equal_spread)
    log_square = np.log1p(-max(square, 0.0))
    if sampling.covariance == "long-window" and (sampling.window == 1 or sampling.dt is not None):
        step = 0.0 if sampling.dt is None else np.log(sampling.dt)
        noise = float(s.long_variance - bias.long_variance) + step + log_square
    else:
        noise = float(s.equal_variance) + np.log(2) + log_square / 2
    return Row(spread, float(noise), np.array(squares))


def _dataset(
    full: Statistics, others: list[Statistics], scatter: Scatter, sampling: Sampling, confidence: float
) -> xr.Dataset:
    """Return estimates with errors that combine the sampling of the data and the scatter between networks."""
    drawn = scatter.statistics
    if sampling.dt is not None:  # the statistics of data are per sample, those of the networks per unit of time
        drawn = drawn._replace(long_variance=drawn.long_variance - np.log(sampling.dt))
    best = _row(full, scatter.bias, sampling)
    jackknifed = [_row(other, scatter.bias, sampling) for other in others]
    networks = [_row(Statistics(*row), scatter.bias, sampling) for row in np.array(drawn).T]

    def error(value: Any) -> Any:
        parts = np.array([value(row) for row in jackknifed])
        between = scatter.scale * np.array([value(row) for row in networks]).std(0, ddof=1)
        return np.sqrt((len(parts) - 1) ** 2 / len(parts) * parts.var(0, ddof=1) + between**2)

    quantile = float(scipy.stats.t.ppf((1 + confidence) / 2, len(others) - 1))
    spread_error, noise_error = error(lambda row: row.spread), error(lambda row: row.noise)
    low, high = (
        linear_gain(float(np.expm1(best.spread + sign * quantile * spread_error)), sampling.covariance)
        for sign in (-1, 1)
    )
    chosen = RELATIONS.index(sampling.covariance)
    difference = best.squares - best.squares[chosen]
    scale = error(lambda row: row.squares - row.squares[chosen])
    deviation = np.divide(difference, scale, out=np.zeros_like(difference), where=scale > 0)
    sigma = np.exp(best.noise / 2)
    units = "" if sampling.window == 1 else "1/sqrt(tau)"
    columns: dict[str, Any] = {
        "gain": ((), linear_gain(float(np.expm1(best.spread)), sampling.covariance), _label("gain g")),
        "gain_se": ((), (high - low) / (2 * quantile), _label("standard error of the gain")),
        "gain_low": ((), low, _label("lower limit of the gain")),
        "gain_high": ((), high, _label("upper limit of the gain")),
        "noise": ((), sigma, _label("noise strength σ", units)),
        "noise_se": ((), sigma * noise_error / 2, _label("standard error of the noise strength", units)),
        "noise_low": ((), sigma * np.exp(-quantile * noise_error / 2), _label("lower limit of σ", units)),
        "noise_high": ((), sigma * np.exp(quantile * noise_error / 2), _label("upper limit of σ", units)),
        "relation_gain": ("relation", np.sqrt(np.maximum(best.squares, 0.0)), _label("gain g by each relation")),
        "deviation": ("relation", deviation, _label("deviation of g² from the result, in standard errors")),
    }
    return xr.Dataset(columns, {"relation": ("relation", list(RELATIONS[: len(best.squares)]))})


def _label(text: str, units: str = "") -> dict[str, str]:
    return {"long_name": text, "units": units}


def _checked(data: xr.Dataset, share: float) -> xr.Dataset:
    """Return the result with its validity and the reason."""
    faults = [
        f"the gain by the relation {str(relation)!r} is {float(value):.3f}, {abs(float(z)):.1f} standard errors away"
        for relation, value, z in zip(data.relation.values, data.relation_gain, data.deviation, strict=True)
        if abs(float(z)) > LARGEST_DEVIATION
    ]
    if share > LARGEST_SHARE:
        faults.append(f"the mean covariance is {share:.0%} of the spread: units share input")
    compared = data.sizes["relation"] > 1
    reason = "; ".join(faults) or ("all relations agree" if compared else "snapshots allow no other relation")
    data["common_share"] = ((), share, _label("part of the spread due to the mean covariance"))
    data["valid"] = ((), not faults, _label("whether the relations agree"))
    return data.assign_attrs(reason=reason)


__all__ = ["effective_gain"]
