"""Stored results of the main experiment: summaries of all networks, and two of the networks."""

from functools import cache
from pathlib import Path

import xarray as xr

from noisette.errors import require
from noisette.networks import TaskNetwork, as_network
from noisette.papers.working_memory._ensembles import CHANNELS, WHOLE, Ensemble
from noisette.studies import load
from noisette.training import load as load_network

FOLDER = Path(__file__).parent / "data"
FILE = FOLDER / "experiment.nc"
TWO_DELAYS = FOLDER / "two-delays.nc"
INPUTS = (1, 2)
SEED = 0  # of the stored networks
# mean number of trials of a network, by prefix of the name of its ensemble
TRIALS = {
    "u": 13_000,
    "two-delays": 19_500,
    "delay-50": 5_200,
    "delay-150": 14_000,
    "fixed": 20_000,
    "afc": 400,
    "ctx": 1_700,
}
EXAMPLES = {0: FOLDER / "c0.npz", 10: FOLDER / "c10.npz"}


@cache
def experiment() -> xr.Dataset:
    """Return the summaries of the main experiment, over ``inputs`` U, ``channels`` C and ``network``.

    For each of two numbers of input channels and four numbers of noise channels, 50 networks were trained on delayed
    match to sample with a delay of 250 ms for at most 20,000 trials, with
    ``python -m noisette.papers.working_memory.store``.
    """
    return load(FILE)


@cache
def two_delays() -> dict[int, xr.Dataset]:
    """Return the outcome of training with a second delay of 250 ms after the second stimulus, by C.

    The networks are those of the two ensembles at paper scale, trained for at most 20,000 trials.
    """
    data = load(TWO_DELAYS)
    return {int(channels): data.sel(channels=channels) for channels in data.channels.values}


def of_inputs(inputs: int) -> dict[int, xr.Dataset]:
    """Return the summaries for U input channels, by C."""
    data = experiment().sel(inputs=inputs)
    return {channels: data.sel(channels=channels) for channels in CHANNELS}


def example(channels: int) -> TaskNetwork:
    """Return one of the two stored networks, trained with C = 0 or C = 10 noise channels.

    Parameters
    ----------
    channels : C, 0 or 10

    Examples
    --------
    >>> example(10).size
    200
    """
    require(channels in EXAMPLES, f"{channels} noise channels", "the stored networks have 0 or 10")
    return as_network(load_network(EXAMPLES[channels]), TaskNetwork)


def expected_trials(ensemble: Ensemble) -> float:
    """Return the mean number of trials per network of an ensemble, including failed networks."""
    if not (FILE.is_file() and ensemble in WHOLE):
        return next(trials for name, trials in TRIALS.items() if ensemble.name.startswith(name))
    data = experiment().sel(inputs=ensemble.task.channels, channels=ensemble.noise_channels)
    return float(data.trials.mean())
