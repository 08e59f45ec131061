"""Noisette, by its public functions alone."""

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from _peer_problems import (
    BINARY_NOISE,
    CHAIN_STEPS,
    CURVE_DT,
    DT,
    EVERY,
    GAINS,
    LAGS,
    OU_STD,
    OU_TAU,
    REACTION_GAIN,
    SIGMA,
    SPECTRUM_DT,
    SPECTRUM_GAIN,
    STRENGTHS,
    binary_values,
    binary_weights,
    count_values,
    covariance_values,
    energy_values,
    exponent_values,
    noise_values,
    rate_values,
    rate_weights,
    reservoir,
    start,
)
from _peer_worker import Work, serve

import noisette as nz


def recorder() -> tuple[list[tuple[int, float]], Callable[[int, int], None]]:
    """Return a list, and a callback of `simulate` that adds the number of steps done and the time to it.

    After the steps, `simulate` checks the length of the step by the eigenvalues of the Jacobian of each network. For
    large networks this takes longer than the steps of a benchmark, and must not be subtracted from a measured time.
    """
    record: list[tuple[int, float]] = []
    return record, lambda done, steps: record.append((done, time.perf_counter()))


def binary(size: int, runs: int, counted: bool = False, networks: int = 1) -> Work:
    """Binary networks in white noise, side by side."""
    weights = binary_weights(size)
    network = nz.Boltzmann(weights, noise=nz.White(BINARY_NOISE))
    several = network if networks == 1 else [network] * networks
    probes = nz.JointStates() if counted else ()

    def run(steps: int, seed: int) -> Any:
        return nz.simulate(several, steps, probes, key=seed, runs=runs)

    def check(result: Any) -> dict:
        if counted:
            return count_values(result.joint_states.values)
        before = result.final.values
        return binary_values(weights, before, nz.simulate(network, 1, key=77, runs=runs, start=before).final.values)

    return Work(run, check)


def rate(size: int, runs: int, covariance: bool = False, networks: int = 1) -> Work:
    """A rate network in white noise by Euler–Maruyama steps."""
    network = nz.RateNetwork(rate_weights(size), noise=nz.White(SIGMA))
    several = network if networks == 1 else [network] * networks
    probes = nz.Covariance() if covariance else ()
    record, progress = recorder()

    def run(steps: int, seed: int) -> Any:
        options: dict[str, Any] = {"start": np.zeros(size), "dt": DT, "solver": "euler", "warn": False}
        return nz.simulate(several, steps, probes, key=seed, runs=runs, progress=progress, **options)

    def check(result: Any) -> dict:
        return covariance_values(result.covariance.values) if covariance else rate_values(result.final.values)

    return Work(run, check, record)


def curve(size: int) -> Work:
    """The largest exponents of 16 gains that share a matrix."""
    base, x = nz.RateNetwork(rate_weights(size, 1.0)), start(size)
    networks = [base.with_gain(float(g)) for g in GAINS]
    record, progress = recorder()
    options: dict[str, Any] = {"dt": CURVE_DT, "start": x, "warn": False, "progress": progress}

    def run(steps: int, seed: int) -> np.ndarray:
        result = nz.simulate(networks, steps, nz.Lyapunov(), key=seed, **options)
        return result.lyapunov.values[:, 0, 0]

    return Work(run, exponent_values, record)


def reaction(size: int) -> Work:
    """A rate network with the Onsager reaction term, γ = 1."""
    network = nz.Onsager(nz.RateNetwork(rate_weights(size, REACTION_GAIN)), 1.0)
    options: dict[str, Any] = {"dt": CURVE_DT, "start": start(size), "solver": "euler", "warn": False}
    record, progress = recorder()

    def run(steps: int, seed: int) -> np.ndarray:
        return nz.simulate(network, steps, (), key=seed, progress=progress, **options).final.values[0]

    return Work(run, energy_values, record)


def spectrum(size: int, exponents: int) -> Work:
    """The largest exponents of one network, orthonormalised every 10 steps."""
    network, x = nz.RateNetwork(rate_weights(size, SPECTRUM_GAIN)), start(size)
    record, progress = recorder()
    options: dict[str, Any] = {"dt": SPECTRUM_DT, "start": x, "warn": False, "progress": progress}

    def run(steps: int, seed: int) -> np.ndarray:
        return nz.simulate(network, steps, nz.Lyapunov(exponents, EVERY), key=seed, **options).lyapunov.values[0]

    return Work(run, exponent_values, record)


def noise(size: int) -> Work:
    """Steps of Ornstein–Uhlenbeck noise, by a map that returns nothing else."""
    network = nz.networks.Map(lambda x: 0.0 * x, size, noise=nz.OrnsteinUhlenbeck(OU_STD, tau=OU_TAU))

    def run(steps: int, seed: int) -> np.ndarray:
        return nz.simulate(network, steps, key=seed, start=np.zeros(size)).final.values

    return Work(run, noise_values)


