"""Training: what it must never change, and what must never change it.

All tests share one small task and its few compiled programs, since compiling is most of what they cost.
"""

import dataclasses
import functools
import itertools
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from noisette import tasks
from noisette.networks import TaskNetwork
from noisette.training import (
    Protocol,
    TrainingOptions,
    _checkpoint,
    _condense,
    _network,
    _program,
    ensemble,
    load,
    run_trial,
    summed_error,
    train,
)
from noisette.training._draws import trial_noise


def member(draw, index):
    """Return an untrained network of an ensemble of key 0, and the key of its training."""
    made = ensemble.Ensemble(draw, TASK, PROTOCOL, 0, None, TrainingOptions())
    return made.draw_network(index), made.training_key(index)


SIZE, NARROW, CHANNELS = 24, 16, 2
TASK = tasks.AFC(fixation=25, stimulus=50, duration=150)
PROTOCOL = Protocol(max_trials=52, test_every=10, test_trials=10, loss_below=1.2, accuracy_above=0.35)


def fragile(columns=14, *, key):
    """Draw a network with a mask, in which some columns hold a single small weight that may soon be dead."""
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    weights = np.abs(rng.normal(size=(SIZE, SIZE))) * (rng.random((SIZE, SIZE)) < 0.3) * 0.55
    chosen = rng.permutation(SIZE)[:columns]
    weights[:, chosen] = 0
    weights[(chosen + 1) % SIZE, chosen] = 0.004
    mask = np.ones((SIZE, SIZE), bool)
    mask[:3, 3:6] = False
    return TaskNetwork(
        weights,
        np.where(rng.random(SIZE) < 0.2, -1.0, 1.0),
        rng.normal(size=SIZE),
        rng.normal(size=(SIZE, 1)),
        rng.normal(size=(1, SIZE)) / 20,
        noise_weights=rng.normal(size=(SIZE, CHANNELS)),
        mask=mask,
    )


def leaves(network):
    return {name: np.asarray(getattr(network, name)) for name in (*network.trainable._fields, "signs", "input_weights")}


def assert_same(one, other):
    """The same network, bit by bit."""
    for name, values in leaves(one).items():
        np.testing.assert_array_equal(values, leaves(other)[name], err_msg=name)


class Whole(NamedTuple):
    """Networks trained without interruption, their states after each test, and their folder."""

    ends: list
    states: dict
    folder: Path


NUMBER = 3


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    states = {index: [] for index in range(NUMBER)}
    folder = tmp_path_factory.mktemp("reference")
    ends = train(
        TASK,
        NUMBER,
        draw=fragile,
        protocol=PROTOCOL,
        folder=folder,
        options=TrainingOptions(on_test=lambda index, state: states[index].append(state)),
    )
    return Whole(ends, states, folder)


def test_the_ensemble_has_what_these_tests_are_about(reference):
    """One network passes while others go on and fail, and columns are left out in the midst of training."""
    assert [(one.status, one.trials) for one in reference.ends] == [("failed", 52), ("failed", 52), ("trained", 22)]
    assert [[state.width for state in reference.states[index]] for index in (0, 1)] == [
        [0] * 6,
        [0] * 2 + [NARROW] * 4,
    ]
    assert [state.trials for state in reference.states[0]] == [2, 12, 22, 32, 42, 52]


@pytest.mark.parametrize("index", range(NUMBER))
def test_a_network_alone_is_that_of_the_ensemble(reference, index):
    """Others neither disturb it nor are disturbed when it ends: bit by bit the same."""
    (alone,) = train(TASK, [index], draw=fragile, protocol=PROTOCOL)
    assert_same(alone.network, reference.ends[index].network)
    np.testing.assert_array_equal(alone.tests, reference.ends[index].tests)
    assert alone.index == index


