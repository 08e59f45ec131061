"""Linear equivalence: prediction of every covariance of one given network.

With a = ⟨φ'⟩ every rate is φ(x) = a x + r, and the residuals r are independent between units to leading order. The
covariances are therefore those of a linear network with weights a g W, driven by r in addition to the noise.
"""

from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, require
from noisette.networks import RateNetwork, label_units
from noisette.noise import Frozen, spectrum_of
from noisette.provenance import network_entries, provenance
from noisette.theory.covariance._linear_equivalence import Equivalent, first_neglected, reason, solved_draws
from noisette.theory.covariance._options import Activity
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._averages import is_linear
from noisette.theory.gaussian._trapezoid import UNIFORM_NODES, UNIFORM_WEIGHTS

STEPS, MIXING, TOLERANCE = 500, 0.7, 1e-11  # of the iteration for the variances: number, weight of the new, residual
DRAWS, FEWEST_DRAWS = 400, 50  # draws of the noise for the check: default and smallest number
PAPERS = ("mato2026", "clark2023")
SiteModel = Literal["alike", "own"]


class Sites(NamedTuple):
    """Moments of every unit.

    Attributes
    ----------
    mean, rate : ⟨x⟩ and ⟨φ⟩
    slope : a = ⟨φ'⟩
    rest : residual variance R = Var φ − a² Var x
    """

    mean: Float[np.ndarray, " N"]
    rate: Float[np.ndarray, " N"]
    slope: Float[np.ndarray, " N"]
    rest: Float[np.ndarray, " N"]


@check_arguments
@public_call
def predicted_covariance(
    network: RateNetwork, *, activity: Activity = "current", sites: SiteModel = "alike", draws: int = DRAWS
) -> xr.Dataset:
    """Covariance of every pair of units of one network in frozen noise, by linear equivalence.

    .. math:: C_x = G\\,(J R J^{\\mathsf T} + s^2)\\,G^{\\mathsf T}, \\quad
       C_\\phi = G\\,(R + a^2 s^2)\\,G^{\\mathsf T}, \\quad
       G = (1 - a J)^{-1}, \\quad J = g W, \\quad R = \\langle\\phi^2\\rangle - a^2 v

    with the weights W, the gain g, the noise s and the variance v = tr C_x/N, from which a = ⟨φ'⟩ and R follow; v is
    solved for self-consistently with the given J. The prediction is exact for linear units, and entries have errors of
    O(1/√N) for many weak weights. It is checked in two ways: by the first of the neglected terms, correlations between
    the residuals of different units, and by fixed points for draws of the noise. ``valid`` means that the first
    neglected term is below 3.5 % of every C_ii and of D, and that the fixed points agree with the prediction within
    10 % of D and within 10 % (root mean square) of the variances of the units.

    Parameters
    ----------
    network : any weights W, gain g and activation; noise Frozen(s)
    activity : "current" for x, "rate" for φ(x)
    sites : "alike" for one a and one R for all units, as in homogeneous random networks with odd φ; "own" for a, R,
        variance and mean of each unit, as required by structured weights, biases, and activations that are not odd
    draws : number of draws of the noise with which the prediction is checked, at least 50; 0 for no such check

    Raises
    ------
    InputError : If the noise is not frozen, if units have means with sites="alike", or if there is no stable solution.

    Returns
    -------
    Dataset with ``covariance`` (unit, other_unit), ``mean`` (unit), ``variance`` tr C/N, ``covariance_variance``
    N Var C_ij, ``participation_dimension`` (tr C)²/(N tr C²), ``effective_gain`` g √⟨a²⟩ std(W) √N, ``valid``, and the
    ``reason`` for which the prediction is not valid

    See Also
    --------
    correlations : Theory, and on request simulations, of random networks against the gain.
    theory.correlations : Theory alone.
    simulated_correlations : Simulations alone, without bias from finite samples.
    analysis.network_correlations : Covariances and dimension of one given network, by theory or simulation.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(200, 200**-0.5, key=jax.random.key(0))
    >>> prediction = predicted_covariance(nz.RateNetwork(W, gain=1.2, noise=nz.Frozen(1.0)))
    >>> prediction.covariance.shape, bool(0.3 < float(prediction.participation_dimension) < 0.5)
    ((200, 200), True)

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023) [clark2023]; Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    require(isinstance(network, RateNetwork), f"{type(network).__name__}", "a RateNetwork")
    J = float(network.gain) * np.asarray(network.weights, float)
    tau, bias = (np.broadcast_to(np.asarray(x, float), len(J)) for x in (network.tau, network.bias))
    power = tau**2 * _frozen(network, sites)  # τ x' = −x + … + τ ξ: at fixed points x = J φ + b + τ ξ
    if sites == "alike":
        plain = (
            not bias.any() and bool((power == power[0]).all()) and abs(values(network.activation, np.zeros(1))[0]) == 0
        )
        require(
            plain,
            "biases, different strengths of noise or φ(0) ≠ 0",
            "sites='alike' requires identical units of mean zero",
            "use sites='own'",
        )
    require(draws == 0 or draws >= FEWEST_DRAWS, f"{draws} draws", f"0, or at least {FEWEST_DRAWS}")
    covariance, site_averages = _self_consistent(network, J, power, bias, sites)
    linear = Equivalent(
        covariance, _response(J, site_averages.slope)[0], site_averages.mean, site_averages.slope, power
    )
    if activity == "rate":
        G = _response(J, site_averages.slope)[1]
        covariance = (G * (site_averages.rest + site_averages.slope**2 * power)) @ G.T
    invalid = _reason(network, J, bias, linear, covariance, activity, draws)
    return _dataset(covariance, site_averages, J, activity, sites, network).assign(valid=invalid == "", reason=invalid)


def _reason(
    network: RateNetwork,
    J: np.ndarray,
    bias: np.ndarray,
    linear: Equivalent,
    covariance: np.ndarray,
    activity: str,
    draws: int,
) -> str:
    """Return why the predicted `covariance` does not hold, or "" if it does."""
    if is_linear(network.activation):
        return ""
    neglected = first_neglected(network.activation, J, linear)
    check = solved_draws(network.activation, J, bias, linear, covariance, activity, draws) if draws else None
    return reason(neglected, check, draws)


def _frozen(network: RateNetwork, sites: str) -> Float[np.ndarray, " N"]:
    """Return the variance of the frozen noise of each unit, shape (N,)."""
    require(
        network.noise_scale is None,
        "noise that is multiplied by a function of the state",
        "linear equivalence requires additive noise",
        "simulate the network with the probe Covariance",
    )
    if sites == "own" and isinstance(network.noise, Frozen):
        return np.broadcast_to(np.asarray(network.noise.std, float) ** 2, (network.size,))
    spectrum = spectrum_of(network.noise)
    require(
        spectrum.is_frozen,
        "noise that is not frozen" if not spectrum.is_zero else "a network without noise",
        "linear equivalence of one network requires Frozen(s) noise, s > 0",
        "simulate the network with the probe Covariance",
    )
    return np.full(network.size, spectrum.frozen)


def _response(J: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the linear responses (1 − J A)⁻¹ of currents and (1 − A J)⁻¹ of rates, A the diagonal matrix of slopes.

    Two arrays of shape (N, N); the second follows from the first, (1 − A J)⁻¹ = 1 + A (1 − J A)⁻¹ J.
    """
    identity = np.eye(len(J))
    currents = np.linalg.inv(identity - J * slope)
    return currents, identity + slope[:, None] * (currents @ J)


