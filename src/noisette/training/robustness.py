"""Tests of trained networks under conditions that differ from those of their training."""

import dataclasses
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, Population, StepNoise, TaskNetwork, as_network, as_networks
from noisette.progress import ProgressLike, counted
from noisette.proportions import BOUNDS, wilson_interval
from noisette.provenance import network_entries, provenance
from noisette.tasks import DMS, SCORES, Task
from noisette.training.trials import check_compatible, correct_trials, run_conditions


@check_arguments
@dataclass(frozen=True)
class FixedTau:
    """Time constants of a population that are set to one value before a test.

    Parameters
    ----------
    tau : τ, in ms
    population : "all", "excitatory" or "inhibitory" units

    Raises
    ------
    InputError : a time that is not positive, or an unknown population.

    Examples
    --------
    >>> FixedTau(125.0, "inhibitory").population
    'inhibitory'
    """

    tau: float
    population: Population = "all"

    def __post_init__(self):
        real_number(self.tau, "tau", "a time above zero", lambda tau: 0 < tau < np.inf)


@check_arguments
@public_call
def test(
    networks: NetworkLike | Sequence[NetworkLike],
    task: Task | None = None,
    *,
    delays: Sequence[float] | None = None,
    internal_noise: int | Literal["trained"] = 10,
    input_noise: float = 1.0,
    trials: int = 100,
    fixed_tau: FixedTau | None = None,
    step_noise: StepNoise | None = None,
    key: KeyLike,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Measure the accuracy of trained networks with noise and delays other than those of their training.

    Every network, those trained without noise included, is tested with noise channels of new weights,
    W_noise ~ N(0, 1). Networks of the same size have the same weights and noise, so that their accuracies are
    paired; call the function with a different key for each network if they must be independent.
    The paper states neither the number of channels in a test nor the score: both scores are returned, and they do not
    always lead to the same conclusion.

    Parameters
    ----------
    networks : a task network, a result of `training.load`, or a sequence of these
    task : delayed match to sample by default
    delays : delays in ms, for a task with a ``delay``; that of the task by default
    internal_noise : number of new noise channels (with 0 only the sensory noise acts), or "trained" for the channels
        that the network was trained with
    input_noise : standard deviation added to every input channel in every step
    trials : number of trials per network and delay
    fixed_tau : time constants that are set to one value before the test
    step_noise : `StepNoise` of the test, inside the activation, on rates, synapses or the read-out; None for that of
        the training
    key : integer or JAX key, shared by all networks and delays
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (tests
        done, tests), of which there is one per network and delay

    Raises
    ------
    InputError : delays for a task without a delay, invalid numbers of trials or channels.

    Returns
    -------
    Dataset over ``network``, ``delay`` (ms) and ``score``: ``accuracy`` and ``accuracy_interval`` (Wilson's 95 %
    interval over the trials of each network, with the dimension ``bound``); ``loss`` over (network, delay)

    Examples
    --------
    >>> import jax, noisette as nz
    >>> untrained = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> result = nz.training.test(untrained, delays=[250], trials=10, key=1)
    >>> float(result.accuracy.sel(score="threshold", delay=250)[0])
    0.0

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, testing protocol.
    """
    trials, key = integer(trials, "trials"), as_key(key)
    several = [as_network(network, TaskNetwork) for network in as_networks(networks)[0]]
    base = DMS(inputs=several[0].channels, dt=several[0].dt) if task is None else task
    _check_noise(internal_noise, input_noise)
    if step_noise is not None:
        several = [network.with_step_noise(step_noise) for network in several]
    tested_delays = _delays(base, delays)
    changes = [{"input_noise": float(input_noise)} | ({} if delays is None else {"delay": d}) for d in tested_delays]
    pairs = [(network, _changed(base, **change)) for change in changes for network in several]
    results = [
        _accuracy(network, changed, internal_noise, trials, fixed_tau, key)
        for network, changed in counted(pairs, progress)
    ]
    shape = (len(tested_delays), len(several))
    values = np.reshape([scores for scores, _ in results], (*shape, -1)).transpose(1, 0, 2)  # (network, delay, score)
    losses = np.reshape([loss for _, loss in results], shape)
    data = xr.Dataset(
        {
            "accuracy": (
                ["network", "delay", "score"],
                values,
                {"units": "", "long_name": "fraction of correct trials"},
            ),
            "accuracy_interval": (
                ["network", "delay", "score", "bound"],
                wilson_interval(np.rint(values * trials), trials),
                {"units": "", "long_name": "95 % interval of the accuracy"},
            ),
            "loss": (["network", "delay"], losses.T, {"long_name": "mean of √Σ(o − z)²", "units": ""}),
        },
        {"delay": ("delay", tested_delays, {"units": "ms"}), "score": list(SCORES), "bound": list(BOUNDS)},
    )
    configuration = {
        "task": base.configuration,
        "internal_noise": internal_noise,
        "input_noise": input_noise,
        "trials": trials,
        "surgery": None if fixed_tau is None else [fixed_tau.tau, fixed_tau.population],  # name in stored results
        **{"delays": delays, "key": key, **network_entries(several)},
    }
    return data.assign_attrs(provenance("simulated", "single-run", ("rungratsameetaweemana2025",), configuration))


def _check_noise(internal_noise: int | Literal["trained"], input_noise: float) -> None:
    """Raise if the noise of a test is invalid."""
    real_number(input_noise, "input noise", "zero or positive", lambda value: 0 <= value < np.inf)
    channels = isinstance(internal_noise, int | np.integer) and internal_noise >= 0
    require(
        channels or internal_noise == "trained",
        f"internal noise {internal_noise!r}",
        "a number of channels or 'trained'",
    )


def _delays(task: Task, delays: Sequence[float] | None) -> list[float]:
    """Return the delays to test, ms; NaN for a task without a delay."""
    task_delay = getattr(task, "delay", float("nan"))
    require(delays is None or np.isfinite(task_delay), f"delays for {type(task).__name__}", "a task with a delay")
    require(delays is None or len(delays) > 0, "no delays", "at least one")
    return [float(task_delay)] if delays is None else [float(delay) for delay in delays]


def _changed(task: Task, **changes: float) -> Task:
    """Return a copy of a task with other parameters."""
    changes = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if not changes:
        return task
    fields = {field.name for field in dataclasses.fields(task) if field.init}
    parameters = ", ".join(f"{name}={value:g}" for name, value in changes.items())
    require(
        fields <= inspect.signature(type(task)).parameters.keys(),  # false for a class with its own __init__
        f"{type(task).__name__} cannot be copied with {parameters}",
        "construct it with these values and pass the same values to this test",
    )
    return dataclasses.replace(task, **changes)


def _accuracy(
    network: TaskNetwork,
    task: Task,
    internal_noise: int | Literal["trained"],
    trials: int,
    fixed_tau: FixedTau | None,
    key: PRNGKeyArray,
) -> tuple[list[float], float]:
    """Return the accuracy by each of `SCORES`, and the mean loss."""
    check_compatible(network, task)
    weights_key, task_key, noise_key = jax.random.split(key, 3)
    changed = network if fixed_tau is None else network.with_tau(fixed_tau.tau, fixed_tau.population)
    if not isinstance(internal_noise, str):
        noise_weights = jax.random.normal(weights_key, (network.size, int(internal_noise)), jnp.float32)
        changed = eqx.tree_at(lambda n: n.noise_weights, changed, noise_weights)
    block = task.block(trials, key=task_key)
    _, outputs = run_conditions(
        changed, block.inputs, jax.random.split(noise_key, trials), jnp.float32(1.0), None, keep_states=False
    )
    errors = jnp.sqrt(jnp.sum((outputs - block.target[:, :-1]) ** 2, (1, 2)))
    return [float(correct_trials(task, outputs, block, score).mean()) for score in SCORES], float(errors.mean())
