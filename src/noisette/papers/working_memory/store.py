"""Creation of the stored experiment: `python -m noisette.papers.working_memory.store FOLDER`.

The script runs or resumes the main experiment: 50 networks for each of two numbers of input channels and four
numbers of noise channels, with at most 20,000 trials each. It then summarises every network and writes the data files
of the package, including those of the networks trained with two delays.
"""

import sys
from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._ensembles import CHANNELS, TWO_DELAYS, key_of, of_dms
from noisette.papers.working_memory._prepare import WORKERS, prepare, summaries
from noisette.papers.working_memory._summary import summary
from noisette.studies import Progress, save
from noisette.training import load as load_network
from noisette.training import save as save_network

SCALE, SEED = "paper", _stored.SEED
KEPT = ("success", "trials", "loss", "accuracy", "tau", "excitatory")


def store(out: Path) -> Path:
    """Join the summaries of a run of the main experiment in one file."""
    parts = []
    for inputs in _stored.INPUTS:
        tables = summaries([ensemble.name for ensemble in of_dms(inputs)], SCALE, out)
        parts.append(xr.concat(list(tables.values()), _axis("channels", CHANNELS), join="outer", combine_attrs="drop"))
    joined = xr.concat(parts, _axis("inputs", _stored.INPUTS), join="outer", combine_attrs="drop")
    attrs = {"method": "simulated", "estimator": "single-run", "task": "DMS, delay 250 ms", "max_trials": 20_000}
    for name in map(str, joined.data_vars):
        joined[name].encoding = {"zlib": True, "complevel": 9, "shuffle": True}
    saved = save(joined.assign_attrs(attrs), _stored.FILE)
    _stored.experiment.cache_clear()  # it was loaded for the estimate of the run time
    return saved


def store_two_delays(folder: Path) -> Path:
    """Train the ensembles with two delays, or load them; save the outcomes and the time constants."""
    parts = []
    for ensemble in TWO_DELAYS:
        trained = ensemble.trained(SCALE, SEED, folder, workers=WORKERS)
        rows = [
            summary(network, ensemble.task, key_of(ensemble, network.index, SEED), full=False)[list(KEPT)]
            for network in trained
        ]
        parts.append(xr.concat(rows, _axis("network", tuple(range(len(trained))))))
    joined = xr.concat(parts, _axis("channels", tuple(ensemble.noise_channels for ensemble in TWO_DELAYS)))
    attrs = {"method": "simulated", "estimator": "single-run", "max_trials": 20_000}
    attrs["task"] = "DMS, delay 250 ms, second delay 250 ms"
    for name in map(str, joined.data_vars):
        joined[name].encoding = {"zlib": True, "complevel": 9, "shuffle": True}
    return save(joined.assign_attrs(attrs), _stored.TWO_DELAYS)


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
        names = [ensemble.name for inputs in _stored.INPUTS for ensemble in of_dms(inputs)]
        prepare(SCALE, SEED, out, names, progress.update)
    print(store(out))
    choose_examples(out)
    print(store_two_delays(out))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
