"""Tests of trained networks under conditions that they were not trained in."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.errors import InputError, integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, TaskNetwork, as_network, as_networks
from noisette.proportions import BOUNDS, wilson_interval
from noisette.provenance import network_entries, provenance
from noisette.tasks import DMS, SCORES, Task
from noisette.training.trials import fits, judged, run_conditions


@dataclass(frozen=True)
class FixedTau:
    """Time constants set to one value before a test.

    Parameters
    ----------
    tau : the value, ms
    cells : "all", "excitatory" or "inhibitory"
    """

    tau: float
    cells: str = "all"


def test(
    networks: NetworkLike | Sequence[NetworkLike],
    task: Task | None = None,
    *,
    delays: Sequence[float] | None = None,
    internal_noise: int | str = 10,
    input_noise: float = 1.0,
    trials: int = 100,
    surgery: FixedTau | None = None,
    key: KeyLike,
) -> xr.Dataset:
    """Accuracy of trained networks in noise that is not that of their training, and over longer delays.

    Every network has noise channels with fresh weights, W_noise ~ N(0, 1), those trained without noise too; networks of
    one size have the same weights, so that their accuracies are compared on equal terms. Call it with a key for each
    where they must be independent. The paper does not say how many channels there are in a test, nor how a trial counts
    as correct: both scores are returned, and they do not always lead to the same conclusion.

    Parameters
    ----------
    networks : one or several task networks, or what `training.load` returns
    task : delayed match to sample by default
    delays : ms; that of the task by default. They need a task with a ``delay``
    internal_noise : number of fresh channels (0: only the sensory noise is left), or "trained": the network's own
    input_noise : standard deviation added to every input channel in every step
    trials : of each network and delay
    surgery : time constants that are set to one value first
    key : random key, or an integer; all networks and delays share it

    Returns
    -------
    Dataset over ``network``, ``delay`` (ms) and ``score``: ``accuracy`` and ``accuracy_interval`` (Wilson's 95 %
    interval over `trials` trials of that network, with the dimension ``bound``); ``loss`` over (network, delay)

    Raises
    ------
    InputError : delays for a task without one, trials or channels that are no numbers.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> untrained = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> data = nz.training.test(untrained, delays=[250], trials=10, key=1)
    >>> float(data.accuracy.sel(score="threshold", delay=250)[0])
    0.0

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, testing protocol.
    """
    trials, key = integer(trials, "trials"), as_key(key)
    several = [as_network(network, TaskNetwork) for network in as_networks(networks)[0]]
    base = DMS(inputs=several[0].channels, dt=several[0].dt) if task is None else task
    require(np.isfinite(input_noise) and input_noise >= 0, f"input noise {input_noise:g}", "zero or positive")
    whole = isinstance(internal_noise, int | np.integer) and internal_noise >= 0
    require(
        whole or internal_noise == "trained", f"internal noise {internal_noise!r}", "a number of channels, 'trained'"
    )
    delay = getattr(base, "delay", float("nan"))
    require(delays is None or np.isfinite(delay), f"delays for {type(base).__name__}", "a task that has a delay")
    require(delays is None or len(delays) > 0, "no delays", "at least one")
    wanted = [float(delay)] if delays is None else [float(each) for each in delays]
    rows, losses = [], []
    for delay in wanted:
        changes = {"input_noise": float(input_noise)} | ({} if delays is None else {"delay": delay})
        at = _changed(base, **changes)
        results = [_accuracy(network, at, internal_noise, trials, surgery, key) for network in several]
        rows.append([scores for scores, _ in results])
        losses.append([loss for _, loss in results])
    values = np.array(rows).transpose(1, 0, 2)
    data = xr.Dataset(
        {
            "accuracy": (["network", "delay", "score"], values, {"units": "1", "long_name": "share of correct trials"}),
            "accuracy_interval": (
                ["network", "delay", "score", "bound"],
                wilson_interval(np.rint(values * trials), trials),
                {"units": "1", "long_name": "95 % interval of the accuracy"},
            ),
            "loss": (["network", "delay"], np.array(losses).T, {"long_name": "mean of √Σ(o − z)²", "units": "1"}),
        },
        {"delay": ("delay", wanted, {"units": "ms"}), "score": list(SCORES), "bound": list(BOUNDS)},
    )
    configuration = {
        "task": base.configuration,
        "internal_noise": internal_noise,
        "input_noise": input_noise,
        "trials": trials,
        "surgery": None if surgery is None else [surgery.tau, surgery.cells],
        **{"delays": delays, "key": key, **network_entries(several)},
    }
    return data.assign_attrs(provenance("simulated", "single-run", ("rungratsameetaweemana2025",), configuration))


def _changed(task: Task, **changes: float) -> Task:
    changes = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if not changes:
        return task
    try:
        return dataclasses.replace(task, **changes)
    except TypeError as error:  # a class that defines __init__
        wanted = ", ".join(f"{name}={value:g}" for name, value in changes.items())
        raise InputError(
            f"{type(task).__name__} cannot be made again with {wanted}; make the task with these parameters, "
            "and call the test with the same ones"
        ) from error


def _accuracy(
    network: TaskNetwork,
    task: Task,
    internal_noise: int | str,
    trials: int,
    surgery: FixedTau | None,
    key: PRNGKeyArray,
) -> tuple[list[float], float]:
    fits(network, task)
    for_weights, for_task, for_noise = jax.random.split(key, 3)
    tested = network if surgery is None else network.with_tau(surgery.tau, surgery.cells)
    if not isinstance(internal_noise, str):
        fresh = jax.random.normal(for_weights, (network.size, int(internal_noise)), jnp.float32)
        tested = eqx.tree_at(lambda n: n.noise_weights, tested, fresh)
    block = task.block(trials, key=for_task)
    _, outputs = run_conditions(
        tested, block.inputs, jax.random.split(for_noise, trials), jnp.float32(1.0), None, keep=False
    )
    errors = jnp.sqrt(jnp.sum((outputs - block.target[:, :-1]) ** 2, (1, 2)))
    return [float(judged(task, outputs, block, score).mean()) for score in SCORES], float(errors.mean())
