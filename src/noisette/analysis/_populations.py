"""Activity of populations: mean-field theory, with simulated networks beside it."""

from typing import Any, Unpack

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette import theory
from noisette.analysis._lyapunov import longer
from noisette.analysis._options import PopulationOptions, Progress, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import Populations
from noisette.noise import by_place
from noisette.probes import Lyapunov, Trace
from noisette.progress import counted
from noisette.simulation import simulate as simulation
from noisette.theory.populations import Start

MEASURED = ("mean", "variance", "variance_of_means", "rate", "rate_square", "lyapunov")
OVER_LAGS = ("current_autocovariance", "rate_autocovariance")
# those of theory.population_mean_field
DEFAULT_START: dict[str, Any] = {"start_mean": 0.0, "start_variance": 1.0, "start_overlap": 0.1}
APART = 0.5  # time between recorded states, in units of the shortest time constant, unless lags require a shorter one


@check_arguments
@public_call
def population_activity(
    populations: Populations,
    gain: ArrayLike | Array = 1.0,
    lags: ArrayLike | Array | None = None,
    *,
    simulate: bool = False,
    networks: int = 8,
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[PopulationOptions],
) -> xr.Dataset:
    """Predict the stationary activity of populations and, optionally, simulate networks for comparison.

    Networks are drawn from the ensemble and simulated from the start that the theory has, by Heun's method, or by
    Euler's method in noise that is not on the current; averages are over the units of a population and time, and
    standard errors are those over networks. Differences of order 1/N, and dt² or dt, are not contained in them. Theory
    of weights that are correlated in the two directions is sampled, and does not depend on the start.

    Parameters
    ----------
    populations, gain, lags : as for `theory.population_mean_field`
    simulate : whether to simulate as well
    networks : number of networks
    key : an integer or a JAX key, for weights, starts and noise, and for theory that is sampled
    progress : True to show a bar, or a function called with (networks done, networks), over all gains
    **options : ``start_mean``, ``start_variance`` and ``start_overlap``, as for `theory.population_mean_field`;
        ``duration`` (200) and ``discard`` (50), length of each run and the transient to discard, and ``dt`` (0.05), the
        time step, in units of the time constants

    Raises
    ------
    InputError : As for `theory.population_mean_field` and `simulate`; lags that are not multiples of the time step.

    Returns
    -------
    Dataset as returned by `theory.population_mean_field`, or by `theory.reciprocal_mean_field` with its exponent if
    weights of the two directions are correlated; with a simulation also ``simulated_…`` with ``…_se`` for the
    means, variances, rates, exponent and autocovariances. An ensemble that has no theory is simulated alone.

    See Also
    --------
    theory.population_mean_field : Theory alone.
    networks.Populations : Draws a network for your own simulation.
    correlations : Covariances of pairs of units, for one population.

    Examples
    --------
    >>> import noisette as nz
    >>> ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [300, 100])
    >>> populations = nz.networks.Populations(ensemble, bias=0.5, noise=nz.White(0.5))
    >>> data = population_activity(populations, 0.5, simulate=True, networks=4, duration=60, discard=20)
    >>> bool((abs(data.simulated_variance - data.variance) < 4 * data.simulated_variance_se + 0.02).all())
    True

    References
    ----------
    Kadmon & Sompolinsky (2015) [kadmon2015]; Mastrogiuseppe & Ostojic (2018) [mastrogiuseppe2018].
    """
    gains = real_array(gain, "gain")
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    starts: dict[str, Any] = {name: options[name] for name in options if name.startswith("start_")}  # type: ignore[literal-required]
    count, root = integer(networks, "networks", 1), as_key(key)
    if not simulate:
        return _theory(populations, gains, lags, starts, root)
    run = _run_of(options, populations, lags)
    points = [(float(g), number) for g in gains.ravel() for number in range(count)]
    # theory first, as it refuses what it does not cover in less time than a simulation
    predicted = _predicted(populations, gains, lags, starts, root)
    given = {**DEFAULT_START, **starts}
    rank = populations.ensemble.left_vectors(key=root).shape[1]
    start = theory.populations.start_of(len(populations.sizes), rank, *given.values())
    rows = [
        _measured(populations, g, jax.random.fold_in(root, number), start, run)
        for g, number in counted(points, progress)
    ]
    parts = [rows[i * count : (i + 1) * count] for i in range(gains.size)]
    averages = [_averages(xr.concat(part, "network")) for part in parts]
    index = xr.DataArray(gains.ravel(), dims="gain", name="gain")
    measured = xr.concat(averages, index) if gains.ndim else averages[0]
    data = measured if predicted is None else predicted.assign(measured.variables)
    configuration = {"networks": count, "key": key, **run}
    return data.assign_attrs(
        simulated_estimator="single-run", simulated_configuration=repr(configuration), **seed_entry(key)
    )


def _predicted(
    populations: Populations, gains: np.ndarray, lags: Any, starts: dict[str, Any], key: PRNGKeyArray
) -> xr.Dataset | None:
    """Return the theory, or None for an ensemble that has none."""
    try:
        populations.ensemble.statistics()
    except ValueError:  # InputError of an ensemble that can only be simulated
        return None
    return _theory(populations, gains, lags, starts, key)


