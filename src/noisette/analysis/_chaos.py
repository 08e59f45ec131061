"""How chaotic a network is: Lyapunov exponents, their curve over the gain, and whether the step allowed it."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.activations import Activation, tanh
from noisette.analysis._audit import BOUND, Runs, audited, verdicts
from noisette.analysis._lyapunov import longer
from noisette.errors import integer, real_array, require
from noisette.networks import Onsager, RateNetwork
from noisette.networks.step_size import Explicit
from noisette.noise import Noise
from noisette.provenance import provenance
from noisette.simulation._stack import starts as starting_states
from noisette.simulation._step_size import Conditions, choose_step

Progress = Callable[[int, int], None]


def chaos_curve(
    weights: Sequence[np.ndarray] | Callable[[int], np.ndarray],
    gains: Sequence[float] | np.ndarray,
    *,
    networks: int | None = None,
    gamma: float = 0.0,
    dt: float | str = 0.01,
    duration: float = 300.0,
    discard: float = 100.0,
    exponents: int = 1,
    activation: Activation = tanh,
    noise: Noise | None = None,
    start: Any = "normal",
    halve: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Measure Lyapunov exponents against the gain, and audit the step that they were measured with.

    .. math:: \\dot{\\mathbf x} = (1-\\gamma)\\, \\mathbf f - \\gamma \\nabla E_k, \\qquad
       \\mathbf f = -\\mathbf x + g W \\phi(\\mathbf x)

    All gains of one network share its W, which makes one matrix product of them. The audit repeats every run with dt/2
    and compares the exponent, the kinetic energy and the variance of the units in ten blocks of time: they differ if a
    difference is more than tolerated (5 %; 0.02/τ more for exponents) and more than chance explains. By chance alone at
    most 1 % of calls contain such a difference.

    Parameters
    ----------
    weights : matrices W of variance 1/N, one a network; or a function from the number of a network to its matrix
    gains : g
    networks : how many, if `weights` is a function
    gamma : γ of the Onsager reaction term; 0 is the plain network
    dt : length of a step of Euler's; or "auto": for each gain the step and the scheme (Euler's or Heun's) that suit all
        networks at rest, at their starts and where the flow leads from there, see `simulate`
    duration, discard : of each trial, in time constants
    exponents : how many
    activation, noise : of the units
    start : "normal", "uniform" or a state; another one for each network
    halve : whether to repeat every run with dt/2, which takes twice as long again, and compare
    seed : of starts and noise
    progress : called with (steps done, steps)

    Returns
    -------
    Dataset over ``gain`` and ``network``: ``lyapunov`` (…, exponent) in 1/τ, ``kinetic_energy`` per unit at the end
    (of the unregulated velocity, whatever γ), ``rising`` (share of steps on which it rose, second half), ``dt``,
    ``stability`` (below 2 where the step is stable, see `networks.step_size`) and ``audit``: "ok", "unstable"
    (stability above 2, or the energy of a gradient flow rises on more than 5 % of steps), "not converged" (dt and dt/2
    differ) or "diverged"

    Raises
    ------
    InputError : a duration not longer than what is discarded, no gain, what `simulate` refuses.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(0))
    >>> found = nz.chaos_curve([W], [0.5, 12.0], gamma=1.0, duration=20, discard=10)
    >>> found.audit.values[:, 0].tolist()
    ['ok', 'unstable']

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227.
    """
    networks = None if networks is None else integer(networks, "networks", None)
    seed = integer(seed, "seed", 0)
    longer(duration, discard)
    grid = real_array(gains, "gains")
    require(grid.ndim == 1 and len(grid) > 0, f"gains {gains!r}", "finite numbers")
    count = networks if callable(weights) else len(weights)
    require(count is not None and count >= 1, f"{count} networks", "at least one")
    assert count is not None
    seeds = [jax.random.fold_in(jax.random.key(seed), number) for number in range(count)]
    matrices = [weights(number) for number in range(count)] if callable(weights) else list(weights)
    families = [_family(W, grid, gamma, activation, noise) for W in matrices]
    run = Runs(duration, discard, exponents, start, count * len(grid), halve)
    groups = _by_step(families, dt, start, seeds, duration)
    parts, done = [], 0
    for family, key in zip(families, seeds, strict=True):
        columns = []
        for step, solver, members in groups:
            said = _said(progress, done, count * len(grid), len(members))
            columns.append(audited([family[i] for i in members], members, step, solver, run, key, said))
            done += len(members)
        parts.append(xr.concat(columns, "gain", combine_attrs="override").sortby("order"))
    data = xr.concat(parts, "network", combine_attrs="override").transpose("gain", "network", ...)
    data = data.drop_vars("order").assign_coords(gain=grid)
    data["audit"] = (("gain", "network"), verdicts(data, gamma == 1 and noise is None))
    data = data.drop_vars(["finite", "differs"])
    solvers = {f"{step:g}": solver for step, solver, _ in groups}
    configuration = {
        **{"gamma": gamma, "dt": dt, "duration": duration, "discard": discard, "networks": count, "gains": grid},
        **{"weights": [*map(np.asarray, matrices)], "activation": activation, "noise": noise, "exponents": exponents},
        **{"start": start, "seed": seed, "solvers": solvers, "halve": halve},
    }
    attrs = provenance("simulated", "single-run", ("huang2025",), configuration, seed=seed)
    return data.assign_attrs({**attrs, **_warning(data)})


