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
from noisette.errors import integer, refuse_unknown, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, Onsager, as_network
from noisette.networks.step_size import Explicit
from noisette.probes import Lyapunov, Speed
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate
from noisette.simulation._judge import BOUND
from noisette.simulation._stack import starts as starting_states
from noisette.simulation._step_size import Conditions, choose_step, round_down

RISING = 0.05  # largest fraction of steps on which the energy of a gradient flow may rise
AUDIT_RUNS = 8
LOOKS, MORE = 2, 4  # largest number of comparisons per audit, and the factor of runs in the second one
APART = 0.01  # rms distance between the starts of an audit from one state, relative to its size (at least to 1)
Start = str | ArrayLike | Array | None
Inputs = Callable[[float], ArrayLike] | ArrayLike | Array | None


class Runs(NamedTuple):
    """Parameters common to all runs of an audit.

    Attributes
    ----------
    duration, discard : length of each run, and the transient to discard, in the network's unit of time
    exponents : number of Lyapunov exponents
    start, inputs : as for `simulate`
    comparisons : number of comparisons in one call
    halve : whether to repeat the runs with dt/2
    runs : number of runs of each network
    """

    duration: float
    discard: float
    exponents: int
    start: Start
    comparisons: int = 1
    halve: bool = True
    runs: int = 1
    inputs: Inputs = None


def audited(
    family: Sequence[ContinuousNetwork], members: list[int], dt: float, solver: Explicit, run: Runs, key, progress
) -> xr.Dataset:
    """Return the measures of runs with dt, over gains, and whether runs with dt/2 differ."""
    coarse = measured(family, dt, solver, run, key, _part(progress, 0, 3 if run.halve else 1, 1))
    names = ["lyapunov", "lyapunov_se", "kinetic_energy", "mean_kinetic_energy", "rising"]
    data = coarse[[*names, "stability"]].isel(run=0).rename(network="gain")
    data["dt"] = ("gain", np.full(len(members), dt))
    data["finite"] = ("gain", np.isfinite(coarse.final.values[:, 0]).all(-1))
    differs = np.zeros(len(members), bool)
    if run.halve:
        fine = measured(family, dt / 2, solver, run, key, _part(progress, 1, 3, 2))
        states = starting_states(family[0], run.start, 1, key)
        for i, network in enumerate(family):
            comparison = _compared(coarse.isel(network=i), fine.isel(network=i), network, states, run)
            differs[i] = comparison is not None and bool(comparison.differs.any())
    data["differs"] = ("gain", differs)
    return data.assign_coords(order=("gain", members))


def _part(progress: Progress | None, first: int, parts: int, share: int) -> Progress | None:
    """Return a callback that reports one simulation as a part of a comparison; dt/2 takes twice as many steps."""
    if progress is None or parts == 1:
        return progress
    return lambda step, steps: progress(first * steps + share * step, parts * steps)


def _compared(
    coarse: xr.Dataset, fine: xr.Dataset, network: ContinuousNetwork, states: np.ndarray, run: Runs
) -> Comparison | None:
    """Return the differences between dt and dt/2, or None if a value is not finite."""
    blocks = [data[f"block_{name}"].values for data in (coarse, fine) for name in MEASURES]
    if not all(np.isfinite(values).all() for values in blocks):
        return None
    independent = run.runs > 1 and _random(run.start)
    return compare(coarse, fine, scale_of(network, states), comparisons=run.comparisons, independent=independent)


def _random(start: Start) -> bool:
    return start is None or isinstance(start, str)


