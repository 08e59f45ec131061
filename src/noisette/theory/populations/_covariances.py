"""Covariances between units of populations, N → ∞: linear response about the mean-field solution.

With the response S_p = 1/(1 + iωτ_p), the mean slope a of a unit and the variances V_pq of its weights, a step of a
pair of paths through the network has the factor

    B(ω₁, ω₂) = diag(⟨a²⟩ S(ω₁) S(ω₂)) V,   and paths of any length add up to R = (1 − B)⁻¹.

A pair of units i of p and j of q is correlated by common sources, units k whose rates have the spectrum Γ_k, and by
paths from one of the two to the other. For N times the variance of the covariance over networks this gives

    ψ^φ_pq = Σ_k R_pk R*_qk ⟨Γ(ω₁) Γ(ω₂)⟩_k/f_k − δ_pq ⟨Γ(ω₁) Γ(ω₂)⟩_p/f_p
    ψ^x_pq = Σ_k U_pk U*_qk ⟨Γ(ω₁) Γ(ω₂)⟩_k/f_k + U*_qp ⟨a²⟩_p C_p(ω₁) C_p(ω₂)/f_p + U_pq ⟨a²⟩_q C_q(ω₁) C_q(ω₂)/f_q

with U = diag(S(ω₁) S(ω₂)) V R and the fractions f of units; for one population these are the formulas of
`theory.dmft`. Means of weights and weights of low rank change single covariances by terms of order 1/N only, which do
not count beside those of order 1/√N unless an outlier is unstable; they enter through the mean-field solution.
"""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import require
from noisette.networks import Populations
from noisette.provenance import provenance
from noisette.theory.covariance import Activity, CovarianceKind
from noisette.theory.dmft import Frequencies, frequencies
from noisette.theory.populations._mean_field import activity_of, configuration, one_gain, start_of
from noisette.theory.populations._stationary import Stationary

MEANS, TERMS = 32, 512  # nodes of averages over the means of units, and terms of the Hermite series at each of them
SPREAD = 1e-13  # share of the variance of means below which all units have the same mean
PAPERS = ("clark2023", "aljadeff2015")


class Spectra(NamedTuple):
    """Spectra of the activity of all populations.

    Attributes
    ----------
    weights : weights of the means of units, shape (means,)
    rates : spectra Γ of the rates for each mean, shape (P, means, frequencies)
    current : spectra C of x, shape (P, frequencies)
    """

    weights: Float[np.ndarray, " means"]
    rates: Float[np.ndarray, "P means frequencies"]
    current: Float[np.ndarray, "P frequencies"]


class Kernel(NamedTuple):
    """ψ_pq(ω₁, ω₂).

    Attributes
    ----------
    activity : "current" or "rate"
    variances : V, shape (P, P)
    slope_squares : ⟨a²⟩, shape (P,)
    fractions : f, shape (P,)
    """

    activity: Activity
    variances: Float[np.ndarray, "P P"]
    slope_squares: Float[np.ndarray, " P"]
    fractions: Float[np.ndarray, " P"]

    def __call__(self, both: np.ndarray, rates: np.ndarray, currents: np.ndarray) -> Any:
        """Return ψ, shape (…, P, P), from S(ω₁) S(ω₂), ⟨Γ(ω₁) Γ(ω₂)⟩ and C(ω₁) C(ω₂), each of shape (…, P)."""
        unity = np.eye(len(self.fractions))
        sources = rates / self.fractions
        loop = unity - (self.slope_squares * both)[..., :, None] * self.variances
        paths: Any = np.linalg.inv(loop)
        if self.activity == "rate":
            psi = np.einsum("...pk,...qk,...k->...pq", paths, paths.conj(), sources)
            return psi - unity * sources[..., None, :]
        passed = both[..., :, None] * (self.variances @ paths)
        psi = np.einsum("...pk,...qk,...k->...pq", passed, passed.conj(), sources)
        driven = passed * (self.slope_squares * currents / self.fractions)[..., None, :]  # from q to p
        return psi + driven + np.swapaxes(driven.conj(), -1, -2)


