"""Phases of power-law activations in frozen noise."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.errors import real_array, real_number, require
from noisette.provenance import provenance
from noisette.theory.covariance._critical_gain import power_critical, power_fold
from noisette.theory.gaussian._closed_forms import power_moment

NAMES = {
    "critical_gain": "g_c, where χ = 1",
    "fold_gain": "g_max, beyond which activity grows without bound",
    "variance_exponent": "2/(1 − p), v ∝ g^(2/(1 − p)) at strong gain",
    "effective_gain": "√ν at strong gain",
    "susceptibility": "χ at strong gain, or at the fold",
    "current_dimension": "participation dimension of x at strong gain",
    "rate_dimension": "participation dimension of φ(x) at strong gain",
}


def power_law_phases(exponents: ArrayLike | Array | Sequence[float], std: float = 1.0) -> xr.Dataset:
    """Where power laws sign(x) |x|^p are stable in frozen noise, and how they saturate, N → ∞.

    .. math:: \\nu_\\infty = \\frac{m_{p+1}^2}{m_{2p}}, \\quad D_\\phi = (1 - \\nu_\\infty)^2, \\quad
       \\frac 1 {D_x} = 1 + \\frac 1 {(1-\\nu_\\infty)^2} + \\frac{2 \\nu_\\infty}{1-\\nu_\\infty}, \\quad
       \\chi_\\infty = \\frac{p^2}{2p - 1}, \\quad m_k = E|z|^k

    For p < 1 there is a state at every gain, v → (g² m_{2p})^{1/(1−p)}, whose dimension saturates above zero; but its
    fixed points are stable only below g_c (never for p ≤ 1/2). For p > 1 they are stable as long as there is a state,
    up to g_max. All depends on g s^{p−1} alone.

    Parameters
    ----------
    exponents : p ≥ 0, a number or several; zero is sign(x)
    std : s > 0 of the frozen noise, which sets the scale of the gains

    Raises
    ------
    InputError : exponents below zero, a std that is not positive.

    Returns
    -------
    Dataset over ``exponent``; what belongs to strong gain is NaN for p ≥ 1, but χ is that at the fold

    Examples
    --------
    >>> found = power_law_phases([0.75, 2.0])
    >>> found.critical_gain.values.round(4).tolist(), found.fold_gain.values.round(4).tolist()
    ([1.338, inf], [inf, 0.2887])

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    powers = real_array(exponents, "exponents")
    require(powers.ndim <= 1 and powers.size > 0, f"exponents of shape {powers.shape}", "a number or a list of numbers")
    fine = bool((powers >= 0).all())
    require(fine, f"exponents {powers.ravel().tolist()}", "finite numbers, zero or positive")
    std = real_number(
        std, "std", "a number above zero: without noise there is no state to be stable", lambda s: 0 < s < np.inf
    )
    dims = ("exponent",) * powers.ndim
    rows = [_phases(float(p), float(std) ** 2) for p in powers.ravel()]
    data = xr.Dataset(
        {name: (dims, np.reshape([row[name] for row in rows], powers.shape)) for name in NAMES},
        coords={"exponent": (dims, powers)},
        attrs=provenance("mean-field", "stationary", ("mato2026",), {"exponents": powers, "std": std}),
    )
    for name, text in NAMES.items():
        data[name].attrs["long_name"] = text
    return data


def _phases(p: float, noise: float) -> dict[str, float]:
    phases = dict.fromkeys(NAMES, float("nan"))
    phases |= {"critical_gain": power_critical(p, noise), "fold_gain": power_fold(p, noise)}
    if p >= 1:
        return phases | {"susceptibility": p / (2 * p - 1)}
    nu = power_moment(p + 1) ** 2 / power_moment(2 * p)
    return phases | {
        "variance_exponent": 2 / (1 - p),
        "effective_gain": float(np.sqrt(nu)),
        "susceptibility": p**2 / (2 * p - 1) if p > 0.5 else float("inf"),
        "current_dimension": 1 / (1 + 1 / (1 - nu) ** 2 + 2 * nu / (1 - nu)),
        "rate_dimension": (1 - nu) ** 2,
    }


__all__ = ["power_law_phases"]
