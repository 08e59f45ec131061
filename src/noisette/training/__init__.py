"""Training of task networks, tests of trained networks, and network files."""

from noisette.training._draws import PlacedNoise
from noisette.training._folder import Trained
from noisette.training._network import TrainingState
from noisette.training._noise_curve import noise_curve
from noisette.training._progress import EnsembleProgress
from noisette.training._table import as_dataset
from noisette.training.adam import published_adam
from noisette.training.ensemble import TrainingOptions, initial_networks, network_key, train
from noisette.training.files import extras, load, save
from noisette.training.protocol import Protocol, WindowError, published_protocol, summed_error
from noisette.training.psychrnn import read_psychrnn
from noisette.training.robustness import FixedTau, test
from noisette.training.trials import run_perturbed_trials, run_trial, run_trials

__all__ = [
    "EnsembleProgress",
    "FixedTau",
    "PlacedNoise",
    "Protocol",
    "Trained",
    "TrainingOptions",
    "TrainingState",
    "WindowError",
    "as_dataset",
    "extras",
    "initial_networks",
    "load",
    "network_key",
    "noise_curve",
    "published_adam",
    "published_protocol",
    "read_psychrnn",
    "run_perturbed_trials",
    "run_trial",
    "run_trials",
    "save",
    "summed_error",
    "test",
    "train",
]
