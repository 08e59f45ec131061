"""How chaotic a network is: Lyapunov exponents, their curve over the gain, and whether the step allowed it."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.activations import Activation, tanh
from noisette.analysis.lyapunov import longer
from noisette.errors import integer, require
from noisette.networks import Onsager, RateNetwork
from noisette.noise import Noise
from noisette.probes import Lyapunov, Speed
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate, stable_step

RISING = 0.05  # share of steps on which the energy of a gradient flow may rise
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
    seed: int = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Measure Lyapunov exponents against the gain, and audit the step that they were measured with.

    .. math:: \\dot{\\mathbf x} = (1-\\gamma)\\, \\mathbf f - \\gamma \\nabla E_k, \\qquad
       \\mathbf f = -\\mathbf x + g W \\phi(\\mathbf x)

    All gains of one network share its W, which makes one matrix product of them.

    Parameters
    ----------
    weights : matrices W of variance 1/N, one a network; or a function from the number of a network to its matrix
    gains : g
    networks : how many, if `weights` is a function
    gamma : γ of the Onsager reaction term; 0 is the plain network
    dt : length of a step, or "auto": for each gain a round number at half of what is stable at rest
    duration, discard : of each trial, in time constants
    exponents : how many
    activation, noise : of the units
    start : "normal", "uniform" or a state; another one for each network
    seed : of starts and noise
    progress : called with (steps done, steps)

    Returns
    -------
    Dataset over ``gain`` and ``network``: ``lyapunov`` (…, exponent) in 1/τ, ``kinetic_energy`` per unit at the end
    (of the unregulated velocity, whatever γ), ``rising`` (share of steps on which it rose, second half), ``dt``,
    ``stability`` (dt × rate of the fastest mode at the end, below 2) and ``audit``: "ok", "unstable" (stability
    above 2, or the energy of a gradient flow rises on more than 5 % of steps) or "diverged"

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
    grid = np.asarray(gains, float)
    require(grid.ndim == 1 and len(grid) > 0 and bool(np.isfinite(grid).all()), f"gains {gains!r}", "finite numbers")
    count = networks if callable(weights) else len(weights)
    require(count is not None and count >= 1, f"{count} networks", "at least one")
    assert count is not None
    parts, done = [], 0
    for number in range(count):
        W = weights(number) if callable(weights) else weights[number]
        family = _family(W, grid, gamma, activation, noise)
        key = jax.random.fold_in(jax.random.key(seed), number)
        found = []
        for step, members in _by_step(family, dt):
            said = _said(progress, done, count * len(grid), len(members))
            found.append(
                _measure([family[i] for i in members], members, step, duration, discard, exponents, start, key, said)
            )
            done += len(members)
        parts.append(xr.concat(found, "gain", combine_attrs="override").sortby("order"))
    data = xr.concat(parts, "network", combine_attrs="override").transpose("gain", "network", ...)
    data = data.drop_vars("order").assign_coords(gain=grid)
    data["audit"] = (("gain", "network"), _verdicts(data, gamma == 1 and noise is None))
    data = data.drop_vars("finite")
    matrices = weights if not callable(weights) else [weights(number) for number in range(count)]
    configuration = {
        **{"gamma": gamma, "dt": dt, "duration": duration, "discard": discard, "networks": count, "gains": grid},
        **{"weights": [*map(np.asarray, matrices)], "activation": activation, "noise": noise, "exponents": exponents},
        **{"start": start, "seed": seed},
    }
    attrs = provenance("simulated", "single-run", ("huang2025",), configuration, seed=seed)
    return data.assign_attrs({**attrs, **_warning(data)})


def _warning(data: xr.Dataset) -> dict[str, str]:
    """Return what to warn of: the gains at which the step is too long, and the step that would do for the worst."""
    bad = data.gain[(data.audit == "unstable").any("network").values].values
    if not len(bad):
        return {}
    fastest = float((data.stability / data.dt).max())
    gains = ", ".join(f"{g:g}" for g in bad)
    bound = f"an explicit step is stable only for dt < 2/{fastest:.4g} = {2 / fastest:.2g}"
    return {"warning": f"the step is too long at gain {gains}: {bound} there; use dt='auto' and compare"}


def _family(W: Any, gains: np.ndarray, gamma: float, activation: Activation, noise: Noise | None) -> list[Any]:
    plain = RateNetwork(W, activation=activation, noise=noise)
    family = [plain.with_gain(float(g)) for g in gains]
    return family if gamma == 0 else [Onsager(network, gamma) for network in family]


def _by_step(family: list[Any], dt: float | str) -> list[tuple[float, list[int]]]:
    """Return steps and the numbers of the gains that take them."""
    if dt != "auto":
        return [(float(dt), list(range(len(family))))]
    rest = np.zeros((1, family[0].size))
    steps = [stable_step([network], rest) for network in family]
    return [(step, [i for i, own in enumerate(steps) if own == step]) for step in sorted(set(steps))]


def _said(progress: Progress | None, done: int, total: int, members: int) -> Progress | None:
    """Return progress of one simulation as a part of all."""
    if progress is None:
        return None
    return lambda step, steps: progress(done * steps + members * step, total * steps)


def _measure(
    family: list[Any], members: list[int], dt: float, duration: float, discard: float, k: int, start, key, progress
) -> xr.Dataset:
    probe = Lyapunov(k, discard=float(discard))
    require(
        not dt > 0 or (duration - discard) / dt > 9.99,
        f"discard {discard:g} of a duration {duration:g} in steps of {dt:g}",
        "at least 10 steps are counted",
    )
    found = simulate(
        family,
        probes=[probe, Speed()],
        key=key,
        duration=duration,
        dt=dt,
        start=start,
        warn=False,  # what it would say is in the result
        progress=progress,
    )
    names = ["lyapunov", "kinetic_energy", "mean_kinetic_energy", "rising"]
    data = found[[*names, "stability"]].isel(run=0).rename(network="gain")
    data["dt"] = ("gain", np.full(len(members), dt))
    data["finite"] = ("gain", np.isfinite(found.final.values[:, 0]).all(-1))
    return data.assign_coords(order=("gain", members))


def _verdicts(data: xr.Dataset, gradient: bool) -> np.ndarray:
    unstable = data.stability.values > 2
    if gradient:
        unstable = unstable | (data.rising.values > RISING)
    lost = ~data.finite.values | ~np.isfinite(data.lyapunov.values).all(-1)
    return np.where(lost, "diverged", np.where(unstable, "unstable", "ok"))


def step_audit(
    network: Any,
    dt: float,
    *,
    duration: float = 50.0,
    discard: float = 0.0,
    start: Any = None,
    key: PRNGKeyArray,
) -> xr.Dataset:
    """Compare a network at dt and at dt/2: exponent, energy, the share of rising steps, and stability.

    An explicit step is stable only while dt × (rate of the fastest mode) < 2; for a gradient flow that rate is the
    top eigenvalue of the Hessian, the energy can only fall, and no exponent can be positive for long.

    Returns
    -------
    Dataset over ``dt`` with ``lyapunov``, ``kinetic_energy``, ``rising``, ``sharpness``, ``stability``; attributes
    ``verdict`` ("ok", "unstable" or "diverged"), ``suggested_dt``, a round step at half of the bound, and, if the
    verdict is not ok, ``warning``

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(0))
    >>> found = nz.step_audit(nz.Onsager(nz.RateNetwork(W, gain=12.0)), 0.01, duration=20, key=jax.random.key(1))
    >>> found.attrs["verdict"], found.attrs["suggested_dt"]
    ('unstable', 0.001)
    """
    longer(duration, discard)
    gradient = isinstance(network, Onsager) and not callable(network.gamma) and float(network.gamma) == 1
    gradient = gradient and network.noise is None
    parts = [_measure([network], [0], step, duration, discard, 1, start, key, None) for step in (dt, dt / 2)]
    data = xr.concat([part.isel(gain=0, exponent=0, drop=True) for part in parts], "step")
    data = data.swap_dims(step="dt").set_coords("dt")
    data["sharpness"] = data.stability / data.dt
    verdict = str(_verdicts(data.assign(lyapunov=data.lyapunov.expand_dims("exponent", -1)), gradient)[0])
    units = np.asarray(network.start(start, key=key))[None]
    configuration = {"duration": duration, "discard": discard, "dt": dt, "start": start, "key": key}
    attrs = provenance("simulated", "single-run", ("huang2025",), configuration | network_entries(network))
    suggested = stable_step([network], units)
    rate, share = float(data.sharpness[0]), 100 * float(data.rising[0])
    warning = (
        f"dt {dt:g} is too long: the fastest mode has rate {rate:.4g}, and an explicit step is stable only for dt < "
        f"{2 / rate:.2g}; the kinetic energy rises on {share:.0f} % of the steps; dt={suggested:g} would do"
    )
    if verdict == "diverged":
        warning = f"the state became infinite with dt {dt:g}; dt={suggested:g} is stable at rest and at the start"
    said = {} if verdict == "ok" else {"warning": warning}
    return data.assign_attrs({**attrs, "verdict": verdict, "suggested_dt": suggested, **said})
