"""Gradient dynamics at a temperature
==================================

At γ = 1 and in white noise, a network with the Onsager term obeys gradient dynamics at temperature T. Harmonic theory
with the Hessian H at a minimum, C = T/H, predicts the same dimension D at all T. For g = 0.6 it holds up to T = 10⁻²:
0.407 ± 0.010 simulated, 0.379 predicted, and 0.98 of the predicted variance. For g = 1.5, where the slowest rate is
4·10⁻⁴, it fails above T = 10⁻⁴ (0.94 of the variance). At higher T the saturation of tanh confines the soft modes: D
approaches 1, while the variance falls to 0.64 and 0.02 of the prediction. These are one network and one minimum each.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, runs, temperatures = 60, 16, np.geomspace(1e-5, 10, 7)
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
random = np.random.default_rng(0)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for gain, colour in ((0.6, "entropy"), (1.5, "information")):
        frozen = nz.Onsager(nz.RateNetwork(W, gain))
        start = random.normal(size=size) if gain > 1 else np.zeros(size)
        minimum = nz.analysis.slow_points(frozen, start).state.values[0]
        rates, modes = np.linalg.eigh(-np.asarray(nz.analysis.jacobian(frozen, minimum)))  # of the Hessian H
        theory = (modes / rates) @ modes.T  # C = T/H solves the Lyapunov equation H C + C H = 2 T
        dimensions, errors, variances = [], [], []
        for T in temperatures:
            noisy = frozen.with_noise(nz.White((2 * T) ** 0.5))
            starts = minimum + (random.normal(size=(runs, size)) * (T / rates) ** 0.5) @ modes.T
            probe = nz.Covariance(every=25, discard=2500)
            run = nz.simulate(noisy, duration=800, dt=0.02, start=starts, runs=runs, probes=probe, key=1, warn=False)
            m, second = run["mean"].values, run.second_moment.values

            def dimension(kept, m=m, second=second):
                mean = m[kept].mean(0)
                return nz.participation_dimension(second[kept].mean(0) - np.outer(mean, mean))

            left_out = np.array([dimension(np.arange(runs) != n) for n in range(runs)])
            errors.append(((runs - 1) * left_out.var()) ** 0.5)  # jackknife
            dimensions.append(dimension(np.arange(runs)))
            total = np.trace(second.mean(0)) - (m.mean(0) ** 2).sum()
            variances.append(total / (T * np.trace(theory)))
        harmonic = nz.participation_dimension(theory)
        colour = nz.plots.COLOURS[colour]
        left.errorbar(temperatures, dimensions, errors, fmt="o-", ms=3.5, lw=1.1, color=colour, label=f"$g = {gain}$")
        left.axhline(harmonic, color=colour, ls="--", lw=0.9)
        right.semilogx(temperatures, variances, "o-", ms=3.5, lw=1.1, color=colour)
        print(f"g = {gain}: slowest rate {rates[0]:.4f}, harmonic D {harmonic:.3f}")
        print("  D", np.round(dimensions, 3), "±", np.round(errors, 3), "variance", np.round(variances, 2))
    left.set(xscale="log", xlabel="temperature $T$", ylabel="dimension $D$", ylim=0)
    left.legend(title="dashed: harmonic")
    right.axhline(1, color="black", lw=0.8, ls="--")
    right.set(xlabel="temperature $T$", ylabel="variance / harmonic variance", ylim=(0, 1.2))

if __name__ == "__main__":
    plt.show()
