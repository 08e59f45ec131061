"""Dynamical mean-field theory of large random networks: one unit in the gaussian field of all others.

.. math:: \\dot x_i = -x_i + g \\sum_j J_{ij} \\phi(x_j) + \\xi_i, \\quad J_{ij} \\sim \\mathcal N(0, 1/N), \\quad
   \\langle \\xi_i(t)\\, \\xi_i(t') \\rangle = \\sigma^2 \\delta(t - t')

For N → ∞ the autocorrelation Δ(τ) = ⟨x(t) x(t+τ)⟩ moves like a particle, Δ'' = Δ − g² C_φ(Δ; Δ₀) = −∂V/∂Δ, which
noise kicks off with Δ'(0⁺) = −σ²/2 and which comes to rest at Δ = 0. Time is in units of the time constant.
"""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.activations import Activation, tanh
from noisette.errors import InputError, require
from noisette.noise import Noise, Sum, White
from noisette.provenance import provenance
from noisette.theory._onesite import (
    Expansion,
    check_odd,
    consistent_variance,
    expansion,
    mean_square,
    slope,
)
from noisette.theory._orbit import Orbit, correlation, exponent, orbit

PAPERS = ("sompolinsky1988", "schuecker2018")
NAMES = {
    "variance": "Δ₀ = ⟨x²⟩",
    "rate_variance": "⟨φ(x)²⟩",
    "kinetic_energy": "E_k/N = ⟨f²⟩/2, f = −x + g J φ(x)",
    "lyapunov": "λ_max, largest Lyapunov exponent",
}
FAINTEST = 1e-50  # noise whose fourth power would vanish in floating point


class Site(NamedTuple):
    """The self-consistent unit; terms and path are None in silence."""

    variance: float
    terms: Expansion | None
    path: Orbit | None


def mean_field(gain: ArrayLike | Array, activation: Activation = tanh, noise: Noise | None = None) -> xr.Dataset:
    """Variance, kinetic energy and largest Lyapunov exponent of a random network, N → ∞.

    .. math:: \\tfrac12 (\\sigma^2/2)^2 + V(\\Delta_0; \\Delta_0) = 0, \\qquad
       E_k/N = \\tfrac12 (g^2 \\langle\\phi^2\\rangle - \\Delta_0 + \\sigma^2), \\qquad
       \\lambda_{\\max} = -1 + \\sqrt{1 - E_0}

    with V = −Δ²/2 + g² [C_Φ(Δ) − C_Φ(0)], Φ the primitive of φ, and E₀ the lowest eigenvalue of
    −∂² + 1 − g² C_φ'(τ). Without noise and with g φ'(0) ≤ 1 all is silent: λ_max = g φ'(0) − 1. The exponent has
    nine digits for tanh at gains to 20, five at 50, three at 100; stronger drive is refused.

    Parameters
    ----------
    gain : g ≥ 0, a number or several
    activation : φ, odd and continuous
    noise : None or White(σ), one σ for all units (Itô: a step adds σ √dt ξ)

    Raises
    ------
    InputError : a φ that is not odd or nearly jumps, a noise not treated yet, no or several stationary states.

    Returns
    -------
    Dataset with ``variance`` Δ₀, ``rate_variance`` ⟨φ²⟩, ``kinetic_energy`` E_k/N and ``lyapunov`` λ_max (1/tau),
    over ``gain`` if several are given

    Examples
    --------
    >>> found = mean_field(2.0)
    >>> round(float(found.variance), 4), round(float(found.lyapunov), 5)
    (1.9248, 0.11246)
    >>> round(float(mean_field(1.2, noise=White(0.3)).lyapunov), 5)  # noise can end chaos
    -0.01325

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    gains = np.asarray(gain, float)
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    sigma = _intensity(noise)
    check_odd(activation)
    found = [_scalars(float(g), activation, sigma) for g in gains.ravel()]
    dims = ("gain",) * gains.ndim
    data = xr.Dataset(
        {name: (dims, np.reshape([one[name] for one in found], gains.shape)) for name in NAMES},
        coords={"gain": (dims, gains)},
        attrs=_provenance({"gain": gains}, activation, sigma),
    )
    return _described(data)


def autocovariance(
    gain: float,
    activation: Activation = tanh,
    noise: Noise | None = None,
    lags: ArrayLike | Array | None = None,
) -> xr.Dataset:
    """Autocovariances of current x and rate φ(x) in a random network, N → ∞.

    .. math:: C_x(\\tau) = \\Delta(\\tau), \\qquad C_\\phi(\\tau) = \\langle \\phi(x(t))\\, \\phi(x(t+\\tau)) \\rangle

    Parameters
    ----------
    gain : g ≥ 0
    activation, noise : as for `mean_field`
    lags : τ, of any sign, shape (lags,); by default 401 from zero to twelve times the longest decay time

    Raises
    ------
    InputError : as `mean_field`; lags that are not finite.

    Returns
    -------
    Dataset with ``current`` C_x and ``rate`` C_φ over ``lag``

    Examples
    --------
    >>> found = autocovariance(2.0, lags=[0.0, 1.0, 10.0])
    >>> found.current.values.round(4).tolist()
    [1.9248, 1.863, 0.3511]

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    sigma = _intensity(noise)
    check_odd(activation)
    site = _site(float(gain), activation, sigma)
    end = 1.0 if site.path is None else site.path.end
    lag = np.linspace(0, 12 / end, 401) if lags is None else np.asarray(lags, float)
    require(lag.ndim == 1 and lag.size > 0, f"lags of shape {lag.shape}", "a list of numbers")
    require(bool(np.isfinite(lag).all()), "lags hold NaN or infinite values", "finite numbers")
    current, rate = np.zeros_like(lag), np.zeros_like(lag)
    if site.path is not None and site.terms is not None:
        rho = correlation(site.path, lag)
        current, rate = site.variance * rho, rho[:, None] ** site.terms.powers @ site.terms.weights
    data = xr.Dataset(
        {"current": ("lag", current), "rate": ("lag", rate)},
        coords={"lag": ("lag", lag, {"units": "tau"}), "gain": gain},
        attrs=_provenance({"gain": gain, "lags": None if lags is None else lag}, activation, sigma),
    )
    return data


