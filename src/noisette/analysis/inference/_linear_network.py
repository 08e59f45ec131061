"""Couplings and noise of a linear network from lagged covariances.

The propagator A = C(τ) C(0)⁻¹ is that of the regression of x(t + τ) on x(t), and the residuals of this regression have
the covariance S. Q follows from the stationary solution of C = A C Aᵀ + S, which differs from C(0) only by the first
and the last samples of a trial.

Estimates are functions of sums over blocks. Their standard errors are those of the linear terms d_b in the deviations
of single blocks, with the variance B/(B − 1) Σ_b d_b²:

    dA_b = (C_b(τ) − A C_b(0)) C(0)⁻¹,  dF_b = D log(A)[dA_b]/τ,  dC_b = A dC_b Aᵀ + dA_b C Aᵀ + A C dA_bᵀ + dS_b,
    dQ_b = −(dF_b C + F dC_b) + transpose.

Residuals are uncorrelated in time at a lag of one sample, and correlated over less than the lag otherwise, so that
blocks much longer than the lag are independent. No distribution of the noise is assumed. The terms of second order are
a bias of order 1/n, which the jackknife over groups of blocks removes.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.stats
import xarray as xr
from jaxtyping import Complex, Float
from numpy.typing import ArrayLike

from noisette.analysis.inference._trials import Trials, as_trials, block_labels
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.provenance import provenance

BLOCKS = 100  # number of blocks for standard errors
FEWEST_BLOCKS = 8
GROUPS = 25  # number of groups of blocks that are left out in turn, for the bias
LEAST = 5  # smallest number of independent samples per coefficient of a unit
SINGULAR = 1e12  # condition number of C(0) with unit variances above which units count as linearly dependent
DEFECTIVE = 1e8  # condition number of the eigenvectors of A above which the derivative of the logarithm is inaccurate
EQUAL = 1e-7  # relative distance below which two eigenvalues count as equal
REFERENCES = ("gilson2016",)


class Moments(NamedTuple):
    """Sums over blocks of the pairs x(t), y = x(t + τ): products x xᵀ, y xᵀ and y yᵀ, values, and numbers of pairs."""

    same: Float[np.ndarray, "blocks N N"]
    lagged: Float[np.ndarray, "blocks N N"]
    later: Float[np.ndarray, "blocks N N"]
    first: Float[np.ndarray, "blocks N"]
    second: Float[np.ndarray, "blocks N"]
    counts: Float[np.ndarray, " blocks"]

    def covariances(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the covariances of x and x, of y and x, and of y and y."""
        total = self.counts.sum()
        x, y = self.first.sum(0) / total, self.second.sum(0) / total
        products = (part.sum(0) / total for part in (self.same, self.lagged, self.later))
        return tuple(p - np.outer(a, b) for p, a, b in zip(products, (x, y, y), (x, x, y), strict=True))

    def without(self, blocks: np.ndarray) -> "Moments":
        """Return the moments without some of the blocks."""
        return Moments(*(np.delete(part, blocks, axis=0) for part in self))


class Estimate(NamedTuple):
    """A matrix and its standard errors."""

    value: Float[np.ndarray, "N N"]
    error: Float[np.ndarray, "N N"]


class Fit(NamedTuple):
    """F, Q, A, C(0), its regularised inverse, the solution of C = A C Aᵀ + S; eigenvalues and eigenvectors of A."""

    drift: Float[np.ndarray, "N N"]
    noise: Float[np.ndarray, "N N"]
    propagator: Float[np.ndarray, "N N"]
    covariance: Float[np.ndarray, "N N"]
    inverse: Float[np.ndarray, "N N"]
    stationary: Float[np.ndarray, "N N"]
    values: Complex[np.ndarray, " N"]
    vectors: Float[np.ndarray, "N N"] | Complex[np.ndarray, "N N"]
    left: Float[np.ndarray, "N N"] | Complex[np.ndarray, "N N"]


