"""My matrix and noise
===================

Does noise help my network? Up to 16 units the answer is exact; larger networks are simulated, as the result states.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

# %%
# A matrix is an array, a file or a graph; rows are targets, columns are sources. Here it stores two patterns.

np.savetxt("my_matrix.csv", nz.weights.hopfield([24, 7], 10), delimiter=",")
network = nz.Boltzmann(nz.weights.load("my_matrix.csv"))
print(network)

# %%
# `noise_effect` compares the information between successive states, I, for a range of strengths r of white noise, and
# states whether noise helps, at which strength, and why. Codes of states are binary: 24 is the state 11000.

effect = nz.noise_effect(network, start=24)
print(effect)
print(effect.method)

# %%
# The attractors between which noise causes transitions, and how long a run from one to the other takes:

print(nz.attractors(network).sets)
for r in (15.0, effect.optimum.noise):
    noisy = network.with_noise(nz.White(r))
    print(f"r = {r:.1f}: {nz.theory.markov.passage_times(noisy, 7)[24]:.0f} steps from 24 to 7")

# %%
# The curve as a figure. The result is an `xarray.Dataset`; its attributes state the method, and `rerun` repeats it.

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    nz.plots.information_curves(axes, effect.data)
    axes.axvline(effect.optimum.noise, color=nz.plots.COLOURS["grey"], lw=0.8)

if __name__ == "__main__":
    plt.show()
