"""Properties of all tasks, the other tasks of the paper, and a user-defined task."""

import json
import pickle
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.io

from noisette.errors import InputError
from noisette.registry import words
from noisette.tasks import AFC, CTX, DMS, XOR, GoNoGo, Task, from_string, parameter

REAL = Path(__file__).parents[1] / "data" / "gonogo_spikeRNN_tf1.mat"
KEY = jax.random.key(0)
SCORES = ("threshold", "strict")


class Compare(Task):
    """Report which of two pulses was stronger, with one output each for first, second and neither."""

    pause: float = 100.0
    duration: float = parameter(400.0)
    channels, outputs = 1, 3
    conditions = ("first", "second", "equal")

    def signals(self, label, *, key):
        weak = jax.random.uniform(key)
        first, second = jnp.where(label == 0, 1, weak), jnp.where(label == 1, 1, weak)
        shown = jnp.stack([self.times < 50, (self.times >= 50 + self.pause) & (self.times < 100 + self.pause)])
        mask = self.times >= 250
        return (jnp.stack([first, second]) @ shown)[:, None], jax.nn.one_hot(label, 3) * mask[:, None], mask


TASKS = {
    "dms": DMS(second_delay=50.0),
    "one channel": DMS(inputs=1),
    "xor": XOR(),
    "afc": AFC(gap=50.0, response=250.0, input_noise=1.0),
    "go-nogo": GoNoGo(),
    "ctx": CTX(),
    "own": Compare(),
}


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    return TASKS[request.param]


@pytest.fixture(scope="module")
def trials(task):
    """Return a trial of each condition."""
    number = len(task.conditions)
    return jax.tree.map(np.asarray, task.block(number, key=KEY, label=np.arange(number)))


def one_of(trials, i):
    return jax.tree.map(lambda leaf: leaf[i], trials)


@pytest.mark.slow
def test_trials_are_float32_of_the_stated_sizes(task, trials):
    number = len(task.conditions)
    assert trials.inputs.shape == (number, task.steps, task.channels)
    assert trials.target.shape == (number, task.steps, task.outputs)
    assert trials.mask.shape == (number, task.steps)
    assert [leaf.dtype.name for leaf in trials] == ["float32", "float32", "float32", "int32"]
    assert set(np.unique(trials.mask)) == {0.0, 1.0}
    assert (trials.mask[:, :-1].sum(1) > 0).all()  # there are outputs to score
    assert (trials.label == np.arange(number)).all()


@pytest.mark.slow
def test_a_block_consists_of_trials_whether_compiled_or_not():
    task, label = Compare(), jnp.array([2, 0, 1])
    block = task.block(3, key=KEY, label=label)
    plain = task.trial(key=jax.random.fold_in(KEY, 1), label="first")
    compiled = jax.jit(lambda key, label: task.trial(key=key, label=label))(jax.random.fold_in(KEY, 1), 0)
    for eager, jitted, expected in zip(plain, compiled, one_of(block, 1), strict=True):
        assert (jitted == expected).all()
        # up to rounding, because compiled operations are fused
        assert np.asarray(eager) == pytest.approx(np.asarray(expected), abs=1e-6)


def test_targets_are_the_mean_targets_of_the_trials(task, trials):
    mask = trials.mask[:, :-1, None]
    assert (mask * trials.target[:, :-1]).sum(1) / mask.sum(1) == pytest.approx(task.targets)


def test_default_targets_are_determined_from_trials():
    assert (Compare().targets == np.eye(3)).all()
    assert (Task.targets.fget(GoNoGo()) == GoNoGo().targets).all()


@pytest.mark.slow
@pytest.mark.parametrize("score", SCORES)
def test_the_target_is_correct_and_the_targets_of_other_conditions_are_not(task, trials, score):
    for i, goal in enumerate(task.targets):
        trial = one_of(trials, i)
        aim = trial.target[:-1]
        assert bool(task.correct(aim, trial, score))
        assert not bool(task.correct(np.full_like(aim, np.nan), trial, score))
        for other_target in np.unique(task.targets, axis=0):  # the target of another condition is wrong
            outputs = np.broadcast_to(other_target.astype(np.float32), aim.shape)
            assert bool(task.correct(outputs, trial, score)) == (other_target == goal).all()


