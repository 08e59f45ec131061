"""A valid call of every public callable, as keyword arguments, for `wrong_kinds.py`."""

from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

import noisette as nz
from noisette import analysis, networks, papers, plots, studies, tasks, theory, training
from noisette.probes import Step, Variable
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


def core() -> Calls:
    """Noises, weights, activations, probes, states, codes and information."""
    number = {"x": X}
    units = {"units": [0, 1]}
    return {
        "noise:White": {"strength": 0.1},
        "noise:Common": {"strength": 0.1},
        "noise:Frozen": {"std": 0.1},
        "noise:OrnsteinUhlenbeck": {"std": 0.1, "tau": 2.0},
        "noise:Pulse": {"strength": 0.1, "start": 0, "duration": 1, "noise": nz.White(1.0)},
        "noise:Gated": {"noise": nz.White(1.0), "start": 1.0, "stop": 2.0},
        "noise:Channels": {"weights": W, "noise": nz.White(1.0)},
        "noise:Sum": {"parts": (nz.White(1.0), nz.Frozen(1.0))},
        "noise:as_strength": {"value": 1.0, "name": "strength"},
        "noise:per_unit": {"strength": jnp.asarray(1.0), "size": 3},
        "noise:from_convention": {"program": "psychrnn", "strength": 0.1, "tau": 100.0, "dt": 10.0},
        "noise:from_string": {"text": "white:0.1"},
        "noise:spectrum_of": {"noise": nz.White(1.0)},
        "weights:autapses": {"weight": 1.0, "size": 3},
        "weights:dale_violations": {"weights": np.abs(W), "fraction": 0.8},
        "weights:ensemble": {"text": "gaussian:3", "seed": 0},
        "weights:excitatory_inhibitory": {"size": 10, **EI, "sigma_e": 1.0, "sigma_i": 1.0, "key": 0},
        "weights:expected_mean": {"size": 10, **EI, "fraction": 0.8, "density": 0.2},
        "weights:from_string": {"text": "gaussian:3", "seed": 0},
        "weights:gaussian": {"size": 3, "std": 1.0, "self_coupling": True, "key": 0},
        "weights:hopfield": {"patterns": [1, 2], "coupling": 1.0, "size": 3},
        "weights:load": {"path": str(_saved(W))},
        "weights:mean_field_hopfield": {"size": 3, "coupling": 4.0, "pattern": np.array([1.0, 1.0, -1.0])},
        "weights:nrooks": {"weight": 1.0, "size": 3, "key": 0},
        "weights:spectral_radius": {**EI, "sigma_e": 1.0, "sigma_i": 1.0, "fraction": 0.8, "density": 0.2},
        "weights:square": {"matrix": W, "name": "W"},
        "weights:symmetric": {"size": 3, "std": 1.0, "key": 0},
        "activations:Pade": {"alpha": 0.3, "beta": 0.1},
        "activations:Power": {"exponent": 2.0},
        "activations:Threshold": {"theta": 0.5},
        **{f"activations:{name}": number for name in ("erf", "linear", "relu", "sigmoid", "tanh")},
        "activations:from_string": {"text": "tanh"},
        "probes:Autocovariance": {"lags": 2, "every": 1, "discard": 0, "centred": True, "rates": True},
        "probes:ConditionalEntropy": {**units, "every": 1},
        "probes:ConditionalStates": units,
        "probes:Covariance": {"every": 1, "discard": 0, "window": 1, "of": "current"},
        "probes:JointStates": units,
        "probes:Lyapunov": {"exponents": 1, "every": 1, "discard": 0.0, "skipped": 0},
        "probes:Snapshots": {"times": (0.1, 0.2)},
        "probes:Speed": {"every": 1},
        "probes:Trace": {"every": 1, **units},
        "probes:TrajectorySeparation": {"delta": 1e-5, "discard": 0.0},
        "probes:Variable": {"dims": ("unit",), "coords": {}, "attrs": {}},
        "probes:block_error": {"means": np.arange(20.0)},
        "probes:from_string": {"text": "Trace"},
        "codes:states": {"size": 3},
        "codes:decode": {"code": 3, "size": 3},
        "codes:encode": {"state": np.array([1.0, -1.0])},
        "information:entropy": {"p": np.array([0.5, 0.5]), "axis": 0},
        "information:binary_entropy": {"q": 0.3},
        "information:mutual_information": {"joint": np.full((2, 2), 0.25)},
        "information:plogp": {"p": np.array([0.5, 0.5])},
        "information:finite_numbers": {"values": X, "name": "values"},
    }


