"""Training and summaries of the ensembles required by the figures; resumable, with an estimate of the run time."""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import xarray as xr

from noisette.papers._paper import Report
from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._ensembles import Ensemble, ensembles_named, key_of
from noisette.papers.working_memory._summary import summary
from noisette.provenance import program_version
from noisette.studies import Serial, Study, load, save
from noisette.training import EnsembleProgress, Protocol, Trained, TrainingOptions, TrainingState, train

WORKERS = os.cpu_count() or 1
SAMPLE = 502  # trials of the timing run for the estimate, of which the first hundred and the last are discarded


def prepare(scale: str, seed: int, out: Path, names: list[str], report: Report) -> None:
    """Train and summarise the named ensembles unless this is already done.

    Parameters
    ----------
    scale, seed : scale and seed of the reproduction
    out : folder of the reproduction; networks are saved in ``networks/ENSEMBLE``
    names : names of ensembles
    report : callback with the arguments (description, done, total)
    """
    remaining = [
        ensemble for ensemble in ensembles_named(names, scale) if _summarised(ensemble, scale, seed, out) is None
    ]
    if scale == "paper" and remaining:
        print(estimate(remaining, scale, seed, out), file=sys.stderr, flush=True)
    for ensemble in remaining:
        trained = ensemble.trained(
            scale,
            seed,
            out,
            workers=1 if scale == "smoke" else WORKERS,
            options=TrainingOptions(on_progress=partial(EnsembleProgress.show, name=ensemble.name, report=report)),
        )
        data = summarised(ensemble, trained, scale, seed, partial(report, f"summary of {ensemble.name}"))
        save(data, _file(ensemble, out, scale))


def estimate(ensembles: list[Ensemble], scale: str, seed: int, out: Path) -> str:
    """Return an estimate of the time of the remaining training, from a timing run on this machine."""
    remaining = 0.0
    for ensemble in ensembles:
        folder = ensemble.folder(out, scale)
        done = len([file for file in folder.glob("network_*.npz") if "checkpoint" not in file.name])
        remaining += (ensemble.count(scale) - done) * _stored.expected_trials(ensemble)
    times: list[float] = []

    def record_time(index: int, state: TrainingState) -> None:
        times.append(time.monotonic())

    first = ensembles[0]
    protocol = Protocol(max_trials=SAMPLE, least_trials=SAMPLE)
    options = TrainingOptions(on_test=record_time)
    train(first.task, 1, draw=first.draw(scale), protocol=protocol, key=seed, options=options)
    seconds = (times[-2] - times[1]) / (SAMPLE - 202)
    hours = remaining * seconds / WORKERS / 3600
    return (
        f"{remaining / 1e6:.2f} million network-trials remain, at {1e3 * seconds:.2f} ms each as measured now; "
        f"with {WORKERS} processes this takes about {hours:.1f} h. An interrupted training can be resumed."
    )


def summarised(
    ensemble: Ensemble, trained: list[Trained], scale: str, seed: int, progress: Callable[[int, int], None]
) -> xr.Dataset:
    """Return the summaries of all networks of an ensemble."""
    full = ensemble.name.startswith("u")  # the main experiment
    disturbed = full or ensemble.name.startswith("ctx")

    def summarise(network: int) -> xr.Dataset:
        key = key_of(ensemble, network, seed)
        return summary(trained[network], ensemble.task, key, full=full, disturbed=disturbed)

    data = Study("summary", summarise, {"network": range(len(trained))}).run(progress, Serial(WORKERS))
    attrs = {"ensemble": ensemble.name, "scale": scale, "seed": seed, "noise_channels": ensemble.noise_channels}
    attrs |= {"method": "simulated", "estimator": "single-run", "version": program_version()}
    return data.assign_attrs(attrs, networks=len(trained))


def _file(ensemble: Ensemble, out: Path, scale: str) -> Path:
    return ensemble.folder(out, scale) / "summary.nc"


def _summarised(ensemble: Ensemble, scale: str, seed: int, out: Path) -> xr.Dataset | None:
    file = _file(ensemble, out, scale)
    if not file.is_file():
        return None
    data = load(file)
    expected = {"seed": seed, "networks": ensemble.count(scale), "version": program_version()}
    return data if all(data.attrs.get(name) == value for name, value in expected.items()) else None


def summaries(names: list[str], scale: str, out: Path) -> dict[str, xr.Dataset]:
    """Return the summaries saved by `prepare`, by the names of the ensembles."""
    return {ensemble.name: load(_file(ensemble, out, scale)) for ensemble in ensembles_named(names, scale)}


def by_channels(names: list[str], scale: str, out: Path) -> dict[int, xr.Dataset]:
    """Return the summaries saved by `prepare`, by C."""
    return {data.attrs["noise_channels"]: data for data in summaries(names, scale, out).values()}
