"""Is my step short enough?
========================

At γ = 1 the dynamics are a gradient descent of the kinetic energy, and a gradient flow cannot be chaotic. With a step
of 0.01 the largest exponent nevertheless rises steeply at large gains. This is an artefact of the step: dt times the
rate of the fastest mode exceeds 2, and the energy rises on every other step. With a step chosen for each gain it
disappears.
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

draw = nz.weights.ensemble("gaussian:100")
gains = np.array([1.0, 4.0, 7.0, 8.0, 9.0, 10.0, 11.0])

audit = nz.step_audit(nz.Onsager(nz.RateNetwork(draw(0), gain=11.0)), 0.01, duration=20, key=jax.random.key(0))
print(audit[["lyapunov", "rising", "stability"]].to_dataframe().round(3))  # at dt, and at dt/2
print(f"g = 11, dt = 0.01: {audit.attrs['verdict']}; try dt = {audit.attrs['suggested_dt']:g}")

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for dt, label, colour in (
        (0.01, r"$\mathrm{d}t = 0.01$", "information"),
        ("auto", r'$\mathrm{d}t$ = "auto"', "divergence"),
    ):
        curve = nz.chaos_curve(draw, gains, networks=2, gamma=1.0, dt=dt, duration=20, discard=0)
        nz.plots.lyapunov_curve(left, curve, label=label, colour=colour)
        right.plot(curve.gain, curve.stability.mean("network"), "o-", ms=3.5, lw=1.1, color=nz.plots.COLOURS[colour])
        print(f"dt = {dt}: {curve.audit.values[:, 0].tolist()}")
    left.set_title(r"$\gamma = 1$; open circles: unstable step")
    left.legend(loc="upper left")
    right.axhline(2, color="black", lw=0.8, ls="--")
    right.set(xlabel="gain $g$", ylabel=r"$\mathrm{d}t$ × fastest rate", ylim=0)
    right.annotate("explicit steps are unstable above", (1, 2), xytext=(0, 3), textcoords="offset points", fontsize=8)

if __name__ == "__main__":
    plt.show()
