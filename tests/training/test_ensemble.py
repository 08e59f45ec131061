"""Ensembles without training any: how far they have come, and folders that are not what they should be."""

import dataclasses
import functools
import json

import jax
import numpy as np
import optax
import pytest

from noisette import tasks
from noisette.analysis import compare_groups
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.training import (
    EnsembleProgress,
    Protocol,
    Trained,
    TrainingOptions,
    as_dataset,
    ensemble,
    save,
    summed_error,
    train,
)
from noisette.training._folder import MANIFEST, Folder, configuration, described

TASK = tasks.AFC(fixation=25, stimulus=50, duration=150)
PROTOCOL = Protocol(max_trials=52, test_every=10, test_trials=10)
SIZE = 6


def drawn(size=SIZE, spread=1.0, *, key):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    arrays = [rng.normal(size=shape) for shape in ((size, size), size, (size, 1), (1, size))]
    return TaskNetwork(spread * arrays[0], np.ones(size), *arrays[1:])


def attempt(folder, task=TASK, protocol=PROTOCOL, networks=2, draw=drawn, **more):
    """Call `train` so that it must refuse before it starts: nothing is compiled in these tests."""
    return train(task, networks, draw=draw, protocol=protocol, folder=folder, **more)


def ensemble_of(draw, seed=0):
    return ensemble.Ensemble(draw, TASK, PROTOCOL, seed, None, TrainingOptions())


@pytest.fixture
def folder(tmp_path):
    """A training that has just begun."""
    first = ensemble_of(drawn).draw_network(0)
    return Folder(tmp_path / "networks", configuration(TASK, PROTOCOL, 0, first)).open(resume=False)


@pytest.fixture
def fresh(initial_state):
    """Return a function that gives the training state of a network before its first trial."""
    return lambda index=0: initial_state(drawn, index, TASK, PROTOCOL)


def contents(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


# how far it has come


@pytest.fixture
def clock():
    times = [0.0]

    def tick(progress, seconds, index, trials):
        times[0] += seconds
        progress.record(index, trials, times[0])

    return tick


def test_the_rate_is_that_of_this_run_alone(clock):
    progress = EnsembleProgress(networks=4, max_trials=1000)
    assert (progress.rate, progress.seconds_left, progress.running) == (0.0, float("inf"), 0)
    clock(progress, 100.0, 7, 500)  # found in a checkpoint: no work of this run
    assert progress.rate == 0
    clock(progress, 60.0, 7, 502)  # most of this was compiling
    assert progress.rate == 0
    clock(progress, 2.0, 7, 602)
    assert progress.rate == pytest.approx(50)
    clock(progress, 0.0, 8, 300)  # another has begun, and this one, in another process, tells just then what it did
    clock(progress, 0.1, 7, 702)
    assert progress.rate == 0
    clock(progress, 1.0, 9, 300)
    clock(progress, 1.0, 9, 302)
    clock(progress, 1.0, 9, 402)
    clock(progress, 1.0, 7, 902)
    assert progress.rate == pytest.approx(150)
    assert progress.running == 3


def test_the_time_left_counts_networks_by_their_numbers_and_those_not_begun(clock):
    progress = EnsembleProgress(networks=3, max_trials=1000)
    for trials in (0, 2, 302):
        clock(progress, 3.0, 7, trials)
    assert progress.seconds_left == pytest.approx((698 + 2 * 1000) / 100)
    progress.trials[7], progress.ends[7] = 400, "trained"
    for trials in (0, 2, 302):
        clock(progress, 3.0, 9, trials)
    assert progress.seconds_left == pytest.approx((98 + 400) / 100)
    progress.trials[9] = 900  # longer than expected: a twentieth of what is expected is still to come
    assert progress.seconds_left == pytest.approx((20 + 400) / 100)
    progress.ends |= {9: "failed", 8: "diverged"}
    progress.trials[8] = 5
    assert progress.seconds_left == 0
    assert [progress.count(status) for status in ("trained", "failed", "diverged")] == [1, 1, 1]


def test_a_row_tells_the_time_constants_of_either_kind():
    network = TaskNetwork(np.ones((2, 2)), [1, -1], [-800.0, 800.0], np.ones((2, 1)), np.ones((1, 2)))
    row = Trained(3, network, "trained", 102, 5.0, 0.97, np.zeros((1, 4))).row()
    assert (row["tau_excitatory"], row["tau_inhibitory"]) == (20.0, 125.0)
    assert (row["network"], row["success"], row["file"]) == (3, True, None)
    alone = dataclasses.replace(Trained(0, drawn(key=jax.random.key(0)), "failed", 2, 9.0, 0.0, np.zeros((1, 4))))
    assert np.isnan(alone.row()["tau_inhibitory"])


# ensembles of one seed


def ends(draw, seed, networks=5):
    """Networks before their training, as if they had ended."""
    made = [ensemble_of(draw, seed).draw_network(index) for index in range(networks)]
    return [Trained(i, n, "trained", 2, 5.0, 1.0, np.zeros((1, 4)), seed=seed) for i, n in enumerate(made)]


def test_ensembles_of_one_seed_are_pairs_whatever_their_noise_channels():
    draw = {C: functools.partial(TaskNetwork.random, 20, channels=1, noise_channels=C) for C in (0, 10)}
    without, with_noise = ends(draw[0], 4), ends(draw[10], 4)
    for one, other in zip(without, with_noise, strict=True):
        for name in ("weights", "signs", "logits", "input_weights", "readout"):
            np.testing.assert_array_equal(getattr(one.network, name), getattr(other.network, name))
    groups = {"C = 0": as_dataset(without), "C = 10": as_dataset(with_noise)}
    groups["C = 10"]["tau_inhibitory"] += np.arange(1, 6)
    found = compare_groups({name: group.tau_inhibitory for name, group in groups.items()})
    assert (found.attrs["paired"], float(found.p)) == (1, 2 / 2**5)
    of_other_seeds = {"a": as_dataset(without).tau_inhibitory, "b": as_dataset(ends(draw[0], 5)).tau_inhibitory}
    assert compare_groups(of_other_seeds).attrs["paired"] == 0
    with pytest.raises(InputError, match="networks of seeds 4, 5; one ensemble at a time"):
        as_dataset([*without, *ends(draw[0], 5)])


def test_the_protocol_is_that_of_the_task_unless_another_is_given(monkeypatch):
    protocols = []

    def note(ensemble, index, report, stopping):
        protocols.append(ensemble.protocol)
        return Trained(index, ensemble.draw_network(index), "failed", 2, 9.0, 0.0, np.zeros((1, 4)))

    monkeypatch.setattr(ensemble, "_train_one", note)
    task = tasks.GoNoGo(fixation=25, stimulus=25, duration=100)
    trained = train(task, 1, draw=drawn, key=8)
    assert trained[0].seed == 8
    train(TASK, 1, draw=drawn)
    train(task, 1, draw=drawn, protocol=PROTOCOL)
    assert [protocol.least_trials for protocol in protocols] == [1500, 0, 0]


# what cannot be trained


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"networks": 0}, "networks 0; how many, at least one"),
        ({"networks": []}, r"networks \[\]"),
        ({"networks": [1, -1]}, "network -1; an integer of at least 0"),
        ({"networks": [1, 1]}, r"networks \[1, 1\]; .*different"),
        ({"workers": 0}, "workers 0; an integer of at least 1"),
        ({"task": tasks.DMS()}, "a task with 2 input channels; the network has 1"),
        ({"task": dataclasses.replace(TASK, dt=2.5)}, "a task in steps of 2.5 ms"),
        ({"workers": 2, "draw": lambda *, key: drawn(key=key)}, "cannot be sent to workers .*without lambdas"),
        ({"workers": 2, "protocol": Protocol(optimiser=optax.sgd(0.1))}, "cannot be sent .*functools.partial"),
    ],
)
def test_what_cannot_be_trained_is_refused(tmp_path, given, message):
    with pytest.raises(InputError, match=message) as refused:
        attempt(tmp_path / "new", **given)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "new").exists()


