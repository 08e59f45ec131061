"""Stationary means, variances and exponents of populations: `population_mean_field`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, real_number, require
from noisette.networks import Populations
from noisette.progress import ProgressLike, counted
from noisette.provenance import provenance
from noisette.theory.dmft import exponent as plain_exponent
from noisette.theory.dmft import places_of, solve_places
from noisette.theory.populations._model import Model, model_of, scaled
from noisette.theory.populations._solve import Activity, solve
from noisette.theory.populations._stationary import Stationary
from noisette.theory.populations._two_time import Start

PAPERS = ("sompolinsky1988", "kadmon2015", "mastrogiuseppe2018")
STRONGEST = 1e3  # gain above which activations are steps on the scale of x
BROKEN = 0.1  # overlap of the start with weights of low rank, which breaks the symmetry of x and −x
NAMES = {
    "mean": "μ = ⟨x⟩",
    "variance": "v, variance of x over units, time and networks",
    "variance_of_means": "k, variance over units of the mean of x over time",
    "rate": "R = ⟨φ(x)⟩",
    "rate_square": "⟨φ(x)²⟩",
    "lyapunov": "λ_max, largest Lyapunov exponent",
    "bulk": "largest real part of the bulk of the spectrum of the Jacobian",
    "outlier": "eigenvalue of the mean modes with the largest real part",
    "fixed_point": "whether x is constant in time",
    "overlap": "κ, (1/N) Σ n φ(x)",
    "current_autocovariance": "c(τ), autocovariance of x about the mean of each unit over time",
    "rate_autocovariance": "autocovariance of φ(x) about the mean of each unit over time",
}


@check_arguments
@public_call
def population_mean_field(
    populations: Populations,
    gain: ArrayLike | Array = 1.0,
    lags: ArrayLike | Array | None = None,
    *,
    start_mean: ArrayLike = 0.0,
    start_variance: ArrayLike = 1.0,
    start_overlap: ArrayLike = BROKEN,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Means, variances and largest Lyapunov exponent of populations of a large random network, N → ∞.

    .. math:: \\mu_p = b_p + g \\sum_q M_{pq} R_q + \\bar m_p \\cdot \\kappa, \\qquad
       (1 - \\tau_p^2 \\partial^2) \\Delta_p(\\tau) = g^2 \\sum_q V_{pq}\\, C_q(\\Delta_q) + \\text{noise}
       + \\kappa^\\top \\Sigma_m \\kappa

    with Δ_p = ⟨x x'⟩ − μ_p², C_q = ⟨φ φ'⟩, and κ of weights of low rank. Of several solutions, it is the one that is
    reached in time from the start. At fixed points the exponent is the rightmost eigenvalue of the Jacobian: the edge
    of the bulk, or an outlier. Otherwise it is that of the fluctuations, and the means are stable because the solution
    is reached. One population of independent weights gives the numbers of `theory.mean_field`.

    Parameters
    ----------
    populations : ensemble of weights, activations, time constants, biases and noise, see `networks.Populations`; the
        ensemble has κ = 0, see `theory.reciprocal_mean_field` for correlated weights of the two directions
    gain : g, a number or several
    lags : τ of the autocovariances, in the unit of the time constants; None for none
    start_mean, start_variance : of x at the start, numbers or one for each population
    start_overlap : κ of the start, a number or one for each rank

    Raises
    ------
    InputError : If the ensemble or the noise has no theory, with the reason; if activity grows without bound; if the
        means oscillate; or if the solver does not reach a stationary state.

    Returns
    -------
    Dataset with ``mean`` μ, ``variance`` v, ``variance_of_means`` k, ``rate`` R and ``rate_square`` ⟨φ²⟩ over
    ``population``, ``lyapunov`` λ_max (1/tau), ``fixed_point``, ``bulk`` and ``outlier`` (real and imaginary ``part``;
    NaN unless x is a fixed point), ``overlap`` κ over ``rank``, and the autocovariances over ``lag`` if lags are given;
    over ``gain`` if several are given

    See Also
    --------
    theory.mean_field : One population, several places of noise, and Euler steps.
    theory.driven_populations : Means and covariances at all times, with an input that changes.
    theory.population_critical_gain : The gain at which the fixed point loses stability.
    analysis.population_activity : Theory with simulations beside it.

    Examples
    --------
    >>> import noisette as nz
    >>> ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [400, 100])
    >>> theory = population_mean_field(nz.networks.Populations(ensemble, bias=0.5), 1.5)
    >>> theory["mean"].values.round(4).tolist(), round(float(theory.lyapunov), 5)
    ([0.2748, 0.3684], 0.19559)
    >>> plain = population_mean_field(nz.networks.Populations(nz.ensembles.gaussian(400)), 2.0)
    >>> float(plain.lyapunov) == float(nz.theory.mean_field(nz.activations.tanh, 2.0).lyapunov)
    True

    References
    ----------
    Kadmon & Sompolinsky (2015) [kadmon2015]; Mastrogiuseppe & Ostojic (2018) [mastrogiuseppe2018]; Aljadeff, Stern &
    Sharpee (2015) [aljadeff2015].
    """
    gains = real_array(gain, "gain")
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    require(bool((gains >= 0).all()), f"gain {gains.min():g}", "zero or positive")
    times = None if lags is None else real_array(lags, "lags").reshape(-1)
    statistics = populations.ensemble.statistics()
    start = start_of(len(populations.sizes), statistics.rank, start_mean, start_variance, start_overlap)
    rows = [
        _dataset(activity_of(populations, float(g), start), times) for g in counted(gains.ravel().tolist(), progress)
    ]
    index = xr.DataArray(gains.ravel(), dims="gain", name="gain")
    data = xr.concat(rows, index) if gains.ndim else rows[0].assign_coords(gain=float(gains))
    arguments = {"gain": gains, "lags": times, "start": [np.asarray(part).tolist() for part in start]}
    return described(data, provenance("mean-field", "stationary", PAPERS, {**arguments, **configuration(populations)}))


