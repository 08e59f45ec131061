"""A connectome, measure by measure
================================

The pharynx of C. elegans has 20 neurons, and the signs of their connections, which electron micrographs do not show,
decide whether noise helps: if all are excitatory, two fixed points attract 99 % of the states, and noise raises the
information of five units from 0.04 ± 0.01 to 1.29 ± 0.01 bit; if the glutamatergic neurons I2, I5, M3 and MI inhibit,
there are three 4-cycles, and the information of 2.16 ± 0.01 bit only decreases. The other measures differ less: there
is no chaos (λ < 0, audit "ok"), the theory of this network is valid for g ≤ 0.75, and the memory capacity is 5.0 and
6.8. Both assumptions are simplifications, and gap junctions are left out.

The weights are those of the supplementary table 4 of Cook et al. (2020, doi:10.1002/cne.24932). The table states no
licence; we transcribe its entries, which are measured facts, from a copy that the ConnectomeToolbox of OpenWorm
distributes under the MIT licence.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

folder = Path(__file__).parent if "__file__" in globals() else Path()
connections = nz.weights.load(folder / "data" / "pharynx.csv")  # its first lines name the source
names = connections.unit_names
inhibitory = np.isin([name.rstrip("LR") for name in names], ["I2", "I5", "M3", "MI"])
signs = {"all excitatory": np.ones(20), "glutamate inhibits": np.where(inhibitory, -1.0, 1.0)}  # of columns
gains, lags = [0.25, 0.5, 0.75, 1.0], np.arange(1, 11)

with nz.plots.style():
    figure, panels = plt.subplots(2, 3, figsize=(9.6, 5.2), layout="constrained")
    information, basins, dimension, exponent, memory, entropy = panels.flat
    for number, (label, sign) in enumerate(signs.items()):
        W = connections * sign
        W = W / np.abs(np.linalg.eigvals(W)).max()  # spectral radius 1
        style = {"color": (color := nz.plots.SERIES[number]), "ms": 3.5, "lw": 1.1, "label": label}
        binary = nz.Boltzmann(10 * W, unit_names=names)
        effect = nz.noise_effect(binary, steps=1000, runs=20)
        data, found = effect.data, nz.attractors(binary)
        information.errorbar(data.noise, data.information, data.information_se, fmt="o-", **style)
        entropy.errorbar(data.noise, data.conditional_entropy, data.conditional_entropy_se, fmt="o-", **style)
        basins.bar(np.arange(len(found.basins)) + 0.4 * number, np.array(found.basins) / 2**20, 0.4, color=color)
        theory = nz.analysis.network_correlations(W, gains, nz.Frozen(0.5), method="both")
        dimension.plot(gains, theory.participation_dimension, color=color, lw=1.1)
        simulated, error = theory.simulated_participation_dimension, theory.simulated_participation_dimension_se
        dimension.errorbar(gains, simulated, error, fmt="o", ms=3.5, color=color)
        chaos = nz.chaos_curve([W], [0.5, 1.0, 2.0, 4.0, 8.0], dt="auto", duration=100, discard=50)
        nz.plots.lyapunov_curve(exponent, chaos, colour=color, label=label)
        curve = nz.analysis.network_memory(nz.RateNetwork(W, 0.9), lags, dt=0.05)
        memory.plot(lags, curve.memory, "o-", **style)
        print(f"{label}:\n{effect}\nattractors {[len(states) for states in found.sets]}, basins {found.basins}")
        print(data.information.values.round(2), "±", data.information_se.values.round(2), data.noise.values)
        print("D", simulated.values.round(2), "±", error.values.round(2), "valid", theory.valid.values)
        print("audit", chaos.audit.values.ravel(), "λ", chaos.lyapunov.values.ravel().round(2))
        print(f"capacity {float(curve.capacity):.2f}")
    information.set(xscale="symlog", xlabel="noise strength $r$", ylabel="information of 5 units (bit)")
    information.legend()
    entropy.set(xscale="symlog", xlabel="noise strength $r$", ylabel="conditional entropy, all units (bit)")
    basins.set(yscale="log", xlabel="attractor", ylabel="share of the states in its basin")
    dimension.set(xlabel="gain $g$", ylabel="dimension $D$ (lines: theory)", ylim=0)
    memory.set(xlabel="lag (values of 0.5 τ)", ylabel="memory of a common input")

if __name__ == "__main__":
    plt.show()
