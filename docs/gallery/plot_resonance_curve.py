"""Does noise help this network?
=============================

From a weight matrix to the resonance curve: exact and simulated entropy H, mutual information I and divergence D of
successive states against the noise strength r, and the optimal noise.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

weights = nz.weights.hopfield([24, 7], 10)  # or nz.weights.load("my_matrix.csv")
network = nz.Boltzmann(weights)

noise = np.linspace(0, 50, 51)
exact = nz.resonance(network, noise, steps=10_000, start=24)
best = nz.optimal_noise(network, steps=10_000, start=24)
runs = nz.resonance(network, noise[5::5], 10_000, 24, "single-run", runs=4)
print(f"optimal noise r = {best.noise:.4f}: I = {best.information:.4f} bit")

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    nz.plots.information_curves(axes, exact, runs)
    axes.axvline(best.noise, color="grey", lw=0.8, ls=":")

if __name__ == "__main__":
    plt.show()