def test_scores_can_be_compiled_and_mapped_over_trials():
    task = Compare()
    trials = task.block(3, key=KEY, label=np.arange(3))
    for score in SCORES:
        score_all = jax.jit(jax.vmap(lambda outputs, trial, score=score: task.correct(outputs, trial, score)))
        assert score_all(trials.target[:, :-1], trials).all()
        assert not score_all(trials.target[::-1, :-1], trials)[::2].any()


def test_a_task_is_determined_by_its_parameters(task):
    copy = pickle.loads(pickle.dumps(task)) if type(task) is not Compare else Compare()
    assert bool(copy == task)
    assert hash(copy) == hash(task)
    stored = json.loads(json.dumps(task.configuration))
    name = stored.pop("task")
    if type(task) is not Compare:
        assert bool(from_string(name, **stored) == task)
    else:
        assert stored == {"dt": 5.0, "input_noise": 0.0, "pause": 100.0, "duration": 400.0}


def test_tasks_at_the_terminal_have_the_published_lengths_and_channels():
    tasks = {name: from_string(name) for name in words("tasks")}
    assert {name: (task.steps, task.channels, len(task.conditions)) for name, task in tasks.items()} == {
        "dms": (300, 2, 4),
        "afc": (200, 1, 2),
        "ctx": (500, 4, 8),
        "go-nogo": (200, 1, 2),
        "xor": (300, 2, 4),
        "function": (100, 2, 11),  # of this package
        "path": (150, 3, 1),
    }


@pytest.mark.parametrize(("task", "off"), [(AFC(), 100), (GoNoGo(), 75)], ids=["afc", "go-nogo"])
def test_the_response_to_a_pulse_lasts_from_its_end_to_the_end_of_the_trial(task, off):
    present, absent = (task.trial(key=KEY, label=label) for label in (0, 1))
    assert np.flatnonzero(present.inputs[:, 0]).tolist() == list(range(50, off))
    assert np.flatnonzero(present.target[:, 0]).tolist() == list(range(off, 200))
    assert (present.mask == present.target[:, 0]).all()
    assert (absent.mask == present.mask).all()
    assert not absent.inputs.any()
    assert not absent.target.any()
    # published code: max(o[off:]) > 0.7 after a pulse, max |o[off:]| < 0.3 without
    outputs = np.zeros((5, 199, 1), np.float32)
    outputs[0, off] = outputs[1, off - 1] = 0.8
    outputs[2], outputs[3, 150], outputs[4, :off] = 0.29, -0.31, 9.0
    score_all = jax.jit(jax.vmap(task.correct, in_axes=(0, None)))
    assert score_all(outputs, present).tolist() == [True, False, False, False, False]
    assert score_all(outputs, absent).tolist() == [False, True, True, False, True]
    strict = [[bool(task.correct(o, t, "strict")) for t in (present, absent)] for o in (outputs[2], outputs[2] + 0.22)]
    assert strict == [[False, True], [True, False]]  # means 0.29 and 0.51


def test_outputs_of_the_published_network_have_its_stored_accuracy_and_loss():
    # 100 test trials run and scored by the original TensorFlow program
    stored = scipy.io.loadmat(REAL)
    outputs, go = stored["eval_os"].astype(np.float32)[:, :, None], stored["eval_labels"].ravel() == 1
    assert outputs.shape[1] == GoNoGo().steps - 1
    trials = jax.tree.map(np.asarray, GoNoGo().block(2, key=KEY, label=np.arange(2)))
    presented = [one_of(trials, 0 if label else 1) for label in go]
    right = [bool(GoNoGo().correct(o, trial)) for o, trial in zip(outputs, presented, strict=True)]
    assert np.mean(right) == stored["eval_perf_mean"].item()
    losses = [((o - trial.target[:-1]) ** 2).sum() ** 0.5 for o, trial in zip(outputs, presented, strict=True)]
    assert np.mean(losses) == pytest.approx(stored["eval_loss_mean"].item(), rel=1e-5)
    mislabelled = [
        bool(GoNoGo().correct(o, one_of(trials, 1 if label else 0))) for o, label in zip(outputs, go, strict=True)
    ]
    assert not any(mislabelled)


