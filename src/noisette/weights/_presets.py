"""Weight matrices by name, as typed at a terminal: `name:arguments`, or a file."""

from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

from noisette.errors import InputError, integer, require
from noisette.weights._excitatory import EI_CASES, excitatory_inhibitory
from noisette.weights._families import autapses, gaussian, nrooks
from noisette.weights._files import load
from noisette.weights._hopfield import hopfield

PRESETS = {
    "autapses": "autapses:W[:N]              every unit coupled to itself with weight W; N = 5 by default",
    "hopfield": "hopfield:CODES:J[:N]        stores patterns given as integer codes, as in hopfield:24,7:10",
    "nrooks": "nrooks:W | nrooks:W:N:SEED  one weight ±W per row and column: the reference, or random",
    "gaussian": "gaussian:N[:SEED]           independent normal, variance 1 (rate networks: 1/N, no self-coupling)",
    "ei": "ei:CASE:N[:SEED]            excitatory and inhibitory units; CASE inhibitory, balanced or excitatory",
}


def _autapses(weight: str, size: str = "5") -> np.ndarray:
    return autapses(float(weight), int(size))


def _hopfield(codes: str, coupling: str, size: str = "5") -> np.ndarray:
    return hopfield([int(code) for code in codes.split(",")], float(coupling), int(size))


def _nrooks(weight: str, size: str = "5", seed: str = "") -> np.ndarray:
    if not seed:
        require(size == "5", f"nrooks:{weight}:{size}", "a random placement is nrooks:W:N:SEED")
        return nrooks(float(weight))
    return nrooks(float(weight), size=int(size), key=jax.random.key(int(seed)))


def _gaussian(size: str, seed: str = "0") -> np.ndarray:
    return gaussian(int(size), key=jax.random.key(int(seed)))


def _ei(case: str, size: str, seed: str = "0") -> np.ndarray:
    require(case in EI_CASES, f"ei:{case}", f"cases are {', '.join(EI_CASES)}")
    return excitatory_inhibitory(int(size), **EI_CASES[case], key=jax.random.key(int(seed)))


def family(text: str, seed: int = 0) -> Callable[[int], np.ndarray]:
    """Return the matrices of a family of rate networks, as a function of their number.

    ``gaussian:N`` (variance 1/N, no self-coupling) and ``ei:CASE:N`` are drawn anew for each number; anything else
    that `named` reads is the same matrix for all.

    Parameters
    ----------
    text : name or file
    seed : of the draws; a seed at the end of the text, as in ``gaussian:N:SEED``, goes before it

    Examples
    --------
    >>> drawn = family("gaussian:4")
    >>> bool((drawn(0) == drawn(1)).all()), float(drawn(0).diagonal().sum())
    (False, 0.0)
    """
    seed = integer(seed, "seed", 0)
    name, *arguments = text.split(":")
    if name not in ("gaussian", "ei"):
        matrix = named(text)
        return lambda number: matrix
    named(text)  # refuses what does not fit
    if len(arguments) > (1 if name == "gaussian" else 2):
        seed = int(arguments.pop())
    size, key = int(arguments[-1]), jax.random.key(seed)

    def drawn(number: int) -> np.ndarray:
        own = jax.random.fold_in(key, number)
        if name == "gaussian":
            return gaussian(size, size**-0.5, self_coupling=False, key=own)
        return excitatory_inhibitory(size, **EI_CASES[arguments[0]], key=own)

    return drawn


_READERS = {"autapses": _autapses, "hopfield": _hopfield, "nrooks": _nrooks, "gaussian": _gaussian, "ei": _ei}


def named(text: str) -> np.ndarray:
    """Return the weight matrix that `text` names: a preset (`name:arguments`) or a file.

    Parameters
    ----------
    text : ``autapses:W[:N]``, ``hopfield:CODES:J[:N]``, ``nrooks:W``, ``nrooks:W:N:SEED``,
        ``gaussian:N[:SEED]``, ``ei:CASE:N[:SEED]``, or a file that `load` reads

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : unknown name, arguments that do not fit, unreadable file.

    Examples
    --------
    >>> named("hopfield:24,7:10:5")[0]
    array([  0.,  10., -10., -10., -10.])
    """
    name, _, arguments = text.partition(":")
    if name not in _READERS:
        require(
            Path(text).suffix != "" or ":" in text or Path(text).exists(),
            f"unknown weights {text!r}",
            f"presets are {', '.join(PRESETS)}",
            "name one of them or a file (.npy, .npz, .csv, .mat)",
        )
        return load(text)
    try:
        return _READERS[name](*arguments.split(":"))
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        form = " ".join(PRESETS[name].split())
        raise InputError(f"weights {text!r} cannot be read; the form is {form}") from error
