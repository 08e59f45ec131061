"""A connectome, measure by measure
================================

FINDING
"""

from pathlib import Path

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

folder = Path(__file__).parent if "__file__" in globals() else Path()
counts = nz.weights.load(folder / "data" / "pharynx.csv")
names = counts.unit_names
glutamate = np.isin([name.rstrip("LR") for name in names], ["I2", "I5", "M3", "MI"])
matrices = {"all excitatory": np.asarray(counts), "I2, I5, M3, MI inhibitory": counts * np.where(glutamate, -1, 1)}
for name, W in matrices.items():
    W = W / np.abs(np.linalg.eigvals(W)).max()
    binary = nz.Boltzmann(10 * W, unit_names=names)
    effect = nz.noise_effect(binary, steps=1000, runs=10)
    print(name, effect, effect.method)
    print(nz.attractors(binary).data)
    print(nz.analysis.conditional_entropy(binary, [0, 1, 4], 1000))
    print(nz.analysis.network_correlations(W, [0.5, 0.9], nz.Frozen(0.5), method="both"))
    print(nz.chaos_curve([W], [0.5, 1, 2, 4, 8], dt="auto", duration=200, discard=50))
    print(nz.step_audit(nz.RateNetwork(W, 4), 0.1, key=0))
    for g in (0.5, 0.9, 1.5):
        print(g, nz.analysis.network_memory(nz.RateNetwork(W, g, input_weights=np.ones((20, 1))), [1], dt=0.05, hold=0.5).capacity)
