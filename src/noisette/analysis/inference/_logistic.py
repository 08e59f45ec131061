"""Logistic regressions of many outcomes on the same regressors, by Newton's method.

The log likelihood of each outcome is concave. The step of Newton's method is found by conjugate gradients, with
products of the Hessian and a vector for all outcomes at once, and with the Hessian at constant probabilities as
preconditioner: XᵀX times the mean of p(1 − p), a single Cholesky factor for all outcomes. Each step is shortened until
the likelihood of the outcome increases.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

STEPS = 30  # of Newton's method; a maximum that exists is reached in about ten
INNER = 30  # largest number of steps of conjugate gradients
FORCING = 1e-2  # relative residual at which conjugate gradients stop
TOLERANCE = 1e-7  # largest change of a coefficient in the last step
HALVINGS = 20
LARGEST = 1e3  # coefficients above it count as diverging
ROWS = 100  # number of samples per coefficient from which the information matrix is averaged, if there are more
LEAST_ROWS = 20_000


class Regression(NamedTuple):
    """Coefficients, standard errors and biases (k, outcomes), log likelihoods (samples, outcomes), and convergence.

    The coefficients are those of maximal likelihood. The bias is of order 1/samples, away from zero, and is that of
    McCullagh & Nelder (1989), for regressors that are given.
    """

    coefficients: Float[np.ndarray, "k outcomes"]
    errors: Float[np.ndarray, "k outcomes"]
    biases: Float[np.ndarray, "k outcomes"]
    log_likelihood: Float[np.ndarray, "samples outcomes"]
    converged: Bool[np.ndarray, " outcomes"]


def regress(
    X: Float[np.ndarray, "samples k"],
    Y: Float[np.ndarray, "samples outcomes"],
    penalty: Float[np.ndarray, " k"],
    progress: Callable[[int, int], None] | None = None,
) -> Regression:
    """Maximise the log likelihood of Y ∈ {0, 1} with P(Y = 1) = logistic(X θ), minus Σ_k penalty_k θ_k²/2.

    Parameters
    ----------
    X, Y : regressors and outcomes
    penalty : precision of a normal prior of each coefficient
    progress : called with the numbers of finished and all parts
    """
    x, y, ridge = jnp.asarray(X), jnp.asarray(Y), jnp.asarray(penalty)[:, None]
    outcomes = Y.shape[1]
    chol = jnp.linalg.cholesky(x.T @ x / len(X) + jnp.eye(X.shape[1]) * 1e-12)
    theta = jnp.zeros((X.shape[1], outcomes))
    value, gradient, weight = _slope(x, y, ridge, theta)
    converged = np.zeros(outcomes, bool)
    total = STEPS + outcomes
    for number in range(STEPS):
        step = _newton_step(x, ridge, weight, gradient, chol)
        active = jnp.asarray(~converged)
        theta, value, gradient, weight, change = _ascend(x, y, ridge, theta, step, value, active)
        change = np.asarray(change)
        bounded = np.isfinite(change) & (np.abs(np.asarray(theta)).max(0) < LARGEST)
        converged |= bounded & (change < TOLERANCE)
        if progress is not None:
            progress(number + 1, total)
        if (converged | ~bounded).all():
            break
    rows = np.unique(np.linspace(0, len(X) - 1, min(len(X), max(LEAST_ROWS, ROWS * X.shape[1]))).astype(int))
    field = x @ theta
    p = jax.nn.sigmoid(field[rows])
    errors, bias = _errors_and_biases(x[rows], p, np.asarray(penalty), len(X) / len(rows), progress)
    log_likelihood = np.asarray(y * field - jax.nn.softplus(field))
    return Regression(np.asarray(theta), errors, bias, log_likelihood, converged & np.isfinite(errors).all(0))


@jax.jit
def _slope(
    x: Float[Array, "n k"], y: Float[Array, "n m"], ridge: Float[Array, "k 1"], theta: Float[Array, "k m"]
) -> tuple[Float[Array, " m"], Float[Array, "k m"], Float[Array, "n m"]]:
    """Return the penalised log likelihood, its gradient, and p(1 − p)."""
    field = x @ theta
    p = jax.nn.sigmoid(field)
    value = (y * field - jax.nn.softplus(field)).sum(0) - (ridge * theta**2).sum(0) / 2
    return value, x.T @ (y - p) - ridge * theta, p * (1 - p)


@jax.jit
def _newton_step(
    x: Float[Array, "n k"],
    ridge: Float[Array, "k 1"],
    weight: Float[Array, "n m"],
    gradient: Float[Array, "k m"],
    chol: Float[Array, "k k"],
) -> Float[Array, "k m"]:
    """Return the solution of H d = gradient of each outcome by preconditioned conjugate gradients."""
    scale = weight.sum(0) + 1e-300

    def product(d: Float[Array, "k m"]) -> Float[Array, "k m"]:
        return x.T @ (weight * (x @ d)) + ridge * d

    def preconditioned(r: Float[Array, "k m"]) -> Float[Array, "k m"]:
        return jax.scipy.linalg.cho_solve((chol, True), r) / scale

    start = preconditioned(gradient)
    size = (gradient * start).sum(0)

    def step(carry):
        number, d, r, direction, rho = carry
        image = product(direction)
        curvature = (direction * image).sum(0)
        length = jnp.where(curvature > 0, rho / curvature, 0.0)
        d, r = d + length * direction, r - length * image
        z = preconditioned(r)
        new = (r * z).sum(0)
        return number + 1, d, r, z + jnp.where(rho > 0, new / rho, 0.0) * direction, new

    def going(carry):
        return (carry[0] < INNER) & jnp.any(carry[4] > FORCING**2 * size)

    return jax.lax.while_loop(going, step, (0, jnp.zeros_like(gradient), gradient, start, size))[1]


@jax.jit
def _ascend(x, y, ridge, theta, step, before, active):
    """Return coefficients after a step that increases the likelihood, its slope there, and the largest changes."""
    length = jnp.where(active, 1.0, 0.0)
    slack = 1e-12 * jnp.abs(before)

    def tried(length):
        return _slope(x, y, ridge, theta + length * step)

    def going(carry):
        number, _, (value, _, _) = carry
        return (number < HALVINGS) & jnp.any(~(value >= before - slack))

    def halved(carry):
        number, length, (value, _, _) = carry
        length = jnp.where(value >= before - slack, length, length / 2)
        return number + 1, length, tried(length)

    _, length, (value, gradient, weight) = jax.lax.while_loop(going, halved, (0, length, tried(length)))
    change = jnp.where(active, jnp.abs(step).max(0), 0.0)
    return theta + length * step, value, gradient, weight, change


@jax.jit
def _error_and_bias(
    x: Float[Array, "n k"], p: Float[Array, " n"], penalty: Float[Array, " k"], factor: Float[Array, ""]
) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """Return √diag(H⁻¹ I H⁻¹) with the information I and H = I + penalty, and the bias of order 1/n without penalty."""
    weight = p * (1 - p)
    information = factor * (x * weight[:, None]).T @ x
    inverse = jnp.linalg.inv(information + jnp.diag(penalty))
    errors = jnp.sqrt(jnp.einsum("ij,jk,ik->i", inverse, information, inverse))
    leverage = weight * ((x @ inverse) * x).sum(1)
    return errors, inverse @ (factor * x.T @ (leverage * (p - 0.5)))


def _errors_and_biases(x, p, penalty, factor, progress) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard errors and biases of all coefficients from the Fisher information of each outcome."""
    outcomes = p.shape[1]
    results = np.empty((2, x.shape[1], outcomes))
    for i in range(outcomes):
        results[:, :, i] = _error_and_bias(x, p[:, i], jnp.asarray(penalty), jnp.asarray(factor))
        if progress is not None:
            progress(STEPS + i + 1, STEPS + outcomes)
    return results[0], results[1]


__all__ = ["Regression", "regress"]
