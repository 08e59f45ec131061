"""Creation of the stored experiment: `python -m noisette.papers.working_memory.store FOLDER`.

The script runs or resumes the main experiment: 50 networks for each of two numbers of input channels and four
numbers of noise channels, with at most 20,000 trials each. It then summarises every network and writes the data files
of the package, including those of the networks trained with two delays.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._ensembles import TWO_DELAYS, Ensemble, of_dms
from noisette.papers.working_memory._prepare import prepare, summaries
from noisette.studies import Progress, save
from noisette.training import load as load_network
from noisette.training import save as save_network

SCALE, SEED = "paper", _stored.SEED
KEPT = ("success", "trials", "loss", "accuracy", "tau", "excitatory")


def store(out: Path) -> Path:
    """Join the summaries of a run of the main experiment in one file."""
    parts = [_joined(of_dms(inputs), out) for inputs in _stored.INPUTS]
    experiment = xr.concat(parts, _axis("inputs", _stored.INPUTS), join="outer", combine_attrs="drop")
    saved = _save(experiment, _stored.FILE, "DMS, delay 250 ms")
    _stored.experiment.cache_clear()  # it was loaded for the estimate of the run time
    return saved


def store_two_delays(out: Path) -> Path:
    """Join the outcomes and the time constants of the networks trained with two delays in one file."""
    outcomes = _joined(TWO_DELAYS, out)[list(KEPT)]
    return _save(outcomes, _stored.TWO_DELAYS, "DMS, delay 250 ms, second delay 250 ms")


def _joined(ensembles: Sequence[Ensemble], out: Path) -> xr.Dataset:
    """Join the summaries of ensembles over the number of noise channels."""
    tables = summaries([ensemble.name for ensemble in ensembles], SCALE, out)
    axis = _axis("channels", tuple(ensemble.noise_channels for ensemble in ensembles))
    return xr.concat(list(tables.values()), axis, join="outer", combine_attrs="drop")


def _save(data: xr.Dataset, file: Path, task: str) -> Path:
    for name in map(str, data.data_vars):
        data[name].encoding = {"zlib": True, "complevel": 9, "shuffle": True}
    attrs = {"method": "simulated", "estimator": "single-run", "task": task, "max_trials": 20_000}
    return save(data.assign_attrs(attrs), file)


def choose_examples(out: Path) -> None:
    """Save one network with C = 0 and one with C = 10: those whose numbers of trials are closest to the median."""
    data = _stored.experiment().sel(inputs=2)
    for channels, file in _stored.EXAMPLES.items():
        networks = data.sel(channels=channels)
        trials = networks.trials.where(networks.success > 0)
        index = int(np.nanargmin(np.abs(trials - trials.median()).values))
        ensemble = next(candidate for candidate in of_dms(2) if candidate.noise_channels == channels)
        stored = load_network(ensemble.folder(out, SCALE) / f"network_{index:03d}.npz")
        save_network(stored.network, file, configuration=stored.configuration)


def _axis(name: str, values: tuple[int, ...]) -> xr.DataArray:
    return xr.DataArray(np.asarray(values), dims=name, name=name)


def main(out: Path) -> None:
    """Run the main experiment and store it."""
    with Progress("main experiment") as progress:
        ensembles = [ensemble for inputs in _stored.INPUTS for ensemble in of_dms(inputs)]
        prepare(SCALE, SEED, out, [ensemble.name for ensemble in (*ensembles, *TWO_DELAYS)], progress.update)
    print(store(out))
    choose_examples(out)
    print(store_two_delays(out))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
