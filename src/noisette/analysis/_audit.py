"""Audit of a time step: linear stability of the integration scheme, and comparison of runs with dt and dt/2."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Unpack

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.analysis._halving import BLOCKS, MEASURES, Blocks, Comparison, compare, scale_of
from noisette.analysis._lyapunov import longer
from noisette.analysis._options import AuditOptions, Progress
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, Onsager, Switch, as_network
from noisette.networks.step_size import Explicit
from noisette.noise import records_of
from noisette.probes import Lyapunov, Snapshots, Speed
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate
from noisette.simulation._judge import BOUND, diagnose
from noisette.simulation._stack import starts as starting_states
from noisette.simulation._step_size import Conditions, choose_step, round_down

RISING = 0.05  # largest fraction of steps on which the energy of a gradient flow may rise
AUDIT_RUNS = 8
MAX_COMPARISONS = 2  # largest number of comparisons per audit
MORE_RUNS = 4  # factor by which the second comparison increases the number of runs
CHECKED = 8  # times at which the stability is determined if γ changes in time, other than by jumps
DISPLACEMENT = 0.01  # rms displacement of the copies of a single start, relative to max(1, rms of the start)
Start = str | ArrayLike | Array | None
Inputs = Callable[[float], ArrayLike] | ArrayLike | Array | None


class RunParameters(NamedTuple):
    """Parameters common to all runs of an audit.

    Attributes
    ----------
    duration, discard : length of each run, and the transient to discard, in the network's unit of time
    exponents : number of Lyapunov exponents
    start, inputs : as for `simulate`
    comparisons : number of comparisons in one call, for the correction of the significance level
    halve : whether to repeat the runs with dt/2
    runs : number of runs of each network
    checked : times within the run at which the stability of the step is determined, in addition to the end
    """

    duration: float
    discard: float
    exponents: int
    start: Start
    comparisons: int = 1
    halve: bool = True
    runs: int = 1
    inputs: Inputs = None
    checked: tuple[float, ...] = ()


def audit_networks(
    networks: Sequence[ContinuousNetwork],
    members: list[int],
    dt: float,
    solver: Explicit,
    run: RunParameters,
    key,
    progress,
) -> xr.Dataset:
    """Return the measures of runs with dt, over gains of index `members`, and whether runs with dt/2 differ."""
    coarse = run_probes(networks, dt, solver, run, key, _part(progress, 0, 3 if run.halve else 1, 1))
    names = ["lyapunov", "lyapunov_se", "kinetic_energy", "mean_kinetic_energy", "rising"]
    data = coarse[[*names, "stability"]].isel(run=0).rename(network="gain")
    data["dt"] = ("gain", np.full(len(members), dt))
    data["finite"] = ("gain", np.isfinite(coarse.final.values[:, 0]).all(-1))
    differs = np.zeros(len(members), bool)
    if run.halve:
        fine = run_probes(networks, dt / 2, solver, run, key, _part(progress, 1, 3, 2), measured=False)
        states = starting_states(networks[0], run.start, 1, key)
        for i, network in enumerate(networks):
            comparison = _compare_steps(coarse.isel(network=i), fine.isel(network=i), network, states, run)
            differs[i] = comparison is not None and bool(comparison.differs.any())
    data["differs"] = ("gain", differs)
    return data.assign_coords(order=("gain", members))


def _part(progress: Progress | None, first: int, parts: int, share: int) -> Progress | None:
    """Return a callback that reports one simulation as a part of a comparison; with dt/2 it has twice as many steps."""
    if not callable(progress):
        return None
    if parts == 1:
        return progress
    return lambda step, steps: progress(first * steps + share * step, parts * steps)


def _compare_steps(
    coarse: xr.Dataset, fine: xr.Dataset, network: ContinuousNetwork, states: np.ndarray, run: RunParameters
) -> Comparison | None:
    """Return the differences between dt and dt/2, or None if a value is not finite."""
    blocks = [data[f"block_{name}"].values for data in (coarse, fine) for name in MEASURES]
    if not all(np.isfinite(values).all() for values in blocks):
        return None
    independent = run.runs > 1 and _random(run.start)
    return compare(coarse, fine, scale_of(network, states), comparisons=run.comparisons, independent=independent)


def _random(start: Start) -> bool:
    """Return whether each run has a random start."""
    return start is None or isinstance(start, str)


def run_probes(
    networks: Sequence[ContinuousNetwork],
    dt: float,
    solver: Explicit,
    run: RunParameters,
    key,
    progress: Progress | None,
    measured: bool = True,
) -> xr.Dataset:
    """Simulate all networks together with the probes of an audit; if not `measured`, with those of a comparison only.

    The exponents take about as many operations as the simulation itself, and longer to trace.
    """
    measures = [Lyapunov(run.exponents, discard=float(run.discard)), Speed()] if measured else []
    require(
        not dt > 0 or (run.duration - run.discard) / dt > BLOCKS - 0.01,
        f"discard {run.discard:g} of a duration {run.duration:g} in steps of {dt:g}",
        f"at least {BLOCKS} steps after the transient",
        "increase the duration",
    )
    start = run.start if run.runs == 1 else _displace(networks[0], run, key)
    return simulate(
        networks,
        probes=[
            *measures,
            *([Blocks(float(run.discard))] if run.halve else []),
            *([Snapshots(run.checked)] if run.checked else []),
        ],
        key=key,
        duration=run.duration,
        dt=dt,
        solver=solver,
        inputs=run.inputs,
        start=start,
        runs=run.runs,
        warn=False,  # the verdict of the audit replaces warnings
        progress=progress,
    )


def _displace(network: ContinuousNetwork, run: RunParameters, key) -> Start:
    """Return one start per run; copies of a single state are displaced by 1 %, so that chaotic runs decorrelate."""
    if _random(run.start):
        return run.start
    states = starting_states(network, run.start, run.runs, key)
    size = max(1.0, float(np.sqrt(np.mean(states**2))))
    displacements = np.random.default_rng(0).standard_normal(states.shape)
    displacements[0] = 0
    return states + DISPLACEMENT * size * displacements


def verdicts(data: xr.Dataset, gradient: bool) -> np.ndarray:
    """Return the verdict on each run; for gradient flows (`gradient`) a rising energy also counts as unstable."""
    unstable = data.stability.values > BOUND
    if gradient:
        unstable = unstable | (data.rising.values > RISING)
    lost = ~data.finite.values | np.isnan(data.lyapunov.values).any(-1)
    return np.where(
        lost, "diverged", np.where(unstable, "unstable", np.where(data.differs.values, "not converged", "ok"))
    )


@check_arguments
@public_call
def step_audit(
    network: NetworkLike,
    dt: float,
    *,
    key: KeyLike,
    duration: float = 50.0,
    discard: float = 0.0,
    runs: int = AUDIT_RUNS,
    **options: Unpack[AuditOptions],
) -> xr.Dataset:
    """Simulate a network with dt and with dt/2, and compare Lyapunov exponent, kinetic energy and variance.

    The verdict is "diverged" if a state becomes infinite. It is "unstable" if a decaying mode grows in steps of dt
    (`stability` above 2; for Euler's method at a stable state the stability is dt |μ|²/|Re μ|), or if the energy of a
    gradient flow, which decreases in continuous time, rises on more than 5 % of the steps. The stability is that at the
    end of the run; if γ of an `Onsager` network changes in time, it is the largest at the end, before every jump of a
    `Switch`, and at eight times of any other γ(t). It is "not converged" if dt
    and dt/2 differ by more than the tolerance (5 %, plus 0.02/τ for exponents) and significantly so, by Student's
    t-test over runs from different starts, with a familywise error rate of 1 % per audit. Otherwise it is "ok". Where
    differences exceed the tolerance but are not significant, as in chaos, the audit is repeated once with four times
    as many runs.

    Parameters
    ----------
    network : network in continuous time
    dt : time step, in the network's unit of time
    key : an integer or a JAX key
    duration, discard : length of each run, and the transient to discard, in the same unit
    runs : number of runs with each step, in the first comparison
    **options : ``start``, as for `simulate`; copies of a single state are displaced by 1 %. ``inputs``, as for
        `simulate`: a function of time, or an array for the steps of dt, held constant in those of dt/2. ``solver``,
        "euler" or "heun". ``progress``, True to show a bar, or a function called with (steps done, steps) of each
        comparison

    Returns
    -------
    Dataset over ``dt`` (dt and dt/2) with means over runs: ``lyapunov``, the largest exponent in 1/time;
    ``kinetic_energy`` per unit at the end, and ``mean_kinetic_energy`` per unit over the second half; ``rising``, the
    fraction of steps in the second half on which the energy rises; with ``stability`` and ``stiffness``, |μ|²/|Re μ|
    in 1/time (stability/dt);
    over ``measure`` ("lyapunov", "kinetic_energy", "variance") with ``difference`` (dt minus dt/2), ``difference_se``
    and ``tolerance``; in recorded noise, where both runs follow the same path, ``pathwise_difference``, the root mean
    square difference of the last states over runs and units; with the attributes ``verdict``, ``suggested_dt``, a
    rounded step that is stable at rest and at the start (dt/4, rounded, where that step is not shorter than dt although
    the verdict is not "ok"), and, unless the verdict is "ok", ``warning``

    Raises
    ------
    InputError : a network in discrete time, noise of infinite variance, fewer than ten steps after the transient,
        invalid arguments of `simulate`.

    See Also
    --------
    simulation.stable_step : The longest stable step at given states, without a run.
    analysis.strong_order : Errors of single paths against the step.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(50, 50**-0.5, self_coupling=False, key=jax.random.key(0))
    >>> audit = nz.step_audit(nz.Onsager(nz.RateNetwork(W, gain=12.0)), 0.01, duration=5, key=1)
    >>> audit.attrs["verdict"], audit.attrs["suggested_dt"]
    ('unstable', 0.001)
    """
    start, inputs, solver = options.get("start"), options.get("inputs"), options.get("solver", "euler")
    original, key = as_network(network, ContinuousNetwork), as_key(key)
    network, runs = original.dynamics(), integer(runs, "runs")
    _require_variance(network)
    longer(duration, discard)
    frozen = isinstance(network, Onsager) and not callable(network.gamma) and float(network.gamma) == 1
    gradient = frozen and network.noise is None
    checked = _times_to_check(network, dt, duration)
    run = RunParameters(
        duration, discard, 1, start, comparisons=MAX_COMPARISONS, runs=runs, inputs=inputs, checked=checked
    )
    progress = options.get("progress")
    parts, states, comparison = _simulate_both_steps(network, dt, solver, run, key, progress)
    if comparison is not None and runs > 1 and comparison.inconclusive.any():
        more = run._replace(runs=MORE_RUNS * runs)
        parts, states, comparison = _simulate_both_steps(network, dt, solver, more, key, progress)
    names = ["lyapunov", "kinetic_energy", "mean_kinetic_energy", "rising"]
    means = [part[names].mean("run", skipna=False).isel(exponent=0, drop=True) for part in parts]
    steps = ("dt", [dt, dt / 2], {"long_name": "time step dt", "units": network.time_unit})
    data = xr.concat(means, "dt").assign_coords(dt=steps)
    data["stability"] = ("dt", [float(part.stability) for part in parts])
    data["stiffness"] = data.stability / data.dt
    with_checks = data.assign(
        lyapunov=data.lyapunov.expand_dims("exponent", -1),
        finite=("dt", [bool(np.isfinite(part.final.values).all()) for part in parts]),
        differs=("dt", np.full(2, comparison is not None and bool(comparison.differs.any()))),
    )
    verdict = str(verdicts(with_checks, gradient)[0])
    attrs = provenance(
        "simulated",
        "single-run",
        ("huang2025",),
        {
            **{"duration": duration, "discard": discard, "dt": dt, "runs": len(states), "solver": solver},
            **{"start": start, "inputs": inputs, "key": key},
            **network_entries(original),
        },
    )
    if comparison is not None:
        columns = dict(zip(("difference", "difference_se", "tolerance"), comparison, strict=False))
        named = {name: ("measure", column) for name, column in columns.items()}
        data = data.assign(named).assign_coords(measure=list(MEASURES))
    data = data.assign(_pathwise(network, parts))
    signal = _signal_at(inputs, 0.0, dt)
    suggested = choose_step([network], Conditions(states, (signal,), duration), solver)[0]
    if suggested >= dt and verdict != "ok":
        suggested = round_down(dt / 4)
    warning = _warning(verdict, data, comparison, dt, suggested)
    return data.assign_attrs({**attrs, "verdict": verdict, "suggested_dt": suggested, **warning})


def _require_variance(network: ContinuousNetwork) -> None:
    require(
        network.noise is None or network.noise.has_variance,
        "step_audit of a network in noise of infinite variance",
        "it compares variances and mean energies",
        "compare medians of simulations with dt and dt/2",
    )


def _simulate_both_steps(
    network: ContinuousNetwork, dt: float, solver: Explicit, run: RunParameters, key, progress: Progress | None
) -> tuple[list[xr.Dataset], np.ndarray, Comparison | None]:
    """Return the runs with dt and with dt/2, their starts, and their comparison (None if a value is not finite)."""
    inputs = run.inputs
    held = inputs if inputs is None or callable(inputs) else np.repeat(np.asarray(inputs), 2, axis=0)
    steps = ((dt, inputs), (dt / 2, held))
    reports = (_part(progress, 0, 3, 1), _part(progress, 1, 3, 2))
    parts = [
        _with_largest_stability(
            run_probes([network], step, solver, run._replace(inputs=signal), key, report).isel(network=0),
            (network, step, solver, signal),
        )
        for (step, signal), report in zip(steps, reports, strict=True)
    ]
    states = starting_states(network, _displace(network, run, key) if run.runs > 1 else run.start, run.runs, key)
    return parts, states, _compare_steps(parts[0], parts[1], network, states, run)


def _times_to_check(network: ContinuousNetwork, dt: float, duration: float) -> tuple[float, ...]:
    """Return the times within a run, at least a step apart, at which the stability may differ from that at the end."""
    valid = 0 < dt < duration < np.inf  # otherwise the simulation refuses the step
    if not valid or not isinstance(network, Onsager) or not callable(network.gamma):
        return ()
    if isinstance(network.gamma, Switch):
        times = np.asarray(network.gamma.times) - dt
    else:
        times = np.arange(CHECKED) * duration / CHECKED
    times = times[(times >= 0) & (times < duration - 1.5 * dt)]
    steps = np.round(times / dt)
    return tuple(times[np.diff(steps, prepend=-1) > 0].tolist())


def _with_largest_stability(data: xr.Dataset, step: tuple[ContinuousNetwork, float, Explicit, Inputs]) -> xr.Dataset:
    """Return a run with its largest stability number at the end and at the snapshots of its first run, if any."""
    network, dt, solver, inputs = step
    products = [float(data.stability)]
    if "snapshots" in data:
        states = data.snapshots.isel(run=0)
        for time, units in zip(states["snapshot"].values, states.values, strict=True):
            if np.isfinite(units).all():
                signal = _signal_at(inputs, float(time), dt)
                products.append(diagnose(network, units, float(time), signal, dt, solver)[0])
    return data.assign(stability=max(products))


def _signal_at(inputs: Inputs, time: float, dt: float) -> Array | None:
    """Return the inputs at a time, shape (channels,), or None if there are none."""
    if inputs is None:
        return None
    value = inputs(time) if callable(inputs) else np.asarray(inputs)[round(time / dt)]
    return jnp.atleast_1d(jnp.asarray(value, float))


def _pathwise(network: ContinuousNetwork, parts: Sequence[xr.Dataset]) -> dict[str, xr.DataArray]:
    """Return the difference of the last states with dt and dt/2, if recorded noise gives both runs the same path."""
    if not records_of(network):
        return {}
    gap = np.sqrt(np.mean((parts[0].final.values - parts[1].final.values) ** 2))
    return {"pathwise_difference": xr.DataArray(gap, attrs={"long_name": "rms difference of last states", "units": ""})}


def _warning(
    verdict: str, data: xr.Dataset, comparison: Comparison | None, dt: float, suggested: float
) -> dict[str, str]:
    """Return the attribute ``warning`` of a verdict; empty for "ok"."""
    percent_rising = 100 * float(data.rising[0])
    stability = float(data.stability[0])
    bound = f"an explicit step is stable only for dt < {BOUND * dt / stability:.2g}; " if stability > 0 else ""
    differ = (
        f"dt and dt/2 differ in {comparison.summary()}; " if comparison is not None and comparison.differs.any() else ""
    )
    messages = {
        "diverged": f"the state became infinite with dt {dt:g}; dt={suggested:g} is stable at rest and at the start",
        "unstable": f"dt {dt:g} is too long: {bound}the kinetic energy rises on {percent_rising:.0f} % of the steps; "
        f"{differ}use dt={suggested:g}",
        "not converged": f"dt {dt:g} is too long to approximate the differential equation: {differ}compare with "
        f"dt={suggested:g}",
    }
    return {"warning": messages[verdict]} if verdict in messages else {}
