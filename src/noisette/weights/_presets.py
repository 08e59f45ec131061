"""Weight matrices by name, as typed at a terminal: `name:arguments`, or a file."""

from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

from noisette.errors import InputError, integer, real_number, require
from noisette.weights._excitatory import EI_CASES, excitatory_inhibitory
from noisette.weights._families import autapses, gaussian, nrooks
from noisette.weights._files import load
from noisette.weights._hopfield import hopfield

PRESETS = {
    "autapses": "autapses:W[:N]              every unit coupled to itself with weight W; N = 5 by default",
    "hopfield": "hopfield:CODES:J[:N]        stores patterns given as integer codes, as in hopfield:24,7:10",
    "nrooks": "nrooks:W | nrooks:W:N:SEED  one weight ±W per row and column: the reference, or random",
    "gaussian": "gaussian:N[:SEED]           independent normal of variance 1/N, no self-coupling (rate networks)",
    "normal": "normal:W:N[:SEED]           W times independent standard normal, with self-coupling (binary networks)",
    "ei": "ei:CASE:N[:SEED]            excitatory and inhibitory units; CASE inhibitory, balanced or excitatory",
}
Member = Callable[[jax.Array], np.ndarray]


def _autapses(weight: str, size: str = "5") -> np.ndarray:
    return autapses(float(weight), int(size))


def _hopfield(codes: str, coupling: str, size: str = "5") -> np.ndarray:
    return hopfield([int(code) for code in codes.split(",")], float(coupling), int(size))


def _nrooks(weight: str, size: str = "5", seed: str = "") -> np.ndarray:
    if not seed:
        require(size == "5", f"nrooks:{weight}:{size}", "a random placement is nrooks:W:N:SEED")
        return nrooks(float(weight))
    return nrooks(float(weight), size=int(size), key=jax.random.key(int(seed)))


def _gaussian(size: str) -> Member:
    number = integer(int(size), "size")
    return lambda key: gaussian(number, number**-0.5, self_coupling=False, key=key)


def _normal(weight: str, size: str) -> Member:
    std, number = real_number(float(weight), "weight", "zero or positive", lambda w: 0 <= w < np.inf), int(size)
    integer(number, "size")
    return lambda key: gaussian(number, std, key=key)


def _ei(case: str, size: str) -> Member:
    require(case in EI_CASES, f"ei:{case}", f"cases are {', '.join(EI_CASES)}")
    number = integer(int(size), "size")
    return lambda key: excitatory_inhibitory(number, **EI_CASES[case], key=key)


FIXED: dict[str, Callable[..., np.ndarray]] = {"autapses": _autapses, "hopfield": _hopfield, "nrooks": _nrooks}
DRAWN: dict[str, tuple[Callable[..., Member], int]] = {  # with the number of arguments before the seed
    "gaussian": (_gaussian, 1),
    "normal": (_normal, 2),
    "ei": (_ei, 2),
}


def family(text: str, seed: int = 0) -> Callable[[int], np.ndarray]:
    """Return the weight matrices that `text` names, as a function of their number.

    The only reader of weights by name: terminal, study files and Python give the same matrix for the same text and
    seed. ``gaussian``, ``normal`` and ``ei`` are drawn anew for each number; anything else is one matrix.

    Parameters
    ----------
    text : ``autapses:W[:N]``, ``hopfield:CODES:J[:N]``, ``nrooks:W``, ``nrooks:W:N:SEED``, ``gaussian:N[:SEED]``
        (variance 1/N, no self-coupling), ``normal:W:N[:SEED]`` (W times standard normal, self-couplings too),
        ``ei:CASE:N[:SEED]``, or a file that `load` reads
    seed : of the draws; a seed at the end of the text goes before it

    Raises
    ------
    InputError : unknown name, arguments that do not fit, unreadable file.

    Examples
    --------
    >>> drawn = family("gaussian:4")
    >>> bool((drawn(0) == drawn(1)).all()), float(drawn(0).diagonal().sum())
    (False, 0.0)
    """
    seed = integer(seed, "seed", 0)
    name, _, rest = text.partition(":")
    arguments = rest.split(":")
    if name not in PRESETS:
        require(
            Path(text).suffix != "" or ":" in text or Path(text).exists(),
            f"unknown weights {text!r}",
            f"presets are {', '.join(PRESETS)}",
            "name one of them or a file (.npy, .npz, .csv, .mat)",
        )
        matrix = load(text)
        return lambda number: matrix
    try:
        if name in FIXED:
            matrix = FIXED[name](*arguments)
            return lambda number: matrix
        maker, least = DRAWN[name]
        own, *others = arguments[least:] or [str(seed)]
        require(not others, f"weights {text!r}", f"the form is {_form(name)}")
        member, key = maker(*arguments[:least]), jax.random.key(int(own))
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"weights {text!r} cannot be read; the form is {_form(name)}") from error
    return lambda number: member(jax.random.fold_in(key, number))


def _form(name: str) -> str:
    return " ".join(PRESETS[name].split())


def named(text: str, seed: int = 0) -> np.ndarray:
    """Return the weight matrix that `text` names: the first of `family`.

    Parameters
    ----------
    text, seed : as for `family`

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : as for `family`.

    Examples
    --------
    >>> named("hopfield:24,7:10:5")[0]
    array([  0.,  10., -10., -10., -10.])
    """
    return family(text, seed)(0)
