"""Two replicas of one network: the exact joint law of two of its fixed points, at any size.

The replicas have the same weights and independent draws of frozen noise. Averaged over the weights, the currents of a
site in the two replicas are a pair of Gaussian variables,

.. math:: (x^1, x^2)_i = L(\\Sigma)\\, z_i, \\qquad \\Sigma = s^2 \\mathbb 1 + \\frac{g^2}{N} \\sum_i
   \\phi(x_i)\\, \\phi(x_i)^{\\mathsf T},

with z standard normal and L the Cholesky factor of Σ, so that three numbers are solved for instead of 2N. By the
Kac–Rice formula the density of a pair of fixed points contains E[det(1 − g J Φ'₁) det(1 − g J Φ'₂)], derived in
`_determinants`, and the change of variables from x to z divides it by the Jacobian of the three equations for Σ. The
ratio is a weight R of mean one. Without absolute values of the determinants several fixed points of one network count
with signs.
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

NODES = 20  # of Gauss–Laguerre quadrature over t in the averaged determinants
PICARD, NEWTON = 10, 5  # iterations for Σ: Picard's approach the solution, Newton's then square the error
BLOCK = 250_000  # units of all samples in one compiled call, which bounds the memory
SOLVED = 1e-9  # largest relative residual of Σ
Pair = Float[Array, "2 N"]  # a quantity of all units in both replicas


class Replicas(NamedTuple):
    """Moments of the covariance at finite N, with standard errors of sampling.

    Attributes
    ----------
    variance, second, dimension : tr C/N, tr C²/N and D, each with its standard error
    weight : mean of the weights R, which is one where the theory holds, with its standard error
    """

    variance: float
    variance_se: float
    second: float
    second_se: float
    dimension: float
    dimension_se: float
    weight: float
    weight_se: float


class SiteMoments(NamedTuple):
    """Moments of a site as N → ∞: v, ⟨φ²⟩, ⟨xφ⟩ = a v, and ν."""

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
    activation : φ, odd and differentiable by JAX
    gain, std : g and s
    size : N
    site : moments of a site as N → ∞, the start of the iteration; they are also the exactly known means of control
        variates, which remove most of the sampling error
    activity : "current" or "rate"
    samples : number of pairs of replicas
    key : random key

    Raises
    ------
    InputError : If φ cannot be differentiated, or if more than 1 % of the pairs have no solution Σ.
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
        "the reduced model requires a fixed point at this size",
        "lower the gain or enlarge the network",
    )
    return _moments({name: values[solved] for name, values in drawn.items()}, size, site, activity)


def _moments(drawn: dict[str, np.ndarray], size: int, site: SiteMoments, activity: str) -> Replicas:
    """Return weighted means over samples, with standard errors."""
    weight = drawn["weight"]  # R, shape (samples,)
    diagonal, pair = ("x_own", "x_pair") if activity == "current" else ("phi_own", "phi_pair")
    # control variates of mean exactly zero, shape (samples, controls): R − 1, and moments of independent sites with the
    # variance at N → ∞ and the same z, for which N E[(Σ_i y_i¹ y_i²/N)²] = ⟨y²⟩²
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
    # delta method for D = t₁²/t₂: δD/D = 2 δt₁/t₁ − δt₂/t₂ for each sample, which includes the correlation of t₁ and t₂
    spread = dimension * np.std(2 * first_rest / first - second_rest / second)
    numbers = (
        *(first, np.std(first_rest) / root, second, np.std(second_rest) / root),
        *(dimension, spread / root, weight.mean(), np.std(weight) / root),
    )
    return Replicas(*map(float, numbers))


def _controlled(values: np.ndarray, controls: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of `values` and the residuals, after linear regression on controls of mean zero."""
    design = np.column_stack([np.ones(len(values)), controls])
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(coefficients[0]), values - design @ coefficients


@eqx.filter_jit
def _block(activation: Activation, size: int, shape: Array, keys: Array) -> dict[str, Array]:
    """Return one sample for each key."""
    return jax.vmap(partial(_sample, activation, size, shape))(keys)


