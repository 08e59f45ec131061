"""Numbers of steps, units, runs, lags … must be integers in every public function.

The calls are made in a separate process, since annotations are checked before every call in this process.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from noisette.errors import InputError, integer

WRONG = {"fraction": 1.5, "whole float": 2.0, "text": "2", "bool": True, "nan": float("nan"), "negative": -1}


def calls():
    """Return a call for each parameter that is a count, as a function of its value."""
    import jax
    import numpy as np

    import noisette as nz
    from noisette import analysis, codes, networks, probes, studies, tasks, theory, training, weights
    from noisette.analysis import measures
    from noisette.theory import markov

    key = jax.random.key(0)
    rate, binary = nz.RateNetwork(np.zeros((3, 3))), nz.Boltzmann(np.zeros((3, 3)))
    frozen = rate.with_noise(nz.Frozen(1.0))
    logistic = networks.Map(lambda x: 4 * x * (1 - x), 1)
    task, signal = tasks.DMS(), np.random.default_rng(0).uniform(-1, 1, 400)
    states = np.stack([np.roll(signal, 1), np.roll(signal, 2)], 1)
    trained = networks.TaskNetwork.random(5, key=key)
    tanh, points = nz.activations.tanh, np.random.default_rng(1).standard_normal((4, 30, 5))
    run = {"duration": 1.0, "dt": 0.1, "key": key}
    spectrum = {"duration": 30, "discard": 0, "start": 0.3, "key": key}
    small = {"networks": 2, "draws": 2, "discard": 1.0, "dt": 0.1}
    made = {
        "simulate steps": lambda n: nz.simulate(rate, n, dt=0.1, key=key),
        "simulate runs": lambda n: nz.simulate(rate, runs=n, **run),
        "lyapunov_spectrum exponents": lambda n: nz.lyapunov_spectrum(logistic, n, **spectrum),
        "lyapunov_spectrum every": lambda n: nz.lyapunov_spectrum(logistic, every=n, **spectrum),
        "lyapunov_spectrum runs": lambda n: nz.lyapunov_spectrum(logistic, runs=n, **spectrum),
        "Lyapunov k": lambda n: nz.simulate(rate, probes=nz.Lyapunov(n), **run),
        "Lyapunov every": lambda n: nz.simulate(rate, probes=nz.Lyapunov(every=n), **run),
        "kaplan_yorke size": lambda n: analysis.kaplan_yorke(np.array([-1.0]), size=n),
        "entropy_rate size": lambda n: analysis.entropy_rate(np.array([-1.0]), size=n),
        "Covariance every": lambda n: nz.Covariance(every=n),
        "Covariance discard": lambda n: nz.Covariance(discard=n),
        "Covariance window": lambda n: nz.Covariance(every=5, window=n),
        "Autocovariance lags": lambda n: nz.Autocovariance(n),
        "Autocovariance every": lambda n: nz.Autocovariance(2, every=n),
        "Autocovariance discard": lambda n: nz.Autocovariance(2, discard=n),
        "Trace every": lambda n: nz.Trace(n),
        "Trace units": lambda n: nz.Trace(units=[n]),
        "Speed every": lambda n: nz.Speed(n),
        "JointStates units": lambda n: probes.JointStates([n]),
        "ConditionalStates units": lambda n: probes.ConditionalStates([n]),
        "ConditionalEntropy every": lambda n: probes.ConditionalEntropy(every=n),
        "relaxed draws": lambda n: nz.find_fixed_points(frozen, n, key=key),
        "chaos_curve networks": lambda n: nz.chaos_curve(lambda i: np.zeros((2, 2)), [0.5], networks=n, duration=20),
        "chaos_curve exponents": lambda n: nz.chaos_curve([np.zeros((2, 2))], [0.5], exponents=n, duration=200),
        "chaos_curve key": lambda n: nz.chaos_curve([np.zeros((2, 2))], [0.5], key=n, duration=200),
        "correlations size": lambda n: nz.correlations(tanh, 0.5, nz.Frozen(1.0), size=n),
        "correlations samples": lambda n: nz.correlations(tanh, 0.5, nz.Frozen(1.0), size=50, samples=n),
        "correlations networks": lambda n: nz.correlations(tanh, 0.5, nz.Frozen(1.0), size=50, networks=n),
        "theory.correlations size": lambda n: theory.correlations(tanh, 0.5, nz.Frozen(1.0), size=n),
        "simulated_correlations size": lambda n: nz.simulated_correlations(tanh, 0.5, nz.White(1.0), n, **small),
        "simulated_correlations networks": lambda n: nz.simulated_correlations(
            tanh, 0.5, nz.White(1.0), 5, **{**small, "networks": n}
        ),
        "simulated_correlations draws": lambda n: nz.simulated_correlations(
            tanh, 0.5, nz.White(1.0), 5, **{**small, "draws": n}
        ),
        "simulated_correlations key": lambda n: nz.simulated_correlations(tanh, 0.5, nz.White(1.0), 5, key=n, **small),
        "simulated_correlations snapshots": lambda n: nz.simulated_correlations(
            tanh, 0.5, nz.White(1.0), 5, snapshots=n, **small
        ),
        "resonance steps": lambda n: nz.resonance(binary, [1.0], n),
        "resonance runs": lambda n: nz.resonance(binary, [1.0], 10, estimator="single-run", runs=n),
        "resonance key": lambda n: nz.resonance(binary, [1.0], 10, estimator="single-run", key=n),
        "resonance units": lambda n: nz.resonance(binary, [1.0], 10, estimator="single-run", units=[n]),
        "sampled_divergence steps": lambda n: analysis.sampled_divergence(binary, [1.0], n),
        "sampled_divergence runs": lambda n: analysis.sampled_divergence(binary, [1.0], 10, runs=n),
        "sampled_divergence every": lambda n: analysis.sampled_divergence(binary, [1.0], 10, every=n),
        "optimal_noise steps": lambda n: nz.optimal_noise(binary, steps=n),
        "information_slope steps": lambda n: analysis.information_slope(binary, 1.0, n),
        "switching relaxation": lambda n: nz.switching(nz.SignNetwork(np.eye(2)), 1.0, n),
        "switching duration": lambda n: nz.switching(nz.SignNetwork(np.eye(2)), 1.0, duration=n),
        "simulated_switching runs": lambda n: nz.simulated_switching(nz.SignNetwork(np.eye(2)), 1.0, runs=n),
        "signed_permutations size": lambda n: analysis.signed_permutations(n),
        "memory_curve lags": lambda n: analysis.memory_curve(states, signal, [n]),
        "memory_curve washout": lambda n: analysis.memory_curve(states, signal, [1], washout=n),
        "memory_curve split": lambda n: analysis.memory_curve(states, signal, [1], washout=0, split=(100, 50, n)),
        "total_capacity lags": lambda n: analysis.total_capacity(states, signal, n),
        "total_capacity washout": lambda n: analysis.total_capacity(states, signal, washout=n),
        "sines steps": lambda n: analysis.sines(n),
        "random_signal steps": lambda n: analysis.random_signal(n, key=key),
        "random_signal hold": lambda n: analysis.random_signal(10, n, key=key),
        "driven_states every": lambda n: analysis.driven_states(rate, signal, 0.1, every=n, key=key),
        "pca components": lambda n: analysis.pca(points, n),
        "embed components": lambda n: analysis.embed(points, "pca", components=n),
        "embed every": lambda n: analysis.embed(points, "pca", every=n),
        "clusters number": lambda n: analysis.clusters(points, n),
        "cluster_separation windows": lambda n: analysis.cluster_separation(points[..., :3], np.array([0, 0, 1, 1]), n),
        "compare_groups resamples": lambda n: analysis.compare_groups(
            {"a": [1.0, 2.0, 3.0, 4.0], "b": [2.0, 3.0, 4.0, 7.0]}, resamples=n
        ),
        "persistent_activity trials": lambda n: analysis.persistent_activity(
            trained, task, np.arange(5) < 2, n, key=key
        ),
        "delay_state trials": lambda n: analysis.delay_state(trained, task, trials=n, key=key),
        "run_trials trials": lambda n: training.run_trials(trained, task, n, key=key),
        "test trials": lambda n: training.test(trained, task, trials=n, key=key),
        "train networks": lambda n: training.train(task, n),
        "train noise_channels": lambda n: training.initial_networks(task, noise_channels=n),
        "train workers": lambda n: training.train(task, 1, workers=n),
        "Protocol max_trials": lambda n: training.Protocol(max_trials=n),
        "Protocol least_trials": lambda n: training.Protocol(least_trials=n),
        "Protocol batch": lambda n: training.Protocol(batch=n),
        "TaskNetwork.random size": lambda n: networks.TaskNetwork.random(n, key=key),
        "TaskNetwork.random noise_channels": lambda n: networks.TaskNetwork.random(5, noise_channels=n, key=key),
        "DMS inputs": lambda n: tasks.DMS(inputs=n),
        "task.block number": lambda n: task.block(n, key=key),
        "Map size": lambda n: networks.Map(lambda x: x, n),
        "Flow size": lambda n: networks.Flow(lambda x: x, n),
        "gaussian size": lambda n: weights.gaussian(n, key=key),
        "symmetric size": lambda n: weights.symmetric(n, key=key),
        "autapses size": lambda n: weights.autapses(1.0, n),
        "nrooks size": lambda n: weights.nrooks(1.0, size=n, key=key),
        "hopfield size": lambda n: weights.hopfield([1], 1.0, n),
        "mean_field_hopfield size": lambda n: weights.mean_field_hopfield(n),
        "excitatory_inhibitory size": lambda n: weights.excitatory_inhibitory(
            n, mu_e=1.0, mu_i=-1.0, sigma_e=1.0, sigma_i=1.0, key=key
        ),
        "ensemble seed": lambda n: weights.ensemble("gaussian:5", n),
        "codes.states size": lambda n: codes.states(n),
        "codes.decode size": lambda n: codes.decode(1, n),
        "codes.decode code": lambda n: codes.decode(n, 3),
        "start code": lambda n: nz.simulate(binary, 5, start=n, key=key),
        "measures steps": lambda n: markov.measures(binary.with_noise(nz.White(1.0)), n),
        "theory.joint steps": lambda n: markov.joint(binary.with_noise(nz.White(1.0)), n),
        "theory.occupation steps": lambda n: markov.occupation(binary.with_noise(nz.White(1.0)), n),
        "theory.passage_times target": lambda n: markov.passage_times(binary.with_noise(nz.White(1.0)), n),
        "one_pattern_measures size": lambda n: markov.one_pattern_measures(n, 1.0, 1.0, 10),
        "one_pattern_measures steps": lambda n: markov.one_pattern_measures(5, 1.0, 1.0, n),
        "one_pattern_measures units": lambda n: markov.one_pattern_measures(5, 1.0, 1.0, 10, units=n),
        "Study repeats": lambda n: studies.Study("s", lambda x, key: x, {"x": [1]}, repeats=n),
        "Study batch": lambda n: studies.Study("s", lambda x, key: x, {"x": [1]}, batch=n),
        "Study seed": lambda n: studies.Study("s", lambda x, key: x, {"x": [1]}, seed=n),
        "ProcessPool threads": lambda n: studies.ProcessPool(1, n),
        "ProcessPool workers": lambda n: studies.ProcessPool(n),
        "Serial workers": lambda n: studies.Serial(n),
        "measure dimension every": lambda n: measures.dimension(rate, every=n, **run),
        "measure exponents exponents": lambda n: measures.exponents(logistic, exponents=n, **spectrum),
        "measure resonance steps": lambda n: measures.of_successive_states(binary, key=key, steps=n),
    }
    return made


def accepted() -> dict[str, list[str]]:
    """Return, for each call, the invalid values that raised no `InputError`, with the actual outcome."""
    wrong = {}
    for name, call in calls().items():
        wrong[name] = []
        for kind, value in WRONG.items():
            try:
                call(value)
                wrong[name].append(f"{kind} {value!r}: accepted")
            except InputError:
                pass
            except Exception as error:
                wrong[name].append(f"{kind} {value!r}: {type(error).__name__} {error}"[:200])
    return wrong


@pytest.mark.slow
def test_counts_must_be_integers():
    made = subprocess.run([sys.executable, Path(__file__)], capture_output=True, text=True, check=True)
    outcomes = json.loads(made.stdout.splitlines()[-1])
    assert len(outcomes) > 90
    assert {name: wrong for name, wrong in outcomes.items() if wrong} == {}


def test_integers_of_python_and_numpy_are_integers():
    import numpy as np

    assert [integer(n, "steps") for n in (3, np.int32(3), np.uint8(3), np.array(3))] == [3] * 4
    assert integer(-3, "shift", None) == -3
    with pytest.raises(InputError, match=r"^lags 0; an integer of at least 1$"):
        integer(0, "lags")
    with pytest.raises(InputError, match=r"^lags True; an integer of at least 0$"):
        integer(True, "lags", 0)
    with pytest.raises(InputError, match=r"^lags '3'; an integer of at least 1$"):
        integer("3", "lags")


if __name__ == "__main__":
    print(json.dumps(accepted()))
