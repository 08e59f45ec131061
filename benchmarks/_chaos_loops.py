"""Plain implementations of chaos in rate networks: NumPy, one step at a time, and JAX without Noisette."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

Array = np.ndarray


def two_products(J: Array, x: Array, gamma: float) -> Array:
    """Return the velocity from two matrix–vector products; the second is omitted for γ = 0."""
    phi = np.tanh(x)
    f = J @ phi - x
    return f if gamma == 0 else f - gamma * (1 - phi * phi) * (f @ J)


def always_two_products(J: Array, x: Array, gamma: float) -> Array:
    """Return the velocity of Eq 8 as printed, for any γ with two matrix–vector products."""
    h = J @ np.tanh(x)
    return h - x - gamma * (1 - np.tanh(x) ** 2) * (J.T @ (h - x))


def whole_matrix(J: Array, x: Array, gamma: float) -> Array:
    """Return (1 − γ) f − γ Aᵀ f with the N × N matrix A = −1 + J diag(φ′), computed in each step."""
    f = J @ np.tanh(x) - x
    jacobian = J * (1 - np.tanh(x) ** 2) - np.eye(len(x))
    return (1 - gamma) * f - gamma * (jacobian.T @ f)


def two_trajectories(
    velocity, J: Array, x: Array, v: Array, gamma: float, steps: int, dt: float, delta: float
) -> float:
    """Return the exponent from two trajectories, initially δ apart along v, with rescaling in every step."""
    y, total = x + delta * v, 0.0
    for _ in range(steps):
        x = x + dt * velocity(J, x, gamma)
        y = y + dt * velocity(J, y, gamma)
        separation = y - x
        distance = np.sqrt(separation @ separation)
        total += np.log(distance / delta)
        y = x + separation * (delta / distance)
    return total / (steps * dt)


def all_trajectories(
    W: Array, gains: Array, x: Array, v: Array, gamma: float, steps: int, dt: float, delta: float
) -> Array:
    """Return the exponents of all gains; both trajectories of each gain are columns of one matrix."""
    number, total = len(gains), np.zeros(len(gains))
    g = np.concatenate([gains, gains])
    X = np.concatenate([np.tile(x[:, None], number), np.tile((x + delta * v)[:, None], number)], axis=1)
    for _ in range(steps):
        phi = np.tanh(X)
        f = W @ phi
        f *= g
        f -= X
        if gamma:
            back = W.T @ f
            back *= g
            back *= gamma * (1 - phi * phi)
            f -= back
        X += dt * f
        separation = X[:, number:] - X[:, :number]
        distance = np.sqrt((separation * separation).sum(0))
        total += np.log(distance / delta)
        X[:, number:] = X[:, :number] + separation * (delta / distance)
    return total / (steps * dt)


@partial(jax.jit, static_argnames="reaction")
def fused(W, gains, x, v, gamma, steps, dt, reaction: bool):
    """Return the exponents of all B gains; each matrix multiplies states and tangents in one product (2B vectors)."""
    number, g = len(gains), jnp.concatenate([gains, gains])[:, None]

    def body(_, carry):
        x, v, total = carry
        phi = jnp.tanh(x)
        slope = 1 - phi * phi
        both = g * (jnp.concatenate([phi, slope * v]) @ W.T) - jnp.concatenate([x, v])
        f, df = both[:number], both[number:]
        if reaction:
            back = g * (both @ W)
            back, dback = back[:number], back[number:]
            f, df = f - gamma * slope * back, df - gamma * slope * (dback - 2 * phi * v * back)
        x, v = x + dt * f, v + dt * df
        size = jnp.linalg.norm(v, axis=1)
        return x, v / size[:, None], total + jnp.log(size)

    start = jnp.broadcast_to(x, (number, len(x))), jnp.broadcast_to(v, (number, len(x))), jnp.zeros(number, x.dtype)
    return jax.lax.fori_loop(0, steps, body, start)[2] / (steps * dt)


def spectrum(J: Array, x: Array, Q: Array, gamma: float, steps: int, dt: float, every: int) -> Array:
    """Return all exponents by the standard method: the Jacobian of the step times Q, with QR every few steps."""
    sums, diagonal = np.zeros(len(x)), np.arange(len(x))
    for step in range(1, steps + 1):
        phi = np.tanh(x)
        slope = 1 - phi * phi
        f = J @ phi - x
        D = J * slope
        D[diagonal, diagonal] -= 1
        if gamma:
            back = f @ J
            D -= gamma * slope[:, None] * (J.T @ D)
            D[diagonal, diagonal] += 2 * gamma * phi * slope * back
            f -= gamma * slope * back
        x = x + dt * f
        Q = Q + dt * (D @ Q)
        if step % every == 0:
            Q, R = np.linalg.qr(Q)
            sums += np.log(np.abs(np.diag(R)))
    return sums / (steps * dt)


def last_state(J: Array, x: Array, gamma: float, steps: int, dt: float) -> Array:
    """Return the state after all steps."""
    for _ in range(steps):
        x = x + dt * two_products(J, x, gamma)
    return x
