"""Synchronisation by common noise: trajectories with different initial states in the same noise."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._contraction import contraction, distances
from noisette.analysis._options import TimeStep
from noisette.analysis._records import Records
from noisette.analysis._strengths import in_noise, part_of
from noisette.arguments import check_arguments
from noisette.averages import mean_and_error
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, ContinuousNetwork, Network, NetworkLike, as_networks
from noisette.probes import Lyapunov, Probe
from noisette.provenance import network_entries, provenance
from noisette.random_numbers import fold_in, uniform
from noisette.simulation import Adaptive, Stiff, TrialOptions, simulate

RECORDS = 500  # number of records of the distance in continuous time
TRANSIENT = 0.25  # fraction of the duration that the conditional exponent leaves out
STARTS = 1  # number folded into the key for the initial states of binary networks
REFERENCES = ("molgedey1992", "toral2001", "schuecker2018")
LABELS = {
    "distance": "distance per unit in the same noise",
    "synchronised": "whether the trajectories have met",
    "synchronisation_time": "time from which the distance stays below the tolerance",
    "rate": "growth rate of small distances",
    "rate_se": "standard error of the growth rate",
    "lyapunov": "largest conditional Lyapunov exponent",
    "lyapunov_se": "standard error of the exponent",
}


@check_arguments
@public_call
def synchronisation(
    network: NetworkLike | Sequence[NetworkLike],
    strengths: ArrayLike | None = None,
    *,
    starts: int = 2,
    key: KeyLike,
    duration: float = 200.0,
    dt: TimeStep | None = None,
    tolerance: float = 1e-6,
    **options: Unpack[TrialOptions],
) -> xr.Dataset:
    """Follow trajectories with different initial states in the same noise, and determine whether and when they meet.

    .. math:: d(t)^2 = \\frac1N \\sum_i (x_i(t) - y_i(t))^2 \\sim e^{2 \\lambda t}

    where λ is the largest conditional Lyapunov exponent. If λ < 0, the noise alone determines the state, up to the
    initial state if there are several attractors. Binary units in the same noise have the same random thresholds; d is
    the fraction of units that differ, which becomes zero at the coupling time, or stays positive.

    Parameters
    ----------
    network : a network or a trained network, or a sequence of them (dimension ``network``)
    strengths : factors of the noise of the network, or of White(1.0) if it has none (dimension ``noise``); by default
        the network is simulated in its own noise. The random numbers of all strengths are the same
    starts : number of initial states; for more than two, d² is averaged over all pairs
    key : an integer or a JAX key
    duration : length of each simulation, in the network's unit of time, or in steps for networks in discrete time
    dt : time step, as for `simulate`
    tolerance : distance below which trajectories have met
    **options : ``start``, initial states, as for `simulate`, by default random; ``runs``, the number of realisations of
        the noise for each network (dimension ``run``, absent for one); ``inputs``, ``solver``, ``warn`` and
        ``progress``, as for `simulate`

    Returns
    -------
    Dataset with ``distance`` (time); ``synchronisation_time``, from which the distance stays below the tolerance,
    infinite if it does not at the end; ``synchronised``, whether it does; ``rate``, the growth rate of distances that
    are small but above round-off, with ``rate_se`` (NaN where distances are never small); and, except for binary
    networks, ``lyapunov``, the conditional exponent of the first trajectory after a quarter of the time, with
    ``lyapunov_se``

    Raises
    ------
    InputError : fewer than two starts, a tolerance that is not positive, invalid arguments of `simulate`.

    See Also
    --------
    lyapunov_spectrum : Conditional exponents, without a second trajectory.
    TrajectorySeparation : The distance of two trajectories in the same noise, rescaled in every step.
    analysis.reliability : Reproducibility of responses to the same noise beside independent noise.
    analysis.simulated_critical_noise : The strength of the noise at which the exponent is zero.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(50, 50**-0.5, key=jax.random.key(0))
    >>> meeting = synchronisation(nz.RateNetwork(W, 1.5, noise=nz.White(2.0)), duration=100, dt=0.1, key=0)
    >>> bool(meeting.synchronised), bool(abs(meeting.rate / meeting.lyapunov - 1) < 0.3)
    (True, True)
    >>> boltzmann = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(10.0))
    >>> float(synchronisation(boltzmann, starts=3, duration=100, key=0).distance[-1])
    0.0

    References
    ----------
    Molgedey, Schuchhardt & Schuster (1992) [molgedey1992]; Toral, Mirasso, Hernández-García & Piro (2001)
    [toral2001]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    networks, several = as_networks(network)
    starts = integer(starts, "starts")
    require(starts >= 2, f"{starts} start", "at least two")
    tolerance = real_number(tolerance, "tolerance", "a distance above zero", lambda d: 0 < d < np.inf)
    runs, root = integer(options.get("runs", 1), "runs"), as_key(key)
    settings = _settings(networks[0], starts, duration, dt, root, options)
    if strengths is None:
        data = _at_one_strength(networks, runs, tolerance, settings)
    else:
        grid = real_array(strengths, "strengths")
        require(grid.ndim == 1 and len(grid) > 0 and bool((grid >= 0).all()), f"strengths {grid}", "numbers ≥ 0")
        columns = []
        for i, strength in enumerate(grid.tolist()):
            part = settings | {"progress": part_of(options.get("progress"), i, len(grid))}
            columns.append(_at_one_strength(in_noise(networks, strength), runs, tolerance, part))
        data = xr.concat(columns, "noise", combine_attrs="override").assign_coords(noise=grid)
        data.noise.attrs.update(long_name="strength of the noise", units="")
    configuration = {
        **{"strengths": strengths, "starts": starts, "duration": duration, "dt": dt, "tolerance": tolerance},
        **{"key": key, **options, **network_entries(networks if several else networks[0])},
    }
    configuration.pop("progress", None)
    data = data.assign_attrs(provenance("simulated", "single-run", REFERENCES, configuration))
    data = data if runs > 1 else data.isel(run=0)
    return data if several else data.isel(network=0)


