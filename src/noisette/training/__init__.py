"""Training networks in noise, testing them, and their files."""

from noisette.training._folder import Trained
from noisette.training._one import Course
from noisette.training._table import as_dataset
from noisette.training.adam import published_adam
from noisette.training.ensemble import Standing, train
from noisette.training.files import extras, load, save
from noisette.training.protocol import Protocol, published_protocol, summed_error
from noisette.training.respond import respond, run_trials
from noisette.training.robustness import Surgery, test

__all__ = [
    "Course",
    "Protocol",
    "Standing",
    "Surgery",
    "Trained",
    "as_dataset",
    "extras",
    "load",
    "published_adam",
    "published_protocol",
    "respond",
    "run_trials",
    "save",
    "summed_error",
    "test",
    "train",
]
