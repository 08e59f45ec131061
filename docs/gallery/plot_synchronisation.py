"""Synchronisation by common noise
===============================

Two trajectories of one network start from different states and receive the same white noise. Without noise they stay
apart (chaos, g = 2); in strong noise they meet, and their distance decays as e^{λt} with the conditional Lyapunov
exponent λ (dashed, mean of the networks). Mean-field theory for N → ∞ predicts λ = 0.112, 0.081, 0.008 and −0.193 at
σ = 0, 0.5, 1 and 2. Networks of 200 units have lower exponents, and differ: one gives 0.07, 0.07, −0.00 and −0.20,
another 0.05, 0.04, −0.06 and −0.23. The mean of eight is 0.056 ± 0.005, 0.048 ± 0.005, −0.031 ± 0.005 and
−0.236 ± 0.008. Rates of two trajectories exist only where their distance becomes small.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain, strengths = 200, 2.0, [0.0, 0.5, 1.0, 2.0]
matrices = [nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(n)) for n in range(8)]
networks = [nz.RateNetwork(W, gain) for W in matrices]
data = nz.analysis.synchronisation(networks, strengths, duration=200, dt=0.05, key=0, warn=False)
summary = nz.analysis.synchronisation_summary(data)

line = np.linspace(0, 2.2, 23)
theory = [float(nz.theory.mean_field(nz.activations.tanh, gain, nz.White(s)).lyapunov) for s in line]
for name in ("lyapunov", "rate"):
    print(
        name, *(f"{m:.3f} ± {e:.3f}" for m, e in zip(summary[name].values, summary[f"{name}_se"].values, strict=True))
    )
print("fraction that meets", summary.synchronised.values, "after", summary.synchronisation_time.values)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    nz.plots.distance_curves(left, data.isel(network=slice(0, 3)), theory=summary)
    left.set_ylim(1e-16, 1e2)
    right.plot(line, theory, color="black", lw=1, label=r"mean field, $N \to \infty$")
    for name, label, shift in (("lyapunov", "tangents", 0.0), ("rate", "two trajectories", 0.03)):
        values, errors = summary[name], summary[f"{name}_se"]
        right.errorbar(summary.noise + shift, values, errors, fmt="o", ms=4, label=f"{label}, $N = {size}$")
    right.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    right.set(xlabel=r"noise $\sigma$", ylabel=r"conditional exponent $\lambda$ ($1/\tau$)")
    right.legend()

if __name__ == "__main__":
    plt.show()
