"""Large networks: watch a few units
===================================

A hundred units have 2^100 states, but five of them have 32. Counting their states in short runs invents
information; averaging the exact probability of the next state does not, and neither does counting agreement.
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
    for label, curve, marker in (("counted", counted, "o"), ("next state averaged", averaged, "s")):
        axes.errorbar(noise, curve.information, curve.information_se, fmt=marker, label=label)
    axes.plot(noise, exact, color="black", label="exact", zorder=0)
    axes.set(xlabel="noise strength r", ylabel="information of 5 units (bit)")
    axes.legend()

if __name__ == "__main__":
    plt.show()