def _settings(
    network: Network, starts: int, duration: float, dt: TimeStep | None, key: Any, options: TrialOptions
) -> dict[str, Any]:
    """Return the arguments of `simulate`, with the probes."""
    own = {name: value for name, value in options.items() if name in ("inputs", "solver", "warn", "progress")}
    settings: dict[str, Any] = {"key": key, "runs": starts, "start": options.get("start"), "common_noise": True, **own}
    if isinstance(network, BinaryNetwork) and settings["start"] is None:
        numbers = uniform(fold_in(key, STARTS), (starts, network.size))
        settings["start"] = np.where(np.asarray(numbers) < 0.5, 1.0, -1.0)
    if isinstance(network, ContinuousNetwork):
        settings |= {"duration": duration, "dt": dt}
    else:
        require(float(duration).is_integer(), f"duration {duration:g} in discrete time", "a whole number of steps")
        settings["steps"] = int(duration)
    exact = isinstance(own.get("solver"), Adaptive | Stiff) or own.get("solver") in ("adaptive", "stiff")
    interval = duration / RECORDS if isinstance(network, ContinuousNetwork) else 1.0
    probes: list[Probe] = [Records(interval)]
    if not exact and not isinstance(network, BinaryNetwork):
        probes.append(Lyapunov(discard=np.floor(TRANSIENT * duration)))
    return settings | {"probes": probes}


def _at_one_strength(networks: Sequence[Network], runs: int, tolerance: float, settings: dict[str, Any]) -> xr.Dataset:
    """Return the measures over (network, run) of networks in their own noise."""
    # realisations of the noise are simulated as networks of their own, and starts as the runs of `simulate`
    simulated = simulate([n for n in networks for _ in range(runs)], **settings)
    unit = networks[0].time_unit
    times = np.append(
        simulated.time.values, float(settings["duration"] if "duration" in settings else settings["steps"])
    )
    states = np.concatenate([simulated.trace.values, simulated.final.values[:, :, None]], axis=2)
    binary = isinstance(networks[0], BinaryNetwork)
    distance = np.array([distances(trial, binary) for trial in states])
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.sqrt(np.mean(states**2, axis=(1, 2, 3)))
    meetings = [contraction(times, d, float(size), tolerance) for d, size in zip(distance, sizes, strict=True)]
    meeting_time, rate, error = np.array(meetings).T
    columns = {"synchronised": np.isfinite(meeting_time), "synchronisation_time": meeting_time}
    if not binary:  # the distance of binary states is never small and positive
        columns |= {"rate": rate, "rate_se": error}
    if "lyapunov" in simulated:
        columns |= {name: simulated[name].values[:, 0, 0] for name in ("lyapunov", "lyapunov_se")}
    shape = (len(networks), runs)
    units = {"synchronisation_time": unit, **dict.fromkeys(("rate", "rate_se", "lyapunov", "lyapunov_se"), f"1/{unit}")}
    attrs = {name: {"long_name": text, "units": units.get(name, "")} for name, text in LABELS.items()}
    data: dict[str, Any] = {
        name: (("network", "run"), values.reshape(shape), attrs[name]) for name, values in columns.items()
    }
    data["distance"] = (("network", "run", "time"), distance.reshape(*shape, -1), attrs["distance"])
    time = ("time", times, {"long_name": "time t", "units": unit})
    return xr.Dataset(data, {"time": time})


@check_arguments
def synchronisation_summary(data: xr.Dataset) -> xr.Dataset:
    """Average the results of `synchronisation` over networks and realisations of the noise, with standard errors.

    Parameters
    ----------
    data : result of `synchronisation` for several networks, several runs, or both

    Returns
    -------
    Dataset, over ``noise`` if there are several strengths: ``lyapunov``, the mean conditional exponent, and ``rate``,
    the mean growth rate of small distances where it is determined, with ``lyapunov_se`` and ``rate_se``;
    ``synchronised``, the fraction of trials that meet, and the median ``synchronisation_time``, infinite if less than
    half of them do

    Raises
    ------
    InputError : data of a single trial, or of another function.

    Examples
    --------
    >>> import noisette as nz
    >>> unit = nz.RateNetwork([[0.5]], activation=nz.activations.linear)
    >>> data = synchronisation(unit, [0.0, 1.0], duration=50, dt=0.01, runs=3, key=0)
    >>> summary = synchronisation_summary(data)
    >>> summary.synchronised.values, summary.rate.values.round(2)
    (array([1., 1.]), array([-0.5, -0.5]))
    """
    require("synchronisation_time" in data, "data without synchronisation_time", "a result of synchronisation")
    trials = [dim for dim in ("network", "run") if dim in data.dims]
    require(len(trials) > 0, "data of a single trial", "several networks or runs")
    stacked = data.stack(trial=trials, create_index=False)
    summary = xr.Dataset()
    for name in ("lyapunov", "rate"):
        if name in stacked:
            summary[name], summary[f"{name}_se"] = mean_and_error(stacked[name], "trial")
            summary[name].attrs = summary[f"{name}_se"].attrs = data[name].attrs
    summary["synchronised"] = stacked.synchronised.mean("trial").assign_attrs(long_name="fraction of trials", units="")
    summary["synchronisation_time"] = stacked.synchronisation_time.median("trial", keep_attrs=True)
    return summary.assign_attrs(data.attrs)


__all__ = ["synchronisation", "synchronisation_summary"]