@check_arguments
@public_call
def linear_network(
    data: ArrayLike | xr.DataArray,
    *,
    dt: float,
    lag: int = 1,
    tau: ArrayLike = 1.0,
    ridge: float = 0.0,
    confidence: float = 0.95,
) -> xr.Dataset:
    """Estimate the weights and the noise of a linear network from covariances at lags zero and τ, with intervals.

    .. math:: T \\dot{\\mathbf x} = -\\mathbf x + W \\mathbf x + \\text{noise}, \\qquad
       A = C(\\tau)\\, C(0)^{-1}, \\quad F = \\log(A)/\\tau, \\quad W = 1 + T F, \\quad Q = -F C - C F^\\top

    where T is the diagonal matrix of time constants and Q the covariance of white noise on x per unit of time,
    with C = C(0) up to the first and last samples. The relation is exact at every lag, so that sampling intervals need
    not be short. A long lag loses information, since C(τ) decays, and a lag beyond half a period of an oscillation is
    ambiguous. A short lag makes errors of W larger: they grow as 1/√(number of samples · τ²) where A is near 1.

    Measurement noise adds to C(0) but not to C(τ), so that all |A| are underestimated; units that are not observed and
    drive several others act as couplings between these. Neither can be recognised in C(0) and C(τ).

    Parameters
    ----------
    data : x, shape (trials, time, N) or (time, N), stationary. The dimensions of a DataArray are used by name, such as
        ``trace`` of a simulation (run, time, unit). The mean of each unit over all trials is subtracted
    dt : time between two samples, in the unit of time of `tau`
    lag : τ/dt, number of samples
    tau : time constants T of the units, one number or N, which must be known; the default measures time in units of
        the time constant. They only enter into W
    ridge : number added to C(0) before it is inverted, as a fraction of the mean variance. It stabilises A if samples
        are few, at the cost of a bias that the intervals do not contain
    confidence : probability of the intervals, each for a single entry

    Returns
    -------
    Dataset with ``weights`` W (target, source), ``drift`` F, and ``noise_covariance`` Q (unit, other_unit), each with
    ``_se``, ``_low`` and ``_high``; ``propagator`` A; ``covariance`` C(0); ``time_constants`` T (unit). The weights and
    Q make a network again: ``RateNetwork(fit.weights, tau=tau, activation=activations.linear,
    noise=Correlated(fit.noise_covariance))``

    Raises
    ------
    InputError : data of another shape, with NaN or constant units; fewer than five independent samples per unit; a
        propagator without a real logarithm, or with an eigenvalue of at least 1 in modulus.

    See Also
    --------
    analysis.effective_gain : The strength of the weights alone, from fewer samples than units.
    analysis.kinetic_ising : Binary units.
    Correlated : Noise with a covariance between units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = jax.numpy.array([[0.0, 0.5], [-0.5, 0.0]])
    >>> network = nz.RateNetwork(W, activation=nz.activations.linear, noise=nz.White(1.0))
    >>> run = nz.simulate(network, duration=4000, dt=0.02, probes=nz.Trace(every=10), key=0)
    >>> fit = linear_network(run.trace, dt=0.2)
    >>> bool((abs(fit.weights - W) < 4 * fit.weights_se).all()), float(fit.weights_se.max().round(3))
    (True, 0.026)

    References
    ----------
    Gilson, Moreno-Bote, Ponce-Alvarez, Ritter & Deco (2016) [gilson2016].
    """
    trials = as_trials(data)
    size = trials.values.shape[2]
    dt = real_number(dt, "dt", "a time above zero", lambda t: 0 < t < np.inf)
    lag = integer(lag, "lag")
    ridge = real_number(ridge, "ridge", "zero or a positive number", lambda r: 0 <= r < np.inf)
    confidence = real_number(confidence, "confidence", "a probability between 0 and 1", lambda p: 0 < p < 1)
    constants = real_array(tau, "tau")
    fits = constants.shape in ((), (size,)) and bool((constants > 0).all())
    require(fits, f"tau of shape {constants.shape}", f"one positive number, or {size}")
    constants = np.broadcast_to(constants, (size,)).astype(float)
    moments = _moments(trials.values, lag)
    samples = _independent_samples(moments, lag, size)
    drift, noise, fit = _estimates(moments, lag * dt, ridge, samples)
    weights = Estimate(np.eye(size) + constants[:, None] * drift.value, constants[:, None] * drift.error)
    quantile = float(scipy.stats.t.ppf((1 + confidence) / 2, len(moments.counts) - 1))
    settings = {"dt": dt, "lag": lag, "tau": tau, "ridge": ridge, "confidence": confidence, "data": np.asarray(data)}
    attrs = provenance("asymptotic", "lagged-covariance", REFERENCES, settings, independent_samples=samples)
    result = _dataset(weights, drift, noise, quantile, trials).assign_attrs(attrs)
    result["propagator"] = (
        ("target", "source"),
        fit.propagator,
        {"long_name": "propagator A over the lag", "units": ""},
    )
    result["covariance"] = (("unit", "other_unit"), fit.covariance, {"long_name": "covariance C(0)", "units": ""})
    result["time_constants"] = ("unit", constants, {"long_name": "time constant T", "units": "time"})
    return result


