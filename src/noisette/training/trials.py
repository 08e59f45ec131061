"""Trials of a task network: a single trial as a function, and many as a dataset."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, TaskNetwork, as_network
from noisette.provenance import network_entries, provenance
from noisette.tasks import SCORES, Task, Trial
from noisette.training._draws import draws

TOGETHER = 10  # trials of one network that are computed side by side


def run_trial(
    network: TaskNetwork,
    inputs: Float[Array, "time channels"],
    psi: Float[Array, "steps C"],
    xi: Float[Array, "steps N"],
    start: Float[Array, " N"],
    current: Float[Array, "steps N"] | None = None,
) -> tuple[Float[Array, "steps N"], Float[Array, "steps outputs"]]:
    """Return states and outputs of one trial, step by step as the equations are written.

    .. math:: x_{t+1} = (1 - \\alpha) x_t
       + \\alpha \\big(W \\sigma(x_t) + W_{\\text{noise}} \\psi_t + W_{\\text{in}} u_t + I_t\\big) + s \\xi_t,
       \\qquad o_t = W_{\\text{out}} \\sigma(x_{t+1}) + b

    A trial of T inputs makes T − 1 steps; what is returned at place t is the state after the step with the input u_t.
    Training differentiates a faster form of the same; tests hold the two together.

    Parameters
    ----------
    network : whose parameters set the precision
    inputs : u, shape (T, channels)
    psi : ψ, standard normal, shape (T − 1, C)
    xi : ξ, standard normal, shape (T − 1, N)
    start : x_0, shape (N,)
    current : I, shape (T − 1, N); none by default

    Returns
    -------
    (x, o), shapes (T − 1, N) and (T − 1, outputs)

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> unit = TaskNetwork([[0.0]], [1.0], [0.0], [[2.0]], [[1.0]], dt=5.0, tau_range=(5.0, 15.0))
    >>> units, outputs = run_trial(unit, jnp.ones((2, 1)), jnp.zeros((1, 0)), jnp.zeros((1, 1)), jnp.zeros(1))
    >>> float(units[0, 0])  # τ = 10 ms, α = ½: half of the input 2
    1.0

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Eqs 7–9.
    """
    inputs, psi, xi, start = (jnp.asarray(values, network.weights.dtype) for values in (inputs, psi, xi, start))
    low, high = network.tau_range
    alpha = network.dt / (low + (high - low) * jax.nn.sigmoid(network.logits))
    weights = jax.nn.relu(network.weights) * network.signs
    if network.mask is not None:
        weights = weights * network.mask
    drive = psi @ network.noise_weights.T + inputs[:-1] @ network.input_weights.T
    if current is not None:
        drive = drive + jnp.asarray(current, drive.dtype)

    def step(x, arguments):
        driven, added = arguments
        after = (1 - alpha) * x + alpha * (weights @ jax.nn.sigmoid(x) + driven) + network.sensory_noise * added
        return after, after

    _, units = jax.lax.scan(step, start, (drive, xi))
    return units, jax.nn.sigmoid(units) @ network.readout.T + network.readout_bias


@eqx.filter_jit
def run_conditions(
    network: TaskNetwork, inputs: Array, keys: Array, loud: Array, current: Array | None, keep: bool
) -> tuple[Array | None, Array]:
    """Return states (if they are to be kept) and outputs of many trials, in noise of the key of each."""

    @jax.custom_batching.sequential_vmap  # side by side, draws would be no faster, and compile three times as long
    def noise(key):
        return draws(key, inputs.shape[1] - 1, network.size, network.noise_channels)

    def trial(arguments):
        signal, key = arguments
        psi, xi, start = noise(key)
        units, outputs = run_trial(network, signal, loud * psi, loud * xi, start, current)
        return units if keep else None, outputs

    return jax.lax.map(trial, (inputs, keys), batch_size=TOGETHER)


@eqx.filter_jit
def judged(task: Task, outputs: Array, block: Trial, score: str) -> Array:
    """Return which trials were answered correctly."""
    return jax.vmap(lambda o, t: task.correct(o, t, score))(outputs, block)


def run_trials(
    network: NetworkLike,
    task: Task,
    trials: int = 100,
    *,
    key: KeyLike,
    internal_noise: bool = True,
    label: int | str | None = None,
    score: str = "threshold",
    units: bool = False,
    current: ArrayLike | Array | None = None,
) -> xr.Dataset:
    """Run trials of a task, and return outputs, targets and whether they were correct.

    Parameters
    ----------
    network : a task network, trained or not, or what `training.load` returns
    task : with as many input channels as the network; its ``input_noise`` is what makes inputs noisy
    trials : how many
    key : random key, or an integer
    internal_noise : whether the noise channels and the sensory noise act. For other channels than those of training
        give the network ``with_noise_weights``
    label : only trials of this condition, by number or name; drawn at random by default
    score : "threshold" or "strict": see the task
    units : keep the state of every unit, too
    current : extra input current, shape (N,) or (steps, N)

    Returns
    -------
    Dataset over ``trial``, ``time`` (after each step) and ``output``: ``outputs``, ``target``, ``mask``, ``label``
    and ``correct``; with `units` also ``units`` (trial, time, unit), float32

    Raises
    ------
    InputError : channels or outputs that do not fit, an unknown score, no trials.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> data = run_trials(network, nz.tasks.DMS(), 4, key=1)
    >>> dict(data.outputs.sizes)
    {'trial': 4, 'time': 299, 'output': 1}
    """
    network, key = as_network(network, TaskNetwork), as_key(key)
    trials = integer(trials, "trials")
    require(score in SCORES, f"score {score!r}", f"one of {', '.join(SCORES)}")
    fits(network, task)
    for_task, for_noise = jax.random.split(key)
    block = task.block(trials, key=for_task, label=label)
    extra = None
    if current is not None:
        extra = jnp.broadcast_to(jnp.asarray(current, jnp.float32), (task.steps - 1, network.size))
    loud = jnp.float32(internal_noise)
    keys = jax.random.split(for_noise, trials)
    states, outputs = run_conditions(network, block.inputs, keys, loud, extra, units)
    lines = ["trial", "time", "output"]
    data = xr.Dataset(
        {
            "outputs": (lines, np.asarray(outputs)),
            "target": (lines, np.asarray(block.target)[:, :-1]),
            "mask": (lines[:2], np.asarray(block.mask)[:, :-1]),
            "label": ("trial", np.asarray(block.label)),
            "correct": ("trial", np.asarray(judged(task, outputs, block, score))),
        },
        {"time": ("time", task.dt * np.arange(1, task.steps), {"units": "ms", "long_name": "time in the trial"})},
    )
    if states is not None:
        data["units"] = (["trial", "time", "unit"], np.asarray(states))
    configuration = {
        **{"task": task.configuration, "trials": trials, "internal_noise": internal_noise, "score": score},
        **{"label": label, "current": current, "key": key, **network_entries(network)},
    }
    references = ("rungratsameetaweemana2025",)
    return data.assign_attrs(provenance("simulated", "single-run", references, configuration))


def fits(network: TaskNetwork, task: Task) -> None:
    """Refuse a task with other channels, outputs or step than the network's."""
    require(
        network.channels == task.channels,
        f"a task with {task.channels} input channels",
        f"the network has {network.channels}",
        "the inputs= of the task and the channels= of the network go together",
    )
    outputs = network.readout.shape[0]
    require(outputs == task.outputs, f"a task with {task.outputs} outputs", f"the network gives {outputs}")
    require(
        abs(network.dt - task.dt) < 1e-9,
        f"a task in steps of {task.dt:g} ms",
        f"the network takes steps of {network.dt:g} ms",
        "make the task with the dt of the network",
    )
