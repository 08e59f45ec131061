"""Runs in the same realisation of the noise."""

import jax
import numpy as np
import pytest

import noisette as nz

SIZE = 4
NOISES = {
    "white": nz.White(1.0),
    "ou": nz.OrnsteinUhlenbeck(1.0, 2.0),
    "frozen": nz.Frozen(1.0),
    "common": nz.Common(1.0),
    "channels": nz.Channels(np.ones((SIZE, 2)), nz.OrnsteinUhlenbeck(1.0, 2.0)),
    "sum": nz.White(1.0) + nz.Frozen(0.5),
}


def final(noise, **options):
    """Return the last states of runs of units that do not interact, shape (runs, N)."""
    network = nz.RateNetwork(np.zeros((SIZE, SIZE)), noise=noise)
    return nz.simulate(network, duration=3, dt=0.1, key=0, warn=False, **options).final.values


@pytest.mark.slow
@pytest.mark.parametrize("name", NOISES)
def test_runs_differ_by_the_decay_of_their_initial_difference_alone(name):
    starts = np.array([[0.0] * SIZE, [1.0] * SIZE, [-2.0] * SIZE])
    states = final(NOISES[name], start=starts, runs=3, common_noise=True)
    np.testing.assert_allclose(states - states[0], starts * 0.9**30, atol=1e-14)
    independent = final(NOISES[name], start=starts, runs=3)
    assert (np.abs(independent - independent[0])[1:] > 1e-3).any(1).all()


def test_the_first_run_is_that_in_independent_noise():
    noise = NOISES["sum"]
    np.testing.assert_array_equal(final(noise, runs=2, common_noise=True)[0], final(noise, runs=2)[0])


def test_several_networks_have_independent_noise():
    networks = [nz.RateNetwork(np.zeros((1, 1)), noise=nz.White(1.0))] * 2
    states = nz.simulate(networks, duration=3, dt=0.1, key=0, runs=2, start=0.0, common_noise=True, warn=False).final
    assert (states[:, 0] == states[:, 1]).all()
    assert (states[0] != states[1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
@pytest.mark.parametrize("size", [3, 12])
def test_common_thresholds_preserve_the_order_of_states(kind, size):
    """Units turn on where the input exceeds a common threshold, so that positive weights preserve s ≤ s'."""
    weights = np.abs(np.asarray(jax.random.normal(jax.random.key(1), (size, size))))
    network = kind(weights, bias=-0.3, noise=nz.White(size / 2))
    starts = [-np.ones(size), np.ones(size)]
    trace = nz.simulate(network, 200, nz.Trace(), start=np.array(starts), runs=2, key=0, common_noise=True).trace
    assert (trace[0] <= trace[1]).all()
    assert (trace[0] < trace[1]).any("unit").sum() >= 1


def test_the_law_of_one_run_does_not_depend_on_the_coupling():
    """False-alarm rate: 4 transition probabilities, each at 4.5 standard errors, 3e-5."""
    network = nz.Boltzmann([[0.0, 1.0], [-1.0, 0.5]], noise=nz.White(1.0))
    counts = nz.simulate(network, 20_000, nz.JointStates(), key=0, runs=2, start=0, common_noise=True).joint_states
    pairs = counts.isel(run=0).transpose("before", "after").values
    exact = np.asarray(nz.theory.markov.transition_matrix(network))
    visits = pairs.sum(1, keepdims=True)
    error = np.sqrt(exact * (1 - exact) / visits)
    assert (np.abs(pairs / visits - exact) < 4.5 * error).all()


def test_the_option_is_recorded_and_repeated():
    network = nz.RateNetwork(np.zeros((1, 1)), noise=nz.White(1.0))
    data = nz.simulate(network, duration=1, dt=0.1, key=0, runs=2, common_noise=True, warn=False)
    assert '"common_noise": true' in data.attrs["configuration"]
    np.testing.assert_array_equal(nz.rerun(data).final, data.final)
    with pytest.raises(nz.InputError):
        nz.simulate(network, duration=1, dt=0.1, key=0, common_noise="yes")
