"""Two replicas of one network: the exact law of a pair of its fixed points, at any size.

Two draws of frozen noise, the same weights. Averaged over the weights, the currents of a site are a pair of gaussians,

.. math:: (x^1, x^2)_i = L(\\Sigma)\\, z_i, \\qquad \\Sigma = s^2 \\mathbb 1 + \\frac{g^2}{N} \\sum_i
   \\phi(x_i)\\, \\phi(x_i)^{\\mathsf T},

with z standard normal and L the Cholesky factor of Σ: three numbers to solve for instead of 2N. The Jacobians
det(1 − g J Φ') of the two fixed points, over that of the three equations for Σ, leave a weight R of mean one, which is
the determinant of a 4 × 4 matrix integrated over one variable (derived in `_determinants`). Where a network has several
fixed points R counts them with signs (Kac–Rice formula without absolute values).
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

NODES = 20  # of Gauss–Laguerre, over the one variable left of the determinants
PICARD, NEWTON = 10, 5  # iterations for Σ: Picard's bring any start near, Newton's then square the error
BLOCK = 250_000  # numbers per replica in one compiled call, which bounds the memory
SOLVED = 1e-9  # relative residual of Σ
Pair = Float[Array, "2 N"]  # one quantity of all units in both replicas


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


class SiteMoments(NamedTuple):
    """Moments of one site as N → ∞: v, ⟨φ²⟩, ⟨xφ⟩ = a v, and ν."""

    variance: float
    square: float
    cross: float
    nu: float


def replica_moments(
    activation: Activation,
    gain: float,
    std: float,
    size: int,
    site: SiteMoments,
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
    site : moments of a site as N → ∞, the start of the iteration; as exactly known means of control variates they
        remove most of the sampling noise
    activity : "current" or "rate"
    samples : pairs of replicas drawn
    key : random key
    """
    shape = jnp.array([gain, std, site.variance, site.nu])
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
    return _moments({name: values[solved] for name, values in drawn.items()}, size, site, activity)


def _moments(drawn: dict[str, np.ndarray], size: int, site: SiteMoments, activity: str) -> Replicas:
    weight = drawn["weight"]  # R, shape (samples,)
    diagonal, pair = ("x_own", "x_pair") if activity == "current" else ("phi_own", "phi_pair")
    # variables whose means are exactly zero: R − 1, and moments of the sites at N → ∞ drawn with the same z
    controls = np.stack(
        [
            weight - 1,
            drawn["x0_own"] - site.variance,
            drawn["phi0_own"] - site.square,
            size * drawn["x0_pair"] ** 2 - site.variance**2,
            size * drawn["phi0_pair"] ** 2 - site.square**2,
            size * drawn["x0_pair"] * drawn["phi0_pair"] - site.cross**2,
        ],
        axis=1,
    )
    first, first_rest = _controlled(weight * drawn[diagonal], controls)
    second, second_rest = _controlled(size * weight * drawn[pair] ** 2, controls)
    root = np.sqrt(len(weight))
    dimension = first**2 / second
    # delta method: dD/D = 2 dt₁/t₁ − dt₂/t₂ of each sample, in which their correlation is kept
    spread = dimension * np.std(2 * first_rest / first - second_rest / second)
    numbers = (
        *(first, np.std(first_rest) / root, second, np.std(second_rest) / root),
        *(dimension, spread / root, weight.mean(), np.std(weight) / root),
    )
    return Replicas(*map(float, numbers))


