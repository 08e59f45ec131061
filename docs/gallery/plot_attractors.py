"""Where a network can go
========================

Attractors of the noiseless sign map, and the transitions of the noisy network drawn over them.
"""

import matplotlib.pyplot as plt

import noisette as nz

network = nz.Boltzmann(nz.weights.nrooks(20))
found = nz.attractors(network)
print("fixed points:", found.fixed_points)
for cycle, basin in zip(found.cycles, found.basins, strict=True):
    print(f"cycle {cycle}, basin of {basin} states")

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    for axis, noise in zip(axes, (0.0, 7.0), strict=True):
        noisy = network.with_noise(nz.White(noise))
        transitions = nz.theory.markov.transition_matrix(noisy)
        nz.plots.transition_diagram(axis, transitions, found.labels, found.labels >= 0, least=0.002)
        axis.set_title(f"noise r = {noise:g}")

if __name__ == "__main__":
    plt.show()
