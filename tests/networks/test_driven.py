"""Inputs of binary networks and of flows.

Means of simulated chains are compared within 5 standard errors over independent runs, with at least 40 runs: a false
alarm below 2e-5 for each mean.
"""

import numpy as np
import pytest

import noisette as nz
from noisette.codes import states
from noisette.errors import InputError
from noisette.theory.markov import stationary

W = np.array([[0.8, -0.6, 0.0], [0.5, 0.2, -0.9], [0.0, 1.1, -0.3]])
BIAS = np.array([0.4, -0.7, 0.2])
STEPS, RUNS = 600, 40


def mean_state(network, **options):
    """Return the means of the units over runs and steps, and their standard errors over runs."""
    trace = nz.simulate(network, STEPS, nz.Trace(), key=3, runs=RUNS, **options).trace.values[:, 50:]
    means = trace.mean(1)
    return means.mean(0), means.std(0, ddof=1) / RUNS**0.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
@pytest.mark.parametrize("noise", [nz.White(1.3), nz.White([0.5, 1.0, 2.0]), nz.noise.Common(0.6) + nz.White(0.9)])
def test_a_constant_input_is_a_bias(kind, noise):
    expected = stationary(kind(W, BIAS, noise)) @ states(3)
    mean, error = mean_state(kind(W, 0.0, noise), inputs=np.tile(BIAS, (STEPS, 1)))
    assert (abs(mean - expected) < 5 * error).all()


def test_noise_with_memory_is_drawn_around_the_input():
    """In frozen noise of strength 0, the network is that with the bias."""
    expected = stationary(nz.Boltzmann(W, BIAS)) @ states(3)
    mean, error = mean_state(nz.Boltzmann(W, noise=nz.OrnsteinUhlenbeck(0.0, 5.0)), inputs=np.tile(BIAS, (STEPS, 1)))
    assert (abs(mean - expected) < 5 * error).all()


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 9])
def test_one_channel_reaches_all_units_in_its_step(size):
    """The sign of an input beyond all fields is the state after its step; the last row applies to all later steps."""
    u = np.array([50.0, -50.0, 50.0, 50.0, -50.0])
    for inputs in (u, u[:, None], lambda step: u[min(int(step), 4)]):
        network = nz.Boltzmann(np.ones((size, size)))
        trace = nz.simulate(network, 5, nz.Trace(), key=0, inputs=inputs).trace[0].values
        np.testing.assert_array_equal(trace[1:], np.repeat(np.sign(u[:4, None]), size, axis=1))


def test_labels_and_configuration_are_those_of_the_network():
    network = nz.Boltzmann(W, unit_names=["a", "b", "c"])
    data = nz.simulate(network, 4, nz.Trace(), key=0, inputs=np.arange(4.0))
    assert data.unit.values.tolist() == ["a", "b", "c"]
    assert '"inputs": [0.0, 1.0, 2.0, 3.0]' in data.attrs["configuration"]
    assert nz.rerun(data).identical(data)


def test_inputs_of_a_flow_are_added_to_its_velocity():
    """x_n = u (1 − (1 − dt)^n) of Euler's method from 0."""
    decay = nz.networks.Flow(lambda x: -x, 2)
    for inputs, u in ((np.full(30, 2.0), [2.0, 2.0]), (np.tile([1.0, -3.0], (30, 1)), [1.0, -3.0])):
        data = nz.simulate(decay, 30, key=0, dt=0.1, start=0.0, inputs=inputs, solver="euler", warn=False)
        np.testing.assert_allclose(data.final.values[0], np.array(u) * (1 - 0.9**30), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.simulate(nz.Boltzmann(W), 5, key=0, inputs=np.zeros((5, 2))), "inputs of shape"),
        (lambda: nz.simulate(nz.Boltzmann(W), 5, key=0, inputs=np.zeros(4)), r"inputs of shape \(4, 1\) for 5 steps"),
        (lambda: nz.simulate(nz.Boltzmann(W), key=0, inputs=np.zeros(4)), "no number of steps"),
        (lambda: nz.simulate(nz.networks.Map(abs, 1), 5, key=0, inputs=np.zeros(5)), "inputs are for binary networks"),
        (
            lambda: nz.simulate(nz.networks.Flow(abs, 3), 5, key=0, dt=0.1, inputs=np.zeros((5, 2))),
            "2 input channels of a flow",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