def _saved(matrix: np.ndarray) -> Path:
    np.save(FOLDER / "weights.npy", matrix)
    return FOLDER / "weights.npy"


def models() -> Calls:
    """Networks, simulation and theory."""
    model = {"activation": TANH, "gain": 0.5, "noise": nz.Frozen(1.0)}
    chain = {"network": BINARY, "steps": 10, "start": 0, "estimator": "fixed-start"}
    parts = {"weights": W, "signs": np.ones(3), "logits": np.zeros(3), "input_weights": np.ones((3, 1))}
    parts |= {
        "readout": np.ones((1, 3)),
        "readout_bias": 0.0,
        "noise_weights": np.ones((3, 1)),
        "mask": np.ones((3, 3)),
    }
    parts |= {"tau_range": (20.0, 125.0), "dt": 5.0, "sensory_noise": 0.1}
    return {
        "networks:Boltzmann": {"weights": W, "bias": X, "noise": nz.White(1.0)},
        "networks:SignNetwork": {"weights": W, "bias": X, "noise": nz.White(1.0)},
        "networks:RateNetwork": {
            "weights": W,
            "gain": 1.0,
            "tau": 1.0,
            "bias": X,
            "activation": TANH,
            "noise": nz.White(1.0),
            "input_weights": np.ones((3, 1)),
            "readout": np.ones((1, 3)),
            "readout_bias": 0.0,
            "unit_of_time": "tau",
        },
        "networks:Onsager": {"network": RATE, "gamma": 1.0, "stimulus": "inside"},
        "networks:Ramp": {"first": 0.0, "last": 1.0, "begin": 0.0, "end": 1.0},
        "networks:Switch": {"times": np.array([1.0]), "values": np.array([0.0, 1.0])},
        "networks:Flow": {"function": lambda x: -x, "size": 3, "noise": None, "scale": lambda x: 1 + x**2},
        "networks:Map": {"function": lambda x: -x, "size": 3, "noise": None},
        "networks:TaskNetwork": parts,
        "networks:as_network": {"value": RATE},
        "networks:as_networks": {"value": [RATE]},
        "networks:as_noise": {"noise": nz.White(1.0)},
        "networks:fastest_rate": {"network": RATE, "units": X, "time": 0.0, "inputs": None, "iterations": 3},
        "networks:from_string": {"text": "rate", "weights": W},
        "networks:logistic_normal": {"field": X, "std": 1.0, "reach": 745.0, "digits": 16},
        "networks:parameters_of": {"text": "rate"},
        "networks:rounded_reach": {"largest": 10.0},
        "networks:Euler": {"network": RATE, "dt": jnp.asarray(0.1)},
        "networks:Heun": {"network": RATE, "dt": jnp.asarray(0.1)},
        "networks:Discretized": {"network": RATE, "dt": jnp.asarray(0.1)},
        "simulation:simulate": {
            "network": RATE,
            "probes": nz.Trace(),
            "key": 0,
            "start": X,
            "runs": 1,
            "warn": True,
            "duration": 0.5,
            "dt": 0.1,
            "solver": "euler",
            "inputs": np.ones(5),
        },
        "simulation:find_fixed_points": {
            "network": RATE.with_noise(nz.Frozen(0.1)),
            "draws": 2,
            "key": 0,
            "start": 0.0,
            "tolerance": 1e-8,
            "warn": True,
        },
        "simulation:Adaptive": {"tolerance": 1e-7},
        "simulation:Stiff": {"tolerance": 1e-7},
        "simulation:stable_step": {"networks": [RATE], "starts": X[None]},
        "theory:autocovariance": {
            "activation": TANH,
            "gain": 1.5,
            "noise": nz.White(0.5),
            "lags": np.array([0.0, 1.0]),
        },
        "theory:correlations": {**model, "size": 10, "activity": "current", "order": "leading", "key": 0},
        "theory:critical_gain": {"activation": TANH, "noise": nz.Frozen(1.0)},
        "theory:fold_gain": {"activation": TANH, "noise": nz.Frozen(1.0)},
        "theory:mean_field": {"activation": TANH, "gain": 1.5, "noise": nz.White(0.5)},
        "theory:power_law_phases": {"exponents": [0.5, 2.0], "std": 1.0},
        "theory:predicted_covariance": {
            "network": nz.RateNetwork(W, 0.5, noise=nz.Frozen(1.0)),
            "activity": "current",
            "sites": "alike",
            "draws": 50,
        },
        "theory.markov:check_estimator": {"estimator": "stationary"},
        "theory.markov:closed_classes": {"transition": TRANSITION},
        "theory.markov:entropy_production": {"network": BINARY},
        "theory.markov:escape_time": {"network": BINARY, "codes": [0, 1]},
        "theory.markov:joint": chain,
        "theory.markov:measures": chain,
        "theory.markov:occupation": {"network": BINARY, "steps": 10, "start": 0},
        "theory.markov:one_pattern_conditional_entropy": PATTERN,
        "theory.markov:one_pattern_measures": PATTERN,
        "theory.markov:passage_times": {"network": BINARY, "target": 1},
        "theory.markov:start_distribution": {"start": 0, "size": 3},
        "theory.markov:stationary": {"network": BINARY},
        "theory.markov:stationary_of": {"transition": TRANSITION},
        "theory.markov:transition_matrix": {"network": BINARY, "time": 0},
    }


