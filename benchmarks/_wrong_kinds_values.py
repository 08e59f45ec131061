"""Networks, arrays and folders from which `wrong_kinds.py` makes valid calls."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

import noisette as nz
from noisette import networks, tasks
from noisette.theory import markov

Calls = dict[str, dict[str, Any]]
W = np.array([[0.0, 0.8, 0.1], [0.5, 0.0, 0.2], [0.3, -0.4, 0.0]])
X = np.array([0.1, -0.2, 0.3])
TANH = nz.activations.tanh
RATE = nz.RateNetwork(W, noise=nz.White(0.1))
BINARY = nz.Boltzmann(W, noise=nz.White(1.0))
SIGN = nz.SignNetwork(np.eye(2))
TASK = tasks.DMS(fixation=10, stimulus=10, delay=10, gap=5, response=20)
TRAINED = networks.TaskNetwork.random(4, channels=2, key=0)
RANDOM = np.random.default_rng(0)
SIGNAL = RANDOM.uniform(-1, 1, 200)
STATES = np.stack([np.roll(SIGNAL, 1), np.roll(SIGNAL, 2)], 1)
POINTS = RANDOM.standard_normal((4, 12, 3))
FOLDER = Path(mkdtemp())
TIME = {"duration": 0.5, "dt": 0.1}
FEW = {"networks": 2, "draws": 3, "discard": 0.5, "dt": 0.1, "warn": False}
PATTERN = {"size": 3, "coupling": 1.0, "noise": 1.0, "steps": 10}
EI = {"mu_e": 1.0, "mu_i": -4.0}
TRANSITION = np.asarray(markov.transition_matrix(BINARY))


def walk(units: int) -> np.ndarray:
    """Return a recording of two trials with correlations in time."""
    steps = np.random.default_rng(1).standard_normal((2, 401, units))
    return steps[:, 1:] + 0.5 * steps[:, :-1]


def saved(matrix: np.ndarray) -> Path:
    """Return a file with a matrix."""
    np.save(FOLDER / "weights.npy", matrix)
    return FOLDER / "weights.npy"
