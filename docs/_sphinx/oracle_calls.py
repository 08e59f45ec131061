"""Public calls of Noisette that compute the quantities of `tests/data/oracles.toml`, by the names given there."""

from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from scipy.io import loadmat
from scipy.special import digamma

import noisette as nz
from noisette import activations, analysis, random_numbers, theory
from noisette.networks import Flow, Map
from noisette.networks import logistic_normal as logistic_normal
from noisette.noise import from_string as noise
from noisette.noise import spectrum_of
from noisette.theory import dmft, markov

KEY = jax.random.key(0)
DATA = Path(__file__).parents[2] / "tests" / "data"
CHAIN = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.25] * 4, [0.05, 0.05, 0.2, 0.7]])
ARBITRARY = [[1, -2, 3, 0, -1], [2, 0, -1, 1, -3], [-1, 3, 2, -2, 0], [0, 1, -2, -1, 3], [3, -1, 0, 2, 1]]
COUNTERS = ((0x00000000, 0x00000000), (0xFFFFFFFF, 0xFFFFFFFF), (0x243F6A88, 0x85A308D3))
PHILOX_KEYS = (0x00000000, 0xFFFFFFFF, 0x13198A2E)
THREEFRY_KEYS = ((0x00000000, 0x00000000), (0xFFFFFFFF, 0xFFFFFFFF), (0x13198A2E, 0x03707344))
TIMES = (0.0, 0.01, 0.1, 0.3, 3.0, 30.0, 100.0, np.inf)
GAIN, DT = 4.0, 0.1  # of the random networks


# information and entropy


def chain_stationary():
    return markov.stationary_of(CHAIN)


def chain_information():
    return analysis.plug_in(chain_stationary()[:, None] * CHAIN)


def entropy_of_counts(correction):
    return analysis.entropy_from_counts([7, 3], correction)


def grassberger_with_digamma():
    return analysis.entropy_from_counts([7, 3], "grassberger") - (np.log(10) - digamma(10)) / np.log(2)


def information_of_sequences():
    joint = np.zeros((2, 2), int)
    np.add.at(joint, ([0, 0, 1, 1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0, 1, 1, 1]), 1)
    return analysis.plug_in(joint).information


# statistics and random numbers


def dunn_of_irises():
    table = np.genfromtxt(DATA / "iris_sepal_width.csv", delimiter=",", names=True)
    return analysis.dunn({name: table[name] for name in table.dtype.names}).p


def philox_words():
    words = [
        random_numbers.philox(jnp.uint32(key), *map(jnp.uint32, pair))
        for key, pair in zip(PHILOX_KEYS, COUNTERS, strict=True)
    ]
    return np.concatenate(words)


def threefry_words():
    pairs = zip(THREEFRY_KEYS, COUNTERS, strict=True)
    return np.concatenate([random_numbers.threefry(tuple(map(jnp.uint32, k)), *map(jnp.uint32, c)) for k, c in pairs])


def capacity_of_a_register():
    signal = analysis.random_signal(1200, key=KEY)
    delayed = [np.concatenate([np.zeros(k), signal])[: len(signal)] for k in range(1, 9)]
    return analysis.total_capacity(np.stack(delayed, axis=1), signal).capacity


# binary networks


def binary(name, noise=None):
    """Return one of the networks of the table."""
    if name == "sign":
        return nz.SignNetwork(nz.weights.hopfield([24, 7], 1), noise=noise)
    weights = {
        "arbitrary": ARBITRARY,
        "autapses": nz.weights.autapses(10),
        "nrooks": nz.weights.nrooks(20),
        "hopfield": nz.weights.hopfield([24, 7], 10),
    }
    return nz.Boltzmann(weights[name], noise=noise)


def information(name, strengths, estimator, steps=10_000, start=0):
    curve = nz.resonance(binary(name), strengths, steps, start, estimator)
    return [curve.entropy.values, curve.information.values]


def optimum(name):
    best = nz.optimal_noise(binary(name), estimator="stationary")
    return [best.noise, best.information]


def passage(name, strengths, start, target):
    return [markov.passage_times(binary(name, nz.White(r)), target)[start] for r in strengths]


def binary_entropy_production(betas, mean, std):
    return np.log(2) * theory.binary_mean_field([2 * beta for beta in betas], mean, std).entropy_production.values


def escape_of_autapses(strengths):
    return [markov.escape_time(binary("autapses", nz.White(r)), [0]) for r in strengths]


def escape_of_cycles(strength):
    network = binary("nrooks", nz.White(strength))
    return [markov.escape_time(network, cycle) for cycle in nz.attractors(network).cycles]


def number_of_motifs():
    return len(analysis.motifs())


def four_cycles_of_eight():
    return analysis.signed_permutations(5)[(8, 8, 8, 8)]


# Lyapunov exponents


def exponents_of_maps():
    """Return the exponents of diag(1.1, .8), Arnold's cat and the logistic map, simulated as one map."""

    def together(x):
        cat = jnp.array([[2.0, 1.0], [1.0, 1.0]]) @ x[2:4] % 1
        return jnp.concatenate([jnp.array([1.1, 0.8]) * x[:2], cat, 4 * x[4:] * (1 - x[4:])])

    start = [0.0, 0.0, 0.1, 0.7, 0.3]
    return nz.simulate(Map(together, 5), 20_000, nz.Lyapunov(5, discard=200), key=KEY, start=start).lyapunov.values[0]


@cache
def henon():
    flow = Map(lambda x: jnp.stack([1 - 1.4 * x[0] ** 2 + x[1], 0.3 * x[0]]), 2)
    return nz.simulate(flow, 100_000, nz.Lyapunov(2, discard=100), key=KEY, start=0.1).lyapunov.values[0]


