"""Linear equivalence: the covariance of one given network, entry by entry, from a few numbers.

With a = ⟨φ'⟩ every rate is φ(x) = a x + r, and the residuals r are independent between sites to leading order. So the
covariances are those of a linear network of couplings a g W driven by r in addition to the noise.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.errors import InputError, require
from noisette.networks import RateNetwork
from noisette.noise import Frozen, spectrum_of
from noisette.provenance import network_entries, provenance
from noisette.theory.covariance._linear_equivalence import Equivalent, first_neglected, reason, solved_draws
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._averages import is_linear
from noisette.theory.gaussian._trapezoid import UNIFORM_NODES, UNIFORM_WEIGHTS

SITES = ("alike", "own")
STEPS, MIXING, TOLERANCE = 500, 0.7, 1e-11
DRAWS, FEWEST_DRAWS = 400, 50  # solved for the check
PAPERS = ("mato2026", "clark2023")


class Sites(NamedTuple):
    """Means of currents, ⟨φ⟩, slopes a and residual variances R, one of each per unit."""

    mean: Float[np.ndarray, " N"]
    rate: Float[np.ndarray, " N"]
    slope: Float[np.ndarray, " N"]
    rest: Float[np.ndarray, " N"]


def predicted_covariance(
    network: RateNetwork, *, activity: str = "current", sites: str = "alike", draws: int = DRAWS
) -> xr.Dataset:
    """Covariance of every pair of units of this network in frozen noise, by linear equivalence.

    .. math:: C_x = G\\,(J R J^{\\mathsf T} + s^2)\\,G^{\\mathsf T}, \\quad
       C_\\phi = G\\,(R + a^2 s^2)\\,G^{\\mathsf T}, \\quad
       G = (1 - a J)^{-1}, \\quad J = g W, \\quad R = \\langle\\phi^2\\rangle - a^2 v

    a = ⟨φ'⟩ and R follow from the variance v = tr C_x/N, which is solved for with this very J. Exact for linear
    units; else up to O(1/√N) of an entry, for weights that are many and weak. Whether they are is checked in two ways:
    by the first of the terms that are neglected, correlations between the nonlinear parts of different units, and on
    draws of the noise that are solved. ``valid`` means that both agree with the prediction: the first term below 3.5 %
    of every C_ii and of D, D within 10 % and the variances of the units within 10 % (root mean square) of those of
    the draws.

    Parameters
    ----------
    network : weights W of your own, gain g, any activation; noise Frozen(s)
    activity : "current" for x, "rate" for φ(x)
    sites : "alike": one a and one R for all units, as in a homogeneous random network with odd φ; "own": a, R, variance
        and mean of each unit by itself, for structured weights, biases, and activations that are not odd
    draws : solved draws by which the prediction is checked; 0 for the estimate alone

    Raises
    ------
    InputError : noise that is not frozen; a φ with a mean and sites="alike"; no stable solution.

    Returns
    -------
    Dataset with ``covariance`` (unit, other), ``mean`` (unit), ``variance`` tr C/N, ``covariance_variance`` N Var C_ij,
    ``participation_dimension`` (tr C)²/(N tr C²), ``effective_gain`` g √⟨a²⟩ std(W) √N, and whether it is ``valid``,
    or for which ``reason`` not

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(200, 200**-0.5, key=jax.random.key(0))
    >>> found = predicted_covariance(nz.RateNetwork(W, gain=1.2, noise=nz.Frozen(1.0)))
    >>> found.covariance.shape, bool(0.3 < float(found.participation_dimension) < 0.5)
    ((200, 200), True)

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023) [clark2023]; Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    require(activity in ("current", "rate"), f"activity {activity!r}", "current or rate")
    require(sites in SITES, f"sites {sites!r}", "alike or own")
    require(isinstance(network, RateNetwork), f"{type(network).__name__}", "a RateNetwork")
    J = float(network.gain) * np.asarray(network.weights, float)
    tau, bias = (np.broadcast_to(np.asarray(x, float), len(J)) for x in (network.tau, network.bias))
    power = tau**2 * _frozen(network, sites)
    if sites == "alike":
        plain = (
            not bias.any() and bool((power == power[0]).all()) and abs(values(network.activation, np.zeros(1))[0]) == 0
        )
        require(plain, "biases, different noises or an activation with a mean", "sites='alike' has none", "sites='own'")
    require(draws == 0 or draws >= FEWEST_DRAWS, f"{draws} draws", f"0, or at least {FEWEST_DRAWS}")
    covariance, site_averages = _consistent(network, J, power, bias, sites)
    linear = Equivalent(
        covariance, _response(J, site_averages.slope)[0], site_averages.mean, site_averages.slope, power
    )
    if activity == "rate":
        G = _response(J, site_averages.slope)[1]
        covariance = (G * (site_averages.rest + site_averages.slope**2 * power)) @ G.T
    why = _reason(network, J, bias, linear, covariance, activity, draws)
    return _dataset(covariance, site_averages, J, activity, sites, network).assign(valid=why == "", reason=why)


