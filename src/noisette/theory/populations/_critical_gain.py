"""The gain at which populations lose stability: `population_critical_gain`."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, real_array, require
from noisette.networks import Populations
from noisette.provenance import provenance
from noisette.theory.gaussian import root
from noisette.theory.populations._fixed_points import FixedPoint, bulk_of, fixed_point, outliers
from noisette.theory.populations._mean_field import activity_of, configuration, model_at, start_of
from noisette.theory.populations._model import Model

POINTS = 32  # of the scan of the gain


@check_arguments
@public_call
def population_critical_gain(populations: Populations, between: Sequence[float] = (0.0, 5.0)) -> xr.Dataset:
    """Return the lowest gain at which the stationary state of populations loses stability, N → ∞.

    Without noise that changes in time, the fixed point that continues x = b from g = 0 is followed until the edge of
    the bulk of the spectrum of its Jacobian, or an outlier, reaches zero: then chaos begins, or the means change. In
    noise, it is the gain at which the largest Lyapunov exponent is zero.

    Parameters
    ----------
    populations : see `networks.Populations`
    between : lowest and highest gain of the search

    Raises
    ------
    InputError : If the state is unstable at the lowest gain, or stable up to the highest one; if a fixed point ends.

    Returns
    -------
    Dataset with ``gain``, ``bulk`` and ``outlier`` (real and imaginary ``part``) there (1/tau; NaN in noise), and
    ``instability``: "bulk", "outlier", or "fluctuations" in noise

    See Also
    --------
    theory.critical_gain : One population in noise of all kinds.
    theory.population_mean_field : Activity below and above the critical gain.

    Examples
    --------
    >>> import noisette as nz
    >>> cell_types = nz.ensembles.Blocks(0.0, [[0.2, 1.0], [1.0, 2.5]], [200, 200])
    >>> data = population_critical_gain(nz.networks.Populations(cell_types))
    >>> round(float(data.gain), 6)  # 1/√ρ(V), with the largest eigenvalue ρ of V
    0.589873

    References
    ----------
    Aljadeff, Stern & Sharpee (2015) [aljadeff2015]; Kadmon & Sompolinsky (2015) [kadmon2015].
    """
    ends = real_array(between, "between")
    fits = ends.shape == (2,) and 0 <= ends[0] < ends[1] < np.inf
    require(fits, f"between {ends.tolist()}", "a lowest and a highest gain, zero or positive")
    low, high = (float(end) for end in ends)
    quiet = model_at(populations, low).quiet
    found = _of_fixed_points(populations, low, high) if quiet else _in_noise(populations, low, high)
    attrs = provenance(
        "mean-field", "stationary", ("aljadeff2015", "kadmon2015"), {"between": ends, **configuration(populations)}
    )
    data = xr.Dataset(
        {
            "gain": found["gain"],
            "bulk": found["bulk"],
            "outlier": ("part", [found["outlier"].real, found["outlier"].imag]),
            "instability": found["instability"],
        },
        {"part": ["real", "imaginary"]},
        attrs,
    )
    data.gain.attrs["long_name"] = "critical gain"
    for name in ("bulk", "outlier"):
        data[name].attrs["units"] = "1/tau"
    return data


def _of_fixed_points(populations: Populations, low: float, high: float) -> dict:
    """Follow the fixed point over the gain, and return the point at which it loses stability."""
    first = model_at(populations, low)
    still = FixedPoint(first.bias.copy(), first.static_noise(), np.zeros(first.rank))
    below: float | None = None
    for gain in np.linspace(low, high, POINTS):
        found = _followed(populations, float(gain), still)
        if found is None:
            raise InputError(
                f"populations whose fixed point ends below gain {gain:.3g}; a fixed point up to the loss of stability"
            )
        margin = max(_edges(model_at(populations, float(gain)), found))
        if margin > 0:
            require(below is not None, f"a fixed point that is unstable at gain {gain:g}", "stable at the lowest gain")
            break
        still, below = found, float(gain)
    else:
        raise InputError(
            f"populations that are stable up to gain {high:g}; a gain at which stability is lost; raise it"
        )
    assert below is not None

    def excess(gain: float) -> float:
        near = _followed(populations, gain, still)
        return max(_edges(model_at(populations, gain), near)) if near is not None else 1.0

    critical = root(excess, below, float(gain), absolute=1e-10)
    point = _followed(populations, critical, still) or still
    model = model_at(populations, critical)
    bulk, outlier = _edges(model, point)
    mode = outliers(model, point)[0]
    kind = "bulk" if bulk >= outlier else "outlier"
    return {"gain": critical, "bulk": bulk, "outlier": complex(mode), "instability": kind}


def _followed(populations: Populations, gain: float, near: FixedPoint) -> FixedPoint | None:
    """Return the fixed point at a gain, near that at another one."""
    return fixed_point(model_at(populations, gain), near.mean, near.variance, near.overlap)


def _edges(model: Model, point: FixedPoint) -> tuple[float, float]:
    """Return the largest real parts of the bulk and of the mean modes."""
    return bulk_of(model, point), float(outliers(model, point)[0].real)


def _in_noise(populations: Populations, low: float, high: float) -> dict:
    """Return the gain at which the largest exponent is zero."""
    p = len(populations.sizes)
    start = start_of(p, populations.ensemble.statistics().rank, 0.0, 1.0, 0.1)

    def rate(gain: float) -> float:
        return activity_of(populations, gain, start).lyapunov

    ends = rate(low), rate(high)
    require(ends[0] < 0, f"a state that is unstable at gain {low:g}, λ = {ends[0]:.3g}", "stable at the lowest gain")
    require(ends[1] > 0, f"a state that is stable at gain {high:g}, λ = {ends[1]:.3g}", "unstable at the highest gain")
    critical = root(rate, low, high, absolute=1e-8)
    return {"gain": critical, "bulk": np.nan, "outlier": complex(np.nan, np.nan), "instability": "fluctuations"}


__all__ = ["population_critical_gain"]
