"""Information against balance and density
========================================

Left: exact information of successive states, averaged over 20 random Boltzmann networks of five units, against the
density d of their weights and the balance b of signs. Second: the information that the next state has about a binary
input to each unit, in the same networks. Weights that all have one sign at high density hold a single bit and exclude
the input; it is imported best where weights are sparse.

Third: noise helps an input that is too weak to overcome the weights, also in a single network of autapses. Right:
against the strength of the input, a graded input of four levels to all units has an optimum, an import resonance, since
strong inputs leave only the sign of the level; binary inputs, one per unit, have none.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

density, balance = np.linspace(0.1, 1, 10), np.linspace(-1, 1, 11)
data = nz.analysis.information_phases(5, density, balance, strength=2.0, width=3.0)
error = float(data.information_se.max())
print(f"largest standard error {error:.2f} bit; I from {float(data.mean_information.min()):.2f} bit")

autapses, levels = nz.Boltzmann(nz.weights.autapses(10, 4)), [-1.5, -0.5, 0.5, 1.5]
imported = nz.theory.markov.input_information
noise = np.linspace(0, 40, 41)
helped = [float(imported(autapses.with_noise(nz.White(r)), 4, 5.0).input_information[0]) for r in noise]
print(f"autapses: {helped[0]:.4f} bit without noise, at most {max(helped):.3f} bit at r = {noise[np.argmax(helped)]:g}")
network = nz.Boltzmann(nz.weights.balanced(4, 0.6, 0, 3, key=0))
strength = np.geomspace(0.5, 50, 25)
graded = [float(imported(network, levels, eta, input_weights=np.ones((4, 1))).input_information[0]) for eta in strength]
binary = [float(imported(network, 4, eta).input_information[0]) for eta in strength]
print(f"graded input: {max(graded):.3f} bit at η = {strength[np.argmax(graded)]:.1f}, {graded[-1]:.3f} bit at 50")

with nz.plots.style():
    figure, axes = plt.subplots(1, 4, figsize=(11, 2.8), layout="constrained")
    for axis, name, label in ((axes[0], "information", "s_{t+1}; s_t"), (axes[1], "input_information", "x; s'")):
        image = axis.pcolormesh(balance, density, data[f"mean_{name}"], shading="nearest")
        figure.colorbar(image, ax=axis, label=f"$I({label})$ (bit)")
        axis.set(xlabel="balance $b$", ylabel="density $d$")
    axes[2].plot(noise, helped)
    axes[2].set(xlabel="noise $r$", ylabel="$I(x; s')$ (bit)", title="autapses")
    axes[3].semilogx(strength, graded, label="four levels")
    axes[3].semilogx(strength, binary, label="binary")
    axes[3].set(xlabel=r"strength of the input $\eta$", ylabel="$I(x; s')$ (bit)", title="random weights")
    axes[3].legend(loc="upper left")

if __name__ == "__main__":
    plt.show()
