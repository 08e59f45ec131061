"""Gauss–Legendre rules with the matrices from nodal values to Legendre coefficients and derivatives."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre


class LegendreRule(NamedTuple):
    """Gauss–Legendre rule of n nodes on [−1, 1].

    Attributes
    ----------
    nodes, weights : shape (n,)
    to_coefficients : matrix from values at the nodes to Legendre coefficients of the interpolant, shape (n, n)
    derivative : matrix from values at the nodes to values of the interpolant's derivative there, shape (n, n)
    """

    nodes: np.ndarray
    weights: np.ndarray
    to_coefficients: np.ndarray
    derivative: np.ndarray


@cache
def legendre_rule(count: int) -> LegendreRule:
    """Return the rule of `count` nodes."""
    nodes, weights = legendre.leggauss(count)
    # c_k = (k + ½) ∫ f P_k dt, which the rule integrates exactly: the degree of f P_k is at most 2n − 2
    to_coefficients = (legendre.legvander(nodes, count - 1) * weights[:, None]).T * (np.arange(count) + 0.5)[:, None]
    derivative = legendre.legval(nodes, legendre.legder(np.eye(count))).T @ to_coefficients
    return LegendreRule(nodes, weights, to_coefficients, derivative)