@check_arguments
@public_call
def population_correlations(
    populations: Populations,
    gain: float = 1.0,
    *,
    activity: Activity = "current",
    covariance: CovarianceKind = "equal-time",
    start_mean: float = 0.0,
) -> xr.Dataset:
    """Variances of the covariances of pairs of units, and the dimension of the activity of populations, N → ∞.

    .. math:: \\psi_{pq} = \\lim_{N \\to \\infty} N\\, \\mathrm{Var}\\, C_{ij}, \\quad i \\in p,\\; j \\in q, \\qquad
       D = \\frac{(\\sum_p f_p C_p)^2}{\\sum_p f_p \\langle C_{ii}^2 \\rangle_p + \\sum_{pq} f_p f_q \\psi_{pq}}

    Covariances are those over time and noise in one network, and the variance ψ is that over pairs and networks.

    Parameters
    ----------
    populations : see `networks.Populations`; independent weights of the two directions, and no random modes
    gain : g
    activity : "current" x or "rate" φ(x)
    covariance : "equal-time", or "long-window", that of sums over long windows per unit of time
    start_mean : mean of x at the start, which selects one of several solutions

    Raises
    ------
    InputError : As for `theory.population_mean_field`; frozen noise or noise inside the activation, and random modes.

    Returns
    -------
    Dataset with ``variance`` C_p over ``population``, ``covariance_variance`` ψ_pq over ``population`` and
    ``other_population``, ``participation_dimension`` D, and ``population_dimension``, that of the units of one
    population alone; NaN without fluctuations

    See Also
    --------
    theory.correlations : One population, frozen noise and finite size.
    theory.population_mean_field : The solution about which the response is linear.

    Examples
    --------
    >>> import noisette as nz
    >>> two = nz.ensembles.Blocks(0.0, [[0.2, 1.0], [1.0, 2.5]], [200, 200])
    >>> data = population_correlations(nz.networks.Populations(two, noise=nz.White(1.0)), 0.5)
    >>> round(float(data.participation_dimension), 4)
    0.7876

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023) [clark2023]; Aljadeff, Stern & Sharpee (2015) [aljadeff2015].
    """
    g = one_gain(gain)
    statistics = populations.ensemble.statistics()
    require(
        bool(np.isinf(statistics.modes)),
        "random modes in the theory of covariances",
        "independent weights, as modes that are shared by units correlate them in other ways",
        "simulate a network",
    )
    start = start_of(len(populations.sizes), statistics.rank, start_mean, 1.0, 0.1)
    solution = activity_of(populations, g, start).stationary
    model = solution.model
    still = any(s.frozen for s in model.current + model.rate_noise) or any(s != type(s)() for s in model.inside)
    require(not still, "frozen noise or noise inside the activation with covariances of populations", "other noise")
    psi, variances, squares = _statistics(solution, activity, covariance)
    f = statistics.fractions
    own = np.diagonal(psi)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = float(np.divide((f @ variances) ** 2, f @ squares + f @ psi @ f))
        each = np.divide(variances**2, squares + f * own)
    over = "population"
    data = xr.Dataset(
        {
            "variance": (over, variances, {"long_name": "C_p, variance of a unit about its mean"}),
            "covariance_variance": ((over, "other_population"), psi, {"long_name": "ψ = N Var C_ij"}),
            "participation_dimension": ((), total, {"long_name": "D, participation ratio divided by N"}),
            "population_dimension": (over, each, {"long_name": "D of the units of one population"}),
        },
        {over: np.arange(len(f)), "other_population": np.arange(len(f))},
    )
    arguments = {"gain": g, "activity": activity, "covariance": covariance, **configuration(populations)}
    return data.assign_attrs(provenance("mean-field", "stationary", PAPERS, arguments))


