"""Summary of a chaos curve over its networks."""

import numpy as np
import xarray as xr

from noisette.analysis._lyapunov import entropy_rate, kaplan_yorke
from noisette.arguments import check_arguments
from noisette.averages import mean_and_error

WORST_FIRST = ("unstable", "not converged", "diverged")  # diverged networks are omitted from all averages


@check_arguments
def chaos_summary(data: xr.Dataset) -> xr.Dataset:
    """Average a chaos curve over networks, with standard errors and the worst verdict at each gain.

    Networks that diverge are excluded from the averages.

    Parameters
    ----------
    data : dataset over ``gain`` and ``network`` as returned by `chaos_curve`

    Returns
    -------
    Dataset over ``gain``: ``lyapunov``, the largest exponent in 1/τ, with ``lyapunov_se`` (NaN for a single network),
    and ``kinetic_energy`` per unit, E_k/N; if `data` contains an audit also the largest ``dt`` and ``stability`` and
    the verdict ``audit``: the first of "unstable", "not converged" and "diverged" that applies to a network, else "ok";
    for several exponents also ``spectrum`` (exponent) in 1/τ, ``kaplan_yorke`` (from 0 to N), and ``entropy``, the
    entropy rate in nats per τ, averaged over the networks for which they are determined

    Examples
    --------
    >>> import noisette as nz
    >>> curve = nz.chaos_curve([nz.weights.autapses(4)], [0.5], duration=2, discard=1)
    >>> summary = nz.analysis.chaos_summary(curve)
    >>> str(summary.audit.values[0]), bool(np.isnan(summary.lyapunov_se[0]))
    ('ok', True)
    """
    kept = data.where(data.audit != "diverged") if "audit" in data else data
    first = kept.lyapunov.isel(exponent=0, drop=True)
    mean, error = mean_and_error(first)
    summary = xr.Dataset({"lyapunov": mean, "lyapunov_se": error})
    if "kinetic_energy" in data:
        summary["kinetic_energy"] = kept.kinetic_energy.mean("network")
    if "audit" in data:
        summary["dt"] = data.dt.max("network")
        summary["stability"] = kept.stability.max("network")
        summary["audit"] = ("gain", [_worst(verdicts) for verdicts in data.audit.transpose("gain", "network").values])
    if data.sizes["exponent"] > 1:
        summary["spectrum"] = kept.lyapunov.mean("network")
        for name, measure in (("kaplan_yorke", kaplan_yorke), ("entropy", entropy_rate)):
            values = np.apply_along_axis(measure, -1, kept.lyapunov.transpose("gain", "network", "exponent").values)
            summary[name] = ("gain", [_mean_of_finite(row) for row in values])
    units = dict.fromkeys(("lyapunov", "lyapunov_se", "spectrum"), "1/tau")
    units |= {"kaplan_yorke": "", "entropy": "nat·1/tau"}
    for name in set(units) & set(summary):
        summary[name].attrs["units"] = units[name]
    return summary


def _worst(verdicts: np.ndarray) -> str:
    """Return the worst of the verdicts on all networks at one gain."""
    return next((verdict for verdict in WORST_FIRST if verdict in verdicts), "ok")


def _mean_of_finite(values: np.ndarray) -> float:
    """Return the mean of the finite values; NaN if there are none."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


__all__ = ["chaos_summary"]
