"""Phases of power-law units
=========================

Units with the activation :math:`\\mathrm{sign}(x)\\,|x|^p` in frozen noise. For p < 1 a stationary state exists at any
gain, and its dimension saturates at a positive value, but its fixed points are stable only below the gain at which
χ = 1 (for p ≤ ½ at no gain). For p > 1 they are stable wherever they exist, up to the fold, beyond which activity grows
without bound.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

below, above = np.linspace(0.505, 0.995, 99), np.linspace(1.005, 3, 120)
stable = nz.theory.power_law_phases(below).critical_gain
fold = nz.theory.power_law_phases(above).fold_gain
strong = nz.theory.power_law_phases(np.linspace(0, 0.9, 91))
gains = np.geomspace(0.05, 20, 60)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained")
    left.plot(below, stable, color=nz.plots.COLOURS["information"], label=r"$\chi = 1$")
    left.plot(above, fold, color=nz.plots.COLOURS["black"], label="fold")
    left.axvline(0.5, color=nz.plots.COLOURS["grey"], lw=0.8, ls="--")
    left.axvline(1, ymin=0.5, color=nz.plots.COLOURS["grey"], lw=0.8, ls="--")
    for x, phase in ((0.25, "never\nstable"), (0.75, "un-\nstable"), (1.4, "unbounded")):
        left.text(x, 1.65, phase, ha="center", va="center", fontsize=8)
    left.text(0.95, 0.35, "stable", ha="center", va="center", fontsize=8)
    left.set(xlabel="exponent $p$", ylabel="gain $g$ ($s = 1$)", xlim=(0, 3), ylim=(0, 2))
    left.legend(loc="upper right")
    for p in (0.25, 0.5, 0.75, 1.5):
        curve = nz.correlations(nz.activations.Power(p), gains, nz.Frozen(1.0), activity="rate")
        (line,) = right.plot(gains, curve.participation_dimension, ":", lw=1.1)
        right.plot(
            gains, curve.participation_dimension.where(curve.valid), color=line.get_color(), label=f"$p = {p:g}$"
        )
        if p < 1:
            saturated = nz.theory.power_law_phases(p).rate_dimension
            right.plot(gains[-1], saturated, "<", color=line.get_color(), ms=5, clip_on=False)
    right.set(xscale="log", yscale="log", xlabel="gain $g$", ylabel=r"dimension $D$ of $\phi(x)$", ylim=(1e-4, 1.3))
    right.legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
