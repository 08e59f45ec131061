import jax
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import rms_correlation
from noisette.errors import InputError
from noisette.theory import markov


def states(network, steps, runs, key=0):
    start = np.where(np.random.default_rng(key).random((runs, network.size)) < 0.5, 1.0, -1.0)
    return nz.simulate(network, steps + 50, nz.Trace(), key=key, runs=runs, start=start).trace.values[:, 50:]


@pytest.mark.slow
@pytest.mark.parametrize("runs", [12, 1])
def test_estimates_agree_with_the_exact_chain(runs):
    # 4 standard errors of 11 (9) degrees of freedom: a false-alarm rate of 0.002 (0.003), with a fixed seed
    network = nz.Boltzmann(nz.weights.gaussian(5, 1.0, key=jax.random.key(1)), noise=nz.White(1.0))
    exact = float(markov.rms_correlation(network).rms_correlation)
    data = rms_correlation(states(network, 1500 if runs > 1 else 20_000, runs))
    assert abs(float(data.rms_correlation) - exact) < 4 * float(data.rms_correlation_se)
    assert float(data.rms_correlation_se) < 0.05 * exact


def test_the_bias_of_independent_units_is_removed():
    # the mean of 200 estimates of zero lies within 4 of its standard errors: a false-alarm rate of 6e-5
    rng = np.random.default_rng(0)
    squares, raw = [], []
    for _ in range(200):
        data = rms_correlation(rng.choice([-1.0, 1.0], (4, 60, 6)))
        squares.append(float(data.mean_square))
        raw.append(float(data.uncorrected) ** 2)
    assert abs(np.mean(squares)) < 4 * np.std(squares) / np.sqrt(200)
    assert np.mean(raw) == pytest.approx(1 / (4 * 59), rel=0.1)


def test_errors_are_as_large_as_the_scatter():
    rng = np.random.default_rng(1)
    found = [rms_correlation(rng.choice([-1.0, 1.0], (10, 50, 4))) for _ in range(200)]
    scatter = np.std([float(d.mean_square) for d in found])
    predicted = np.sqrt(np.mean([float(d.mean_square_se) ** 2 for d in found]))
    assert 0.75 * scatter < predicted < 1.6 * scatter


def test_a_cyclic_shift_has_one_over_root_n():
    # unit n copies unit n − 1, and unit 0 is a coin: N − 1 of N² correlations are one
    coin = np.random.default_rng(2).choice([-1.0, 1.0], 40_000)
    shifted = np.stack([np.roll(coin, n) for n in range(5)], axis=1)
    data = rms_correlation(shifted)
    assert float(data.rms_correlation) == pytest.approx(2 / 5, abs=4 * float(data.rms_correlation_se) + 1e-3)


def test_results_of_simulations_blocks_and_silent_units_are_accepted():
    run = nz.simulate(nz.Boltzmann(np.zeros((3, 3))), 90, nz.Trace(), key=0)
    data = rms_correlation(run, blocks=9)
    assert float(data.uncorrected) == float(rms_correlation(run.trace.values[0], blocks=9).uncorrected)
    silent = np.ones((3, 10, 2))
    assert float(rms_correlation(silent).uncorrected) == 0.0
    assert np.isnan(float(rms_correlation(silent).rms_correlation_se))


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (np.ones(5), {}, "states of shape"),
        (np.ones((2, 9, 3)), {}, "2 runs"),
        (np.ones((9, 3)), {"blocks": 5}, "9 steps in 5 blocks"),
        (np.ones((9, 3)), {"blocks": 2}, "blocks 2"),
        (np.ones((3, 1, 2)), {}, "runs of 1 step"),
    ],
)
def test_too_few_states_are_refused(given, options, message):
    with pytest.raises(InputError, match=message):
        rms_correlation(given, **options)
