"""Environments with the interface of NeuroGym, without NeuroGym."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette.errors import InputError
from noisette.tasks import FromGym

KEY = jax.random.key(0)


class Match:
    """NeuroGym's DelayMatchSample: 300/500/1000/500/900 ms in steps of 100 ms, fixation and two stimuli."""

    dt = 100
    observation_space = SimpleNamespace(shape=(3,))
    action_space = SimpleNamespace(n=3, shape=(), name={"fixation": 0, "match": 1, "non-match": 2})

    def seed(self, seed=None):
        self.rng = np.random.RandomState(seed)

    def new_trial(self, **kwargs):
        truth, sample = self.rng.choice([1, 2]), self.rng.choice(2)
        self.start_ind, self.end_ind = {"decision": 23}, {"decision": 32}
        self.ob, self.gt = np.zeros((32, 3), np.float32), np.zeros(32, int)
        self.ob[:23, 0], self.ob[3:8, 1 + sample], self.gt[23:] = 1, 1, truth
        self.ob[18:23, 1 + (sample if truth == 1 else 1 - sample)] = 1


class Ragged(Match):
    """The same after 0 to 4 additional steps, and without named periods."""

    def new_trial(self, **kwargs):
        super().new_trial()
        del self.start_ind
        wait = self.rng.choice(5)
        self.ob, self.gt = np.pad(self.ob, ((wait, 0), (0, 0))), np.pad(self.gt, (wait, 0))


class Stepped:
    """An environment with `reset` and `step`: the input of a step is the last observation, and gt its ground truth."""

    dt = 20
    action_space = SimpleNamespace(n=3)

    def reset(self, seed=None):
        self.rng, self.t = np.random.default_rng(seed), 0
        self.sign = self.rng.choice([1, 2])
        return self.seen(), {}

    def seen(self):
        return np.array([float(self.sign if self.t < 2 else 0), self.t])

    def step(self, action):
        truth, self.t = (self.sign if self.t >= 3 else 0), self.t + 1
        return self.seen(), 0.0, False, False, {"gt": truth, "new_trial": self.t == 5}


class Reach:
    """An environment with continuous ground truth: two coordinates."""

    dt = 10
    action_space = SimpleNamespace(shape=(2,))

    def seed(self, seed=None):
        self.rng = np.random.default_rng(seed)

    def new_trial(self):
        self.ob = self.rng.normal(size=(6, 2)) * np.ones((6, 1))
        self.gt = np.tile(self.rng.uniform(1, 2, 2), (6, 1))


class Layer:
    """A wrapper as in Gymnasium, which does not forward attributes."""

    def __init__(self, env):
        self.env = env

    def __getattr__(self, name):
        raise AssertionError(f"attribute {name} was requested from a wrapper")


def test_periods_are_those_of_the_environment():
    task = FromGym(Match())
    assert (task.dt, task.steps, task.channels, task.outputs, task.traceable) == (100.0, 33, 3, 3, False)
    assert task.conditions == ("fixation", "match", "non-match")
    trials = task.block(8, key=KEY)
    inputs, target, mask = (np.asarray(part) for part in trials[:3])
    assert (np.flatnonzero(mask[0]) == np.arange(23, 32)).all()
    assert (mask == mask[0]).all()
    for observations, targets, label in zip(inputs, target, np.asarray(trials.label), strict=True):
        first, second = observations[3:8, 1:].sum(0).argmax(), observations[18:23, 1:].sum(0).argmax()
        assert label == (1 if first == second else 2)
        assert (targets[23:32].argmax(1) == label).all()
        assert (targets[:23, 0] == 1).all()
        assert targets.sum(1) == pytest.approx(np.ones(33))
    assert set(trials.label.tolist()) == {1, 2}


@pytest.mark.slow
def test_the_same_key_makes_the_same_trials():
    task = FromGym(Match(), input_noise=0.3)
    once, again = task.block(4, key=KEY), FromGym(Match(), input_noise=0.3).block(6, key=KEY)
    assert all((a == b[:4]).all() for a, b in zip(once, again, strict=True))
    alone = task.trial(key=jax.random.fold_in(KEY, 2))
    assert all(np.allclose(a, b[2], atol=1e-6) for a, b in zip(alone, once, strict=True))
    assert np.asarray(once.inputs)[:, 0, 1:].std() > 0.1


@pytest.mark.slow
def test_a_condition_can_be_chosen():
    task = FromGym(Match())
    assert task.block(5, key=KEY, label="non-match").label.tolist() == [2] * 5
    assert task.block(3, key=KEY, label=jnp.array([2, 1, 2])).label.tolist() == [2, 1, 2]
    with pytest.raises(InputError, match="condition 'fixation' did not occur in 1000 trials"):
        task.trial(key=KEY, label="fixation")


