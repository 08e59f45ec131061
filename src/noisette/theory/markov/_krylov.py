"""Averages over time of a Markov chain given only p ↦ pP, by Arnoldi's method."""

from collections.abc import Callable

import numpy as np

from noisette.errors import InputError

Apply = Callable[[np.ndarray], np.ndarray]
TOLERANCE = 1e-14  # relative change of the small average between two checks
CHECK = 8  # vectors added between two checks, each of which costs O(m³ log steps)
DEFECT = 1e-9  # of the sum of the result, which the exact map conserves: a measure of accumulated rounding


class Unresolved(InputError):
    """A result that rounding would spoil, or that a space of the allowed size does not hold."""


class IllConditioned(Unresolved):
    """Rounding in the small space would show in the result."""


def _small_average(h: np.ndarray, steps: int) -> np.ndarray:
    """Return the first column of (1/steps) Σ_{t<steps} hᵗ, by doubling.

    With S_k = Σ_{t<k} hᵗ, S_2k = S_k + h^k S_k and S_(k+1) = S_k + h^k, so log₂(steps) products suffice. Eigenvectors
    of h would do, too, but are ill-conditioned where the chain is nearly reducible.
    """
    first = np.eye(len(h))[:, 0]
    total, current, power = np.zeros(len(h)), first, np.eye(len(h))
    for bit in f"{steps:b}":
        total = total + power @ total
        current = power @ current
        power = power @ power
        if bit == "1":
            total = total + current
            current = h @ current
            power = power @ h
    return total / steps


class Arnoldi:
    """An orthonormal basis of span{p, pP, pP², …}, grown vector by vector.

    Attributes
    ----------
    basis : orthonormal rows, shape (m, n); hessenberg : the map in that basis, shape (m, m); norm : |p|
    """

    def __init__(self, apply: Apply, start: np.ndarray, most: int):
        self.apply = apply
        self.norm = float(np.linalg.norm(start))
        self._vectors = np.empty((min(most, len(start)) + 1, len(start)))
        self._vectors[0] = start / self.norm
        self._h = np.zeros((len(self._vectors), len(self._vectors)))
        self.size = 0
        self.closed = False

    def grow(self) -> None:
        """Add one vector; `closed` tells that the space holds its own image."""
        m = self.size
        vector = self.apply(self._vectors[m])
        before = np.linalg.norm(vector)
        basis = self._vectors[: m + 1]
        # classical Gram–Schmidt loses orthogonality with the condition number; repeated once it keeps it to rounding
        # (Giraud, Langou & Rozložník 2005), and is two matrix products where the modified form is a loop
        for _ in range(2):
            overlap = basis @ vector
            vector = vector - overlap @ basis
            self._h[: m + 1, m] += overlap
        rest = float(np.linalg.norm(vector))
        self.size += 1
        # an invariant subspace: the remainder is rounding, and to normalise it would add noise as a basis vector
        self.closed = rest <= 1e-14 * before or self.size == len(self._vectors) - 1
        if not self.closed:
            self._h[m + 1, m] = rest
            self._vectors[m + 1] = vector / rest

    @property
    def hessenberg(self) -> np.ndarray:
        """The map in the basis, shape (m, m)."""
        return self._h[: self.size, : self.size]

    @property
    def residual(self) -> float:
        """Length of the part of the last image that leaves the space."""
        return 0.0 if self.closed else float(self._h[self.size, self.size - 1])

    def combine(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the vector with these coefficients in the basis."""
        return coefficients @ self._vectors[: self.size]


def time_average(apply: Apply, start: np.ndarray, steps: int, most: int = 600) -> np.ndarray:
    """Return (1/steps) Σ_{t<steps} p Pᵗ from the map p ↦ pP, to about 1e-13 of its length.

    Raises
    ------
    IllConditioned : if the sum of the result is off by more than 1e-9 before it is mended, which it is where
        rounding in the small space, amplified over the steps, would show.
    Unresolved : if `most` vectors do not suffice.
    """
    # the average lies in span{p, pP, …, pP^(steps−1)}, and its coefficients are those of the small matrix: a polynomial
    # of degree below m in P is exact in a space of m vectors, and fast modes of the chain hardly need more
    space = Arnoldi(apply, start, min(most, steps))
    previous = np.zeros(1)
    while True:
        for _ in range(CHECK):
            if not space.closed:
                space.grow()
        with np.errstate(over="ignore", invalid="ignore"):  # a space still too small may overflow
            current = _small_average(space.hessenberg, steps)
            change = np.linalg.norm(current - np.pad(previous, (0, len(current) - len(previous))))
            settled = bool(change <= TOLERANCE * np.linalg.norm(current))
        if settled or space.closed:
            break
        previous = current
    if not settled and space.size == most < min(steps, len(start)):
        raise Unresolved(
            f"the time average over {steps} steps did not converge in a space of {most} vectors; "
            "fewer steps or stronger noise converge faster"
        )
    with np.errstate(invalid="ignore"):
        average = space.norm * space.combine(current)
        defect = abs(average.sum() / start.sum() - 1)
    if not defect <= DEFECT:  # NaN too
        raise IllConditioned(
            f"rounding would show in the time average over {steps} steps (its sum is off by {defect:.1g}); "
            f"the matrix-free solver allows {DEFECT:g}; use stronger noise, fewer steps or at most 12 units"
        )
    # the map keeps the sum of its argument: what rounding took from it is given back
    return average * (start.sum() / average.sum())


def stationary(apply: Apply, start: np.ndarray, most: int = 400, tolerance: float = 1e-13) -> tuple[np.ndarray, float]:
    """Return the stationary distribution and the gap 1 − |λ₂| of the chain, or refuse.

    The gap bounds how far rounding can move the result (ε/gap). Where it is too small to vouch for nine digits
    the chain is metastable and only elimination without subtraction can be trusted.

    Raises
    ------
    Unresolved : gap below 1e-6, or no convergence in `most` vectors.
    """
    space = Arnoldi(apply, start, most)
    while True:
        for _ in range(CHECK):
            if not space.closed:
                space.grow()
        values, vectors = np.linalg.eig(space.hessenberg)
        order = np.argsort(-np.abs(values))
        top = vectors[:, order[0]]
        gap = 1.0 - float(np.abs(values[order[1]])) if len(order) > 1 else 1.0
        # |h_(m+1,m) y_m| is the residual of a Ritz pair of normalised y (Saad, Numerical Methods for Large Eigenvalue
        # Problems, section 6.2)
        if space.residual * abs(top[-1]) <= tolerance or space.closed:
            break
    if gap < 1e-6 or (space.size >= most and space.residual * abs(top[-1]) > tolerance):
        raise Unresolved(
            f"the chain mixes too slowly (gap {gap:.1g}) to vouch for its stationary distribution without the "
            "dense matrix; the matrix-free solver needs a gap of 1e-6; use estimator fixed-start, stronger "
            "noise, or at most 12 units"
        )
    vector = space.combine(np.real(top / top[np.argmax(np.abs(top))]))
    return vector / vector.sum(), gap
