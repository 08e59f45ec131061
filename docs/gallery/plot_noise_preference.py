"""Noise inside and outside the activation
========================================

Two networks learn sin(πx), one with noise inside the activation function, the other with noise on the rates. The first
performs best near the noise of its training: noise shifts the mean rates, and without it the outputs are biased. The
second performs best without noise. Errors are split into squared bias and variance.
"""

import functools

import matplotlib.pyplot as plt
import numpy as np
import optax

import noisette as nz
from noisette.training import Protocol, TrainingOptions, WindowError

task = nz.tasks.FunctionApproximation(dt=10.0, duration=400.0, response=150.0)
loss = WindowError(tau=50.0, dt=10.0)
relative = np.array([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2.0])  # noise of the test over that of the training


def always(loss, accuracy):
    """End the training after a fixed number of trials."""
    return True


def curve(place, std):
    """Return errors of a network trained with noise at a place."""
    parts = {"dt": 10.0, "density": 0.5, "sensory_noise": 0.0, "step_noise": nz.networks.StepNoise(**{place: std})}
    draw = functools.partial(nz.networks.TaskNetwork.random, 48, **parts)
    protocol = Protocol(
        max_trials=16_002,
        least_trials=16_002,
        test_every=4000,
        batch=8,
        loss=loss,
        criterion=always,
        optimiser=functools.partial(optax.adam, 0.01),
    )
    trained = nz.training.train(task, 1, draw=draw, protocol=protocol, key=0, options=TrainingOptions(exact=False))
    return nz.training.noise_curve(trained[0].network, task, std * relative, place=place, trials=33, loss=loss, key=1)


panels = {"inside the activation": curve("activation", 2.0), "on the rates": curve("rate", 0.5)}

with nz.plots.style():
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
    for axis, (name, data) in zip(axes, panels.items(), strict=True):
        for quantity in ("error", "bias", "variance"):
            axis.plot(relative, data[quantity][0], "o-", ms=3, label={"bias": "squared bias"}.get(quantity, quantity))
        axis.axvline(1, color="0.7", lw=0.8, zorder=0)
        axis.set(title=f"noise {name}", xlabel="test noise / training noise", ylabel="mean squared error")
    axes[0].legend()

if __name__ == "__main__":
    plt.show()
