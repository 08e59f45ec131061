"""Trained networks during the delay of a task: mean state, and persistent activity of groups of units."""

from dataclasses import replace
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, PRNGKeyArray
from numpy.typing import ArrayLike
from scipy.special import expit

from noisette.analysis._fixed_points import nearest_fixed_point
from noisette.analysis._options import Progress
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, TaskNetwork, as_network
from noisette.progress import counted
from noisette.provenance import network_entries, provenance
from noisette.tasks import Task
from noisette.training import run_trials

Window = str | tuple[int, int]
REFERENCES = ("rungratsameetaweemana2025",)
GROUPS = ("dominant", "non-dominant")


class _Stimulus(NamedTuple):
    """Stimulus presented before the end of a window.

    Attributes
    ----------
    value : sign of the stimulus if it distinguishes all stimuli, otherwise an index
    labels : indices of the conditions with this stimulus
    drive : mean input within the window, shape (channels,)
    """

    value: int
    labels: list[int]
    drive: np.ndarray


def window_name(task: Task, window: Window | None = None) -> str:
    """Return the name of a window of a task: that of a period, or its range of steps.

    Parameters
    ----------
    task, window : as for `window_steps`

    Examples
    --------
    >>> import noisette as nz
    >>> window_name(nz.tasks.DMS()), window_name(nz.tasks.GoNoGo()), window_name(nz.tasks.DMS(), (3, 9))
    ('delay', 'response', 'steps 3 to 8')
    """
    if window is None:
        return "delay" if "delay" in task.periods else "response"
    return window if isinstance(window, str) else f"steps {window[0]} to {window[1] - 1}"


def window_steps(task: Task, window: Window | None = None) -> tuple[int, int]:
    """Return the first step of a window of a task, and the step after its last one.

    Parameters
    ----------
    task : any task
    window : name of a period, such as "delay" or "response", or a pair (start, stop) of steps; by default "delay", or
        "response" for a task without a delay

    Raises
    ------
    InputError : a period that does not exist in the task or is empty, steps outside the trial.

    Examples
    --------
    >>> import noisette as nz
    >>> window_steps(nz.tasks.DMS()), window_steps(nz.tasks.DMS(), "response")[0] >= 200
    ((100, 150), True)
    """
    last = task.steps - 1
    if window is None:
        window = window_name(task)
    if isinstance(window, str):
        periods = dict(task.periods)
        if "response" not in periods:
            response_steps = np.flatnonzero(np.asarray(task.trial(key=jax.random.key(0)).mask))
            periods["response"] = (
                (int(response_steps[0]), int(response_steps[-1]) + 1) if len(response_steps) else (0, 0)
            )
        known = ", ".join(periods)
        require(
            window in periods, f"window {window!r}", f"periods of this task are {known}", "or use a pair (start, stop)"
        )
        start, stop = (int(step) for step in periods[window])
        stop = min(stop, last)
    else:
        start, stop = window
    require(
        0 <= start < stop <= last,
        f"window from step {start} to {stop}",
        f"steps from 0 to {last}, and at least one step",
    )
    return start, stop