def _controlled(values: np.ndarray, controls: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of `values`, regressed on controls of mean zero, and the residual of each."""
    design = np.column_stack([np.ones(len(values)), controls])
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(coefficients[0]), values - design @ coefficients


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
    jacobian = _determinant3(jnp.eye(3) - jax.jacfwd(image)(sigma))
    miss = jnp.abs(image(sigma) - sigma).max() / sigma[0]
    weight = _determinants(gain, nu, sigma, x, phi, slope) / jacobian
    diagonal, pair = (lambda y: (y**2).mean()), (lambda y: (y[0] * y[1]).mean())
    moments = {"weight": weight, "solved": (miss < SOLVED) & jnp.isfinite(weight)}
    for name, y in {"x": x, "phi": phi, "x0": x0, "phi0": phi0}.items():
        moments |= {f"{name}_own": diagonal(y), f"{name}_pair": pair(y)}
    return moments


def _pair(sigma: Array, z: Pair) -> Pair:
    """Return L(Σ) z with Σ = [[A, C], [C, B]] given as (A, B, C)."""
    a, b, c = sigma
    root = jnp.sqrt(a)
    return jnp.stack([root * z[0], c / root * z[0] + jnp.sqrt(b - c**2 / a) * z[1]])


def _image(activation: Activation, gain: Array, std: Array, z: Pair, sigma: Array) -> Array:
    """Return s² 1 + (g²/N) Σ_i φ φᵀ, the covariance that sites drawn with `sigma` generate, as (A, B, C)."""
    phi = activation(_pair(sigma, z))
    diagonal = std**2 + gain**2 * (phi**2).mean(1)
    return jnp.append(diagonal, gain**2 * (phi[0] * phi[1]).mean())


def _solved(image: Callable[[Array], Array], start: Array) -> Array:
    """Return Σ with image(Σ) = Σ, near the start.

    Fixed numbers of iterations, so that samples can be batched; the residual is checked by the caller. The 3 × 3
    systems are solved by the adjugate, whose columns are cross products: a batched LU factorisation costs more.
    """

    def newton(_, sigma):
        matrix = jnp.eye(3) - jax.jacfwd(image)(sigma)
        adjugate = jnp.cross(matrix[jnp.array([1, 2, 0])], matrix[jnp.array([2, 0, 1])]).T
        return sigma + adjugate @ (image(sigma) - sigma) / _determinant3(matrix)

    near = jax.lax.fori_loop(0, PICARD, lambda _, sigma: image(sigma), start)
    return jax.lax.fori_loop(0, NEWTON, newton, near)


def _determinants(gain: Array, nu: Array, sigma: Array, x: Pair, phi: Pair, slope: Pair) -> Array:
    """Return E[det(1 − gJΦ'₁) det(1 − gJΦ'₂)] over the weights that have these two fixed points.

    Both determinants are Grassmann integrals, det M_a = ∫ dη̄_a dη_a exp(η̄_a M_a η_a), a = 1, 2, so J enters the
    exponent linearly and is averaged as a Gaussian matrix. Given the currents x_a = g J φ_a + ξ_a, J has the mean
    (g/N) Σ_ab x_a (Σ⁻¹)_ab φ_bᵀ, of rank two, and its covariance over columns is (1 − (g²/N) Σ_ab φ_a (Σ⁻¹)_ab φ_bᵀ)/N,
    less than 1/N by a matrix of rank two. The average couples
    η̄_1 η_1 to η̄_2 η_2 by the quartic term (g²/N) (η̄_1·η̄_2)(η_1 Φ'₁·Φ'₂ η_2), which one complex
    Hubbard–Stratonovich variable makes quadratic. Only its modulus matters: t = |·|² has density e^(−t). The
    integral over the η then factorises over units up to a term of rank four, so that

        E = ∫₀^∞ dt e^(−t) Π_i (1 + τ φ'_{1,i} φ'_{2,i}) det(1₄ + M(τ) S(τ)),    τ = g² t/N,

    by the matrix determinant lemma. S is the 4 × 4 sum over units of the outer product of (x₁, x₂, φ'_a φ_1, φ'_a φ_2)
    for a = 1 and 2, each unit over its factor; M holds g² Σ⁻¹/N, by which J depends on the fixed points.

    Parameters
    ----------
    gain, nu : g and ν at N → ∞
    sigma : (A, B, C) of the pair of replicas
    x, phi, slope : currents, φ(x) and φ'(x), shape (2, N)
    """
    nodes, parts = np.polynomial.laguerre.laggauss(NODES)
    size = x.shape[1]
    inverse = (
        gain**2
        / size
        * jnp.array([[sigma[1], -sigma[2]], [-sigma[2], sigma[0]]])
        / (sigma[0] * sigma[1] - sigma[2] ** 2)
    )
    # the product of N factors 1 + g² t φ'φ'/N grows as e^(νt): with t = t'/(1 − ν) the integrand is again e^(−t')
    # times a slowly varying function, for which Gauss–Laguerre quadrature converges fast
    time = jnp.asarray(nodes) / (1 - nu)
    tau = gain**2 * time / size
    factors = 1 + tau[:, None] * slope[0] * slope[1]  # shape (nodes, N)
    left, right = jnp.concatenate([x, slope[0] * phi]), jnp.concatenate([x, slope[1] * phi])
    # S(τ) for all nodes by one matrix product, shape (nodes, 4, 4): a loop over nodes would reread all units
    inner = jnp.moveaxis(((left[:, None] * right).reshape(16, size) @ (1 / factors).T).reshape(4, 4, NODES), 2, 0)
    # lower right block of M, shape (nodes, 2, 2): it pairs φ_a with φ_b, by the mean of J and by its reduced covariance
    overlap = inverse @ (x @ x.T) @ inverse
    corner = overlap - tau[:, None, None] * inverse
    zero, beside = jnp.zeros_like(corner), jnp.broadcast_to(-inverse, corner.shape)
    middle = jnp.concatenate([jnp.concatenate([zero, beside], 2), jnp.concatenate([beside, corner], 2)], 1)
    # logarithms of absolute values, since N factors overflow; e^(−νt) removes the growth that was extracted
    grown = jnp.exp(jnp.log(jnp.abs(factors)).sum(1) - nu * time) * jnp.prod(jnp.sign(factors), axis=1)
    return jnp.asarray(parts) @ (grown * _determinant4(jnp.eye(4) + middle @ inner)) / (1 - nu)


def _determinant3(m: Float[Array, "3 3"]) -> Array:
    """Return the determinant as a triple product, without the overhead of a factorisation."""
    return m[0] @ jnp.cross(m[1], m[2])


def _determinant4(m: Float[Array, "batch 4 4"]) -> Array:
    """Return determinants by Laplace's expansion in the 2 × 2 minors of the upper and the lower two rows."""
    columns = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
    first, second = columns.T
    # column pairs in lexicographic order; reversed they are the complementary pairs
    upper = m[:, 0, first] * m[:, 1, second] - m[:, 0, second] * m[:, 1, first]
    lower = m[:, 2, first] * m[:, 3, second] - m[:, 2, second] * m[:, 3, first]
    return (upper * lower[:, ::-1]) @ jnp.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
