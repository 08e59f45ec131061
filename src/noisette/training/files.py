"""Reading and writing of network files, without pickled objects, with the configuration of their training."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from noisette.arguments import check_arguments
from noisette.disk import atomic_write
from noisette.errors import InputError, require
from noisette.networks import NetworkLike, TaskNetwork, as_network
from noisette.provenance import program_version
from noisette.training import psychrnn, spikernn
from noisette.training._arrays import (
    Stored,
    as_json,
    build_network,
    checked_path,
    from_json,
    mat_arrays,
    npz_arrays,
    numbers,
    read_arrays,
    require_keys,
    scalar,
    step_noise_of,
    storable,
)

FORMAT = 2  # increase it when files of the previous format can no longer be read correctly
WITHOUT_STEP_NOISE = 1  # format of networks without step noise, which earlier versions read
WRITER = "`noisette train` or noisette.training.save"
ARRAYS = ("weights", "signs", "logits", "input_weights", "readout", "readout_bias", "noise_weights")
NEEDED = (*ARRAYS, "tau_range", "dt", "sensory_noise", "format")
KEYS = (*NEEDED, "mask", "step_noise", "program", "configuration")
NOT_NAMES = ("file", "args", "allow_pickle")  # names of parameters of `numpy.savez_compressed`


@check_arguments
def save(network: NetworkLike, path: str | Path, *, configuration: dict[str, Any] | None = None, **more: Any) -> Path:
    """Write a network to a file.

    The file is written atomically, by renaming a temporary file. A `.npz` file contains all fields exactly and can be
    read without pickle; the same network results in the same bytes. A `.mat` file can be read by the programs of the
    spikeRNN family, see `write_mat`.

    Parameters
    ----------
    network : task network, trained or untrained
    path : file ending in .npz or .mat; its folder is created if it does not exist
    configuration : data that can be represented as JSON, such as the configuration of the training
    more : further arrays to store in the same file, such as ``losses``; `extras` returns them

    Raises
    ------
    InputError : another suffix, or an array in `more` with a reserved name or with values other than numbers or text.

    Returns
    -------
    path of the file

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, noise_channels=2, key=jax.random.key(0))
    >>> file = save(network, Path(tempfile.mkdtemp()) / "one.npz", configuration={"delay": 250}, losses=[9.5, 3.1])
    >>> load(file).configuration, extras(file)["losses"].tolist()
    ({'delay': 250}, [9.5, 3.1])
    """
    network = as_network(network, TaskNetwork)
    target = checked_path(path)
    if target.suffix.lower() == ".mat":
        return spikernn.write_mat(network, target, configuration=configuration, **more)
    fields = vars(network)
    contents: dict[str, Any] = {name: np.asarray(fields[name]) for name in ARRAYS}
    if network.mask is not None:
        contents["mask"] = np.asarray(network.mask)
    if any(network.step_noise):
        contents["step_noise"] = np.asarray(network.step_noise, float)
    contents |= {
        "tau_range": np.asarray(network.tau_range, float),
        "dt": np.asarray(network.dt, float),
        "sensory_noise": np.asarray(network.sensory_noise, float),
        "format": np.asarray(FORMAT if any(network.step_noise) else WITHOUT_STEP_NOISE),
        "program": np.asarray(f"noisette {program_version()}"),
        "configuration": np.asarray(as_json(configuration)),
    }
    contents |= storable(more, taken=(*KEYS, *NOT_NAMES))
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as temporary:
        np.savez_compressed(temporary, **contents)
    return target


@check_arguments
def load(path: str | Path) -> Stored:
    """Read a network from a `.npz` file of this program or of PsychRNN, or from a `.mat` file of the spikeRNN family.

    Networks of PsychRNN are read as by `read_psychrnn` without options.

    Parameters
    ----------
    path : file ending in .npz or .mat

    Raises
    ------
    InputError : a file that does not exist or has another suffix, missing keys, inconsistent shapes, values that are
        not finite, an invalid range of time constants, a file that is corrupt or contains pickled objects, or a later
        format than this version supports.

    Returns
    -------
    Stored : ``network`` and ``configuration``

    See Also
    --------
    training.read_psychrnn : Files of PsychRNN, with the parameters that they lack.
    weights.load : A weight matrix from a file.

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, key=jax.random.key(0))
    >>> again = load(save(network, Path(tempfile.mkdtemp()) / "one.npz")).network
    >>> bool((again.weights == network.weights).all()), again.tau_range
    (True, (20.0, 125.0))
    """
    file = checked_path(path)
    if file.suffix.lower() == ".mat":
        return spikernn.read_mat(file)
    arrays = read_arrays(file, partial(npz_arrays, needed=KEYS))
    if psychrnn.is_psychrnn(arrays):
        return psychrnn.from_arrays(arrays, file)
    require_keys(arrays, NEEDED, file, WRITER)
    version = scalar(arrays, "format", file)
    require(
        version <= FORMAT,
        f"network file {str(file)!r} is of format {version:g}",
        f"noisette {program_version()} reads formats up to {FORMAT}",
        "update noisette",
    )
    tau_range = numbers(arrays, "tau_range", file)
    require(tau_range.shape == (2,), f"tau_range in {str(file)!r} of shape {tau_range.shape}", "two numbers, in ms")
    network = build_network(
        file,
        **{name: numbers(arrays, name, file) for name in ARRAYS},
        mask=numbers(arrays, "mask", file) if "mask" in arrays else None,
        tau_range=(float(tau_range[0]), float(tau_range[1])),
        dt=scalar(arrays, "dt", file),
        sensory_noise=scalar(arrays, "sensory_noise", file),
        step_noise=step_noise_of(arrays, file),
    )
    return Stored(network, from_json(arrays.get("configuration"), file))


@check_arguments
def extras(path: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of a network file that are not part of the network, such as losses, recorded trials or tests.

    Parameters
    ----------
    path : file ending in .npz or .mat

    Raises
    ------
    InputError : a file that cannot be read.

    Returns
    -------
    mapping from names, such as ``losses``, to arrays of numbers or text; structures in a `.mat` file are omitted

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, key=jax.random.key(0))
    >>> extras(save(network, Path(tempfile.mkdtemp()) / "one.mat", trials=1200))["trials"].item()
    1200
    """
    file = checked_path(path)
    mat = file.suffix.lower() == ".mat"
    arrays = read_arrays(file, mat_arrays if mat else partial(npz_arrays, needed=KEYS))
    known = spikernn.KEYS if mat else KEYS
    rest = {key: np.asarray(values) for key, values in arrays.items() if key not in known}
    plain = {key: values for key, values in rest.items() if values.dtype.kind in "biufU"}
    unknown = [key for key in spikernn.INITIAL if key in plain and not np.isfinite(plain[key]).any()]
    return {key: values for key, values in plain.items() if key not in unknown}


def is_readable(file: Path) -> bool:
    """Return whether a `.npz` file is a complete archive of arrays, not damaged."""
    try:
        read_arrays(file, npz_arrays)
    except InputError:
        return False
    return True
