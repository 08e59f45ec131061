"""Recurrence resonance of a rate network
=======================================

FINDING
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

steps, runs, dt = 3000, 10, 0.1  # pairs of states in a run
weights = {"Hopfield": nz.weights.hopfield([24, 7], 10), "NRooks": nz.weights.nrooks(20)}
noise = np.concatenate([[0.0], np.geomspace(1, 100, 13)])  # per step, or of a leaky unit without coupling


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
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, (name, W) in zip(panels, weights.items(), strict=True):
        for (kind, result), colour in zip(curves(W).items(), ("information", "entropy"), strict=True):
            mean, error = result.information.mean(1), result.information.std(1, ddof=1) / runs**0.5
            axes.errorbar(noise, mean, error, fmt="o-", ms=3.5, lw=1.1, color=nz.plots.COLOURS[colour], label=kind)
            best = int(mean.argmax())
            print(f"{name}, {kind}: I = {mean[best]:.2f} ± {error[best]:.2f} bit at s = {noise[best]:.1f}")
            print(f"  without noise {mean[0]:.2f} ± {error[0]:.2f}")
        axes.set(xscale="symlog", xlabel="noise strength $s$", title=name, ylim=0)
    panels[0].set_ylabel("information $I$ of successive states (bit)")
    panels[0].legend()

if __name__ == "__main__":
    plt.show()
