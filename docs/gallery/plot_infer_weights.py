"""Weights from recordings
=======================

Weights of a linear network from covariances at two lags, and of a binary network by maximum likelihood, against the
true weights, with 95 % intervals. Intervals that miss the true weight are orange: 5 % are expected.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

W = 0.8 * nz.weights.gaussian(12, 12**-0.5, key=0)
linear = nz.RateNetwork(W, activation=nz.activations.linear, noise=nz.White(1.0))
run = nz.simulate(linear, duration=3000, dt=0.02, probes=nz.Trace(every=10), key=1)
first = nz.analysis.linear_network(run.trace, dt=0.2)

V = 1.5 * nz.weights.gaussian(12, 12**-0.5, key=2)
run = nz.simulate(nz.Boltzmann(V), steps=5000, probes=nz.Trace(), key=3)
second = nz.analysis.kinetic_ising(run.trace)

with nz.plots.style():
    figure, panels = plt.subplots(1, 2, figsize=(7, 3.2), layout="constrained")
    for axes, fit, true, title in zip(
        panels, (first, second), (W, V), ("linear, 15 000 samples", "binary, 5000 steps"), strict=True
    ):
        x, y = np.ravel(true), np.ravel(fit.weights)
        half = np.ravel(fit.weights_high) - y
        missed = np.abs(x - y) > half
        for chosen, colour in ((~missed, nz.plots.COLOURS["entropy"]), (missed, nz.plots.COLOURS["information"])):
            axes.errorbar(x[chosen], y[chosen], half[chosen], fmt="o", ms=2.5, lw=0.7, color=colour)
        axes.axline((0, 0), slope=1, color="black", lw=0.7)
        axes.set(xlabel="true weight", ylabel="inferred weight")
        axes.set_title(f"{title}: {100 * (1 - missed.mean()):.0f} % inside")

if __name__ == "__main__":
    plt.show()
