"""Public entry point: `simulate`."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.errors import BlowUpWarning, InputError, StepSizeWarning, integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, DiscreteNetwork, Network, NetworkLike, as_network, as_networks
from noisette.probes import Probe
from noisette.provenance import network_entries, provenance
from noisette.registry import words
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
    network: NetworkLike | Sequence[NetworkLike],
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
    network : a network, trained ones included, or a sequence of networks of one kind and size (dimension ``network``)
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
    InputError : fewer than one step or run; networks of different sizes; what is no network, probe or key; what
        the probes refuse.

    Warns
    -----
    StepSizeWarning : dt is too long for stability; says which dt would do
    BlowUpWarning : trials that became infinite; the others are unharmed

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> data = nz.simulate(network, 100, nz.JointStates(), key=0, runs=3)
    >>> data.joint_states.sum(["before", "after"]).values
    array([100, 100, 100])
    """
    refuse_unknown(time, TimeOptions, "simulate")
    duration, dt, inputs = time.get("duration"), time.get("dt"), time.get("inputs")
    solver, tolerance = _solver(time.get("solver", "auto"))
    key = as_key(key)
    steps = None if steps is None else integer(steps, "steps")
    runs, key = integer(runs, "runs"), as_key(key)
    members, several = as_networks(network)
    require(len({n.size for n in members}) == 1, "networks of different sizes", "one size in one simulation")
    networks: Sequence[Network] = [member.dynamics() for member in members]
    units = starts(networks[0], start, runs, key)
    length, sampled = None, []
    continuous = [n for n in networks if isinstance(n, ContinuousNetwork)]
    require(len(continuous) in (0, len(networks)), "networks of different kinds", "one kind in one simulation")
    if continuous:
        choice = known_solver(solver)
        if choice in EXACT:
            without_noise(continuous, choice)
        step, solver = chosen_step(continuous, dt, choice, units, inputs, steps, duration)
        steps, length = steps_and_dt(continuous, steps, duration, dt, units, step)
        networks = sampled = discretised(continuous, length, signals(inputs, steps, length), solver)
    else:
        timeless = duration is None and dt is None and inputs is None and solver in ("auto", "euler")
        _check_discrete(networks, steps, timeless)
    assert steps is not None
    by_name = _bound(probes, networks)
    trials = Trials(*stack(networks), by_name, trial_keys(key, len(networks), runs), jnp.asarray(units))
    if solver in EXACT:
        final, records = solve(trials, sampled, steps, solver, tolerance, progress)
    else:
        state, records = drive(trials, int(steps), progress)
        final = state.units
    if warn:
        _mention_blow_ups(final)
    data = _dataset(by_name, networks[0], records, final, int(steps))
    configuration: dict[str, Any] = {
        **{"steps": int(steps), "runs": runs, "start": start, "key": key},
        **{"probes": probes, **network_entries(members if several else members[0])},
    }
    if length is not None:
        configuration |= {"dt": length, "solver": solver, "inputs": inputs}
        if solver in EXACT:
            configuration["tolerance"] = tolerance
        if solver in ("euler", "heun"):
            data, messages = audited(data, sampled, final[:, 0], int(steps), solver)
            for message in messages if warn else ():
                warnings.warn(message, StepSizeWarning, stacklevel=2)
    data = data.assign_attrs(provenance("simulated", "single-run", (), configuration))
    return data if several else data.isel(network=0)


def _solver(solver: Any) -> tuple[str, float]:
    """Return the name of a solver, and the relative tolerance of those that choose their steps."""
    if isinstance(solver, Adaptive | Stiff):
        return "adaptive" if isinstance(solver, Adaptive) else "stiff", solver.tolerance
    return solver, TOLERANCE


def _check_discrete(networks: Sequence[Network], steps: int | None, timeless: bool) -> None:
    """Refuse networks without a step, and options of continuous time."""
    require(timeless, "duration, dt, solver or inputs for a network in discrete time", "give steps")
    require(steps is not None, "no number of steps", "an integer of at least 1", "give steps")
    for network in networks:
        as_network(network, DiscreteNetwork)


def _bound(probes: Probe | Sequence[Probe] | Mapping[str, Probe], networks: Sequence[Network]) -> dict[str, Probe]:
    """Return probes by the prefix of their results, bound to the networks."""
    if isinstance(probes, Probe):
        probes = [probes]
    several = isinstance(probes, Sequence | Mapping) and not isinstance(probes, str)
    for probe in (probes.values() if isinstance(probes, Mapping) else probes) if several else [probes]:
        if not isinstance(probe, Probe):
            raise InputError(f"{_shown(probe)} as probes; a probe, several, or a mapping to them; {_remedy(probe)}")
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


def _shown(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else repr(value)


def _remedy(value: object) -> str:
    """Return an example of a probe: the one that is meant, where a class or a name is given."""
    name = value.__name__ if isinstance(value, type) else str(value)
    meant = [probe for probe in words("probes") if probe.lower() == name.lower()]
    return f"probes=nz.{meant[0] if meant else 'Trace'}(…)"


def _mention_blow_ups(final: np.ndarray) -> None:
    lost = np.argwhere(~np.isfinite(final).all(-1))
    if len(lost):
        trials = ", ".join(f"network {n} run {r}" for n, r in lost[:5].tolist()) + (" …" if len(lost) > 5 else "")
        warnings.warn(f"{len(lost)} trials became infinite or NaN: {trials}", BlowUpWarning, stacklevel=3)


def _dataset(
    probes: dict[str, Probe], network: Network, results: dict[str, dict[str, np.ndarray]], final: np.ndarray, steps: int
) -> xr.Dataset:
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
