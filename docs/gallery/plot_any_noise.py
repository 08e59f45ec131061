"""Combinations of noises
======================

Noises can be added, scaled and gated in time. A network can be solved exactly in memoryless Gaussian noise, and
simulated in any noise.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

weights = nz.weights.autapses(10)
noises = {
    "independent": nz.White(1.0),
    "shared by all units": nz.Common(1.0),
    "on two units only": nz.White([1.0, 1.0, 0.0, 0.0, 0.0]),
    "independent and shared": nz.White(0.7) + 0.7 * nz.Common(1.0),
}
noise = np.linspace(0, 16, 9)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for name, process in noises.items():
        curve = nz.resonance(nz.Boltzmann(weights, noise=process), noise, steps=1000)
        # a shared part hardly changes the effect of independent noise, whose curve is wide to be seen below the other
        width = 4 if name == "independent" else 1.6
        left.plot(noise, curve.information, "--" if "and" in name else "-", lw=width, label=name)
    left.set(xlabel="noise strength $r$", ylabel="information $I$ (bit)", ylim=(0, 5.2))
    left.legend()

    burst = nz.Pulse(20.0, start=40, duration=5) + nz.Gated(nz.White(6.0), 100, 150)
    network = nz.Boltzmann(weights, noise=burst)
    trace = nz.simulate(network, 200, nz.Trace(), key=jax.random.key(1)).trace[0]
    right.imshow(trace.values.T, aspect="auto", cmap="Greys", interpolation="nearest")
    right.set(xlabel="step", ylabel="unit", title="pulse at step 40, noise from step 100 to 150")

if __name__ == "__main__":
    plt.show()
