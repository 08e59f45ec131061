"""Lagged covariances and responses of every pair of units of one network, in noise that changes in time.

With a = ⟨φ'⟩ every rate is φ(x) = a x + r. The residuals r of different units are independent to leading order, and
their autocovariance is that of one unit of a large random network, C_φ(τ) − a² C_x(τ) of mean-field theory. With
J = g W, whose eigenvectors are E, the response G(ω) = (1 + iω − a J)⁻¹ is E diag(1/(z + iω)) E⁻¹, z = 1 − a λ, and

    1/[(z_a + iω)(z_b* − iω)] = [1/(z_a + iω) + 1/(z_b* − iω)]/(z_a + z_b*)

splits the covariance that a process of autocovariance f causes in two modes into integrals of a single mode,

    [∫_0^∞ e^(−z_a s) f(τ − s) ds + ∫_0^∞ e^(−z_b* s) f(τ + s) ds]/(z_a + z_b*),   σ² e^(−z_a τ)/(z_a + z_b*) if white.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.networks import RateNetwork, label_units
from noisette.noise import spectrum_of
from noisette.provenance import network_entries, provenance
from noisette.theory.dmft import DMFTSolution, solve_dmft
from noisette.theory.gaussian import is_odd

PAPERS = ("clark2023",)
LARGEST = 2000  # number of units
WORST = 1e10  # condition number of the eigenvectors
NODES = 16  # per panel of lags; panels double in length from 2^SHORTEST to LONGEST
SHORTEST, LONGEST = -12, 0.5
FORGOTTEN, MOST_TIME = 36.0, 1000.0  # decay times, and time constants, after which a mode is negligible


@check_arguments
@public_call
def linear_response(network: RateNetwork, lags: ArrayLike | Array = (0.0,)) -> xr.Dataset:
    """Covariances at any lag and responses of every pair of units of one network in white or coloured noise.

    .. math:: C_{ij}(\\tau) = \\langle \\delta x_i(t + \\tau)\\, \\delta x_j(t) \\rangle, \\qquad
       \\chi_{ij}(\\tau) = \\frac{\\delta \\langle x_i(t + \\tau) \\rangle}{\\delta h_j(t)}
       = \\big[e^{(a g W - 1) \\tau}\\big]_{ij}

    The mean slope a and the spectrum of the rest of φ are those of mean-field theory for weights of the variance of W.
    The prediction is exact for linear units; otherwise its entries have errors of order 1/N for independent weights,
    whose own size is 1/√N.

    Parameters
    ----------
    network : weights W, gain g, an odd activation, τ = 1, no bias, and noise on the current that is not frozen; up to
        2000 units
    lags : τ ≥ 0

    Raises
    ------
    InputError : Other networks or noise; or a g W with an eigenvalue to the right of 1.

    Returns
    -------
    Dataset with ``covariance`` and ``response`` over ``lag``, ``unit`` and ``other_unit``; ``slope`` a, and
    ``participation_dimension`` of the covariance at lag zero

    See Also
    --------
    theory.predicted_covariance : Every entry of C of one network in frozen noise.
    theory.population_correlations : The variance of the entries over networks.
    theory.autocovariance : The average of the diagonal for a large network.
    analysis.linear_network : The inverse: weights and noise from recorded covariances.

    Examples
    --------
    >>> import noisette as nz
    >>> pair = nz.RateNetwork([[0.0, 1.0], [1.0, 0.0]], 0.5, activation=nz.activations.linear, noise=nz.White(1.0))
    >>> data = linear_response(pair, [0.0, 1.0])
    >>> data.covariance[0].values.round(4).tolist()  # ½ (1 − g W)⁻¹ for symmetric weights
    [[0.6667, 0.3333], [0.3333, 0.6667]]
    >>> round(float(data.response[1, 0, 1]), 4)  # e^(−τ) sinh g τ
    0.1917

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023) [clark2023].
    """
    times = real_array(lags, "lags").reshape(-1)
    fits = times.size > 0 and bool(((times >= 0) & (times <= MOST_TIME)).all())
    require(fits, f"lags {times.tolist()}", f"lags from zero to {MOST_TIME:g} time constants")
    W = np.asarray(network.weights, float)
    n = len(W)
    require(n <= LARGEST, f"{n} units", f"at most {LARGEST}")
    tau, bias = np.asarray(network.tau, float), np.asarray(network.bias, float)
    plain = bool((tau == 1).all()) and not bias.any() and is_odd(network.activation)
    require(
        plain, "a network with other time constants, biases or an activation that is not odd", "τ = 1, b = 0, odd φ"
    )
    spectrum = spectrum_of(network.noise)
    require(spectrum.frozen == 0, "frozen noise", "noise that changes in time", "theory.predicted_covariance")
    J = float(network.gain) * W
    solution = solve_dmft(network.activation, float(np.sqrt(n) * J.std()), spectrum)
    require(solution.fluctuating, "a network at rest", "noise or chaos", "add noise")
    slope = float(np.sqrt(solution.slopes(solution.mean_square)))
    values, E = np.linalg.eig(J)
    require(np.linalg.cond(E) < WORST, "weights without a basis of eigenvectors", "other weights", "perturb W slightly")
    rates = slope * values - 1
    abscissa = float(rates.real.max())
    require(abscissa < 0, f"a network whose linear response grows at rate {abscissa:.3g}", "a lower gain")
    inverse = np.linalg.inv(E)
    received, added = inverse @ (J @ J.T) @ inverse.conj().T, inverse @ inverse.conj().T
    rest = _rest(solution, slope)
    covariance = []
    for t in times:
        modes = received * _of_modes(-rates, rest, float(t), 0.0)
        modes += added * _of_modes(-rates, spectrum.autocovariance, float(t), spectrum.white)
        covariance.append(np.real(E @ modes @ E.conj().T))
    response = np.array([((E * np.exp(rates * t)) @ inverse).real for t in times])
    over = ("lag", "unit", "other_unit")
    equal = covariance[int(np.argmin(times))]
    data = xr.Dataset(
        {
            "covariance": (over, np.array(covariance), {"long_name": "C(τ), covariance of currents"}),
            "response": (over, response, {"long_name": "response of x_i to an impulse of the input of unit j"}),
            "slope": ((), slope, {"long_name": "a = ⟨φ'⟩"}),
        },
        {"lag": ("lag", times, {"units": "tau", "long_name": "lag"})},
    )
    if times.min() == 0:
        data["participation_dimension"] = ((), float(np.trace(equal) ** 2 / (n * np.square(equal).sum())))
    return label_units(
        data.assign_attrs(provenance("mean-field", "stationary", PAPERS, network_entries(network))), network
    )


def _rest(solution: DMFTSolution, slope: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the autocovariance of φ(x) − a x as a function of the lag."""

    def autocovariance(lags: np.ndarray) -> np.ndarray:
        current = solution.current_at(lags)
        return solution.rates(current) - slope**2 * current

    return autocovariance


