"""Two step sizes, and two networks, in one noise
==============================================

A recorded noise is replayed in any network and with any step. In the same Brownian path, Euler's method with shorter
and shorter steps converges to one trajectory; in multiplicative noise the error of short steps scales as √dt (left and
middle). Two runs of a network in the same noise approach each other, whatever their initial states, and a network with
other weights remains correlated with them (right).
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

MU, SIGMA = 0.5, 0.6
stock = nz.networks.Flow(lambda x: MU * x, 1, scale=lambda x: x)  # geometric Brownian motion
path = nz.noise.record(nz.White(SIGMA), 1, duration=1, dt=1 / 512, key=3)


def exact(start, increments, dt):
    """Return the solution at t = 1 from the increments of the noise."""
    return start * np.exp(MU - SIGMA**2 / 2 + increments.sum(0))


steps = [2.0**-k for k in range(3, 9)]
result = nz.analysis.strong_order(stock, nz.White(SIGMA), steps, key=0, start=1.0, exact=exact, trials=500)

noise = nz.noise.record(nz.White(2.0), 100, duration=15, dt=0.05, key=1)
W = [nz.weights.gaussian(100, 0.2, key=k) for k in (0, 1)]
networks = [nz.RateNetwork(weights, noise=noise) for weights in W]
data = nz.simulate(networks, duration=15, dt=0.05, probes=nz.Trace(), key=2, runs=2)
unit = data.trace[..., 0]

with nz.plots.style():
    figure, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    left, middle, right = axes
    for dt in (1 / 8, 1 / 32, 1 / 512):
        run = nz.simulate(stock.with_noise(path), duration=1, dt=dt, probes=nz.Trace(), start=1.0, key=0, warn=False)
        left.plot(run.time, run.trace[0, :, 0], lw=1, label=rf"$\mathrm{{d}}t$ = 1/{round(1 / dt)}")
    left.set(xlabel="time $t$", ylabel="$x$", title="one Brownian path")
    left.legend()
    middle.errorbar(result.dt, result.error, result.error_se, fmt="o", ms=4, color="black")
    middle.plot(result.dt, result.error[-1] * (result.dt / result.dt[-1]) ** 0.5, lw=1, label="order 1/2")
    middle.set(xscale="log", yscale="log", xlabel=r"step $\mathrm{d}t$", ylabel="rms error at $t$ = 1")
    middle.set_title(f"strong order {float(result.order):.2f} ± {float(result.order_se):.2f}")
    middle.legend(loc="lower right")
    for run, label in ((unit[0, 0], "network 1"), (unit[0, 1], "network 1, another start"), (unit[1, 0], "network 2")):
        right.plot(data.time, run, lw=1, label=label)
    right.set(xlabel=r"time $t/\tau$", ylabel="$x_1$", title="three runs in one noise", ylim=(-7, 4))
    right.legend(loc="lower left", fontsize=7)

if __name__ == "__main__":
    plt.show()
