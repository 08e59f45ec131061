"""Onset of chaos in simulations and in theory
===========================================

The largest Lyapunov exponent of random networks against the gain, for three networks of 150 units, and for N → ∞ by
dynamical mean-field theory, without noise and with white noise, which shifts the onset to larger gains.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

draw = nz.weights.ensemble("gaussian:150")  # variance 1/N, no self-coupling; one matrix per index
gains = np.array([0.5, 1.0, 1.5, 2.5, 4.0])
fine = np.array([0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 2.8, 4.0])
noise = nz.White(1.0)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, process, colour in ((left, None, "information"), (right, noise, "divergence")):
        simulated = nz.chaos_curve(draw, gains, networks=3, dt=0.1, duration=100, discard=20, noise=process)
        theory = nz.theory.mean_field(nz.activations.tanh, fine, noise=process)
        nz.plots.lyapunov_curve(axes, simulated, label="$N = 150$", colour=colour, theory=theory)
    left.set_title("without noise")
    right.set(title=r"white noise, $\sigma = 1$", ylabel="")
    left.legend(loc="upper left")

if __name__ == "__main__":
    plt.show()
