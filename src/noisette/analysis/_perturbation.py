"""Accuracy in a task under perturbation of the units of a mode."""

from typing import Any, Unpack

import numpy as np
import xarray as xr
from jaxtyping import Array, Bool, Float
from numpy.typing import ArrayLike

from noisette.analysis._delay import Window, window_steps
from noisette.analysis._options import Form, PerturbationOptions
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, TaskNetwork, as_network
from noisette.progress import counted
from noisette.proportions import BOUNDS, wilson_interval
from noisette.provenance import network_entries, provenance
from noisette.tasks import Task
from noisette.training import run_perturbed_trials


@check_arguments
def disturbance(
    network: NetworkLike,
    task: Task,
    units: Bool[np.ndarray, " N"],
    amplitude: float = 1.0,
    *,
    form: Form = "current",
    window: Window = "response",
) -> Float[np.ndarray, "steps N"]:
    """Additional input current that perturbs a set of units of a network within a window of a task.

    .. math:: \\text{current: } I_i(t) = A \\text{ within the window}, \\qquad
       \\text{state: } x_i \\to x_i + A \\text{ at its first step, by } I_i = A \\tau_i/dt

    Parameters
    ----------
    network, task : task network, and a task with the same channels
    units : mask of the perturbed units, shape (N,)
    amplitude : A, in units of x
    form : "current", constant within the window, or "state", a displacement at its first step
    window : name of a period of the task, or first and last step

    Raises
    ------
    InputError : an unknown form, an amplitude that is not finite, a mask of the wrong shape, an invalid window.

    Returns
    -------
    current for `run_perturbed_trials`, shape (T − 1, N)

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> current = disturbance(network, nz.tasks.DMS(), network.excitatory, 2.0, window=(10, 13))
    >>> float(current.sum()), int(network.excitatory.sum())  # 2 in each of 3 steps and 16 units
    (96.0, 16)
    """
    network = as_network(network, TaskNetwork)
    amplitude = real_number(amplitude, "amplitude")
    require(units.shape == (network.size,), f"units of shape {units.shape}", f"shape ({network.size},)")
    start, stop = window_steps(task, window)
    current = np.zeros((task.steps - 1, network.size))
    if form == "current":
        current[start:stop, units] = amplitude
    else:
        current[start, units] = amplitude * (network.tau / network.dt)[units]
    return current