@check_arguments
@public_call
def delay_state(
    network: NetworkLike,
    task: Task,
    trials: int = 50,
    *,
    key: KeyLike,
    internal_noise: bool = True,
    window: Window | None = None,
    fixed_points: bool = True,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Mean state of a network during the delay for each first stimulus s₁, and the nearest fixed point.

    .. math:: \\mathbf x^*_{s_1} = \\langle \\mathbf x(t) \\rangle_{t \\in \\text{delay},\\, \\text{trials}}, \\qquad
       \\text{residual} = \\max_i \\big| x^*_i - (W \\sigma(\\mathbf x^*))_i \\big|

    The mean state x* need not be a fixed point: trained networks may move during the delay, and a linearisation about
    x* then describes a mean state rather than an equilibrium. The result therefore contains the residual and the
    nearest fixed point as well. The paper does not specify whether noise is present; by default it is, as in training.

    Conditions whose inputs are identical up to the end of the window share one first stimulus. A state belongs to the
    window if the step that leads to it has an input of the window. Where the input within the window is not zero, as
    for the context in CTX, its mean ū is included: fixed points obey x = Wσ(x) + W_in ū.

    Parameters
    ----------
    network : task network, or the result of `training.load`
    task : task with a delay, such as DMS; for other tasks see `window`
    trials : number of trials for each first stimulus; 50 in the paper
    key : an integer or a JAX key
    internal_noise : whether noise channels and sensory noise are active
    window : as for `window_steps`; by default the delay, or the response window of a task without a delay
    fixed_points : whether to search for the nearest fixed points, which takes most of the time
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (stimuli
        done, stimuli)

    Raises
    ------
    InputError : a task that does not fit the network, an invalid window.

    Returns
    -------
    Dataset over ``stimulus`` (the sign of the stimulus if it distinguishes all stimuli, otherwise an index) and
    ``unit``: ``state`` x*; ``spread``, the standard deviation over time and trials; ``residual``; ``fixed_point``, its
    Euclidean ``distance`` from x* and ``largest_shift``, the largest distance in one unit; ``converged``, whether the
    search for it converged (these four only with `fixed_points`); ``conditions``, the names of the conditions with this
    stimulus. The attribute ``window`` is the name of the window and ``window_ms`` its start and end in ms

    See Also
    --------
    analysis.nearest_fixed_point : The search for the fixed point, from any state.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=0)
    >>> delay = delay_state(network, nz.tasks.DMS(), trials=2, key=1)
    >>> delay.stimulus.values.tolist(), dict(delay.state.sizes)
    ([1, -1], {'stimulus': 2, 'unit': 20})

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, network stability analysis.
    """
    network, key = as_network(network, TaskNetwork), as_key(key)
    trials = integer(trials, "trials")
    start, stop = window_steps(task, window)
    rows: list[dict[str, Any]] = []
    stimuli = _distinct_stimuli(task, start, stop)
    for number, stimulus in counted([*enumerate(stimuli)], progress):
        units = _runs(network, task, trials, stimulus, jax.random.fold_in(key, number), internal_noise)[:, start:stop]
        state = units.mean((0, 1))
        drive = np.asarray(network.input_weights, float) @ stimulus.drive
        rows.append(
            {
                "state": state,
                "spread": units.std((0, 1)),
                "residual": np.abs(state - network.effective @ expit(state) - drive).max(),
                **(_fixed_point(network, drive, state) if fixed_points else {}),
            }
        )
    long_names = {
        "state": f"mean synaptic current, window: {window_name(task, window)}",
        "spread": "standard deviation over time and trials",
        "residual": "largest |x - W sigma(x) - input| over units",
        "fixed_point": "nearest fixed point",
        "distance": "Euclidean distance between mean state and fixed point",
        "largest_shift": "largest distance between mean state and fixed point in a unit",
        "converged": "whether the search for a fixed point converged",
    }
    columns: dict[str, Any] = {}
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        columns[name] = (["stimulus", "unit"][: values.ndim], values, {"long_name": long_names[name], "units": ""})
    attrs = _attrs(network, task, trials, internal_noise, window, key)
    return xr.Dataset(columns, _stimuli(task, stimuli), attrs)


def _fixed_point(network: TaskNetwork, drive: np.ndarray, state: np.ndarray) -> dict[str, Any]:
    """Return the fixed point of a network without noise that is nearest to a state, and its distance from the state."""
    noiseless = eqx.tree_at(lambda n: n.bias, network.network.with_noise(None), jnp.asarray(drive))
    fixed_point = nearest_fixed_point(noiseless, state)
    return {
        "fixed_point": fixed_point.state,
        "distance": fixed_point.distance,
        "largest_shift": np.abs(fixed_point.state - state).max(),
        "converged": fixed_point.converged,
    }


@check_arguments
@public_call
def persistent_activity(
    network: NetworkLike,
    task: Task,
    dominant: ArrayLike | Array | xr.DataArray,
    trials: int = 50,
    *,
    key: KeyLike,
    internal_noise: bool = True,
    window: Window | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Mean firing rate of dominant and of other units as a function of time, and its mean over the delay.

    .. math:: \\bar r_G(t) = \\langle \\sigma(x_i(t)) \\rangle_{i \\in G,\\, \\text{trials}}

    Rates are dimensionless, between 0 and 1. With the same key the trials are those of `delay_state`.

    Parameters
    ----------
    network, task, trials, key, internal_noise, window, progress : as for `delay_state`
    dominant : mask of the dominant units, shape (N,); see `dominant_units`

    Raises
    ------
    InputError : as for `delay_state`; `dominant` of another shape.

    Returns
    -------
    Dataset over ``group`` ("dominant", "non-dominant") and ``stimulus``: ``rate``, the mean firing rate over ``time``
    in ms; ``delay_rate``, its mean over the window; ``mean_delay_rate``, the mean over stimuli as well; ``units``, the
    number of units. Rates are NaN for a group without units

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=0)
    >>> activity = persistent_activity(network, nz.tasks.DMS(), network.signs < 0, trials=2, key=1)
    >>> dict(activity.rate.sizes)
    {'stimulus': 2, 'group': 2, 'time': 299}

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Fig 5.
    """
    network, key = as_network(network, TaskNetwork), as_key(key)
    trials = integer(trials, "trials")
    mask = np.asarray(dominant).astype(bool)
    require(mask.shape == (network.size,), f"dominant of shape {mask.shape}", f"shape ({network.size},)")
    start, stop = window_steps(task, window)
    stimuli = _distinct_stimuli(task, start, stop)
    rates = np.full((len(stimuli), len(GROUPS), task.steps - 1), np.nan)
    for number, stimulus in counted([*enumerate(stimuli)], progress):
        units = _runs(network, task, trials, stimulus, jax.random.fold_in(key, number), internal_noise)
        mean = expit(units).mean(0)
        for index, group in enumerate((mask, ~mask)):
            if group.any():
                rates[number, index] = mean[:, group].mean(1)
    delay = rates[..., start:stop].mean(-1)
    label = {"long_name": "mean firing rate", "units": ""}
    columns = {
        "rate": (["stimulus", "group", "time"], rates, label),
        "delay_rate": (["stimulus", "group"], delay, label),
        "mean_delay_rate": ("group", delay.mean(0), label),
        "units": ("group", np.array([mask.sum(), (~mask).sum()])),
    }
    time = ("time", task.dt * np.arange(1, task.steps), {"units": "ms", "long_name": "time in the trial"})
    coords = _stimuli(task, stimuli) | {"group": list(GROUPS), "time": time}
    return xr.Dataset(columns, coords, _attrs(network, task, trials, internal_noise, window, key))


