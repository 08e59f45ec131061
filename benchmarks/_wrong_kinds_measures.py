"""A valid call of every public function of `analysis`, as keyword arguments, for `wrong_kinds.py`."""

import numpy as np
from _wrong_kinds_values import BINARY, POINTS, RATE, SIGN, SIGNAL, STATES, TANH, TASK, TRAINED, Calls, W, X, walk

import noisette as nz
from noisette import analysis


def measures() -> Calls:
    """Analysis of arrays, networks and results."""
    chaos = nz.chaos_curve([W], [0.5, 1.0], duration=2.0, discard=1.0, dt=0.1)
    run = nz.lyapunov_spectrum(nz.RateNetwork(W), duration=2.0, discard=0.0, dt=0.1, key=0)
    key = {"key": 0}
    meeting = {"network": RATE, "strengths": [1.0], "starts": 2, "key": 0, "duration": 2.0, "dt": 0.1, "tolerance": 0.1}
    covariance = np.diag([1.0, 2.0, 3.0])
    groups = {"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0, 3.0, 4.0, 7.0]}
    model = {"activation": TANH, "gain": 0.5, "noise": nz.Frozen(1.0), "size": 5, "key": 0}
    state = {"network": RATE, "units": X, "time": 0.0, "inputs": None}
    spectrum = analysis.modes(RATE, X)
    pulse = {"network": SIGN, "pulse": 1.0, "relaxation": 3, "duration": 1}
    curve = {"network": BINARY, "noise": [0.5, 1.0], "steps": 10, "start": 0, "estimator": "fixed-start", "key": 0}
    trained = {"network": TRAINED, "task": TASK}
    recording = {"data": walk(5), "confidence": 0.95}
    memory = {"washout": 0, "split": (80, 40, 40), "ridge": 1e-6}
    return {
        "analysis:attractors": {"network": SIGN, "ties": "keep"},
        "analysis:find_attractors": {"network": SIGN, "ties": "keep", "starts": 8, "steps": 50, "key": 0},
        "analysis:sampled_attractors": {"network": SIGN, "ties": "keep", "starts": 8, "steps": 50, "key": 0},
        "analysis:conditional_entropy": {"network": BINARY, "noise": [1.0], "steps": 20, "start": 0, "method": "auto"},
        "analysis:binary_ensemble": {
            **{"gain": [0.5, 1.0], "size": 3, "mean": 1.0, "std": 0.5, "noise": 0.5, "method": "simulated", "key": 0},
            **{"bias": 0.1, "bias_std": 0.5, "start": 1.0, "networks": 2, "steps": 5, "discard": 1, "every": 2},
        },
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
        "analysis:strong_order": {
            "network": RATE,
            "noise": nz.White(0.5),
            "dts": [0.5, 0.25],
            "key": 0,
            "duration": 1.0,
            "trials": 10,
            "start": 0.0,
            "solver": "euler",
        },
        "analysis:Sinusoid": {"amplitude": 0.1, "period": 10.0},
        "analysis:information_phases": {
            **{"size": 2, "density": [0.5], "balance": 0.0, "noise": 0.0, "strength": 1.0, "networks": 2, "key": 0},
            **{"width": 1.0, "channels": 1},
        },
        "analysis:maximise_information": {
            **{"weights": [[0.5, 0.2], [0.3, -0.4]], "constraint": "row-sum", "bound": 2.0},
            **{"starts": 1, "steps": 3, "key": 0},
        },
        "analysis:rms_correlation": {"states": np.sign(STATES), "blocks": 4},
        "analysis:stochastic_resonance": {
            "network": BINARY,
            "signal": analysis.Sinusoid(0.5, 10),
            "noise": [0.5, 1.0],
            "estimator": "auto",
            "key": 0,
            "runs": 2,
        },
        "analysis:coherence_resonance": {
            "network": BINARY,
            "noise": [0.5, 1.0],
            "duration": 50.0,
            "threshold": 0.0,
            "key": 0,
            "runs": 2,
        },
        "analysis:step_audit": {"network": RATE, "dt": 0.1, "key": 0, "duration": 1.0, "discard": 0.0, "runs": 2},
        "analysis:transition_graph": {"network": BINARY, "least": 0.01, "ties": "keep"},
        "analysis:agreement": {"first": [0, 1, 1], "second": [0, 0, 1]},
        "analysis:chaos_summary": {"data": chaos},
        "analysis:covariant_vectors": {
            **{"network": RATE, "exponents": 2, "key": 0, "duration": 4.0, "discard": 1.0, "dt": 0.1, "interval": 0.5},
        },
        "analysis:finite_time_exponents": {
            **{"network": RATE, "length": 1.0, "exponents": 1, "key": 0, "discard": 0.0, "dt": 0.1},
        },
        "analysis:reliability": {
            **{"network": RATE, "private": nz.White(0.1), "key": 0, "duration": 4.0, "discard": 1.0, "dt": 0.1},
            **{"trials": 2, "stimuli": 2, "units": [0]},
        },
        "analysis:simulated_critical_noise": {
            **{"network": RATE, "strengths": [0.0, 1.0], "key": 0, "duration": 4.0, "discard": 1.0, "dt": 0.1},
        },
        "analysis:synchronisation": meeting,
        "analysis:synchronisation_summary": {"data": analysis.synchronisation(**meeting, runs=2)},
        "analysis:effective_gain": {**recording, "key": 0, "size": 6, "window": 20, "dt": 0.5, "networks": 10},
        "analysis:linear_network": {**recording, "dt": 0.5, "lag": 1, "tau": 1.0, "ridge": 0.0},
        "analysis:kinetic_ising": {"states": np.sign(recording["data"]), "penalty": 1.0, "confidence": 0.95},
        "analysis:exponents_between": {"data": run, "begin": 0.0, "end": 1.0},
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
