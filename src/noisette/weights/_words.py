"""Weight matrices from strings: ``word:arguments``, a file, or ``MODULE:NAME``."""

import inspect
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from noisette.arguments import check_arguments
from noisette.array_files import is_array_file, labelled
from noisette.ensembles import Ensemble, Sum
from noisette.errors import InputError, integer, require, shown
from noisette.recipes import remembered
from noisette.registry import Name, lookup, words
from noisette.weights._check import labels, square
from noisette.weights._distributions import WithoutStatistics
from noisette.weights._families import autapses as autapses_matrix
from noisette.weights._families import nrooks as nrooks_matrix
from noisette.weights._files import load
from noisette.weights._hopfield import hopfield as hopfield_matrix

MOST_WRITTEN = 64  # largest number of units of a matrix that is written out

Draw = Callable[[jax.Array], np.ndarray]
# a plus sign before a word; those of numbers, as in 1e+3, precede digits
PLUS = re.compile(rf"\+(?=(?:{'|'.join(words('weights'))}):)")


def autapses(weight: str, size: str = "5") -> np.ndarray:
    """Return the matrix of ``autapses:W[:N]``."""
    return autapses_matrix(float(weight), int(size))


def hopfield(codes: str, coupling: str, size: str = "5") -> np.ndarray:
    """Return the matrix of ``hopfield:CODES:J[:N]``."""
    return hopfield_matrix([int(code) for code in codes.split(",")], float(coupling), int(size))


def nrooks(weight: str, size: str = "5", seed: str = "") -> np.ndarray:
    """Return the matrix of ``nrooks:W[:N:SEED]``: the reference network, or a random one."""
    if not seed:
        require(size == "5", f"nrooks:{weight}:{size}", "a random placement is nrooks:W:N:SEED")
        return nrooks_matrix(float(weight))
    return nrooks_matrix(float(weight), size=int(size), key=jax.random.key(int(seed)))


def matrix(text: str) -> np.ndarray:
    """Return the matrix of ``matrix:ROWS``."""
    if not text.strip():
        raise ValueError(text)
    given = f"weights {shown(f'matrix:{text}')}"
    rows = [row.split(",") for row in text.split(";")]
    for number, row in enumerate(rows, 1):
        require(
            len(row) == len(rows[0]),
            f"{given} with {len(rows[0])} entries in row 1 and {len(row)} in row {number}",
            "rows of the same length, separated by semicolons",
        )
    require(
        len(rows) == len(rows[0]),
        f"{given} has {len(rows)} rows of {len(rows[0])} entries",
        "a weight matrix is square, row = target",
    )
    _require_small(len(rows), given)
    return np.array([[_entry(entry, given, i, j) for j, entry in enumerate(row, 1)] for i, row in enumerate(rows, 1)])