def test_signals_in_context_follow_the_stated_law():
    # 200 trials x 200 steps = 40000 values per channel; means within 5 standard errors (5 / 200), variances within
    # 5 sqrt(2) / 200, correlation within 5 / 200: six comparisons, false alarms below 4e-6
    task, number = CTX(offset=0.75, stimulus_noise=2.0, context=3.0), 200
    trials = task.block(number, key=KEY, label=jnp.arange(number) % 8)
    inputs = np.array(trials.inputs)
    for i in range(8):
        cue, signs = i // 4, (1 - 2 * (i // 2 % 2), 1 - 2 * (i % 2))
        assert task.conditions[i] == f"modality {cue + 1}, {signs[0]:+d}/{signs[1]:+d}"
        assert (inputs[i, :, 2 + cue] == 3).all()
        assert not inputs[i, :, 3 - cue].any()
        assert (np.asarray(trials.target)[i, :, 0] == np.where(np.arange(500) >= 250, signs[cue], 0)).all()
        inputs[i::8, 50:250, :2] -= 0.75 * np.array(signs)
    noise = inputs[:, 50:250, :2].reshape(-1, 2) / 2
    assert not inputs[:, :50, :2].any()
    assert not inputs[:, 250:, :2].any()
    assert np.abs(noise.mean(0)).max() < 5 / 200
    assert np.abs(noise.var(0) - 1).max() < 5 * np.sqrt(2) / 200
    assert abs((noise[:, 0] * noise[:, 1]).mean()) < 5 / 200
    assert abs((inputs[:, 51:250, 0] * inputs[:, 50:249, 0]).mean() / 4) < 5 / 199  # steps are independent


def test_context_is_scored_on_the_last_200_outputs():
    trial = one_of(CTX().block(8, key=KEY, label=np.arange(8)), CTX.conditions.index("modality 2, -1/+1"))
    outputs = np.full((499, 1), -1.0)
    outputs[298] = 1.0  # o[-200:] of the published code begins at 299
    assert not bool(CTX().correct(outputs, trial))
    outputs[299] = 1.0
    assert bool(CTX().correct(outputs, trial))
    assert not bool(CTX().correct(outputs, trial, "strict"))
    assert bool(CTX(score_last=1200.0).correct(np.where(np.arange(499) == 260, 1.0, 0.0)[:, None], trial))


@pytest.mark.slow
def test_input_noise_acts_on_all_channels_and_steps_and_is_independent_of_the_condition():
    # 40 trials x 300 steps x 2 channels; means and deviations within 5 standard errors: false alarms below 3e-6
    noisy, labels = DMS(input_noise=0.5), np.arange(40) % 4
    quiet = np.stack([np.asarray(DMS().trial(key=KEY, label=name).inputs) for name in DMS.conditions])
    added = np.asarray(noisy.block(40, key=KEY, label=labels).inputs) - quiet[labels]
    spread = added.reshape(-1, 2) / 0.5
    assert np.abs(spread.std(0) - 1).max() < 5 / np.sqrt(2 * len(spread))
    assert np.abs(spread.mean(0)).max() < 5 / np.sqrt(len(spread))
    assert (added != 0).mean() > 0.999
    others = (labels + 1) % 4
    again = np.asarray(noisy.block(40, key=KEY, label=others).inputs) - quiet[others]
    assert again == pytest.approx(added, abs=1e-6)


def test_conditions_are_drawn_evenly():
    # chi squared of 4000 draws with 7 degrees of freedom below 46: false alarms below 1e-7
    keys = jax.random.split(KEY, 4000)
    drawn = np.asarray(jax.jit(jax.vmap(lambda key: CTX().trial(key=key).label))(keys))
    assert ((np.bincount(drawn, minlength=8) - 500) ** 2 / 500).sum() < 46


