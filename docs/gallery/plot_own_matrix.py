"""Every covariance of a matrix of your own
=========================================

Linear equivalence predicts the covariance of each pair of units of one given network in frozen noise, although its units
are not linear: here a ring of 120 units that excite their near neighbours and inhibit the far ones, with some disorder.
A point is a pair of units, as predicted and in 4000 draws of the noise. Near-random weights are predicted almost
exactly; of the ring, which is as strong as the disorder but rests on a few modes, only the form is.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, draws = 120, 4000
angle = 2 * np.pi * np.arange(size) / size
ring = 2 * np.cos(angle[:, None] - angle) / size
disorder = nz.weights.gaussian(size, size**-0.5, key=jax.random.key(0))

with nz.plots.style():
    figure, panels = plt.subplots(1, 3, figsize=(9, 2.9), layout="constrained")
    for (name, W), colour in zip(
        {"ring and disorder": 0.7 * ring + 0.4 * disorder, "disorder": disorder}.items(), nz.plots.SERIES, strict=False
    ):
        network = nz.RateNetwork(W, noise=nz.Frozen(1.0))
        predicted = nz.theory.predicted_covariance(network, sites="own").covariance.values
        states = nz.relaxed(network, draws, key=jax.random.key(1)).state.values
        measured = states.T @ states / draws  # the mean is zero, as tanh is odd
        pairs = np.triu_indices(size, k=1)
        slope = np.polyfit(predicted[pairs], measured[pairs], 1)[0]
        print(f"{name}: r = {np.corrcoef(predicted[pairs], measured[pairs])[0, 1]:.3f}, slope {slope:.3f}")
        panels[2].plot(predicted[pairs], measured[pairs], ".", ms=2, alpha=0.4, color=colour, label=name)
        if name == "disorder":
            continue
        for panel, matrix, title in zip(panels, (predicted, measured), ("predicted", "4000 draws"), strict=False):
            image = panel.imshow(matrix, cmap="RdBu_r", vmin=-0.2, vmax=0.2)
            panel.set(title=title, xlabel="unit j", ylabel="unit i")
    figure.colorbar(image, ax=panels[1], label="C_ij")
    panels[2].axline((0, 0), slope=1, color="black", lw=0.8)
    panels[2].set(xlabel="C_ij predicted", ylabel="C_ij of 4000 draws")
    panels[2].legend(markerscale=5)

if __name__ == "__main__":
    plt.show()
