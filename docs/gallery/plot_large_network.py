"""A few units of a large network
==============================

A network of 100 units has 2^100 states, but five of its units have only 32. The plug-in estimate of their information
from short runs has a large bias. The Rao–Blackwell estimate, which averages the exact probability of the next state,
has a much smaller bias. The exact value follows from the number of units that agree with the pattern.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, steps, units = 100, 300, range(5)
network = nz.Boltzmann(nz.weights.mean_field_hopfield(size, 40.0))
noise = np.array([20.0, 25.0, 30.0, 40.0])

start = np.ones(size)  # in the stored pattern
counted = nz.resonance(network, noise, steps, start, "single-run", runs=10, units=units)
averaged = nz.resonance(network, noise, steps, start, "rao-blackwell", runs=10, units=units)
exact = [nz.theory.markov.one_pattern_measures(size, 40.0, r, steps, 5).information for r in noise]

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for label, curve, marker in (("plug-in", counted, "o"), ("Rao–Blackwell", averaged, "s")):
        axes.errorbar(noise, curve.information, curve.information_se, fmt=marker, label=label)
    axes.plot(noise, exact, color="black", label="exact", zorder=0)
    axes.set(xlabel="noise strength $r$", ylabel="information $I$ of 5 units (bit)")
    axes.legend()

if __name__ == "__main__":
    plt.show()
