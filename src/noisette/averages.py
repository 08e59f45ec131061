"""Averages over networks, with standard errors."""

import numpy as np
import xarray as xr


def mean_and_error(values: xr.DataArray, over: str = "network") -> tuple[xr.DataArray, xr.DataArray]:
    """Return the mean over networks and its standard error; NaN values are ignored.

    The standard error is s/√n, with the sample standard deviation s of the n values that are not NaN.

    Parameters
    ----------
    values : values with a dimension for the networks
    over : name of that dimension

    Returns
    -------
    mean and standard error, without the dimension `over`; the standard error of a single network is NaN

    Examples
    --------
    >>> mean, error = mean_and_error(xr.DataArray([1.0, 3.0], dims="network"))
    >>> float(mean), float(error)
    (2.0, 1.0)
    """
    mean, count = values.mean(over), values.notnull().sum(over)
    if values.sizes[over] < 2:
        return mean, mean * np.nan
    return mean, values.std(over, ddof=1) / np.sqrt(count)


__all__ = ["mean_and_error"]
