"""Phases of power laws
=====================

Units that answer with sign(x) |x|^p to frozen noise. For p < 1 there is a state at any gain, and its dimension
saturates above zero, but its fixed points are stable only below the gain where χ = 1 (for p ≤ ½ never). For p > 1 they
are stable as long as there is a state: up to the fold, beyond which activity grows without bound.
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
    left.plot(below, stable, color=nz.plots.COLOURS["information"], label="χ = 1")
    left.plot(above, fold, color=nz.plots.COLOURS["black"], label="fold")
    left.axvline(0.5, color=nz.plots.COLOURS["grey"], lw=0.8, ls="--")
    left.axvline(1, ymin=0.5, color=nz.plots.COLOURS["grey"], lw=0.8, ls="--")
    for x, said in ((0.25, "never\nstable"), (0.75, "un-\nstable"), (1.4, "runaway")):
        left.text(x, 1.65, said, ha="center", va="center", fontsize=8)
    left.text(0.95, 0.35, "stable", ha="center", va="center", fontsize=8)
    left.set(xlabel="exponent p", ylabel="gain g (s = 1)", xlim=(0, 3), ylim=(0, 2))
    left.legend(loc="upper right")
    for p in (0.25, 0.5, 0.75, 1.5):
        found = nz.correlations(nz.activations.Power(p), gains, nz.Frozen(1.0), activity="rate")
        (line,) = right.plot(gains, found.participation_dimension, ":", lw=1.1)
        right.plot(gains, found.participation_dimension.where(found.valid), color=line.get_color(), label=f"p = {p:g}")
        if p < 1:
            saturated = nz.theory.power_law_phases(p).rate_dimension
            right.plot(gains[-1], saturated, "<", color=line.get_color(), ms=5, clip_on=False)
    right.set(xscale="log", yscale="log", xlabel="gain g", ylabel="dimension of φ(x)", ylim=(1e-4, 1.3))
    right.legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
