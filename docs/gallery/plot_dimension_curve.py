"""How many dimensions does activity fill?
========================================

Random networks in frozen noise against the gain: theory for N → ∞ as lines, fixed points of 16 networks of 100 units as
points. Linear units are lost at g = 1. With a nonlinearity the dimension D stays above zero at all gains. Lines are
dotted where χ > 1: there the fixed points are unstable, and the network moves although its noise does not.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

frozen, gains = nz.Frozen(1.0), np.linspace(0.02, 2.5, 63)
units = {"linear": nz.activations.linear, "tanh": nz.activations.tanh, "x/(1 + x²/3)": nz.activations.Pade(1 / 3, 0.0)}

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    for (label, phi), colour in zip(units.items(), nz.plots.SERIES, strict=False):
        last = nz.theory.critical_gain(phi, frozen)
        theory = nz.correlations(phi, gains, frozen)
        found = nz.simulated_correlations(phi, last * np.array([0.15, 0.4, 0.65]), frozen, 100, networks=16, draws=64)
        points = found.rename({name: f"simulated_{name}" for name in found.data_vars})
        for panel, name in zip(axes, ("participation_dimension", "variance"), strict=True):
            nz.plots.correlation_curve(panel, theory, name, label=label, colour=colour)
            nz.plots.correlation_curve(panel, points, name, colour=colour)
        print(f"{label}: fixed points are stable up to g = {last:.3f}")
    axes[0].set(ylim=(0, 1.02))
    axes[1].set(ylim=(0, 6))
    axes[0].legend()

if __name__ == "__main__":
    plt.show()
