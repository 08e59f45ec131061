"""Trapezoidal quadrature for Gaussian averages, spectrally accurate for smooth activations.

For an analytic integrand that decays at both ends the trapezoidal rule converges geometrically in the number of nodes
(Trefethen & Weideman (2014), SIAM Review 56:385). The weights of Gauss–Hermite quadrature underflow from some hundred
nodes on. The substitution z(t) makes the nodes near zero a thousand times denser: for currents of standard
deviation u, φ(u z) varies on the scale z ~ 1/u, and strongly driven units are nearly step functions at zero.
"""

import numpy as np
from numpy.polynomial import legendre

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values

REACH = 12.0  # of z, in standard deviations; e^(−z²/2) is 5e-32 there, and e^(−z²/4) is 2e-16
STEP = 0.5 * np.pi / 128  # of t: four steps per wavelength 2π/√n of the Hermite function of order n = 16 384 at zero
CORE, FINENESS = 0.1, 1e-3  # half width in t of the refined range, and dz/dt at its centre
FINER = 8  # factor of the number of nodes for ⟨φ'²⟩ of an activation with kinks, where φ' jumps


def stretched(t: np.ndarray) -> np.ndarray:
    """Return z(t), with dz/dt = `FINENESS` at zero and 1 beyond `CORE`.

    The substitution is analytic (tanh), so the trapezoidal rule in t keeps its geometric convergence.
    """
    return t - (1 - FINENESS) * CORE * np.tanh(t / CORE)


def stretch(t: np.ndarray) -> np.ndarray:
    """Return dz/dt."""
    return 1 - (1 - FINENESS) / np.cosh(t / CORE) ** 2


# nodes z ≥ 0; the weights include both signs of z, for even integrands
T = STEP * np.arange(int((REACH + CORE) / STEP) + 1)
HALF_NODES = stretched(T)
HALF_WEIGHTS = 2 * STEP * stretch(T) * np.exp(-(HALF_NODES**2) / 2) / np.sqrt(2 * np.pi)
HALF_WEIGHTS[0] /= 2  # the node at zero has no mirror image
# the whole line; zero appears twice, with half of its weight each
NODES = np.concatenate([-HALF_NODES[::-1], HALF_NODES])
WEIGHTS = np.concatenate([HALF_WEIGHTS[::-1], HALF_WEIGHTS]) / 2
EVERY_SECOND = np.flatnonzero(np.concatenate([np.arange(T.size)[::-1], np.arange(T.size)]) % 2 == 0)
_FINE_T = np.linspace(-T[-1], T[-1], 2 * FINER * (T.size - 1) + 1)
FINE_NODES = stretched(_FINE_T)
FINE_WEIGHTS = STEP / FINER * stretch(_FINE_T) * np.exp(-(FINE_NODES**2) / 2) / np.sqrt(2 * np.pi)
# three Gauss–Legendre nodes between neighbouring HALF_NODES, to integrate φ from zero to every node
_POINTS, _SHARES = legendre.leggauss(3)
_BETWEEN = T[:-1, None] + STEP * (1 + _POINTS) / 2
BETWEEN_NODES, BETWEEN_WEIGHTS = stretched(_BETWEEN), stretch(_BETWEEN) * _SHARES * STEP / 2
# equal steps without refinement, for every unit of a network at once: 341 nodes per unit keep the memory small
UNIFORM_NODES = np.linspace(-8.5, 8.5, 341)
UNIFORM_WEIGHTS = np.exp(-(UNIFORM_NODES**2) / 2) / np.exp(-(UNIFORM_NODES**2) / 2).sum()


def primitive_variance(activation: Activation, std: np.ndarray) -> np.ndarray:
    """Return Var Φ(x) over x ~ N(0, std²), where Φ is the primitive of an odd φ, shape (stds,).

    It equals C_Φ(Δ₀) − C_Φ(0), the part of the potential that φ contributes between the start and the end of the
    trajectory of Δ(τ).
    """
    # Φ(u z) at every half node, shape (stds, nodes): cumulative integrals, so that small Φ near zero keep their digits
    scale = std[:, None, None]
    primitive = np.cumsum((values(activation, scale * BETWEEN_NODES) * scale * BETWEEN_WEIGHTS).sum(-1), axis=1)
    primitive = np.concatenate([np.zeros((len(std), 1)), primitive], axis=1)
    mean = primitive @ HALF_WEIGHTS  # Φ is even, hence the half line suffices
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
