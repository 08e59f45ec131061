"""How many dimensions does activity fill?
========================================

Random networks in frozen noise against the gain: theory for N → ∞ as lines, 16 networks of 100 tanh units as points.
Linear units are lost at g = 1. With a nonlinearity the dimension D stays above zero at all gains. Lines are dotted
where χ > 1: there the fixed points are unstable, and the network moves although its noise does not.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

frozen, gains = nz.Frozen(1.0), np.linspace(0.02, 2.5, 63)
units = {"linear": nz.activations.linear, "tanh": nz.activations.tanh, "x/(1 + x²/3)": nz.activations.Pade(1 / 3, 0.0)}
some = [0.25, 0.5, 0.75, 1.0, 1.25]
found = nz.correlations(units["tanh"], some, frozen, 100, simulate=True, networks=16, draws=64)
points = found.drop_vars(["participation_dimension", "variance"])  # those of theory, drawn below at more gains

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    for panel, name in zip(axes, ("participation_dimension", "variance"), strict=True):
        for (label, phi), colour in zip(units.items(), nz.plots.SERIES, strict=False):
            nz.plots.correlation_curve(panel, nz.correlations(phi, gains, frozen), name, label=label, colour=colour)
        nz.plots.correlation_curve(panel, points, name, label="tanh, N = 100", colour=nz.plots.SERIES[1])
    axes[0].set(ylim=(0, 1.02))
    axes[1].set(ylim=(0, 6))
    axes[0].legend()

for label, phi in units.items():
    print(f"{label}: fixed points are stable up to g = {nz.theory.critical_gain(phi, frozen):.3f}")

if __name__ == "__main__":
    plt.show()