def start_of(p: int, rank: int, mean: ArrayLike, variance: ArrayLike, overlap: ArrayLike) -> Start:
    """Return the start of the two-time equations, after checking its numbers."""
    parts = []
    given = (
        ("start_mean", mean, p, -np.inf),
        ("start_variance", variance, p, 0.0),
        ("start_overlap", overlap, rank, -np.inf),
    )
    for name, values, number, least in given:
        array = real_array(values, name)
        require(array.shape in ((), (number,)), f"{name} of shape {array.shape}", f"a number, or {number} numbers")
        require(bool((array >= least).all()), f"{name} {array.min():g}" if array.size else name, f"at least {least:g}")
        parts.append(np.array(np.broadcast_to(array, (number,)), float))
    return Start(*parts)


def model_at(populations: Populations, gain: float) -> Model:
    """Return the single-site problem at one gain.

    Raises
    ------
    InputError : If the weights of the two directions are correlated.
    """
    statistics = populations.ensemble.statistics()
    coupled = statistics.reciprocity * np.sqrt(statistics.variance * statistics.variance.T)
    require(
        not coupled.any(),
        f"reciprocity {np.abs(statistics.reciprocity).max():g} in the theory of populations",
        "independent weights of the two directions, as the input of a unit depends on its own past otherwise",
        "theory.reciprocal_mean_field, or simulate a network",
    )
    return model_of_gain(populations, gain)


def one_gain(gain: ArrayLike) -> float:
    """Return a single gain, after checking it."""
    return real_number(gain, "gain", "zero or positive", lambda g: 0 <= g < np.inf)


