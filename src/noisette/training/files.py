"""Networks in files: whole, without pickled objects, with the configuration that made them."""

from pathlib import Path
from typing import Any

import numpy as np

from noisette.errors import require
from noisette.networks import NetworkLike, TaskNetwork, as_network
from noisette.provenance import program_version
from noisette.studies.store import atomic_write
from noisette.training import spikernn
from noisette.training._arrays import (
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

FORMAT = 1  # raise it when a file of today could no longer be read, or would be read wrongly
WRITER = "`noisette train`, or noisette.training.save,"
ARRAYS = ("weights", "signs", "logits", "input_weights", "readout", "readout_bias", "noise_weights")
NEEDED = (*ARRAYS, "tau_range", "dt", "sensory_noise", "format")
KEYS = (*NEEDED, "mask", "program", "configuration")
NOT_NAMES = ("file", "args", "allow_pickle")  # which numpy's writer cannot take


def save(network: NetworkLike, path: str | Path, *, configuration: dict[str, Any] | None = None, **more: Any) -> Path:
    """Write a network to a file, written beside its place and renamed, so that it is whole or absent.

    A `.npz` file holds every field, bit by bit, and loads without pickle; the same network gives the same bytes. A
    `.mat` file is read by the programs of the spikeRNN family: see `write_mat`.

    Parameters
    ----------
    network : a task network, trained or not
    path : file ending in .npz or .mat; its folder is made
    configuration : what JSON can hold, such as what the network was trained with
    more : further arrays to keep in the same file, such as ``losses``; `extras` returns them

    Raises
    ------
    InputError : another ending, a name in `more` that is taken, values in it that are not plain arrays.

    Returns
    -------
    the path

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, noise_channels=2, key=jax.random.key(0))
    >>> file = save(network, Path(tempfile.mkdtemp()) / "one.npz", configuration={"delay": 250}, losses=[9.5, 3.1])
    >>> load(file).configuration, extras(file)["losses"].tolist()
    ({'delay': 250}, [9.5, 3.1])
    """
    network = as_network(network, TaskNetwork)
    target = suffixed(path)
    if target.suffix.lower() == ".mat":
        return spikernn.write_mat(network, target, configuration=configuration, **more)
    fields = vars(network)
    contents: dict[str, Any] = {name: np.asarray(fields[name]) for name in ARRAYS}
    if network.mask is not None:
        contents["mask"] = np.asarray(network.mask)
    contents |= {
        "tau_range": np.asarray(network.tau_range, float),
        "dt": np.asarray(network.dt, float),
        "sensory_noise": np.asarray(network.sensory_noise, float),
        "format": np.asarray(FORMAT),
        "program": np.asarray(f"noisette {program_version()}"),
        "configuration": np.asarray(as_json(configuration)),
    }
    contents |= plain(more, taken=(*KEYS, *NOT_NAMES))
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as beside:
        np.savez_compressed(beside, **contents)
    return target


def load(path: str | Path) -> Stored:
    """Read a network from a `.npz` file of this program, or from a `.mat` file of the spikeRNN family.

    Parameters
    ----------
    path : file ending in .npz or .mat

    Raises
    ------
    InputError : in one line: no such file, another ending, keys that are missing (which, and what program writes
        them), shapes that disagree, values that are not finite, a range of time constants that is none, a file that
        is broken or holds pickled objects, or one of a later format than this version knows.

    Returns
    -------
    Stored : ``network`` and ``configuration``

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, key=jax.random.key(0))
    >>> again = load(save(network, Path(tempfile.mkdtemp()) / "one.npz")).network
    >>> bool((again.weights == network.weights).all()), again.tau_range
    (True, (20.0, 125.0))
    """
    file = suffixed(path)
    if file.suffix.lower() == ".mat":
        return spikernn.read_mat(file)
    arrays = opened(file, _npz)
    complete(arrays, NEEDED, file, WRITER)
    version = scalar(arrays, "format", file)
    require(
        version <= FORMAT,
        f"network file {str(file)!r} is of format {version:g}",
        f"noisette {program_version()} reads formats up to {FORMAT}",
        "update noisette",
    )
    reach = numbers(arrays, "tau_range", file)
    require(reach.shape == (2,), f"tau_range in {str(file)!r} of shape {reach.shape}", "two numbers, in ms")
    network = built(
        file,
        **{name: numbers(arrays, name, file) for name in ARRAYS},
        mask=numbers(arrays, "mask", file) if "mask" in arrays else None,
        tau_range=(float(reach[0]), float(reach[1])),
        dt=scalar(arrays, "dt", file),
        sensory_noise=scalar(arrays, "sensory_noise", file),
    )
    return Stored(network, from_json(arrays.get("configuration"), file))


def extras(path: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of a network file that are no part of the network: losses, recorded trials, tests.

    Parameters
    ----------
    path : file ending in .npz or .mat

    Raises
    ------
    InputError : a file that cannot be read.

    Returns
    -------
    arrays of numbers or text by name, such as ``losses``; structures, which a `.mat` file may hold, are left out

    Examples
    --------
    >>> import jax, tempfile
    >>> network = TaskNetwork.random(10, key=jax.random.key(0))
    >>> extras(save(network, Path(tempfile.mkdtemp()) / "one.mat", trials=1200))["trials"].item()
    1200
    """
    file = suffixed(path)
    mat = file.suffix.lower() == ".mat"
    arrays = opened(file, spikernn.mat_arrays if mat else _npz)
    known = spikernn.KEYS if mat else KEYS
    rest = {key: np.asarray(values) for key, values in arrays.items() if key not in known}
    plain_arrays = {key: values for key, values in rest.items() if values.dtype.kind in "biufU"}
    unknown = [key for key in spikernn.INITIAL if key in plain_arrays and not np.isfinite(plain_arrays[key]).any()]
    return {key: values for key, values in plain_arrays.items() if key not in unknown}


def _npz(file: Path) -> dict[str, Any]:
    with file.open("rb") as raw:  # numpy itself leaves a broken file open
        archive = np.load(raw, allow_pickle=False)
        require(isinstance(archive, np.lib.npyio.NpzFile), "it is a single array", "an archive of several is needed")
        return dict(archive)
