"""Time averages and stationary distributions of a Markov chain, given only the map p ↦ pP, by Arnoldi's method."""

from collections.abc import Callable

import numpy as np

from noisette.errors import InputError

Apply = Callable[[np.ndarray], np.ndarray]
TOLERANCE = 1e-14  # relative change of the projected average between two checks
CHECK = 8  # vectors added between two checks, each of which costs O(m³ log steps)
DEFECT = 1e-9  # largest error of the sum of the result, which the exact map conserves; it measures rounding errors


class Unresolved(InputError):
    """Exception for a result that is inaccurate, by rounding or in a Krylov space of the allowed size."""


class IllConditioned(Unresolved):
    """Exception for a result that rounding errors of the projected matrix affect."""


def _small_average(h: np.ndarray, steps: int) -> np.ndarray:
    """Return the first column of (1/steps) Σ_{t<steps} hᵗ by doubling, shape (m,).

    With S_k = Σ_{t<k} hᵗ, S_2k = S_k + h^k S_k and S_(k+1) = S_k + h^k, so about 2 log₂(steps) products suffice. An
    eigendecomposition of h is avoided because its eigenvectors are ill-conditioned where the chain is nearly reducible.
    """
    first = np.eye(len(h))[:, 0]
    total, current, power = np.zeros(len(h)), first, np.eye(len(h))  # S_k e₁, h^k e₁ and h^k, from k = 0
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
    """Orthonormal basis of the Krylov space span{p, pP, pP², …}, extended vector by vector.

    Attributes
    ----------
    size : number of basis vectors m
    closed : whether the space is invariant under the map, or has reached its largest size
    hessenberg : the map in that basis, shape (m, m)
    residual : norm of the part of the image of the last basis vector outside the space
    norm : norm of the start vector p
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
        """Add one vector, and set `closed` if the space is invariant or full."""
        m = self.size
        vector = self.apply(self._vectors[m])
        before = np.linalg.norm(vector)
        basis = self._vectors[: m + 1]
        # classical Gram–Schmidt loses orthogonality in proportion to the squared condition number; applied twice it is
        # orthogonal to rounding (Giraud, Langou & Rozložník 2005), with matrix products where the modified form loops
        for _ in range(2):
            overlap = basis @ vector
            vector = vector - overlap @ basis
            self._h[: m + 1, m] += overlap
        rest = float(np.linalg.norm(vector))
        self.size += 1
        # in an invariant subspace the remainder is rounding error, and normalising it would add a random basis vector
        self.closed = rest <= 1e-14 * before or self.size == len(self._vectors) - 1
        if not self.closed:
            self._h[m + 1, m] = rest
            self._vectors[m + 1] = vector / rest

    @property
    def hessenberg(self) -> np.ndarray:
        """Return the map in the basis, shape (m, m)."""
        return self._h[: self.size, : self.size]

    @property
    def residual(self) -> float:
        """Return the norm of the part of the last image outside the space."""
        return 0.0 if self.closed else float(self._h[self.size, self.size - 1])

    def combine(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the vector with given coefficients in the basis."""
        return coefficients @ self._vectors[: self.size]


def time_average(apply: Apply, start: np.ndarray, steps: int, most: int = 600) -> np.ndarray:
    """Return (1/steps) Σ_{t<steps} p Pᵗ from the map p ↦ pP, with a relative error in norm of about 1e-13.

    Parameters
    ----------
    apply : p ↦ pP for vectors of shape (n,)
    start : p, shape (n,)
    steps : number of steps
    most : largest dimension of the Krylov space

    Raises
    ------
    IllConditioned : If the sum of the result is wrong by more than 1e-9 before it is normalised, a sign of rounding
        errors of the projected matrix, amplified over the steps.
    Unresolved : If `most` vectors do not suffice.
    """
    # the average is a polynomial in P of degree steps − 1 applied to p. Projected on a Krylov space of m vectors it is
    # exact for degrees below m, and it converges much earlier because most modes of the chain decay within few steps
    space = Arnoldi(apply, start, min(most, steps))
    previous = np.zeros(1)
    while True:
        for _ in range(CHECK):
            if not space.closed:
                space.grow()
        with np.errstate(over="ignore", invalid="ignore"):  # powers of h may overflow while the space is too small
            current = _small_average(space.hessenberg, steps)
            change = np.linalg.norm(current - np.pad(previous, (0, len(current) - len(previous))))
            # where powers overflow, both norms are infinite
            converged = bool(np.isfinite(change) and change <= TOLERANCE * np.linalg.norm(current))
        if converged or space.closed:
            break
        previous = current
    if not converged and space.size == most < min(steps, len(start)):
        raise Unresolved(
            f"the time average over {steps} steps did not converge in a space of {most} vectors; "
            "fewer steps or stronger noise converge faster"
        )
    with np.errstate(invalid="ignore"):
        average = space.norm * space.combine(current)
        defect = abs(average.sum() / start.sum() - 1)
    if not defect <= DEFECT:  # NaN too
        raise IllConditioned(
            f"rounding errors affect the time average over {steps} steps (its sum is wrong by {defect:.1g}); "
            f"the matrix-free solver allows {DEFECT:g}; use stronger noise, fewer steps or at most 12 units"
        )
    # the exact map conserves the sum, so normalising removes that part of the rounding error
    return average * (start.sum() / average.sum())


def stationary(apply: Apply, start: np.ndarray, most: int = 400, tolerance: float = 1e-13) -> tuple[np.ndarray, float]:
    """Return the stationary distribution and the spectral gap 1 − |λ₂| of the chain.

    Rounding errors of the result are of order ε/gap. Where the gap is too small to guarantee nine digits the chain is
    metastable, and only elimination without subtraction is accurate.

    Parameters
    ----------
    apply : p ↦ pP for vectors of shape (n,)
    start : start vector, which should overlap with all slow modes, shape (n,)
    most : largest dimension of the Krylov space
    tolerance : residual of the leading eigenvector

    Raises
    ------
    Unresolved : If the gap is below 1e-6, or if `most` vectors do not suffice.
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
            f"the chain mixes too slowly (spectral gap {gap:.1g}) for a stationary distribution without the dense "
            "matrix; the matrix-free solver needs a gap of 1e-6; use estimator fixed-start, stronger noise, or at most "
            "12 units"
        )
    # the leading eigenvalue 1 is simple and real, so dividing by one entry removes the arbitrary complex phase
    vector = space.combine(np.real(top / top[np.argmax(np.abs(top))]))
    return vector / vector.sum(), gap
