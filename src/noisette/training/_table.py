"""Trained networks as a table for the comparison of groups."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.training._folder import Trained

UNITS = {"trials": "", "loss": "", "accuracy": "", "tau_excitatory": "ms", "tau_inhibitory": "ms"}


@check_arguments
def as_dataset(trained: Sequence[Trained]) -> xr.Dataset:
    """Return the outcomes of training of the networks of an ensemble as a dataset.

    Every variable carries the ``seed`` of the ensemble. Networks of the same number in ensembles of the same seed start
    from the same weights and see the same trials: `analysis.compare_groups` takes variables of such ensembles as pairs.

    Parameters
    ----------
    trained : networks, as returned by `train`

    Raises
    ------
    InputError : no networks, or networks of several seeds.

    Returns
    -------
    Dataset over ``network`` with ``success``, ``trials``, ``loss``, ``accuracy``, and ``tau_excitatory`` and
    ``tau_inhibitory``, means in ms

    Examples
    --------
    >>> from noisette.networks import TaskNetwork
    >>> network = TaskNetwork([[0.0, 0.5], [0.2, 0.1]], [1, -1], [-800.0, 800.0], [[1.0], [0.0]], [[1.0, 0.0]])
    >>> table = as_dataset([Trained(7, network, "trained", 102, 4.0, 0.97, np.zeros((1, 4)), seed=3)])
    >>> table.tau_inhibitory.values, table.network.values, table.tau_inhibitory.attrs
    (array([125.]), array([7]), {'units': 'ms', 'seed': 3})
    """
    require(len(trained) > 0, "no networks", "at least one")
    seeds = {member.seed for member in trained}
    require(
        len(seeds) == 1, f"networks of seeds {', '.join(map(str, sorted(seeds, key=str)))}", "one ensemble at a time"
    )
    seed = seeds.pop()
    rows = [member.row() for member in trained]
    seed_attrs = {} if seed is None else {"seed": seed}
    columns = {
        name: ("network", np.array([row[name] for row in rows], float), {"units": units, **seed_attrs})
        for name, units in UNITS.items()
    }
    columns["success"] = ("network", np.array([row["success"] for row in rows]), seed_attrs)
    return xr.Dataset(columns, {"network": [row["network"] for row in rows]}, seed_attrs)
