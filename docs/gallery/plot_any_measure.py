"""Any measure on a trained network
===============================

A trained network is a rate network like any other: what was made for random ones works on it. Here the largest
Lyapunov exponents of a network trained on delayed match to sample (none is positive: it may remember for long, but it
is not chaotic), the same with the Onsager reaction term, and how many dimensions its noise fills.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

trained = example(10)
network = trained.network  # time in ms
quiet = network.with_noise(None)
key = jax.random.key(0)
exponents = {
    "free": nz.lyapunov_spectrum(quiet, 10, dt=1.0, duration=5000, discard=2000, key=key, warn=False),
    "with the Onsager term": nz.lyapunov_spectrum(
        nz.Onsager(quiet), 10, dt=0.1, duration=300, discard=100, key=key, warn=False
    ),
}
run = nz.simulate(network, 2000, nz.Covariance(), dt=trained.dt, start=0.0, key=key, warn=False).isel(run=0)
dimension = float(nz.participation_dimension(run.covariance.values))
print(f"noise fills {dimension * network.size:.1f} dimensions of {network.size}")

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3), layout="constrained")
    for name, found in exponents.items():
        left.plot(np.arange(1, 11), 1000 * np.sort(np.ravel(found.lyapunov))[::-1], "o-", ms=4, label=name)
    left.axhline(0, color="black", lw=0.6)
    left.set(xlabel="number", ylabel="Lyapunov exponent (1/s)")
    left.legend()
    values = np.linalg.eigvalsh(run.covariance.values)[::-1]
    right.semilogy(np.arange(1, 51), values[:50], ".-")
    right.set(xlabel="number", ylabel="eigenvalue of the covariance", title=f"D = {dimension * network.size:.1f}")

if __name__ == "__main__":
    plt.show()
