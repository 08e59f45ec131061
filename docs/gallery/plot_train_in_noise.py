"""Training in noise
=================

A network of 100 excitatory and inhibitory units with two noise channels learns to detect a pulse. Time constants,
weights and noise weights are trained, with one trial per step, until a test of 100 new trials meets the criterion. The
output (mean and standard deviation over trials) must reach 1 after the pulse, and remain at 0 without a pulse.
"""

import functools

import jax
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import noisette as nz

task = nz.tasks.AFC(fixation=50, stimulus=100, duration=400)
draw = functools.partial(nz.networks.TaskNetwork.random, 100, channels=1, noise_channels=2)
protocol = nz.training.Protocol(max_trials=4000, loss_below=3.0)
trained = nz.training.train(task, 1, draw=draw, protocol=protocol, key=1)[0]
print(f"{trained.status} after {trained.trials} trials, accuracy {trained.accuracy:.2f}")

parts = [
    nz.training.run_trials(trained.network, task, 40, key=jax.random.key(label), label=label).outputs[..., 0]
    for label in range(2)
]
outputs = xr.concat(parts, xr.DataArray(list(task.conditions), dims="condition", name="condition"))
shown = xr.Dataset({"mean": outputs.mean("trial"), "deviation": outputs.std("trial")})

with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 2.8), layout="constrained")
    left.plot(trained.tests[:, 0], trained.tests[:, 1], "o-", ms=3)
    left.set(xlabel="trials", ylabel=r"mean loss $\sqrt{\sum(o - z)^2}$", ylim=(0, None))
    nz.plots.condition_outputs(middle, shown, windows=[(50, 150)])
    middle.legend()
    nz.plots.time_constants(right, trained.network.tau, np.asarray(trained.network.excitatory))

if __name__ == "__main__":
    plt.show()