def test_the_seed_decides(reference):
    (other,) = train(TASK, 1, draw=fragile, protocol=PROTOCOL, key=1)
    assert (np.asarray(other.network.logits) != np.asarray(reference.ends[0].network.logits)).all()


@pytest.mark.parametrize("index", range(NUMBER))
def test_resumed_from_any_checkpoint_it_ends_as_if_never_interrupted(reference, index, tmp_path):
    network, key = member(fragile, index)
    fresh = _network.initial_state(network, PROTOCOL)
    for state in reference.states[index][:-1]:
        _checkpoint.save_checkpoint(state, tmp_path / "c.npz")
        again = _network.train_network(_checkpoint.load_checkpoint(fresh, tmp_path / "c.npz"), TASK, PROTOCOL, key=key)
        assert_same(again.network, reference.ends[index].network)
        np.testing.assert_array_equal(again.tests, reference.ends[index].tests)
        for one, other in zip(
            *(jax.tree.leaves(c.optimiser) for c in (again, reference.states[index][-1])), strict=True
        ):
            np.testing.assert_array_equal(one, other)


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("after", [1, 5, 9])
def test_an_interrupt_saves_and_the_same_call_goes_on_to_the_same_files(reference, after, tmp_path):
    def interrupt(index, state, seen=[]):  # noqa: B006
        seen.append(state.trials)
        if len(seen) == after:
            raise KeyboardInterrupt

    same = {"draw": fragile, "protocol": PROTOCOL, "folder": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        train(TASK, NUMBER, **same, options=TrainingOptions(on_test=interrupt))
    assert len(list(tmp_path.glob("*.checkpoint.npz"))) == 1
    ended = []
    found = train(TASK, NUMBER, **same, options=TrainingOptions(on_end=lambda trained: ended.append(trained.index)))
    assert contents(tmp_path) == contents(reference.folder)
    assert ended == list(range(NUMBER))
    for one, other in zip(found, reference.ends, strict=True):
        assert_same(one.network, other.network)
        assert one.row() | {"file": ""} == other.row() | {"file": ""}
        np.testing.assert_array_equal(one.tests, other.tests)


def test_finished_networks_are_read_and_more_may_be_added(reference, tmp_path):
    for name, content in contents(reference.folder).items():
        (tmp_path / name).write_bytes(content)
    done = []
    found = train(
        TASK,
        [2, 0, 5],
        draw=fragile,
        protocol=PROTOCOL,
        folder=tmp_path,
        options=TrainingOptions(on_test=lambda index, state: done.append(index)),
    )
    assert [one.index for one in found] == [2, 0, 5]
    assert set(done) == {5}
    assert contents(reference.folder).items() <= contents(tmp_path).items()


HELD = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
import test_train
from noisette.training import TrainingOptions, train

def hold(index, state):
    "Keep network 1 from going on until the process that started this one is gone."
    if index == 1 and state.trials == 32:
        parent = os.getppid()
        Path({folder!r}, "held").touch()
        while os.getppid() == parent:
            time.sleep(0.02)
        time.sleep(0.5)

def say(one):
    print(one.index, os.getpid(), flush=True)

if __name__ == "__main__":
    train(test_train.TASK, 3, draw=test_train.sturdy, protocol=test_train.PROTOCOL, folder=Path({folder!r}, "networks"),
          workers=2, options=TrainingOptions(on_test=hold, on_end=say))
"""
sturdy = functools.partial(fragile, 6)  # no column of these is left out, so that fewer programs are compiled


def children(parent):
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc")
def test_workers_of_a_killed_process_save_and_end_and_its_networks_go_on_to_the_same_bits(tmp_path):
    """The costliest test here: two more processes compile."""
    script = tmp_path / "held.py"
    script.write_text(HELD.format(here=str(Path(__file__).parent), folder=str(tmp_path)))
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ended = {int(process.stdout.readline().split()[0]) for _ in range(2)}  # the other worker goes on meanwhile
        wait_until((tmp_path / "held").exists)
        workers = children(process.pid)
        assert len(workers) >= 2
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    wait_until(lambda: not any(alive(pid) for pid in workers))
    assert ended == {0, 2}
    kept = _checkpoint.load_checkpoint(
        _network.initial_state(member(sturdy, 1)[0], PROTOCOL), tmp_path / "networks" / "network_001.checkpoint.npz"
    )
    assert (kept.trials, kept.status) == (32, "running")
    train(TASK, 3, draw=sturdy, protocol=PROTOCOL, folder=tmp_path / "networks")
    train(TASK, 3, draw=sturdy, protocol=PROTOCOL, folder=tmp_path / "here")
    assert contents(tmp_path / "networks") == contents(tmp_path / "here")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, seconds=240.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# what training may not change


def test_dead_weights_stay_dead_and_the_rest_of_the_anatomy_stays(reference):
    for states in reference.states.values():
        for before, after in itertools.pairwise(states):
            old, new = np.asarray(before.network.weights), np.asarray(after.network.weights)
            assert (new[old <= 0] <= 0).all()
            assert (new[old == 0] == 0).all()
        first, last = states[0].network, states[-1].network
        for name in ("signs", "input_weights", "mask"):
            np.testing.assert_array_equal(getattr(first, name), getattr(last, name))
        assert (last.effective[:, last.excitatory] >= 0).all()
        assert (last.effective[:, ~last.excitatory] <= 0).all()
        assert (last.effective[~np.asarray(last.mask)] == 0).all()
        assert ((last.tau > 20) & (last.tau < 125)).all()
        for name in ("weights", "logits", "readout", "readout_bias", "noise_weights"):
            assert (np.asarray(getattr(first, name)) != np.asarray(getattr(last, name))).any(), name
    died = [
        np.asarray(cs[0].network.weights > 0) & ~np.asarray(cs[-1].network.weights > 0)
        for cs in reference.states.values()
    ]
    assert all(one.any() for one in died)


def test_leaving_dead_columns_out_changes_nothing_beyond_rounding():
    """The losses of 102 trials, and the weights after them; differences of float32 grow on the way."""
    long = Protocol(max_trials=102, test_every=10, test_trials=10, criterion=never)
    plain, exact = (
        train(TASK, [1], draw=fragile, protocol=long, options=TrainingOptions(exact=exact))[0]
        for exact in (False, True)
    )
    np.testing.assert_allclose(exact.tests[:, 1:], plain.tests[:, 1:], rtol=1e-4)
    np.testing.assert_allclose(exact.network.effective, plain.network.effective, atol=1e-4)
    np.testing.assert_allclose(exact.network.tau, plain.network.tau, rtol=1e-4)
    assert (exact.network.effective != plain.network.effective).any()  # the shorter program did run


def never(loss, accuracy):
    return False


# the sequential test


class Asked(NamedTuple):
    """A network in training, ten trials, and what the plain equations say about each."""

    network: TaskNetwork
    given: tasks.Trial
    losses: np.ndarray
    right: np.ndarray


KEY = jax.random.key(7)
CONSTANTS = _program.Constants((20.0, 125.0), 5.0, 0.1)


@functools.partial(jax.jit, static_argnames="loss")
def plain_loss(parts, network, trial, key, loss):
    outputs = run_trial(network.trained(parts), trial.inputs, *trial_noise(key, TASK.steps - 1, SIZE, CHANNELS))[1]
    return loss(outputs, trial), outputs


@pytest.fixture(scope="module")
def tested(reference):
    network = reference.states[0][2].network
    given = _network.trials_from(TASK, jax.random.fold_in(KEY, 0), 0, 10)
    losses, right = [], []
    for i in range(10):
        trial = jax.tree.map(lambda leaf, i=i: leaf[i], given)
        noise = _program.noise_key(jax.random.fold_in(KEY, 1), i)
        loss, outputs = plain_loss(network.trainable, network, trial, noise, summed_error)
        losses.append(float(loss))
        right.append(bool(TASK.correct(outputs, trial)))
    return Asked(network, given, np.array(losses), np.array(right))


def sequential(tested, most, errors):
    total, wrong, done = _program.test(
        tested.network.trainable,
        _condense.frozen_part(tested.network, None, SIZE),
        tested.given,
        jax.random.fold_in(KEY, 1),
        _program.Bounds(jnp.asarray(most, jnp.float32), jnp.asarray(errors, jnp.int32)),
        CONSTANTS,
        PROTOCOL.testing,
        TASK,
    )
    return float(total), int(wrong), int(done)


def test_a_whole_test_is_that_of_the_plain_equations(tested):
    assert 2 <= tested.right.sum() <= 8
    total, wrong, done = sequential(tested, np.inf, 10)
    assert total == pytest.approx(tested.losses.sum(), rel=1e-5)
    assert (wrong, done) == ((~tested.right).sum(), 10)


def test_it_stops_at_the_error_that_decides(tested):
    places = np.flatnonzero(~tested.right)
    for allowed, place in enumerate(places):
        total, wrong, done = sequential(tested, np.inf, allowed)
        assert (wrong, done) == (allowed + 1, place + 1)
        assert total == pytest.approx(tested.losses[: place + 1].sum(), rel=1e-5)
    assert sequential(tested, np.inf, len(places))[2] == 10


def test_it_stops_when_the_losses_can_no_longer_be_small_enough(tested):
    sums = np.cumsum(tested.losses)
    for place in np.flatnonzero(tested.losses > 0.01):
        assert sequential(tested, sums[place] - 0.005, 10)[2] == place + 1


@pytest.mark.parametrize("loss_below", [0.5, 1.2, 1.8, 1.95, 5.0])
@pytest.mark.parametrize("accuracy_above", [0.0, 0.3, 0.4, 0.5, 0.9])
def test_its_verdict_is_that_of_the_whole_test(tested, loss_below, accuracy_above):
    rule = Protocol(test_trials=10, loss_below=loss_below, accuracy_above=accuracy_above)
    frozen = _condense.frozen_part(tested.network, None, SIZE)
    short, long = (
        _network.run_test(tested.network.trainable, frozen, TASK, rule, CONSTANTS, KEY, complete=complete)
        for complete in (False, True)
    )
    assert np.isfinite(long).all()
    assert rule.reached(*short) == rule.reached(*long)
    assert short == long or np.isnan(short).all()
    if rule.reached(*long):
        assert short == long


def test_with_a_criterion_of_ones_own_every_test_is_whole(tested):
    rule = Protocol(test_trials=10, loss_below=1e-3, criterion=never)
    frozen = _condense.frozen_part(tested.network, None, SIZE)
    found = _network.run_test(tested.network.trainable, frozen, TASK, rule, CONSTANTS, KEY, complete=False)
    assert found == pytest.approx((tested.losses.mean(), tested.right.mean()), rel=1e-5)


# other protocols, and networks that diverge


def leap(count):
    """Two steps of the rate 0.1, then one out of all bounds."""
    return jnp.where(count < 2, 0.1, jnp.inf)


def squares(outputs, trial):
    return jnp.sum(trial.mask[:-1, None] * (outputs - trial.target[:-1]) ** 2)


BATCHED = Protocol(
    max_trials=30,
    test_every=3,
    test_trials=10,
    batch=3,
    optimiser=functools.partial(optax.sgd, leap),
    loss=squares,
    criterion=never,
)


@pytest.fixture(scope="module")
def batched(tmp_path_factory):
    states, folder = [], tmp_path_factory.mktemp("batched")
    options = TrainingOptions(on_test=lambda index, state: states.append(state))
    (end,) = train(TASK, 1, draw=fragile, protocol=BATCHED, folder=folder, options=options)
    return Whole([end], {0: states}, folder)


def test_optimiser_batch_loss_and_criterion_can_be_replaced(batched):
    """Each step goes down the mean of the gradients of three trials, by the plain equations."""
    network, key = member(fragile, 0)
    for_trials, for_noise = jax.random.fold_in(key, 0), jax.random.fold_in(key, 1)
    parts, slope = network.trainable, jax.jit(jax.grad(plain_loss, has_aux=True), static_argnames="loss")
    for state, first in zip(batched.states[0], (0, 3), strict=False):
        given = _network.trials_from(TASK, for_trials, first, 3)
        rows = [
            slope(
                parts,
                network,
                jax.tree.map(lambda leaf, i=i: leaf[i], given),
                _program.noise_key(for_noise, first + i),
                loss=squares,
            )[0]
            for i in range(3)
        ]
        parts = jax.tree.map(lambda p, *g: p - 0.1 * sum(g) / 3, parts, *rows)
        assert state.trials == first + 3
        for name, found, wanted in zip(parts._fields, state.network.trainable, parts, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6, err_msg=name)


def test_a_network_that_leaves_all_bounds_is_reported_as_it_was_before(batched):
    (end,) = batched.ends
    assert (end.status, end.success, end.trials) == ("diverged", False, 9)
    assert np.isfinite(end.tests[-1, 1])  # the losses up to that step were finite, the weights after it are not
    assert_same(end.network, batched.states[0][1].network)
    assert_same(load(end.file).network, end.network)
    assert (end.loss, np.isnan(end.accuracy)) == (end.tests[-1, 1], True)
    kept = json.loads(json.dumps(load(end.file).configuration["training"], allow_nan=False))
    assert (kept["status"], kept["accuracy"]) == ("diverged", None)
    assert kept["tests"][-1][2:] == [None, None]


def test_other_optimisers_are_resumed_too(batched, tmp_path):
    network, key = member(fragile, 0)
    fresh = _network.initial_state(network, BATCHED)
    _checkpoint.save_checkpoint(batched.states[0][0], tmp_path / "c.npz")
    state = _checkpoint.load_checkpoint(fresh, tmp_path / "c.npz")
    again = _network.train_network(state, TASK, BATCHED, key=key)
    assert_same(again.network, batched.ends[0].network)
    np.testing.assert_array_equal(again.tests, batched.ends[0].tests)


def bursting(*, key):
    """Draw the same networks, the outputs of number 1 beyond what float32 can hold."""
    made = fragile(key=key)
    first = np.array_equal(
        jax.random.key_data(key), jax.random.key_data(jax.random.fold_in(jax.random.fold_in(jax.random.key(0), 1), 0))
    )
    loud = TaskNetwork.trained(made, made.trainable._replace(readout=jnp.full((1, SIZE), 1e38, jnp.float32)))
    return loud if first else made


def test_a_network_that_diverges_is_no_matter_for_others(reference, tmp_path):
    def ends():
        return train(TASK, 3, draw=bursting, protocol=PROTOCOL, folder=tmp_path)

    for found in (ends(), ends()):  # trained, and read again
        assert [one.status for one in found] == ["failed", "diverged", "trained"]
        assert found[1].trials == 2
        assert np.isnan([found[1].accuracy, found[1].tests[0, 2]]).all()
        assert_same(found[1].network, bursting(key=jax.random.fold_in(jax.random.fold_in(jax.random.key(0), 1), 0)))
        for index in (0, 2):
            assert_same(found[index].network, reference.ends[index].network)


def test_a_batch_longer_than_the_time_between_tests_is_tested_once():
    often = dataclasses.replace(BATCHED, max_trials=4, test_every=1)
    (end,) = train(TASK, 1, draw=fragile, protocol=often)
    assert (end.status, end.trials, end.tests[:, 0].tolist()) == ("failed", 6, [3.0, 6.0])
