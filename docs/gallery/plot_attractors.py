"""Attractors and transitions
==========================

Attractors of the deterministic sign map, and transitions between states without and with noise.
"""

import matplotlib.pyplot as plt

import noisette as nz

network = nz.Boltzmann(nz.weights.nrooks(20))
structure = nz.attractors(network)
print("fixed points:", structure.fixed_points)
for cycle, basin in zip(structure.cycles, structure.basins, strict=True):
    print(f"cycle {cycle}, basin of {basin} states")

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    for axis, noise in zip(axes, (0.0, 7.0), strict=True):
        noisy = network.with_noise(nz.White(noise))
        transitions = nz.theory.markov.transition_matrix(noisy)
        nz.plots.transition_diagram(axis, transitions, structure.labels, structure.labels >= 0, min_probability=0.002)
        axis.set_title(rf"noise strength $r = {noise:g}$")

if __name__ == "__main__":
    plt.show()