def test_trials_of_unequal_length_are_padded_with_zero_input():
    with pytest.raises(InputError, match=r"Ragged have 32 … 36 steps of 100 ms; .*duration=3600"):
        FromGym(Ragged())
    task = FromGym(Ragged(), duration=4000.0)
    assert task.steps == 41
    trials = task.block(12, key=KEY)
    mask = np.asarray(trials.mask)
    assert (mask.sum(1) == 9).all()  # without named periods: the steps with a target other than class 0
    ends = mask.shape[1] - mask[:, ::-1].argmax(1)
    assert set(ends) <= set(range(32, 37))
    assert len(set(ends)) > 1
    for inputs, target, end in zip(np.asarray(trials.inputs), np.asarray(trials.target), ends, strict=True):
        assert not inputs[end:].any()
        assert (target[end:] == [1, 0, 0]).all()
    with pytest.raises(InputError, match=r"a trial of 3\d steps of 100 ms; at most 31, the duration"):
        FromGym(Ragged(), duration=3100.0).block(9, key=KEY)


def test_an_environment_can_be_stepped_through():
    task = FromGym(Stepped())
    assert (task.steps, task.channels, task.outputs) == (6, 2, 3)
    trial = task.trial(key=KEY, label="2")
    assert trial.inputs[:, 0].tolist() == [2, 2, 0, 0, 0, 0]
    assert trial.inputs[:, 1].tolist() == [0, 1, 2, 3, 4, 0]
    assert trial.target.argmax(1).tolist() == [0, 0, 0, 2, 2, 0]
    assert trial.mask.tolist() == [0, 0, 0, 1, 1, 0]


def test_scores_of_classes():
    task = FromGym(Match())
    trial = task.trial(key=KEY, label="match")
    outputs = np.tile([0.2, 0.25, 0.2], (32, 1))
    assert bool(task.correct(outputs, trial, "strict"))
    assert not bool(task.correct(outputs, trial))
    outputs[31, 1] = 0.8  # the last step counts
    assert bool(task.correct(outputs, trial))
    assert not bool(task.correct(outputs[:, [1, 0, 2]], trial, "strict"))
    judge = jax.jit(jax.vmap(lambda o, t: task.correct(o, t, "strict")))
    trials = task.block(3, key=KEY)
    assert judge(trials.target[:, :-1], trials).all()


def test_continuous_outputs_must_be_close_to_the_target():
    task = FromGym(Reach())
    assert (task.steps, task.outputs, task.conditions) == (7, 2, ("trial",))
    trial = task.trial(key=KEY)
    aim = np.asarray(trial.target)[:-1]
    assert trial.mask.tolist() == [1] * 6 + [0]
    assert bool(task.correct(aim + 0.4, trial, "strict"))
    assert not bool(task.correct(aim + np.array([0.0, 0.6]), trial, "strict"))
    assert bool(task.correct(aim, trial))


def test_attributes_are_found_through_wrappers():
    bare, wrapped = FromGym(Match()), FromGym(Layer(Layer(Match())))
    assert (wrapped.trial(key=KEY).inputs == bare.trial(key=KEY).inputs).all()


def test_trials_of_an_environment_cannot_be_generated_inside_compiled_functions():
    task = FromGym(Match())
    with pytest.raises(InputError, match=r"inside a compiled function; .*call `block` outside"):
        jax.jit(lambda key: task.trial(key=key))(KEY)


def test_a_configuration_names_the_environment_without_its_address():
    kept = FromGym(Layer(Match()), input_noise=0.1).configuration
    assert kept["environment"].endswith(":Match")
    assert (kept["duration"], kept["dt"], kept["response"]) == (3200.0, 100.0, "decision")


def changed(**attributes):
    return type("Broken", (Match,), attributes)()


@pytest.mark.parametrize(
    ("environment", "options", "message"),
    [
        (changed(dt=None), {}, "environment Broken has no dt; .*give it as dt="),
        (changed(dt=0), {}, "dt of 0.0 ms"),
        (SimpleNamespace(dt=5), {}, "SimpleNamespace cannot begin a trial"),
        (changed(new_trial=lambda self: None), {}, r"Broken has no ob after new_trial\(\)"),
        (changed(action_space=None), {}, "Broken has integer ground truth but no action_space.n"),
        (changed(action_space=SimpleNamespace(n=2)), {}, "ground truth of Broken outside its classes; .* 0 to 1"),
        (Match(), {"duration": 3210.0}, "duration of 3210 ms is 32.1 steps of 100 ms"),
        (Match(), {"input_noise": -1.0}, "input_noise -1.0"),
    ],
)
def test_invalid_environments_are_refused(environment, options, message):
    with pytest.raises(InputError, match=message):
        FromGym(environment, **options)
