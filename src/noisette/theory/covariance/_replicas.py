"""Two replicas of one network: the exact law of a pair of its fixed points, at any size.

Two draws of frozen noise, the same weights. Averaged over the weights, the currents of a site are a pair of gaussians,

.. math:: (x^1, x^2)_i = L(\\Sigma)\\, z_i, \\qquad \\Sigma = s^2 \\mathbb 1 + \\frac{g^2}{N} \\sum_i
   \\phi(x_i)\\, \\phi(x_i)^{\\mathsf T},

with z standard normal and L the Cholesky factor of Σ: three numbers to solve for instead of 2N. What is left of the
Jacobians det(1 − g J Φ') of the two fixed points is a weight R of mean one, which is the determinant of a 4 × 4 matrix
integrated over one variable. Where a network has several fixed points R counts them with signs.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import require

NODES = 20
PICARD, NEWTON = 10, 5
BLOCK = 250_000  # numbers of one replica that are worked on at once
SOLVED = 1e-9
Site = Float[Array, "2 N"]


class Replicas(NamedTuple):
    """Moments of the covariance at finite N, with standard errors of sampling; E[R] = 1 is a check."""

    variance: float
    variance_se: float
    second: float
    second_se: float
    dimension: float
    dimension_se: float
    weight: float
    weight_se: float


class Level(NamedTuple):
    """What large N says of one site: v, ⟨φ²⟩, ⟨xφ⟩ = a v, and ν."""

    variance: float
    square: float
    cross: float
    nu: float


def replica_moments(
    activation: Activation,
    gain: float,
    std: float,
    size: int,
    level: Level,
    *,
    activity: str = "current",
    samples: int = 20_000,
    key: PRNGKeyArray,
) -> Replicas:
    """Return tr C/N, tr C²/N and D of networks of `size` units, averaged over the weights.

    Parameters
    ----------
    activation : φ, odd, one that JAX can differentiate
    gain, std : g, s
    size : N
    level : the site at N → ∞; it says where to start, and its exactly known moments take most of the sampling noise
        away (control variates)
    activity : "current" or "rate"
    samples : pairs of replicas drawn
    key : random key
    """
    shape = jnp.array([gain, std, level.variance, level.nu])
    block = max(1, min(samples, BLOCK // size))
    try:
        blocks = [
            _block(activation, size, shape, jax.random.split(jax.random.fold_in(key, i), block))
            for i in range(-(-samples // block))
        ]
    except jax.errors.JAXTypeError as error:
        require(False, f"the activation cannot be differentiated ({type(error).__name__})", "write it with jax.numpy")
        raise
    drawn = {name: np.concatenate([np.asarray(b[name]) for b in blocks]) for name in blocks[0]}
    solved = drawn.pop("solved")
    require(
        bool(solved.mean() > 0.99),
        f"{100 * (1 - solved.mean()):.0f} % of the pairs of replicas have no solution",
        "the reduced model holds where the fixed point exists at this size",
        "lower the gain or enlarge the network",
    )
    return _moments({name: values[solved] for name, values in drawn.items()}, size, level, activity)


def _moments(drawn: dict[str, np.ndarray], size: int, level: Level, activity: str) -> Replicas:
    weight = drawn["weight"]
    own, pair = ("x_own", "x_pair") if activity == "current" else ("phi_own", "phi_pair")
    controls = np.stack(
        [
            weight - 1,
            drawn["x0_own"] - level.variance,
            drawn["phi0_own"] - level.square,
            size * drawn["x0_pair"] ** 2 - level.variance**2,
            size * drawn["phi0_pair"] ** 2 - level.square**2,
            size * drawn["x0_pair"] * drawn["phi0_pair"] - level.cross**2,
        ],
        axis=1,
    )
    first, first_rest = _controlled(weight * drawn[own], controls)
    second, second_rest = _controlled(size * weight * drawn[pair] ** 2, controls)
    root = np.sqrt(len(weight))
    dimension = first**2 / second
    spread = dimension * np.std(2 * first_rest / first - second_rest / second)
    numbers = (
        *(first, np.std(first_rest) / root, second, np.std(second_rest) / root),
        *(dimension, spread / root, weight.mean(), np.std(weight) / root),
    )
    return Replicas(*map(float, numbers))


def _controlled(values: np.ndarray, controls: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of `values`, regressed on controls of mean zero, and what remains of each."""
    design = np.column_stack([np.ones(len(values)), controls])
    found = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(found[0]), values - design @ found


@eqx.filter_jit
def _block(activation: Activation, size: int, shape: Array, keys: Array) -> dict[str, Array]:
    return jax.vmap(partial(_sample, activation, size, shape))(keys)


