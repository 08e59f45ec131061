"""Where noise enters
==================

The same noise has different effects on the current of a unit, inside its activation function, on its rate and on its
synapses. Mean-field theory (lines) covers all four, here for large random networks in Ornstein–Uhlenbeck noise or, on
the synapses, in frozen noise; each symbol is one network of 400 units. On the current and inside the activation noise
suppresses chaos (λ < 0); on the rates its effect grows with the gain; frozen noise on the synapses is a larger gain.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.noise import Placed

size, gains = 400, np.linspace(0.25, 2.5, 10)
coloured = nz.OrnsteinUhlenbeck(1.0, tau=2.0)
noises = {
    "on the current": coloured,
    "inside the activation": Placed(coloured, "activation"),
    "on the rates": Placed(coloured, "rate"),
    "on the synapses (frozen)": nz.White(0.1) + Placed(nz.Frozen(1.0), "synapses"),
}
colours = ["entropy", "information", "divergence", "purple"]
W = nz.weights.gaussian(size, size**-0.5, key=0)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for (name, noise), colour in zip(noises.items(), colours, strict=True):
        theory = nz.theory.mean_field(nz.activations.tanh, gains, noise)
        colour = nz.plots.COLOURS[colour]
        left.plot(gains, theory.variance, color=colour, label=name)
        right.plot(gains, theory.lyapunov, color=colour)
        networks = [nz.RateNetwork(W, g, noise=noise) for g in gains[1::2]]
        probes = [nz.Trace(every=20), nz.Lyapunov(discard=20)]
        result = nz.simulate(networks, duration=80, dt=0.05, probes=probes, key=1, warn=False).isel(run=0)
        left.plot(gains[1::2], (result.trace.sel(time=slice(20, None)) ** 2).mean(["time", "unit"]), "o", color=colour)
        right.plot(gains[1::2], result.lyapunov.isel(exponent=0), "o", color=colour)
    right.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    left.set(xlabel="gain $g$", ylabel=r"variance $\langle x^2 \rangle$ of the state", ylim=0)
    right.set(xlabel="gain $g$", ylabel=r"largest exponent $\lambda$ ($1/\tau$)")
    left.legend()

if __name__ == "__main__":
    plt.show()