@check_arguments
@public_call
def perturb(
    network: NetworkLike,
    task: Task,
    supports: ArrayLike | Array | xr.DataArray,
    amplitude: float = 1.0,
    *,
    key: KeyLike,
    trials: int = 100,
    ipr: ArrayLike | Array | xr.DataArray | None = None,
    **options: Unpack[PerturbationOptions],
) -> xr.Dataset:
    """Perturb the units of each mode in turn and measure the accuracy in the task.

    .. math:: \\mathrm{PIPR}_n = \\frac{\\mathrm{IPR}^L_n}{\\text{accuracy while the units of } \\psi^L_n
       \\text{ are perturbed}}

    The paper specifies which units are perturbed, and when, but neither the form nor the strength of the perturbation,
    on which the result mainly depends. The default is a constant additional current of 1 within the response window.
    The modes of a trained network have nearly identical supports, so that their perturbations are not independent. All
    perturbations, and ``baseline``, use the same trials with the same noise.

    Parameters
    ----------
    network, task : task network, and a task with the same channels
    supports : mask of the perturbed units of each perturbation, bool, shape (…, N); see `supports`
    amplitude : as for `disturbance`
    key : an integer or a JAX key
    trials : number of trials of each perturbation
    ipr : IPR of the left eigenvectors, such as ``modes(…).ipr_left``, with the leading shape of `supports`; if its last
        axis is longer, only its first entries are used. Required for ``pipr``
    **options : ``form`` and ``window``, as for `disturbance`; ``internal_noise`` and ``score``, as for `run_trials`;
        ``progress``, True to show a bar, or a function called with (perturbations done, perturbations)

    Raises
    ------
    InputError : as for `disturbance`; supports or ipr of the wrong shape.

    Returns
    -------
    Dataset over the leading dimensions of `supports` (``mode``): ``accuracy``; ``perturbed``, the number of perturbed
    units; with `ipr` also ``ipr_left`` and ``pipr``, infinite where no trial is correct; ``baseline``, the accuracy
    without perturbation; ``accuracy_interval`` and ``baseline_interval``, Wilson's 95 % intervals (``bound``)

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.TaskNetwork.random(20, key=jax.random.key(0))
    >>> everything = np.ones((1, 20), bool)
    >>> data = perturb(network, nz.tasks.DMS(), everything, trials=2, ipr=[0.5], key=1)
    >>> data.perturbed.item(), float(data.accuracy[0]), float(data.pipr[0])
    (20, 0.0, inf)

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, perturbation analysis.
    """
    form, window = options.get("form", "current"), options.get("window", "response")
    internal_noise, score = options.get("internal_noise", True), options.get("score", "threshold")
    network, key = as_network(network, TaskNetwork), as_key(key)
    trials = integer(trials, "trials")
    masks = np.asarray(supports).astype(bool)
    valid = masks.ndim >= 1 and masks.shape[-1] == network.size
    require(valid, f"supports of shape {masks.shape}", f"shape (mode, {network.size})")
    lead = masks.shape[:-1]
    dims = _dims(supports, len(lead))
    condition: dict[str, Any] = {"internal_noise": internal_noise, "score": score}

    accuracies: dict[bytes, float] = {}  # modes often have identical supports

    def accuracy(units: np.ndarray) -> float:
        if units.tobytes() not in accuracies:
            # the same compiled program runs with and without perturbation, so that trials agree bit by bit
            current = disturbance(network, task, units, amplitude, form=form, window=window)
            outcome = run_perturbed_trials(network, task, current, trials, key=key, **condition)
            accuracies[units.tobytes()] = float(outcome.correct.mean())
        return accuracies[units.tobytes()]

    every = [np.zeros(network.size, bool), *masks.reshape(-1, network.size)]
    baseline_accuracy, *perturbed = (accuracy(units) for units in counted(every, options.get("progress")))
    perturbed_accuracy = np.array(perturbed).reshape(lead)
    columns: dict[str, Any] = {
        "accuracy": (dims, perturbed_accuracy, {"long_name": "accuracy under perturbation", "units": ""}),
        "perturbed": (dims, masks.sum(-1), {"long_name": "number of perturbed units"}),
        "baseline": ((), baseline_accuracy, {"long_name": "accuracy without perturbation", "units": ""}),
    }
    for name, values, value_dims in (("accuracy", perturbed_accuracy, dims), ("baseline", baseline_accuracy, [])):
        interval = wilson_interval(np.rint(np.asarray(values) * trials), trials)
        columns[f"{name}_interval"] = ([*value_dims, "bound"], interval, {"long_name": "95 % interval", "units": ""})
    if ipr is not None:
        ratios = _checked_ratios(ipr, lead)
        columns["ipr_left"] = (dims, ratios)
        attributes = {"long_name": "IPR divided by the accuracy", "units": ""}
        columns["pipr"] = (dims, pipr(ratios, perturbed_accuracy), attributes)
    perturbation = {"amplitude": amplitude, "form": form, "window": window_steps(task, window), "trials": trials}
    configuration = {"task": task.configuration, **perturbation, **condition, "key": key, **network_entries(network)}
    attrs = provenance("simulated", "share of trials", ("rungratsameetaweemana2025",), configuration)
    coords: dict[Any, Any] = {"bound": list(BOUNDS)}
    if isinstance(supports, xr.DataArray):
        coords |= {
            name: coordinate for name, coordinate in supports.coords.items() if set(coordinate.dims) <= set(dims)
        }
    return xr.Dataset(columns, coords, attrs)


@check_arguments
def pipr(ipr: ArrayLike | Array, accuracy: ArrayLike | Array) -> np.ndarray:
    """Inverse participation ratio divided by the accuracy under perturbation; infinite where no trial is correct.

    Parameters
    ----------
    ipr : IPR of left eigenvectors, shape (…)
    accuracy : fraction of correct trials while the units of each eigenvector are perturbed, shape (…)

    Returns
    -------
    IPR/accuracy, shape (…)

    Examples
    --------
    >>> pipr([0.3, 0.2], [0.6, 0.0]).tolist()
    [0.5, inf]
    """
    ratio, share = real_array(ipr, "IPR"), real_array(accuracy, "accuracy")
    shapes = f"IPR of shape {ratio.shape} and accuracy of shape {share.shape}"
    require(ratio.shape == share.shape or 0 in (ratio.ndim, share.ndim), shapes, "the same shape, or one number")
    ratio, share = np.broadcast_arrays(ratio, share)
    return np.asarray(np.divide(ratio, share, out=np.full(ratio.shape, np.inf), where=share > 0))


def _dims(supports: Any, number: int) -> tuple[str, ...]:
    """Return the names of the leading dimensions of supports."""
    if isinstance(supports, xr.DataArray):
        return tuple(str(dim) for dim in supports.dims[:-1])
    require(number <= 2, f"supports of {number + 1} dimensions", "(mode, unit), or (stimulus, mode, unit)")
    return ("stimulus", "mode")[2 - number :]


def _checked_ratios(ipr: Any, lead: tuple[int, ...]) -> np.ndarray:
    """Return the IPR of each perturbation; raise `InputError` if the shape does not fit."""
    ratios = real_array(ipr, "ipr")
    if ratios.ndim and ratios.ndim == len(lead):
        ratios = ratios[..., : lead[-1]]
    require(ratios.shape == lead, f"ipr of shape {ratios.shape}", f"shape {lead}, one value for each perturbation")
    return ratios