def _distinct_stimuli(task: Task, start: int, stop: int) -> list[_Stimulus]:
    """Return the distinct stimuli up to the end of the window; conditions with equal inputs share one stimulus."""
    labels = range(len(task.conditions))
    key = jax.random.key(0)  # one key for all conditions, so that random parts of the inputs do not distinguish them
    if task.traceable:
        noiseless = replace(task, input_noise=0.0) if task.input_noise else task
        inputs = np.asarray(_every_condition(noiseless, key), float)
    else:
        inputs = np.stack([np.asarray(task.trial(key=key, label=label).inputs, float) for label in labels])
    groups: list[list[int]] = []
    for label, signal in enumerate(inputs):
        same = [group for group in groups if np.array_equal(inputs[group[0]][:stop], signal[:stop])]
        groups = groups if same else [*groups, []]
        (same[0] if same else groups[-1]).append(label)
    signs = [int(np.sign(np.round(inputs[group[0]][:stop].sum(), 9))) for group in groups]
    values = signs if len(set(signs)) == len(groups) else list(range(len(groups)))
    drives = [inputs[group[0]][start:stop].mean(0) for group in groups]
    stimuli = [_Stimulus(*parts) for parts in zip(values, groups, drives, strict=True)]
    return sorted(stimuli, key=lambda stimulus: -stimulus.value) if values is signs else stimuli


@eqx.filter_jit
def _every_condition(task: Task, key: PRNGKeyArray) -> Array:
    """Return the inputs in a trial of each condition, shape (conditions, T, channels)."""
    return jax.vmap(lambda label: task.trial(key=key, label=label).inputs)(jnp.arange(len(task.conditions)))


def _runs(
    network: TaskNetwork, task: Task, trials: int, stimulus: _Stimulus, key: PRNGKeyArray, internal_noise: bool
) -> np.ndarray:
    """Return the states in trials with the same stimulus, shape (trials, T − 1, N)."""
    label = stimulus.labels[0]  # conditions that share a stimulus differ only after the window
    outcome = run_trials(network, task, trials, key=key, label=label, internal_noise=internal_noise, units=True)
    return outcome.units.values.astype(float)


def _stimuli(task: Task, stimuli: list[_Stimulus]) -> dict[str, Any]:
    """Return the coordinates of the dimension ``stimulus``: values, and names of the conditions."""
    names = [" or ".join(task.conditions[label] for label in stimulus.labels) for stimulus in stimuli]
    return {"stimulus": [stimulus.value for stimulus in stimuli], "conditions": ("stimulus", names)}


def _attrs(
    network: TaskNetwork, task: Task, trials: int, internal_noise: bool, window: Window | None, key: PRNGKeyArray
) -> dict[str, Any]:
    """Return the attributes of a result: provenance, and the name and the times of the window."""
    steps = window_steps(task, window)
    configuration = {"task": task.configuration, "trials": trials, "window": steps, "key": key}
    configuration |= {"internal_noise": internal_noise, **network_entries(network)}
    noise = f"{network.noise_channels} channels and sensory noise" if internal_noise else "none"
    attrs = provenance("simulated", "mean over window and trials", REFERENCES, configuration, noise=noise)
    return attrs | {"window": window_name(task, window), "window_ms": [task.dt * step for step in steps]}
