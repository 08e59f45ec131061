"""Lyapunov exponents as a function of the gain, with an audit of the time step."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Unpack

import jax
import numpy as np
import xarray as xr

from noisette.activations import Activation, tanh
from noisette.analysis._audit import BOUND, RunParameters, audit_networks, verdicts
from noisette.analysis._lyapunov import longer
from noisette.analysis._options import ChaosOptions, Progress, TimeStep, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import Onsager, RateNetwork
from noisette.networks.step_size import Explicit
from noisette.noise import Noise
from noisette.provenance import provenance
from noisette.simulation._stack import starts as starting_states
from noisette.simulation._step_size import Conditions, choose_step


@check_arguments
@public_call
def chaos_curve(
    weights: Sequence[np.ndarray] | Callable[[int], np.ndarray],
    gains: Sequence[float] | np.ndarray,
    *,
    networks: int | None = None,
    gamma: float = 0.0,
    dt: TimeStep = 0.01,
    duration: float = 300.0,
    discard: float = 100.0,
    key: KeyLike = 0,
    **options: Unpack[ChaosOptions],
) -> xr.Dataset:
    """Measure Lyapunov exponents as a function of the gain, and audit the time step of the measurement.

    .. math:: \\dot{\\mathbf x} = (1-\\gamma)\\, \\mathbf f - \\gamma \\nabla E_k, \\qquad
       \\mathbf f = -\\mathbf x + g W \\phi(\\mathbf x), \\qquad E_k = \\tfrac12 \\sum_i f_i^2

    All gains of a network share its matrix W and are simulated together. The audit repeats every run with dt/2 and
    compares the exponent, the kinetic energy and the variance of the units in ten blocks of time. Runs with dt and dt/2
    differ if a difference exceeds the tolerance (5 %, plus 0.02/τ for exponents) and is statistically significant; the
    familywise error rate is 1 % per call.

    Parameters
    ----------
    weights : matrices W of variance 1/N, one per network, each of shape (N, N); or a function from the index of a
        network to its matrix
    gains : values of g, shape (gains,)
    networks : number of networks, if `weights` is a function
    gamma : γ of the Onsager reaction term; 0 is the network without it
    dt : time step of Euler's method, in units of τ; or "auto": for each gain the step and the scheme (Euler's or
        Heun's) that are stable for all networks at rest, at their starts and along the flow, see `simulate`
    duration, discard : length of each trial, and the transient to discard, in units of τ
    key : an integer or a JAX key, for starts and noise
    **options : ``exponents`` (1), their number; ``activation`` (tanh) and ``noise`` (None) of the units; ``start``,
        "normal", "uniform" or a state, with a new draw for each network; ``halve`` (True), whether to repeat every run
        with dt/2 for comparison, which triples the computation time; ``progress``, True to show a bar,
        or a function called with (steps done, steps)

    Returns
    -------
    Dataset over ``gain`` and ``network``: ``lyapunov`` (…, exponent) in 1/τ, with ``lyapunov_se``; for any γ the
    energies per unit E_k/N of the velocity f, ``kinetic_energy`` at the end and ``mean_kinetic_energy`` over the second
    half; ``rising``, the fraction of steps in the second half on which the energy rises; ``dt``; ``stability``, below 2
    where the step is stable; and ``audit``: "ok", "unstable" (stability above 2, or the
    energy of a gradient flow rises on more than 5 % of the steps), "not converged" (dt and dt/2 differ) or "diverged"

    Raises
    ------
    InputError : a duration that is not longer than the transient, no gains, invalid arguments of `simulate`.

    See Also
    --------
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    Lyapunov : Exponents within your own simulation, beside other probes.
    TrajectorySeparation : The distance of two trajectories in the same noise, without tangents.
    theory.mean_field : The exponent, variance and kinetic energy for N → ∞.
    analysis.spectrum : The eigenvalues of the Jacobian at one state.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(0))
    >>> curve = nz.chaos_curve([W], [0.5, 12.0], gamma=1.0, duration=20, discard=10)
    >>> curve.audit.values[:, 0].tolist()
    ['ok', 'unstable']

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227.
    """
    networks = None if networks is None else integer(networks, "networks", None)
    activation, noise = options.get("activation", tanh), options.get("noise")
    start, halve, exponents = options.get("start", "normal"), options.get("halve", True), options.get("exponents", 1)
    root = as_key(key)
    longer(duration, discard)
    grid = real_array(gains, "gains")
    require(grid.ndim == 1 and len(grid) > 0, f"gains {gains!r}", "finite numbers")
    count = networks if callable(weights) else len(weights)
    require(count is not None and count >= 1, f"{count} networks", "at least one")
    assert count is not None
    keys = [jax.random.fold_in(root, number) for number in range(count)]
    matrices = [weights(number) for number in range(count)] if callable(weights) else list(weights)
    ensembles = [_at_gains(W, grid, gamma, activation, noise) for W in matrices]
    run = RunParameters(duration, discard, exponents, start, count * len(grid), halve)
    groups = _by_step(ensembles, dt, start, keys, duration)
    parts, done = [], 0
    for ensemble, network_key in zip(ensembles, keys, strict=True):
        columns = []
        for step, solver, members in groups:
            report = _part_of(options.get("progress"), done, count * len(grid), len(members))
            chosen = [ensemble[i] for i in members]
            columns.append(audit_networks(chosen, members, step, solver, run, network_key, report))
            done += len(members)
        parts.append(xr.concat(columns, "gain", combine_attrs="override").sortby("order"))
    data = xr.concat(parts, "network", combine_attrs="override").transpose("gain", "network", ...)
    data = data.drop_vars("order").assign_coords(gain=grid)
    data.dt.attrs.update(long_name="time step dt", units="tau")
    data["audit"] = (("gain", "network"), verdicts(data, gamma == 1 and noise is None))
    data = data.drop_vars(["finite", "differs"])
    solvers = {f"{step:g}": solver for step, solver, _ in groups}
    configuration = {
        **{"gamma": gamma, "dt": dt, "duration": duration, "discard": discard, "networks": count, "gains": grid},
        **{"weights": [*map(np.asarray, matrices)], "activation": activation, "noise": noise, "exponents": exponents},
        **{"start": start, "key": key, "solvers": solvers, "halve": halve},
    }
    attrs = provenance("simulated", "single-run", ("huang2025",), configuration, **seed_entry(key))
    return data.assign_attrs({**attrs, **_warning(data)})


def _warning(data: xr.Dataset) -> dict[str, str]:
    """Return the attribute ``warning``: the gains at which dt is too long, and the largest stable step there."""
    messages = []
    bad = data.gain[(data.audit == "unstable").any("network").values].values
    if len(bad):
        bound = float((BOUND * data.dt / data.stability).min())
        gains = ", ".join(f"{g:g}" for g in bad)
        stable = f"an explicit step is stable only for dt < {bound:.2g} there"
        messages.append(f"the step is too long at gain {gains}: {stable}; use dt='auto' and compare")
    unconverged = data.gain[(data.audit == "not converged").any("network").values].values
    if len(unconverged):
        gains = ", ".join(f"{g:g}" for g in unconverged)
        messages.append(f"not converged at gain {gains}: dt and dt/2 differ; use dt='auto', or shorten dt")
    return {"warning": "; ".join(messages)} if messages else {}


def _at_gains(W: Any, gains: np.ndarray, gamma: float, activation: Activation, noise: Noise | None) -> list[Any]:
    """Return the networks of one matrix, one per gain."""
    plain = RateNetwork(W, activation=activation, noise=noise)
    networks = [plain.with_gain(float(g)) for g in gains]
    return networks if gamma == 0 else [Onsager(network, gamma) for network in networks]


def _by_step(
    ensembles: list[list[Any]], dt: float | str, start: Any, keys: list[Any], duration: float
) -> list[tuple[float, Explicit, list[int]]]:
    """Return groups of gains with a common step and scheme, (dt, scheme, indices); networks of one gain share both."""
    gains = range(len(ensembles[0]))
    if dt != "auto":
        step = real_number(dt, "dt", "a time above zero, or 'auto'", lambda length: 0 < length < math.inf)
        return [(step, "euler", list(gains))]
    chosen = []
    for i in gains:
        steps = []
        for networks, key in zip(ensembles, keys, strict=True):
            states = starting_states(networks[i], start, 1, key)
            steps.append(choose_step([networks[i]], Conditions(states, duration=duration), None))
        schemes = {solver for _, solver in steps}
        if len(schemes) > 1:  # networks of one gain use the same scheme, with the shortest of their steps
            steps = [
                choose_step(
                    [networks[i]], Conditions(starting_states(networks[i], start, 1, key), duration=duration), "heun"
                )
                for networks, key in zip(ensembles, keys, strict=True)
            ]
        chosen.append(min(steps))
    return [(step, solver, [i for i in gains if chosen[i] == (step, solver)]) for step, solver in sorted(set(chosen))]


def _part_of(progress: Progress | None, done: int, total: int, members: int) -> Progress | None:
    """Return a callback that reports the progress of one simulation as a fraction of the whole curve."""
    if not callable(progress):
        return None
    return lambda step, steps: progress(done * steps + members * step, total * steps)
