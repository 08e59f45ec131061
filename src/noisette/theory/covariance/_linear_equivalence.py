"""What linear equivalence of one network neglects: an estimate to lowest order, and a check on solved draws.

Linear equivalence takes the parts r_i = φ(x_i) − ⟨φ_i⟩ − a_i (x_i − m_i) of different units as independent. For jointly
normal currents of correlation ρ_ij they are not: with the Hermite coefficients c_n of every unit,

    Cov(r_i, r_j) = Σ_{n ≥ 2} c_{n,i} c_{n,j} ρ_ij^n.

In a random matrix of many weak weights ρ² ~ 1/N without a pattern, and the sum changes nothing as N → ∞. Where a few
modes carry the activity ρ² has a pattern, and the change G J Cov(r) Jᵀ Gᵀ of the covariance does not vanish. It is the
first of the neglected terms: in excitatory–inhibitory networks of relu units the whole error was two to six times as
large. What it misses, currents that are not normal or more than one fixed point, appears in draws of the noise that are
solved. Their sampling error is reduced by the exactly known covariance of the linear response to the same draws.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._trapezoid import UNIFORM_NODES, UNIFORM_WEIGHTS

Matrix = Float[np.ndarray, "N N"]
ORDERS = 8
LARGEST = 0.035  # first neglected term, relative to C_ii or D: three times as much is over the tolerance
TOLERANCE = 0.10  # of D and, root mean square, of the C_ii
STEP, STEPS, SETTLED = 0.5, 600, 1e-6
SEED = (0x6E6F, 0x6973)  # none that a user is likely to have drawn the weights with
UNSETTLED = 0.01  # share of draws


class Equivalent(NamedTuple):
    """The linear network that stands for one nonlinear one, x = J φ(x) + b + ξ.

    Attributes
    ----------
    covariance : C_x
    response : G = (1 − J A)⁻¹
    mean, slope : m and a of every unit
    power : variance of ξ of every unit
    """

    covariance: Matrix
    response: Matrix
    mean: Float[np.ndarray, " N"]
    slope: Float[np.ndarray, " N"]
    power: Float[np.ndarray, " N"]


def first_neglected(activation: Activation, J: Matrix, linear: Equivalent) -> float:
    """Return the change that correlations between nonlinear parts bring about, relative to D and the C_ii."""
    C, std = linear.covariance, np.sqrt(np.diag(linear.covariance))
    correlation = C / np.outer(std, std)
    phi = values(activation, linear.mean[:, None] + std[:, None] * UNIFORM_NODES)
    before, polynomial = np.ones_like(UNIFORM_NODES), UNIFORM_NODES
    residual, power = np.zeros_like(C), correlation.copy()
    for order in range(2, ORDERS + 1):
        # orthonormal Hermite polynomials: √n h_n = z h_{n−1} − √(n−1) h_{n−2}
        before, polynomial = polynomial, (UNIFORM_NODES * polynomial - np.sqrt(order - 1) * before) / np.sqrt(order)
        power = power * correlation
        coefficient = phi @ (UNIFORM_WEIGHTS * polynomial)
        residual += np.outer(coefficient, coefficient) * power
    np.fill_diagonal(residual, 0.0)
    through = linear.response @ J
    change = through @ residual @ through.T
    diagonal = np.abs(np.diag(change) / np.diag(C)).max()
    return float(max(diagonal, abs(dimension(C + change) / dimension(C) - 1)))


def dimension(covariance: Matrix) -> float:
    """Return (tr C)²/(N tr C²)."""
    return float(np.trace(covariance) ** 2 / (len(covariance) * (covariance**2).sum()))


class Check(NamedTuple):
    """Solved draws against the prediction.

    Attributes
    ----------
    unsettled : share of draws that do not settle in a fixed point
    dimension : D over its prediction
    diagonal : root mean square of C_ii over its prediction, less 1
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
    """Return how fixed points of some draws of the noise compare with the prediction, for currents or rates.

    The flow is followed in steps of half a time constant, from the linear response to each draw.
    """
    noise = np.random.default_rng(SEED).standard_normal((draws, len(J))) * np.sqrt(linear.power)
    x = linear.mean + noise @ linear.response.T
    moving = np.ones(draws, bool)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            change = values(activation, x) @ J.T + bias + noise - x
            x = x + STEP * change
            moving = np.asarray(~(np.abs(change).max(1) <= SETTLED * np.maximum(1.0, np.abs(x).max(1))))
            if not moving.any() or not np.isfinite(x).any():
                break
    still = ~moving
    unsettled = float(moving.mean())
    if still.sum() < draws / 2:
        return Check(unsettled, float("nan"), float("nan"))
    shape = np.ones(len(J)) if activity == "current" else linear.slope
    follows = shape * (noise[still] @ linear.response.T)
    exact = (linear.response * linear.power) @ linear.response.T * np.outer(shape, shape)
    sample = x[still] if activity == "current" else values(activation, x[still])
    diagonal, size = _sampled(sample)
    diagonal_linear, size_linear = _sampled(follows)
    positive = (np.diag(exact) > 0) & (np.diag(predicted) > 0)
    level = (diagonal / diagonal_linear * np.diag(exact))[positive] / np.diag(predicted)[positive]
    # the share of tr C² that follows the linear response scatters with it, and that scatter is known
    share = float((exact * predicted).sum() / (predicted**2).sum())
    known = (size_linear / dimension(exact)) ** min(share, 1.0)
    return Check(unsettled, size / dimension(predicted) / known, _rms(level - 1))


def _rms(numbers: np.ndarray) -> float:
    return float(np.sqrt((numbers**2).mean()))


def _sampled(sample: np.ndarray) -> tuple[np.ndarray, float]:
    """Return variances of units, and D less the bias (tr C)²/n of tr C² that n samples have."""
    n = len(sample)
    centred = sample - sample.mean(0)
    C = centred.T @ centred / (n - 1)
    square = (C**2).sum() - np.trace(C) ** 2 / (n - 1)
    return np.diag(C), float(np.trace(C) ** 2 / (len(C) * square))


def reason(neglected: float, check: Check | None, draws: int) -> str:
    """Return why the prediction does not hold, "" if it does."""
    parts = []
    if neglected > LARGEST:
        parts.append(f"the first neglected term changes variances or D by {100 * neglected:.0f} %, all of them by more")
    if check is not None and check.unsettled > UNSETTLED:
        parts.append(f"{100 * check.unsettled:.0f} % of {draws} draws do not settle in a fixed point")
    if check is not None and not (abs(check.dimension - 1) <= TOLERANCE and check.diagonal <= TOLERANCE):
        parts.append(
            f"in {draws} solved draws D is {check.dimension:.2f} times the prediction, and variances differ by "
            f"{100 * check.diagonal:.0f} % (rms)"
        )
    return "; ".join(parts) + "; simulate it" if parts else ""


__all__ = ["Check", "Equivalent", "dimension", "first_neglected", "reason", "solved_draws"]
