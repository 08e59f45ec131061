"""Noise that suppresses chaos
===========================

Above g = 1 a random network is chaotic. White noise stronger than σ_c(g) makes the largest Lyapunov exponent negative:
all trajectories in the same noise meet. The line is mean-field theory for N → ∞, with σ_c = (4/3)^¼ (g − 1) close to
g = 1 (dashed). Points are means of five networks with standard errors. Networks of 100 and 300 units need less noise
than theory predicts, since their exponents are lower. From g = 3 on, the difference decreases with N; at
lower gains some of these networks are not chaotic even without noise, and count as zero.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

gains = np.linspace(1, 4, 16)
theory = [nz.theory.critical_noise(nz.activations.tanh, float(g)) for g in gains]

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    axes.plot(gains, theory, color="black", lw=1, label=r"mean field, $N \to \infty$")
    axes.plot(gains, (4 / 3) ** 0.25 * (gains - 1), color="black", lw=0.8, ls="--", label=r"$(4/3)^{1/4}\,(g - 1)$")
    for size in (100, 300):
        matrices = [nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(n)) for n in range(5)]
        means, errors, simulated = [], [], (1.5, 2.0, 3.0, 4.0)
        for gain in simulated:
            expected = nz.theory.critical_noise(nz.activations.tanh, gain)
            networks = [nz.RateNetwork(W, gain) for W in matrices]
            strengths = expected * np.array([0.0, 0.5, 0.75, 1.0, 1.25])
            times = {"duration": 150, "discard": 50, "dt": 0.05}
            data = nz.analysis.simulated_critical_noise(networks, strengths, key=1, warn=False, **times)
            means.append(float(data.mean_critical_noise))
            errors.append(float(data.mean_critical_noise_se))
        axes.errorbar(simulated, means, errors, fmt="o", ms=4, label=f"$N = {size}$")
        print(f"N = {size}:", *(f"{m:.2f} ± {e:.2f}" for m, e in zip(means, errors, strict=True)))
    axes.set(xlabel="gain $g$", ylabel=r"critical noise $\sigma_\mathrm{c}$", ylim=(-0.1, None))
    axes.legend()

if __name__ == "__main__":
    plt.show()
