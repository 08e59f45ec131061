"""Jacobian and Lyapunov spectra
=============================

Left: eigenvalues of the Jacobian at a state, which are complex for a chaotic network, and real and almost all negative
for the same network with the Onsager term, whose Jacobian is minus a Hessian. Right: all Lyapunov exponents along a
trajectory, and the Kaplan–Yorke dimension of the attractor. The sum of the exponents is the mean divergence of the
flow.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain = 80, 4.0
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(4))
free = nz.RateNetwork(W, gain)
state = "normal"  # the frozen network starts from the final state of the chaotic network

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for network, gamma, dt, colour in (
        (free, 0, 0.05, "entropy"),
        (nz.Onsager(free), 1, 0.01, "information"),
    ):
        length = {"duration": 2500 * dt, "discard": 1000 * dt, "dt": dt}
        result = nz.lyapunov_spectrum(network, size, **length, start=state, key=jax.random.key(1))
        state = result.final.values
        nz.plots.eigenvalues(left, nz.analysis.spectrum(network, state), colour=colour, label=rf"$\gamma = {gamma}$")
        label = rf"$\gamma = {gamma}$, $\lambda_1 = {float(result.lyapunov[0]):.2f}$"
        if result.entropy > 0.1:  # the dimension of a strange attractor
            label += rf", $D_\mathrm{{KY}} = {float(result.kaplan_yorke):.1f}$"
        right.plot((np.arange(size) + 1) / size, result.lyapunov, ".-", ms=3, lw=0.8, label=label)
        total, local = float(result.lyapunov.sum()), float(nz.analysis.divergence(network, state))
        print(f"γ = {gamma}: Σ λ = {total:.1f}, divergence at the end {local:.1f}")
    left.set_title(r"eigenvalues of the Jacobian")
    left.legend(markerscale=3, loc="lower left")
    right.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    right.set_yscale("symlog", linthresh=1)
    right.set(xlabel="$i/N$", ylabel=r"Lyapunov exponent $\lambda_i$ ($1/\tau$)")
    right.legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
