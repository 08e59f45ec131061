"""Any measure on a trained network
================================

A trained network is a rate network, to which all measures for random networks apply. The figure shows the largest
Lyapunov exponents of a network trained on delayed match to sample, without and with the Onsager reaction term, and the
spectrum of its covariance in noise. No exponent is positive: the network is not chaotic.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

trained = example(10)
network = trained.network  # time in ms
noiseless = network.with_noise(None)
key = jax.random.key(0)
exponents = {
    "without the Onsager term": nz.lyapunov_spectrum(
        noiseless, 10, dt=1.0, duration=5000, discard=2000, key=key, warn=False
    ),
    "with the Onsager term": nz.lyapunov_spectrum(
        nz.Onsager(noiseless), 10, dt=0.1, duration=300, discard=100, key=key, warn=False
    ),
}
run = nz.simulate(network, 2000, nz.Covariance(), dt=trained.dt, start=0.0, key=key, warn=False).isel(run=0)
dimension = float(nz.participation_dimension(run.covariance.values))
print(f"dimension of the activity in noise: {dimension * network.size:.1f} of {network.size}")

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3), layout="constrained")
    for name, spectrum in exponents.items():
        left.plot(np.arange(1, 11), 1000 * np.sort(np.ravel(spectrum.lyapunov))[::-1], "o-", ms=4, label=name)
    left.axhline(0, color="black", lw=0.6)
    left.set(xlabel="index", ylabel="Lyapunov exponent (1/s)")
    left.legend()
    values = np.linalg.eigvalsh(run.covariance.values)[::-1]
    right.semilogy(np.arange(1, 51), values[:50], ".-")
    right.set(xlabel="index", ylabel="eigenvalue of the covariance", title=f"$N D = {dimension * network.size:.1f}$")

if __name__ == "__main__":
    plt.show()
