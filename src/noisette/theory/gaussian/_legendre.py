"""Gauss–Legendre rules together with the matrices between nodal values and Legendre coefficients."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre


class LegendreRule(NamedTuple):
    """A Gauss–Legendre rule of n nodes on [−1, 1].

    Attributes
    ----------
    nodes, weights : shape (n,)
    to_coefficients : values at the nodes to Legendre coefficients of the interpolating polynomial, shape (n, n)
    derivative : values at the nodes to values of the derivative there, shape (n, n)
    """

    nodes: np.ndarray
    weights: np.ndarray
    to_coefficients: np.ndarray
    derivative: np.ndarray


@cache
def legendre_rule(count: int) -> LegendreRule:
    """Return the rule of `count` nodes."""
    nodes, weights = legendre.leggauss(count)
    # c_k = (k + ½) ∫ f P_k, and the rule integrates f P_k of degree up to 2n − 2 exactly
    to_coefficients = (legendre.legvander(nodes, count - 1) * weights[:, None]).T * (np.arange(count) + 0.5)[:, None]
    derivative = legendre.legval(nodes, legendre.legder(np.eye(count))).T @ to_coefficients
    return LegendreRule(nodes, weights, to_coefficients, derivative)
