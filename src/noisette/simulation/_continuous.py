"""Time discretisation: length and number of steps, solver, and the inputs of each step."""

import math
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.errors import real_array, require
from noisette.functions import sampled
from noisette.limits import require_steps
from noisette.networks import INTEGRATORS, ContinuousNetwork, Discretized
from noisette.networks.integrators import require_milstein
from noisette.networks.step_size import Explicit
from noisette.simulation._step_size import LONGEST, Conditions, choose_step

Solver = Literal["euler", "heun", "milstein", "adaptive", "stiff"]
EXACT = ("adaptive", "stiff")
MOST_STEPS = 10**11  # a step takes a microsecond or more, and this number of steps at least a day
SAMPLES = 17  # number of times at which inputs that are a function of time are evaluated for the choice of a step


def chosen_step(
    networks: list[ContinuousNetwork],
    dt: float | str | None,
    solver: Solver | Literal["auto"],
    starts: Any,
    inputs: Any = None,
    steps: int | None = None,
    duration: float | None = None,
) -> tuple[float, Solver]:
    """Return the step and the solver, chosen automatically where `dt` or `solver` is "auto".

    The solver "auto" is Euler's, unless the step is also automatic and Heun's method is cheaper, see `choose_step`.
    """
    if dt in (None, "auto"):
        explicit: Explicit | None = None if solver == "auto" else "euler" if solver in EXACT else solver
        conditions = Conditions(np.asarray(starts), _extreme_inputs(inputs, steps, duration, networks), duration)
        step, selected = choose_step(networks, conditions, explicit)
        return step, selected if solver == "auto" else solver
    require(
        isinstance(dt, int | float | np.number) and dt > 0 and math.isfinite(dt),
        f"dt {dt!r}",
        "a time above zero, or 'auto'",
    )
    return float(dt), "euler" if solver == "auto" else solver  # type: ignore[arg-type]


def steps_and_dt(
    networks: list[ContinuousNetwork],
    steps: int | None,
    duration: float | None,
    dt: float | str | None,
    starts: Any,
    step: float | None = None,
) -> tuple[int, float]:
    """Return the number of steps and their length; `step` is the length chosen by "auto", if any."""
    require(
        (steps is None) != (duration is None),
        "both steps and duration" if steps else "neither steps nor duration",
        "exactly one of them for a network in continuous time",
        "give duration=, in the network's unit of time",
    )
    if step is None:
        step = chosen_step(networks, dt, "euler", starts, None, steps, duration)[0]
    if steps is not None:
        return require_steps(steps), step
    assert duration is not None
    require(duration > 0 and math.isfinite(duration), f"duration {duration!r}", "a time above zero")
    require(math.isfinite(duration / step), f"duration {duration:g} in steps of {step:g}", "a number of steps")
    number = require_steps(max(1, math.ceil(duration / step - 1e-6)), f"duration {duration:g} in steps of {step:g}")
    if dt in (None, "auto"):
        return number, duration / number
    require(
        abs(number * step - duration) < 1e-6 * duration + 1e-9,
        f"duration {duration:g} is {duration / step:g} steps of dt {step:g}",
        "a whole number of steps",
        f"duration={number * step:g} would do",
    )
    return number, step


def _extreme_inputs(
    inputs: Any, steps: int | None, duration: float | None, networks: list[ContinuousNetwork]
) -> tuple[Array | None, ...]:
    """Return the first and the largest input signal, each of shape (channels,), for the choice of a step."""
    if inputs is None:
        return (None,)
    if callable(inputs):
        longest = LONGEST * min(network.min_tau for network in networks)
        end = duration if duration is not None and math.isfinite(duration) else longest * (steps or 0)
        rows = np.stack([np.atleast_1d(sampled(inputs, "inputs", float(t))) for t in np.linspace(0, end, SAMPLES)])
    else:
        rows = real_array(inputs, "inputs")
        rows = rows[:, None] if rows.ndim == 1 else rows
        require(rows.ndim == 2 and len(rows) > 0, f"inputs of shape {rows.shape}", "(steps,) or (steps, channels)")
    largest = int(np.argmax(np.nan_to_num((rows**2).sum(1))))
    return tuple(jnp.asarray(rows[row]) for row in dict.fromkeys((0, largest)))


def signals(inputs: Any, steps: int, dt: float) -> Array | None:
    """Return the input signals of each step, shape (steps, channels), from an array or a function of time."""
    if inputs is None:
        return None
    if callable(inputs):
        inputs = np.stack([np.atleast_1d(sampled(inputs, "inputs", n * dt)) for n in range(steps)])
    array = real_array(inputs, "inputs")
    array = array[:, None] if array.ndim == 1 else array
    require(
        array.ndim == 2 and len(array) >= steps,
        f"inputs of shape {array.shape} for {steps} steps",
        "finite numbers of shape (steps,) or (steps, channels), or a function of time",
    )
    return jnp.asarray(array)


def discretised(
    networks: list[ContinuousNetwork], dt: float, inputs: Array | None, solver: Solver
) -> list[Discretized]:
    """Return the networks discretised with steps of `dt`."""
    kind = INTEGRATORS.get(solver, Discretized)
    length = jnp.asarray(dt)
    # the noise of a discretised network is a property, which the type checker mistakes for a field
    return [kind(network=network, dt=length, inputs=inputs) for network in networks]  # pyright: ignore[reportCallIssue]


def check_solver(networks: list[ContinuousNetwork], solver: str, start: Array) -> None:
    """Raise if a solver does not apply: adaptive steps in noise, or Milstein's method where it has no meaning."""
    for network in networks if solver == "milstein" else ():
        require_milstein(network, start)
    if solver not in EXACT:
        return
    noisy = [n for n in networks if n.noise is not None]
    require(
        not noisy,
        f"solver {solver!r} for a network with noise",
        "it integrates smooth flows only",
        "use euler, heun or milstein, or with_noise(None)",
    )
