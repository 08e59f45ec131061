"""Simulation of task networks in trials: a reference implementation of a trial, and datasets of many trials."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_values, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, TaskNetwork, as_network
from noisette.progress import ProgressLike
from noisette.provenance import network_entries, provenance
from noisette.tasks import Score, Task, Trial, without_noise
from noisette.training._continuous_trials import examined_steps, interface, run_continuous, warn_of_long_steps
from noisette.training._draws import PlacedNoise, placed_noise, stds_of, trial_noise

VECTORISED = 10  # trials of one network in one vectorised computation
REPORTED = 5 * VECTORISED  # trials between two reports of progress


@check_arguments
def run_trial(
    network: TaskNetwork,
    inputs: Float[Array, "time channels"],
    psi: Float[Array, "steps C"],
    xi: Float[Array, "steps N"],
    initial: Float[Array, " N"],
    current: Float[Array, "steps N"] | None = None,
    placed: PlacedNoise | None = None,
) -> tuple[Float[Array, "steps N"], Float[Array, "steps outputs"]]:
    """Return states and outputs of one trial, computed step by step from the equations.

    .. math:: x_{t+1} = (1 - \\alpha) x_t
       + \\alpha \\big(W \\sigma(x_t) + W_{\\text{noise}} \\psi_t + W_{\\text{in}} u_t + I_t\\big) + s \\xi_t,
       \\qquad o_t = W_{\\text{out}} \\sigma(x_{t+1}) + b

    With noise η inside the activation, ρ on the rates, relative noise Z of the synapses, and υ on the outputs, σ(x) is
    replaced by σ(x + η) + ρ, W by W ∘ (1 + Z), and o by o + υ, see `networks.StepNoise`.

    A trial of T inputs has T − 1 steps; the result at index t is the state after the step with input u_t. Training
    differentiates a faster form of the same equations; tests check that both agree.

    Parameters
    ----------
    network : task network; its parameters determine the precision
    inputs : u, shape (T, channels)
    psi : ψ, standard normal, shape (T − 1, C)
    xi : ξ, standard normal, shape (T − 1, N)
    initial : x_0, shape (N,)
    current : I, additional input, shape (T − 1, N); none by default
    placed : noise at other places, η, ρ, Z and υ, not scaled by the `step_noise` of the network; none by default

    Returns
    -------
    (x, o), shapes (T − 1, N) and (T − 1, outputs)

    See Also
    --------
    training.run_trials : States and answers in many trials, in a compiled loop.
    training.run_perturbed_trials : Trials with an additional current into some units.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> unit = TaskNetwork([[0.0]], [1.0], [0.0], [[2.0]], [[1.0]], dt=5.0, tau_range=(5.0, 15.0))
    >>> states, outputs = run_trial(unit, jnp.ones((2, 1)), jnp.zeros((1, 0)), jnp.zeros((1, 1)), jnp.zeros(1))
    >>> float(states[0, 0])  # τ = 10 ms, α = ½: half of the input 2
    1.0

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Eqs 7–9.
    """
    arrays = {"inputs": inputs, "psi": psi, "xi": xi, "initial": initial}
    checked = (real_values(array, name) for name, array in arrays.items())
    inputs, psi, xi, initial = (jnp.asarray(array, network.weights.dtype) for array in checked)
    low, high = network.tau_range
    require(initial.shape == (network.size,), f"initial state of shape {initial.shape}", f"shape ({network.size},)")
    alpha = network.dt / (low + (high - low) * jax.nn.sigmoid(network.logits))
    weights = jax.nn.relu(network.weights) * network.signs
    if network.mask is not None:
        weights = weights * network.mask
    drive = psi @ network.noise_weights.T + inputs[:-1] @ network.input_weights.T
    if current is not None:
        drive = drive + jnp.asarray(current, drive.dtype)
    precise = lambda noise: jnp.asarray(real_values(noise, "placed noise"), initial.dtype)  # noqa: E731
    inside, outside, relative, observed = jax.tree.map(precise, placed or PlacedNoise())
    if relative is not None:
        weights = weights * (1 + relative)

    def rate(x, inside, outside):
        values = jax.nn.sigmoid(x if inside is None else x + inside)
        return values if outside is None else values + outside

    def step(x, values):
        external, noise, inside, outside = values
        received = weights @ rate(x, inside, outside)
        x = (1 - alpha) * x + alpha * (received + external) + network.sensory_noise * noise
        return x, x

    before, after = (
        [None if n is None else n[part] for n in (inside, outside)] for part in (slice(-1), slice(1, None))
    )
    _, states = jax.lax.scan(step, initial, (drive, xi, *before))
    outputs = rate(states, *after) @ network.readout.T + network.readout_bias
    return states, outputs if observed is None else outputs + observed


@eqx.filter_jit
def run_conditions(
    network: TaskNetwork, inputs: Array, keys: Array, noise_scale: Array, current: Array | None, keep_states: bool
) -> tuple[Array | None, Array]:
    """Return states (None unless they are kept) and outputs of many trials, each with the noise of its own key."""

    stds, steps, outputs = stds_of(network.step_noise), inputs.shape[1] - 1, len(network.readout)

    @jax.custom_batching.sequential_vmap  # vectorised draws are not faster, and take three times as long to compile
    def noise(key):
        return trial_noise(key, steps, network.size, network.noise_channels)

    @jax.custom_batching.sequential_vmap
    def other_noise(key):
        assert stds is not None
        return placed_noise(key, stds, steps, size=network.size, outputs=outputs)

    def single(arguments):
        trial_inputs, key = arguments
        psi, xi, initial = noise(key)
        placed = jax.tree.map(lambda n: noise_scale * n, other_noise(key)) if stds is not None else None
        scaled = noise_scale * psi, noise_scale * xi
        states, outputs = run_trial(network, trial_inputs, *scaled, initial, current, placed)
        return states if keep_states else None, outputs

    return jax.lax.map(single, (inputs, keys), batch_size=VECTORISED)


def correct_trials(task: Task, outputs: Array, trials: Trial, score: Score) -> Array:
    """Return which trials have a correct answer, shape (trials,)."""
    return _correct_trials(without_noise(task), outputs, trials, score)  # scores do not depend on noise in the inputs


@eqx.filter_jit
def _correct_trials(task: Task, outputs: Array, trials: Trial, score: Score) -> Array:
    return jax.vmap(lambda o, t: task.correct(o, t, score))(outputs, trials)


@check_arguments
@public_call
def run_trials(
    network: NetworkLike,
    task: Task,
    trials: int = 100,
    *,
    key: KeyLike,
    internal_noise: bool = True,
    label: int | str | None = None,
    score: Score = "threshold",
    units: bool = False,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Simulate a network in trials of a task and score its answers.

    Besides task networks, any network made from one can be simulated: `Onsager` with a weight that changes during a
    trial, or the equivalent `RateNetwork` in another noise, such as ``network.with_noise(network.noise + Pulse(…))``.
    These take steps of the task's dt by Euler's method.

    Parameters
    ----------
    network : task network, trained or untrained, or a result of `training.load`; or another network in ms with input
        weights and a readout
    task : task with as many input channels as the network; its ``input_noise`` adds noise to the inputs
    trials : number of trials
    key : integer or JAX key
    internal_noise : whether the noise channels, the sensory noise and the step noise act. For other noise than that of
        training, pass the network ``with_noise_weights`` or ``with_step_noise``
    label : number or name of the condition of all trials; drawn at random for each trial by default
    score : "threshold" or "strict", see `Task.correct`
    units : whether to return the states of all units and the inputs as well
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (trials
        done, trials)

    Raises
    ------
    InputError : a network without input weights or readout; inconsistent numbers of channels or outputs, an unknown
        score, or no trials.

    Warns
    -----
    StepSizeWarning : steps of the task that are too long for a network other than a task network

    Returns
    -------
    Dataset over ``trial``, ``time`` (after each step, ms) and ``output``: ``outputs``, ``target``, ``mask``, ``label``
    and ``correct``; with `units` also ``units`` (trial, time, unit) and ``inputs`` (trial, time, channel), those of the
    step that leads to a state, float32

    See Also
    --------
    training.run_trial : One trial, step by step from the equations, as a check.
    training.run_perturbed_trials : Trials with an additional current into some units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> answers = run_trials(network, nz.tasks.DMS(), 4, key=1)
    >>> dict(answers.outputs.sizes)
    {'trial': 4, 'time': 299, 'output': 1}
    """
    options = TrialOptions(internal_noise, label, score)
    return _simulated_trials(network, task, trials, as_key(key), options, units=units, progress=progress)