def _sites(network: RateNetwork, mean: np.ndarray, variance: np.ndarray) -> Sites:
    """Return the Gaussian averages of each unit over x ~ N(mean, variance)."""
    std = np.sqrt(variance)
    # shape (units, nodes); slopes by Stein's lemma, a = ⟨z φ⟩/√v, which requires no derivative
    phi = values(network.activation, mean[:, None] + std[:, None] * UNIFORM_NODES)
    rate = phi @ UNIFORM_WEIGHTS
    slope = phi @ (UNIFORM_WEIGHTS * UNIFORM_NODES) / std
    return Sites(mean, rate, slope, np.maximum((phi - rate[:, None]) ** 2 @ UNIFORM_WEIGHTS - slope**2 * variance, 0.0))


def _self_consistent(
    network: RateNetwork, J: np.ndarray, power: np.ndarray, bias: np.ndarray, sites: str
) -> tuple[np.ndarray, Sites]:
    """Return C_x and the moments of the units, which determine each other.

    Raises
    ------
    InputError : If the iteration does not converge, or if the solution is unstable.
    """
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
            # the linearised flow −1 + J A must be stable, otherwise C is not a covariance of activity
            if np.linalg.eigvals(J * site_averages.slope).real.max() < 1:
                return covariance, site_averages
            break
        if not np.isfinite(off) or variance.max() > 1e6 * power.max() + 1e6:
            break
        variance = (1 - MIXING) * variance + MIXING * variance_after
        mean = (1 - MIXING) * mean + MIXING * mean_after
    raise InputError(
        f"no self-consistent variance at gain {float(network.gain):g}: there is no stable fixed point; "
        "lower the gain, or simulate the network"
    )


def _dataset(
    covariance: np.ndarray, site_averages: Sites, J: np.ndarray, activity: str, sites: str, network: RateNetwork
) -> xr.Dataset:
    """Return the covariance with its statistics."""
    size = len(J)
    square, diagonal = (covariance**2).sum(), np.diag(covariance)
    couplings = np.sqrt((J**2).sum() / size)  # g std(W) √N
    data = {
        "covariance": (("unit", "other_unit"), covariance),
        "mean": ("unit", site_averages.mean if activity == "current" else site_averages.rate),
        "variance": diagonal.mean(),
        "covariance_variance": (square - (diagonal**2).sum()) / (size - 1),
        "participation_dimension": diagonal.sum() ** 2 / (size * square),
        "effective_gain": couplings * np.sqrt((site_averages.slope**2).mean()),
    }
    about = {"activity": activity, "sites": sites}
    configuration = {**about, "size": size, **network_entries(network)}
    attrs = provenance("mean-field", "linear equivalence, one network", PAPERS, configuration, **about)
    return label_units(xr.Dataset(data, attrs=attrs), network)
