"""An activation of your own
=========================

Any function can be used as an activation. This one has a dead zone: units respond only to inputs larger than ½ in
magnitude. Its Gaussian averages have no closed form, so that the theory uses quadrature; the simulation uses the
same function. The dead zone reduces the interaction of the units: at the same gain below g ≈ 2.3 the dimension of the
rates is higher than that of tanh units.
"""

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz


def dead_zone(x):
    """Return tanh of the part of x that exceeds ½ in magnitude."""
    return jnp.tanh(x - jnp.clip(x, -0.5, 0.5))


frozen, gains = nz.Frozen(1.0), np.linspace(0.1, 3, 30)
simulated = nz.correlations(
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
    nz.plots.correlation_curve(right, simulated, label="dead zone, $N = 100$", colour=nz.plots.SERIES[1])
    left.set(xlabel="$x$", ylabel=r"$\phi(x)$")
    left.legend()
    right.set(ylabel=r"dimension $D$ of the rates $\phi(x)$", ylim=(0, 1.02))

if __name__ == "__main__":
    plt.show()
