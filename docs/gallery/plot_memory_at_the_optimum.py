"""Memory at the optimal noise
===========================

The noise that maximises the information of successive states is too strong for memory over longer times: at this
optimum (r = 21.8, 2.4 and 5.7) half of the information is lost after 6, 160 and 285 steps for Hopfield, autapses and
NRooks weights. The best noise decreases with the lag, for Hopfield weights from 21.8 at one step to 13.5 at a
thousand (autapses: 2.4 to 1.0, NRooks: 5.7 to 4.5). The information is exact, for the state at a random time in a run
of 10,000 steps from one initial state and k steps later.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

steps, start = 10_000, 24
weights = {
    "Hopfield": nz.weights.hopfield([24, 7], 10),
    "autapses": nz.weights.autapses(10),
    "NRooks": nz.weights.nrooks(20),
}
lags = np.unique(np.geomspace(1, 1000, 40).astype(int))
noise = np.linspace(0, 40, 81)


def memory(W, r: float) -> np.ndarray:
    """Return the exact information I(s_t; s_t+k) over all runs of `steps` steps from one state, for each lag k."""
    network = nz.Boltzmann(W, noise=nz.White(r))
    occupied = nz.theory.markov.occupation(network, steps, start)
    P = nz.theory.markov.transition_matrix(network)
    later = (np.linalg.matrix_power(P, int(k)) for k in lags)
    return np.array([nz.information.mutual_information(occupied[:, None] * power) for power in later])


with nz.plots.style():
    figure, panels = plt.subplots(1, 3, figsize=(9.4, 3), layout="constrained")
    for axes, (name, W) in zip(panels, weights.items(), strict=True):
        best = nz.optimal_noise(nz.Boltzmann(W), steps=steps, start=start)
        curves = np.array([memory(W, r) for r in noise])
        optimum = noise[curves.argmax(0)]  # noise at which the information is largest, for each lag
        for label, r in (("no noise", 0.0), ("optimum $r^*$", best.noise), ("$2 r^*$", 2 * best.noise)):
            axes.semilogx(lags, memory(W, r), label=label)
        axes.semilogx(lags, curves.max(0), ":", color="black", lw=1, label="best $r$ for each lag")
        axes.set(xlabel="lag $k$ (steps)", title=f"{name}, $r^* = {best.noise:.1f}$", ylim=0)
        curve = memory(W, best.noise)
        half = np.exp(np.interp(-curve[0] / 2, -curve, np.log(lags)))
        print(f"{name}: I = {curve[0]:.2f} bit at r = {best.noise:.2f}, half of it at lag {half:.0f}; best noise")
        print("  ", dict(zip(lags.tolist()[::6], optimum.tolist()[::6], strict=True)), optimum[-1])
    panels[0].set_ylabel("information $I(s_t; s_{t+k})$ (bit)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)

if __name__ == "__main__":
    plt.show()
