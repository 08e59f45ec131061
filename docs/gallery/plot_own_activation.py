"""An activation of your own
==========================

Any function will do. This one has a dead zone: units answer only to inputs stronger than ½. No formula is known for its
averages, so theory takes them by quadrature; the simulation uses the same function. What the dead zone swallows does
not reach other units: at the same gain, below g ≈ 2.3, the rates fill more dimensions than those of tanh units.
"""

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz


def dead_zone(x):
    """Return tanh of what exceeds ½ on either side."""
    return jnp.tanh(x - jnp.clip(x, -0.5, 0.5))


frozen, gains = nz.Frozen(1.0), np.linspace(0.1, 3, 30)
found = nz.correlations(
    dead_zone, [0.4, 0.8, 1.2], frozen, 100, activity="rate", simulate=True, networks=16, draws=64
).drop_vars("participation_dimension")
x = jnp.linspace(-3, 3, 301)
units = {"tanh": nz.activations.tanh, "dead zone": dead_zone}

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained")
    for (label, phi), colour in zip(units.items(), nz.plots.SERIES, strict=False):
        left.plot(x, phi(x), color=colour, label=label)
        theory = nz.correlations(phi, gains, frozen, activity="rate")
        nz.plots.correlation_curve(right, theory, label=label, colour=colour)
        print(f"{label}: fixed points are stable up to g = {nz.theory.critical_gain(phi, frozen):.3f}")
    nz.plots.correlation_curve(right, found, label="dead zone, N = 100", colour=nz.plots.SERIES[1])
    left.set(xlabel="x", ylabel="φ(x)")
    left.legend()
    right.set(ylabel="dimension of the rates φ(x)", ylim=(0, 1.02))

if __name__ == "__main__":
    plt.show()