def _moments(values: np.ndarray, lag: int) -> Moments:
    """Return the sums of products over blocks, of deviations from the mean of each unit."""
    trials, times, size = values.shape
    require(times > lag, f"{times} samples a trial at lag {lag}", "trials longer than the lag")
    values = values - values.mean((0, 1))
    labels = block_labels(trials, times - lag, BLOCKS).ravel()
    count = int(labels[-1]) + 1
    starts = np.searchsorted(labels, np.arange(count + 1))
    first, second = values[:, :-lag].reshape(-1, size), values[:, lag:].reshape(-1, size)
    products = np.empty((3, count, size, size))
    sums = np.empty((2, count, size))
    for b in range(count):
        x, y = (side[starts[b] : starts[b + 1]] for side in (first, second))
        products[:, b] = x.T @ x, y.T @ x, y.T @ y
        sums[:, b] = x.sum(0), y.sum(0)
    same, lagged, later = products
    return Moments(same, lagged, later, sums[0], sums[1], np.diff(starts).astype(float))


def _independent_samples(moments: Moments, lag: int, size: int) -> int:
    """Return the number of pairs of samples that do not overlap; raise if it is too small."""
    samples = int(moments.counts.sum()) // lag
    least = LEAST * (size + 1)
    remedy = "record longer, select units, or shorten the lag"
    require(samples >= least, f"{samples} independent samples of {size} units", f"at least {least}", remedy)
    blocks = len(moments.counts)
    require(blocks >= FEWEST_BLOCKS, f"{blocks} blocks of samples", f"at least {FEWEST_BLOCKS}", "record longer")
    return samples


def _fit(moments: Moments, time: float, ridge: float) -> Fit:
    """Return the estimates from sums over blocks, without errors."""
    covariance, lagged, later = moments.covariances()
    size = len(covariance)
    regular = covariance + ridge * np.trace(covariance) / size * np.eye(size)
    scales = np.sqrt(np.diag(regular))
    condition = float(np.linalg.cond(regular / np.outer(scales, scales)))
    given = f"a covariance with condition number {condition:.2g}"
    require(condition < SINGULAR, given, f"below {SINGULAR:g}", "remove units that depend on others")
    inverse = np.linalg.inv(regular)
    propagator = lagged @ inverse
    values, vectors = np.linalg.eig(propagator)
    _check(values, vectors)
    values, left = values.astype(complex), np.linalg.inv(vectors)
    drift = ((vectors * np.log(values)) @ left).real / time
    shifted = lagged @ propagator.T
    residual = later - shifted - shifted.T + propagator @ covariance @ propagator.T
    stationary = _stationary(residual, values, vectors, left)
    noise = -(drift @ stationary)
    return Fit(drift, noise + noise.T, propagator, covariance, inverse, stationary, values, vectors, left)


