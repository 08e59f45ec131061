"""Noise against chaos
===================

Any noise can be combined with any network. Here a chaotic rate network receives four kinds of noise, scaled such that
an isolated unit has standard deviation s. Sufficiently strong noise of every kind suppresses chaos (λ < 0):
white noise that is independent for all units at the smallest strength, noise of two shared channels and frozen noise
at the largest. Only in frozen noise are the units also constant in time.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, gain, correlation = 100, 3.0, 5.0
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
network = nz.RateNetwork(W, gain)

projection = nz.weights.gaussian(size, 0.5**0.5, key=jax.random.key(1))[:, :2]  # from two channels to the units
noises = {  # in white noise of intensity σ an isolated leaky unit has variance σ²/2
    "white": nz.White(2**0.5),
    rf"Ornstein–Uhlenbeck, $\tau_\mathrm{{c}} = {correlation:g}$": nz.OrnsteinUhlenbeck(
        (1 + 1 / correlation) ** 0.5, correlation
    ),
    "frozen": nz.Frozen(1.0),
    "two white channels": nz.Channels(projection, nz.White(2**0.5)),
}
strengths = np.linspace(0, 5, 6)

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for name, noise in noises.items():
        noisy = [network.with_noise(s * noise) for s in strengths]
        probes = [nz.Lyapunov(discard=50), nz.Trace(every=5)]
        result = nz.simulate(noisy, duration=200, dt=0.05, probes=probes, runs=4, key=jax.random.key(2))
        exponents = result.lyapunov.isel(exponent=0)
        left.errorbar(strengths, exponents.mean("run"), exponents.std("run") / 2, fmt="o-", ms=3.5, lw=1.1, label=name)
        deviation = result.trace.sel(time=slice(50, None)).var("time").mean(["unit", "run"]) ** 0.5
        right.plot(strengths, deviation, "o-", ms=3.5, lw=1.1)
    left.axhline(0, color=nz.plots.COLOURS["grey"], lw=0.6)
    left.set(xlabel="noise strength $s$", ylabel=r"largest exponent $\lambda$ ($1/\tau$)")
    left.legend()
    right.set(xlabel="noise strength $s$", ylabel="standard deviation of $x$ over time", ylim=0)

if __name__ == "__main__":
    plt.show()