def henon_sum():
    return henon().sum()


@cache
def spectrum_of_lorenz():
    """Return the mean over 31 runs of 50 counted time units, whose standard error is .006.

    They start close to the attractor: from near 0 a trajectory circles a saddle for tens of time units first. The step
    of .002 adds .003 to the sum.
    """

    def lorenz(x):
        return jnp.stack([10 * (x[1] - x[0]), x[0] * (28 - x[2]) - x[1], x[0] * x[1] - 8 / 3 * x[2]])

    start = np.array([-8.0, 7.0, 27.0]) + np.random.default_rng(0).standard_normal((31, 3))
    options = {"duration": 60, "dt": 0.002, "solver": "heun", "key": KEY, "runs": 31, "start": start}
    return nz.simulate(Flow(lorenz, 3), probes=nz.Lyapunov(3, discard=10), **options).lyapunov.values.mean(0)


def lorenz():
    return spectrum_of_lorenz()[:2]


def lorenz_sum():
    return spectrum_of_lorenz().sum()


def linear_flow():
    decay = Flow(lambda x: -0.9 * x, 1)
    return nz.lyapunov_spectrum(decay, duration=10.0, discard=0.0, dt=0.001, start=[1.0], key=0).lyapunov[0]


def kaplan_yorke(spectra):
    return [analysis.kaplan_yorke(np.array(exponents)) for exponents in spectra]


def random_network(number):
    weights = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(number))
    return nz.RateNetwork(weights, GAIN)


@cache
def spectra_of_random_networks():
    """Return the twelve largest exponents of five networks; 50 time units are discarded, 250 counted."""
    networks, probe = [random_network(n) for n in range(5)], nz.Lyapunov(12, discard=50)
    return nz.simulate(networks, duration=300, dt=DT, probes=probe, key=KEY).lyapunov.values[:, 0]


def exponent_of_random_networks():
    return spectra_of_random_networks()[:, 0].mean()


def dimension_of_random_networks():
    return np.mean([analysis.kaplan_yorke(exponents) for exponents in spectra_of_random_networks()])


def sum_of_exponents():
    return float(nz.simulate(random_network(0), steps=200, dt=DT, probes=nz.Lyapunov(100), key=KEY).lyapunov.sum())


# trained networks


@cache
def stored_test():
    """Return accuracy and loss of the recorded outputs of a network that another program trained and tested."""
    stored = loadmat(DATA / "gonogo_spikeRNN_tf1.mat")
    outputs, go = stored["eval_os"].astype(np.float32)[:, :, None], stored["eval_labels"].ravel() == 1
    task = nz.tasks.GoNoGo()
    trials = task.block(2, key=KEY, label=np.arange(2))
    of = [jax.tree.map(lambda leaf, i=i: leaf[i], trials) for i in range(2)]
    presented = [of[0 if label else 1] for label in go]
    right = [bool(task.correct(o, trial)) for o, trial in zip(outputs, presented, strict=True)]
    losses = [float(((o - trial.target[:-1]) ** 2).sum() ** 0.5) for o, trial in zip(outputs, presented, strict=True)]
    return [np.mean(right), np.mean(losses)]


# mean-field theory


def mean_field(activation, gains, text, name):
    return theory.mean_field(activations.from_string(activation), gains, noise(text))[name]


def critical_gains(names, text):
    return [theory.critical_gain(activations.from_string(name), noise(text)) for name in names]


def curvature_of_the_onset(excess):
    return float(theory.mean_field(activations.tanh, 1 + excess).lyapunov) / excess**2


def exponent_at_the_onset(strengths):
    """Return λ at the gain at which Δ''(0⁺) = 0."""
    drives = [nz.White(sigma) for sigma in strengths]
    onsets = [theory.critical_gain(activations.tanh, drive) for drive in drives]
    pairs = zip(onsets, drives, strict=True)
    return [float(theory.mean_field(activations.tanh, gain, drive).lyapunov) for gain, drive in pairs]


def autocovariance_of_a_unit(lags):
    return theory.autocovariance(activations.linear, 0.0, nz.White(1.0), lags).current


# covariances and dimension


def covariances(names, gains, text, activity, name, covariance="equal-time"):
    """Return one result of `theory.correlations` for pairs of an activation and a gain."""
    options = {"activity": activity, "covariance": covariance}
    drive = noise(text)
    pairs = zip(names, gains, strict=True)
    return [float(theory.correlations(activations.from_string(n), g, drive, **options)[name]) for n, g in pairs]


def edges_of_a_linear_spectrum():
    couplings = 0.5 * np.random.default_rng(7).standard_normal((1200, 1200)) / np.sqrt(1200)
    response = np.linalg.inv(np.eye(1200) - couplings)
    spectrum = nz.covariance_spectrum(response @ response.T)
    return [spectrum[-1], spectrum[0]]


@cache
def four(activation, gain, text, dt=None):
    """Return v, ⟨φ²⟩, D of x and D of φ(x)."""
    solution = dmft.solve_dmft(activations.from_string(activation), gain, spectrum_of(noise(text)), dt=dt)
    dimensions = [dmft.covariance_statistics(solution, kind, "equal-time").dimension for kind in ("current", "rate")]
    return [solution.variance, solution.rate_square, *dimensions]


def correlation_times(column):
    """Return one column of `four` for noise in which an uncoupled unit has the variance 1 at every correlation time."""

    def text(tau):
        if tau == 0:
            return f"white:{float(np.sqrt(2))!r}"
        return "frozen:1" if np.isinf(tau) else f"ou:{float(np.sqrt((1 + tau) / tau))!r},{tau}"

    return [four("tanh", 1.2, text(tau))[column] for tau in TIMES]
