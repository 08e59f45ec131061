"""Design of a noise pulse
=======================

The probability that a single step with noise switches the attractor of a network, and the attractors that it reaches.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

strengths = np.linspace(0, 50, 26)
with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.3), layout="constrained")
    for name, weights in {"autapses": nz.weights.autapses(10), "NRooks": nz.weights.nrooks(20)}.items():
        network = nz.Boltzmann(weights)
        chance = [nz.switching(network, r, relaxation=50).probability for r in strengths]
        left.plot(strengths, chance, label=name)
        simulated = nz.simulated_switching(network, 20.0, runs=2000)
        bars = [[simulated.share - simulated.low], [simulated.high - simulated.share]]  # 95 % interval
        left.errorbar([20.0], [simulated.share], bars, fmt="o", color="black", ms=4)
    left.set(xlabel="strength of the pulse $r$", ylabel="switching probability", ylim=(0, 1))
    left.legend()

    result = nz.switching(nz.Boltzmann(nz.weights.nrooks(20)), 20.0)
    image = right.imshow(result.matrix, cmap="Blues", vmin=0, vmax=1)
    right.set(xlabel="attractor after", ylabel="attractor before", xticks=range(4), yticks=range(4))
    figure.colorbar(image, ax=right, label="probability")

if __name__ == "__main__":
    plt.show()
