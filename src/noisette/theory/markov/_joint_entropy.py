"""Entropy of the joint state of a large random binary network, for N → ∞.

The fields of different units have correlations of order N^(−1/2), since they are sums over the same states: too weak to
change averages over single units, but there are N² pairs, so that the entropy of the joint state is smaller than the
sum of the entropies of the units by an amount of order N. By the chain rule it is

    H(s') = H(s'|s) + I(s; s'),

where s' is a noisy observation of the state s through a random matrix, and so is s of the state before it. The entropy
of such a sequence of layers is known from the replica method (Gabrié et al. 2019) for matrices that are independent
between layers. Here all steps have the same matrix. For independent W_ij and W_ji the overlaps between different steps
are q, and their conjugate variables vanish, so that the equations are the same. Let Q_k be the overlap of two states
k steps ago that both lead to the present state. In nat per unit

    H/N = S(Q_1) + Σ_k [ J(Q_(k+1), r_k) − r_k (1 − Q_k)/2 ],      Q_∞ = q, r_∞ = 0,

at the point where the derivatives with respect to all Q_k and r_k vanish. S(Q) is the mean entropy of a unit with given
constant part u of its field, of variance w² Q + B²; J(Q, r) is the mean information about its sign s, given u, in an
observation √r s + ξ with Gaussian ξ. The derivatives vanish for

    r_1 = w² ⟨p'²/(p(1 − p))⟩,  r_(k+1) = w² ⟨p'² Var π/(p(1 − p))²⟩,  Q_k = 1 − 4 ⟨π(1 − π)⟩,

with p(u) the probability of being on, and π its posterior given the observation.
"""

import numpy as np

from noisette.errors import InputError
from noisette.theory.markov._random_units import Probability, Units, constant_part, entropy_of, gaussian

TOLERANCE = 1e-7  # of the overlaps; the entropy is stationary, so that its error is of second order
FAINT = 1e-8  # smallest r of a layer; layers below contribute terms of order r²
SWEEPS = 1000
LAYERS = 256  # largest number of steps into the past


def joint_entropy(units: Units, m: float, q: float) -> float:
    """Return the entropy of the joint state per unit in nat, relative to the states of one magnetisation.

    Raises
    ------
    InputError : If the equations do not converge.
    """
    if units.variance == 0:
        unit, weight = constant_part(units, m, q)
        return float(np.sum(entropy_of(unit) * weight))
    overlaps, change = np.full(8, q), np.inf  # of the latest step first
    for _ in range(SWEEPS):
        entropy, new, faint = _sweep(units, m, q, overlaps)
        change = float(np.abs(new - overlaps).max())
        overlaps = new
        if not faint and len(new) < LAYERS:
            overlaps = np.append(new, np.full(len(new), q))
        elif change < TOLERANCE:
            return entropy
    raise InputError(f"the entropy of the joint state does not converge, error {change:.1g}; use a smaller gain")


def _sweep(units: Units, m: float, q: float, overlaps: np.ndarray) -> tuple[float, np.ndarray, bool]:
    """Return the entropy, new overlaps, and whether the last layers hardly depend on the present state."""
    every, weight = constant_part(units, m, np.append(overlaps, q))
    layer = [Probability(*(values[k] for values in every)) for k in range(len(overlaps) + 1)]
    entropy = float(np.sum(entropy_of(layer[0]) * weight))
    signal = units.variance * float(np.sum(layer[0].slope ** 2 / layer[0].product * weight))
    new = np.full(len(overlaps), q)
    for k, unit in enumerate(layer[1:]):
        variance, remaining = observed(unit, signal)
        new[k] = 1 - 4 * float(np.sum(variance * weight))
        information = float(np.sum((entropy_of(unit) - remaining) * weight))
        entropy += information - signal * (1 - overlaps[k]) / 2
        known = np.maximum(unit.product - variance, 0.0)
        signal = units.variance * float(np.sum((unit.slope / unit.product) ** 2 * known * weight))
        if signal < FAINT:
            return entropy, new, True
    return entropy, new, False


def observed(unit: Probability, signal: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean posterior π(1 − π) and the mean posterior entropy in nat, given √r s + ξ with r = `signal`.

    The density of the observation is √(P₊ P₋) (p e^B + (1 − p) e^(−B)) for the two signs, where B = √r times the
    observation, and √(P₊ P₋) is e^(−r/2) times the density of N(0, r). With x = B + ln(p/(1 − p))/2 the averages are

        ½ √(p(1 − p)) e^(−r/2) ⟨1/cosh x⟩,    √(p(1 − p)) e^(−r/2) ⟨2 cosh x (ln(2 cosh x) − x tanh x)⟩.
    """
    root = np.sqrt(signal)
    z, weight = gaussian(2 * root)  # poles at x = ±iπ/2
    x = np.abs(unit.log_odds[..., None] / 2 + root * z)
    decay = np.exp(-x)
    square = decay**2
    density = np.sqrt(unit.product) * np.exp(-signal / 2)
    inverse = decay / (1 + square)  # 1/(2 cosh x)
    entropy = np.log1p(square) + x * (2 * square / (1 + square))
    return density * (inverse @ weight), density * ((entropy / inverse) @ weight)
