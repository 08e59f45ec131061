"""Public entry point: `simulate`."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import BlowUpWarning, StepSizeWarning, integer, require, shown, users_frame
from noisette.keys import KeyLike, as_key
from noisette.limits import require_steps
from noisette.networks import (
    BinaryNetwork,
    ContinuousNetwork,
    DiscreteNetwork,
    DrivenBinary,
    Network,
    NetworkLike,
    as_network,
    as_networks,
    label_units,
)
from noisette.networks.integrators import require_milstein
from noisette.noise import prepared
from noisette.probes import Probe
from noisette.provenance import network_entries, provenance
from noisette.simulation._continuous import (
    EXACT,
    chosen_step,
    discretised,
    signals,
    steps_and_dt,
    with_inputs,
    without_noise,
)
from noisette.simulation._continuous import Solver as ChosenSolver
from noisette.simulation._driver import Progress, Trials, drive
from noisette.simulation._judge import with_step_diagnostics
from noisette.simulation._options import TOLERANCE, Adaptive, SimulationOptions, Solver, SolverName, Stiff
from noisette.simulation._own_probes import try_probes
from noisette.simulation._solve import solve
from noisette.simulation._stack import stack, starts, trial_keys

ALIKE = "all networks of a simulation have the same size and are of the same kind"
TIMES = {"time": "time t", "speed_time": "time t", "snapshot": "time t", "lag": "lag"}  # coordinates that are times


@check_arguments
@public_call
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
    **options: Unpack[SimulationOptions],
) -> xr.Dataset:
    """Simulate a network, or several networks of the same size, and evaluate probes during the simulation.

    The memory does not depend on the number of steps unless a probe records states. The random key of a step is
    derived from `key` and the indices of the network, the run and the step, so that the result does not depend on the
    number of processors.

    Parameters
    ----------
    network : network, including trained networks, or a sequence of networks of the same kind and size (dimension
        ``network``)
    steps : number of steps of each trial
    probes : a probe, a sequence of probes of different kinds, or a mapping from prefixes of result names to probes
    key : an integer or a JAX key
    start : initial state, any argument of ``network.start`` (binary networks: a code or a state; continuous networks:
        "normal", the default, "uniform", a scalar or a state); or one initial state per run, an array of codes, shape
        (runs,), or of states, shape (runs, N)
    runs : number of independent trials of each network (dimension ``run``)
    warn : whether to issue the warnings below; warnings about the step are recorded in the result in any case
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with
        (steps done, steps) after each chunk
    **options : options of continuous time and of common noise, see below

    Other Parameters
    ----------------
    duration : length of a trial, instead of `steps`
    dt : time step (for "adaptive" and "stiff" the interval at which probes are updated). "auto", the default, is at
        most half of the longest step that is stable for each mode, and at most τ/20. The modes are those at x = 0, at
        the initial states, and at the end of the flow from the first initial state, with the inputs. In noise, errors
        of stationary variances are at most 2 %
    solver : "euler" (Euler–Maruyama), "heun" or "milstein" (for multiplicative noise); for flows without noise also
        "adaptive" (SciPy's DOP853) and "stiff" (SciPy's BDF with the exact Jacobian), with a relative tolerance of
        1e-7, or `Adaptive` and `Stiff` with other tolerances. "auto" is Euler; if dt is also automatic, it is Heun
        where an Euler step would have to be at least four times shorter, as for weakly damped modes. The configuration
        records the step and the solver
    inputs : signals u, shape (steps,) or (steps, channels), held constant during each step; or a function of time. In
        binary networks, the only ones in discrete time with inputs, they are added to the biases: one channel to all
        units, or N channels
    common_noise : whether all runs of a network receive the same realisation of the noise, in continuous and discrete
        time, so that they differ only in their initial states; see `analysis.synchronisation`. Binary networks then
        draw their noise and thresholds, which the runs share, instead of averaging over them

    Returns
    -------
    Dataset with the results of the probes and ``final``, the last state of each trial. For "euler", "heun" and
    "milstein" also ``stability``, the stability number of the step at the last state, which must be below 2 (for real
    modes, dt times the largest decay rate), and, in noise, ``variance_bias``, the relative error of stationary
    variances. If the step is too long, the attribute ``warning`` contains the warning, with a suitable dt

    Raises
    ------
    InputError : fewer than one step or run; networks of different sizes; arguments that are not networks, probes or
        keys; networks that a probe does not support.

    Warns
    -----
    StepSizeWarning : dt is too long for stability or for stationary variances; the message contains a suitable dt
    BlowUpWarning : trials that diverged; other trials are not affected

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> data = nz.simulate(network, 100, nz.JointStates(), key=0, runs=3)
    >>> data.joint_states.sum(["before", "after"]).values
    array([100, 100, 100])
    """
    duration, dt, inputs = (options.get(name) for name in ("duration", "dt", "inputs"))
    solver, tolerance = _solver(options.get("solver", "auto"))
    steps = None if steps is None else integer(steps, "steps")
    runs, key, common = integer(runs, "runs"), as_key(key), options.get("common_noise", False)
    members, several = as_networks(network)
    require(len({n.size for n in members}) == 1, "networks of different sizes", ALIKE)
    networks: Sequence[Network] = [_dynamics(member, common) for member in with_inputs(members, inputs, steps)]
    units, length, sampled, chosen = starts(networks[0], start, runs, key), None, [], "euler"
    continuous = [n for n in networks if isinstance(n, ContinuousNetwork)]
    require(len(continuous) in (0, len(networks)), "networks of different kinds", ALIKE)
    if continuous:
        step, chosen = _chosen(continuous, dt, solver, units, inputs, steps, duration)
        steps, length = steps_and_dt(continuous, steps, duration, dt, units, step)
        networks = sampled = discretised(continuous, length, signals(inputs, steps, length), chosen)
    else:
        timeless = duration is None and dt is None and solver in ("auto", "euler")
        _check_discrete(networks, steps, timeless and (inputs is None or isinstance(networks[0], DrivenBinary)))
    assert steps is not None
    networks = [prepared(member, int(steps), 1.0 if length is None else length) for member in networks]
    by_name = _bound(probes, networks)
    trials = Trials(*stack(networks), by_name, trial_keys(key, len(networks), runs, common), jnp.asarray(units))
    try_probes(trials, steps, networks[0], chosen in EXACT)
    if chosen in EXACT:
        final, records = solve(trials, sampled, steps, chosen, tolerance, progress)
    else:
        state, records = drive(trials, int(steps), progress)
        final = np.asarray(state.units)
    if warn:
        _warn_of_blow_ups(final)
    data = label_units(_dataset(by_name, networks[0], records, final, int(steps)), members[0])
    configuration: dict[str, Any] = {
        **{"steps": int(steps), "runs": runs, "start": start, "key": key},
        **{"probes": probes, **network_entries(members if several else members[0])},
        **({"common_noise": True} if common else {}),
        **({"inputs": inputs} if continuous or inputs is not None else {}),
    }
    if length is not None:
        configuration |= {"dt": length, "solver": chosen}
        configuration |= {"tolerance": tolerance} if chosen in EXACT else {}
        if chosen != "adaptive" and chosen != "stiff":
            data, messages = with_step_diagnostics(data, sampled, final[:, 0], int(steps), chosen)
            for message in messages if warn else ():
                warnings.warn(message, StepSizeWarning, stacklevel=users_frame())
    data = data.assign_attrs(provenance("simulated", "single-run", (), configuration))
    return data if several else data.isel(network=0)


def _chosen(
    networks: list[ContinuousNetwork], dt: Any, solver: SolverName, units: Any, *arguments: Any
) -> tuple[float, ChosenSolver]:
    """Return step and solver, see `chosen_step`, after checking that the solver applies to the networks."""
    if solver in EXACT:
        without_noise(networks, solver)
    step, chosen = chosen_step(networks, dt, solver, units, *arguments)
    if chosen == "milstein":
        for network in networks:
            require_milstein(network, jnp.asarray(units[0]))
    return step, chosen


def _solver(solver: Solver) -> tuple[SolverName, float]:
    """Return the name of a solver, and the relative tolerance of adaptive and stiff solvers."""
    if isinstance(solver, Adaptive | Stiff):
        return "adaptive" if isinstance(solver, Adaptive) else "stiff", solver.tolerance
    return solver, TOLERANCE


def _dynamics(network: Network, common_noise: bool) -> Network:
    """Return the network in the parametrisation used by simulations.

    In common noise, binary units of different runs turn on together where their inputs exceed the same threshold. The
    table of a small network, from which one random number draws the joint state of all units, couples runs differently.
    """
    return network if common_noise and isinstance(network, BinaryNetwork | DrivenBinary) else network.dynamics()


def _check_discrete(networks: Sequence[Network], steps: int | None, timeless: bool) -> None:
    """Raise for options of continuous time, a missing number of steps, and networks that are not discrete."""
    require(
        timeless,
        "duration, dt, solver or inputs for a network in discrete time",
        "give steps; inputs are for binary networks",
    )
    require(steps is not None, "no number of steps", "an integer of at least 1", "give steps")
    require_steps(steps or 0)
    for network in networks:
        as_network(network, DiscreteNetwork)


def _bound(probes: Probe | Sequence[Probe] | Mapping[str, Probe], networks: Sequence[Network]) -> dict[str, Probe]:
    """Return a mapping from prefixes of result names to probes that are bound to the networks."""
    if isinstance(probes, Probe):
        probes = [probes]
    if not isinstance(probes, Mapping):
        probes = {str(i): probe for i, probe in enumerate(probes)}
        kinds = [type(probe) for probe in probes.values()]
        require(
            len(set(kinds)) == len(kinds),
            "several probes of the same class",
            "a mapping from names to probes, since results need distinct names",
            "give probes={name: probe, …}",
        )
    bound = {name: probe.bind(networks) for name, probe in probes.items()}
    for name, probe in bound.items():
        require(isinstance(probe, Probe), f"bind of {type(probes[name]).__name__} returns {shown(probe)}", "a probe")
    return bound


def _warn_of_blow_ups(final: np.ndarray) -> None:
    """Warn of trials whose last state is not finite."""
    diverged = np.argwhere(~np.isfinite(final).all(-1))
    if len(diverged):
        trials = ", ".join(f"network {n} run {r}" for n, r in diverged[:5].tolist()) + (
            " …" if len(diverged) > 5 else ""
        )
        warnings.warn(
            f"{len(diverged)} trials became infinite or NaN: {trials}", BlowUpWarning, stacklevel=users_frame()
        )


def _labels(coordinate: str, network: Network) -> dict[str, str]:
    """Return the attributes of a coordinate: for times their unit, which axes of plots show."""
    return {"long_name": TIMES[coordinate], "units": network.time_unit} if coordinate in TIMES else {}


def _dataset(
    probes: dict[str, Probe], network: Network, results: dict[str, dict[str, np.ndarray]], final: np.ndarray, steps: int
) -> xr.Dataset:
    """Return the results of the probes and the last states as a labelled dataset."""
    variables: dict[str, xr.DataArray] = {}
    prefixed = any(not name.isdigit() for name in probes)
    for name, probe in probes.items():
        for label, labels in probe.describe(network, steps).items():
            full_name = f"{name}_{label}" if prefixed else label
            dims = {d: f"{name}_{d}" if prefixed else d for d in labels.dims}
            coords = {dims[d]: (dims[d], values, _labels(d, network)) for d, values in labels.coords.items()}
            variables[full_name] = xr.DataArray(
                results[name][label], coords, ["network", "run", *dims.values()], attrs=labels.attrs
            )
    attrs = {"long_name": "last state", "units": ""}
    final_array = xr.DataArray(final, dims=["network", "run", "final_unit"], attrs=attrs)
    return xr.Dataset({**variables, "final": final_array})
