"""Inside a trained network
=======================

A network of 200 units that learned delayed match to sample with ten noise channels: its time constants, the spectrum
about its mean state in the delay, coloured by how localised the left eigenvectors are, and the rates of the few units
that all slow modes live on. Any network in a file, yours too, goes the same way: ``nz.training.load("network.npz")``.
"""

import jax
import matplotlib.pyplot as plt

import noisette as nz
from noisette.papers.working_memory import example

network, task, key = example(10), nz.tasks.DMS(), jax.random.key(0)
state = nz.analysis.delay_state(network, task, trials=10, key=key)
found = nz.analysis.modes(network, state.state)
dominant = nz.analysis.dominant_units(found)
rates = nz.analysis.persistent_activity(network, task, dominant, trials=10, key=key)
enumeration = nz.analysis.connectivity(network)
print(dict(zip(enumeration.pair.values.tolist(), enumeration.connections.values.tolist(), strict=True)))
print(f"{int(dominant.sum())} dominant units, {int((~network.excitatory)[dominant.values].sum())} of them inhibitory")

with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.4, 2.9), layout="constrained")
    nz.plots.time_constants(left, network.tau, network.excitatory)
    points = nz.plots.localised_spectrum(middle, found)
    middle.set_title(f"residual of the mean state {float(state.residual[0]):.1f}")
    figure.colorbar(points, label="IPR, left")
    nz.plots.group_rates(right, rates, windows=[(250, 500), (750, 1000)])

if __name__ == "__main__":
    plt.show()