def model_of_gain(populations: Populations, gain: float) -> Model:
    """Return the single-site problem at one gain, for weights of the two directions that may be correlated."""
    require(0 <= gain <= STRONGEST, f"gain {gain:g}", f"a number from 0 to {STRONGEST:g}")
    statistics = populations.ensemble.statistics()
    places = tuple(places_of(noise) for noise in populations.noises)
    return model_of(scaled(statistics, gain), populations.activations, populations.tau, populations.bias, places)


def activity_of(populations: Populations, gain: float, start: Start) -> Activity:
    """Return the stationary activity at one gain; that of a plain network is the solution of `theory.mean_field`."""
    model = model_at(populations, gain)
    plain = populations.ensemble.statistics().is_plain and populations.tau[0] == 1 and populations.bias[0] == 0
    if not plain:
        return solve(model, start)
    variance = float(populations.ensemble.statistics().variance[0, 0])
    solution = solve_places(
        populations.activations[0], gain * float(np.sqrt(variance)), places_of(populations.noises[0])
    )
    constant, none = np.array([solution.constant]), np.zeros(0)
    decaying = solution.decaying[None]
    total = np.array([solution.variance])
    stationary = Stationary(model, solution.grid, decaying, constant, np.zeros(1), none, total)  # type: ignore[arg-type]
    rate = plain_exponent(solution)
    still = solution.is_fixed_point
    bulk = rate if still else np.nan
    return Activity(stationary, rate, np.zeros(0, complex), bulk, still)


def configuration(populations: Populations) -> dict[str, Any]:
    """Return the description of populations in the configuration of results."""
    names: Sequence[Any] = populations.activations
    return {
        "ensemble": repr(populations.ensemble),
        "activation": names[0] if all(phi is names[0] for phi in names) else list(names),
        "tau": populations.tau,
        "bias": populations.bias,
        "noise": populations.noise,
        "sizes": list(populations.sizes),
    }


def _dataset(activity: Activity, lags: np.ndarray | None) -> xr.Dataset:
    """Return the results of one gain."""
    solution = activity.stationary
    model = solution.model
    inside = np.array([s.variance for s in model.inside])
    frozen = np.array([s.frozen for s in model.inside])
    moments = solution.moments()
    modes = activity.mean_modes
    outlier = [modes[0].real, modes[0].imag] if len(modes) else [np.nan, np.nan]
    over = "population"
    data = xr.Dataset(
        {
            "mean": (over, solution.mean),
            "variance": (over, solution.variance - inside),
            "variance_of_means": (over, solution.constant - frozen),
            "rate": (over, [m.rate for m in moments]),
            "rate_square": (over, [m.square for m in moments]),
            "lyapunov": activity.lyapunov,
            "fixed_point": activity.is_fixed_point,
            "bulk": activity.bulk,
            "outlier": ("part", outlier),
            "overlap": ("rank", solution.overlap),
        },
        {"part": ["real", "imaginary"], "population": np.arange(model.populations)},
    )
    if lags is None:
        return data
    current = np.array([solution.decaying_at(p, lags) for p in range(model.populations)])
    noise = np.array([s.autocovariance(lags) - s.frozen for s in model.inside])
    rates = [solution.rates_at(p, current[p]) for p in range(model.populations)]
    dims = ("population", "lag")
    return data.assign(
        current_autocovariance=(dims, current - noise), rate_autocovariance=(dims, np.array(rates))
    ).assign_coords(lag=lags)


def described(data: xr.Dataset, attrs: dict[str, Any]) -> xr.Dataset:
    """Return results with names, units and provenance."""
    for name, text in NAMES.items():
        if name in data:
            data[name].attrs["long_name"] = text
    for name in ("lyapunov", "bulk", "outlier"):
        if name in data:
            data[name].attrs["units"] = "1/tau"
    if "lag" in data.coords:
        data["lag"].attrs.update(long_name="lag", units="tau")
    return data.assign_attrs(attrs)


__all__ = [
    "activity_of",
    "configuration",
    "described",
    "model_at",
    "model_of_gain",
    "one_gain",
    "population_mean_field",
    "start_of",
]
