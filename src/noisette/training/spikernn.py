"""Networks in the `.mat` files of the spikeRNN family, there and back."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from noisette.errors import require
from noisette.networks import TaskNetwork
from noisette.provenance import program_version
from noisette.studies.store import atomic_write
from noisette.training._arrays import (
    Arrays,
    Stored,
    as_json,
    built,
    complete,
    from_json,
    numbers,
    opened,
    plain,
    scalar,
    suffixed,
)

STEP = 5.0  # ms; written nowhere in these files, but the same in every program of the family
SENSORY = 0.1  # standard deviation per step of what all of them add to x
FIXED = -800.0  # a logit at which the logistic function is exactly 0, and without slope
NEEDED = ("w", "w_in", "w_out", "b_out", "taus")
WRITER = "main.py of spikeRNN (github.com/rkim35/spikeRNN), or noisette.training.save,"
FACTS = ("tr", "eval_perf_mean", "eval_loss_mean")  # what such a file says about the training, in one number each
# what is read from a file, or follows from what is read
KEYS = (
    *("N", "w", "w_raw", "m", "som_m", "som_masked", "som_N", "exc", "inh", "w_in", "w_out", "b_out", "w_noise"),
    *("taus", "taus_gaus", "activation", "dt_ms", "tau_range_ms", "sensory_noise", "program", "configuration"),
)
INITIAL = ("w0", "taus_gaus0")  # the network before training
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")  # what MATLAB takes for a name


def read_mat(path: str | Path, *, dt: float | None = None) -> Stored:
    """Read a network from a `.mat` file of the spikeRNN family.

    .. math:: W = \\max(w, 0)\\, m \\circ M_{\\text{som}}, \\qquad
       \\tau_i = \\big(\\text{taus}_1 + (\\text{taus}_2 - \\text{taus}_1)\\, \\sigma(\\text{taus\\_gaus}_i)\\big)\\, dt

    Where ``taus`` is a single number the time constants were fixed: so are they here, at the lower end of a range of
    no meaning, and training does not move them. Signs are taken from the diagonal ``m``, or from ``inh`` or ``exc``.
    Noise channels are in ``w_noise``, where there are any. Numbers are rounded to float32.

    Parameters
    ----------
    path : file of MATLAB 5 or 7.3
    dt : length of a step in ms; by default what the file says, and 5 where, as in most, it does not

    Raises
    ------
    InputError : as for `load`; also masks and signs that contradict each other, an activation other than the
        sigmoid, and a network without Dale's law, which cannot be held here.

    Returns
    -------
    Stored : ``network``, and as ``configuration`` what was stored with it, or what the file says about its training:
    ``tr``, ``eval_perf_mean``, ``eval_loss_mean``

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
    file = suffixed(path)
    arrays = opened(file, mat_arrays)
    signs = ("m",) if not {"inh", "exc"} & arrays.keys() else ()
    reach = numbers(arrays, "taus", file).ravel() if "taus" in arrays else np.zeros(2)
    logits = ("taus_gaus",) if reach.size > 1 else ()
    complete(arrays, (*NEEDED, *signs, *logits), file, WRITER)
    _refuse_others(arrays, file)
    weights = _weights(arrays, file)
    size = len(weights)
    step = dt if dt is not None else scalar(arrays, "dt_ms", file) if "dt_ms" in arrays else STEP
    signs = _signs(arrays, size, file)
    require(
        "w_raw" in arrays or bool((signs < 0).any() or (weights >= 0).all()),
        f"network file {str(file)!r} has negative weights but no inhibitory unit",
        "only networks with Dale's law can be read",
        "train with --apply_dale True",
    )
    network = built(
        file,
        weights=weights,
        signs=signs,
        logits=numbers(arrays, "taus_gaus", file).ravel() if reach.size > 1 else np.full(size, FIXED),
        input_weights=_upright(numbers(arrays, "w_in", file), size, 0),
        readout=_upright(numbers(arrays, "w_out", file), size, 1),
        readout_bias=numbers(arrays, "b_out", file).ravel(),
        noise_weights=_upright(numbers(arrays, "w_noise", file), size, 0) if "w_noise" in arrays else None,
        mask=_mask(arrays, file),
        tau_range=_range(arrays, reach, step, file),
        dt=step,
        sensory_noise=scalar(arrays, "sensory_noise", file) if "sensory_noise" in arrays else SENSORY,
    )
    if "configuration" in arrays:
        return Stored(network, from_json(arrays["configuration"], file))
    facts = {key: scalar(arrays, key, file) for key in FACTS if key in arrays and np.size(arrays[key]) == 1}
    return Stored(network, facts)


