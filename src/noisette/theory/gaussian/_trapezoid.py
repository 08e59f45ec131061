"""Trapezoidal quadrature for Gaussian averages, spectrally accurate for smooth activations.

For an analytic integrand that decays at both ends the trapezoidal rule converges geometrically in the number of nodes
(Trefethen & Weideman (2014), SIAM Review 56:385), so it competes with Gauss–Hermite quadrature, whose weights underflow
beyond some hundred nodes. The substitution z(t) refines the nodes near zero a thousandfold: driven with standard
deviation u, φ(u z) has structure on the scale 1/u, which for strong drive is a step at zero.
"""

import numpy as np
from numpy.polynomial import legendre

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values

REACH = 12.0  # in standard deviations; e^(−z²/2) is 5e-32 there, e^(−z²/4) 2e-16
STEP = 0.5 * np.pi / 128  # resolves Hermite functions of order 16 384, whose wavelength at zero is 2π/√n, twice over
CORE, FINENESS = 0.1, 1e-3  # half width in t of the refined range, and dz/dt at its centre
FINER = 8  # times as many nodes for ⟨φ'²⟩ of an activation with kinks, where φ' jumps


def stretched(t: np.ndarray) -> np.ndarray:
    """Return z(t), of slope `FINENESS` near zero and one beyond `CORE`.

    tanh is analytic, so the trapezoidal rule in t keeps its geometric convergence.
    """
    return t - (1 - FINENESS) * CORE * np.tanh(t / CORE)


def stretch(t: np.ndarray) -> np.ndarray:
    """Return dz/dt."""
    return 1 - (1 - FINENESS) / np.cosh(t / CORE) ** 2


# nodes z ≥ 0 of one half line; the weights carry both signs of z, so they serve even integrands
T = STEP * np.arange(int((REACH + CORE) / STEP) + 1)
HALF_NODES = stretched(T)
HALF_WEIGHTS = 2 * STEP * stretch(T) * np.exp(-(HALF_NODES**2) / 2) / np.sqrt(2 * np.pi)
HALF_WEIGHTS[0] /= 2  # zero is not counted twice
# both half lines; zero appears twice, with half its weight each
NODES = np.concatenate([-HALF_NODES[::-1], HALF_NODES])
WEIGHTS = np.concatenate([HALF_WEIGHTS[::-1], HALF_WEIGHTS]) / 2
EVERY_SECOND = np.flatnonzero(np.concatenate([np.arange(T.size)[::-1], np.arange(T.size)]) % 2 == 0)
_FINE_T = np.linspace(-T[-1], T[-1], 2 * FINER * (T.size - 1) + 1)
FINE_NODES = stretched(_FINE_T)
FINE_WEIGHTS = STEP / FINER * stretch(_FINE_T) * np.exp(-(FINE_NODES**2) / 2) / np.sqrt(2 * np.pi)
# three Gauss–Legendre nodes between each two of HALF_NODES, by which φ is integrated from zero to every node
_POINTS, _SHARES = legendre.leggauss(3)
_BETWEEN = T[:-1, None] + STEP * (1 + _POINTS) / 2
BETWEEN_NODES, BETWEEN_WEIGHTS = stretched(_BETWEEN), stretch(_BETWEEN) * _SHARES * STEP / 2
# equal steps without refinement, for whole networks of smooth units: 341 nodes per unit are cheap enough
UNIFORM_NODES = np.linspace(-8.5, 8.5, 341)
UNIFORM_WEIGHTS = np.exp(-(UNIFORM_NODES**2) / 2) / np.exp(-(UNIFORM_NODES**2) / 2).sum()


def primitive_variance(activation: Activation, std: np.ndarray) -> np.ndarray:
    """Return the variance of Φ(x) for each std, Φ the primitive of an odd φ.

    It is C_Φ(Δ₀) − C_Φ(0), the difference of the potential between the start and the end of the trajectory of Δ(τ).
    """
    scale = std[:, None, None]
    primitive = np.cumsum((values(activation, scale * BETWEEN_NODES) * scale * BETWEEN_WEIGHTS).sum(-1), axis=1)
    primitive = np.concatenate([np.zeros((len(std), 1)), primitive], axis=1)
    mean = primitive @ HALF_WEIGHTS
    return (primitive - mean[:, None]) ** 2 @ HALF_WEIGHTS


__all__ = [
    "EVERY_SECOND",
    "FINE_NODES",
    "FINE_WEIGHTS",
    "HALF_NODES",
    "HALF_WEIGHTS",
    "NODES",
    "UNIFORM_NODES",
    "UNIFORM_WEIGHTS",
    "WEIGHTS",
    "primitive_variance",
]
