"""Coherence resonance
===================

An excitable unit (FitzHugh–Nagumo, ε = 0.01, a = 1.05) fires only in noise. In weak noise it fires rarely and at
random; in strong noise the shape of each excursion fluctuates; in between, near σ = 0.07, the intervals between spikes
are most regular: their coefficient of variation has a minimum, and the correlation time a maximum.
"""

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

strengths, shown, dt = np.geomspace(0.02, 0.5, 10), [0.02, 0.07, 0.5], 0.001


def drift(state):
    """Return the velocity of the fast and the slow variable."""
    v, w = state
    return jnp.stack([(v - v**3 / 3 - w) / 0.01, v + 1.05])


unit = nz.networks.Flow(drift, 2, noise=nz.White([0.0, 1.0]))  # noise acts on the slow variable
fast = {"output": [1.0, 0.0], "dt": dt, "key": 1, "warn": False}  # the fast variable has no noise
curve = nz.analysis.coherence_resonance(unit, strengths, duration=100.0, runs=10, **fast)
noisy = [unit.with_noise(nz.White([0.0, sigma])) for sigma in shown]
traces = nz.simulate(noisy, probes=nz.Trace(10, units=[0]), duration=25.0, dt=dt, start=[-1.0, -0.7], key=2, warn=False)

with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.2), layout="constrained")
    for row, sigma in enumerate(shown):
        trace = traces.trace.isel(network=row, run=0, unit=0)
        left.plot(traces.time, trace - 5 * row, lw=0.9, color=nz.plots.COLOURS["information"])
        left.text(25.5, -5 * row, f"σ = {sigma:g}", va="center")
    left.set(xlabel="time", yticks=[], xlim=(0, 25))
    nz.plots.response_curve(middle, curve, "cv")
    nz.plots.response_curve(right, curve, "correlation_time")
    for axes in (middle, right):
        axes.set_xscale("log")
        axes.set_xticks([0.02, 0.1, 0.5], ["0.02", "0.1", "0.5"])
        axes.minorticks_off()
        axes.set_ylim(0, None)
best = int(np.argmin(curve.cv.values))
print(f"CV = {float(curve.cv[best]):.2f} ± {float(curve.cv_se[best]):.2f} at σ = {float(curve.noise[best]):.2f}")

if __name__ == "__main__":
    plt.show()
