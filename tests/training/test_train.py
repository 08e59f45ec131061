"""Training: reproducibility, parameters that must not change, and the sequential test; few programs for all tests."""

import functools
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette import tasks
from noisette.networks import TaskNetwork
from noisette.training import Protocol, TrainingOptions, _checkpoint, _network, summed_error, train

SIZE, NARROW, CHANNELS = 24, 16, 2
TASK = tasks.AFC(fixation=25, stimulus=50, duration=150)
PROTOCOL = Protocol(max_trials=52, test_every=10, test_trials=10, loss_below=1.2, accuracy_above=0.35)


def fragile(columns=14, *, key):
    """Draw a network with a mask, in which some columns contain a single small weight, which soon dies."""
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


def assert_same(first, second):
    """Assert that two networks are equal bit for bit."""
    for name, values in leaves(first).items():
        np.testing.assert_array_equal(values, leaves(second)[name], err_msg=name)


class Reference(NamedTuple):
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
    return Reference(ends, states, folder)


def test_the_reference_ensemble_covers_success_failure_and_removed_columns(reference):
    """One network passes while others continue and fail, and columns are left out during training."""
    assert [(end.status, end.trials) for end in reference.ends] == [("failed", 52), ("failed", 52), ("trained", 22)]
    assert [[state.width for state in reference.states[index]] for index in (0, 1)] == [
        [0] * 6,
        [0] * 2 + [NARROW] * 4,
    ]
    assert [state.trials for state in reference.states[0]] == [2, 12, 22, 32, 42, 52]


@pytest.mark.parametrize("index", range(NUMBER))
def test_a_network_trained_alone_equals_that_of_the_ensemble(reference, index):
    """Other networks do not affect it, bit for bit."""
    (alone,) = train(TASK, [index], draw=fragile, protocol=PROTOCOL)
    assert_same(alone.network, reference.ends[index].network)
    np.testing.assert_array_equal(alone.tests, reference.ends[index].tests)
    assert alone.index == index


def test_results_depend_on_the_seed(reference):
    (other,) = train(TASK, 1, draw=fragile, protocol=PROTOCOL, key=1)
    assert (np.asarray(other.network.logits) != np.asarray(reference.ends[0].network.logits)).all()


