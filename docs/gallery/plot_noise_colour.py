"""The colour of the noise
========================

The same network in noise that changes at once (white), slowly (Ornstein–Uhlenbeck, τ_c) or never (frozen), always at
the strength that gives a unit alone the variance 1. Fast noise is averaged away on its way through the network, slow
noise is passed on in full: the slower the noise, the stronger the correlations, and the fewer the dimensions.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

tanh, gain = nz.activations.tanh, 1.2
theory = nz.theory
lags = np.linspace(0, 12, 121)


def coloured(tau: float) -> nz.OrnsteinUhlenbeck:
    """Return noise that gives a leaky unit alone the variance 1."""
    return nz.OrnsteinUhlenbeck(((1 + tau) / tau) ** 0.5, tau)


noises = {"white": nz.White(2**0.5)} | {f"τ_c = {t:g}": coloured(t) for t in (0.3, 3)} | {"frozen": nz.Frozen(1.0)}
times = np.geomspace(0.01, 100, 13)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3), layout="constrained")
    for label, noise in noises.items():
        found = theory.autocovariance(tanh, gain, noise, lags)
        left.plot(lags, found.current, label=label)
    for activity, name, colour in (("current", "x", "entropy"), ("rate", "φ(x)", "information")):
        curve = [theory.correlations(tanh, gain, coloured(t), activity=activity) for t in times]
        dimension = [float(one.participation_dimension) for one in curve]
        right.plot(times, dimension, color=nz.plots.COLOURS[colour], label=f"D of {name}")
        for limit, dashes in (("white", "--"), ("frozen", ":")):
            level = theory.correlations(tanh, gain, noises[limit], activity=activity)
            right.axhline(float(level.participation_dimension), color=nz.plots.COLOURS[colour], ls=dashes, lw=0.9)
    left.set(xlabel="lag τ", ylabel="autocovariance of x", ylim=0, xlim=(0, 12))
    left.legend()
    right.set(xscale="log", xlabel="correlation time τ_c of the noise", ylabel="dimension D", ylim=(0.35, 0.85))
    right.legend(title="dashed: white, dotted: frozen")

if __name__ == "__main__":
    plt.show()
