"""Lyapunov exponents over a part of a simulation, such as the time for which a parameter has one value."""

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.errors import real_number, require
from noisette.probes import block_error

ROUNDING = 1e-9  # of the ends of a window, in blocks


@check_arguments
def exponents_between(data: xr.Dataset, begin: float, end: float) -> xr.Dataset:
    """Lyapunov exponents over a part of the time of a simulation, from the blocks recorded by the probe `Lyapunov`.

    .. math:: \\lambda_i(a, b) = \\frac{b \\lambda_i(0, b) - a \\lambda_i(0, a)}{b - a}

    Here a and b are fractions of the time. This separates the phases of a simulation in which a parameter changes, and
    discards a transient afterwards.

    Parameters
    ----------
    data : result of `simulate` with the probe `Lyapunov`, or of `lyapunov_spectrum`
    begin, end : fractions of the time after the transient of `data`; the window consists of the blocks, up to 100 in
        the whole simulation, that lie between them

    Returns
    -------
    Dataset with ``lyapunov`` (…, exponent), its standard error ``lyapunov_se`` (NaN for fewer than 20 blocks) and
    ``lyapunov_running`` (…, share, exponent), the exponents from the first block of the window to the fraction
    ``share`` of the time of `data`

    Raises
    ------
    InputError : data without exponents, fractions outside [0, 1], a window that contains no block.

    See Also
    --------
    lyapunov_spectrum : Exponents over the whole time after a transient.
    Lyapunov : The probe whose results are divided.
    analysis.finite_time_exponents : The distribution of exponents over windows of a given length.

    Examples
    --------
    >>> import noisette as nz
    >>> unit = nz.RateNetwork([[0.5]], activation=nz.activations.linear)  # rate −1/2, and −1/4 with the Onsager term
    >>> network = nz.Onsager(unit, nz.Switch([10.0], [0.0, 1.0]))
    >>> data = nz.simulate(network, duration=20, dt=0.01, probes=nz.Lyapunov(), key=0)
    >>> for begin, end in ((0.0, 0.5), (0.5, 1.0)):
    ...     print(round(float(exponents_between(data, begin, end).lyapunov[0, 0]), 3))
    -0.501
    -0.25
    """
    allowed = "a result of simulate with the probe Lyapunov, or of lyapunov_spectrum"
    require("lyapunov_running" in data, "data without lyapunov_running", allowed)
    first, last = (real_number(value, name) for value, name in ((begin, "begin"), (end, "end")))
    require(0 <= first < last <= 1, f"a window from {first:g} to {last:g}", "fractions with 0 ≤ begin < end ≤ 1")
    running = data.lyapunov_running.transpose(..., "share", "exponent")
    blocks = running.sizes["share"]
    low, high = int(np.ceil(first * blocks - ROUNDING)), int(np.floor(last * blocks + ROUNDING))
    require(high > low, f"a window from {first:g} to {last:g}", f"at least one of {blocks} blocks between its ends")
    shares = running.share.values
    sums = np.concatenate([np.zeros_like(running.values[..., :1, :]), running.values * shares[:, None]], axis=-2)
    growth = np.diff(sums[..., low : high + 1, :], axis=-2)
    elapsed = shares[low:high] - low / blocks
    mean = np.cumsum(growth, axis=-2) / elapsed[:, None]
    error = np.asarray(block_error(np.moveaxis(growth * blocks, -2, 0)))
    window = running.isel(share=slice(low, high)).copy(data=mean)
    result = xr.Dataset({"lyapunov_running": window})
    result["lyapunov"] = data.lyapunov.transpose(..., "exponent").copy(data=mean[..., -1, :])
    result["lyapunov_se"] = data.lyapunov_se.transpose(..., "exponent").copy(data=error)
    result.lyapunov_se.attrs["blocks"] = str(high - low)
    return result.assign_attrs(data.attrs)


__all__ = ["exponents_between"]
