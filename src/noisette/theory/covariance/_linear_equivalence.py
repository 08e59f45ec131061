"""Error of linear equivalence for one network: an estimate to lowest order, and a check with fixed points of draws.

Linear equivalence treats the residuals r_i = φ(x_i) − ⟨φ_i⟩ − a_i (x_i − m_i) of different units as independent. For
jointly normal currents of correlation ρ_ij they are correlated: with the Hermite coefficients c_n of every unit,

    Cov(r_i, r_j) = Σ_{n ≥ 2} c_{n,i} c_{n,j} ρ_ij^n

by Mehler's formula. In random networks with many weak weights ρ² ~ 1/N is unstructured, and the sum has no effect as
N → ∞. If a few modes dominate the activity ρ² is structured, and the change G J Cov(r) Jᵀ Gᵀ of the covariance does not
vanish. It is the first of the neglected terms; in excitatory–inhibitory networks of relu units the whole error was two
to six times as large. Effects that it does not include, currents that are not normal or several fixed points, show in
fixed points for single draws of the noise. Sampling errors of the latter are reduced by control variates: the linear
response to the same draws, whose covariance is known exactly.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._trapezoid import UNIFORM_NODES, UNIFORM_WEIGHTS

Matrix = Float[np.ndarray, "N N"]
ORDERS = 8  # highest Hermite order of the sum
LARGEST = 0.035  # largest first neglected term relative to C_ii or D, as the whole error may be three times as large
TOLERANCE = 0.10  # largest relative error of D, and largest root mean square of those of the C_ii
STEP, STEPS, SETTLED = 0.5, 600, 1e-6  # of the flow to a fixed point: step, number of steps, relative residual
SEED = (0x6E6F, 0x6973)  # of the noise, unlikely to coincide with a seed of the weights
UNSETTLED = 0.01  # largest share of draws without a fixed point


class Equivalent(NamedTuple):
    """Linear network equivalent to the nonlinear network x = J φ(x) + b + ξ.

    Attributes
    ----------
    covariance : C_x
    response : G = (1 − J A)⁻¹, with the diagonal matrix A of slopes
    mean, slope : m and a of every unit
    power : variance of ξ for every unit
    """

    covariance: Matrix
    response: Matrix
    mean: Float[np.ndarray, " N"]
    slope: Float[np.ndarray, " N"]
    power: Float[np.ndarray, " N"]


def first_neglected(activation: Activation, J: Matrix, linear: Equivalent) -> float:
    """Return the change due to correlations between residuals, the larger of that relative to D and to the C_ii."""
    C, std = linear.covariance, np.sqrt(np.diag(linear.covariance))
    correlation = C / np.outer(std, std)
    phi = values(activation, linear.mean[:, None] + std[:, None] * UNIFORM_NODES)
    before, polynomial = np.ones_like(UNIFORM_NODES), UNIFORM_NODES
    residual, power = np.zeros_like(C), correlation.copy()
    for order in range(2, ORDERS + 1):
        # orthonormal Hermite polynomials: √n h_n = z h_{n−1} − √(n−1) h_{n−2}
        before, polynomial = polynomial, (UNIFORM_NODES * polynomial - np.sqrt(order - 1) * before) / np.sqrt(order)
        power = power * correlation
        coefficient = phi @ (UNIFORM_WEIGHTS * polynomial)  # c_n of every unit, shape (N,)
        residual += np.outer(coefficient, coefficient) * power
    np.fill_diagonal(residual, 0.0)  # variances of the residuals are part of the prediction
    through = linear.response @ J
    change = through @ residual @ through.T
    diagonal = np.abs(np.diag(change) / np.diag(C)).max()
    return float(max(diagonal, abs(dimension(C + change) / dimension(C) - 1)))


def dimension(covariance: Matrix) -> float:
    """Return the participation dimension (tr C)²/(N tr C²)."""
    return float(np.trace(covariance) ** 2 / (len(covariance) * (covariance**2).sum()))


class Check(NamedTuple):
    """Comparison of fixed points of draws of the noise with the prediction.

    Attributes
    ----------
    unsettled : share of draws that do not converge to a fixed point
    dimension : D divided by its prediction
    diagonal : root mean square of the relative errors of the C_ii
    """

    unsettled: float
    dimension: float
    diagonal: float


def solved_draws(
    activation: Activation,
    J: Matrix,
    bias: Float[np.ndarray, " N"],
    linear: Equivalent,
    predicted: Matrix,
    activity: str,
    draws: int,
) -> Check:
    """Return a comparison of fixed points of draws of the noise with the prediction, for currents or rates.

    The flow x' = −x + J φ(x) + b + ξ is integrated from the linear response to each draw in Euler steps of half a time
    constant, which are stable for stable flows of which the iteration x ← J φ(x) + b + ξ can diverge.

    Parameters
    ----------
    activation, J, bias : φ, J and b
    linear : the equivalent linear network
    predicted : predicted covariance of the activity
    activity : "current" or "rate"
    draws : number of draws
    """
    noise = np.random.default_rng(SEED).standard_normal((draws, len(J))) * np.sqrt(linear.power)
    x = linear.mean + noise @ linear.response.T
    moving = np.ones(draws, bool)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            change = values(activation, x) @ J.T + bias + noise - x
            x = x + STEP * change
            # written with ~ and ≤ so that states with NaN count as unsettled
            moving = np.asarray(~(np.abs(change).max(1) <= SETTLED * np.maximum(1.0, np.abs(x).max(1))))
            if not moving.any() or not np.isfinite(x).any():
                break
    still = ~moving
    unsettled = float(moving.mean())
    if still.sum() < draws / 2:
        return Check(unsettled, float("nan"), float("nan"))
    shape = np.ones(len(J)) if activity == "current" else linear.slope
    # linear response of the activity to the same draws, and its exact covariance
    response = shape * (noise[still] @ linear.response.T)
    exact = (linear.response * linear.power) @ linear.response.T * np.outer(shape, shape)
    sample = x[still] if activity == "current" else values(activation, x[still])
    diagonal, size = _sampled(sample)
    diagonal_linear, size_linear = _sampled(response)
    positive = (np.diag(exact) > 0) & (np.diag(predicted) > 0)
    # ratio estimator: sampled variance over that of the linear response, times the exact variance of the latter
    ratio = (diagonal / diagonal_linear * np.diag(exact))[positive] / np.diag(predicted)[positive]
    # a share of tr C² is due to the linear response, and its sampling error is that of the known D of this response
    share = float((exact * predicted).sum() / (predicted**2).sum())
    known = (size_linear / dimension(exact)) ** min(share, 1.0)
    return Check(unsettled, size / dimension(predicted) / known, _rms(ratio - 1))


def _rms(numbers: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt((numbers**2).mean()))


def _sampled(sample: np.ndarray) -> tuple[np.ndarray, float]:
    """Return variances of units, and D corrected for the bias (tr C)²/(n − 1) of tr C² from n samples."""
    n = len(sample)
    centred = sample - sample.mean(0)
    C = centred.T @ centred / (n - 1)
    square = (C**2).sum() - np.trace(C) ** 2 / (n - 1)
    return np.diag(C), float(np.trace(C) ** 2 / (len(C) * square))


def reason(neglected: float, check: Check | None, draws: int) -> str:
    """Return why the prediction does not hold, or "" if it does."""
    parts = []
    if neglected > LARGEST:
        parts.append(f"the first neglected term changes variances or D by {100 * neglected:.0f} %, all terms by more")
    if check is not None and check.unsettled > UNSETTLED:
        parts.append(f"{100 * check.unsettled:.0f} % of {draws} draws of the noise do not converge to a fixed point")
    if check is not None and not (abs(check.dimension - 1) <= TOLERANCE and check.diagonal <= TOLERANCE):
        parts.append(
            f"fixed points of {draws} draws of the noise have a D of {check.dimension:.2f} times the prediction, and "
            f"variances that differ by {100 * check.diagonal:.0f} % (rms)"
        )
    return "; ".join(parts) + "; simulate the network" if parts else ""


__all__ = ["Check", "Equivalent", "dimension", "first_neglected", "reason", "solved_draws"]
