"""Names of units as coordinates of results."""

import numpy as np
import xarray as xr

from noisette.networks._base import Network

UNITS = ("unit", "other")  # dimensions of units, possibly with a prefix or a suffix, as in `final_unit`


def label_units(data: xr.Dataset, network: Network) -> xr.Dataset:
    """Return a result with the names of the units as coordinates of its dimensions of units.

    Results of networks without names are returned unchanged.

    Parameters
    ----------
    data : result whose dimensions of units are called ``unit``, ``other`` or end in ``_unit``
    network : network with or without ``unit_names``

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann([[0.0, 1.0], [1.0, 0.0]], unit_names=["AVAL", "AVAR"])
    >>> label_units(xr.Dataset({"mean": ("unit", [0.1, 0.2])}), network).unit.values.tolist()
    ['AVAL', 'AVAR']
    """
    if network.unit_names is None:
        return data
    names = np.array(network.unit_names)
    coords = {}
    for dim, size in data.sizes.items():
        if str(dim) not in UNITS and not str(dim).endswith("_unit"):
            continue
        if dim in data.coords:  # indices of the observed units
            attrs = {key: value for key, value in data[dim].attrs.items() if key != "units"}
            coords[dim] = (dim, names[np.asarray(data[dim].values, dtype=int)], attrs)
        elif size == len(names):
            coords[dim] = (dim, names)
    return data.assign_coords(coords)
