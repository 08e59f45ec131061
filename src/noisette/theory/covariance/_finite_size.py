"""Fixed points of nonlinear networks of finite size: orders of 1/N in frozen noise, for odd activations.

The law of one replica is exact at every N: x_i = √v z_i with z iid standard normal and v = s² + (g²/N) Σ φ(x_i)². Its
expansion gives the variance. For tr C² two replicas share their weights: see `_replicas`.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError
from noisette.theory.covariance._fixed_points import Site, Statistics
from noisette.theory.covariance._linear import entry_variance
from noisette.theory.covariance._replicas import SiteMoments, replica_moments
from noisette.theory.gaussian._averages import NODES, WEIGHTS, derivatives, phi_of


class Finite(NamedTuple):
    """Statistics at size N, the standard errors that sampling leaves, and the scatter of the weights of replicas."""

    statistics: Statistics
    covariance_variance_se: float
    dimension_se: float
    weight_std: float


def check_traced(activation: Activation) -> None:
    """Refuse an activation that JAX cannot differentiate, as the reduced model needs."""
    point = jnp.ones(3)
    try:
        jax.eval_shape(lambda x: jax.jvp(activation, (x,), (x,)), point)
    except Exception as error:  # whatever a user's function makes of a tracer
        raise InputError(
            "an activation that JAX cannot differentiate; order='finite' needs its derivative; write it with jax.numpy"
        ) from error


def mean_variance(activation: Activation, gain: float, one: Site, size: int, activity: str) -> float:
    """Return E C_ii to order 1/N."""
    terms = derivatives(activation, one.variance)
    left = 1 - gain**2 * terms.first
    # v₁/g², by which the common variance v exceeds that at N = ∞
    shift = gain**2 * terms.spread_first / (2 * left**2) + gain**4 * terms.second * terms.spread / (2 * left**3)
    if activity == "rate":
        return one.square + shift / size
    return one.variance + (gain**2 * shift + 2 * (1 - left) * one.variance / left) / size


def diagonal_deficit(activation: Activation, gain: float, one: Site, activity: str) -> float:
    """Return lim N (2 Var C_ij − Var C_ii) over weights.

    x_i = η_i + ε_i φ(x_i): the variance of the field η_i scatters by 2 (U q)²/N over units, the loops ε_i back to the
    unit itself by U/N with U = g²/(1 − ν). The first changes ⟨φ²⟩ by F', the second by 2 ⟨φ² φ'⟩. For currents the
    sum is 2 ψ, and nothing is missing.
    """
    if activity == "current":
        return 0.0
    v, q = one.variance, one.square
    upstream = gain**2 / (1 - one.nu)
    phi = phi_of(activation, np.sqrt(v) * NODES)
    loop = float(WEIGHTS @ (phi**3 * NODES)) / (3 * np.sqrt(v))  # ⟨φ² φ'⟩ = ⟨z φ³⟩/(3 √v)
    spread = 2 * (derivatives(activation, v).first * upstream * q) ** 2 + 4 * upstream * loop**2
    return float(2 * q**2 * one.nu * (2 - one.nu) / (1 - one.nu) ** 2 - spread)


def finite_statistics(
    activation: Activation,
    gain: float,
    noise: float,
    size: int,
    one: Site,
    *,
    activity: str,
    samples: int,
    key: PRNGKeyArray | Array,
) -> Finite:
    """Return the statistics of fixed points in frozen noise of variance `noise`, of N = `size` odd units."""
    moments = SiteMoments(one.variance, one.square, one.slope * one.variance, one.nu)
    found = replica_moments(
        activation, gain, float(np.sqrt(noise)), size, moments, activity=activity, samples=samples, key=key
    )
    first, dimension = found.variance, found.dimension
    psi = entry_variance(first, found.second, diagonal_deficit(activation, gain, one, activity), size)
    psi_se = np.hypot(first**2 * found.dimension_se / dimension**2, 2 * first * (1 / dimension - 1) * found.variance_se)
    variance = mean_variance(activation, gain, one, size, activity)
    statistics = Statistics(variance, psi, dimension, one.chi, float(np.sqrt(one.nu)))
    return Finite(statistics, float(psi_se), found.dimension_se, found.weight_se * float(np.sqrt(samples)))


__all__ = ["Finite", "check_traced", "diagonal_deficit", "finite_statistics", "mean_variance"]