def _warning(data: xr.Dataset) -> dict[str, str]:
    """Return what to warn of: the gains at which the step is too long, and the step that would do for the worst."""
    messages = []
    bad = data.gain[(data.audit == "unstable").any("network").values].values
    if len(bad):
        bound = float((BOUND * data.dt / data.stability).min())
        gains = ", ".join(f"{g:g}" for g in bad)
        stable = f"an explicit step is stable only for dt < {bound:.2g} there"
        messages.append(f"the step is too long at gain {gains}: {stable}; use dt='auto' and compare")
    apart = data.gain[(data.audit == "not converged").any("network").values].values
    if len(apart):
        gains = ", ".join(f"{g:g}" for g in apart)
        messages.append(f"not converged at gain {gains}: dt and dt/2 differ; use dt='auto', or shorten dt")
    return {"warning": "; ".join(messages)} if messages else {}


def _family(W: Any, gains: np.ndarray, gamma: float, activation: Activation, noise: Noise | None) -> list[Any]:
    plain = RateNetwork(W, activation=activation, noise=noise)
    family = [plain.with_gain(float(g)) for g in gains]
    return family if gamma == 0 else [Onsager(network, gamma) for network in family]


def _by_step(
    families: list[list[Any]], dt: float | str, start: Any, keys: list[Any], duration: float
) -> list[tuple[float, Explicit, list[int]]]:
    """Return steps, their schemes, and the numbers of the gains that take them: one step for all networks of a gain."""
    gains = range(len(families[0]))
    if dt != "auto":
        return [(float(dt), "euler", list(gains))]
    chosen = []
    for i in gains:
        steps = []
        for family, key in zip(families, keys, strict=True):
            states = starting_states(family[i], start, 1, key)
            steps.append(choose_step([family[i]], Conditions(states, duration=duration), None))
        schemes = {solver for _, solver in steps}
        if len(schemes) > 1:  # the shortest step of one scheme, for all
            steps = [
                choose_step([f[i]], Conditions(starting_states(f[i], start, 1, k), duration=duration), "heun")
                for f, k in zip(families, keys, strict=True)
            ]
        chosen.append(min(steps))
    return [(step, solver, [i for i in gains if chosen[i] == (step, solver)]) for step, solver in sorted(set(chosen))]


def _said(progress: Progress | None, done: int, total: int, members: int) -> Progress | None:
    """Return progress of one simulation as a part of all."""
    if progress is None:
        return None
    return lambda step, steps: progress(done * steps + members * step, total * steps)