def write_mat(
    network: TaskNetwork, path: str | Path, *, configuration: dict[str, Any] | None = None, **more: Any
) -> Path:
    """Write a network as a `.mat` file that the programs of the spikeRNN family read.

    These programs know neither raw weights nor noise channels, steps in ms or anything but float32, and some of them
    take ``w`` without rectifying it. So ``w`` is max(w, 0), and beside it, which they ignore and `read_mat` uses,
    stand ``w_raw``, ``w_noise``, ``dt_ms``, ``tau_range_ms``, ``sensory_noise`` and ``configuration``: there and back
    nothing is lost. ``w0`` and ``taus_gaus0``, the network before training, which the conversion to spiking networks
    reads, are NaN unless given in `more`.

    Parameters
    ----------
    network : trained or not
    path : file ending in .mat; its folder is made
    configuration : what JSON can hold
    more : further arrays, such as ``losses``, ``w0``, ``taus_gaus0``

    Raises
    ------
    InputError : another ending, a name in `more` that is taken or that MATLAB does not take.

    Returns
    -------
    the path

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

    target = suffixed(path)
    require(target.suffix.lower() == ".mat", f"network file {str(path)!r}", "a file ending in .mat")
    others = plain(more, taken=KEYS)
    bad = [name for name in others if not NAME.fullmatch(name)]
    require(not bad, f"{', '.join(bad)} to be stored", "for MATLAB, at most 31 letters, digits and _, a letter first")
    contents = _contents(network) | {"configuration": as_json(configuration)} | others
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as beside:
        savemat(beside, contents, do_compression=True)
    return target


def mat_arrays(file: Path) -> dict[str, Any]:
    """Return the variables of a `.mat` file, of MATLAB 5 or 7.3."""
    import h5py
    from scipy.io import loadmat

    if not h5py.is_hdf5(file):
        return {key: values for key, values in loadmat(file).items() if not key.startswith("__")}
    with h5py.File(file) as opened_file:  # MATLAB 7.3 stores arrays transposed, and text as numbers
        found = {key: values for key, values in opened_file.items() if isinstance(values, h5py.Dataset)}
        text = {key for key, values in found.items() if values.attrs.get("MATLAB_class") == b"char"}
        arrays = {key: np.asarray(values).T for key, values in found.items()}
    return {key: np.array(["".join(chr(int(c)) for c in v.flat)]) if key in text else v for key, v in arrays.items()}


def _contents(network: TaskNetwork) -> dict[str, Any]:
    raw, signs = np.asarray(network.weights), np.asarray(network.signs)
    mask = np.ones_like(raw) if network.mask is None else np.asarray(network.mask, raw.dtype)
    low, high = network.tau_range
    found = {
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
    return found | ({"w_noise": np.asarray(network.noise_weights)} if network.noise_channels else {})


def _refuse_others(arrays: Arrays, file: Path) -> None:
    if "activation" in arrays:
        named = str(np.asarray(arrays["activation"]).ravel()[0]).lower()
        require(
            named == "sigmoid",
            f"network file {str(file)!r} with activation {named}",
            "only networks with sigmoid can be read",
        )


def _weights(arrays: Arrays, file: Path) -> np.ndarray:
    """Return raw weights, if they are there and still those of ``w``."""
    acting = numbers(arrays, "w", file)
    require(
        acting.ndim == 2 and acting.shape[0] == acting.shape[1],
        f"w in {str(file)!r} of shape {acting.shape}",
        "a square matrix, row = target",
    )
    if "w_raw" not in arrays:
        return acting
    raw = numbers(arrays, "w_raw", file)
    return raw if np.array_equal(np.maximum(raw, 0), acting) else acting


def _signs(arrays: Arrays, size: int, file: Path) -> np.ndarray:
    where = f"in {str(file)!r}"
    found = {}
    if "m" in arrays:
        given = numbers(arrays, "m", file)
        square = given.shape == (size, size) and size > 1
        require(square or given.size == size, f"m {where} of shape {given.shape}", f"({size}, {size}), the signs of w")
        signs = np.diag(given) if square else given.ravel()
        apart = square and bool((given != np.diag(signs)).any())
        require(not apart, f"m {where} with values off its diagonal", "one sign for each unit")
        found["m"] = signs
    for key, sign in (("inh", -1.0), ("exc", 1.0)):
        if key in arrays:
            given = numbers(arrays, key, file).ravel()
            require(given.size == size, f"{key} {where} of {given.size} units", f"{size}, as w has")
            found[key] = np.where(given != 0, sign, -sign)
    first = next(iter(found))
    for other, signs in found.items():
        unlike = int((signs != found[first]).sum())
        require(unlike == 0, f"{first} and {other} {where} differ in {unlike} units", "one sign for each unit")
    return found[first]


def _mask(arrays: Arrays, file: Path) -> np.ndarray | None:
    """Return the synapses that are kept; None where all are, unless the file says that there is a mask."""
    if "som_m" not in arrays:
        return None
    mask = numbers(arrays, "som_m", file)
    odd = int(((mask != 0) & (mask != 1)).sum())
    require(odd == 0, f"som_m in {str(file)!r} with {odd} values other than 0 and 1", "a mask of synapses")
    said = "som_masked" in arrays and scalar(arrays, "som_masked", file) == 1
    return mask if said or bool((mask == 0).any()) else None


def _upright(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Return a matrix whose `axis` runs over units, where one of a single row or column lies on its side."""
    if values.ndim == 1 and values.size == size:
        return np.expand_dims(values, 1 - axis)
    turned = values.ndim == 2 and values.shape[axis] == 1 and values.shape[1 - axis] == size
    return values.T if turned else values


def _range(arrays: Arrays, steps: np.ndarray, dt: float, file: Path) -> tuple[float, float]:
    """Return the range of the time constants in ms: as it is stored, if the steps still say the same."""
    require(
        steps.size in (1, 2), f"taus in {str(file)!r} of {steps.size} values", "one, or the ends of a range, in steps"
    )
    if steps.size == 1:
        return float(steps[0]) * dt, 2 * float(steps[0]) * dt
    exact = numbers(arrays, "tau_range_ms", file).ravel() if "tau_range_ms" in arrays else np.zeros(0)
    low, high = exact if exact.size == 2 and np.allclose(exact, steps * dt, rtol=1e-9, atol=0) else steps * dt
    return float(low), float(high)