def _theory(
    populations: Populations, gains: np.ndarray, lags: Any, starts: dict[str, Any], key: PRNGKeyArray
) -> xr.Dataset:
    """Return the theory, that of correlated weights of the two directions if there are any."""
    if not populations.ensemble.statistics().reciprocity.any():
        return theory.population_mean_field(populations, gains if gains.ndim else float(gains), lags, **starts)
    options: dict[str, Any] = {"exponent": True, "key": jax.random.fold_in(key, 3)}
    rows = [theory.reciprocal_mean_field(populations, float(g), lags, **options) for g in gains.ravel()]
    if not gains.ndim:
        return rows[0]
    index = xr.DataArray(gains.ravel(), dims="gain", name="gain")
    return xr.concat(rows, index, join="outer", combine_attrs="override")


def _run_of(options: PopulationOptions, populations: Populations, lags: Any) -> dict[str, Any]:
    """Return duration, transient, step, number of steps between recorded states, and lags in recorded states."""
    duration, discard = options.get("duration", 200.0), options.get("discard", 50.0)
    dt = real_number(options.get("dt", 0.05), "dt", "a time step above zero", lambda step: 0 < step < np.inf)
    longer(duration, discard)
    every = max(1, int(APART * float(populations.tau.min()) / dt))
    steps = np.zeros(0, int)
    if lags is not None:
        times = np.abs(real_array(lags, "lags").reshape(-1))
        steps = np.rint(times / dt).astype(int)
        off = float(np.abs(times / dt - steps).max(initial=0.0))
        require(off < 1e-6, f"lags {off * dt:.3g} from the nearest step", f"multiples of dt = {dt:g}")
        require(
            bool((times < duration - discard).all()), f"lags up to {times.max(initial=0.0):g}", "shorter than the run"
        )
        every = int(np.gcd.reduce(np.append(steps, every)))
    return {"duration": duration, "discard": discard, "dt": dt, "every": every, "lags": steps // every}


def _measured(
    populations: Populations, gain: float, key: PRNGKeyArray, start: Start, run: dict[str, Any]
) -> xr.Dataset:
    """Return averages over the populations of one network."""
    network = populations.network(gain, key=key)
    member = populations.ensemble.populations
    left = populations.ensemble.left_vectors(key=jax.random.fold_in(key, 0))
    normal = np.asarray(jax.random.normal(jax.random.fold_in(key, 1), (network.size,), float))
    state = start.mean[member] + np.sqrt(start.variance[member]) * normal + gain * left @ start.overlap
    probes = [Trace(every=run["every"]), Lyapunov(1, discard=run["discard"])]
    # the error of Heun's method is of order dt², but it needs noise on the current
    solver = "heun" if set(by_place(populations.noise)) <= {"current"} else "euler"
    settings = {"duration": run["duration"], "dt": run["dt"], "solver": solver, "key": jax.random.fold_in(key, 2)}
    data = simulation(network, probes=probes, start=state, warn=False, **settings).isel(run=0)
    data = data.sel(time=slice(run["discard"], None))
    x = data.trace.values
    phi = np.asarray(network.rate(jax.numpy.asarray(x)))
    groups = [np.flatnonzero(member == p) for p in range(len(populations.sizes))]
    over = "population"
    values = {
        "mean": (over, [x[:, i].mean() for i in groups]),
        "variance": (over, [x[:, i].var() for i in groups]),
        "variance_of_means": (over, [_between(x[:, i]) for i in groups]),
        "rate": (over, [phi[:, i].mean() for i in groups]),
        "rate_square": (over, [(phi[:, i] ** 2).mean() for i in groups]),
        "lyapunov": float(data.lyapunov.values.ravel()[0]),
    }
    for name, activity in zip(OVER_LAGS, (x, phi), strict=True):
        if len(run["lags"]):
            rows = [_autocovariance(activity[:, i], run["lags"]) for i in groups]
            values[name] = ((over, "lag"), rows)
    return xr.Dataset(values, {over: np.arange(len(groups))})


def _between(x: np.ndarray) -> float:
    """Return the variance over units of their means over time, as the covariance of the means over two halves."""
    halves = np.array_split(x, 2)
    first, second = (half.mean(0) for half in halves)
    return float(((first - first.mean()) * (second - second.mean())).mean())


def _autocovariance(x: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """Return the autocovariance about the mean of each unit over time, corrected for the variance of this mean.

    The mean over time of the run has the variance v₀ that the means of its halves imply, var of their difference / 4.
    """
    halves = np.array_split(x, 2)
    spread = float(np.square(halves[0].mean(0) - halves[1].mean(0)).mean()) / 4
    deviation = x - x.mean(0)
    return np.array([(deviation[: len(x) - k] * deviation[k:]).mean() + spread for k in lags])


def _averages(data: xr.Dataset) -> xr.Dataset:
    """Return means and standard errors over networks."""
    count = data.sizes["network"]
    parts = {}
    for name, values in data.data_vars.items():
        label = str(values.attrs.get("long_name", name))
        parts[f"simulated_{name}"] = values.mean("network").assign_attrs(long_name=f"simulated {label}")
        error = values.std("network", ddof=1) / np.sqrt(count) if count > 1 else values.mean("network") * np.nan
        parts[f"simulated_{name}_se"] = error.assign_attrs(long_name=f"standard error of simulated {label}")
    return xr.Dataset(parts)


__all__ = ["population_activity"]
