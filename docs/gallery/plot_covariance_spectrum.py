"""Principal components of noise
=============================

Over long windows, the covariance of the rates of 100 tanh units in white and coloured noise is that of a linear
network: its eigenvalues, the variances of the principal components, follow the law of Hu and Sompolinsky, with the
effective gain √ν = g ⟨φ'⟩ instead of g. The gain of 1.3 exceeds the limit of stability of linear networks.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain, window, windows, runs = 100, 1.3, 75, 160, 8
noise = nz.White(0.8) + nz.OrnsteinUhlenbeck(0.6, 2.0)
W = nz.weights.gaussian(size, size**-0.5, key=jax.random.key(0))
network = nz.RateNetwork(W, gain, noise=noise)
probe = nz.Covariance(every=window, window=window, discard=100, of="rate")
# the theory is for the same Euler step
result = nz.simulate(network, window * windows + 100, probe, key=jax.random.key(1), dt=0.2, runs=runs, warn=False)
variances = nz.covariance_spectrum(result.second_moment.mean("run"))  # the mean is zero, as tanh is odd

theory = nz.theory.correlations(nz.activations.tanh, gain, noise, activity="rate", covariance="long-window", dt=0.2)
g = float(theory.effective_gain)
inner = (1 - g**2) * float(theory.variance)  # variance without the amplification by the network


def law(x: np.ndarray, g: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the density and its two edges for linear units in noise of variance 1 (Hu & Sompolinsky, 2022)."""
    edges = (2 + 5 * g**2 - g**4 / 4 + np.array([-1, 1]) / 4 * g * (8 + g**2) ** 1.5) / (2 * (1 - g**2) ** 3)
    root = np.sqrt(np.maximum((1 - g**2) ** 3 * x * (edges[1] - x) * (x - edges[0]) / 3, 0))
    inside = [sign * np.cbrt((1 + g**2 / 2) * x - 1 / 9 + sign * root) for sign in (1, -1)]
    return 3 ** (1 / 6) / (2 * np.pi * g**2 * x**2) * sum(inside), edges


edges = law(np.ones(1), g)[1]
x = np.geomspace(edges[0] * 1.0001, edges[1] * 0.9999, 400)
with nz.plots.style():
    figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    axes.hist(np.log10(variances), bins=16, density=True, color=nz.plots.COLOURS["sky"], label=f"{size} units")
    axes.plot(
        np.log10(inner * x), law(x, g)[0] * x * np.log(10), color="black", label=rf"theory, $\sqrt{{\nu}} = {g:.2f}$"
    )
    axes.set(xlabel=r"$\log_{10}$ of the eigenvalue of $C$", ylabel="density")
    axes.legend()

if __name__ == "__main__":
    plt.show()