def test_steps_may_have_another_length():
    for kind in (AFC, GoNoGo, CTX):
        assert kind(dt=2.5).steps == 2 * kind().steps
    fine, coarse = GoNoGo(dt=2.5).trial(key=KEY, label=0), GoNoGo().trial(key=KEY, label=0)
    assert (fine.inputs[::2] == coarse.inputs).all()
    assert (fine.target[::2] == coarse.target).all()


@pytest.mark.slow
def test_classes_are_scored_by_the_largest_mean_output():
    trial = Compare().trial(key=KEY, label="second")
    outputs = np.tile([0.1, 0.2, 0.19], (79, 1))
    assert bool(Compare().correct(outputs, trial, "strict"))
    assert not bool(Compare().correct(outputs, trial))  # 0.7 is never reached
    outputs[60] = [0.29, 0.8, -0.29]
    assert bool(Compare().correct(outputs, trial))
    outputs[70, 0] = 0.31  # another output is active
    assert not bool(Compare().correct(outputs, trial))


@pytest.mark.slow
def test_if_all_conditions_have_the_same_target_outputs_must_be_close_to_it():
    class Copy(Task):
        duration: float = 100.0
        channels = 1
        conditions = ("any",)

        def signals(self, label, *, key):
            value = 2 * jax.random.normal(key, (1, 1)) * jnp.ones((self.steps, 1))
            return value, jnp.full((self.steps, 1), 2.0), jnp.ones(self.steps)

    trial = Copy().trial(key=KEY)
    for mean, right in ((2.4, True), (1.6, True), (2.6, False), (0.0, False)):
        assert bool(Copy().correct(np.full((19, 1), mean), trial, "strict")) == right


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DMS().trial(key=KEY, label=4), r"label 4; 0 … 3, or the name of a condition"),
        (lambda: DMS().trial(key=KEY, label=-1), "label -1"),
        (lambda: DMS().trial(key=KEY, label="match"), r"condition 'match'; conditions are \+1/\+1; "),
        (lambda: DMS().block(3, key=KEY, label=jnp.arange(2)), r"labels of shape \(2,\); one, or one per trial \(3\)"),
        (lambda: DMS().block(0, key=KEY), "0 trials; at least one"),
        (lambda: DMS().correct(np.zeros((300, 1)), DMS().trial(key=KEY)), r"shape \(300, 1\); shape \(299, 1\)"),
        (
            lambda: DMS().correct(np.zeros((299, 1)), DMS().trial(key=KEY), "loose"),
            "score 'loose'; threshold or strict",
        ),
        (lambda: DMS().window("nap"), "period 'nap'; periods are fixation, stimulus 1"),
        (lambda: AFC(gap=500.0), "a response window from 1000 ms in a trial of 1000 ms"),
        (lambda: AFC(response=0.0), "response of 0 ms; at least 1 step"),
        (lambda: GoNoGo(amplitude=np.nan), "amplitude nan"),
        (lambda: CTX(stimulus_noise=-1.0), "stimulus_noise -1.0; a finite number of at least 0"),
        (lambda: CTX(score_last=2500.0), "score_last of 2500 ms; less than the trial, 2500 ms"),
        (lambda: Compare(duration=1.0), "duration of 1 ms; at least 2 steps of 5 ms"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_an_incomplete_task_is_refused():
    class WithoutDuration(Task):
        channels, conditions = 1, ("a",)

    class WithoutSignals(WithoutDuration):
        duration: float = 100.0

    with pytest.raises(InputError, match="WithoutDuration has no duration; a parameter `duration`, in ms"):
        WithoutDuration()
    with pytest.raises(InputError, match="WithoutSignals generates no trials; a task defines a method `signals`"):
        WithoutSignals().trial(key=KEY)

    class WithoutWindow(WithoutDuration):
        duration: float = 100.0

        def signals(self, label, *, key):
            return np.zeros((20, 1)), np.zeros((20, 1)), np.zeros(20)

    trial = WithoutWindow().trial(key=KEY)
    with pytest.raises(InputError, match="condition 'a' without a response window"):
        WithoutWindow().correct(np.zeros((19, 1)), trial, "strict")
    with pytest.raises(InputError, match="Task has no channels; a task defines it as a class attribute or a property"):
        Task()
