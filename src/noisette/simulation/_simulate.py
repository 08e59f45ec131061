"""Public entry point: `simulate`."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.errors import BlowUpWarning, StepSizeWarning, integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork
from noisette.probes import Probe
from noisette.provenance import network_entries, provenance
from noisette.simulation._continuous import (
    EXACT,
    chosen_step,
    discretised,
    known_solver,
    signals,
    steps_and_dt,
    without_noise,
)
from noisette.simulation._driver import Progress, Trials, drive
from noisette.simulation._judge import audited
from noisette.simulation._options import TOLERANCE, Adaptive, Stiff, TimeOptions, refuse_unknown
from noisette.simulation._solve import solve
from noisette.simulation._stack import stack, starts, trial_keys


def simulate(
    network: Any,
    steps: int | None = None,
    probes: Probe | Sequence[Probe] | Mapping[str, Probe] = (),
    *,
    key: KeyLike,
    start: Any = None,
    runs: int = 1,
    warn: bool = True,
    progress: Progress | None = None,
    **time: Unpack[TimeOptions],
) -> xr.Dataset:
    """Run a network, or several of the same size, and measure while it runs.

    Memory does not depend on the length unless a probe keeps states. The same key gives the same result whatever
    the number of processors: the randomness of a step is folded from network, run and step number.

    Parameters
    ----------
    network : a network, or a sequence of networks of one kind and size (dimension ``network``)
    steps : number of steps of each trial
    probes : one probe, several, or a mapping from a prefix of result names to probes
    key : an integer or a JAX key
    start : what ``network.start`` takes (binary: a code or a state; continuous: "normal", the default, "uniform", a
        number or a state); or an array with one start per run, shape (runs,) of codes or (runs, N) of states
    runs : number of independent trials of each network (dimension ``run``)
    warn : whether to issue the warnings below; what they report about the step is in the result in any case
    progress : called with (steps done, steps) after each chunk
    **time : in continuous time, the options below

    Other Parameters
    ----------------
    duration : length of a trial, instead of `steps`
    dt : time step (for "adaptive" and "stiff" the interval at which probes are updated). "auto", the default, takes
        half of the longest step that is stable for each mode at rest, at the starts and where the flow leads from the
        first, with the inputs; at most τ/20. In noise it keeps stationary variances within 2 %
    solver : "euler" (Euler–Maruyama), "heun"; for flows without noise also "adaptive" (SciPy's DOP853) and
        "stiff" (SciPy's BDF with the exact Jacobian), or, with another relative tolerance than 1e-7, `Adaptive` and
        `Stiff`. "auto" is Euler; where dt is automatic, too, and weakly damped modes would need an Euler step less
        than a quarter as long, Heun. The configuration records both
    inputs : signals u, shape (steps,) or (steps, channels), held constant during each step; or a function of time

    Returns
    -------
    Dataset with the probes' results and ``final``, the last state of each trial; in continuous time with explicit
    steps also ``stability``, dt times the rate of the fastest mode at the end, which must stay below 2; where it
    does not, the attribute ``warning`` says so, with the dt that would do

    Raises
    ------
    InputError : fewer than one step or run; networks of different sizes; what the probes refuse.

    Warns
    -----
    StepSizeWarning : dt is too long for stability; says which dt would do
    BlowUpWarning : trials that became infinite; the others are unharmed

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> found = nz.simulate(network, 100, nz.JointStates(), key=jax.random.key(0), runs=3)
    >>> found.joint_states.sum(["before", "after"]).values
    array([100, 100, 100])
    """
    refuse_unknown(time, TimeOptions, "simulate")
    duration, dt, inputs = time.get("duration"), time.get("dt"), time.get("inputs")
    solver, tolerance = _solver(time.get("solver", "auto"))
    key = as_key(key)
    steps = None if steps is None else integer(steps, "steps")
    runs = integer(runs, "runs")
    several = isinstance(network, Sequence)
    networks = list(network) if several else [network]
    require(len({n.size for n in networks}) == 1, "networks of different sizes", "one size in one simulation")
    units = starts(networks[0], start, runs, key)
    length = None
    if isinstance(networks[0], ContinuousNetwork):
        asked = known_solver(solver)
        if asked in EXACT:
            without_noise(networks, asked)
        step, solver = chosen_step(networks, dt, asked, units, inputs, steps, duration)
        steps, length = steps_and_dt(networks, steps, duration, dt, units, step)
        networks = discretised(networks, length, signals(inputs, steps, length), solver)
    else:
        timeless = duration is None and dt is None and inputs is None and solver in ("auto", "euler")
        require(timeless, "duration, dt, solver or inputs for a network in discrete time", "give steps")
        require(steps is not None, "no number of steps", "an integer of at least 1", "give steps")
    assert steps is not None
    named = _bound(probes, networks)
    trials = Trials(*stack(networks), named, trial_keys(key, len(networks), runs), jnp.asarray(units))
    if solver in EXACT:
        final, records = solve(trials, networks, steps, solver, tolerance, progress)
    else:
        state, records = drive(trials, int(steps), progress)
        final = state.units
    if warn:
        _mention_blow_ups(final)
    found = _dataset(named, networks[0], records, final, int(steps))
    configuration: dict[str, Any] = {
        **{"steps": int(steps), "runs": runs, "start": start, "key": key},
        **{"probes": probes, **network_entries(network)},
    }
    if length is not None:
        configuration |= {"dt": length, "solver": solver, "inputs": inputs}
        if solver in EXACT:
            configuration["tolerance"] = tolerance
        if solver in ("euler", "heun"):
            found, messages = audited(found, networks, final[:, 0], int(steps), solver)
            for message in messages if warn else ():
                warnings.warn(message, StepSizeWarning, stacklevel=2)
    found = found.assign_attrs(provenance("simulated", "single-run", (), configuration))
    return found if several else found.isel(network=0)


def _solver(solver: Any) -> tuple[str, float]:
    """Return the name of a solver, and the relative tolerance of those that choose their steps."""
    if isinstance(solver, Adaptive | Stiff):
        return "adaptive" if isinstance(solver, Adaptive) else "stiff", solver.tolerance
    return solver, TOLERANCE


def _bound(probes: Any, networks: list[Any]) -> dict[str, Probe]:
    if isinstance(probes, Probe):
        probes = [probes]
    if not isinstance(probes, Mapping):
        probes = {str(i): probe for i, probe in enumerate(probes)}
        kinds = [type(probe) for probe in probes.values()]
        require(
            len(set(kinds)) == len(kinds),
            "several probes of one kind",
            "their results need names",
            "pass a mapping from name to probe",
        )
    return {name: probe.bind(networks) for name, probe in probes.items()}


def _mention_blow_ups(final: np.ndarray) -> None:
    lost = np.argwhere(~np.isfinite(final).all(-1))
    if len(lost):
        named = ", ".join(f"network {n} run {r}" for n, r in lost[:5].tolist()) + (" …" if len(lost) > 5 else "")
        warnings.warn(f"{len(lost)} trials became infinite or NaN: {named}", BlowUpWarning, stacklevel=3)


def _dataset(probes: dict[str, Probe], network: Any, results: Any, final: np.ndarray, steps: int) -> xr.Dataset:
    variables: dict[str, xr.DataArray] = {}
    prefixed = any(not name.isdigit() for name in probes)
    for name, probe in probes.items():
        for label, about in probe.describe(network, steps).items():
            full = f"{name}_{label}" if prefixed else label
            dims = {d: f"{name}_{d}" if prefixed else d for d in about.dims}
            coords = {dims[d]: values for d, values in about.coords.items()}
            variables[full] = xr.DataArray(
                results[name][label], coords, ["network", "run", *dims.values()], attrs=about.attrs
            )
    attrs = {"long_name": "last state", "units": "1"}
    final_array = xr.DataArray(final, dims=["network", "run", "final_unit"], attrs=attrs)
    return xr.Dataset({**variables, "final": final_array})
