"""Freezing and release of chaos
=============================

A chaotic network receives the Onsager reaction term with weight γ between t = 100 and t = 200: its activity freezes,
and its kinetic energy E_k falls by orders of magnitude. Both recover after the term is switched off.
"""

import jax
import matplotlib.pyplot as plt

import noisette as nz

size, gain = 200, 3.0
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
gamma = nz.Switch([100.0, 200.0], [0.0, 1.0, 0.0])  # or nz.Ramp, or a function of time of your own
network = nz.Onsager(nz.RateNetwork(W, gain), gamma)

probes = [nz.Trace(every=10, units=range(6)), nz.Speed(every=10)]
run = nz.simulate(network, duration=300, dt=0.02, probes=probes, key=jax.random.key(1)).isel(run=0)
theory = nz.theory.mean_field(nz.activations.tanh, gain)

with nz.plots.style():
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6, 4.6), sharex=True, layout="constrained")
    nz.plots.traces(top, run.time.values, run.trace.values, switches={100.0: r"$\gamma = 1$", 200.0: r"$\gamma = 0$"})
    top.set(xlabel="", title=f"$g = {gain:g}$, $N = {size}$")
    bottom.semilogy(run.speed_time, run.speed, color=nz.plots.COLOURS["information"], lw=1, label="simulated")
    energy = float(theory.kinetic_energy)
    bottom.axhline(energy, color="black", lw=0.8, label=r"mean field, $N \to \infty$")
    for time in (100.0, 200.0):
        bottom.axvline(time, color=nz.plots.COLOURS["grey"], lw=0.8, ls="--")
    bottom.set(xlabel=r"time $t$ ($\tau$)", ylabel=r"kinetic energy $E_\mathrm{k}/N$", xlim=(0, 300))
    bottom.legend(loc="lower left")

if __name__ == "__main__":
    plt.show()
