"""My trained network in noise
===========================

From a file to delay activity, time constants and robustness. The network, which comes with Noisette, was trained on
delayed match to sample with ten noise channels; ``nz.training.load`` reads yours from the ``.mat`` files of spikeRNN,
from the ``.npz`` files of PsychRNN, and from those of Noisette.
"""

import jax
import matplotlib.pyplot as plt

import noisette as nz
from noisette.papers.working_memory import example

# %%

nz.training.save(example(10), "my_network.npz")
network = nz.training.load("my_network.npz").network
task = nz.tasks.DMS()
print(network)
print(task)

# %%
# Single trials: the output, and the rates of the units, with times in ms.

trials = nz.training.run_trials(network, task, 8, key=jax.random.key(0), units=True)
print(trials)

# %%
# The Jacobian about the mean state in the delay, its slowest modes, and the few units on which they are localised:

state = nz.analysis.delay_state(network, task, trials=10, key=jax.random.key(1))
modes = nz.analysis.modes(network, state.state)
dominant = nz.analysis.dominant_units(modes)
print(f"largest real part {float(modes.largest.max()):.2f}, residual of the state {float(state.residual.max()):.2f}")
print(f"{int(dominant.sum())} dominant units, {int((~network.excitatory)[dominant.values].sum())} of them inhibitory")

# %%
# Accuracy in fresh noise, for the trained delay and longer ones:

scores = nz.training.test([network], task, delays=[250, 750, 1250], internal_noise=10, key=jax.random.key(2))
print(scores)

# %%

with nz.plots.style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    nz.plots.time_constants(left, network.tau, network.excitatory)
    nz.plots.localised_spectrum(right, modes)

if __name__ == "__main__":
    plt.show()
