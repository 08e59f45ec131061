"""All three-neuron motifs
=======================

All networks of three units with states {0, 1} and weights −w, 0 and +w, up to permutations of the units, and the
fraction of these networks in which noise increases the stationary information.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

motifs = nz.analysis.motifs()[::10]  # every tenth of 3,411 motifs, for speed
scales = np.array([1.0, 2.0, 5.0, 10.0])
fractions = []
for w in scales:
    # {0, 1} units with weights W are ±1 units with weights W/2 and biases ΣW/2
    fraction, best, gain = nz.analysis.resonant_fraction(
        w * motifs / 2, np.linspace(0, 2 * w, 21), bias=w * motifs.sum(axis=2) / 2
    )
    fractions.append(fraction)
    print(f"w = {w:g}: {100 * fraction:.0f} % resonate by more than 0.05 bit")

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    left.plot(scales, fractions, "o-")
    left.set(xlabel="weight $w$", ylabel="fraction of motifs with resonance", ylim=(0, 0.6))
    right.hist(gain, bins=30)
    right.set(xlabel=rf"increase of $I$ at $w = {scales[-1]:g}$ (bit)", ylabel="number of motifs", yscale="log")

if __name__ == "__main__":
    plt.show()
