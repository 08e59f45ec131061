"""Training networks in noise, testing them, and their files."""

from noisette.training._folder import Trained
from noisette.training._one import TrainingState
from noisette.training._table import as_dataset
from noisette.training.adam import published_adam
from noisette.training.ensemble import EnsembleProgress, train
from noisette.training.files import extras, load, save
from noisette.training.protocol import Protocol, published_protocol, summed_error
from noisette.training.robustness import FixedTau, test
from noisette.training.trials import run_trial, run_trials

__all__ = [
    "EnsembleProgress",
    "FixedTau",
    "Protocol",
    "Trained",
    "TrainingState",
    "as_dataset",
    "extras",
    "load",
    "published_adam",
    "published_protocol",
    "run_trial",
    "run_trials",
    "save",
    "summed_error",
    "test",
    "train",
]