def chain(size: int) -> Work:
    """Exact entropy and information at 51 strengths."""
    network = nz.Boltzmann(binary_weights(size), noise=nz.White(1.0))

    def run(steps: int, seed: int) -> Any:
        return nz.resonance(network, STRENGTHS, CHAIN_STEPS, estimator="fixed-start")

    return Work(run, lambda r: {"H": [float(r.entropy.mean()), 0.0], "I": [float(r.information.mean()), 0.0]})


def memory(size: int) -> Work:
    """Memory function of a reservoir, with a ridge parameter selected for each lag."""
    weights, inputs, signal = reservoir(size)
    network = nz.RateNetwork(weights, input_weights=inputs)
    options = {"washout": 200, "split": (2280, 760, 720)}

    def run(steps: int, seed: int) -> np.ndarray:
        driven = nz.analysis.driven_states(network, signal[:, 0], 1.0, key=seed, start=np.zeros(size), warn=False)
        lags = np.arange(1, LAGS + 1)
        return nz.analysis.memory_curve(driven.states, driven.signal, lags, **options).memory.values

    return Work(run, lambda scores: {"capacity": [float(scores.sum()), 0.0]})


def correlations(simulated: bool) -> Work:
    """D of the correlations in frozen noise: by theory, or simulated with N = 400, 3 networks and 300 draws."""
    activation, gain, frozen = nz.activations.tanh, 0.8, nz.Frozen(1.0)

    def run(steps: int, seed: int) -> Any:
        if not simulated:
            return nz.theory.correlations(activation, gain, frozen)
        options = {"networks": 3, "draws": 300}
        return nz.simulated_correlations(activation, gain, frozen, 400, key=seed, **options)

    def check(result: Any) -> dict:
        error = float(result.participation_dimension_se) if simulated else 0.0
        return {"D": [float(result.participation_dimension), error]}

    return Work(run, check)


def training(networks: int = 1) -> Work:
    """Trials of training from the beginning, by `train`; the comparison is of loss and gradients of one trial."""
    from _training_problem import TASK, network_of, ours

    network = network_of(200)

    def run(steps: int, seed: int) -> None:
        protocol = nz.training.Protocol(max_trials=steps, test_every=100, test_trials=1)
        nz.training.train(TASK, networks, draw=lambda key: network, protocol=protocol)

    return Work(run, partial(_gradient, ours, network))


def plain_training(form: str) -> Work:
    """The same trials in JAX, differentiated by JAX, without Noisette's program."""
    import _training_plain
    from _training_problem import KEY, SIZE, TASK, given_trials, network_of

    from noisette.training._draws import trial_noise

    network, trials, gradient = network_of(200), given_trials(), getattr(_training_plain, form)
    plain = _training_plain.Plain(gradient, network, trials)

    def one_trial(network: Any, trial: Any) -> Any:
        noise = trial_noise(KEY, TASK.steps - 1, SIZE, network.noise_channels)
        return gradient(network, network.trainable, trial, noise)

    return Work(lambda steps, seed: plain.run(steps), partial(_gradient, one_trial, network))


def _gradient(function: Any, network: Any, _: object) -> dict:
    from _training_problem import given_trials

    loss, gradient = function(network, jax.tree.map(lambda leaf: leaf[0], given_trials()))
    norm = float(np.sqrt(sum(np.square(np.asarray(leaf, float)).sum() for leaf in jax.tree.leaves(gradient))))
    return {"loss": [float(loss), 0.0], "norm of the gradient": [norm, 0.0]}


def training_problem(path: str) -> Work:
    """Write the problem of training to a file of arrays, for contenders without Noisette."""
    from _training_problem import CHANNELS, KEY, NETWORKS, SIZE, TASK, given_trials, network_of

    from noisette.training._draws import trial_noise

    network, trials = network_of(SIZE), given_trials()
    psi, xi, x = trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)
    arrays = {**network.trainable._asdict(), "signs": network.signs, "input_weights": network.input_weights}
    arrays |= {"inputs": trials.inputs, "target": trials.target, "psi": psi, "xi": xi, "start": x}
    arrays |= {"tau_range": np.asarray(network.tau_range)}
    numbers = {"dt": network.dt, "sensory_noise": network.sensory_noise, "networks": NETWORKS}
    converted = {name: np.asarray(values, np.float32) for name, values in arrays.items()}
    np.savez(path, **converted, **numbers)
    return Work(lambda steps, seed: None, lambda _: {})


def study(workers: int) -> Work:
    """Tasks of 20 ms, whose results are stored; `steps` is the number of tasks."""
    from _study_task import task

    def run(steps: int, seed: int) -> None:
        executor = nz.studies.Serial() if workers == 1 else nz.studies.ProcessPool(workers)
        with tempfile.TemporaryDirectory() as folder:
            nz.Study("overhead", task, {"x": list(range(steps))}).run(
                store=os.path.join(folder, "s"), executor=executor
            )

    return Work(run, lambda _: {})


JOBS = {
    "binary": binary,
    "rate": rate,
    "reaction": reaction,
    "curve": curve,
    "spectrum": spectrum,
    "noise": noise,
    "chain": chain,
    "memory": memory,
    "correlations": correlations,
    "training": training,
    "plain_training": plain_training,
    "training_problem": training_problem,
    "study": study,
}

if __name__ == "__main__":
    serve(JOBS)