# folders of another training


def test_optimisers_are_told_apart_in_the_same_words_in_every_process():
    assert described(functools.partial(optax.sgd, 0.5, momentum=0.1)) == "sgd(0.5, momentum=0.1)"
    first, same, other = (described(optax.adam(rate)) for rate in (0.1, 0.1, 0.2))
    assert first == same != other
    assert "0x" not in first
    assert described(summed_error) == "summed_error"
    assert described(None) is None


OTHERS = {
    "task": ({"task": dataclasses.replace(TASK, gap=10.0)}, "task.gap is 0.0 in the folder and 10.0 in this call"),
    "protocol": (
        {"protocol": dataclasses.replace(PROTOCOL, max_trials=100, score="strict")},
        "protocol.max_trials is 52 in the folder and 100 in this call; "
        "protocol.score is 'threshold' in the folder and 'strict' in this call",
    ),
    "optimiser": (
        {"protocol": dataclasses.replace(PROTOCOL, optimiser=functools.partial(optax.sgd, 0.5))},
        r"protocol.optimiser is None in the folder and 'sgd\(0.5\)' in this call",
    ),
    "key": ({"key": 1}, "seed is 0 in the folder and 1 in this call"),
    "weights": (
        {"draw": functools.partial(drawn, spread=2.0)},
        "network.initial is .* in the folder and .* in this call",
    ),
    "size": ({"draw": functools.partial(drawn, SIZE + 1)}, "network.size is 6 in the folder and 7 in this call"),
    "short cuts": ({"options": TrainingOptions(exact=False)}, "exact is None in the folder and False in this call"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_folder_of_another_training_is_refused_with_the_difference(folder, case):
    given, message = OTHERS[case]
    before = contents(folder.path)
    with pytest.raises(InputError, match=f"holds another training: {message}; give another folder"):
        attempt(folder.path, **given)
    assert contents(folder.path) == before


def test_a_folder_is_only_resumed_if_that_is_asked_for(folder):
    with pytest.raises(InputError, match=r"holds this training already; resume it .*, or give another folder"):
        attempt(folder.path, options=TrainingOptions(resume=False))


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_broken_configuration_is_named(folder, text):
    (folder.path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match=rf"{MANIFEST}'.*; give another folder") as refused:
        attempt(folder.path)
    assert "\n" not in str(refused.value)


def test_networks_of_nobody_knows_which_training_are_left_alone(folder):
    save(drawn(key=jax.random.key(0)), folder.file(0))
    (folder.path / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"holds network_000.npz but no training.json; give another folder"):
        attempt(folder.path)
    assert [file.name for file in folder.path.iterdir()] == ["network_000.npz"]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({}, "another training: network is None in the folder and .* in this call; "),
        ({"seed": 4, "training": {}}, "seed is 4 in the folder and 0 in this call"),
        ({"training": {}}, "another training: it does not contain how it ended; move it elsewhere"),
    ],
)
def test_a_finished_network_of_another_training_is_refused(folder, about, message):
    kept = about if not about else folder.about | about
    save(drawn(key=jax.random.key(0)), folder.file(1), configuration=kept)
    with pytest.raises(
        InputError, match=rf"network_001.npz' is of {message if 'another' in message else '.*' + message}"
    ):
        attempt(folder.path)