def _sample(activation: Activation, size: int, shape: Array, key: Array) -> dict[str, Array]:
    """Return the weight and the moments of one pair of replicas; `shape` is (g, s, v, ν).

    The moments of a quantity y are the mean of y² over units and both replicas ("own"), and the mean over units of its
    product between the replicas ("pair").
    """
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
    # by symmetry the mean over both replicas estimates the same moment with a smaller error
    diagonal, pair = (lambda y: (y**2).mean()), (lambda y: (y[0] * y[1]).mean())
    moments = {"weight": weight, "solved": (miss < SOLVED) & jnp.isfinite(weight)}
    for name, y in {"x": x, "phi": phi, "x0": x0, "phi0": phi0}.items():
        moments |= {f"{name}_own": diagonal(y), f"{name}_pair": pair(y)}
    return moments


def _pair(sigma: Array, z: Pair) -> Pair:
    """Return (x¹, x²) = L(Σ) z, shape (2, N), where `sigma` is (A, B, C) with Σ = [[A, C], [C, B]]."""
    a, b, c = sigma
    root = jnp.sqrt(a)
    return jnp.stack([root * z[0], c / root * z[0] + jnp.sqrt(b - c**2 / a) * z[1]])


def _image(activation: Activation, gain: Array, std: Array, z: Pair, sigma: Array) -> Array:
    """Return s² 1 + (g²/N) Σ_i φ φᵀ as (A, B, C), where φ is evaluated at the currents L(`sigma`) z."""
    phi = activation(_pair(sigma, z))
    diagonal = std**2 + gain**2 * (phi**2).mean(1)
    return jnp.append(diagonal, gain**2 * (phi[0] * phi[1]).mean())


def _solved(image: Callable[[Array], Array], start: Array) -> Array:
    """Return the solution (A, B, C) of image(Σ) = Σ near `start`.

    The numbers of iterations are fixed, so that samples can be batched; the caller checks the residual. The 3 × 3
    systems are solved with the adjugate, whose columns are cross products, since a batched LU factorisation is slower.
    """

    def newton(_, sigma):
        matrix = jnp.eye(3) - jax.jacfwd(image)(sigma)
        adjugate = jnp.cross(matrix[jnp.array([1, 2, 0])], matrix[jnp.array([2, 0, 1])]).T
        return sigma + adjugate @ (image(sigma) - sigma) / _determinant3(matrix)

    near = jax.lax.fori_loop(0, PICARD, lambda _, sigma: image(sigma), start)
    return jax.lax.fori_loop(0, NEWTON, newton, near)


