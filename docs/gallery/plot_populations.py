"""Excitation and inhibition: mean field beside simulated networks
==================================================================

Two populations with means and variances of their own, time constants 1 and ½, and a bias. Lines are mean-field theory
for N → ∞, points are means over four networks of 500 units with standard errors. Below the onset of chaos (dotted) all
units rest at fixed points that differ between units; above it they fluctuate, and so do their variances. Exponents of
finite networks are below those of N → ∞.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.ensembles import Blocks

weights = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [400, 100])
populations = nz.networks.Populations(weights, tau=[1.0, 0.5], bias=0.5)
gains, few = np.linspace(0.1, 2.0, 15), [0.4, 0.8, 1.2, 1.6, 2.0]
theory = nz.theory.population_mean_field(populations, gains)
run = {"duration": 70.0, "discard": 20.0, "dt": 0.05}
data = nz.analysis.population_activity(populations, few, simulate=True, networks=4, **run)
onset = float(nz.theory.population_critical_gain(populations).gain)

colours = nz.plots.COLOURS
names = {0: ("excitatory", colours["entropy"]), 1: ("inhibitory", colours["information"])}
with nz.plots.style():
    figure, axes = plt.subplots(1, 3, figsize=(9.2, 2.9), layout="constrained")
    for axis, name, label in zip(axes, ("mean", "variance"), (r"mean $\mu_p$", r"variance $v_p$"), strict=False):
        for p, (kind, colour) in names.items():
            axis.plot(gains, theory[name].sel(population=p), color=colour, lw=1, label=kind)
            values, errors = (data[f"simulated_{name}{end}"].sel(population=p) for end in ("", "_se"))
            axis.errorbar(few, values, errors, fmt="o", ms=4, color=colour)
        axis.set(ylabel=label)
    axes[2].plot(gains, theory.lyapunov, color="black", lw=1, label=r"$N \to \infty$")
    axes[2].errorbar(
        few, data.simulated_lyapunov, data.simulated_lyapunov_se, fmt="o", ms=4, color="black", label=r"$N = 500$"
    )
    axes[2].axhline(0, color="gray", lw=0.6)
    axes[2].set(ylabel=r"$\lambda_{\max}$ ($1/\tau$)")
    for axis in axes:
        axis.axvline(onset, color="gray", lw=0.8, ls=":")
        axis.set(xlabel="gain $g$")
    axes[1].legend()
    axes[2].legend()
