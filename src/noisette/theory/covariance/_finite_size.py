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


def mean_variance(activation: Activation, gain: float, unit: Site, size: int, activity: str) -> float:
    """Return E C_ii to order 1/N."""
    terms = derivatives(activation, unit.variance)
    left = 1 - gain**2 * terms.first
    # v₁/g², by which the common variance v exceeds that at N = ∞
    shift = gain**2 * terms.spread_first / (2 * left**2) + gain**4 * terms.second * terms.spread / (2 * left**3)
    if activity == "rate":
        return unit.square + shift / size
    return unit.variance + (gain**2 * shift + 2 * (1 - left) * unit.variance / left) / size


def diagonal_deficit(activation: Activation, gain: float, unit: Site, activity: str) -> float:
    """Return lim N (2 Var C_ij − Var C_ii) over weights.

    x_i = η_i + ε_i φ(x_i): the variance of the field η_i scatters by 2 (U q)²/N over units, the loops ε_i back to the
    unit itself by U/N with U = g²/(1 − ν). The first changes ⟨φ²⟩ by F', the second by 2 ⟨φ² φ'⟩. For currents the
    sum is 2 ψ, and nothing is missing.
    """
    if activity == "current":
        return 0.0
    v, q = unit.variance, unit.square
    upstream = gain**2 / (1 - unit.nu)
    phi = phi_of(activation, np.sqrt(v) * NODES)
    loop = float(WEIGHTS @ (phi**3 * NODES)) / (3 * np.sqrt(v))  # ⟨φ² φ'⟩ = ⟨z φ³⟩/(3 √v)
    spread = 2 * (derivatives(activation, v).first * upstream * q) ** 2 + 4 * upstream * loop**2
    return float(2 * q**2 * unit.nu * (2 - unit.nu) / (1 - unit.nu) ** 2 - spread)


def finite_statistics(
    activation: Activation,
    gain: float,
    noise: float,
    size: int,
    unit: Site,
    *,
    activity: str,
    samples: int,
    key: PRNGKeyArray | Array,
) -> Finite:
    """Return the statistics of fixed points in frozen noise of variance `noise`, of N = `size` odd units."""
    moments = SiteMoments(unit.variance, unit.square, unit.slope * unit.variance, unit.nu)
    replicas = replica_moments(
        activation, gain, float(np.sqrt(noise)), size, moments, activity=activity, samples=samples, key=key
    )
    first, dimension = replicas.variance, replicas.dimension
    psi = entry_variance(first, replicas.second, diagonal_deficit(activation, gain, unit, activity), size)
    psi_se = np.hypot(
        first**2 * replicas.dimension_se / dimension**2, 2 * first * (1 / dimension - 1) * replicas.variance_se
    )
    variance = mean_variance(activation, gain, unit, size, activity)
    statistics = Statistics(variance, psi, dimension, unit.chi, float(np.sqrt(unit.nu)))
    return Finite(statistics, float(psi_se), replicas.dimension_se, replicas.weight_se * float(np.sqrt(samples)))


__all__ = ["Finite", "check_traced", "diagonal_deficit", "finite_statistics", "mean_variance"]