def _statistics(
    solution: Stationary, activity: Activity, covariance: CovarianceKind
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ψ, shape (P, P), and C and ⟨C_ii²⟩ of each population, shape (P,)."""
    p = solution.model.populations
    if solution.is_fixed_point:
        return np.full((p, p), np.nan), np.zeros(p), np.zeros(p)
    weights, rates = _rates_by_mean(solution)
    kernel = Kernel(
        activity, solution.model.statistics.variance, solution.slopes_of_means(), solution.model.statistics.fractions
    )
    if covariance == "long-window":
        spectra = _spectra(solution, weights, rates, np.zeros(1))
        pair = np.einsum("m,pm->p", weights, spectra.rates[:, :, 0] ** 2)
        psi = kernel(np.ones(p, complex), pair, spectra.current[:, 0] ** 2).real
        if activity == "rate":
            return psi, spectra.rates[:, :, 0] @ weights, pair
        return psi, spectra.current[:, 0], spectra.current[:, 0] ** 2
    peaks = tuple((omega, 1 / time) for s in solution.model.current for _, time, omega in s.oscillating)
    over = frequencies(0.5 / solution.grid.end, np.inf, peaks)
    psi = _integral(kernel, _spectra(solution, weights, rates, over.nodes), solution.model.tau, over)
    if activity == "rate":
        return psi, rates[:, :, 0] @ weights, rates[:, :, 0] ** 2 @ weights
    c = solution.decaying[:, 0]
    return psi, c, c**2


def _rates_by_mean(solution: Stationary) -> tuple[np.ndarray, np.ndarray]:
    """Return weights of the means of units, and autocovariances of their rates, shape (P, means, lags)."""
    k, v, c = solution.constant, solution.variance, solution.decaying
    if (k <= SPREAD * v).all():
        rows = [
            solution.series(p)(np.clip(row / v[p], -1, 1)) - float(solution.series(p)(0.0)) for p, row in enumerate(c)
        ]
        return np.ones(1), np.array(rows)[:, None]
    z, weights = np.polynomial.hermite_e.hermegauss(MEANS)
    rates = np.zeros((len(v), MEANS, c.shape[1]))
    for p, unit in enumerate(solution.model.units):
        width = v[p] - k[p]
        rho = np.clip(c[p] / width, -1.0, 1.0)
        for m, place in enumerate(z):
            series = unit.series(width, float(solution.mean[p] + np.sqrt(max(k[p], 0.0)) * place), TERMS)
            rates[p, m] = series(rho) - float(series(0.0))
    return weights / weights.sum(), rates


def _spectra(solution: Stationary, weights: np.ndarray, rates: np.ndarray, nodes: np.ndarray) -> Spectra:
    """Return the spectra at given frequencies; C = |S|² (Σ V ⟨Γ⟩ + noise) keeps small values accurate."""
    model = solution.model
    gamma = solution.grid.transform(rates, nodes)
    received = model.statistics.variance @ np.einsum("m,pmf->pf", weights, gamma)
    noise = [
        spectrum.power(nodes) + other.power(nodes)
        for spectrum, other in zip(model.current, model.rate_noise, strict=True)
    ]
    power = np.abs(_response(model.tau, nodes)).T ** 2
    return Spectra(weights, gamma, power * (received + np.array(noise)))


def _response(tau: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Return S at frequencies of any shape, shape (…, P)."""
    return 1 / (1 + 1j * np.asarray(nodes)[..., None] * tau)


def _integral(kernel: Kernel, spectra: Spectra, tau: np.ndarray, over: Frequencies) -> np.ndarray:
    """Return ∫∫ ψ dω₁ dω₂/(2π)², as the integral of `theory.dmft` for one population.

    ψ(−ω₁, −ω₂) is the complex conjugate of ψ(ω₁, ω₂): twice the real part over the quadrants of equal and of opposite
    signs, of which the latter contains the ridge ω₁ + ω₂ = 0.
    """
    s = _response(tau, over.nodes)
    rates = np.einsum("m,pma,pmb->abp", spectra.weights, spectra.rates, spectra.rates)
    currents = np.einsum("pa,pb->abp", spectra.current, spectra.current)
    equal = kernel(s[:, None] * s, rates, currents).real
    opposite = kernel(s[:, None] * s.conj(), rates, currents).real
    pairs = equal + np.where(over.apart[..., None, None], opposite, 0.0)
    total = 2 * np.einsum("a,b,abpq->pq", over.weights, over.weights, pairs)
    near_rates = np.einsum("m,pma,pmar->arp", spectra.weights, spectra.rates, over.at_near(spectra.rates))
    near_currents = np.einsum("pa,par->arp", spectra.current, over.at_near(spectra.current))
    near = kernel(s[:, None] * _response(tau, over.near).conj(), near_rates, near_currents).real
    return total + 2 * np.einsum("a,ar,arpq->pq", over.weights, over.near_weights, near)


__all__ = ["population_correlations"]
