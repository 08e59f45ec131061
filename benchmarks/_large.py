"""Exact measures for N = 16 in a separate process; prints time, peak memory and errors as one line of JSON."""

import json
import resource
import sys

import jax
import numpy as np
from _harness import seconds

import noisette as nz

STEPS, SIZE = 10_000, 16


def peak() -> int:
    """Return the peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def autapses(q: float) -> np.ndarray:
    """Return the mean distribution p̄ over time of independent units that start at −1 and flip with probability q."""
    up = (1 - (1 - 2 * q) ** np.arange(STEPS)) / 2
    number = np.arange(SIZE + 1)[:, None]
    by_count = (up**number * (1 - up) ** (SIZE - number)).mean(1)
    return by_count[[code.bit_count() for code in range(2**SIZE)]]


def main() -> None:
    before = peak()
    network = nz.Boltzmann(nz.weights.gaussian(SIZE, 10.0, key=jax.random.key(1)), noise=nz.White(10.0))
    first = seconds(lambda: nz.theory.markov.measures(network, STEPS))
    warm = seconds(lambda: nz.theory.markov.measures(network, STEPS))
    highest = peak()
    known = nz.Boltzmann(nz.weights.autapses(10.0, SIZE), noise=nz.White(4.0))
    q = float(known.flip_probability(np.array(10.0), 4.0))
    p = autapses(q)
    measured, exact = nz.theory.markov.measures(known, STEPS), nz.theory.markov.occupation(known, STEPS)
    entropy = -(p * np.log2(p)).sum()
    noise_entropy = -SIZE * (q * np.log2(q) + (1 - q) * np.log2(1 - q))
    shifted = p + (final(q) - np.eye(1, 2**SIZE)[0]) / STEPS  # p̄P − p̄ = (p_T − p_0)/T
    information = -(shifted * np.log2(shifted)).sum() - noise_entropy
    print(
        json.dumps(
            {
                "before": before,
                "peak": highest,
                "first": first,
                "warm": warm,
                "error": float(np.abs(exact - p).max()),
                "entropy_error": abs(float(measured.entropy - entropy)),
                "information_error": abs(float(measured.information - information)),
            }
        )
    )


def final(q: float) -> np.ndarray:
    """Return the distribution after all steps."""
    up = (1 - (1 - 2 * q) ** STEPS) / 2
    number = np.array([code.bit_count() for code in range(2**SIZE)])
    return up**number * (1 - up) ** (SIZE - number)


if __name__ == "__main__":
    main()
