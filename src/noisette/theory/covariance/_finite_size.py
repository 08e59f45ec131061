"""Fixed points of nonlinear networks of finite size: corrections of order 1/N in frozen noise, for odd activations.

The law of one replica is exact at every N: x_i = √v z_i, where the z_i are independent standard normal variables and v
solves v = s² + (g²/N) Σ_i φ(√v z_i)², because the mean Kac–Rice determinant equals the Jacobian of this change of
variables. Its expansion in 1/N gives the variance. tr C² requires two replicas with the same weights: see `_replicas`.
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
    """Statistics at size N, standard errors of sampling, and the standard deviation of the weights R of replicas."""

    statistics: Statistics
    covariance_variance_se: float
    dimension_se: float
    weight_std: float


def check_traced(activation: Activation) -> None:
    """Raise `InputError` for an activation that JAX cannot differentiate, as the reduced model requires."""
    point = jnp.ones(3)
    try:
        jax.eval_shape(lambda x: jax.jvp(activation, (x,), (x,)), point)
    except Exception as error:  # a user's function may raise any exception when called with a tracer
        raise InputError(
            "an activation that JAX cannot differentiate; order='finite' requires its derivative; "
            "write it with jax.numpy"
        ) from error


def mean_variance(activation: Activation, gain: float, unit: Site, size: int, activity: str) -> float:
    """Return E C_ii to order 1/N, for odd units in frozen noise.

    Parameters
    ----------
    activation, gain : φ and g
    unit : moments at N → ∞
    size : N
    activity : "current" or "rate"
    """
    terms = derivatives(activation, unit.variance)
    left = 1 - gain**2 * terms.first  # 1 − γ, γ = g² F'
    # E v = v_∞ + v₁/N: (1/N) Σ φ² fluctuates by δ with variance V/N, v responds as δv = g² δ/(1 − γ), and the second
    # order gives v₁ = g⁴ V'/[2 (1 − γ)²] + g⁶ F'' V/[2 (1 − γ)³]; `shift` is v₁/g²
    shift = gain**2 * terms.spread_first / (2 * left**2) + gain**4 * terms.second * terms.spread / (2 * left**3)
    if activity == "rate":
        return unit.square + shift / size
    # E C_ii = E x_i² for odd units, with v correlated with z_i²: the term 2γv/(1 − γ)
    return unit.variance + (gain**2 * shift + 2 * (1 - left) * unit.variance / left) / size


def diagonal_deficit(activation: Activation, gain: float, unit: Site, activity: str) -> float:
    """Return lim N (2 Var C_ij − Var C_ii) over weights, i ≠ j.

    A unit obeys x_i = η_i + ε_i φ(x_i), with the cavity field η_i and the loops ε_i through the network back to the
    unit. Over units the variance of η_i has the variance 2 (U q)²/N, and ε_i has the variance U/N, with U = g²/(1 − ν).
    The former changes ⟨φ²⟩ by the factor F', the latter by 2 ⟨φ² φ'⟩, so N Var C_ii of rates is
    2 (F' U q)² + 4 U ⟨φ² φ'⟩². For currents it is 2ψ, and the deficit is zero.
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
    """Return the statistics of fixed points of N = `size` odd units in frozen noise of variance `noise`.

    The variance is the closed form to order 1/N; D and ψ are exact at N up to sampling errors.
    """
    moments = SiteMoments(unit.variance, unit.square, unit.slope * unit.variance, unit.nu)
    replicas = replica_moments(
        activation, gain, float(np.sqrt(noise)), size, moments, activity=activity, samples=samples, key=key
    )
    first, dimension = replicas.variance, replicas.dimension
    psi = entry_variance(first, replicas.second, diagonal_deficit(activation, gain, unit, activity), size)
    # ψ ≈ tr C²/N − (tr C/N)² = t₁² (1/D − 1), with independent errors of t₁ and D
    psi_se = np.hypot(
        first**2 * replicas.dimension_se / dimension**2, 2 * first * (1 / dimension - 1) * replicas.variance_se
    )
    variance = mean_variance(activation, gain, unit, size, activity)
    statistics = Statistics(variance, psi, dimension, unit.chi, float(np.sqrt(unit.nu)))
    return Finite(statistics, float(psi_se), replicas.dimension_se, replicas.weight_se * float(np.sqrt(samples)))


__all__ = ["Finite", "check_traced", "diagonal_deficit", "finite_statistics", "mean_variance"]
