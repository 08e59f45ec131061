"""The spectrum of a flow
======================

At a state: eigenvalues of the Jacobian, complex for a chaotic network, real and almost all negative for the same one
with the Onsager term, whose Jacobian is minus a Hessian. Along the way: all Lyapunov exponents, the dimension of the
attractor that follows from them (Kaplan & Yorke), and their sum, which is the mean divergence of the flow.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain = 80, 4.0
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(4))
free = nz.RateNetwork(W, gain)
state = "normal"  # the frozen network goes on where the chaotic one ends

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for network, name, dt, colour in (
        (free, "γ = 0", 0.05, "entropy"),
        (nz.Onsager(free), "γ = 1", 0.01, "information"),
    ):
        length = {"duration": 2500 * dt, "discard": 1000 * dt, "dt": dt}
        found = nz.lyapunov_spectrum(network, size, **length, start=state, key=jax.random.key(1))
        state = found.final.values
        nz.plots.eigenvalues(left, nz.analysis.spectrum(network, state), colour=colour, label=name)
        label = f"{name}, λ₁ = {float(found.lyapunov[0]):.2f}"
        if found.entropy > 0.1:  # the dimension of a strange attractor
            label += f", D = {float(found.kaplan_yorke):.1f}"
        right.plot((np.arange(size) + 1) / size, found.lyapunov, ".-", ms=3, lw=0.8, label=label.replace("-", "−"))
        total, local = float(found.lyapunov.sum()), float(nz.analysis.divergence(network, state))
        print(f"{name}: Σ λ = {total:.1f}, divergence at the end {local:.1f}")
    left.set_title("eigenvalues of the Jacobian (1/τ)")
    left.legend(markerscale=3, loc="lower left")
    right.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    right.set_yscale("symlog", linthresh=1)
    right.set(xlabel="i/N", ylabel="Lyapunov exponent λᵢ (1/τ)")
    right.legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
