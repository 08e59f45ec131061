"""Where chaos begins, simulated and in theory
===========================================

The largest Lyapunov exponent of random networks against the gain, for three networks of 150 units, and in the limit
of many units by dynamical mean-field theory. White noise, too, has its theory: it delays the onset.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

draw = nz.weights.family("gaussian:150")  # variance 1/N, no self-coupling, a new one for each number
gains = np.array([0.5, 1.0, 1.5, 2.5, 4.0])
fine = np.array([0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 2.8, 4.0])
noise = nz.White(1.0)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
    for axes, process, colour in ((left, None, "information"), (right, noise, "divergence")):
        found = nz.chaos_curve(draw, gains, networks=3, dt=0.1, duration=100, discard=20, noise=process)
        theory = nz.theory.mean_field(nz.activations.tanh, fine, noise=process)
        nz.plots.lyapunov_curve(axes, found, label="N = 150", colour=colour, theory=theory)
    left.set_title("no noise")
    right.set(title="white noise, σ = 1", ylabel="")
    left.legend(loc="upper left")

if __name__ == "__main__":
    plt.show()
