"""Analysis of a trained network
=============================

A network of 200 units trained on delayed match to sample with ten noise channels: its time constants, the spectrum
about its mean state in the delay, coloured by the localisation of the left eigenvectors, and the rates of the few
units on which the slow modes are localised. The same analysis applies to any saved network:
``nz.training.load("network.npz")``.
"""

import jax
import matplotlib.pyplot as plt

import noisette as nz
from noisette.papers.working_memory import example

network, task, key = example(10), nz.tasks.DMS(), jax.random.key(0)
state = nz.analysis.delay_state(network, task, trials=10, key=key)
spectrum = nz.analysis.modes(network, state.state)
dominant = nz.analysis.dominant_units(spectrum)
rates = nz.analysis.persistent_activity(network, task, dominant, trials=10, key=key)
statistics = nz.analysis.connectivity(network)
print(dict(zip(statistics.pair.values.tolist(), statistics.connections.values.tolist(), strict=True)))
print(f"{int(dominant.sum())} dominant units, {int((~network.excitatory)[dominant.values].sum())} of them inhibitory")

with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.4, 2.9), layout="constrained")
    nz.plots.time_constants(left, network.tau, network.excitatory)
    points = nz.plots.localised_spectrum(middle, spectrum)
    middle.set_title(f"residual of the mean state {float(state.residual[0]):.1f}")
    figure.colorbar(points, label="IPR of left eigenvectors")
    nz.plots.group_rates(right, rates, windows=[(250, 500), (750, 1000)])

if __name__ == "__main__":
    plt.show()
