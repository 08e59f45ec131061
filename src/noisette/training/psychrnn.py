"""Reading of networks trained by PsychRNN."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from noisette.activations import Activation, relu
from noisette.errors import InputError, real_array, real_number, require
from noisette.networks import RateNetwork
from noisette.noise import from_convention
from noisette.training._arrays import Arrays, Stored, npz_arrays, numbers, read_arrays, require_keys

NEEDED = ("W_rec", "W_in", "W_out", "b_rec", "b_out")
CONNECTIVITY = {"W_rec": "rec_connectivity", "W_in": "input_connectivity", "W_out": "output_connectivity"}
WRITER = "RNN.save of PsychRNN (github.com/murraylab/PsychRNN)"


def read_psychrnn(
    path: str | Path,
    *,
    tau: float | ArrayLike | None = None,
    rec_noise: float = 0.0,
    activation: Activation = relu,
) -> Stored:
    """Read a network from an `.npz` file of PsychRNN.

    .. math:: x_{t+1} = (1 - \\alpha) x_t + \\alpha \\big(W_{\\text{rec}} \\phi(x_t) + b_{\\text{rec}}
       + W_{\\text{in}} u_t\\big) + \\sqrt{2 \\alpha}\\, \\sigma_{\\text{rec}}\\, \\xi_t, \\qquad
       o_t = W_{\\text{out}} \\phi(x_t) + b_{\\text{out}}, \\qquad \\alpha = dt/\\tau

    An Euler step of dt of the returned `RateNetwork` is this step. The file does not contain τ, the noise and the
    activation. Weights are multiplied by their connectivity and, if Dale's law applies, their absolute values by the
    signs of the units, as in PsychRNN. Pickled members, such as a ``dale_ratio`` of None, are not read.

    Parameters
    ----------
    path : file ending in .npz, as written by ``RNN.save``
    tau : time constant in ms, a scalar or shape (N,); by default time is in units of τ
    rec_noise : σ_rec, the parameter ``rec_noise`` of PsychRNN
    activation : φ, the parameter ``transfer_function`` of PsychRNN; relu is its default

    Raises
    ------
    InputError : a file that cannot be read, lacks arrays of PsychRNN or has arrays of inconsistent shapes; a negative
        noise or a time constant that is not positive.

    Returns
    -------
    Stored : ``network``, a `RateNetwork`, and ``configuration``: the program, whether Dale's law applies, and the
    initial state ``init_state``, if it is stored

    See Also
    --------
    training.load : Files of all programs, recognised by their contents.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "weights.npz"
    >>> np.savez(file, W_rec=np.eye(3), W_in=np.ones((3, 2)), W_out=np.ones((1, 3)), b_rec=np.zeros(3), b_out=[0.5])
    >>> network = read_psychrnn(file, tau=100.0, rec_noise=0.05).network
    >>> network.size, network.time_unit, round(float(network.noise.strength), 5)  # 0.05 √(2/100)
    (3, 'ms', 0.00707)

    References
    ----------
    Ehrlich, Stone, Brandfonbrener, Atanasov & Murray (2021), eNeuro 8:ENEURO.0427-20.2020.
    """
    file = Path(path)
    require(
        file.suffix.lower() == ".npz", f"network file {str(path)!r} ends in {file.suffix!r}", "a file of PsychRNN, .npz"
    )
    arrays = read_arrays(file, partial(npz_arrays, needed=NEEDED))
    return from_arrays(arrays, file, tau=tau, rec_noise=rec_noise, activation=activation)


def is_psychrnn(arrays: Arrays) -> bool:
    """Return whether the arrays of a file are those of a network of PsychRNN.

    Examples
    --------
    >>> is_psychrnn({"W_rec": np.eye(2), "W_in": np.ones((2, 1))}), is_psychrnn({"weights": np.eye(2)})
    (True, False)
    """
    return "W_rec" in arrays and "weights" not in arrays


def from_arrays(
    arrays: Arrays,
    file: Path,
    *,
    tau: float | ArrayLike | None = None,
    rec_noise: float = 0.0,
    activation: Activation = relu,
) -> Stored:
    """Return the network of the arrays of a file; see `read_psychrnn`."""
    require_keys(arrays, NEEDED, file, WRITER)
    sigma = real_number(rec_noise, "rec_noise", "zero or positive", lambda value: 0 <= value < np.inf)
    constants = real_array(1.0 if tau is None else tau, "tau")
    require(bool((constants > 0).all()), f"tau {float(constants.min(initial=0.0)):g}", "times above zero, in ms")
    dale = _has_dale(arrays, file)
    recurrent, inputs, outputs = (_weights(arrays, name, dale, file) for name in ("W_rec", "W_in", "W_out"))
    try:
        network = RateNetwork(
            recurrent,
            tau=constants,
            bias=numbers(arrays, "b_rec", file).ravel(),
            activation=activation,
            noise=from_convention("psychrnn", sigma, tau=constants) if sigma > 0 else None,
            input_weights=inputs,
            readout=outputs,
            readout_bias=numbers(arrays, "b_out", file).ravel(),
            unit_of_time="tau" if tau is None else "ms",
        )
    except ValueError as error:  # an InputError, or shapes that cannot be broadcast
        raise InputError(f"network file {str(file)!r}: {error}") from error
    configuration: dict[str, Any] = {"program": "PsychRNN", "dale": dale}
    if "init_state" in arrays:
        configuration["init_state"] = numbers(arrays, "init_state", file).ravel().tolist()
    return Stored(network, configuration)


def _has_dale(arrays: Arrays, file: Path) -> bool:
    """Return whether Dale's law applies: ``dale_ratio`` is then a number, otherwise a pickled None."""
    return "dale_ratio" in arrays and "Dale_rec" in arrays and bool(numbers(arrays, "dale_ratio", file).any())


def _weights(arrays: Arrays, name: str, dale: bool, file: Path) -> np.ndarray:
    """Return effective weights: those of the file with connectivity and signs, which may have been applied already."""
    weights = numbers(arrays, name, file).astype(float)
    require(weights.ndim == 2, f"{name} in {str(file)!r} of shape {weights.shape}", "a matrix, row = target")
    mask = CONNECTIVITY[name]
    if mask in arrays:
        weights = weights * _of_shape(numbers(arrays, mask, file), weights.shape, mask, file)
    if not dale:
        return weights
    weights = np.abs(weights)
    signs = {"W_rec": "Dale_rec", "W_out": "Dale_out"}.get(name)
    if signs is None or signs not in arrays:
        return weights
    size = weights.shape[1]
    return weights @ _of_shape(numbers(arrays, signs, file), (size, size), signs, file)


def _of_shape(values: np.ndarray, shape: tuple[int, ...], name: str, file: Path) -> np.ndarray:
    """Return an array; raise if it has another shape."""
    require(values.shape == shape, f"{name} in {str(file)!r} of shape {values.shape}", f"shape {shape}")
    return values