def _of_modes(z: np.ndarray, f: Callable[[np.ndarray], np.ndarray], lag: float, white: float) -> np.ndarray:
    """Return the covariances of all pairs of modes due to a process of autocovariance f and a white part, (N, N)."""
    end = min(MOST_TIME, FORGOTTEN / float(np.real(z).min()))
    u, w = _panels(end)
    with np.errstate(under="ignore"):
        waves = np.exp(-z[:, None] * u) * w
        ahead = waves @ f(lag + u)  # ∫ e^(−z s) f(τ + s) ds
        behind = np.exp(-z * lag) * (waves @ f(u))  # the part s > τ of ∫ e^(−z s) f(τ − s) ds
        if lag > 0:
            v, w = _panels(lag)
            behind = behind + (np.exp(-z[:, None] * (lag - v)) * w) @ f(v)
    behind = behind + white * np.exp(-z * lag)
    return (behind[:, None] + ahead.conj()) / (z[:, None] + z.conj())


def _panels(end: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights on [0, end], in panels that double in length from zero on, up to LONGEST."""
    doubling = [0.0, *2.0 ** np.arange(SHORTEST, np.log2(LONGEST) + 1)]
    edges = np.append(doubling, np.arange(doubling[-1] + LONGEST, max(end, doubling[-1]) + LONGEST, LONGEST))
    edges = np.unique(np.minimum(edges, end))
    x, weight = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * weight).ravel()


__all__ = ["linear_response"]