def _stationary(residual: np.ndarray, values: np.ndarray, vectors: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return the solutions of C = A C Aᵀ + S."""
    inner = (left @ residual @ left.conj().T) / (1 - values[:, None] * values.conj())
    return (vectors @ inner @ vectors.conj().T).real


def _errors(moments: Moments, fit: Fit, time: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard errors of F and Q from the deviations of blocks."""
    total, a = moments.counts.sum(), fit.propagator
    slope = (moments.lagged - a @ moments.same) @ fit.inverse / total
    slope = slope - slope.mean(0)
    drift = (fit.vectors @ (_derivative_of_log(fit.values) * (fit.left @ slope @ fit.vectors)) @ fit.left).real / time
    cross = a @ moments.same.transpose(0, 2, 1) @ a.T
    residual = moments.later - moments.lagged @ a.T - a @ moments.lagged.transpose(0, 2, 1) + cross
    residual = (residual - moments.counts[:, None, None] * residual.sum(0) / total) / total
    change = slope @ fit.stationary @ a.T
    source = change + change.transpose(0, 2, 1) + residual
    noise = -(drift @ fit.stationary + fit.drift @ _stationary(source, fit.values, fit.vectors, fit.left))
    noise = noise + noise.transpose(0, 2, 1)
    scale = np.sqrt(len(slope) / (len(slope) - 1))
    first, second = (scale * np.sqrt((deviations**2).sum(0)) for deviations in (drift, noise))
    return first, second


def _estimates(moments: Moments, time: float, ridge: float, samples: int) -> tuple[Estimate, Estimate, Fit]:
    """Return F and Q without bias of order 1/n, their standard errors, and the fit."""
    fit = _fit(moments, time, ridge)
    errors = _errors(moments, fit, time)
    groups = np.array_split(np.arange(len(moments.counts)), min(GROUPS, len(moments.counts)))
    others = [_fit(moments.without(group), time, ridge) for group in groups]
    bias = [
        (len(groups) - 1) * (np.mean([getattr(other, name) for other in others], axis=0) - getattr(fit, name))
        for name in ("drift", "noise")
    ]
    # the residuals of a fit are too small by the number of coefficients of a unit
    scale = np.sqrt(samples / (samples - len(fit.drift) - 1))
    drift, noise = (
        Estimate(value - shift, scale * error)
        for value, shift, error in zip((fit.drift, fit.noise), bias, errors, strict=True)
    )
    return drift, noise, fit


def _check(values: np.ndarray, vectors: np.ndarray) -> None:
    """Raise `InputError` if the propagator has no real logarithm or is not stable."""
    real, imaginary = np.real(values), np.imag(values)
    negative = real[(imaginary == 0) & (real <= 0)]
    require(
        len(negative) == 0,
        f"a propagator with {len(negative)} eigenvalues that are real and not positive ({negative.min(initial=0):.3g})",
        "it has no real logarithm: modes decay within the lag, oscillate faster than it, or samples are few",
        "shorten the lag, record longer, select units, or give ridge",
    )
    largest = float(np.abs(values).max())
    require(
        largest < 1,
        f"a propagator with an eigenvalue of modulus {largest:.4g}",
        "below 1 for stationary data",
        "remove trends, or record longer",
    )
    condition = float(np.linalg.cond(vectors))
    require(condition < DEFECTIVE, f"eigenvectors with condition number {condition:.2g}", f"below {DEFECTIVE:.0e}")


def _derivative_of_log(values: Complex[np.ndarray, " N"]) -> Complex[np.ndarray, "N N"]:
    """Return (log a_i − log a_j)/(a_i − a_j), and 1/a_i where the two are equal."""
    difference = values[:, None] - values
    equal = np.abs(difference) <= EQUAL * np.abs(values)
    mean = (values[:, None] + values) / 2
    logs = np.log(values)
    quotient = np.divide(logs[:, None] - logs, difference, out=np.zeros_like(difference), where=~equal)
    return np.where(equal, 1 / mean, quotient)


def _dataset(weights: Estimate, drift: Estimate, noise: Estimate, quantile: float, trials: Trials) -> xr.Dataset:
    """Return estimates, standard errors and intervals."""
    labels = {
        "weights": ("weight W", ""),
        "drift": ("drift F", "1/time"),
        "noise_covariance": ("covariance of the noise Q", "1/time"),
    }
    columns: dict[str, Any] = {}
    for (name, (text, units)), estimate in zip(labels.items(), (weights, drift, noise), strict=True):
        dims = ("unit", "other_unit") if name == "noise_covariance" else ("target", "source")
        parts = {"": estimate.value, "_se": estimate.error}
        parts |= {
            "_low": estimate.value - quantile * estimate.error,
            "_high": estimate.value + quantile * estimate.error,
        }
        texts = {"": text, "_se": f"standard error of the {text}", "_low": f"lower limit of the {text}"}
        texts["_high"] = f"upper limit of the {text}"
        columns |= {
            name + end: (dims, values, {"long_name": texts[end], "units": units}) for end, values in parts.items()
        }
    return xr.Dataset(columns, trials.coords("target", "source", "unit", "other_unit"))


__all__ = ["linear_network"]