def test_a_broken_network_file_is_named(folder):
    folder.file(0).write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"network_000.npz' cannot be read") as refused:
        attempt(folder.path)
    assert "\n" not in str(refused.value)


# checkpoints


def test_a_checkpoint_holds_all_there_is(fresh, folder):
    state = dataclasses.replace(
        fresh(),
        trials=12,
        tests=np.array([[2, 1.0, np.nan, np.nan], [12, 0.5, 2.0, 0.25]]),
        order=np.arange(SIZE),
        width=4,
    )
    folder.save(0, state)
    found = folder.load_state(0, fresh())
    for one, other in zip(jax.tree.leaves(state.network), jax.tree.leaves(found.network), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (found.trials, found.status, found.width) == (12, "running", 4)
    np.testing.assert_array_equal(found.tests, state.tests)
    assert (found.loss, found.accuracy) == (2.0, 0.25)
    assert folder.load_state(1, fresh(1)).trials == 0


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97])
def test_a_checkpoint_cut_short_is_named_with_what_to_do(fresh, folder, share):
    folder.save(0, fresh())
    content = folder.checkpoint(0).read_bytes()
    folder.checkpoint(0).write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=r"000.checkpoint.npz' cannot be read; delete it to train .* anew") as refused:
        attempt(folder.path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("flipped", [60, 300, 900])
def test_a_checkpoint_with_a_wrong_bit_is_not_taken_for_right(fresh, folder, flipped):
    folder.save(0, fresh())
    content = bytearray(folder.checkpoint(0).read_bytes())
    content[flipped] ^= 0x10
    folder.checkpoint(0).write_bytes(bytes(content))
    with pytest.raises(InputError, match="delete it to train this network anew"):
        attempt(folder.path)


def rewritten(path, **changed):
    with np.load(path) as kept:
        arrays = dict(kept) | changed
    np.savez(path, **{name: values for name, values in arrays.items() if values is not None})


@pytest.mark.parametrize(
    "changed",
    [
        {"leaf_0": np.ones((2, 2), np.float32)},
        {"leaf_0": np.ones((SIZE, SIZE))},
        {"leaf_3": None},
        {"trials": None},
        {"tests": None},
    ],
)
def test_a_checkpoint_of_something_else_is_refused(fresh, folder, changed):
    folder.save(0, fresh())
    rewritten(folder.checkpoint(0), **changed)
    with pytest.raises(InputError, match=r"000.checkpoint.npz' is of another network; delete it"):
        attempt(folder.path)


def test_a_single_array_is_no_checkpoint(folder):
    with folder.checkpoint(0).open("wb") as file:
        np.save(file, np.eye(3))
    with pytest.raises(InputError, match="cannot be read; delete it"):
        attempt(folder.path)


def test_an_interrupted_write_leaves_the_checkpoint_before(fresh, folder, monkeypatch):
    folder.save(0, fresh())
    before = contents(folder.path)

    def half(file, **arrays):
        file.write_bytes(b"PK half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(KeyboardInterrupt):
        folder.save(0, dataclasses.replace(fresh(), trials=99))
    assert contents(folder.path) == before


def test_the_end_of_a_network_is_kept_as_plain_json_and_takes_the_place_of_its_checkpoint(fresh, folder):
    folder.save(0, fresh())
    tests = np.array([[2, 3.0, np.nan, np.nan], [12, np.inf, np.nan, np.nan]])
    folder.save(0, dataclasses.replace(fresh(), trials=12, status="diverged", tests=tests))
    assert not folder.checkpoint(0).exists()
    found = folder.load_finished(0)
    assert (found.status, found.trials, found.success) == ("diverged", 12, False)
    assert np.isnan(found.tests[1:, 1:]).all()
    with np.load(folder.file(0)) as kept:
        text = str(kept["configuration"])
    assert json.loads(text)["training"]["tests"][1] == [12, None, None, None]
    assert "NaN" not in text
    assert "Infinity" not in text
