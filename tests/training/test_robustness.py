"""Tests of networks with other noise and delays, on networks constructed by hand, whose outputs are known."""

import dataclasses
import math
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.training import FixedTau

KEY = jax.random.key(0)
# all trials have the same length, so that few programs are compiled
FORCED = tasks.AFC(fixation=50, stimulus=100, duration=300)
MATCH = tasks.DMS(fixation=25, stimulus=25, delay=25, gap=0, response=50, duration=300, inputs=1)
TRIALS = 40


def answering(readout=2.0, **more):
    """Return two unconnected units; the stimulus raises the first, whose deviation from rest is the output."""
    options = {"sensory_noise": 0.01, "logits": [0.0, 0.0]} | more
    return TaskNetwork(
        np.zeros((2, 2)), [1, -1], input_weights=[[20.0], [0.0]], readout=[[readout, 0.0]],
        readout_bias=[-readout / 2], **options
    )  # fmt: skip


def accuracy_test(network, task=FORCED, **more):
    options = {"internal_noise": 0, "input_noise": 0.0, "trials": TRIALS, "key": KEY} | more
    return training.test(network, task, **options)


@pytest.mark.slow
def test_a_responding_network_is_correct_and_its_mirror_image_only_in_trials_without_stimulus():
    right, mirrored = (
        accuracy_test(answering(readout)).accuracy.sel(score="threshold").item() for readout in (2.0, -2.0)
    )
    assert right == 1
    absent = (np.asarray(FORCED.block(TRIALS, key=jax.random.split(KEY, 3)[1]).label) == 1).mean()
    assert mirrored == pytest.approx(absent)
    assert 0.2 < absent < 0.8


@pytest.mark.slow
def test_the_loss_of_zero_output_is_the_norm_of_the_target():
    result = accuracy_test(answering(0.0))
    start, stop = FORCED.periods["response"]
    present = 1 - result.accuracy.sel(score="threshold")
    # no output is compared with the last target
    np.testing.assert_allclose(result.loss, present * math.sqrt(stop - 1 - start), rtol=1e-6)


@pytest.mark.slow
def test_dimensions_and_provenance():
    result = accuracy_test([answering(), answering(-1.0), answering(0.5)])
    assert dict(result.sizes) == {"network": 3, "delay": 1, "score": 2, "bound": 2}
    assert result.accuracy.dims == ("network", "delay", "score")
    assert np.isnan(result.delay.item())  # this task has none
    assert result.attrs["method"] == "simulated"


@pytest.mark.slow
def test_a_network_receives_the_same_noise_whatever_other_networks_are_tested():
    network = answering(noise_weights=[[0.5, 1.0], [0.0, 1.0]])
    together = accuracy_test([answering(-2.0), network, network], internal_noise=2, input_noise=1.0)
    alone = accuracy_test(network, internal_noise=2, input_noise=1.0)
    for name in ("accuracy", "loss"):
        np.testing.assert_array_equal(together[name][1], alone[name][0])
        np.testing.assert_array_equal(together[name][2], alone[name][0])
    with_other_key = accuracy_test(network, internal_noise=2, input_noise=1.0, key=jax.random.key(1))
    assert (with_other_key.loss != alone.loss).all()


def test_new_channels_replace_the_trained_ones():
    """This includes networks trained without channels; "trained" keeps the trained ones."""
    own = answering(noise_weights=[[0.0, 0.0], [3.0, 3.0]])  # noise for a unit that is not read out
    none = answering()
    for kind in (0, 2):
        np.testing.assert_array_equal(
            accuracy_test(own, internal_noise=kind).loss, accuracy_test(none, internal_noise=kind).loss
        )
    quiet = accuracy_test(own, internal_noise="trained")
    assert quiet.accuracy.sel(score="threshold").item() == 1
    assert accuracy_test(own, internal_noise=2).loss.item() > quiet.loss.item() + 0.2


def test_input_noise_lowers_the_accuracy():
    noisy, clean = (
        accuracy_test(answering(), input_noise=noise).accuracy.sel(score="threshold").item() for noise in (3.0, 0.0)
    )
    assert noisy < clean - 0.2


@pytest.mark.parametrize("population", ["all", "excitatory", "inhibitory"])
def test_fixed_tau_tests_the_network_with_other_time_constants(population):
    network = answering()
    slow = accuracy_test(network, fixed_tau=FixedTau(125.0, population))
    np.testing.assert_array_equal(slow.loss, accuracy_test(network.with_tau(125.0, population)).loss)
    same = slow.loss.item() == accuracy_test(network).loss.item()
    assert same == (population == "inhibitory")  # the unit that is not read out
    assert f'"surgery": [125.0, "{population}"]' in slow.attrs["configuration"]


@pytest.mark.slow
def test_delays_are_those_of_the_task():
    network = answering()
    result = accuracy_test(network, MATCH, delays=[75, 25])
    assert result.delay.values.tolist() == [75, 25]
    for place, delay in enumerate((75.0, 25.0)):
        single = accuracy_test(network, dataclasses.replace(MATCH, delay=delay))
        assert single.delay.item() == delay
        np.testing.assert_array_equal(result.loss[:, place], single.loss[:, 0])
    assert accuracy_test(network, MATCH).delay.item() == 25


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": []}, "no networks; at least one"),
        ({"trials": 0}, "trials 0; an integer of at least 1"),
        ({"input_noise": -1.0}, "input noise -1; zero or positive"),
        ({"input_noise": math.nan}, "input noise nan"),
        ({"internal_noise": -1}, "internal noise -1; a number of channels or 'trained'"),
        ({"internal_noise": "own"}, "internal_noise 'own'"),
        ({"delays": [250.0]}, "delays for AFC; a task with a delay"),
        ({"task": MATCH, "delays": []}, "no delays; at least one"),
        ({"task": MATCH, "delays": [-25.0]}, "delay of -25 ms"),
        ({"task": MATCH, "delays": [12.0]}, "delay of 12 ms is 2.4 steps of 5 ms"),
        ({"task": tasks.DMS()}, "2 input channels; the network has 1"),
        ({"fixed_tau": FixedTau(10.0)}, "tau 10 ms; 20 … 125 ms"),
    ],
)
def test_invalid_requests_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        accuracy_test(**{"network": answering()} | options)


def test_an_unknown_population_is_refused():
    with pytest.raises(InputError, match="population 'some'; all, excitatory or inhibitory"):
        FixedTau(50.0, "some")


class ConstantStimulus:
    """An environment with the interface of NeuroGym."""

    dt = 5
    action_space = SimpleNamespace(n=2)

    def seed(self, seed):
        self.rng = np.random.default_rng(seed)

    def new_trial(self):
        answer = self.rng.integers(1, 2)
        self.ob, self.gt = np.full((4, 1), float(answer)), np.array([0, 0, answer, answer])


def test_a_task_that_cannot_be_copied_gives_a_remedy():
    network = TaskNetwork([[0.0]], [1], [0.0], [[1.0]], [[1.0], [0.0]])
    with pytest.raises(InputError, match="FromGym cannot be copied with input_noise=2; construct it"):
        training.test(network, tasks.FromGym(ConstantStimulus()), input_noise=2.0, key=KEY)