def _sample(activation: Activation, size: int, shape: Array, key: Array) -> dict[str, Array]:
    """Draw one pair of replicas; shape is (g, s, v, ν)."""
    gain, std, variance, nu = shape
    z = jax.random.normal(key, (2, size), float)
    image = partial(_image, activation, gain, std, z)
    sigma = _solved(image, jnp.array([variance, variance, 0.0]))
    x = _pair(sigma, z)
    phi, slope = jax.jvp(activation, (x,), (jnp.ones_like(x),))
    x0 = jnp.sqrt(variance) * z
    phi0 = activation(x0)
    jacobian = _volume(jnp.eye(3) - jax.jacfwd(image)(sigma))
    miss = jnp.abs(image(sigma) - sigma).max() / sigma[0]
    weight = _determinants(gain, nu, sigma, x, phi, slope) / jacobian
    own, pair = (lambda y: (y**2).mean()), (lambda y: (y[0] * y[1]).mean())
    found = {"weight": weight, "solved": (miss < SOLVED) & jnp.isfinite(weight)}
    for name, y in {"x": x, "phi": phi, "x0": x0, "phi0": phi0}.items():
        found |= {f"{name}_own": own(y), f"{name}_pair": pair(y)}
    return found


def _pair(sigma: Array, z: Site) -> Site:
    """Return L(Σ) z with Σ = [[A, C], [C, B]] given as (A, B, C)."""
    a, b, c = sigma
    root = jnp.sqrt(a)
    return jnp.stack([root * z[0], c / root * z[0] + jnp.sqrt(b - c**2 / a) * z[1]])


def _image(activation: Activation, gain: Array, std: Array, z: Site, sigma: Array) -> Array:
    """Return s² + (g²/N) Σ φ φᵀ, the Σ that the sites drawn with `sigma` produce."""
    phi = activation(_pair(sigma, z))
    own = std**2 + gain**2 * (phi**2).mean(1)
    return jnp.append(own, gain**2 * (phi[0] * phi[1]).mean())


def _solved(image: Callable[[Array], Array], start: Array) -> Array:
    """Return Σ with image(Σ) = Σ, near the start."""

    def newton(_, sigma):
        matrix = jnp.eye(3) - jax.jacfwd(image)(sigma)
        adjugate = jnp.cross(matrix[jnp.array([1, 2, 0])], matrix[jnp.array([2, 0, 1])]).T
        return sigma + adjugate @ (image(sigma) - sigma) / _volume(matrix)

    near = jax.lax.fori_loop(0, PICARD, lambda _, sigma: image(sigma), start)
    return jax.lax.fori_loop(0, NEWTON, newton, near)


def _determinants(gain: Array, nu: Array, sigma: Array, x: Site, phi: Site, slope: Site) -> Array:
    """Return E[det(1 − gJΦ'₁) det(1 − gJΦ'₂)] over the weights that have these two fixed points."""
    nodes, parts = np.polynomial.laguerre.laggauss(NODES)
    size = x.shape[1]
    inverse = (
        gain**2
        / size
        * jnp.array([[sigma[1], -sigma[2]], [-sigma[2], sigma[0]]])
        / (sigma[0] * sigma[1] - sigma[2] ** 2)
    )
    time = jnp.asarray(nodes) / (1 - nu)  # the product of the factors grows as e^(νt)
    tau = gain**2 * time / size
    factors = 1 + tau[:, None] * slope[0] * slope[1]
    left, right = jnp.concatenate([x, slope[0] * phi]), jnp.concatenate([x, slope[1] * phi])
    inner = jnp.moveaxis(((left[:, None] * right).reshape(16, size) @ (1 / factors).T).reshape(4, 4, NODES), 2, 0)
    overlap = inverse @ (x @ x.T) @ inverse
    corner = overlap - tau[:, None, None] * inverse
    zero, beside = jnp.zeros_like(corner), jnp.broadcast_to(-inverse, corner.shape)
    middle = jnp.concatenate([jnp.concatenate([zero, beside], 2), jnp.concatenate([beside, corner], 2)], 1)
    grown = jnp.exp(jnp.log(jnp.abs(factors)).sum(1) - nu * time) * jnp.prod(jnp.sign(factors), axis=1)
    return jnp.asarray(parts) @ (grown * _volume4(jnp.eye(4) + middle @ inner)) / (1 - nu)


def _volume(m: Float[Array, "3 3"]) -> Array:
    """Return the determinant, without the overhead of a factorisation."""
    return m[0] @ jnp.cross(m[1], m[2])


def _volume4(m: Float[Array, "batch 4 4"]) -> Array:
    """Return determinants by Laplace's expansion in pairs of rows."""
    columns = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
    first, second = columns.T
    upper = m[:, 0, first] * m[:, 1, second] - m[:, 0, second] * m[:, 1, first]
    lower = m[:, 2, first] * m[:, 3, second] - m[:, 2, second] * m[:, 3, first]
    return (upper * lower[:, ::-1]) @ jnp.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
