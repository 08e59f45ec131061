"""Kinds of noise
==============

One path, the spectrum and the distribution of noises of the same variance. Telegraph, shot and Ornstein–Uhlenbeck noise
have the same spectrum, but other distributions. A power law and a damped oscillation are Gaussian, with other spectra.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

DT, STEPS, PATHS = 0.05, 2048, 400
noises = {
    "Ornstein–Uhlenbeck": nz.OrnsteinUhlenbeck(1.0, 1.0),
    "telegraph": nz.Telegraph(1.0, 1.0),
    "shot": nz.Shot(1.0, 2**0.5, 1.0),
    "power law": nz.PowerLaw(1.0, 1.0, 0.1, 100.0),
    "damped oscillation": nz.BandLimited(1.0, 0.5, 2.0),
}


@jax.jit
def paths(noise: nz.noise.Noise) -> jax.Array:
    """Return values of independent units at successive times, shape (steps, paths)."""

    def step(state, n):
        key = jax.random.fold_in(jax.random.key(1), n)
        _, after = noise.sample(state, n * DT, PATHS, key=key, dt=DT)
        return after, noise.value(state, n * DT, PATHS)

    return jax.lax.scan(step, noise.init(PATHS, key=jax.random.key(0)), np.arange(STEPS))[1]


with nz.plots.style():
    figure, axes = plt.subplots(len(noises), 3, figsize=(8, 7), layout="constrained", width_ratios=(2, 1, 1))
    times, window = DT * np.arange(STEPS), np.hanning(STEPS)[:, None]
    frequencies = np.fft.rfftfreq(STEPS, DT)[1:]
    for row, (name, noise) in zip(axes, noises.items(), strict=True):
        values = np.asarray(paths(noise))
        power = (np.abs(np.fft.rfft(window * values, axis=0)) ** 2).mean(1)[1:] * DT / (window**2).sum()
        row[0].plot(times[:800], values[:800, 0], lw=0.8, color="black")
        row[0].set(ylabel=name, xlim=(0, 40))
        row[1].loglog(frequencies, power, lw=0.8, color=nz.plots.COLOURS["entropy"])
        exact = noises["Ornstein–Uhlenbeck"] if name in ("telegraph", "shot") else noise
        row[1].loglog(frequencies, exact.spectrum().power(2 * np.pi * frequencies), "k--", lw=0.8)
        row[1].set(ylim=(1e-4, 30))
        row[2].hist(
            values[::20].ravel(), np.linspace(-3.5, 4.5, 60), density=True, color=nz.plots.COLOURS["information"]
        )
    axes[0, 0].set_title("path")
    axes[0, 1].set_title("spectrum (dashed: exact)")
    axes[0, 2].set_title("distribution")
    axes[-1, 0].set_xlabel("time")
    axes[-1, 1].set_xlabel("frequency")
    axes[-1, 2].set_xlabel("value")

if __name__ == "__main__":
    plt.show()
