"""A valid call of every public callable, as keyword arguments, for `wrong_kinds.py`."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
from _wrong_kinds_measures import measures
from _wrong_kinds_populations import populations
from _wrong_kinds_values import BINARY, EI, FOLDER, PATTERN, RATE, TANH, TRANSITION, Calls, W, X, saved
from _wrong_kinds_work import outputs, tasks_and_training

import noisette as nz


def leaky(x, dt, rng):
    """Return the next states of leaky units."""
    return x - x * dt / 10 + 0.5 * np.sqrt(dt) * rng.standard_normal(x.shape)


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
        "noise:ByPopulation": {"noises": [nz.White(0.1), None], "sizes": [3, 2]},
        "noise:Channels": {"weights": W, "noise": nz.White(1.0)},
        "noise:Placed": {"noise": nz.White(1.0), "place": "rate"},
        "noise:by_place": {"noise": nz.White(1.0)},
        "noise:Correlated": {"covariance": np.eye(3), "noise": nz.White(1.0)},
        "noise:Telegraph": {"std": 0.1, "tau": 2.0},
        "noise:Shot": {"rate": 2.0, "amplitude": 0.1, "tau": 2.0},
        "noise:SampleAndHold": {"std": 0.1, "every": 2.0, "phase": "random"},
        "noise:Independent": {"distribution": "student", "strength": 0.1, "df": 5.0},
        "noise:Stable": {"alpha": 1.5, "scale": 0.1},
        "noise:PowerLaw": {"std": 0.1, "exponent": 1.0, "shortest": 0.1, "longest": 10.0},
        "noise:BandLimited": {"std": 0.1, "frequency": 0.5, "tau": 2.0},
        "noise:from_autocovariance": {
            "autocovariance": lambda lags: np.exp(-lags),
            "lags": np.linspace(0, 5, 11),
            "tolerance": 0.05,
        },
        "noise:Sum": {"parts": (nz.White(1.0), nz.Frozen(1.0))},
        "noise:as_strength": {"value": 1.0, "name": "strength"},
        "noise:per_unit": {"strength": jnp.asarray(1.0), "size": 3},
        "noise:from_convention": {"program": "psychrnn", "strength": 0.1, "tau": 100.0, "dt": 10.0},
        "noise:conformance": {"step": leaky, "sigma": 0.5, "tau": 10.0, "dt": 5.0, "units": 2, "key": 0},
        "noise:from_string": {"text": "white:0.1"},
        "noise:record": {"noise": nz.White(1.0), "size": 3, "duration": 2.0, "dt": 0.5, "key": 0, "trials": 2},
        "noise:spectrum_of": {"noise": nz.White(1.0)},
        "weights:as_word": {"matrix": W},
        "weights:autapses": {"weight": 1.0, "size": 3},
        "weights:balanced": {
            **{"size": 3, "density": 0.5, "balance": 0.0, "width": 1.0, "magnitudes": "equal"},
            **{"self_coupling": True, "key": 0},
        },
        "weights:dale_violations": {"weights": np.abs(W), "fraction": 0.8},
        "weights:distribution": {"text": "gaussian:3"},
        "weights:ensemble": {"text": "gaussian:3", "seed": 0},
        "weights:excitatory_inhibitory": {"size": 10, **EI, "sigma_e": 1.0, "sigma_i": 1.0, "key": 0},
        "weights:expected_mean": {"size": 10, **EI, "fraction": 0.8, "density": 0.2},
        "weights:from_string": {"text": "gaussian:3", "seed": 0},
        "weights:gaussian": {"size": 3, "std": 1.0, "self_coupling": True, "key": 0},
        "weights:hopfield": {"patterns": [1, 2], "coupling": 1.0, "size": 3},
        "weights:is_nrooks": {"weights": W, "share": 0.9},
        "weights:load": {"path": str(saved(W))},
        "weights:mean_field_hopfield": {"size": 3, "coupling": 4.0, "pattern": np.array([1.0, 1.0, -1.0])},
        "weights:nrooks": {"weight": 1.0, "size": 3, "key": 0},
        "weights:spectral_radius": {**EI, "sigma_e": 1.0, "sigma_i": 1.0, "fraction": 0.8, "density": 0.2},
        "weights:square": {"matrix": W, "name": "W"},
        "weights:symmetric": {"size": 3, "std": 1.0, "key": 0},
        "activations:Pade": {"alpha": 0.3, "beta": 0.1},
        "activations:Power": {"exponent": 2.0},
        "activations:Smoothed": {"activation": TANH, "std": 0.5},
        "activations:Threshold": {"theta": 0.5},
        **{f"activations:{name}": number for name in ("erf", "linear", "relu", "sigmoid", "tanh")},
        "activations:Formula": {"text": "x/(1+abs(x))"},
        "activations:from_formula": {"text": "x/(1+abs(x))"},
        "activations:from_string": {"text": "tanh"},
        "probes:Autocovariance": {"lags": 2, "every": 1, "discard": 0, "centred": True, "rates": True},
        "probes:ConditionalEntropy": {**units, "every": 1, "discard": 0},
        "probes:ConditionalStates": units,
        "probes:EntropyProduction": {"every": 1, "discard": 0},
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


def models() -> Calls:
    """Networks, simulation and theory."""
    model = {"activation": TANH, "gain": 0.5, "noise": nz.Frozen(1.0)}
    onset = {"mean": 1.0, "std": 0.5, "noise": 0.5, "bias_std": 0.5}
    many = onset | {"gain": [0.5, 1.0], "bias": 0.1, "start": 1.0}
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
            "noise_scale": lambda x: 1 + x**2,
        },
        "networks:Onsager": {"network": RATE, "gamma": 1.0, "stimulus": "inside"},
        "networks:Ramp": {"first": 0.0, "last": 1.0, "begin": 0.0, "end": 1.0},
        "networks:Switch": {"times": np.array([1.0]), "values": np.array([0.0, 1.0])},
        "networks:Flow": {
            "function": lambda x: -x,
            "size": 3,
            "noise": None,
            "scale": lambda x: 1 + x**2,
            "interpretation": "ito",
        },
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
        "networks:Milstein": {"network": RATE, "dt": jnp.asarray(0.1)},
        "networks:Discretized": {"network": RATE, "dt": jnp.asarray(0.1)},
        "simulation:simulate": {
            "network": RATE,
            "probes": nz.Trace(),
            "key": 0,
            "start": X,
            "runs": 1,
            "common_noise": True,
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
        "simulation:step_stability": {"network": RATE, "units": X, "dt": 0.1, "time": 0.0, "solver": "euler"},
        "theory:autocovariance": {
            "activation": TANH,
            "gain": 1.5,
            "noise": nz.White(0.5),
            "lags": np.array([0.0, 1.0]),
        },
        "theory:binary_critical_gain": onset,
        "theory:binary_mean_field": many,
        "theory:correlations": {**model, "size": 10, "activity": "current", "order": "leading", "key": 0},
        "theory:critical_gain": {"activation": TANH, "noise": nz.Frozen(1.0)},
        "theory:critical_noise": {"activation": TANH, "gain": 1.5, "noise": nz.White(0.5)},
        "theory:fold_gain": {"activation": TANH, "noise": nz.Frozen(1.0)},
        "theory:linear_gain": {"spread": 0.5, "covariance": "long-window"},
        "theory:mean_field": {"activation": TANH, "gain": 1.5, "noise": nz.White(0.5)},
        "theory:power_law_phases": {"exponents": [0.5, 2.0], "std": 1.0},
        "theory:predicted_covariance": {
            "network": nz.RateNetwork(W, 0.5, noise=nz.Frozen(1.0)),
            "activity": "current",
            "sites": "alike",
            "draws": 50,
        },
        "theory.markov:binary_critical_gain": onset,
        "theory.markov:binary_mean_field": many,
        "theory.markov:irreversibility": {"flow": TRANSITION},
        "theory.markov:closed_classes": {"transition": TRANSITION},
        "theory.markov:entropy_production": {"network": BINARY},
        "theory.markov:escape_time": {"network": BINARY, "codes": [0, 1]},
        "theory.markov:information_flow": {"network": BINARY, "source": [0], "target": 1, "given": [2], "history": 1},
        "theory.markov:input_information": {
            **{"network": BINARY, "patterns": 1, "strength": 1.0, "probabilities": [0.5, 0.5]},
            **{"input_weights": np.ones((3, 1)), "lags": [1, 2]},
        },
        "theory.markov:joint": chain,
        "theory.markov:measures": chain,
        "theory.markov:occupation": {"network": BINARY, "steps": 10, "start": 0},
        "theory.markov:one_pattern_conditional_entropy": PATTERN,
        "theory.markov:one_pattern_measures": PATTERN,
        "theory.markov:passage_times": {"network": BINARY, "target": 1},
        "theory.markov:periodic_response": {"network": BINARY, "signal": [0.5, -0.5], "output": X},
        "theory.markov:rms_correlation": {"network": BINARY},
        "theory.markov:start_distribution": {"start": 0, "size": 3},
        "theory.markov:stationary": {"network": BINARY},
        "theory.markov:stationary_of": {"transition": TRANSITION},
        "theory.markov:transfer_entropies": {"network": BINARY, "history": 1},
        "theory.markov:transition_matrix": {"network": BINARY, "time": 0},
    }


GROUPS = SimpleNamespace(
    **{"core": core, "models": models, "measures": measures, "training": tasks_and_training, "outputs": outputs},
    populations=populations,
)
# what is returned, derived from or passed by the program, and not made by users
NOT_CALLED = {
    "weights": "labels",
    "analysis": "Attractors Choice SampledAttractors choose_estimator default_strengths "
    "NoiseEffect Optimum SpectralMoments Switching",
    "ensembles": "Ensemble Statistics",
    "networks": "label_units BinaryNetwork ContinuousNetwork DiscreteNetwork HasNetwork Integrator Network NetworkLike "
    "State StepNoise Trainable",  # step noise is checked by `TaskNetwork`
    "noise": "Noise NoiseSpectrum Recorded",  # a spectrum is checked by `spectrum_of`
    "probes": "Probe Step",
    "papers": "Event Multiplicity Outcome PaperOutcome",
    "simulation": "Solver StepStability TimeOptions TrialOptions",
    "studies": "Executor Failure Plan Status StoreError",
    "study_files": "build_network measured",
    "tasks": "FromGym Task Trial parameter",  # a trial holds traced arrays; any value may be the default of a task
    "theory.markov": "Measures PeriodicResponse Reducible conditional_entropy Start Units Unresolved small_measures",
    "training": "read_psychrnn EnsembleProgress PlacedNoise Trained TrainingState",
}
__all__ = ["FOLDER", "GROUPS", "NOT_CALLED"]
