"""Plain implementations of fixed points in frozen noise: SciPy for one draw at a time, NumPy for all draws at once."""

import numpy as np
from scipy.optimize import root

Array = np.ndarray


def by_root(J: Array, noise: Array, *, jacobian: bool = False, method: str = "hybr") -> Array:
    """Return the solutions x of x = J tanh(x) + ξ, for one draw of the noise at a time, from x = 0."""
    identity = np.eye(len(J))

    def residual(x: Array, xi: Array) -> Array:
        return x - J @ np.tanh(x) - xi

    def slope(x: Array, xi: Array) -> Array:
        return identity - J * (1 - np.tanh(x) ** 2)

    options = {"jac": slope} if jacobian else {}
    return np.array([root(residual, np.zeros(len(J)), args=(xi,), method=method, **options).x for xi in noise])


def all_at_once(J: Array, noise: Array, tolerance: float = 1e-10, most: int = 5000) -> tuple[Array, int]:
    """Return the solutions by relaxation with step 1/2, all draws in one product, and the number of products."""
    x, number = np.zeros_like(noise), 0
    while number < most:
        number += 1
        f = np.tanh(x) @ J.T
        f += noise
        f -= x
        if np.abs(f).max() < tolerance:
            break
        x += 0.5 * f
    return x, number