def _determinants(gain: Array, nu: Array, sigma: Array, x: Pair, phi: Pair, slope: Pair) -> Array:
    """Return E[det(1 − gJΦ'₁) det(1 − gJΦ'₂)] over the weights, conditional on the two fixed points.

    Φ'_a is the diagonal matrix of φ'(x_a), a = 1, 2. The derivation has four steps.

    1. Conditional law of J. Given x_a = g J φ_a + ξ_a, the rows of J are independent and Gaussian. With X = (x₁, x₂)
       and F = (φ₁, φ₂), both N × 2, and L = (g²/N) Σ⁻¹, g J has the mean X L Fᵀ, of rank two, and each row of J has the
       covariance P/N with P = 1 − F L Fᵀ, reduced along the directions in which the fixed points constrain J.
    2. Grassmann integrals. det M_a = ∫ dη̄_a dη_a exp(η̄_a M_a η_a), so that J enters the exponent linearly. The means
       give M̄_a = 1 − X L Fᵀ Φ'_a, and the variance the quartic term −(g²/N) (η̄₁·η̄₂)(η₁ Φ'₁ P Φ'₂ η₂).
    3. Hubbard–Stratonovich transformation. A complex Gaussian variable w makes the quartic term quadratic; the integral
       depends on t = |w|², of density e^(−t), only. In the basis (η̄₁, η₂) × (η₁, η̄₂) the quadratic form has 2 × 2
       blocks, one of which is a multiple of 1, so that with τ = g² t/N

           E = ∫₀^∞ dt e^(−t) det(M̄₂ᵀ M̄₁ + τ Φ'₂ P Φ'₁).

    4. Matrix determinant lemma. This matrix is the diagonal D = 1 + τ Φ'₁ Φ'₂ plus V₂ M V₁ᵀ, of rank four, where
       V_a = (X, Φ'_a F) is N × 4 and M = [[0, −L], [−L, L XᵀX L − τ L]], hence

           E = ∫₀^∞ dt e^(−t) Π_i (1 + τ φ'_1i φ'_2i) det(1₄ + M S),    S = V₁ᵀ D⁻¹ V₂.

    The cost is O(N) per sample, where determinants of sampled matrices would cost O(N³).

    Parameters
    ----------
    gain, nu : g and ν at N → ∞
    sigma : (A, B, C) of the pair of replicas
    x, phi, slope : currents, φ(x) and φ'(x), shape (2, N)

    Returns
    -------
    array, a scalar
    """
    nodes, parts = np.polynomial.laguerre.laggauss(NODES)
    size = x.shape[1]
    # L = (g²/N) Σ⁻¹, shape (2, 2)
    inverse = (
        gain**2
        / size
        * jnp.array([[sigma[1], -sigma[2]], [-sigma[2], sigma[0]]])
        / (sigma[0] * sigma[1] - sigma[2] ** 2)
    )
    # for large N the product of the factors grows as e^(νt), since (g²/N) Σ_i φ'_1i φ'_2i → g² ⟨φ'⟩² = ν for replicas
    # that are nearly independent. With t = t'/(1 − ν) the integrand is again e^(−t') times a slowly varying function,
    # for which Gauss–Laguerre quadrature converges fast
    time = jnp.asarray(nodes) / (1 - nu)
    tau = gain**2 * time / size
    factors = 1 + tau[:, None] * slope[0] * slope[1]  # diagonal of D, shape (nodes, N)
    # V₁ᵀ and V₂ᵀ, shape (4, N)
    left, right = jnp.concatenate([x, slope[0] * phi]), jnp.concatenate([x, slope[1] * phi])
    # S for all nodes by one matrix product, shape (nodes, 4, 4), as a loop over nodes would read all units 20 times
    inner = jnp.moveaxis(((left[:, None] * right).reshape(16, size) @ (1 / factors).T).reshape(4, 4, NODES), 2, 0)
    # lower right block of M, shape (nodes, 2, 2): L XᵀX L from the means in M̄₂ᵀ M̄₁, −τ L from the reduced covariance P
    overlap = inverse @ (x @ x.T) @ inverse
    corner = overlap - tau[:, None, None] * inverse
    zero, off_diagonal = jnp.zeros_like(corner), jnp.broadcast_to(-inverse, corner.shape)
    middle = jnp.concatenate([jnp.concatenate([zero, off_diagonal], 2), jnp.concatenate([off_diagonal, corner], 2)], 1)
    # logarithms of absolute values, since products of N factors overflow; e^(−t) = e^(−t') e^(−νt), of which the
    # quadrature includes e^(−t')
    grown = jnp.exp(jnp.log(jnp.abs(factors)).sum(1) - nu * time) * jnp.prod(jnp.sign(factors), axis=1)
    return jnp.asarray(parts) @ (grown * _determinant4(jnp.eye(4) + middle @ inner)) / (1 - nu)


def _determinant3(m: Float[Array, "3 3"]) -> Array:
    """Return the determinant as a triple product, which is faster than a batched factorisation."""
    return m[0] @ jnp.cross(m[1], m[2])


def _determinant4(m: Float[Array, "batch 4 4"]) -> Array:
    """Return the determinants, shape (batch,), by Laplace expansion in the 2 × 2 minors of the upper and lower rows."""
    columns = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])
    first, second = columns.T
    # the list of column pairs in reverse order is that of the complementary pairs
    upper = m[:, 0, first] * m[:, 1, second] - m[:, 0, second] * m[:, 1, first]
    lower = m[:, 2, first] * m[:, 3, second] - m[:, 2, second] * m[:, 3, first]
    return (upper * lower[:, ::-1]) @ jnp.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
