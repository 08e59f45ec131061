"""The measure of populations for study files."""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.analysis._populations import population_activity
from noisette.networks import Populations

STABILITY = ("bulk", "outlier")  # undetermined unless activity is a fixed point


def of_populations(
    populations: Populations,
    gain: float,
    /,
    *,
    key: PRNGKeyArray,
    simulate: bool = False,
    networks: int = 8,
    duration: float = 200.0,
    discard: float = 50.0,
    dt: float = 0.05,
    start_mean: float | list[float] = 0.0,
    start_variance: float | list[float] = 1.0,
    start_overlap: float | list[float] = 0.1,
) -> xr.Dataset:
    """Return the activity of populations at one gain, as `population_activity`.

    Parameters
    ----------
    populations : ensemble of weights, activations, time constants, biases and noise
    gain : g
    key : random key of simulated networks
    simulate : whether to simulate networks as well
    networks, duration, discard, dt, start_mean, start_variance, start_overlap : as for `population_activity`. The
        edge of the bulk and the outlier are absent unless activity is a fixed point

    Examples
    --------
    >>> import jax, noisette as nz
    >>> populations = nz.networks.Populations(nz.ensembles.gaussian(400))
    >>> data = of_populations(populations, 2.0, key=jax.random.key(0))
    >>> float(data.lyapunov) == float(nz.theory.mean_field(nz.activations.tanh, 2.0).lyapunov), "bulk" in data
    (True, False)
    """
    starts: dict[str, Any] = {
        "start_mean": start_mean,
        "start_variance": start_variance,
        "start_overlap": start_overlap,
    }
    run: dict[str, Any] = {}
    if simulate:
        run = {"networks": networks, "key": key, "duration": duration, "discard": discard, "dt": dt}
    data = population_activity(populations, float(gain), simulate=simulate, **starts, **run)
    names = [str(name) for name, values in data.data_vars.items() if values.size == 0]  # overlaps of rank zero
    names += [name for name in STABILITY if name in data and not np.isfinite(data[name].values).all()]
    names += [str(name) for name in data.data_vars if str(name).endswith("_se") and networks == 1]
    data = data.drop_vars([*names, "gain"], errors="ignore")
    used = {dim for values in data.data_vars.values() for dim in values.dims}
    return data.drop_vars([name for name in data.coords if name not in used])


__all__ = ["of_populations"]