def measures() -> Calls:
    """Analysis of arrays, networks and results."""
    chaos = nz.chaos_curve([W], [0.5, 1.0], duration=2.0, discard=1.0, dt=0.1)
    key = {"key": 0}
    covariance = np.diag([1.0, 2.0, 3.0])
    groups = {"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0, 3.0, 4.0, 7.0]}
    model = {"activation": TANH, "gain": 0.5, "noise": nz.Frozen(1.0), "size": 5, "key": 0}
    state = {"network": RATE, "units": X, "time": 0.0, "inputs": None}
    spectrum = analysis.modes(RATE, X)
    pulse = {"network": SIGN, "pulse": 1.0, "relaxation": 3, "duration": 1}
    curve = {"network": BINARY, "noise": [0.5, 1.0], "steps": 10, "start": 0, "estimator": "fixed-start", "key": 0}
    trained = {"network": TRAINED, "task": TASK}
    memory = {"washout": 0, "split": (80, 40, 40), "ridge": 1e-6}
    return {
        "analysis:attractors": {"network": SIGN, "ties": "keep"},
        "analysis:find_attractors": {"network": SIGN, "ties": "keep", "starts": 8, "steps": 50, "key": 0},
        "analysis:sampled_attractors": {"network": SIGN, "ties": "keep", "starts": 8, "steps": 50, "key": 0},
        "analysis:conditional_entropy": {"network": BINARY, "noise": [1.0], "steps": 20, "start": 0, "method": "auto"},
        "analysis:network_correlations": {"weights": W, "gain": 0.5, "method": "auto", "key": 0},
        "analysis:chaos_curve": {
            "weights": [W],
            "gains": [0.5],
            "gamma": 0.0,
            "dt": 0.1,
            "duration": 2.0,
            "discard": 1.0,
            "key": 0,
            "exponents": 1,
            "noise": None,
            "activation": TANH,
            "halve": False,
        },
        "analysis:correlations": model,
        "analysis:simulated_correlations": {**model, "networks": 2, "draws": 3},
        "analysis:covariance_spectrum": {"covariance": covariance},
        "analysis:lyapunov_spectrum": {
            "network": RATE,
            "exponents": 1,
            "key": 0,
            "duration": 2.0,
            "discard": 1.0,
            "dt": 0.1,
            "every": 2,
        },
        "analysis:noise_effect": curve,
        "analysis:optimal_noise": {"network": BINARY, "steps": 10, "start": 0, "estimator": "fixed-start"},
        "analysis:participation_dimension": {"covariance": covariance},
        "analysis:resonance": curve,
        "analysis:sampled_divergence": {
            "network": BINARY,
            "noise": [1.0],
            "steps": 20,
            "runs": 2,
            "every": 5,
            "key": 0,
        },
        "analysis:simulated_switching": {**pulse, "runs": 3, "key": 0},
        "analysis:switching": pulse,
        "analysis:spectral_moments": {"samples": POINTS[0], "centred": True},
        "analysis:step_audit": {"network": RATE, "dt": 0.1, "key": 0, "duration": 1.0, "discard": 0.0, "runs": 2},
        "analysis:transition_graph": {"network": BINARY, "least": 0.01, "ties": "keep"},
        "analysis:agreement": {"first": [0, 1, 1], "second": [0, 0, 1]},
        "analysis:chaos_summary": {"data": chaos},
        "analysis:cluster_separation": {"trajectories": POINTS, "labels": [0, 0, 1, 1], "windows": 1, "key": 0},
        "analysis:clusters": {"embedding": POINTS[0], "number": 2, "key": 0},
        "analysis:compare_counts": {"counts": {"C = 0": [5, 10], "C = 10": [9, 10]}, "confidence": 0.95},
        "analysis:compare_groups": {"values": groups, "paired": False, "confidence": 0.9, "resamples": 50, "key": 0},
        "analysis:compare_times": {"times": groups, "reached": {k: [True] * 4 for k in groups}, "adjust": "holm"},
        "analysis:connectivity": {"network": TRAINED, "threshold": 0.0},
        "analysis:delay_state": {**trained, "trials": 2, "key": 0},
        "analysis:describe": {"values": groups},
        **{f"analysis:{name}": state for name in ("diagonal", "divergence", "jacobian", "spectrum")},
        "analysis:disturbance": {
            **trained,
            "units": np.array([True, False, False, True]),
            "amplitude": 1.0,
            "form": "current",
        },
        "analysis:dominant_units": {"spectrum": spectrum, "top": 2},
        "analysis:driven_states": {"network": RATE, "signal": SIGNAL[:10], "dt": 0.1, "every": 1, "start": X, **key},
        "analysis:dunn": {"values": groups, "adjust": "holm"},
        "analysis:embed": {"states": POINTS, "method": "pca", "components": 2, "every": 5, "key": 0},
        "analysis:entropy_from_counts": {"counts": np.array([3, 4]), "correction": "none"},
        "analysis:entropy_rate": {"exponents": np.array([0.1, -1.0]), "size": 2},
        "analysis:holm": {"p": [0.1, 0.01]},
        "analysis:information_slope": {"network": BINARY, "noise": 1.0, "steps": 10, "start": 0},
        "analysis:inverse_participation_ratio": {"vectors": W},
        "analysis:jackknife": {"first": X, "second": X},
        "analysis:kaplan_yorke": {"exponents": np.array([0.1, -1.0]), "size": 2},
        "analysis:memory_curve": {"states": STATES, "signal": SIGNAL, "lags": [1, 2], "direction": "memory", **memory},
        "analysis:modes": {"network": RATE, "state": X},
        "analysis:motifs": {},
        "analysis:nearest_fixed_point": {"network": RATE, "start": X, "inputs": None, "time": 0.0},
        "analysis:network_memory": {
            "network": RATE,
            "lags": [1],
            "signal": SIGNAL,
            "key": 0,
            "dt": 0.1,
            "hold": 0.2,
        },
        "analysis:participation": {"vectors": W},
        "analysis:pca": {"trajectories": POINTS, "components": 2},
        "analysis:per_network": {"values": POINTS[0], "pooled": False},
        "analysis:persistent_activity": {
            **trained,
            "dominant": np.array([True, False, True, False]),
            "trials": 2,
            **key,
        },
        "analysis:perturb": {**trained, "supports": np.ones((2, 4), bool), "amplitude": 1.0, "trials": 2, "key": 0},
        "analysis:pipr": {"ipr": [0.2, 0.5, 0.9], "accuracy": [0.5, 0.6, 0.7]},
        "analysis:plug_in": {"joint": np.array([[3, 4], [2, 1]]), "correction": "none"},
        "analysis:random_signal": {"steps": 5, "hold": 1, "key": 0},
        "analysis:readout_score": {"target": X, "fitted": X, "reference": "variance"},
        "analysis:resonant_fraction": {"weights": np.eye(2)[None], "noise": [0.5, 1.0], "gain": 0.05},
        "analysis:signed_permutations": {"size": 3},
        "analysis:sines": {"steps": 5, "omegas": (0.1, 0.2)},
        "analysis:slow_points": {"network": RATE, "starts": X[None], "duration": 10.0, "tolerance": 1e-6},
        "analysis:squared_displacement": {"before": W, "after": W.T, "activation": TANH},
        "analysis:successors": {"network": SIGN, "ties": "keep"},
        "analysis:supports": {"spectrum": spectrum, "top": 2},
        "analysis:total_capacity": {
            "states": STATES,
            "signal": SIGNAL,
            "lags": 3,
            **{k: memory[k] for k in ("washout", "split")},
        },
    }


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
        "tasks:from_string": {"text": "dms", "delay": 10.0},
        "training:FixedTau": {"tau": 50.0, "population": "all"},
        "training:Protocol": {"max_trials": 2, "test_every": 1, "test_trials": 2, "score": "threshold", "batch": 1},
        "training:TrainingOptions": {"resume": True, "exact": True, "layout": "auto"},
        "training:as_dataset": {"trained": trained},
        "training:extras": {"path": FOLDER / "network.npz"},
        "training:initial_networks": {"task": TASK, "size": 4, "noise_channels": 0},
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
        "plots:eigenvalues": {"axes": axes, "values": np.linalg.eigvals(W), "colour": "entropy", "label": "W"},
        "plots:figure": {"width": 3.0, "height": 2.0},
        "plots:information_curves": {"axes": axes, "exact": curve, "legend": True},
        "plots:joint_matrix": {"axes": axes, "joint": probability / 4, "min_probability": 1e-4},
        "plots:letter": {"axes": axes, "text": "a"},
        "plots:lyapunov_curve": {"axes": axes, "data": chaos, "label": "", "colour": "information"},
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
        "papers:write_report": {"paper": PAPER, "folder": FOLDER / "paper"},
    }


GROUPS = SimpleNamespace(core=core, models=models, measures=measures, training=tasks_and_training, outputs=outputs)
# what is returned, derived from or passed by the program, and not made by users
NOT_CALLED = {
    "weights": "labels",
    "analysis": "Attractors Choice SampledAttractors choose_estimator default_strengths "
    "NoiseEffect Optimum SpectralMoments Switching",
    "networks": "label_units BinaryNetwork ContinuousNetwork DiscreteNetwork HasNetwork Integrator Network NetworkLike "
    "State Trainable",
    "noise": "Noise NoiseSpectrum",  # a spectrum is checked by `spectrum_of`
    "probes": "Probe Step",
    "papers": "Multiplicity Outcome",
    "simulation": "Solver TimeOptions TrialOptions",
    "studies": "Executor Failure Plan Status StoreError",
    "study_files": "build_network measured",
    "tasks": "FromGym Task Trial parameter",  # a trial holds traced arrays; any value may be the default of a task
    "theory.markov": "Measures Reducible conditional_entropy Start Unresolved small_measures",
    "training": "read_psychrnn EnsembleProgress Trained TrainingState",
}
__all__ = ["FOLDER", "GROUPS", "NOT_CALLED", "Step", "Variable"]
