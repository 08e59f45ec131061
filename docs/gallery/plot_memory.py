"""What a network remembers of its input
=====================================

Two reservoirs on the same weights: a chaotic one, and the same with the Onsager term. A linear readout is fitted to
some samples, its ridge is chosen on others, and its score taken on samples that it has never seen. Scored on the
samples that it was fitted to (dashed), N weights fit two sines much better, whatever the network knows of them.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.analysis import driven_states, memory_curve, random_signal, sines, total_capacity

size, gain, dt, hold = 150, 3.0, 0.02, 25
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
free = nz.RateNetwork(W, gain)
reservoirs = {"γ = 0, chaotic": free, "γ = 1, frozen": nz.Onsager(free)}
periodic = sines(7100)  # two sines
random = random_signal(1600 * hold, hold, key=jax.random.key(1))  # a new value every half time constant
lags = np.array([1, 2, 5, 10, 20, 30, 40, 50])

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for (name, network), colour in zip(reservoirs.items(), ("entropy", "information"), strict=True):
        look = {"color": nz.plots.COLOURS[colour], "ms": 3.5, "lw": 1.1}
        heard = driven_states(network, periodic, dt, key=jax.random.key(2))
        honest = memory_curve(heard.states, heard.signal, lags, direction="prediction")
        in_sample = memory_curve(heard.states, heard.signal, lags, direction="prediction", protocol="in-sample")
        left.plot(lags, honest.memory, "o-", **look)
        left.plot(lags, in_sample.memory, "--", **look)
        heard = driven_states(network, random, dt, every=hold, key=jax.random.key(3))
        found = total_capacity(heard.states, heard.signal, 20, washout=400)
        right.plot(found.lag, found.memory, "o-", label=f"{name}: capacity {float(found.capacity):.1f}", **look)
    left.set(xlabel="τ (steps)", ylabel="prediction m(τ)", title="two sines (dashed: in sample)", ylim=(None, 1.05))
    right.set(xlabel="τ (values)", ylabel="memory m(τ)", title="random values, out of sample", xticks=range(0, 21, 5))
    right.legend()

if __name__ == "__main__":
    plt.show()