@pytest.mark.slow
@pytest.mark.parametrize("index", range(NUMBER))
def test_training_resumed_from_any_checkpoint_ends_as_if_never_interrupted(reference, index, tmp_path, resume):
    for state in reference.states[index][:-1]:
        again = resume(state, tmp_path / "c.npz", fragile, index, TASK, PROTOCOL)
        assert_same(again.network, reference.ends[index].network)
        np.testing.assert_array_equal(again.tests, reference.ends[index].tests)
        for first, second in zip(
            *(jax.tree.leaves(c.optimiser) for c in (again, reference.states[index][-1])), strict=True
        ):
            np.testing.assert_array_equal(first, second)


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 5, 9])
def test_an_interrupt_saves_checkpoints_and_the_same_call_resumes_to_the_same_files(reference, after, tmp_path):
    def interrupt(index, state, calls=[]):  # noqa: B006
        calls.append(state.trials)
        if len(calls) == after:
            raise KeyboardInterrupt

    arguments = {"draw": fragile, "protocol": PROTOCOL, "folder": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        train(TASK, NUMBER, **arguments, options=TrainingOptions(on_test=interrupt))
    assert len(list(tmp_path.glob("*.checkpoint.npz"))) == 1
    ended = []
    result = train(TASK, NUMBER, **arguments, options=TrainingOptions(on_end=lambda end: ended.append(end.index)))
    assert contents(tmp_path) == contents(reference.folder)
    assert ended == list(range(NUMBER))
    for resumed, uninterrupted in zip(result, reference.ends, strict=True):
        assert_same(resumed.network, uninterrupted.network)
        assert resumed.row() | {"file": ""} == uninterrupted.row() | {"file": ""}
        np.testing.assert_array_equal(resumed.tests, uninterrupted.tests)


def test_finished_networks_are_read_and_others_may_be_added(reference, tmp_path):
    for name, content in contents(reference.folder).items():
        (tmp_path / name).write_bytes(content)
    done = []
    result = train(
        TASK,
        [2, 0, 5],
        draw=fragile,
        protocol=PROTOCOL,
        folder=tmp_path,
        options=TrainingOptions(on_test=lambda index, state: done.append(index)),
    )
    assert [trained.index for trained in result] == [2, 0, 5]
    assert set(done) == {5}
    assert contents(reference.folder).items() <= contents(tmp_path).items()


SCRIPT = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_train
from noisette.training import TrainingOptions, train

def hold(index, state):
    "Block network 1 until the parent process has ended."
    if index == 1 and state.trials == 32:
        parent = os.getppid()
        Path({folder!r}, "held").touch()
        while os.getppid() == parent:
            time.sleep(0.02)
        time.sleep(0.5)

def print_end(trained):
    print(trained.index, os.getpid(), flush=True)

if __name__ == "__main__":
    train(test_train.TASK, 3, draw=test_train.sturdy, protocol=test_train.PROTOCOL, folder=Path({folder!r}, "networks"),
          workers=2, options=TrainingOptions(on_test=hold, on_end=print_end))
"""
sturdy = functools.partial(fragile, 6)  # no columns are left out, so that fewer programs are compiled


def children(parent):
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc")
def test_workers_of_a_killed_process_save_and_exit_and_training_resumes_bit_for_bit(tmp_path, initial_state):
    """The slowest test of this file, since two more processes compile."""
    script = tmp_path / "held.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), folder=str(tmp_path)))
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ended = {int(process.stdout.readline().split()[0]) for _ in range(2)}  # the other worker continues
        wait_until((tmp_path / "held").exists)
        workers = children(process.pid)
        assert len(workers) >= 2
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    wait_until(lambda: not any(alive(pid) for pid in workers))
    assert ended == {0, 2}
    kept = _checkpoint.load_checkpoint(
        initial_state(sturdy, 1, TASK, PROTOCOL), tmp_path / "networks" / "network_001.checkpoint.npz"
    )
    assert (kept.trials, kept.status) == (32, "running")
    train(TASK, 3, draw=sturdy, protocol=PROTOCOL, folder=tmp_path / "networks")
    train(TASK, 3, draw=sturdy, protocol=PROTOCOL, folder=tmp_path / "uninterrupted")
    assert contents(tmp_path / "networks") == contents(tmp_path / "uninterrupted")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, seconds=240.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)


# parameters that training must not change


def test_dead_weights_stay_dead_and_fixed_parameters_do_not_change(reference):
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
    assert all(dead.any() for dead in died)


def test_leaving_dead_columns_out_changes_nothing_beyond_rounding():
    """Compare the losses of 102 trials and the final weights; float32 round-off grows during training."""
    long = Protocol(max_trials=102, test_every=10, test_trials=10, criterion=never)
    plain, exact = (
        train(TASK, [1], draw=fragile, protocol=long, options=TrainingOptions(exact=exact))[0]
        for exact in (False, True)
    )
    np.testing.assert_allclose(exact.tests[:, 1:], plain.tests[:, 1:], rtol=1e-4)
    np.testing.assert_allclose(exact.network.effective, plain.network.effective, atol=1e-4)
    np.testing.assert_allclose(exact.network.tau, plain.network.tau, rtol=1e-4)
    assert (exact.network.effective != plain.network.effective).any()  # the narrower program was used


def never(loss, accuracy):
    return False


# the sequential test


class ReferenceTest(NamedTuple):
    """A network in training, ten trials, and their losses and outcomes by the plain equations."""

    network: TaskNetwork
    trials: tasks.Trial
    losses: np.ndarray
    right: np.ndarray


KEY = jax.random.key(7)


@pytest.fixture(scope="module")
def constants(program):
    return program.Constants((20.0, 125.0), 5.0, 0.1)


@pytest.fixture(scope="module")
def tested(reference, plain_loss, program):
    network = reference.states[0][2].network
    trials = _network.trials_from(TASK, jax.random.fold_in(KEY, 0), 0, 10)
    losses, right = [], []
    for i in range(10):
        trial = jax.tree.map(lambda leaf, i=i: leaf[i], trials)
        noise = program.noise_key(jax.random.fold_in(KEY, 1), i)
        loss, outputs = plain_loss(network.trainable, network, trial, noise, summed_error)
        losses.append(float(loss))
        right.append(bool(TASK.correct(outputs, trial)))
    return ReferenceTest(network, trials, np.array(losses), np.array(right))


@pytest.fixture(scope="module")
def sequential(tested, program, frozen_part, constants):
    """Return a function that runs the sequential test: summed losses, errors and number of trials."""
    return functools.partial(sequential_test, tested, program, frozen_part(tested.network, None, SIZE), constants)


def sequential_test(tested, program, frozen, constants, most, errors):
    total, wrong, done = program.test(
        tested.network.trainable,
        frozen,
        tested.trials,
        jax.random.fold_in(KEY, 1),
        program.Bounds(jnp.asarray(most, jnp.float32), jnp.asarray(errors, jnp.int32)),
        constants,
        PROTOCOL.testing,
        TASK,
    )
    return float(total), int(wrong), int(done)


def test_a_complete_test_agrees_with_the_plain_equations(tested, sequential):
    assert 2 <= tested.right.sum() <= 8
    total, wrong, done = sequential(np.inf, 10)
    assert total == pytest.approx(tested.losses.sum(), rel=1e-5)
    assert (wrong, done) == ((~tested.right).sum(), 10)


def test_the_sequential_test_stops_at_the_deciding_error(tested, sequential):
    places = np.flatnonzero(~tested.right)
    for allowed, place in enumerate(places):
        total, wrong, done = sequential(np.inf, allowed)
        assert (wrong, done) == (allowed + 1, place + 1)
        assert total == pytest.approx(tested.losses[: place + 1].sum(), rel=1e-5)
    assert sequential(np.inf, len(places))[2] == 10


def test_the_sequential_test_stops_once_the_loss_bound_is_exceeded(tested, sequential):
    sums = np.cumsum(tested.losses)
    for place in np.flatnonzero(tested.losses > 0.01):
        assert sequential(sums[place] - 0.005, 10)[2] == place + 1


@pytest.mark.parametrize("loss_below", [0.5, 1.2, 1.8, 1.95, 5.0])
@pytest.mark.parametrize("accuracy_above", [0.0, 0.3, 0.4, 0.5, 0.9])
def test_sequential_and_complete_tests_agree(tested, frozen_part, constants, loss_below, accuracy_above):
    rule = Protocol(test_trials=10, loss_below=loss_below, accuracy_above=accuracy_above)
    frozen = frozen_part(tested.network, None, SIZE)
    short, long = (
        _network.run_test(tested.network.trainable, frozen, TASK, rule, constants, KEY, complete=complete)
        for complete in (False, True)
    )
    assert np.isfinite(long).all()
    assert rule.reached(*short) == rule.reached(*long)
    assert short == long or np.isnan(short).all()
    if rule.reached(*long):
        assert short == long


def test_with_a_user_defined_criterion_every_test_is_complete(tested, frozen_part, constants):
    rule = Protocol(test_trials=10, loss_below=1e-3, criterion=never)
    frozen = frozen_part(tested.network, None, SIZE)
    result = _network.run_test(tested.network.trainable, frozen, TASK, rule, constants, KEY, complete=False)
    assert result == pytest.approx((tested.losses.mean(), tested.right.mean()), rel=1e-5)


# networks that diverge


FIRST = jax.random.fold_in(jax.random.fold_in(jax.random.key(0), 1), 0)  # the key of the weights of network 1


def bursting(*, key):
    """Draw the same networks, with outputs of network 1 beyond the range of float32."""
    made = fragile(key=key)
    first = np.array_equal(jax.random.key_data(key), jax.random.key_data(FIRST))
    loud = TaskNetwork.trained(made, made.trainable._replace(readout=jnp.full((1, SIZE), 1e38, jnp.float32)))
    return loud if first else made


def test_a_network_that_diverges_does_not_affect_others(reference, tmp_path):
    def ends():
        return train(TASK, 3, draw=bursting, protocol=PROTOCOL, folder=tmp_path)

    for result in (ends(), ends()):  # trained, then read from the folder
        assert [trained.status for trained in result] == ["failed", "diverged", "trained"]
        assert result[1].trials == 2
        assert np.isnan([result[1].accuracy, result[1].tests[0, 2]]).all()
        assert_same(result[1].network, bursting(key=FIRST))
        for index in (0, 2):
            assert_same(result[index].network, reference.ends[index].network)
