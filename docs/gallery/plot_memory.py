"""Memory of the input
===================

Two reservoirs with the same weights: a chaotic network, and the same network with the Onsager term. A linear readout
is fitted to training samples, its ridge parameter is chosen on validation samples, and its score is computed on test
samples. If it is scored on the training samples (dashed), N readout weights fit two sines much better than the memory
of the network justifies.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.analysis import driven_states, memory_curve, random_signal, sines, total_capacity

size, gain, dt, hold = 150, 3.0, 0.02, 25
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
free = nz.RateNetwork(W, gain)
reservoirs = {r"$\gamma = 0$, chaotic": free, r"$\gamma = 1$, frozen": nz.Onsager(free)}
periodic = sines(7100)  # two sines
random = random_signal(1600 * hold, hold, key=jax.random.key(1))  # a new value every half time constant
lags = np.array([1, 2, 5, 10, 20, 30, 40, 50])

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for (name, network), colour in zip(reservoirs.items(), ("entropy", "information"), strict=True):
        style = {"color": nz.plots.COLOURS[colour], "ms": 3.5, "lw": 1.1}
        driven = driven_states(network, periodic, dt, key=jax.random.key(2))
        out_of_sample = memory_curve(driven.states, driven.signal, lags, direction="prediction")
        in_sample = memory_curve(driven.states, driven.signal, lags, direction="prediction", protocol="in-sample")
        left.plot(lags, out_of_sample.memory, "o-", **style)
        left.plot(lags, in_sample.memory, "--", **style)
        driven = driven_states(network, random, dt, every=hold, key=jax.random.key(3))
        capacity = total_capacity(driven.states, driven.signal, 20, washout=400)
        label = f"{name}: capacity {float(capacity.capacity):.1f}"
        right.plot(capacity.lag, capacity.memory, "o-", label=label, **style)
    left.set(
        xlabel=r"lag $\tau$ (steps)",
        ylabel=r"prediction $m(\tau)$",
        title="two sines (dashed: in sample)",
        ylim=(None, 1.05),
    )
    right.set(
        xlabel=r"delay $\tau$ (values)",
        ylabel=r"memory $m(\tau)$",
        title="random values, out of sample",
        xticks=range(0, 21, 5),
    )
    right.legend()

if __name__ == "__main__":
    plt.show()
