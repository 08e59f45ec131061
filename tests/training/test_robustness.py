"""Tests of networks in other noise and over other delays, on networks made by hand, whose answers are known."""

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
# all trials are equally long, so that there are few programs to compile
FORCED = tasks.AFC(fixation=50, stimulus=100, duration=300)
MATCH = tasks.DMS(fixation=25, stimulus=25, delay=25, gap=0, response=50, duration=300, inputs=1)
TRIALS = 40


def answering(readout=2.0, **more):
    """Return two units without connections, the first of which rises by the stimulus and is read out against rest."""
    given = {"sensory_noise": 0.01, "logits": [0.0, 0.0]} | more
    return TaskNetwork(
        np.zeros((2, 2)), [1, -1], input_weights=[[20.0], [0.0]], readout=[[readout, 0.0]],
        readout_bias=[-readout / 2], **given
    )  # fmt: skip


def asked(network, task=FORCED, **more):
    given = {"internal_noise": 0, "input_noise": 0.0, "trials": TRIALS, "key": KEY} | more
    return training.test(network, task, **given)


def test_a_network_that_answers_is_right_and_its_mirror_image_is_right_only_where_nothing_is_asked():
    right, mirrored = (asked(answering(readout)).accuracy.sel(score="threshold").item() for readout in (2.0, -2.0))
    assert right == 1
    absent = (np.asarray(FORCED.block(TRIALS, key=jax.random.split(KEY, 3)[1]).label) == 1).mean()
    assert mirrored == pytest.approx(absent)
    assert 0.2 < absent < 0.8


def test_the_loss_of_silence_is_the_norm_of_the_target():
    found = asked(answering(0.0))
    start, stop = FORCED.periods["response"]
    asking = 1 - found.accuracy.sel(score="threshold")
    # the last target is compared with no output
    np.testing.assert_allclose(found.loss, asking * math.sqrt(stop - 1 - start), rtol=1e-6)


def test_dimensions_and_provenance():
    found = asked([answering(), answering(-1.0), answering(0.5)])
    assert dict(found.sizes) == {"network": 3, "delay": 1, "score": 2, "bound": 2}
    assert found.accuracy.dims == ("network", "delay", "score")
    assert np.isnan(found.delay.item())  # this task has none
    assert found.attrs["method"] == "simulated"


def test_a_network_hears_the_same_whatever_others_are_tested():
    one = answering(noise_weights=[[0.5, 1.0], [0.0, 1.0]])
    together = asked([answering(-2.0), one, one], internal_noise=2, input_noise=1.0)
    alone = asked(one, internal_noise=2, input_noise=1.0)
    for name in ("accuracy", "loss"):
        np.testing.assert_array_equal(together[name][1], alone[name][0])
        np.testing.assert_array_equal(together[name][2], alone[name][0])
    other = asked(one, internal_noise=2, input_noise=1.0, key=jax.random.key(1))
    assert (other.loss != alone.loss).all()


def test_fresh_channels_take_the_place_of_those_trained():
    """Also in networks trained without any; "trained" leaves them as they are."""
    own = answering(noise_weights=[[0.0, 0.0], [3.0, 3.0]])  # noise for a unit that is not read out
    none = answering()
    for kind in (0, 2):
        np.testing.assert_array_equal(asked(own, internal_noise=kind).loss, asked(none, internal_noise=kind).loss)
    quiet = asked(own, internal_noise="trained")
    assert quiet.accuracy.sel(score="threshold").item() == 1
    assert asked(own, internal_noise=2).loss.item() > quiet.loss.item() + 0.2


def test_noise_on_the_inputs_disturbs():
    noisy, clean = (
        asked(answering(), input_noise=noise).accuracy.sel(score="threshold").item() for noise in (3.0, 0.0)
    )
    assert noisy < clean - 0.2


@pytest.mark.parametrize("population", ["all", "excitatory", "inhibitory"])
def test_fixed_tau_is_a_test_of_the_network_with_other_time_constants(population):
    network = answering()
    slow = asked(network, fixed_tau=FixedTau(125.0, population))
    np.testing.assert_array_equal(slow.loss, asked(network.with_tau(125.0, population)).loss)
    same = slow.loss.item() == asked(network).loss.item()
    assert same == (population == "inhibitory")  # the unit that is not read out
    assert f'"surgery": [125.0, "{population}"]' in slow.attrs["configuration"]


def test_delays_are_those_of_the_task():
    network = answering()
    found = asked(network, MATCH, delays=[75, 25])
    assert found.delay.values.tolist() == [75, 25]
    for place, delay in enumerate((75.0, 25.0)):
        single = asked(network, dataclasses.replace(MATCH, delay=delay))
        assert single.delay.item() == delay
        np.testing.assert_array_equal(found.loss[:, place], single.loss[:, 0])
    assert asked(network, MATCH).delay.item() == 25


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"network": []}, "no networks; at least one"),
        ({"trials": 0}, "trials 0; an integer of at least 1"),
        ({"input_noise": -1.0}, "input noise -1; zero or positive"),
        ({"input_noise": math.nan}, "input noise nan"),
        ({"internal_noise": -1}, "internal noise -1; a number of channels, 'trained'"),
        ({"internal_noise": "own"}, "internal noise 'own'"),
        ({"delays": [250.0]}, "delays for AFC; a task that has a delay"),
        ({"task": MATCH, "delays": []}, "no delays; at least one"),
        ({"task": MATCH, "delays": [-25.0]}, "delay of -25 ms"),
        ({"task": MATCH, "delays": [12.0]}, "delay of 12 ms is 2.4 steps of 5 ms"),
        ({"task": tasks.DMS()}, "2 input channels; the network has 1"),
        ({"fixed_tau": FixedTau(10.0)}, "tau 10 ms; 20 … 125 ms"),
    ],
)
def test_bad_requests_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        asked(**{"network": answering()} | given)


def test_an_unknown_population_is_refused():
    with pytest.raises(InputError, match="population 'some'; one of all, excitatory, inhibitory"):
        FixedTau(50.0, "some")


class Lamp:
    """An environment in the manner of NeuroGym."""

    dt = 5
    action_space = SimpleNamespace(n=2)

    def seed(self, seed):
        self.rng = np.random.default_rng(seed)

    def new_trial(self):
        answer = self.rng.integers(1, 2)
        self.ob, self.gt = np.full((4, 1), float(answer)), np.array([0, 0, answer, answer])


def test_a_task_that_cannot_be_made_again_says_what_to_do():
    network = TaskNetwork([[0.0]], [1], [0.0], [[1.0]], [[1.0], [0.0]])
    with pytest.raises(InputError, match="FromGym cannot be copied with input_noise=2; construct it"):
        training.test(network, tasks.FromGym(Lamp()), input_noise=2.0, key=KEY)
