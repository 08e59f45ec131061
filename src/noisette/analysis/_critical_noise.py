"""Strength of noise at which the largest Lyapunov exponent of given networks is zero, from simulations."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._lyapunov import lyapunov_spectrum
from noisette.analysis._options import TimeStep
from noisette.analysis._strengths import in_noise, part_of
from noisette.arguments import check_arguments
from noisette.averages import mean_and_error
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.keys import KeyLike
from noisette.networks import NetworkLike, as_networks
from noisette.provenance import network_entries, provenance
from noisette.simulation import TrialOptions


@check_arguments
@public_call
def simulated_critical_noise(
    network: NetworkLike | Sequence[NetworkLike],
    strengths: ArrayLike,
    *,
    key: KeyLike,
    duration: float = 300.0,
    discard: float = 100.0,
    dt: TimeStep | None = None,
    **options: Unpack[TrialOptions],
) -> xr.Dataset:
    """Measure the strength of the noise at which the largest Lyapunov exponent changes its sign.

    .. math:: \\sigma_c = \\sigma_k + (\\sigma_{k+1} - \\sigma_k) \\frac{\\lambda_k}{\\lambda_k - \\lambda_{k+1}}

    where λ_k > 0 ≥ λ_{k+1} is the change of sign; if sampling errors cause several, the most likely single one. All
    strengths have the same random numbers, so that the errors of neighbouring exponents, which are treated as
    independent, partly cancel. The error of the interpolation is of second order in the distance between strengths.

    Parameters
    ----------
    network : a network, or a sequence of networks of the same size (dimension ``network``)
    strengths : σ, increasing factors of the noise of the network, or of White(1.0) if it has none
    key : an integer or a JAX key
    duration, discard, dt : as for `lyapunov_spectrum`
    **options : ``start``, ``inputs``, ``runs``, ``solver``, ``warn`` and ``progress``, as for `simulate`; exponents are
        averaged over runs

    Returns
    -------
    Dataset with ``lyapunov`` (noise) and its standard error ``lyapunov_se``; ``critical_noise`` and
    ``critical_noise_se``, propagated from those of the two exponents: zero if the network is not chaotic at any
    strength, infinite if it is at all; for several networks also the mean and the standard error over networks,
    ``mean_critical_noise`` and ``mean_critical_noise_se``

    Raises
    ------
    InputError : fewer than two strengths, or strengths that do not increase; invalid arguments of `lyapunov_spectrum`.

    See Also
    --------
    theory.critical_noise : The same strength for N → ∞.
    analysis.synchronisation : Trajectories that meet in stronger noise.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, key=jax.random.key(0))
    >>> times = {"duration": 150, "discard": 50, "dt": 0.05}
    >>> measured = simulated_critical_noise(nz.RateNetwork(W, 3.0), [1, 2], key=0, warn=False, **times)
    >>> round(float(measured.critical_noise), 1), round(float(measured.critical_noise_se), 1)  # N → ∞: 2.1
    (1.6, 0.1)

    References
    ----------
    Molgedey, Schuchhardt & Schuster (1992) [molgedey1992]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    networks, several = as_networks(network)
    grid = real_array(strengths, "strengths")
    increasing = grid.ndim == 1 and len(grid) >= 2 and bool(grid[0] >= 0) and bool((np.diff(grid) > 0).all())
    require(increasing, f"strengths {grid}", "at least two numbers ≥ 0, in increasing order")
    settings: dict[str, Any] = {"key": key, "duration": duration, "discard": discard, "dt": dt, **options}
    columns = []
    for i, strength in enumerate(grid.tolist()):
        part: dict[str, Any] = settings | {"progress": part_of(options.get("progress"), i, len(grid))}
        spectrum = lyapunov_spectrum(in_noise(networks, strength), **part).isel(exponent=0, drop=True)[
            ["lyapunov", "lyapunov_se"]
        ]
        columns.append(_over_runs(spectrum) if "run" in spectrum.dims else spectrum)
    data = xr.concat(columns, "noise", combine_attrs="override").assign_coords(noise=grid)
    data.noise.attrs.update(long_name="strength of the noise", units="")
    pairs = data.transpose("network", "noise")
    crossings = [_crossing(grid, *rows) for rows in zip(pairs.lyapunov.values, pairs.lyapunov_se.values, strict=True)]
    values, errors = np.array(crossings).T
    data["critical_noise"] = ("network", values, {"long_name": "critical strength of the noise", "units": ""})
    data["critical_noise_se"] = ("network", errors, {"long_name": "standard error", "units": ""})
    if several:
        data["mean_critical_noise"], data["mean_critical_noise_se"] = mean_and_error(data.critical_noise)
    configuration = {"strengths": grid, **settings, **network_entries(networks if several else networks[0])}
    configuration.pop("progress", None)
    data = data.assign_attrs(provenance("simulated", "single-run", ("molgedey1992", "schuecker2018"), configuration))
    return data if several else data.isel(network=0)


def _over_runs(spectrum: xr.Dataset) -> xr.Dataset:
    """Return the mean over independent runs, with its standard error from those of the runs."""
    error = np.sqrt((spectrum.lyapunov_se**2).sum("run", skipna=False)) / spectrum.sizes["run"]
    return xr.Dataset({"lyapunov": spectrum.lyapunov.mean("run", keep_attrs=True), "lyapunov_se": error})


def _crossing(strengths: np.ndarray, exponents: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Return the strength at the most likely change of sign from positive to negative, and its standard error.

    With k positive exponents followed by negative ones, the log-likelihood is −½ Σ (λ_i/s_i)² over the exponents of the
    wrong sign. At its maximum the exponents on both sides of the change have the right signs.

    Examples
    --------
    >>> _crossing(np.array([0.0, 1.0]), np.array([0.1, -0.1]), np.array([0.03, 0.04]))  # 0.05/0.4
    (0.5, 0.1249...)
    >>> _crossing(np.arange(4.0), np.array([0.1, -0.001, 0.1, -0.1]), np.full(4, 0.02))[0]
    2.5
    """
    if np.isnan(exponents).any():
        return float("nan"), float("nan")
    known = bool((errors > 0).all())
    deviations = exponents / errors if known else exponents
    negative, positive = (np.maximum(sign * deviations, 0) ** 2 for sign in (-1, 1))
    costs = np.append(0, np.cumsum(negative)) + np.append(np.cumsum(positive[::-1])[::-1], 0)
    k = int(np.argmin(costs))  # number of strengths below the change
    if k == 0:
        return 0.0, float("nan")
    if k == len(strengths):
        return float("inf"), float("nan")
    (first, second), (e1, e2) = exponents[k - 1 : k + 1], errors[k - 1 : k + 1]
    spacing, fall = strengths[k] - strengths[k - 1], first - second
    # ∂σ_c/∂λ is −spacing λ_{k+1}/fall² for the first exponent, and spacing λ_k/fall² for the second
    error = spacing / fall**2 * np.hypot(second * e1, first * e2)
    return float(strengths[k - 1] + spacing * first / fall), float(error)


__all__ = ["simulated_critical_noise"]
