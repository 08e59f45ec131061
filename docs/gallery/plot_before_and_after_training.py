"""A network before and after its training
=======================================

FINDING
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

task, sensory = nz.tasks.DMS(), nz.White(0.1 / 5**0.5)  # 0.1 in each step of 5 ms
index = {0: 20, 10: 13}  # of the examples in the ensembles with keys 200 and 210
draws = {c: nz.training.initial_networks(task, noise_channels=c) for c in index}
pairs = {c: (draws[c](key=nz.training.network_key(200 + c, index[c])), example(c)) for c in index}
rows = {}
with nz.plots.style():
    figure, panels = plt.subplots(2, 3, figsize=(9, 5.4), layout="constrained")
    for row, (c, pair) in zip(panels, pairs.items(), strict=True):
        assert (pair[0].input_weights == pair[1].input_weights).all()  # these are not trained
        for network, name, colour in zip(pair, ("before", "after"), ("grey", "information"), strict=True):
            rest = nz.find_fixed_points(network.with_noise(None), inputs=np.zeros((1, 200))).state.values[0]
            rates = nz.analysis.spectrum(network, rest)
            nz.plots.eigenvalues(row[0], 1000 * rates, colour=colour, label=name)
            run = nz.simulate(
                network.with_noise(sensory), 10_000, nz.Covariance(discard=200), dt=5.0, start=rest, key=1, warn=False
            )
            C = run.covariance.values[0]
            row[1].semilogy(np.arange(1, 201), np.linalg.eigvalsh(C)[::-1], color=nz.plots.COLOURS[colour])
            W = network.effective
            options = {"activation": nz.activations.sigmoid, "method": "both"}
            both = nz.analysis.network_correlations(W, 1.0, nz.Frozen(0.5), **options, draws=200)
            print(f"C = {c} {name}: std(W)√N = {W.std() * 200**0.5:.2f}, spectral abscissa {1000 * rates.real.max():.1f}/s")
            print(f"  D in white noise {nz.participation_dimension(C):.3f}; frozen noise:")
            print(both[["participation_dimension", "simulated_participation_dimension"]].to_dataframe())
            print(both.valid.values, both.invalid.values)

if __name__ == "__main__":
    plt.show()