def _entry(text: str, given: str, row: int, column: int) -> float:
    """Return one entry of a matrix that is written out."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    require(np.isfinite(value), f"{given} with {shown(text.strip())} in row {row}, column {column}", "finite numbers")
    return value


def _require_small(size: int, given: str) -> None:
    most = f"at most {MOST_WRITTEN} × {MOST_WRITTEN} are written out"
    require(size <= MOST_WRITTEN, f"{given} is {size} × {size}", most, "save the matrix and give the file")


@check_arguments
def as_word(matrix: Any) -> str:
    """Return the word ``matrix:ROWS`` of a small weight matrix, for the terminal and study files.

    `from_string` returns the same matrix, bit for bit: each entry is written with the fewest digits that determine it.
    Names of units are left out. In a shell the word needs quotation marks, because a semicolon ends a command.

    Parameters
    ----------
    matrix : weights, shape (N, N), N ≤ 64; all kinds that `square` converts

    Raises
    ------
    InputError : If the matrix is not square and finite, or has more than 64 units.

    Examples
    --------
    >>> as_word([[0, 10], [-0.5, 1e30]])
    'matrix:0,10;-0.5,1e+30'
    >>> from_string(as_word([[0, 10], [-0.5, 1e30]])).tolist()
    [[0.0, 10.0], [-0.5, 1e+30]]
    """
    array = square(matrix)
    _require_small(len(array), "a matrix")
    rows = (",".join(repr(entry).removesuffix(".0") for entry in row) for row in array.tolist())
    return f"matrix:{';'.join(rows)}"


@check_arguments
def ensemble(text: str, seed: int = 0) -> Callable[[int], np.ndarray]:
    """Return the ensemble of weight matrices named by a string, as a function of the index of the draw.

    The same text and seed give the same matrix in the terminal, in study files and in Python. Words whose form has a
    seed and functions with a parameter ``key`` are drawn independently for each index; all other ensembles consist of
    a single matrix.

    Parameters
    ----------
    text : ``autapses:W[:N]``, ``hopfield:CODES:J[:N]``, ``nrooks:W``, ``nrooks:W:N:SEED``, ``gaussian:N[:SEED]``
        (variance 1/N, without self-couplings), ``normal:W:N[:SEED]`` (standard deviation W, with self-couplings),
        ``symmetric:W:N[:SEED]`` (standard deviation W, without self-couplings), ``balanced:N:D:B:W[:SEED]``
        (density D, balance B, width W; see `balanced`), ``ei:CASE:N[:SEED]`` (a case of ``EI_CASES``, numbers of
        `excitatory_inhibitory` as in ``mu_e=1,mu_i=-4``, or both), an ensemble of `noisette.ensembles`
        ``blocks:SIZES:MEAN:VARIANCE[:SEED]``, ``sparse:N:K:MEAN:VARIANCE[:SEED]``, ``reciprocal:N:κ[:SEED]``,
        ``lowrank:SIZES:MEAN:COVARIANCE[:SEED]``, ``modes:N:DxCOUNT,…[:SEED]`` or ``heavytails:N:α:s[:SEED]``,
        ``matrix:ROWS`` (at most 64 units; see `as_word`), a file that `load` reads, or ``MODULE:NAME[:NUMBERS]``,
        which names a matrix or a function that returns one; entries of rows are separated by commas, and rows by
        semicolons. Terms joined by ``+``, without seeds, are added
    seed : seed of the draws; a seed at the end of `text` takes precedence

    Returns
    -------
    function that returns the matrix of a draw from its index, 0, 1, …

    Raises
    ------
    InputError : If the word is unknown, the arguments do not fit, or a file is unreadable.

    See Also
    --------
    weights.distribution : Draws, and the statistics that theory uses.
    weights.load : A matrix from a file.
    weights.from_string : A matrix named by a word or a file, as at the terminal.

    Examples
    --------
    >>> drawn = ensemble("gaussian:4")
    >>> bool((drawn(0) == drawn(1)).all()), float(drawn(0).diagonal().sum())
    (False, 0.0)
    >>> ensemble("noisette.weights:gaussian:3,0.5")(0).shape
    (3, 3)
    """
    seed = integer(seed, "seed", 0)
    if _is_file(text):
        matrix = load(text)
        return lambda number: matrix
    return ensemble_of_word(text, seed) if _has_only_words(text) else _ensemble(text, seed)


@remembered
def ensemble_of_word(text: str, seed: int) -> Callable[[int], np.ndarray]:
    """Return the ensemble of words of the registry; results record the words."""
    require(_has_only_words(text), f"weights {text!r}", f"words are {', '.join(words('weights'))}")
    return _ensemble(text, seed)


def _has_only_words(text: str) -> bool:
    """Return whether the terms of a string are words of the registry, and not files or names of code."""
    return all(term.partition(":")[0] in words("weights") for term in PLUS.split(text))


@remembered
def matrix_of_word(text: str, seed: int) -> np.ndarray:
    """Return the first matrix of the ensemble of a word of the registry; results record the word."""
    return ensemble_of_word(text, seed)(0)


def _ensemble(text: str, seed: int) -> Callable[[int], np.ndarray]:
    matrices, text_seed = _named(text)
    if isinstance(matrices, np.ndarray):
        return lambda number: matrices
    key = jax.random.key(seed if text_seed is None else text_seed)
    draw = partial(_sampled, matrices) if isinstance(matrices, Ensemble) else matrices
    return lambda number: draw(jax.random.fold_in(key, number))


def _sampled(ensemble: Ensemble, key: jax.Array) -> np.ndarray:
    return ensemble.sample(key=key)


def _named(text: str) -> tuple[np.ndarray | Ensemble | Draw, int | None]:
    """Return what a string names, a matrix, an ensemble or a function that draws matrices, and the seed at its end."""
    terms = PLUS.split(text)
    if len(terms) > 1:
        return Sum([distribution(term) for term in terms]), None
    if _is_file(text):
        return load(text), None
    name = lookup("weights", text)
    return _imported(name) if name.imported else _from_word(name)


@check_arguments
def distribution(text: str) -> Ensemble:
    """Return the distribution of the weight matrices that a string names, which draws and has statistics.

    It draws the matrices of `ensemble`, each from a JAX key. Mean-field theory uses its statistics, which are refused
    for single matrices, files and functions of users.

    Parameters
    ----------
    text : as for `ensemble`, without a seed

    Raises
    ------
    InputError : As for `ensemble`; if the text contains a seed.

    See Also
    --------
    weights.ensemble : A function of the index of the draw.
    networks.Populations : Networks of these weights, to simulate or to solve.
    ensembles.Blocks : Ensembles in Python.

    Examples
    --------
    >>> two = distribution("blocks:400,100:1,-2;1,-1.5:1,2;1,2")
    >>> two.sizes, two.statistics().mean.tolist()
    ((400, 100), [[1.0, -2.0], [1.0, -1.5]])
    >>> W = distribution("gaussian:9").draw(key=jax.random.fold_in(jax.random.key(0), 2))
    >>> bool((W == ensemble("gaussian:9", seed=0)(2)).all())
    True
    >>> distribution("gaussian:400+lowrank:400:0:1,0.5;0.5,1").statistics().rank
    1
    """
    product, seed = _named(text)
    require(seed is None, f"weights {text!r} with a seed", "the distribution of all draws", "leave the seed out")
    if isinstance(product, Ensemble):
        return product
    size = len(product if isinstance(product, np.ndarray) else product(jax.random.key(0)))
    return WithoutStatistics(text, product, size)


def _is_file(text: str) -> bool:
    """Return whether a string is the path of a file; raise if it is not a string."""
    require(isinstance(text, str), f"weights {text!r}", "a string; see `noisette list`")
    # A path such as w.xlsx is an unreadable file, but my_module.weights:ring is not a file.
    return is_array_file(text) or (Path(text).suffix != "" and ":" not in text)


def _from_word(name: Name) -> tuple[np.ndarray | Ensemble, int | None]:
    """Return the matrix of a word, or the ensemble that draws it, and the seed at the end of the text."""
    arguments, form = name.arguments.split(":"), name.form.partition("[")[0]
    seed = None
    try:
        if "[:SEED]" in name.form and len(arguments) > form.count(":"):
            *arguments, last = arguments
            seed = int(last)
            jax.random.key(seed)
        inspect.signature(name.maker).bind(*arguments)
        return name.maker(*arguments), seed
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise name.unreadable() from error


def _imported(name: Name) -> tuple[np.ndarray | Draw, None]:
    """Return the matrix of an imported object, or the function that draws it."""
    if not callable(name.maker):
        return _matrix(name.build(lambda value: not callable(value), "a matrix")), None
    if "key" not in inspect.signature(name.maker).parameters:
        return _matrix(name.call(*name.numbers())), None
    return partial(_drawn, name), None


def _drawn(name: Name, key: jax.Array) -> np.ndarray:
    """Return a matrix drawn by an imported function."""
    return _matrix(name.call(*name.numbers(), key=key))


def _matrix(value: object) -> np.ndarray:
    """Return a matrix of a user module, with its labels."""
    return labelled(square(value), labels(value))


@check_arguments
def from_string(text: str, seed: int = 0) -> np.ndarray:
    """Return the weight matrix named by a string, the first draw of `ensemble`.

    Parameters
    ----------
    text, seed : as for `ensemble`

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : As for `ensemble`.

    See Also
    --------
    weights.load : A matrix from a file.
    weights.ensemble : A function that draws any number of matrices.

    Examples
    --------
    >>> from_string("hopfield:24,7:10:5")[0]
    array([  0.,  10., -10., -10., -10.])
    >>> from_string("matrix:0,10;10,0").tolist()
    [[0.0, 10.0], [10.0, 0.0]]
    """
    drawn = ensemble(text, seed)
    return matrix_of_word(text, seed) if hasattr(drawn, "__recipe__") else drawn(0)
