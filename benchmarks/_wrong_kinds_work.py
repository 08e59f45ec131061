"""Valid calls of tasks, training, plots, studies and papers, as keyword arguments, for `wrong_kinds.py`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from _wrong_kinds_values import BINARY, FOLDER, RATE, SIGN, TANH, TASK, TRAINED, Calls, W, X

import noisette as nz
from noisette import analysis, networks, papers, plots, studies, theory, training

STUDY = """
[network]
kind = "boltzmann"
weights = "autapses:3"
[measure]
kind = "resonance"
steps = 5
[grid]
measure.noise = [0, 1]
"""


def square_study(scale: str = "smoke", seed: int = 0) -> studies.Study:
    """Return a study of two points."""
    return studies.Study("squares", _square, {"x": [1.0, 2.0]})


def _small(*, key: Any) -> networks.TaskNetwork:
    return networks.TaskNetwork.random(4, channels=2, key=key)


def _square(x: float) -> float:
    return x**2


def _no_claims(data: xr.Dataset) -> list[studies.Claim]:
    return [studies.holds("positive", "all", "all", True, why="", why_not="")]


def _page(data: xr.Dataset) -> Any:
    return plots.figure(3, 2)


FIGURE = papers.Figure("fig1", "Squares", square_study, _page, _no_claims)
PAPER = papers.Paper("squares", "On squares", "Nobody", (FIGURE,))


def tasks_and_training() -> Calls:
    """Tasks, training and tests of trained networks."""
    periods = {"dt": 5.0, "input_noise": 0.0, "fixation": 10.0, "stimulus": 10.0, "gap": 5.0, "response": 20.0}
    delayed = {**periods, "delay": 10.0, "second_delay": 0.0, "amplitude": 1.0, "inputs": 2, "score_gap": 0.0}
    shown = {**periods, "amplitude": 1.0, "duration": 100.0}
    protocol = training.Protocol(max_trials=2, test_every=1, test_trials=2)
    test = {"trials": 2, "key": 0}
    trained = training.train(TASK, 1, protocol=protocol, draw=_small)
    trial = TASK.trial(key=jax.random.key(0))
    steps = TASK.steps - 1
    run = {"psi": jnp.zeros((steps, 0)), "xi": jnp.zeros((steps, 4)), "initial": jnp.zeros(4)}
    training.save(TRAINED, FOLDER / "network.npz")
    return {
        "tasks:DMS": delayed,
        "tasks:XOR": {**delayed, "score_gap": 5.0},
        "tasks:AFC": shown,
        "tasks:GoNoGo": shown,
        "tasks:CTX": {
            **periods,
            "duration": 200.0,
            "offset": 0.5,
            "stimulus_noise": 1.0,
            "context": 1.0,
            "score_last": 10.0,
        },
        "tasks:FunctionApproximation": {
            **{"dt": 5.0, "input_noise": 0.0, "duration": 100.0, "response": 20.0},
            **{"formula": "x^2", "points": 3},
        },
        "tasks:PathIntegration": {
            **{"dt": 5.0, "input_noise": 0.0, "duration": 100.0},
            **{"dimensions": 2, "speed": 1.0, "correlation_time": 50.0},
        },
        "tasks:from_string": {"text": "dms", "delay": 10.0},
        "training:FixedTau": {"tau": 50.0, "population": "all"},
        "training:Protocol": {"max_trials": 2, "test_every": 1, "test_trials": 2, "score": "threshold", "batch": 1},
        "training:TrainingOptions": {"resume": True, "exact": True, "layout": "auto"},
        "training:network_key": {"key": 0, "index": 1},
        "training:as_dataset": {"trained": trained},
        "training:extras": {"path": FOLDER / "network.npz"},
        "training:initial_networks": {"task": TASK, "size": 4, "noise_channels": 0},
        "training:WindowError": {"tau": 10.0, "dt": 5.0},
        "training:noise_curve": {
            **{"networks": TRAINED, "task": TASK, "noise": [0.0, 1.0], "place": "activation"},
            **{"trials": 2, "repeats": 2, "key": 0},
        },
        "training:load": {"path": FOLDER / "network.npz"},
        "training:published_adam": {"learning_rate": 0.01},
        "training:published_protocol": {"task": TASK, "max_trials": 2},
        "training:run_perturbed_trials": {"network": TRAINED, "task": TASK, "current": np.zeros((steps, 4)), **test},
        "training:run_trial": {"network": TRAINED, "inputs": trial.inputs, **run},
        "training:run_trials": {"network": TRAINED, "task": TASK, **test, "label": 0, "score": "threshold"},
        "training:save": {"network": TRAINED, "path": FOLDER / "again.npz", "configuration": {"a": 1}},
        "training:summed_error": {"outputs": jnp.zeros((steps, 1)), "trial": trial},
        "training:test": {"networks": [TRAINED], "task": TASK, "internal_noise": 0, "input_noise": 1.0, **test},
        "training:train": {"task": TASK, "networks": 1, "protocol": protocol, "key": 0, "workers": 1, "draw": _small},
    }


def outputs() -> Calls:
    """Plots, studies, study files and papers."""
    axes = plots.figure(3, 2).subplots()
    curve = nz.resonance(BINARY, [0.5, 1.0], 10)
    chaos = nz.chaos_curve([W], [0.5, 1.0], duration=2.0, discard=1.0, dt=0.1)
    theory_curve = theory.correlations(TANH, [0.4, 0.5], nz.Frozen(1.0), size=20)
    attractors = analysis.attractors(SIGN)
    meeting = analysis.synchronisation(RATE, [0.0, 1.0], duration=2.0, dt=0.1, key=0)
    probability = np.full((4, 4), 0.25)
    file = FOLDER / "study.toml"
    file.write_text(STUDY)
    data = xr.Dataset({"y": ("x", [1.0, 2.0])})
    studies.save(data, FOLDER / "data.nc")
    study = square_study()
    study.run(store=FOLDER / "store")
    claim = {"statement": "s", "paper": "1", "ours": "2"}
    paper = {"paper": PAPER, "out": FOLDER / "paper", "scale": "smoke", "seed": 0, "recompute": False}
    return {
        "plots:boxes": {"axes": axes, "values": {"a": X, "b": X}},
        "plots:condition_outputs": None,
        "plots:group_rates": None,
        "plots:localised_spectrum": {"axes": axes, "data": analysis.modes(RATE, X)},
        "plots:correlation_curve": {"axes": axes, "data": theory_curve, "label": "theory", "colour": "black"},
        "plots:distance_curves": {"axes": axes, "data": meeting, "theory": meeting.isel(time=0)},
        "plots:eigenvalues": {"axes": axes, "values": np.linalg.eigvals(W), "colour": "entropy", "label": "W"},
        "plots:figure": {"width": 3.0, "height": 2.0},
        "plots:information_curves": {"axes": axes, "exact": curve, "legend": True},
        "plots:joint_matrix": {"axes": axes, "joint": probability / 4, "min_probability": 1e-4},
        "plots:letter": {"axes": axes, "text": "a"},
        "plots:lyapunov_curve": {"axes": axes, "data": chaos, "label": "", "colour": "information"},
        "plots:response_curve": {"axes": axes, "data": curve, "name": "entropy", "colour": "blue", "label": "H"},
        "plots:save": {"drawing": plots.figure(2, 1), "stem": FOLDER / "page"},
        "plots:style": {},
        "plots:time_constants": {"axes": axes, "tau": X + 30, "excitatory": X > 0, "bins": 3},
        "plots:traces": {"axes": axes, "times": np.arange(3.0), "states": W, "max_units": 2},
        "plots:transition_diagram": {
            "axes": axes,
            "probability": probability,
            "attractor": attractors.labels,
            "recurrent": np.ones(4, bool),
            "min_probability": 0.05,
        },
        "plots:transition_layout": {"probability": probability, "attractor": attractors.labels},
        "studies:Claim": {**claim, "verdict": "reproduced", "reason": ""},
        "studies:Cluster": {"kind": "slurm", "jobs": 1, "cores": 1, "memory": "2GB", "walltime": "1:00:00"},
        "studies:Dask": {"address": "tcp://localhost:1", "workers": 1},
        "studies:ProcessPool": {"workers": 1, "threads": 1},
        "studies:Progress": {"title": "study", "quiet": True},
        "studies:Serial": {"workers": 1},
        "studies:Study": {"name": "s", "measure": _square, "grid": {"x": [1.0]}, "seed": 0, "batch": 1},
        "studies:compare": {"statement": "s", "paper": 1.0, "ours": 1.0, "within": 0.1, "agrees": "", "differs": ""},
        "studies:count_verdicts": {"claims": [studies.Claim(**claim, verdict="reproduced", reason="")]},
        "studies:deviation_test": {"deviation": 1.0, "allowed": 2.0, "number": 1},
        "studies:failures": {"store": FOLDER / "store"},
        "studies:holds": {**claim, "truth": True, "why": "", "why_not": ""},
        "studies:load": {"path": FOLDER / "data.nc"},
        "studies:open_store": {"store": FOLDER / "store"},
        "studies:save": {"data": data, "path": FOLDER / "again.nc"},
        "studies:status": {"store": FOLDER / "store"},
        "study_files:read_study": {"file": file},
        "papers:Figure": {"name": "fig1", "title": "t", "study": square_study, "plot": _page, "claims": _no_claims},
        "papers:Paper": {"name": "p", "title": "t", "reference": "r", "figures": (FIGURE,)},
        "papers:from_string": {"text": "correlations"},
        "papers:multiplicity": {"claims": [studies.Claim(**claim, verdict="reproduced", reason="", p=0.1, level=0.05)]},
        "papers:reproduce": {**paper, "figure": FIGURE},
        "papers:reproduce_all": {**paper, "figures": (FIGURE,)},
        "papers:Settings": {"scale": "smoke", "seed": 0, "recompute": False},
        "papers:expectation": {"papers": ["correlations"], "scale": "quick"},
        "papers:reproduce_papers": {
            "papers": ["_wrong_kinds_work:PAPER"],
            "out": FOLDER / "all",
            "settings": papers.Settings("smoke"),
            "workers": 1,
        },
        "papers:write_index": {"papers": [PAPER], "folder": FOLDER / "all", "settings": papers.Settings("smoke")},
        "papers:write_report": {"paper": PAPER, "folder": FOLDER / "paper"},
    }
