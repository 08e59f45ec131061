"""Continuous time: how long a step may be, how many there are, and what the choice did."""

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.errors import real_array, require
from noisette.networks import STEPPERS, ContinuousNetwork, sharpness
from noisette.networks.steppers import Sampled
from noisette.simulation._driver import Trials

LONGEST = 0.05  # the step that "auto" never exceeds, in units of the shortest time constant
MARGIN = 1.0  # "auto" keeps dt · sharpness at half of the bound
ROUND = (5.0, 2.0, 1.0)  # leading digits of the steps that it takes
BOUND = 2.0
EXACT = ("adaptive", "stiff")
SOLVERS = (*STEPPERS, *EXACT)


def steps_and_dt(
    networks: list[ContinuousNetwork], steps: int | None, duration: float | None, dt: float | str | None, starts: Any
) -> tuple[int, float]:
    """Return how many steps of which length make up a simulation."""
    require(
        (steps is None) != (duration is None),
        "both steps and duration" if steps else "neither steps nor duration",
        "a network in continuous time runs for one of them",
        "give duration=, in units of its time constants",
    )
    require(
        dt is None or dt == "auto" or (isinstance(dt, int | float | np.number) and dt > 0 and math.isfinite(dt)),
        f"dt {dt!r}",
        "a time above zero, or 'auto'",
    )
    step = stable_step(networks, starts) if dt in (None, "auto") else float(dt)  # type: ignore[arg-type]
    if steps is not None:
        return steps, step
    assert duration is not None
    require(duration > 0 and math.isfinite(duration), f"duration {duration!r}", "a time above zero")
    require(math.isfinite(duration / step), f"duration {duration:g} in steps of {step:g}", "a number of steps")
    number = max(1, math.ceil(duration / step - 1e-6))
    if dt in (None, "auto"):
        return number, duration / number
    require(
        abs(number * step - duration) < 1e-6 * duration + 1e-9,
        f"duration {duration:g} is {duration / step:g} steps of dt {step:g}",
        "a whole number of steps",
        f"duration={number * step:g} would do",
    )
    return number, step


def stable_step(networks: list[ContinuousNetwork], starts: np.ndarray) -> float:
    """Return a round step with dt · sharpness ≤ 1, half of the bound, at rest and at the first start."""
    fastest, shortest = 0.0, math.inf
    for network in networks:
        for units in (np.zeros(network.size), starts[0]):
            fastest = max(fastest, float(sharpness(network, jnp.asarray(units))))
        shortest = min(shortest, network.shortest)
    require(math.isfinite(fastest), "a velocity that is not finite at rest or at the start", "no dt can be chosen")
    most = min(LONGEST * shortest, MARGIN / fastest if fastest > 0 else math.inf) * (1 + 1e-9)
    decade = 10.0 ** math.floor(math.log10(most))
    return next(digit * decade for digit in ROUND if digit * decade <= most)


def signals(inputs: Any, steps: int, dt: float) -> Array | None:
    """Return input signals at each step, shape (steps, channels), from an array or a function of time."""
    if inputs is None:
        return None
    if callable(inputs):
        inputs = np.stack([np.atleast_1d(real_array(inputs(n * dt), "inputs")) for n in range(steps)])
    array = real_array(inputs, "inputs")
    array = array[:, None] if array.ndim == 1 else array
    require(
        array.ndim == 2 and len(array) >= steps,
        f"inputs of shape {array.shape} for {steps} steps",
        "finite numbers of shape (steps,) or (steps, channels), or a function of time",
    )
    return jnp.asarray(array)


def discretised(networks: list[ContinuousNetwork], dt: float, inputs: Array | None, solver: str) -> list[Any]:
    """Return each network with the solver that advances it."""
    require(solver in SOLVERS, f"solver {solver!r}", f"solvers are {', '.join(SOLVERS)}")
    kind = STEPPERS.get(solver, Sampled)
    length = jnp.asarray(dt)
    return [kind(network, length, inputs) for network in networks]


@eqx.filter_jit
def _stability(trials: Trials, units: Array, time: Array) -> Array:
    return trials.each(lambda network, key, start, x: network.dt * sharpness(network.network, x, time), units)


def stability(trials: Trials, final: np.ndarray, steps: int, dt: float) -> tuple[np.ndarray, str]:
    """Return dt · sharpness at the last state of the first run of each network, and what to warn of above 2."""
    first = trials.part(slice(0, 1))
    found = np.asarray(_stability(first, jnp.asarray(final[:, :1]), jnp.asarray(steps * dt)))[:, 0]
    worst = int(np.argmax(np.nan_to_num(found, nan=-1.0)))
    if not found[worst] > BOUND:
        return found, ""
    fastest = found[worst] / dt
    return found, (
        f"dt {dt:g} is too long: the fastest mode of network {worst} has rate {fastest:.4g} at the end, "
        f"and an explicit step is stable only for dt < 2/{fastest:.4g} = {2 / fastest:.2g}; "
        f"use dt={_round_down(1 / fastest):g} or dt='auto', and compare"
    )


def _round_down(value: float) -> float:
    digit = 10.0 ** math.floor(math.log10(value))
    return math.floor(value / digit) * digit


def without_noise(networks: list[ContinuousNetwork], solver: str) -> None:
    """Refuse noise to solvers that choose their own steps."""
    noisy = [n for n in networks if n.noise is not None]
    require(
        not noisy,
        f"solver {solver!r} for a network in noise",
        "it takes smooth flows only",
        "use euler or heun, or with_noise(None)",
    )