def _reason(
    network: RateNetwork,
    J: np.ndarray,
    bias: np.ndarray,
    linear: Equivalent,
    covariance: np.ndarray,
    activity: str,
    draws: int,
) -> str:
    """Return why the predicted `covariance` does not hold, "" if it does."""
    if is_linear(network.activation):
        return ""
    neglected = first_neglected(network.activation, J, linear)
    check = solved_draws(network.activation, J, bias, linear, covariance, activity, draws) if draws else None
    return reason(neglected, check, draws)


def _frozen(network: RateNetwork, sites: str) -> Float[np.ndarray, " N"]:
    """Return the variance of the frozen input of each unit."""
    if sites == "own" and isinstance(network.noise, Frozen):
        return np.broadcast_to(np.asarray(network.noise.std, float) ** 2, (network.size,))
    source = spectrum_of(network.noise)
    require(
        source.is_frozen,
        "noise that is not frozen" if not source.is_zero else "a network without noise",
        "linear equivalence of one network is for Frozen(s) noise, s > 0",
        "simulate it, with the probe Covariance",
    )
    return np.full(network.size, source.frozen)


def _response(J: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the linear responses (1 − J A)⁻¹ of currents and (1 − A J)⁻¹ of rates, A the diagonal of slopes."""
    identity = np.eye(len(J))
    currents = np.linalg.inv(identity - J * slope)
    return currents, identity + slope[:, None] * (currents @ J)


def _sites(network: RateNetwork, mean: np.ndarray, variance: np.ndarray) -> Sites:
    """Return the gaussian averages of each unit at x ~ N(mean, variance)."""
    std = np.sqrt(variance)
    phi = values(network.activation, mean[:, None] + std[:, None] * UNIFORM_NODES)
    rate = phi @ UNIFORM_WEIGHTS
    slope = phi @ (UNIFORM_WEIGHTS * UNIFORM_NODES) / std
    return Sites(mean, rate, slope, np.maximum((phi - rate[:, None]) ** 2 @ UNIFORM_WEIGHTS - slope**2 * variance, 0.0))


def _consistent(
    network: RateNetwork, J: np.ndarray, power: np.ndarray, bias: np.ndarray, sites: str
) -> tuple[np.ndarray, Sites]:
    """Return C_x and the sites whose variances (and means) it has."""
    size = len(J)
    shape = 1 if sites == "alike" else size
    mean, variance = np.zeros(shape), power[:shape].copy()
    for _ in range(STEPS):
        site_averages = Sites(*(np.broadcast_to(each, (size,)) for each in _sites(network, mean, variance)))
        G = _response(J, site_averages.slope)[0]
        covariance = (G @ ((J * site_averages.rest) @ J.T + np.diag(power))) @ G.T
        diagonal = np.diag(covariance)
        variance_after, mean_after = (
            (np.array([diagonal.mean()]), mean) if shape == 1 else (diagonal, bias + J @ site_averages.rate)
        )
        off = np.abs(variance_after - variance).max() / variance.max() + np.abs(mean_after - mean).max()
        if off < TOLERANCE:
            if np.linalg.eigvals(J * site_averages.slope).real.max() < 1:
                return covariance, site_averages
            break  # consistent, and not stable
        if not np.isfinite(off) or variance.max() > 1e6 * power.max() + 1e6:
            break
        variance = (1 - MIXING) * variance + MIXING * variance_after
        mean = (1 - MIXING) * mean + MIXING * mean_after
    raise InputError(
        f"no consistent variance at gain {float(network.gain):g}; the fixed point is not there or not stable; "
        "lower the gain, or simulate it"
    )


def _dataset(
    covariance: np.ndarray, site_averages: Sites, J: np.ndarray, activity: str, sites: str, network: RateNetwork
) -> xr.Dataset:
    size = len(J)
    square, diagonal = (covariance**2).sum(), np.diag(covariance)
    couplings = np.sqrt((J**2).sum() / size)
    data = {
        "covariance": (("unit", "other"), covariance),
        "mean": ("unit", site_averages.mean if activity == "current" else site_averages.rate),
        "variance": diagonal.mean(),
        "covariance_variance": (square - (diagonal**2).sum()) / (size - 1),
        "participation_dimension": diagonal.sum() ** 2 / (size * square),
        "effective_gain": couplings * np.sqrt((site_averages.slope**2).mean()),
    }
    about = {"activity": activity, "sites": sites}
    configuration = {**about, "size": size, **network_entries(network)}
    attrs = provenance("mean-field", "linear equivalence, one network", PAPERS, configuration, **about)
    return xr.Dataset(data, attrs=attrs)
