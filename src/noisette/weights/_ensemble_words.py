"""Ensembles of the words ``gaussian:N``, ``blocks:SIZES:MEAN:VARIANCE`` and others, which draw random weights."""

import inspect

import numpy as np

from noisette import ensembles
from noisette.ensembles import Blocks, Ensemble, HeavyTails, LowRank, RandomModes
from noisette.errors import real_number, require
from noisette.limits import require_memory, unit_count
from noisette.weights._balanced import balanced as balanced_matrix
from noisette.weights._distributions import Drawn
from noisette.weights._excitatory import EI_CASES, excitatory_inhibitory
from noisette.weights._families import gaussian as gaussian_matrix
from noisette.weights._families import symmetric as symmetric_matrix
from noisette.weights._numbers import written_numbers


def gaussian(size: str) -> Drawn:
    """Return the ensemble of ``gaussian:N``."""
    number = unit_count(int(size))
    arguments = {"size": number, "std": number**-0.5, "self_coupling": False}
    return Drawn(gaussian_matrix, arguments, ensembles.gaussian(number))


def normal(weight: str, size: str) -> Drawn:
    """Return the ensemble of ``normal:W:N``."""
    std, number = _std(weight), unit_count(int(size))
    return Drawn(gaussian_matrix, {"size": number, "std": std}, Blocks(0.0, number * std**2, number))


def symmetric(weight: str, size: str) -> Drawn:
    """Return the ensemble of ``symmetric:W:N``."""
    std, number = _std(weight), unit_count(int(size))
    return Drawn(symmetric_matrix, {"size": number, "std": std}, ensembles.reciprocal(number, 1.0, number * std**2))


def balanced(size: str, density: str, balance: str, width: str) -> Drawn:
    """Return the ensemble of ``balanced:N:D:B:W``; ⟨w⟩ = D B W √(2/π) and ⟨w²⟩ = D W²."""
    number, d, b, w = unit_count(int(size)), float(density), float(balance), float(width)
    # a matrix of one unit raises for values out of range, before a draw is needed
    balanced_matrix(1, d, b, w, key=0)  # type: ignore[arg-type]
    mean = d * b * w * float(np.sqrt(2 / np.pi))
    described = Blocks(number * mean, number * max(d * w**2 - mean**2, 0.0), number)
    return Drawn(balanced_matrix, {"size": number, "density": d, "balance": b, "width": w}, described)


def _std(weight: str) -> float:
    return real_number(float(weight), "weight", "zero or positive", lambda w: 0 <= w < np.inf)


def ei(case: str, size: str) -> Drawn:
    """Return the ensemble of ``ei:CASE:N``; the case is a name, numbers as in ``mu_e=1,mu_i=-4``, or both."""
    first, *others = case.split(",")
    numbers = dict(EI_CASES.get(first, {}))
    known = [name for name in inspect.signature(excitatory_inhibitory).parameters if name not in ("size", "key")]
    for part in others if first in EI_CASES else [first, *others]:
        name, _, value = part.partition("=")
        require(
            name in known and value != "",
            f"ei:{case}",
            f"cases are {', '.join(EI_CASES)}, or numbers as in mu_e=1,mu_i=-4; their names are {', '.join(known)}",
        )
        numbers[name] = float(value)
    number = unit_count(int(size))
    described = ensembles.excitatory_inhibitory(number, **numbers)
    return Drawn(excitatory_inhibitory, {"size": number, **numbers}, described)


def blocks(sizes: str, mean: str, variance: str) -> Ensemble:
    """Return the ensemble of ``blocks:SIZES:MEAN:VARIANCE``."""
    squares = {"mean": written_numbers(mean, "mean"), "variance": written_numbers(variance, "variance")}
    return Blocks(**squares, sizes=written_numbers(sizes, "sizes"))


def sparse(size: str, inputs: str, mean: str, variance: str) -> Ensemble:
    """Return the ensemble of ``sparse:N:K:MEAN:VARIANCE``."""
    return ensembles.sparse(int(size), float(inputs), mean=float(mean), variance=float(variance))


def reciprocal(size: str, reciprocity: str) -> Ensemble:
    """Return the ensemble of ``reciprocal:N:κ``."""
    return ensembles.reciprocal(int(size), float(reciprocity))


def lowrank(sizes: str, mean: str, covariance: str) -> Ensemble:
    """Return the ensemble of ``lowrank:SIZES:MEAN:COVARIANCE``; a mean of 0 stands for zeros."""
    mu = written_numbers(mean, "mean")
    square = written_numbers(covariance, "covariance")
    return LowRank(square, written_numbers(sizes, "sizes"), mean=None if mu == 0 else mu)


def modes(size: str, strengths: str) -> Ensemble:
    """Return the ensemble of ``modes:N:DxCOUNT,…``, COUNT modes of each strength D."""
    pairs = [part.split("x") for part in strengths.split(",")]
    values, counts = [float(value) for value, _ in pairs], [int(count) for _, count in pairs]
    require(min(counts) > 0, f"modes:{size}:{strengths}", "numbers of modes above zero")
    number, total = unit_count(int(size)), sum(counts)
    require_memory(16.0 * number * total, f"{total:,} modes of {number:,} units", "give fewer modes")
    return RandomModes(np.repeat(values, counts), number)


def heavytails(size: str, alpha: str, scale: str) -> Ensemble:
    """Return the ensemble of ``heavytails:N:α:s``."""
    return HeavyTails(float(alpha), int(size), float(scale))
