"""Phases of power-law activations in frozen noise."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, real_number, require
from noisette.provenance import provenance
from noisette.theory.covariance._critical_gain import power_critical, power_fold
from noisette.theory.gaussian._closed_forms import power_moment

NAMES = {
    "critical_gain": "g_c, where χ = 1",
    "fold_gain": "g_max, beyond which activity grows without bound",
    "variance_exponent": "2/(1 − p), v ∝ g^(2/(1 − p)) at large gain",
    "effective_gain": "√ν at large gain",
    "susceptibility": "χ at large gain, or at the fold",
    "current_dimension": "participation dimension of x at large gain",
    "rate_dimension": "participation dimension of φ(x) at large gain",
}

LARGEST = 80  # exponent; moments of larger exponents overflow


@check_arguments
@public_call
def power_law_phases(exponents: ArrayLike | Array | Sequence[float], std: float = 1.0) -> xr.Dataset:
    """Stability and large-gain limits of power laws sign(x) |x|^p in frozen noise, N → ∞.

    .. math:: \\nu_\\infty = \\frac{m_{p+1}^2}{m_{2p}}, \\quad D_\\phi = (1 - \\nu_\\infty)^2, \\quad
       \\frac 1 {D_x} = 1 + \\frac 1 {(1-\\nu_\\infty)^2} + \\frac{2 \\nu_\\infty}{1-\\nu_\\infty}, \\quad
       \\chi_\\infty = \\frac{p^2}{2p - 1}, \\quad m_k = E|z|^k

    with z ~ N(0, 1) and the participation dimensions D of rates and currents. For p < 1 there is a stationary state at
    every gain. At large gain v → (g² m_{2p})^{1/(1−p)}, and the dimension has a positive limit, but fixed points are
    stable only below g_c (never for p ≤ 1/2). For p > 1 fixed points are stable wherever they exist, up to g_max.
    Results depend on g s^{p−1} alone.

    Parameters
    ----------
    exponents : p from 0 to 80, a number or several; zero is sign(x)
    std : standard deviation s > 0 of the frozen noise, which sets the scale of the gains

    Raises
    ------
    InputError : If an exponent is not in this range, or if the standard deviation is not positive.

    Returns
    -------
    Dataset over ``exponent`` (if several are given) with ``critical_gain`` g_c, ``fold_gain`` g_max, and the limits at
    large gain: ``variance_exponent`` 2/(1 − p), ``effective_gain`` √ν, ``susceptibility`` χ, ``current_dimension`` D_x
    and ``rate_dimension`` D_φ. For p ≥ 1 these limits are NaN, except that χ is that at the fold

    See Also
    --------
    theory.critical_gain : The smallest gain at which the stationary state loses stability.
    theory.fold_gain : The largest gain at which there is a stationary state in frozen noise.

    Examples
    --------
    >>> phases = power_law_phases([0.75, 2.0])
    >>> phases.critical_gain.values.round(4).tolist(), phases.fold_gain.values.round(4).tolist()
    ([1.338, inf], [inf, 0.2887])

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    powers = real_array(exponents, "exponents")
    require(powers.ndim <= 1 and powers.size > 0, f"exponents of shape {powers.shape}", "a number or a list of numbers")
    fits = bool(((powers >= 0) & (powers <= LARGEST)).all())
    require(fits, f"exponents {powers.ravel().tolist()}", f"numbers from 0 to {LARGEST}")
    std = real_number(
        std, "std", "a number above zero, as without noise the only state is zero", lambda s: 0 < s < np.inf
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
    """Return the results for exponent p in frozen noise of variance `noise`."""
    phases = dict.fromkeys(NAMES, float("nan"))
    phases |= {"critical_gain": power_critical(p, noise), "fold_gain": power_fold(p, noise)}
    if p >= 1:  # γ = 1 at the fold, hence χ = γ p/(2p − 1)
        return phases | {"susceptibility": p / (2 * p - 1)}
    # ν = (1 − s²/v) m_(p+1)²/m_2p, γ = p (1 − s²/v) and χ = γ p/(2p − 1), with s²/v → 0
    nu = power_moment(p + 1) ** 2 / power_moment(2 * p)
    return phases | {
        "variance_exponent": 2 / (1 - p),
        "effective_gain": float(np.sqrt(nu)),
        "susceptibility": p**2 / (2 * p - 1) if p > 0.5 else float("inf"),
        "current_dimension": 1 / (1 + 1 / (1 - nu) ** 2 + 2 * nu / (1 - nu)),
        "rate_dimension": (1 - nu) ** 2,
    }


__all__ = ["power_law_phases"]
