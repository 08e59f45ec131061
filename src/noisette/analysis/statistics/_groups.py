"""Validation of groups of values, their unit of analysis, and descriptive statistics."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike
from scipy.special import ndtri

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.provenance import provenance

Values = Mapping[Any, ArrayLike | xr.DataArray]

UNSTATED = "not stated: each value counts as independent"


@check_arguments
def per_network(
    values: Sequence[Any] | np.ndarray | Array | xr.DataArray,
    mask: Sequence[Any] | np.ndarray | Array | xr.DataArray | None = None,
    *,
    pooled: bool = False,
) -> xr.DataArray:
    """Mean over the units of each network: one value per network, the unit of analysis of the tests.

    .. math:: \\bar v_m = \\frac{1}{|S_m|} \\sum_{i \\in S_m} v_{mi}

    The units of one network are trained together and are not independent samples: 50 networks of 200 units are 50
    observations, not 10,000. Pooling units over networks makes every p value far too small. The option exists for
    comparison with papers that pool, and is recorded in the attribute ``unit_of_analysis`` of every result.

    Parameters
    ----------
    values : v, shape (network, unit), or one row per network where networks differ in size
    mask : S, mask of the units to average over, such as the inhibitory units, of the same shape; all units by default
    pooled : whether to return the values of all units, pooled over networks, instead of means

    Returns
    -------
    DataArray (network), or (unit) if pooled, with the attribute ``unit_of_analysis``

    Raises
    ------
    InputError : values and masks of different shapes, values that are not finite, networks without a selected unit.

    Examples
    --------
    >>> tau = [[20.0, 30.0, 100.0], [40.0, 120.0, 80.0]]
    >>> inhibitory = [[False, False, True], [False, True, True]]
    >>> per_network(tau, inhibitory).values
    array([100., 100.])
    >>> per_network(tau, inhibitory, pooled=True).attrs["unit_of_analysis"]
    'unit, pooled over networks'
    """
    for name, array in (("values", values), ("mask", mask)):
        is_scalar = isinstance(array, np.ndarray | Array | xr.DataArray) and array.ndim == 0
        require(not is_scalar, f"{name} of shape ()", "one row for each network")
    if isinstance(values, xr.DataArray) and "network" in values.dims:
        values = values.transpose("network", ...)
    rows = [real_array(row, "values", finite=False) for row in values]
    require(len(rows) > 0, "no network", "values of shape (network, unit)")
    one_dimensional = all(row.ndim == 1 for row in rows)
    require(one_dimensional, f"values of shape {np.shape(rows[0])} for a network", "values of shape (network, unit)")
    if isinstance(mask, xr.DataArray) and "network" in mask.dims:
        mask = mask.transpose("network", ...)
    masks = [np.ones(len(row), bool) for row in rows] if mask is None else [np.asarray(row, bool) for row in mask]
    valid = [row.shape for row in rows] == [row.shape for row in masks]
    require(valid, "a mask of another shape than the values", "one True or False per unit of each network")
    kept = [row[chosen] for row, chosen in zip(rows, masks, strict=True)]
    empty = [str(index) for index, row in enumerate(kept) if not len(row)]
    require(not empty, f"no selected unit in network {', '.join(empty)}", "at least one", "leave these networks out")
    invalid = sum(int((~np.isfinite(row)).sum()) for row in kept)
    require(invalid == 0, f"{invalid} values that are NaN or infinite", "finite values", "mask them")
    if pooled:
        return xr.DataArray(np.concatenate(kept), dims="unit", attrs={"unit_of_analysis": "unit, pooled over networks"})
    means = xr.DataArray([row.mean() for row in kept], dims="network", attrs={"unit_of_analysis": "network"})
    if isinstance(values, xr.DataArray):
        means.attrs |= {name: values.attrs[name] for name in ("seed",) if name in values.attrs}
        if "network" in values.coords:
            means = means.assign_coords(network=values.coords["network"])
    return means


@check_arguments
@public_call
def describe(values: Values) -> xr.Dataset:
    """Descriptive statistics of each group: number of values, mean, standard deviation and quartiles.

    Parameters
    ----------
    values : values of each group, by the name of the group

    Returns
    -------
    Dataset over ``group`` with ``n``, ``mean``, ``sd`` (with n − 1 in the denominator; NaN for a single value),
    ``median``, ``lower_quartile`` and ``upper_quartile``

    Raises
    ------
    InputError : no group, empty groups, values that are NaN or infinite.

    Examples
    --------
    >>> summary = describe({"C = 0": [1.0, 2.0, 3.0], "C = 10": [5.0, 7.0]})
    >>> summary["mean"].values, summary.sd.values.round(3)
    (array([2., 6.]), array([1.   , 1.414]))
    """
    groups = checked(values, least=1)
    summary = xr.Dataset(spread(groups), {"group": list(groups)})
    n = sum(len(group) for group in groups.values())
    description = {"n": n, "unit_of_analysis": unit_of_analysis(values)}
    return summary.assign_attrs(provenance("exact", "sample", (), {}, **description))


def spread(groups: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the variables of `describe`, which the results of tests include."""
    columns = {
        "n": [len(group) for group in groups.values()],
        "mean": [group.mean() for group in groups.values()],
        "sd": [group.std(ddof=1) if len(group) > 1 else np.nan for group in groups.values()],
        "median": [np.median(group) for group in groups.values()],
        "lower_quartile": [np.quantile(group, 0.25) for group in groups.values()],
        "upper_quartile": [np.quantile(group, 0.75) for group in groups.values()],
    }
    return {name: ("group", column) for name, column in columns.items()}


