"""Does noise help your matrix?
============================

A matrix of 60 units, as it may be read from a file by `weights.load`, has 2^60 states, too many for exact results.
`noise_effect` then simulates runs, and estimates the information of five units that are strongly coupled with each
other. The conditional entropy of the next state is that of all units, and attractors are found from random states.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

random = np.random.default_rng(1)
patterns = random.choice([-1.0, 1.0], size=(3, 60))
W = 0.3 * patterns.T @ patterns + random.normal(size=(60, 60))  # or nz.weights.load("my_matrix.csv")
network = nz.SignNetwork(W)

effect = nz.noise_effect(network, steps=1000, runs=20)
print(effect)
print(effect.method)
attractors = nz.analysis.sampled_attractors(network)
print(attractors)

with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 2.8), layout="constrained")
    data = effect.data
    left.errorbar(data.noise, data.information, data.information_se, fmt="o", ms=3)
    left.set(xlabel="noise strength $r$", ylabel="information $I$ of 5 units (bit)")
    middle.errorbar(data.noise, data.conditional_entropy, data.conditional_entropy_se, fmt="o", ms=3)
    middle.set(xlabel="noise strength $r$", ylabel="conditional entropy of all units (bit)")
    right.bar(np.arange(len(attractors.counts)), attractors.counts / attractors.starts)
    right.set(xlabel="attractor", ylabel="share of the random states")

if __name__ == "__main__":
    plt.show()
