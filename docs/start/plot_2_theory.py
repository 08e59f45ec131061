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


def dead_zone(x):
    """Return tanh of the part of x that exceeds ½ in magnitude."""
    return jnp.tanh(x - jnp.clip(x, -0.5, 0.5))


noise = nz.Frozen(1.0)
gains = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]
curve = nz.correlations(dead_zone, gains, noise, 100, simulate=True, networks=10, draws=40)

# %%
# With a size, ``valid`` states where networks of 100 units agree with the theory within 10 %; elsewhere ``reason`` states
# the cause.

names = ["participation_dimension", "simulated_participation_dimension", "simulated_participation_dimension_se", "valid"]
print(curve[names].to_dataframe().round(3).to_string())
print(f"fixed points are stable up to g = {nz.theory.critical_gain(dead_zone, noise):.2f}")

# %%
# The same activation without noise: the largest Lyapunov exponent for N → ∞, which is positive in the chaotic phase.

for gain in (1.5, 3.0):
    theory = nz.theory.mean_field(dead_zone, gain)
    print(f"g = {gain}: exponent {float(theory.lyapunov):.3f}/τ, variance {float(theory.variance):.3f}")

# %%

with nz.plots.style():
    figure, axes = plt.subplots(figsize=(4.5, 3.2), layout="constrained")
    nz.plots.correlation_curve(axes, curve, label="dead zone")
    axes.set(ylabel="participation dimension $D$", ylim=(0, 1.02))

if __name__ == "__main__":
    plt.show()
