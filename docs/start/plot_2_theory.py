"""Theory beside simulation for my activation
==========================================

How are the units of a large random network in noise correlated, and what is the dimension of their activity? One call
answers by theory, for N → ∞ and with corrections for N units, and in simulations without bias.
"""

import jax.numpy as jnp
import matplotlib.pyplot as plt

import noisette as nz

# %%
# An activation is any function of arrays, and noise is frozen, white, coloured, or a sum of these.


def softsign(x):
    """Return x/(1 + |x|)."""
    return x / (1 + jnp.abs(x))


noise, gains = nz.Frozen(1.0), [0.5, 0.75, 1.0, 1.25, 1.5]
curve = nz.correlations(softsign, gains, noise, 100, simulate=True, networks=10, draws=40)

# %%
# ``valid`` states where networks of 100 units agree with the theory within 10 %; elsewhere ``reason`` gives the cause.

for g, point in curve.groupby("gain"):
    D, simulated = point.participation_dimension.item(), point.simulated_participation_dimension.item()
    error, verdict = point.simulated_participation_dimension_se.item(), point.reason.item() or "valid"
    print(f"g = {g}: D = {D:.3f} by theory, {simulated:.3f} ± {error:.3f} simulated; {verdict}")
print(f"fixed points are stable up to g = {nz.theory.critical_gain(softsign, noise):.2f}")

# %%
# The same activation without noise: the largest Lyapunov exponent for N → ∞, which is positive in the chaotic phase.

for g in (1.5, 3.0):
    chaos = nz.theory.mean_field(softsign, g)
    print(f"g = {g}: exponent {float(chaos.lyapunov):.3f}/τ, variance {float(chaos.variance):.3f}")

# %%

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(4.5, 3.2), layout="constrained")
    nz.plots.correlation_curve(axes, curve, label="softsign")
    axes.set(ylabel="participation dimension $D$", ylim=(0, 1.02))

if __name__ == "__main__":
    plt.show()