def measured(
    family: Sequence[ContinuousNetwork], dt: float, solver: Explicit, run: Runs, key, progress: Progress | None
) -> xr.Dataset:
    """Simulate all networks together with the probes of an audit."""
    probe = Lyapunov(run.exponents, discard=float(run.discard))
    require(
        not dt > 0 or (run.duration - run.discard) / dt > BLOCKS - 0.01,
        f"discard {run.discard:g} of a duration {run.duration:g} in steps of {dt:g}",
        f"at least {BLOCKS} steps are counted",
    )
    start = run.start if run.runs == 1 else _spread(family[0], run, key)
    return simulate(
        family,
        probes=[probe, Speed(), Blocks(float(run.discard))] if run.halve else [probe, Speed()],
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


def _spread(network: ContinuousNetwork, run: Runs, key) -> Start:
    """Return one start per run; copies of a single state are displaced by 1 %, so that chaotic runs decorrelate."""
    if _random(run.start):
        return run.start
    states = starting_states(network, run.start, run.runs, key)
    size = max(1.0, float(np.sqrt(np.mean(states**2))))
    shifts = np.random.default_rng(0).standard_normal(states.shape)
    shifts[0] = 0
    return states + APART * size * shifts


def verdicts(data: xr.Dataset, gradient: bool) -> np.ndarray:
    """Return the verdict on each run; for gradient flows (`gradient`) a rising energy also counts as unstable."""
    unstable = data.stability.values > BOUND
    if gradient:
        unstable = unstable | (data.rising.values > RISING)
    lost = ~data.finite.values | np.isnan(data.lyapunov.values).any(-1)
    return np.where(
        lost, "diverged", np.where(unstable, "unstable", np.where(data.differs.values, "not converged", "ok"))
    )


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
    """Simulate a network with dt and with dt/2, and compare exponent, energy and variance.

    The verdict is "diverged" if a state becomes infinite. It is "unstable" if a decaying mode grows in steps of dt
    (`stability` above 2; for Euler's method at a stable state the stability is dt |μ|²/|Re μ|), or if the energy of a
    gradient flow, which decreases in continuous time, rises on more than 5 % of the steps. It is "not converged" if dt
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
        "euler" or "heun"

    Returns
    -------
    Dataset over ``dt`` with ``lyapunov`` and ``kinetic_energy`` (means over runs), ``rising``, the fraction of steps on
    which the energy rises, ``stability`` and ``sharpness`` (stability/dt); over ``measure`` ("lyapunov",
    "kinetic_energy", "variance") with ``difference``, ``difference_se`` and ``tolerance``; with the attributes
    ``verdict``, ``suggested_dt``, a rounded step that is stable at rest and at the start, and, unless the verdict is
    "ok", ``warning``

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(0))
    >>> audit = nz.step_audit(nz.Onsager(nz.RateNetwork(W, gain=12.0)), 0.01, duration=20, key=1)
    >>> audit.attrs["verdict"], audit.attrs["suggested_dt"]
    ('unstable', 0.001)
    """
    refuse_unknown(options, AuditOptions, "step_audit")
    start, inputs, solver = options.get("start"), options.get("inputs"), options.get("solver", "euler")
    original, key = as_network(network, ContinuousNetwork), as_key(key)
    network = original.dynamics()
    runs = integer(runs, "runs")
    longer(duration, discard)
    gradient = isinstance(network, Onsager) and not callable(network.gamma) and float(network.gamma) == 1
    gradient = gradient and network.noise is None
    run = Runs(duration, discard, 1, start, comparisons=LOOKS, runs=runs, inputs=inputs)
    parts, states, comparison = _halved(network, dt, solver, run, key)
    if comparison is not None and runs > 1 and comparison.open.any():
        parts, states, comparison = _halved(network, dt, solver, run._replace(runs=MORE * runs), key)
    names = ["lyapunov", "kinetic_energy", "mean_kinetic_energy", "rising"]
    means = [part[names].mean("run", skipna=False).isel(exponent=0, drop=True) for part in parts]
    data = xr.concat(means, "dt").assign_coords(dt=[dt, dt / 2])
    data["stability"] = ("dt", [float(part.stability) for part in parts])
    data["sharpness"] = data.stability / data.dt
    finite = [bool(np.isfinite(part.final.values).all()) for part in parts]
    judged = data.assign(
        lyapunov=data.lyapunov.expand_dims("exponent", -1),
        finite=("dt", finite),
        differs=("dt", np.full(2, comparison is not None and bool(comparison.differs.any()))),
    )
    verdict = str(verdicts(judged, gradient)[0])
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
        data = data.assign({name: ("measure", column) for name, column in columns.items()})
        data = data.assign_coords(measure=list(MEASURES))
    signal = None
    if inputs is not None:
        signal = jnp.atleast_1d(jnp.asarray(inputs(0.0) if callable(inputs) else inputs[0], float))
    suggested = choose_step([network], Conditions(states, (signal,), duration), solver)[0]
    if suggested >= dt and verdict != "ok":
        suggested = round_down(dt / 4)
    warning = _explained(verdict, data, comparison, dt, suggested)
    return data.assign_attrs({**attrs, "verdict": verdict, "suggested_dt": suggested, **warning})


def _halved(
    network: ContinuousNetwork, dt: float, solver: Explicit, run: Runs, key
) -> tuple[list[xr.Dataset], np.ndarray, Comparison | None]:
    """Return the runs with dt and with dt/2, their starts, and their differences."""
    inputs = run.inputs
    held = inputs if inputs is None or callable(inputs) else np.repeat(np.asarray(inputs), 2, axis=0)
    steps = ((dt, inputs), (dt / 2, held))
    parts = [
        measured([network], step, solver, run._replace(inputs=signal), key, None).isel(network=0)
        for step, signal in steps
    ]
    states = starting_states(network, _spread(network, run, key) if run.runs > 1 else run.start, run.runs, key)
    return parts, states, _compared(parts[0], parts[1], network, states, run)


def _explained(
    verdict: str, data: xr.Dataset, comparison: Comparison | None, dt: float, suggested: float
) -> dict[str, str]:
    """Return the attribute ``warning`` of a verdict; empty for "ok"."""
    share = 100 * float(data.rising[0])
    product = float(data.stability[0])
    bound = f"an explicit step is stable only for dt < {BOUND * dt / product:.2g}; " if product > 0 else ""
    differ = (
        f"dt and dt/2 differ in {comparison.words()}; " if comparison is not None and comparison.differs.any() else ""
    )
    messages = {
        "diverged": f"the state became infinite with dt {dt:g}; dt={suggested:g} is stable at rest and at the start",
        "unstable": f"dt {dt:g} is too long: {bound}the kinetic energy rises on {share:.0f} % of the steps; {differ}"
        f"dt={suggested:g} would do",
        "not converged": f"dt {dt:g} is too long to describe the differential equation: {differ}compare with "
        f"dt={suggested:g}",
    }
    return {"warning": messages[verdict]} if verdict in messages else {}