def checked(values: Values, least: int = 2) -> dict[str, np.ndarray]:
    """Return each group as a one-dimensional array of finite numbers, by its name; raise `InputError` otherwise."""
    require(
        len(values) >= least, f"{len(values)} groups", f"at least {least}", "give a mapping with one entry per group"
    )
    groups: dict[str, np.ndarray] = {}
    for name, numbers in values.items():
        row = real_array(numbers, f"group '{name}'", finite=False)
        require(
            row.ndim == 1, f"group '{name}' of shape {row.shape}", "a one-dimensional array", "reduce with per_network"
        )
        require(len(row) > 0, f"group '{name}' is empty", "at least one value in each group")
        invalid = int((~np.isfinite(row)).sum())
        require(invalid == 0, f"{invalid} of {len(row)} values of group '{name}' are NaN or infinite", "finite values")
        require(str(name) not in groups, f"two groups named '{name}'", "a different name for each group")
        groups[str(name)] = row
    return groups


def share_a_seed(values: Values) -> bool:
    """Return whether all groups have the attribute ``seed``, with the same value."""
    seeds = [group.attrs.get("seed") if isinstance(group, xr.DataArray) else None for group in values.values()]
    return None not in seeds and len(set(seeds)) == 1


def matched(values: Values) -> dict[str, np.ndarray]:
    """Return the values of the networks that all groups have in common, in the same order.

    Networks are matched by the coordinate ``network`` where all groups have it, otherwise by position.
    """
    groups = checked(values)
    labelled = [
        g for g in values.values() if isinstance(g, xr.DataArray) and "network" in g.coords and g.dims == ("network",)
    ]
    if len(labelled) == len(groups):
        shared = [
            network for network in labelled[0].network.values.tolist() if all(network in g.network for g in labelled)
        ]
        require(len(shared) > 0, "paired groups without a network in common", "the same networks in each group")
        return {name: g.sel(network=shared).values.astype(float) for name, g in zip(groups, labelled, strict=True)}
    sizes = [len(group) for group in groups.values()]
    require(len(set(sizes)) == 1, f"{' and '.join(map(str, sizes))} values", "pairs", "or test='rank-sum'")
    return groups


def unit_of_analysis(values: Values) -> str:
    """Return the unit of analysis recorded by `per_network`, or `UNSTATED`."""
    units = {
        group.attrs.get("unit_of_analysis") if isinstance(group, xr.DataArray) else None for group in values.values()
    }
    require(
        len(units - {None}) < 2,
        f"groups of different units of analysis: {units}",
        "one unit of analysis for all groups",
    )
    require(
        len(units) < 2, "groups of which only some have a unit of analysis", "per_network for all groups, or for none"
    )
    return units.pop() or UNSTATED


def normal_quantile(confidence: float) -> float:
    """Return the standard normal quantile of a two-sided confidence level."""
    require(0 < confidence < 1, f"confidence {confidence:g}", "between 0 and 1, such as 0.95")
    return float(ndtri((1 + confidence) / 2))
