"""Error of trained networks against the noise of a test, with its bias and its variance."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NO_STEP_NOISE, NetworkLike, StepNoise, TaskNetwork, as_network, as_networks
from noisette.progress import ProgressLike, counted
from noisette.provenance import network_entries, provenance
from noisette.tasks import SCORES, Task, Trial
from noisette.training._draws import Stds, placed_noise, stds_of, trial_noise
from noisette.training.protocol import WindowError
from noisette.training.trials import VECTORISED, check_compatible, correct_trials, run_trial


@check_arguments
@public_call
def noise_curve(
    networks: NetworkLike | Sequence[NetworkLike],
    task: Task,
    noise: ArrayLike,
    *,
    place: str = "activation",
    trials: int = 20,
    repeats: int = 10,
    loss: WindowError | None = None,
    key: KeyLike,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Measure the error of trained networks against the standard deviation of the noise at one place.

    .. math:: \\langle |y - z|^2 \\rangle = |\\langle y \\rangle - z|^2 + \\mathrm{Var}\\, y

    Each trial is repeated with several draws of the noise, which separates the squared bias of the mean output from
    the variance. All networks and strengths see the same trials and the same draws, so that their errors are paired.
    The noise at other places, the noise channels and the sensory noise are those of the networks.

    Parameters
    ----------
    networks : a task network, a result of `training.load`, or a sequence of these
    task : task of the test
    noise : standard deviations per step at the place, shape (S,), zero or positive
    place : "activation", "rate", "synapses" or "readout", see `networks.StepNoise`
    trials : number of trials
    repeats : number of draws of the noise per trial, at least two
    loss : `WindowError`, the filter of the outputs; none by default
    key : integer or JAX key, shared by all networks and strengths
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (curves
        done, curves)

    Raises
    ------
    InputError : an unknown place, negative strengths, fewer than two repeats, or a task that does not fit a network.

    Returns
    -------
    Dataset over ``network``, ``noise`` and ``score``: ``error``, the mean squared error in the response window;
    ``bias``, its squared bias (an unbiased estimate, which may be slightly negative); ``variance``; and ``accuracy``,
    the fraction of correct trials, of outputs that are not filtered

    See Also
    --------
    training.test : Accuracy with other noise channels and delays.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> task = nz.tasks.FunctionApproximation(points=3)
    >>> network = nz.networks.TaskNetwork.random(10, sensory_noise=0.0, key=jax.random.key(0))
    >>> curve = noise_curve(network, task, [0.0, 2.0], trials=3, repeats=4, key=1)
    >>> bool((curve.variance[0, 0] < 1e-5) & (curve.variance[0, 1] > 1e-5))
    True

    References
    ----------
    Eckstein & Srinivasan (2026), arXiv:2601.04539.
    """
    require(place in StepNoise._fields, f"place {place!r}", f"one of {', '.join(StepNoise._fields)}")
    trials, repeats, key = integer(trials, "trials"), integer(repeats, "repeats"), as_key(key)
    require(repeats >= 2, f"{repeats} repeats", "at least two")
    stds = np.atleast_1d(real_array(noise, "noise"))
    valid = stds.ndim == 1 and stds.size > 0 and bool((stds >= 0).all())
    require(valid, "noise below zero, of several dimensions or without values", "a list ≥ 0")
    several = [as_network(network, TaskNetwork) for network in as_networks(networks)[0]]
    for network in several:
        check_compatible(network, task)
    loss = loss or WindowError(dt=task.dt)
    trial_key, noise_key = jax.random.split(key)
    # each trial in `repeats` successive rows
    block = jax.tree.map(lambda leaf: jnp.repeat(leaf, repeats, axis=0), task.block(trials, key=trial_key))
    keys = jax.random.split(noise_key, trials * repeats)
    curves = [_curve(network, task, block, keys, stds, place, loss, repeats) for network in counted(several, progress)]
    values = np.asarray(curves)  # (network, noise, quantity)
    names = {"error": "mean squared error", "bias": "squared bias", "variance": "variance of the outputs"}
    dims = ["network", "noise"]
    data = xr.Dataset(
        {n: (dims, values[..., i], {"long_name": text, "units": ""}) for i, (n, text) in enumerate(names.items())},
        {
            "noise": ("noise", stds, {"long_name": f"noise ({place}), per step", "units": ""}),
            "score": list(SCORES),
        },
    )
    data["accuracy"] = ([*dims, "score"], values[..., 3:], {"long_name": "fraction of correct trials", "units": ""})
    configuration = {
        **{"task": task.configuration, "noise": stds, "place": place, "trials": trials, "repeats": repeats},
        **{"filter_tau": loss.tau, "key": key, **network_entries(several)},
    }
    return data.assign_attrs(provenance("simulated", "single-run", ("eckstein2026",), configuration))


def _curve(
    network: TaskNetwork,
    task: Task,
    trials: Trial,
    keys: Array,
    noise: np.ndarray,
    place: str,
    loss: WindowError,
    repeats: int,
) -> list[list[float]]:
    """Return error, squared bias, variance and the accuracies of one network at each strength of the noise."""
    own = stds_of(network.step_noise) or Stds()
    silent = network.with_step_noise(NO_STEP_NOISE)
    mask = np.asarray(trials.mask, float)[::repeats, :-1, None]
    target = np.asarray(trials.target, float)[::repeats, None, :-1]
    rows = []
    for std in noise:
        outputs = _outputs(silent, own._replace(**{place: jnp.float32(std)}), trials.inputs, keys)
        values = np.asarray(loss.filtered(outputs), float).reshape(len(mask), repeats, *target.shape[2:])
        variance = values.var(axis=1, ddof=1)
        square = (values.mean(axis=1) - target[:, 0]) ** 2 - variance / repeats
        errors = ((values - target) ** 2).mean(axis=1)
        means = [float((mask * part).sum() / (mask.sum() * part.shape[-1])) for part in (errors, square, variance)]
        correct = (correct_trials(task, outputs, trials, score) for score in SCORES)
        rows.append([*means, *(float(c.mean()) for c in correct)])
    return rows


@eqx.filter_jit
def _outputs(
    network: TaskNetwork, stds: Stds, inputs: Float[Array, "trials time channels"], keys: Array
) -> Float[Array, "trials steps outputs"]:
    """Return the outputs of many trials with noise of given standard deviations at other places than the current."""
    steps, outputs = inputs.shape[1] - 1, len(network.readout)

    @jax.custom_batching.sequential_vmap  # as in `run_conditions`
    def noise(key):
        drawn = trial_noise(key, steps, network.size, network.noise_channels)
        return drawn, placed_noise(key, stds, steps, size=network.size, outputs=outputs)

    def single(arguments):
        trial_inputs, key = arguments
        (psi, xi, initial), placed = noise(key)
        return run_trial(network, trial_inputs, psi, xi, initial, None, placed)[1]

    return jax.lax.map(single, (inputs, keys), batch_size=VECTORISED)
