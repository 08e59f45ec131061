"""Reading and writing of networks as `.mat` files of the spikeRNN family."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from noisette.disk import atomic_write
from noisette.errors import require
from noisette.networks import TaskNetwork
from noisette.provenance import program_version
from noisette.training._arrays import (
    Arrays,
    Stored,
    as_json,
    build_network,
    checked_path,
    from_json,
    mat_arrays,
    numbers,
    read_arrays,
    require_keys,
    scalar,
    step_noise_of,
    storable,
)

STEP = 5.0  # time step in ms, which these files do not contain, but which is the same in all programs of the family
SENSORY = 0.1  # standard deviation per step of the noise that all of these programs add to x
FIXED = -800.0  # logit at which the logistic function and its derivative are exactly 0
NEEDED = ("w", "w_in", "w_out", "b_out", "taus")
WRITER = "main.py of spikeRNN (github.com/rkim35/spikeRNN), or noisette.training.save"
SUMMARY = ("tr", "eval_perf_mean", "eval_loss_mean")  # scalars that describe the training
# variables that are read from a file or can be derived from those
KEYS = (
    *("N", "w", "w_raw", "m", "som_m", "som_masked", "som_N", "exc", "inh", "w_in", "w_out", "b_out", "w_noise"),
    *("taus", "taus_gaus", "activation", "dt_ms", "tau_range_ms", "sensory_noise", "step_noise"),
    *("program", "configuration"),
)
INITIAL = ("w0", "taus_gaus0")  # the network before training
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")  # valid names of MATLAB variables in these files


def read_mat(path: str | Path, *, dt: float | None = None) -> Stored:
    """Read a network from a `.mat` file of the spikeRNN family.

    .. math:: W = \\max(w, 0)\\, m \\circ M_{\\text{som}}, \\qquad
       \\tau_i = \\big(\\text{taus}_1 + (\\text{taus}_2 - \\text{taus}_1)\\, \\sigma(\\text{taus\\_gaus}_i)\\big)\\, dt

    If ``taus`` is a single number, the time constants were fixed. They are then represented by the lower end of an
    arbitrary range, with logits of zero gradient, so that training does not change them. Signs are read from the
    diagonal of ``m``, or from ``inh`` or ``exc``, and noise channels from ``w_noise``, if present. Numbers are rounded
    to float32.

    Parameters
    ----------
    path : file of MATLAB 5 or 7.3
    dt : length of a step in ms; by default that stored in the file, or 5 if, as in most files, there is none

    Raises
    ------
    InputError : as for `load`; also for inconsistent masks or signs, an activation other than the sigmoid, and
        networks that violate Dale's law, which `TaskNetwork` cannot represent.

    Returns
    -------
    Stored : ``network``, and ``configuration``, which is the stored one, or else contains the variables ``tr``,
    ``eval_perf_mean`` and ``eval_loss_mean`` of the file

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, noise_channels=3, key=jax.random.key(0))
    >>> file = write_mat(network, Path(tempfile.mkdtemp()) / "one.mat")
    >>> read_mat(file).network.noise_weights.shape
    (10, 3)

    References
    ----------
    Kim, Li & Sejnowski (2019), PNAS 116:22811 [kim2019].
    """
    file = checked_path(path)
    arrays = read_arrays(file, partial(mat_arrays, needed=KEYS))
    signs = ("m",) if not {"inh", "exc"} & arrays.keys() else ()
    tau_steps = numbers(arrays, "taus", file).ravel() if "taus" in arrays else np.zeros(2)
    logits = ("taus_gaus",) if tau_steps.size > 1 else ()
    require_keys(arrays, (*NEEDED, *signs, *logits), file, WRITER)
    _require_sigmoid(arrays, file)
    weights = _weights(arrays, file)
    size = len(weights)
    step = dt if dt is not None else scalar(arrays, "dt_ms", file) if "dt_ms" in arrays else STEP
    signs = _signs(arrays, size, file)
    require(
        "w_raw" in arrays or bool((signs < 0).any() or (weights >= 0).all()),
        f"network file {str(file)!r} has negative weights but no inhibitory unit",
        "only networks that obey Dale's law can be read",
        "train with --apply_dale True",
    )
    network = build_network(
        file,
        weights=weights,
        signs=signs,
        logits=numbers(arrays, "taus_gaus", file).ravel() if tau_steps.size > 1 else np.full(size, FIXED),
        input_weights=_oriented(numbers(arrays, "w_in", file), size, 0),
        readout=_oriented(numbers(arrays, "w_out", file), size, 1),
        readout_bias=numbers(arrays, "b_out", file).ravel(),
        noise_weights=_oriented(numbers(arrays, "w_noise", file), size, 0) if "w_noise" in arrays else None,
        mask=_mask(arrays, file),
        tau_range=_range(arrays, tau_steps, step, file),
        dt=step,
        sensory_noise=scalar(arrays, "sensory_noise", file) if "sensory_noise" in arrays else SENSORY,
        step_noise=step_noise_of(arrays, file),
    )
    if "configuration" in arrays:
        return Stored(network, from_json(arrays["configuration"], file))
    summary = {key: scalar(arrays, key, file) for key in SUMMARY if key in arrays and np.size(arrays[key]) == 1}
    return Stored(network, summary)


def write_mat(
    network: TaskNetwork, path: str | Path, *, configuration: dict[str, Any] | None = None, **more: Any
) -> Path:
    """Write a network as a `.mat` file that the programs of the spikeRNN family can read.

    The format of these programs does not include raw weights, noise channels or steps in ms, it is limited to float32,
    and some of the programs use ``w`` without rectification. Therefore ``w`` is max(w, 0), and the file also contains
    ``w_raw``, ``w_noise``, ``dt_ms``, ``tau_range_ms``, ``sensory_noise``, ``step_noise`` if there is any, and
    ``configuration``, which these programs ignore and from which `read_mat` restores the network exactly. ``w0`` and
    ``taus_gaus0``, the network before training, which the conversion to spiking networks reads, are NaN unless they are
    passed in `more`.

    Parameters
    ----------
    network : task network, trained or untrained
    path : file ending in .mat; its folder is created if it does not exist
    configuration : data that can be represented as JSON
    more : further arrays, such as ``losses``, ``w0`` or ``taus_gaus0``

    Raises
    ------
    InputError : another suffix, or a name in `more` that is reserved or not a valid MATLAB name.

    Returns
    -------
    path of the file

    Examples
    --------
    >>> import jax, tempfile
    >>> from scipy.io import loadmat
    >>> network = TaskNetwork.random(10, key=jax.random.key(0))
    >>> loadmat(write_mat(network, Path(tempfile.mkdtemp()) / "one.mat"))["taus"]  # in steps of 5 ms
    array([[ 4., 25.]])

    References
    ----------
    Kim, Li & Sejnowski (2019), PNAS 116:22811 [kim2019].
    """
    from scipy.io import savemat

    target = checked_path(path)
    require(target.suffix.lower() == ".mat", f"network file {str(path)!r}", "a file ending in .mat")
    others = storable(more, taken=KEYS)
    invalid = [name for name in others if not NAME.fullmatch(name)]
    require(
        not invalid,
        f"{', '.join(invalid)} to be stored in a .mat file",
        "names of at most 31 letters, digits and underscores that begin with a letter",
    )
    contents = _contents(network) | {"configuration": as_json(configuration)} | others
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as temporary:
        savemat(temporary, contents, do_compression=True)
    return target


def _contents(network: TaskNetwork) -> dict[str, Any]:
    """Return the variables of the `.mat` file of a network."""
    raw, signs = np.asarray(network.weights), np.asarray(network.signs)
    mask = np.ones_like(raw) if network.mask is None else np.asarray(network.mask, raw.dtype)
    low, high = network.tau_range
    variables = {
        "N": network.size,
        "w": np.maximum(raw, 0),
        "w_raw": raw,
        "m": np.diag(signs),
        "som_m": mask,
        "som_masked": network.mask is not None,
        "som_N": int((mask == 0).any(1).sum()),
        "exc": (signs > 0)[:, None],
        "inh": (signs < 0)[:, None],
        "w_in": np.asarray(network.input_weights),
        "w_out": np.asarray(network.readout),
        "b_out": np.asarray(network.readout_bias)[:, None],
        "taus": np.array([[low / network.dt, high / network.dt]]),
        "taus_gaus": np.asarray(network.logits)[:, None],
        "activation": "sigmoid",
        "dt_ms": network.dt,
        "tau_range_ms": np.array([[low, high]]),
        "sensory_noise": network.sensory_noise,
        "program": f"noisette {program_version()}",
        "w0": np.full_like(raw, np.nan),
        "taus_gaus0": np.full((network.size, 1), np.nan, raw.dtype),
    }
    if any(network.step_noise):
        variables["step_noise"] = np.asarray(network.step_noise, float)
    return variables | ({"w_noise": np.asarray(network.noise_weights)} if network.noise_channels else {})


def _require_sigmoid(arrays: Arrays, file: Path) -> None:
    """Raise if the activation is not the sigmoid."""
    if "activation" in arrays:
        activation = str(np.asarray(arrays["activation"]).ravel()[0]).lower()
        require(
            activation == "sigmoid",
            f"network file {str(file)!r} with activation {activation}",
            "only networks of sigmoidal units can be read",
        )


def _weights(arrays: Arrays, file: Path) -> np.ndarray:
    """Return the raw weights if they are stored and consistent with ``w``, otherwise ``w``."""
    rectified = numbers(arrays, "w", file)
    require(
        rectified.ndim == 2 and rectified.shape[0] == rectified.shape[1],
        f"w in {str(file)!r} of shape {rectified.shape}",
        "a square matrix, row = target",
    )
    if "w_raw" not in arrays:
        return rectified
    raw = numbers(arrays, "w_raw", file)
    return raw if np.array_equal(np.maximum(raw, 0), rectified) else rectified


def _signs(arrays: Arrays, size: int, file: Path) -> np.ndarray:
    """Return the signs of the units, shape (N,); raise if ``m``, ``inh`` and ``exc`` are inconsistent."""
    where = f"in {str(file)!r}"
    signs_by_key = {}
    if "m" in arrays:
        values = numbers(arrays, "m", file)
        square = values.shape == (size, size) and size > 1
        require(
            square or values.size == size, f"m {where} of shape {values.shape}", f"({size}, {size}), the signs of w"
        )
        signs = np.diag(values) if square else values.ravel()
        off_diagonal = square and bool((values != np.diag(signs)).any())
        require(not off_diagonal, f"m {where} with values off its diagonal", "one sign for each unit")
        signs_by_key["m"] = signs
    for key, sign in (("inh", -1.0), ("exc", 1.0)):
        if key in arrays:
            values = numbers(arrays, key, file).ravel()
            require(values.size == size, f"{key} {where} of {values.size} units", f"{size}, the number of units in w")
            signs_by_key[key] = np.where(values != 0, sign, -sign)
    first = next(iter(signs_by_key))
    for other, signs in signs_by_key.items():
        differing = int((signs != signs_by_key[first]).sum())
        require(differing == 0, f"{first} and {other} {where} differ in {differing} units", "one sign for each unit")
    return signs_by_key[first]


def _mask(arrays: Arrays, file: Path) -> np.ndarray | None:
    """Return the mask of kept synapses; None if all are kept and ``som_masked`` does not indicate a mask."""
    if "som_m" not in arrays:
        return None
    mask = numbers(arrays, "som_m", file)
    invalid = int(((mask != 0) & (mask != 1)).sum())
    require(invalid == 0, f"som_m in {str(file)!r} with {invalid} values other than 0 and 1", "a mask of synapses")
    is_masked = "som_masked" in arrays and scalar(arrays, "som_masked", file) == 1
    return mask if is_masked or bool((mask == 0).any()) else None


def _oriented(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Return a matrix with units along `axis`, transposing a single row or column if necessary."""
    if values.ndim == 1 and values.size == size:
        return np.expand_dims(values, 1 - axis)
    is_transposed = values.ndim == 2 and values.shape[axis] == 1 and values.shape[1 - axis] == size
    return values.T if is_transposed else values


def _range(arrays: Arrays, steps: np.ndarray, dt: float, file: Path) -> tuple[float, float]:
    """Return the range of the time constants in ms, the stored one if it is consistent with `steps`."""
    require(
        steps.size in (1, 2), f"taus in {str(file)!r} of {steps.size} values", "one, or the ends of a range, in steps"
    )
    if steps.size == 1:
        return float(steps[0]) * dt, 2 * float(steps[0]) * dt
    exact = numbers(arrays, "tau_range_ms", file).ravel() if "tau_range_ms" in arrays else np.zeros(0)
    low, high = exact if exact.size == 2 and np.allclose(exact, steps * dt, rtol=1e-9, atol=0) else steps * dt
    return float(low), float(high)
