"""Trials step by step: by hand, and against `simulate` with the same network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import TaskNetwork

TASK = tasks.DMS(fixation=25, stimulus=25, delay=25, gap=10, response=50, duration=200)


def test_one_step_by_hand():
    """Two units, τ = 72.5 ms, α = 5/72.5; ξ is not multiplied by α (Eq 9)."""
    network = TaskNetwork(
        [[0.5, 2.0], [-1.0, 0.25]],
        [1, -1],
        [0, 0],
        [[3.0], [0.0]],
        [[1.0, 2.0]],
        readout_bias=[0.5],
        noise_weights=[[1.0], [-2.0]],
    )
    x = np.array([0.3, -0.2])
    units, outputs = training.run_trial(
        network, jnp.asarray([[2.0], [9.0]]), jnp.asarray([[0.7]]), jnp.asarray([[1.0, -1.0]]), jnp.asarray(x)
    )
    alpha, rate = 5 / 72.5, 1 / (1 + np.exp(-x))
    current = np.array([0.5 * rate[0] - 2.0 * rate[1] + 0.7 + 6.0, -0.25 * rate[1] - 1.4])
    expected = (1 - alpha) * x + alpha * current + 0.1 * np.array([1.0, -1.0])
    np.testing.assert_allclose(units, [expected], rtol=1e-6)
    after = 1 / (1 + np.exp(-expected))
    np.testing.assert_allclose(outputs, [[after[0] + 2 * after[1] + 0.5]], rtol=1e-6)


@pytest.fixture(scope="module")
def network():
    return TaskNetwork.random(20, noise_channels=3, key=jax.random.key(0))


@pytest.mark.slow
def test_simulate_gives_the_same_states_without_noise(network):
    """`simulate` with the `RateNetwork` gives the same states as a training trial."""
    trial = TASK.trial(key=jax.random.key(1), label=0)
    steps = TASK.steps - 1
    start = 0.3 * np.ones(20)
    units, outputs = training.run_trial(
        network, trial.inputs, jnp.zeros((steps, 3)), jnp.zeros((steps, 20)), jnp.asarray(start, jnp.float32)
    )
    quiet = network.network.with_noise(None)
    result = nz.simulate(
        quiet, steps, nz.Trace(), dt=5.0, inputs=np.asarray(trial.inputs), start=start, key=jax.random.key(0)
    )
    np.testing.assert_allclose(result.final[0], units[-1], atol=1e-5)
    np.testing.assert_allclose(quiet.output(jnp.asarray(result.final.values[0])), outputs[-1], atol=1e-5)


@pytest.mark.slow
def test_noise_in_simulate_and_in_training_has_the_same_variance(network):
    """After one step from rest: α² (W Wᵀ)_ii + s²; 4000 samples within 5 standard errors, false alarm below 1e-4."""
    runs = 4000
    result = nz.simulate(
        network.network, 1, dt=5.0, inputs=np.zeros((1, 2)), start=0.0, runs=runs, key=jax.random.key(3), warn=False
    )
    alpha = 5 / network.tau
    expected = alpha**2 * (np.asarray(network.noise_weights, float) ** 2).sum(1) + 0.01
    np.testing.assert_allclose(result.final.values.var(0), expected, rtol=5 * np.sqrt(2 / runs))


def trials(network, **more):
    """Run four trials of condition 2; all tests share the compiled programs, which take long to compile."""
    options = {"label": 2, "units": True} | more
    return training.run_trials(network, TASK, 4, key=0, **options)


@pytest.mark.slow
def test_trials_follow_the_task(network):
    result = trials(network)
    assert dict(result.units.sizes) == {"trial": 4, "time": TASK.steps - 1, "unit": 20}
    assert (result.label == 2).all()
    assert trials(network, label="-1/+1").equals(result)
    assert float(result.time[0]) == 5.0
    assert result.attrs["method"] == "simulated"
    np.testing.assert_allclose(
        result.outputs, jax.nn.sigmoid(result.units.values) @ network.readout.T + network.readout_bias, atol=1e-5
    )


@pytest.mark.slow
def test_without_noise_trials_of_a_condition_are_alike(network):
    """Only the initial states differ, with standard deviation 0.01, and decay; noise is at least 0.1 in each step."""
    loud, silent = (trials(network, internal_noise=on).units.std("trial").mean("unit") for on in (True, False))
    assert float(silent.max()) < 0.015
    assert float(silent[-1]) < 0.5 * float(silent[0])
    assert float(loud.min()) > 0.07


@pytest.mark.slow
def test_a_current_moves_a_unit(network):
    current = np.zeros(20)
    current[4] = 5.0
    with_, without = (
        training.run_perturbed_trials(network, TASK, c, 4, key=0, units=True).units for c in (current, np.zeros(20))
    )
    assert float((with_ - without)[:, 0, 4].mean()) == pytest.approx(5.0 * 5 / network.tau[4], rel=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trials": 0}, "at least 1"),
        ({"score": "best"}, "threshold"),
    ],
)
def test_invalid_requests_are_refused(network, change, message):
    options = {"trials": 3, "score": "strict"} | change
    with pytest.raises(InputError, match=message):
        training.run_trials(network, TASK, key=jax.random.key(0), **options)


def test_incompatible_tasks_are_refused(network):
    with pytest.raises(InputError, match="the network has 2"):
        training.run_trials(network, tasks.DMS(inputs=1), 1, key=jax.random.key(0))
    with pytest.raises(InputError, match="steps of 5 ms"):
        training.run_trials(network, tasks.DMS(dt=10.0), 1, key=jax.random.key(0))


@pytest.mark.slow
def test_other_networks_run_the_same_trials(network):
    """At γ = 0 and without internal noise, outputs agree with those of the task network to single precision."""
    expected = trials(network, internal_noise=False)
    for same in (network.network, nz.Onsager(network, 0.0)):
        result = trials(same, internal_noise=False)
        assert result.units.dtype == np.float32
        np.testing.assert_allclose(result.units, expected.units, atol=1e-4)
        np.testing.assert_allclose(result.outputs, expected.outputs, atol=1e-4)
        assert (result.correct == expected.correct).all()


@pytest.mark.slow
def test_other_networks_have_the_noise_of_the_task_network(network):
    """The standard deviation over 200 trials of 20 units in 39 steps; its standard error is about 1 %."""
    first, second = (
        training.run_trials(member, TASK, 200, key=0, label=2, units=True).units.std("trial").mean()
        for member in (network, network.network)
    )
    assert float(second) == pytest.approx(float(first), rel=0.05)


@pytest.mark.slow
def test_the_state_is_frozen_while_the_reaction_term_acts(network):
    """Between the steps of the delay, a network with τ of at least 20 ms moves at least five times as far."""
    start, stop = TASK.periods["delay"]
    gamma = nz.Switch([5.0 * start, 5.0 * stop], [0.0, 1.0, 0.0])
    free, frozen = (
        trials(member, internal_noise=False).units.values for member in (network, nz.Onsager(network, gamma))
    )
    np.testing.assert_allclose(frozen[:, start - 1], free[:, start - 1], atol=1e-4)
    moved = [np.linalg.norm(units[:, stop - 1] - units[:, start - 1]) for units in (free, frozen)]
    assert moved[0] > 5 * moved[1]


@pytest.mark.slow
def test_steps_that_are_too_long_are_reported(network):
    fast = nz.RateNetwork(
        network.effective,
        tau=2.0,
        activation=nz.activations.sigmoid,
        input_weights=np.asarray(network.input_weights),
        readout=np.asarray(network.readout),
        unit_of_time="ms",
    )
    with pytest.warns(nz.StepSizeWarning, match="steps of 5 ms are too long"):
        trials(fast)


def test_perturbed_trials_need_a_task_network(network):
    with pytest.raises(InputError, match="a RateNetwork; expected a task network"):
        training.run_perturbed_trials(network.network, TASK, np.zeros(20), 4, key=0)