@check_arguments
@public_call
def run_perturbed_trials(
    network: NetworkLike,
    task: Task,
    current: ArrayLike | Array,
    trials: int = 100,
    *,
    key: KeyLike,
    internal_noise: bool = True,
    score: Score = "threshold",
    units: bool = False,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Simulate a network in trials of a task with an additional current into its units, and score its answers.

    With the same key, trials and noise are those of `run_trials`. A current of zeros runs the same program as any
    other current, so that differences are due to the current alone, bit for bit.

    Parameters
    ----------
    network, task, trials, key, internal_noise, score, units, progress : as for `run_trials`
    current : additional input current, shape (N,) or (T − 1, N)

    Raises
    ------
    InputError : as for `run_trials`.

    Returns
    -------
    Dataset, as `run_trials` returns it

    See Also
    --------
    training.run_trials : States and answers in many trials, in a compiled loop.
    training.run_trial : One trial, step by step from the equations, as a check.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> answers = run_perturbed_trials(network, nz.tasks.DMS(), np.ones(20), 4, key=1)
    >>> answers.correct.shape
    (4,)
    """
    options = TrialOptions(internal_noise, None, score)
    return _simulated_trials(
        network, task, trials, as_key(key), options, units=units, current=current, progress=progress
    )


class TrialOptions(NamedTuple):
    """Options of simulated trials, see `run_trials`."""

    internal_noise: bool
    label: int | str | None
    score: Score


def _simulated_trials(
    network: NetworkLike,
    task: Task,
    trials: int,
    key: PRNGKeyArray,
    options: TrialOptions,
    *,
    units: bool = False,
    current: ArrayLike | Array | None = None,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Simulate trials, with an additional current or without, and return them as a dataset."""
    kind = ContinuousNetwork if current is None else TaskNetwork
    network, trials = as_network(network, kind), integer(trials, "trials")
    check_compatible(network, task)
    task_key, noise_key = jax.random.split(key)
    block = task.block(trials, key=task_key, label=options.label)
    extra = None
    if current is not None:
        values, shape = real_array(current, "current"), (task.steps - 1, network.size)
        fits = values.shape in ((), shape[1:], shape)
        require(fits, f"current of shape {values.shape}", f"a number, shape {shape[1:]} or {shape}")
        extra = jnp.broadcast_to(jnp.asarray(values, jnp.float32), shape)
    keys = jax.random.split(noise_key, trials)
    size = REPORTED if callable(progress) else trials
    blocks = [slice(first, first + size) for first in range(0, trials, size)]
    parts = []
    for rows in blocks:
        parts.append(_run_block(network, task, block.inputs[rows], keys[rows], options, extra, units))
        if callable(progress):
            progress(min(rows.stop, trials), trials)
    outputs = np.concatenate([np.asarray(part[1]) for part in parts])
    dims = ["trial", "time", "output"]
    data = xr.Dataset(
        {
            "outputs": (dims, outputs),
            "target": (dims, np.asarray(block.target)[:, :-1]),
            "mask": (dims[:2], np.asarray(block.mask)[:, :-1]),
            "label": ("trial", np.asarray(block.label)),
            "correct": ("trial", np.asarray(correct_trials(task, jnp.asarray(outputs), block, options.score))),
        },
        {"time": ("time", task.dt * np.arange(1, task.steps), {"units": "ms", "long_name": "time in the trial"})},
    )
    if units:
        data["units"] = (["trial", "time", "unit"], np.concatenate([np.asarray(part[0]) for part in parts]))
        data["inputs"] = (["trial", "time", "channel"], np.asarray(block.inputs)[:, :-1])
    configuration = {
        **{"task": task.configuration, "trials": trials, **options._asdict()},
        **{"current": current, "key": key, **network_entries(network)},
    }
    references = ("rungratsameetaweemana2025",)
    return data.assign_attrs(provenance("simulated", "single-run", references, configuration))


def _run_block(
    network: ContinuousNetwork,
    task: Task,
    inputs: Array,
    keys: Array,
    options: TrialOptions,
    current: Array | None,
    units: bool,
) -> tuple[Array | None, Array]:
    """Return states (None unless they are kept) and outputs of a block of trials."""
    if isinstance(network, TaskNetwork):
        return run_conditions(network, inputs, keys, jnp.float32(options.internal_noise), current, units)
    simulated = network if options.internal_noise else network.with_noise(None)
    steps = examined_steps(simulated, task.steps - 1, task.dt)
    states, outputs, examined = run_continuous(
        simulated, inputs, keys, jnp.asarray(task.dt), jnp.asarray(steps), units, VECTORISED
    )
    warn_of_long_steps(simulated, examined[0], inputs[0], steps, task.dt)
    return states, outputs


def check_compatible(network: ContinuousNetwork, task: Task) -> None:
    """Raise `InputError` if a task and a network differ in numbers of channels or outputs, or in the time step."""
    ports = interface(network)
    assert ports.input_weights is not None
    assert ports.readout is not None
    channels, outputs = ports.input_weights.shape[1], ports.readout.shape[0]
    require(
        channels == task.channels,
        f"a task with {task.channels} input channels",
        f"the network has {channels}",
        "set inputs= of the task and channels= of the network to the same number",
    )
    require(outputs == task.outputs, f"a task with {task.outputs} outputs", f"the network has {outputs}")
    own = network.dt if isinstance(network, TaskNetwork) else task.dt  # other networks have no steps of their own
    require(
        abs(own - task.dt) < 1e-9,
        f"a task with steps of {task.dt:g} ms",
        f"the network has steps of {own:g} ms",
        "construct the task with the dt of the network",
    )
