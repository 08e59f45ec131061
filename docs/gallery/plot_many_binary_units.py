"""Entropy production and information of many binary units
========================================================

Random binary networks with independent weights of mean g J₀/N and standard deviation g ΔJ/√N. Lines are mean-field
theory for N → ∞, points are means over finite networks with standard errors. Left, J₀ = 1, ΔJ = ½: entropy production
per unit peaks where the units become magnetised (dotted), at β = g/2. Below this transition finite networks produce
less entropy. Right, J₀ = 0, ΔJ = 1: the information of successive states per unit (solid) is less than the mean
information of one unit about the preceding state of all (dashed), since the fields of the units are correlated.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

beta, gains = np.linspace(0.1, 2.0, 39), np.linspace(0.25, 6.0, 24)
theory, disordered = nz.theory.binary_mean_field(2 * beta, mean=1.0, std=0.5), nz.theory.binary_mean_field(gains)
few = np.array([0.2, 0.4, 0.8, 1.0, 1.2, 1.6, 2.0])

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.2), layout="constrained")
    left.plot(beta, np.log(2) * theory.entropy_production, color="black", lw=1, label=r"$N \to \infty$")
    for size in (32, 128):
        data = nz.analysis.binary_ensemble(2 * few, size, 1.0, 0.5, networks=24, steps=300, every=2)
        mean, error = (np.log(2) * data[f"entropy_production{end}"] for end in ("", "_se"))
        left.errorbar(few, mean, error, fmt="o", ms=4, label=f"$N = {size}$")
    left.axvline(nz.theory.binary_critical_gain(1.0, 0.5) / 2, color="gray", lw=0.8, ls=":")
    left.set(xlabel=r"$\beta$", ylabel="entropy production per unit (nat)")
    right.plot(gains, disordered.information, color="black", lw=1, label=r"$I/N$, $N \to \infty$")
    right.plot(gains, disordered.unit_information, color="black", lw=1, ls="--", label="one unit about all")
    exact = nz.analysis.binary_ensemble(gains[3::4], 7, method="exact", networks=60)
    right.errorbar(gains[3::4], exact.information, exact.information_se, fmt="o", ms=4, label="$I/N$, $N = 7$, exact")
    right.set(xlabel="gain $g$", ylabel="information (bit)")
    for axes in (left, right):
        axes.legend()

if __name__ == "__main__":
    plt.show()
