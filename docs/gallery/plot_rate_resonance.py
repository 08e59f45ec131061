"""Recurrence resonance of a rate network
======================================

White noise increases the information of successive states in a rate network, whose signs are observed every time
constant, as it does in the Boltzmann network of the same weights: for Hopfield weights from 0 to 1.00 ± 0.03 bit
(Boltzmann: 1.30 ± 0.01), at nearly the same strength. With NRooks weights, for which the rate network passes through
fewer states, the increase is smaller, from 2.00 to 2.34 ± 0.03 bit (from 3.00 to 4.71 ± 0.01). At s = 60 the rate
network still has 0.3 bit because of its leak.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

steps, runs, dt = 3000, 10, 0.1  # pairs of states in a run
weights = {"Hopfield": nz.weights.hopfield([24, 7], 10), "NRooks": nz.weights.nrooks(20)}
noise = np.concatenate([[0.0], np.geomspace(2, 60, 16)])  # per step, or of an uncoupled unit


def curves(W):
    """Return the information of successive states of both networks of one matrix, for each strength and run."""
    binary = [nz.Boltzmann(W, noise=nz.White(s)) for s in noise]
    rate = [nz.RateNetwork(W, noise=nz.White(2**0.5 * s)) for s in noise]  # variance σ²τ/2 = s²
    start = nz.codes.decode(24, 5)
    counts = {
        "Boltzmann": nz.simulate(binary, steps, nz.JointStates(), start=24, runs=runs, key=1),
        "rate": nz.simulate(
            rate, steps * 10, nz.JointStates(every=10), dt=dt, start=start, runs=runs, key=2, warn=False
        ),
    }
    return {name: nz.analysis.plug_in(result.joint_states.values, "miller-madow") for name, result in counts.items()}


with nz.plots.style():
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for axes, (name, W) in zip(panels, weights.items(), strict=True):
        for (kind, result), colour in zip(curves(W).items(), ("information", "entropy"), strict=True):
            mean, error = result.information.mean(1), result.information.std(1, ddof=1) / runs**0.5
            axes.errorbar(noise, mean, error, fmt="o-", ms=3.5, lw=1.1, color=nz.plots.COLOURS[colour], label=kind)
            best = int(mean.argmax())
            print(f"{name}, {kind}: I = {mean[best]:.2f} ± {error[best]:.2f} bit at s = {noise[best]:.1f}")
            print(f"  without noise {mean[0]:.2f} ± {error[0]:.2f}")
        axes.set_xscale("symlog", linthresh=2)
        axes.set(xlabel="noise strength $s$", title=name, ylim=(0, None), xticks=[0, 2, 5, 10, 20, 50])
        axes.set_xlim(-0.1, None)
        axes.xaxis.set_major_formatter("{x:g}")
    panels[0].set_ylabel("information $I$ of successive states (bit)")
    panels[0].legend()

if __name__ == "__main__":
    plt.show()
