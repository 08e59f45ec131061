"""All covariances of your own matrix
==================================

Linear equivalence predicts the covariances of all pairs of units of a particular network in frozen noise, although the
units are nonlinear. Here, a ring of 120 units has local excitation, long-range inhibition and some disorder. Each
point is a pair of units, predicted and estimated from 4000 draws of the noise; the scatter is mostly sampling error
(bar). The prediction is exact for many weak random weights; for a matrix with so much structure it is a few per cent
too small.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, draws = 120, 4000
angle = 2 * np.pi * np.arange(size) / size
ring = 2 * np.cos(angle[:, None] - angle) / size
W = 1.1 * ring + nz.weights.gaussian(size, 0.7 * size**-0.5, key=jax.random.key(0))
network = nz.RateNetwork(W, activation=nz.activations.tanh, noise=nz.Frozen(1.0))

predicted = nz.theory.predicted_covariance(network, sites="own").covariance.values
states = nz.find_fixed_points(network, draws, key=jax.random.key(1)).state.values
measured = states.T @ states / draws  # the mean vanishes because tanh is odd
pairs = np.triu_indices(size, k=1)
x, y = predicted[pairs], measured[pairs]
error = np.sqrt(np.mean(states[:, pairs[0]] ** 2 * states[:, pairs[1]] ** 2, axis=0) - y**2).mean() / draws**0.5
print(f"correlation {np.corrcoef(x, y)[0, 1]:.3f}, slope {np.polyfit(x, y, 1)[0]:.3f}")
print(f"root mean square difference {np.sqrt(np.mean((x - y) ** 2)):.4f}, standard error of the draws {error:.4f}")

with nz.plots.style():
    figure, panels = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained")
    for panel, matrix, title in zip(panels, (predicted, measured), ("predicted", "4000 draws"), strict=False):
        panel.imshow(matrix, cmap="RdBu_r", vmin=-0.4, vmax=0.4)
        panel.set(title=title, xlabel="unit $j$", ylabel="unit $i$")
    figure.colorbar(panels[1].images[0], ax=panels[1], label="$C_{ij}$")
    panels[2].plot(x, y, ".", ms=2, alpha=0.4)
    panels[2].axline((0, 0), slope=1, color="black", lw=0.8)
    panels[2].errorbar([0.9 * x.max()], [0.6 * y.min()], [error], color="black", capsize=3)
    panels[2].set(xlabel="predicted $C_{ij}$", ylabel="$C_{ij}$ of 4000 draws")

if __name__ == "__main__":
    plt.show()
