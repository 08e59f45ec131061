"""Gain from the spread of covariances
====================================

Gains of linear random networks from recordings of 60 units, by covariances of long windows and at equal times, with
95 % intervals, beside the true gain (line). Covariances at equal times, whose relation requires white noise, have the
smaller errors. The intervals contain the scatter between networks of the same gain.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gains = 60, np.array([0.2, 0.4, 0.6, 0.75])
fits = {}
for number, gain in enumerate(gains):
    W = nz.weights.gaussian(size, size**-0.5, key=number)
    network = nz.RateNetwork(W, gain, activation=nz.activations.linear, noise=nz.White(1.0))
    run = nz.simulate(network, duration=4000, dt=0.05, probes=nz.Trace(every=8), key=number)
    for kind in ("long-window", "equal-time"):
        fits[kind, gain] = nz.analysis.effective_gain(run.trace, covariance=kind, dt=0.4, key=number)

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(4.2, 3.4), layout="constrained")
    for kind, shift in (("long-window", -0.008), ("equal-time", 0.008)):
        chosen = [fits[kind, gain] for gain in gains]
        g, low, high = ([float(fit[name]) for fit in chosen] for name in ("gain", "gain_low", "gain_high"))
        limits = np.abs(np.array([low, high]) - g)
        axes.errorbar(gains + shift, g, limits, fmt="o", ms=4, label=kind)
    axes.plot([0, 1], [0, 1], color="black", lw=0.7)
    axes.set(xlabel="true gain $g$", ylabel="inferred gain", xlim=(0, 1), ylim=(0, 1))
    axes.legend()

if __name__ == "__main__":
    plt.show()
