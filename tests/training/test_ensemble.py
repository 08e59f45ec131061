"""Ensembles without training: progress, invalid requests, folders and checkpoints."""

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
    """Call `train` with arguments that it refuses before it starts, so that nothing is compiled."""
    return train(task, networks, draw=draw, protocol=protocol, folder=folder, **more)


def ensemble_of(draw, seed=0):
    return ensemble.Ensemble(draw, TASK, PROTOCOL, seed, None, TrainingOptions())


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a training run that has just started."""
    first = ensemble_of(drawn).draw_network(0)
    return Folder(tmp_path / "networks", configuration(TASK, PROTOCOL, 0, first)).open(resume=False)


@pytest.fixture
def fresh(initial_state):
    """Return a function that gives the training state of a network before its first trial."""
    return lambda index=0: initial_state(drawn, index, TASK, PROTOCOL)


def contents(path):
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


# progress


@pytest.fixture
def clock():
    times = [0.0]

    def tick(progress, seconds, index, trials):
        times[0] += seconds
        progress.record(index, trials, times[0])

    return tick


def test_the_rate_counts_only_the_current_run(clock):
    progress = EnsembleProgress(networks=4, max_trials=1000)
    assert (progress.rate, progress.seconds_left, progress.running) == (0.0, float("inf"), 0)
    clock(progress, 100.0, 7, 500)  # from a checkpoint: not computed in this run
    assert progress.rate == 0
    clock(progress, 60.0, 7, 502)  # most of this time was compilation
    assert progress.rate == 0
    clock(progress, 2.0, 7, 602)
    assert progress.rate == pytest.approx(50)
    clock(progress, 0.0, 8, 300)  # another network starts, and just then network 7 reports from another process
    clock(progress, 0.1, 7, 702)
    assert progress.rate == 0
    clock(progress, 1.0, 9, 300)
    clock(progress, 1.0, 9, 302)
    clock(progress, 1.0, 9, 402)
    clock(progress, 1.0, 7, 902)
    assert progress.rate == pytest.approx(150)
    assert progress.running == 3


def test_the_remaining_time_includes_networks_that_have_not_started(clock):
    progress = EnsembleProgress(networks=3, max_trials=1000)
    for trials in (0, 2, 302):
        clock(progress, 3.0, 7, trials)
    assert progress.seconds_left == pytest.approx((698 + 2 * 1000) / 100)
    progress.trials[7], progress.ends[7] = 400, "trained"
    for trials in (0, 2, 302):
        clock(progress, 3.0, 9, trials)
    assert progress.seconds_left == pytest.approx((98 + 400) / 100)
    progress.trials[9] = 900  # longer than expected: a twentieth of the expected trials is assumed to remain
    assert progress.seconds_left == pytest.approx((20 + 400) / 100)
    progress.ends |= {9: "failed", 8: "diverged"}
    progress.trials[8] = 5
    assert progress.seconds_left == 0
    assert [progress.count(status) for status in ("trained", "failed", "diverged")] == [1, 1, 1]


def test_a_row_has_the_mean_time_constants_of_both_types():
    network = TaskNetwork(np.ones((2, 2)), [1, -1], [-800.0, 800.0], np.ones((2, 1)), np.ones((1, 2)))
    row = Trained(3, network, "trained", 102, 5.0, 0.97, np.zeros((1, 4))).row()
    assert (row["tau_excitatory"], row["tau_inhibitory"]) == (20.0, 125.0)
    assert (row["network"], row["success"], row["file"]) == (3, True, None)
    alone = dataclasses.replace(Trained(0, drawn(key=jax.random.key(0)), "failed", 2, 9.0, 0.0, np.zeros((1, 4))))
    assert np.isnan(alone.row()["tau_inhibitory"])


# ensembles of one seed


def ends(draw, seed, networks=5):
    """Return networks before their training, in the form of results."""
    networks_drawn = [ensemble_of(draw, seed).draw_network(index) for index in range(networks)]
    return [Trained(i, n, "trained", 2, 5.0, 1.0, np.zeros((1, 4)), seed=seed) for i, n in enumerate(networks_drawn)]


@pytest.mark.slow
def test_ensembles_of_one_seed_are_paired_whatever_their_noise_channels():
    draw = {C: functools.partial(TaskNetwork.random, 20, channels=1, noise_channels=C) for C in (0, 10)}
    without, with_noise = ends(draw[0], 4), ends(draw[10], 4)
    for first, second in zip(without, with_noise, strict=True):
        for name in ("weights", "signs", "logits", "input_weights", "readout"):
            np.testing.assert_array_equal(getattr(first.network, name), getattr(second.network, name))
    groups = {"C = 0": as_dataset(without), "C = 10": as_dataset(with_noise)}
    groups["C = 10"]["tau_inhibitory"] += np.arange(1, 6)
    result = compare_groups({name: group.tau_inhibitory for name, group in groups.items()})
    assert (result.attrs["paired"], float(result.p)) == (1, 2 / 2**5)
    of_other_seeds = {"a": as_dataset(without).tau_inhibitory, "b": as_dataset(ends(draw[0], 5)).tau_inhibitory}
    assert compare_groups(of_other_seeds).attrs["paired"] == 0
    with pytest.raises(InputError, match="networks of seeds 4, 5; one ensemble at a time"):
        as_dataset([*without, *ends(draw[0], 5)])


def test_the_default_protocol_is_that_of_the_task(monkeypatch):
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


# invalid requests


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"networks": 0}, "networks 0; a number of networks, at least one"),
        ({"networks": []}, r"networks \[\]"),
        ({"networks": [1, -1]}, "network -1; an integer of at least 0"),
        ({"networks": [1, 1]}, r"networks \[1, 1\]; .*distinct"),
        ({"workers": 0}, "workers 0; an integer of at least 1"),
        ({"task": tasks.DMS()}, "a task with 2 input channels; the network has 1"),
        ({"task": dataclasses.replace(TASK, dt=2.5)}, "a task with steps of 2.5 ms"),
        ({"workers": 2, "draw": lambda *, key: drawn(key=key)}, "cannot be sent to workers .*without lambdas"),
        ({"workers": 2, "protocol": Protocol(optimiser=optax.sgd(0.1))}, "cannot be sent .*functools.partial"),
    ],
)
def test_invalid_training_requests_are_refused(tmp_path, arguments, message):
    with pytest.raises(InputError, match=message) as refused:
        attempt(tmp_path / "new", **arguments)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "new").exists()


# folders of another training run


def test_descriptions_distinguish_optimisers_and_are_equal_in_every_process():
    assert described(functools.partial(optax.sgd, 0.5, momentum=0.1)) == "sgd(0.5, momentum=0.1)"
    first, same, second = (described(optax.adam(rate)) for rate in (0.1, 0.1, 0.2))
    assert first == same != second
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
    "dead columns": ({"options": TrainingOptions(exact=False)}, "exact is None in the folder and False in this call"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_folder_of_another_training_run_is_refused_with_the_difference(folder, case):
    arguments, message = OTHERS[case]
    before = contents(folder.path)
    with pytest.raises(InputError, match=f"contains another training run: {message}; give another folder"):
        attempt(folder.path, **arguments)
    assert contents(folder.path) == before


def test_a_folder_is_resumed_only_on_request(folder):
    with pytest.raises(InputError, match=r"already contains this training run; resume it .*, or give another folder"):
        attempt(folder.path, options=TrainingOptions(resume=False))


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_an_invalid_configuration_is_reported(folder, text):
    (folder.path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match=rf"{MANIFEST}'.*; give another folder") as refused:
        attempt(folder.path)
    assert "\n" not in str(refused.value)


def test_network_files_without_a_configuration_are_left_unchanged(folder):
    save(drawn(key=jax.random.key(0)), folder.file(0))
    (folder.path / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"contains network_000.npz but no training.json; give another folder"):
        attempt(folder.path)
    assert [file.name for file in folder.path.iterdir()] == ["network_000.npz"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "another training run: network is None in the folder and .* in this call; "),
        ({"seed": 4, "training": {}}, "seed is 4 in the folder and 0 in this call"),
        ({"training": {}}, "another training run: its outcome is missing; move it elsewhere"),
    ],
)
def test_a_finished_network_of_another_training_run_is_refused(folder, changes, message):
    stored = changes if not changes else folder.description | changes
    save(drawn(key=jax.random.key(0)), folder.file(1), configuration=stored)
    with pytest.raises(
        InputError, match=rf"network_001.npz' belongs to {message if 'another' in message else '.*' + message}"
    ):
        attempt(folder.path)


# checkpoints


def test_a_checkpoint_contains_the_whole_training_state(fresh, folder):
    state = dataclasses.replace(
        fresh(),
        trials=12,
        tests=np.array([[2, 1.0, np.nan, np.nan], [12, 0.5, 2.0, 0.25]]),
        order=np.arange(SIZE),
        width=4,
    )
    folder.save(0, state)
    state_again = folder.load_state(0, fresh())
    for saved, loaded in zip(jax.tree.leaves(state.network), jax.tree.leaves(state_again.network), strict=True):
        np.testing.assert_array_equal(saved, loaded)
    assert (state_again.trials, state_again.status, state_again.width) == (12, "running", 4)
    np.testing.assert_array_equal(state_again.tests, state.tests)
    assert (state_again.loss, state_again.accuracy) == (2.0, 0.25)
    assert folder.load_state(1, fresh(1)).trials == 0


def damage(path, share=1.0, flipped=None):
    """Cut off the end of a file, or change one bit of it."""
    content = bytearray(path.read_bytes())
    if flipped is not None:
        content[flipped] ^= 0x10
    path.write_bytes(content[: int(share * len(content))])


@pytest.mark.parametrize(
    "harm", [{"share": 0.0}, {"share": 0.02}, {"share": 0.5}, {"share": 0.97}, {"flipped": 300}, {"flipped": 900}]
)
def test_a_network_with_a_damaged_checkpoint_is_trained_again(fresh, folder, harm):
    folder.save(0, dataclasses.replace(fresh(), trials=12))
    assert folder.load_state(0, fresh()).trials == 12
    damage(folder.checkpoint(0), **harm)
    with pytest.warns(UserWarning, match=r"000.checkpoint.npz' is damaged; network 0 is trained again") as caught:
        state = folder.load_state(0, fresh())
    assert (state.trials, len(caught)) == (0, 1)
    assert "\n" not in str(caught[0].message)


def test_a_damaged_network_is_trained_again(fresh, folder):
    folder.save(0, dataclasses.replace(fresh(), trials=12, status="failed"))
    whole = folder.file(0).read_bytes()
    damage(folder.file(0), share=0.9)
    with pytest.warns(UserWarning, match=r"network_000.npz'.*network 0 is trained again"):
        assert folder.load_finished(0) is None
    folder.save(0, dataclasses.replace(fresh(), trials=12, status="failed"))
    assert folder.file(0).read_bytes() == whole


def test_a_folder_has_one_training_at_a_time(folder):
    with folder.locked():
        with pytest.raises(InputError, match=r"training folder .* is in use by process"):
            attempt(folder.path)
        assert (folder.path / "lock").exists()
    assert not (folder.path / "lock").exists()


def rewritten(path, **changed):
    with np.load(path) as stored:
        arrays = dict(stored) | changed
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
def test_a_checkpoint_of_another_network_is_refused(fresh, folder, changed):
    folder.save(0, fresh())
    rewritten(folder.checkpoint(0), **changed)
    with pytest.raises(InputError, match=r"000.checkpoint.npz' belongs to another network; delete it"):
        attempt(folder.path)


def test_a_single_array_is_no_checkpoint(fresh, folder):
    with folder.checkpoint(0).open("wb") as file:
        np.save(file, np.eye(3))
    with pytest.warns(UserWarning, match="is damaged"):
        assert folder.load_state(0, fresh()).trials == 0


def test_an_interrupted_write_leaves_the_previous_checkpoint(fresh, folder, monkeypatch):
    folder.save(0, fresh())
    before = contents(folder.path)

    def half(file, **arrays):
        file.write_bytes(b"PK half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(KeyboardInterrupt):
        folder.save(0, dataclasses.replace(fresh(), trials=99))
    assert contents(folder.path) == before


def test_the_outcome_is_stored_as_plain_json_and_replaces_the_checkpoint(fresh, folder):
    folder.save(0, fresh())
    tests = np.array([[2, 3.0, np.nan, np.nan], [12, np.inf, np.nan, np.nan]])
    folder.save(0, dataclasses.replace(fresh(), trials=12, status="diverged", tests=tests))
    assert not folder.checkpoint(0).exists()
    result = folder.load_finished(0)
    assert (result.status, result.trials, result.success) == ("diverged", 12, False)
    assert np.isnan(result.tests[1:, 1:]).all()
    with np.load(folder.file(0)) as stored:
        text = str(stored["configuration"])
    assert json.loads(text)["training"]["tests"][1] == [12, None, None, None]
    assert "NaN" not in text
    assert "Infinity" not in text
