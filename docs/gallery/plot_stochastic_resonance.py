"""Stochastic resonance of a weak signal
=====================================

A signal that is too weak to move a network between its states is transmitted best in noise of intermediate strength.
In a pair of binary units with two stable states, the exact signal-to-noise ratio and the exact spectral amplification
agree with simulations (points). The amplification is largest where the rate of switching matches the signal, so that
a slow signal is amplified most, at the weakest noise. The correlation with an aperiodic signal has a maximum as well,
while that of a linear system decreases with the noise.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.analysis import Sinusoid, stochastic_resonance

pair = nz.Boltzmann([[0.0, 6.0], [6.0, 0.0]])
strengths, few = np.geomspace(1.5, 25, 60), np.array([3.0, 5.0, 8.0, 14.0])
periods = {32: "entropy", 128: "divergence", 512: "information"}
unit = nz.networks.Flow(lambda x: -x, 1)
bistable = nz.networks.Flow(lambda x: x - x**3, 1)
aperiodic = {"linear system": unit, "double well": bistable}

with nz.plots.style():
    figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.2), layout="constrained")
    for period, colour in periods.items():
        signal, style = Sinusoid(1.0, period), {"colour": nz.plots.COLOURS[colour]}
        exact = stochastic_resonance(pair, signal, strengths)
        points = stochastic_resonance(pair, signal, few, estimator="simulated", runs=20, key=1)
        for axes, name in zip(panels, ("snr_db", "amplification"), strict=False):
            nz.plots.response_curve(axes, exact, name, label=f"period {period}", **style)
            axes.errorbar(few, points[name], points[f"{name}_se"], fmt="o", ms=3.5, color=style["colour"])
        best = exact.isel(noise=int(np.argmax(exact.amplification.values)))
        print(f"period {period}: η = {float(best.amplification):.2f} at σ = {float(best.noise):.1f}")
    for (name, network), colour in zip(aperiodic.items(), ("entropy", "information"), strict=True):
        slow = nz.OrnsteinUhlenbeck(0.1, tau=20.0)
        noise = [0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.3]
        curve = stochastic_resonance(network, slow, noise, duration=4000, dt=0.02, runs=10, key=2)
        nz.plots.response_curve(panels[2], curve, "correlation", colour=colour, label=name)
    for axes in panels[:2]:
        axes.set_xscale("log")
        axes.set_xticks([2, 5, 10, 20], ["2", "5", "10", "20"])
        axes.minorticks_off()
    panels[1].legend()
    panels[2].legend()
    panels[2].set_ylim(0, None)

if __name__ == "__main__":
    plt.show()
