"""Dimension of activity against the gain
======================================

Random networks in frozen noise: theory for N → ∞ as lines, 16 networks of 100 tanh units as points. Linear networks
become unstable at g = 1. With a nonlinearity the dimension D is positive at all gains. Lines are dotted for χ > 1,
where the fixed points are unstable and the activity is time-dependent although the noise is constant.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

frozen, gains = nz.Frozen(1.0), np.linspace(0.02, 2.5, 63)
units = {"linear": nz.activations.linear, "tanh": nz.activations.tanh, "x/(1 + x²/3)": nz.activations.Pade(1 / 3, 0.0)}
some = [0.25, 0.5, 0.75, 1.0, 1.25]
simulated = nz.correlations(units["tanh"], some, frozen, 100, simulate=True, networks=16, draws=64)
points = simulated.drop_vars(["participation_dimension", "variance"])  # the theory is plotted below at more gains

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    for panel, name in zip(axes, ("participation_dimension", "variance"), strict=True):
        for (label, phi), colour in zip(units.items(), nz.plots.SERIES, strict=False):
            nz.plots.correlation_curve(panel, nz.correlations(phi, gains, frozen), name, label=label, colour=colour)
        nz.plots.correlation_curve(panel, points, name, label="tanh, $N = 100$", colour=nz.plots.SERIES[1])
    axes[0].set(ylim=(0, 1.02))
    axes[1].set(ylim=(0, 6))
    axes[0].legend()

for label, phi in units.items():
    print(f"{label}: fixed points are stable up to g = {nz.theory.critical_gain(phi, frozen):.3f}")

if __name__ == "__main__":
    plt.show()
