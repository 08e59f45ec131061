"""The colour of the noise
=======================

One network in white noise, in Ornstein–Uhlenbeck noise with correlation time τ_c, and in frozen noise, scaled
such that an isolated unit has variance 1. Fast noise is averaged out as it propagates through the network, whereas
slow noise propagates fully: the slower the noise, the stronger the correlations, and the lower the dimension.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

tanh, gain = nz.activations.tanh, 1.2
theory = nz.theory
lags = np.linspace(0, 12, 121)


def coloured(tau: float) -> nz.OrnsteinUhlenbeck:
    """Return the noise for which an isolated leaky unit has variance 1."""
    return nz.OrnsteinUhlenbeck(((1 + tau) / tau) ** 0.5, tau)


noises = (
    {"white": nz.White(2**0.5)}
    | {rf"$\tau_\mathrm{{c}} = {t:g}$": coloured(t) for t in (0.3, 3)}
    | {"frozen": nz.Frozen(1.0)}
)
times = np.geomspace(0.01, 100, 13)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3), layout="constrained")
    for label, noise in noises.items():
        autocovariance = theory.autocovariance(tanh, gain, noise, lags)
        left.plot(lags, autocovariance.current, label=label)
    for activity, name, colour in (("current", "$x$", "entropy"), ("rate", r"$\phi(x)$", "information")):
        curve = [theory.correlations(tanh, gain, coloured(t), activity=activity) for t in times]
        dimension = [float(point.participation_dimension) for point in curve]
        right.plot(times, dimension, color=nz.plots.COLOURS[colour], label=f"$D$ of {name}")
        for limit, dashes in (("white", "--"), ("frozen", ":")):
            level = theory.correlations(tanh, gain, noises[limit], activity=activity)
            right.axhline(float(level.participation_dimension), color=nz.plots.COLOURS[colour], ls=dashes, lw=0.9)
    left.set(xlabel=r"lag ($\tau$)", ylabel="autocovariance of $x$", ylim=0, xlim=(0, 12))
    left.legend()
    right.set(xscale="log", xlabel=r"correlation time $\tau_\mathrm{c}$", ylabel="dimension $D$", ylim=(0.35, 0.85))
    right.legend(title="dashed: white, dotted: frozen")

if __name__ == "__main__":
    plt.show()
