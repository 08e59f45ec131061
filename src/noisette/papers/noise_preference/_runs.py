"""Training of small networks in noise inside or outside the activation, and their errors in tests."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import optax
import xarray as xr

from noisette.networks import StepNoise, TaskNetwork
from noisette.tasks import DMS, FunctionApproximation, PathIntegration, Task
from noisette.training import Protocol, TrainingOptions, WindowError, noise_curve, train

STEP = 10.0  # ms
READOUT_TAU = 50.0  # of the low-pass filter of the outputs, ms
PLACES = {"inside": "activation", "outside": "rate"}  # of the noise with respect to the activation function
# Standard deviations per step. Rates lie between 0 and 1 and tolerate less noise than the arguments of the activation;
# networks that hold one of two memories tolerate less noise than those that approximate a function.
LEVELS = {"inside": (0.5, 1.0, 2.0), "outside": (0.25, 0.5, 1.0)}
LOWER = {"inside": (0.5, 1.0, 1.5), "outside": (0.125, 0.25, 0.5)}
RELATIVE = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0])  # noise of the test over that of the training
FIRST_SEED = 1000  # pilot runs, after which strengths, sizes and tests were chosen, used seeds below this one
EVERY = 2000  # trials between the tests during training, which do not affect it


class Size(NamedTuple):
    """Size of a computation: units, networks, trials of training, and trials and draws of the noise of a test."""

    units: int
    networks: int
    training: int
    trials: int
    repeats: int


class Experiment(NamedTuple):
    """A task, the step size of the optimiser, the strengths of the training noise, and the sizes at each scale."""

    task: Task
    rate: float
    levels: dict[str, tuple[float, float, float]]
    sizes: dict[str, Size]


EXPERIMENTS = {
    "function-approximation": Experiment(
        FunctionApproximation(dt=STEP, duration=400.0, response=150.0),
        0.01,
        LEVELS,
        {"smoke": Size(16, 2, 402, 6, 2), "quick": Size(48, 6, 16_002, 33, 16), "paper": Size(100, 12, 36_002, 99, 40)},
    ),
    "path-integration": Experiment(
        PathIntegration(dt=STEP, duration=500.0),
        0.005,
        LEVELS,
        {"smoke": Size(16, 2, 402, 6, 2), "quick": Size(64, 5, 20_002, 33, 16), "paper": Size(100, 12, 36_002, 99, 40)},
    ),
    "dms": Experiment(
        DMS(dt=STEP, fixation=50.0, stimulus=150.0, delay=100.0, gap=50.0, response=200.0, duration=700.0),
        0.01,
        LOWER,
        {"smoke": Size(16, 2, 402, 6, 2), "quick": Size(64, 6, 24_002, 40, 10), "paper": Size(100, 12, 36_002, 99, 40)},
    ),
}


def passes(loss: float, accuracy: float) -> bool:
    """Return True: every network is trained for the same number of trials."""
    return True


def loss() -> WindowError:
    """Return the mean squared error of the filtered outputs in the response window."""
    return WindowError(tau=READOUT_TAU, dt=STEP)


def draw(task: Task, units: int, place: str, std: float) -> Callable[..., TaskNetwork]:
    """Return the function that draws an untrained network with noise at one place only."""
    return partial(
        TaskNetwork.random,
        units,
        channels=task.channels,
        outputs=task.outputs,
        dt=task.dt,
        density=0.5,
        sensory_noise=0.0,
        step_noise=StepNoise(**{PLACES[place]: std}),
    )


def trained_networks(name: str, place: str, level: int, scale: str, seed: int) -> list[TaskNetwork]:
    """Return networks trained on a task in noise; those of the same number and seed start from the same weights."""
    task, rate, levels, sizes = EXPERIMENTS[name]
    size = sizes[scale]
    protocol = Protocol(
        max_trials=size.training,
        least_trials=size.training,
        test_every=min(EVERY, size.training - 2),
        test_trials=2,
        batch=8,
        optimiser=partial(optax.adam, rate),
        loss=loss(),
        criterion=passes,
    )
    results = train(
        task,
        size.networks,
        draw=draw(task, size.units, place, levels[place][level]),
        protocol=protocol,
        key=seed,
        options=TrainingOptions(exact=False, layout="separate"),
    )
    return [result.network for result in results]


def measure(place: str, level: int, name: str, scale: str, seed: int) -> xr.Dataset:
    """Return error, squared bias, variance and accuracy against the noise of the test, in units of the training noise.

    Parameters
    ----------
    place : "inside" or "outside"
    level : index of the training noise in the levels of the experiment
    name : key of `EXPERIMENTS`
    scale, seed : scale and seed of the reproduction
    """
    size, std = EXPERIMENTS[name].sizes[scale], EXPERIMENTS[name].levels[place][level]
    networks = trained_networks(name, place, level, scale, seed)
    curve: Any = noise_curve(
        networks,
        EXPERIMENTS[name].task,
        std * RELATIVE,
        place=PLACES[place],
        trials=size.trials,
        repeats=size.repeats,
        loss=loss(),
        key=seed + 1,
    )
    kept = curve[["error", "bias", "variance"]].assign(accuracy=curve.accuracy.sel(score="strict", drop=True))
    kept = kept.rename(noise="relative").assign_coords(relative=RELATIVE)
    return kept.assign(training_noise=std).assign_attrs(method="simulated", estimator="single-run")