def _intensity(noise: Noise | None) -> float:
    """Return σ of white noise, zero without noise; coloured and frozen noise would drive Δ, not only kick it."""
    if noise is None:
        return 0.0
    if isinstance(noise, Sum):
        return float(np.sqrt(sum(_intensity(part) ** 2 for part in noise.parts)))
    if not isinstance(noise, White):
        raise InputError(f"{type(noise).__name__} noise; mean-field theory takes None or White for now; simulate it")
    sigma = np.asarray(noise.strength, float).ravel()
    require(
        bool((sigma == sigma[0]).all()), f"white noise with {sigma.size} strengths", "mean-field units are all alike"
    )
    require(bool(np.isfinite(sigma[0])), f"noise strength {sigma[0]}", "a finite number")
    return float(sigma[0]) if sigma[0] > FAINTEST else 0.0


def _site(gain: float, activation: Activation, sigma: float) -> Site:
    require(np.isfinite(gain) and gain >= 0, f"gain {gain:g}", "a finite number, zero or positive")
    variance = consistent_variance(activation, gain, sigma)
    if variance == 0:
        return Site(0.0, None, None)
    terms = expansion(activation, float(np.sqrt(variance)))
    return Site(variance, terms, orbit(terms, gain, sigma, variance))


def _scalars(gain: float, activation: Activation, sigma: float) -> dict[str, float]:
    variance, _, path = _site(gain, activation, sigma)
    if path is None:
        silent = dict.fromkeys(NAMES, 0.0)
        return silent | {"lyapunov": gain * slope(activation) - 1}
    rate = mean_square(activation, float(np.sqrt(variance)))
    return {
        "variance": variance,
        "rate_variance": rate,
        "kinetic_energy": (gain**2 * rate - variance + sigma**2) / 2,
        "lyapunov": exponent(path),
    }


def _provenance(what: dict[str, Any], activation: Activation, sigma: float) -> dict[str, Any]:
    name = getattr(activation, "__name__", str(activation))
    return provenance("mean-field", "stationary", PAPERS, {**what, "activation": name, "sigma": sigma})


def _described(data: xr.Dataset) -> xr.Dataset:
    for name, text in NAMES.items():
        data[name].attrs["long_name"] = text
    data.lyapunov.attrs["units"] = "1/tau"
    return data


__all__ = ["autocovariance", "mean_field"]
