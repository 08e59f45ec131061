"""Plain implementations of binary networks in NumPy: one network, one step at a time."""

import numpy as np


def loop(weights: np.ndarray, r: float, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Run a Boltzmann network and return its last state."""
    size = len(weights)
    s = -np.ones(size)
    for _ in range(steps):
        u = weights @ s + r * rng.standard_normal(size)
        s = np.where(rng.random(size) < 1 / (1 + np.exp(-u)), 1.0, -1.0)
    return s


def counting_loop(
    weights: np.ndarray, r: float, steps: int, rng: np.random.Generator, units: int | None = None
) -> np.ndarray:
    """Run a Boltzmann network and count the successive states of its first units."""
    size = len(weights)
    units = size if units is None else units
    powers = 1 << np.arange(units - 1, -1, -1)
    counts = np.zeros((2**units, 2**units))
    s, before = -np.ones(size), 0
    for _ in range(steps):
        u = weights @ s + r * rng.standard_normal(size)
        s = np.where(rng.random(size) < 1 / (1 + np.exp(-u)), 1.0, -1.0)
        after = int(powers @ (s[:units] > 0))
        counts[before, after] += 1
        before = after
    return counts


def loop_measures(weights: np.ndarray, r: float, steps: int, rng: np.random.Generator) -> tuple[float, float]:
    """Run a Boltzmann network, count successive states, and return plug-in H and I in bits."""
    joint = counting_loop(weights, r, steps, rng) / steps
    entropy = plug_in(joint.sum(1))
    return entropy, entropy + plug_in(joint.sum(0)) - plug_in(joint)


def plug_in(p: np.ndarray) -> float:
    """Return −Σ p log2 p."""
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def iterate(p: np.ndarray, transition: np.ndarray, steps: int) -> np.ndarray:
    """Return the mean of p, pP, …, pP^(steps−1), by one product per step."""
    total = np.zeros_like(p)
    for _ in range(steps):
        total += p
        p = p @ transition
    return total / steps
