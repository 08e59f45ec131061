"""Noise against chaos
===================

Any noise goes into any network. Here four kinds enter one chaotic rate network, each at the strength that gives a
unit alone a standard deviation s. All of them end the chaos (λ < 0) in the end, white noise on every unit soonest,
noise that two channels share or that never changes latest; and only the frozen kind also holds the units still.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain, correlation = 100, 3.0, 5.0
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
network = nz.RateNetwork(W, gain)

heard = nz.weights.gaussian(size, 0.5**0.5, key=jax.random.key(1))[:, :2]  # two signals through a matrix
noises = {  # a leaky unit turns white noise σ into a variance of σ²/2, and so forth
    "white": nz.White(2**0.5),
    f"Ornstein–Uhlenbeck, τ = {correlation:g}": nz.OrnsteinUhlenbeck((1 + 1 / correlation) ** 0.5, correlation),
    "frozen": nz.Frozen(1.0),
    "two white channels": nz.Channels(heard, nz.White(2**0.5)),
}
strengths = np.linspace(0, 5, 6)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for name, noise in noises.items():
        noisy = [network.with_noise(s * noise) for s in strengths]
        probes = [nz.Lyapunov(discard=50), nz.Trace(every=5)]
        found = nz.simulate(noisy, duration=200, dt=0.05, probes=probes, runs=4, key=jax.random.key(2))
        exponents = found.lyapunov.isel(exponent=0)
        left.errorbar(strengths, exponents.mean("run"), exponents.std("run") / 2, fmt="o-", ms=3.5, lw=1.1, label=name)
        moving = found.trace.sel(time=slice(50, None)).var("time").mean(["unit", "run"]) ** 0.5
        right.plot(strengths, moving, "o-", ms=3.5, lw=1.1)
    left.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    left.set(xlabel="noise: std s of a unit alone", ylabel="largest exponent λ (1/τ)")
    left.legend()
    right.set(xlabel="noise: std s of a unit alone", ylabel="std of x in time", ylim=0)

if __name__ == "__main__":
    plt.show()
