"""The contract of `noisette train`: small networks on a short task, so that all tests share one compiled program."""

import json

import numpy as np
import pytest

import noisette as nz
from noisette.networks import StepNoise
from noisette.tasks import from_string
from noisette.training import EnsembleProgress, Protocol, load, train

KEYS = ["network", "success", "trials", "loss", "accuracy", "tau_excitatory", "tau_inhibitory", "file"]
QUICK = "train blinking:Blink --size 20 --noise-channels 2 --networks 2 --max-trials 2"
LONGER = "train blinking:Blink --size 20 --noise-channels 2 --networks 2 --max-trials 102"
MODULE = '''
"""A user-defined task."""

import jax.numpy as jnp

from noisette.tasks import Task, parameter


class Blink(Task):
    """Say whether there was light: 1, or -1 in the dark."""

    duration: float = parameter(150.0)
    delay: float = parameter(25.0)
    size: float = parameter(1.0)
    channels = 1
    conditions = ("light", "dark")

    def signals(self, label, *, key):
        shown, mask = self.times < 50, self.times >= 50 + self.delay
        there = jnp.where(label == 0, 1.0, 0.0)
        return there * shown[:, None], self.size * (2 * there - 1) * mask[:, None], mask


def beyond():
    "Ask for outputs of which float32 cannot hold the square."
    return Blink(size=1e30)


class Wrong:
    """No task."""
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("home")
    (place / "blinking.py").write_text(MODULE)
    return place


@pytest.fixture(autouse=True)
def at_home(home, monkeypatch):
    monkeypatch.chdir(home)
    monkeypatch.syspath_prepend(home)


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.slow
def test_json_lines_have_the_keys_and_the_numbers_of_the_library(noisette, tmp_path):
    result = noisette(f"{QUICK} --json --out", str(tmp_path))
    assert result.status == 0
    assert "trained; time constants" not in result.err  # no table
    rows = lines(result)
    assert [list(row) for row in rows] == [KEYS, KEYS]
    ends = train(from_string("blinking:Blink"), 2, draw=size_20, protocol=Protocol(max_trials=2))
    for row, end in zip(rows, ends, strict=True):
        assert {name: value for name, value in end.row().items() if name in KEYS[:-1]} == {
            name: row[name] for name in KEYS[:-1]
        }
        assert (row["success"], row["trials"]) == (False, 2)
        network = load(row["file"]).network
        assert (network.size, network.noise_channels) == (20, 2)
        assert network.tau[network.excitatory].mean() == row["tau_excitatory"]
    assert sorted(contents(tmp_path)) == ["network_000.npz", "network_001.npz", "training.json"]


def size_20(*, key):
    from noisette.networks import TaskNetwork

    return TaskNetwork.random(20, channels=1, noise_channels=2, key=key)


@pytest.mark.slow
def test_without_json_there_is_a_table_on_standard_error_too(noisette, tmp_path):
    result = noisette(f"{QUICK} --out", str(tmp_path))
    assert len(lines(result)) == 2
    assert "0 of 2 trained; time constants in ms" in result.err
    assert "failed" in result.err


@pytest.mark.slow
def test_results_depend_on_the_seed(noisette, tmp_path):
    rows = [lines(noisette(f"{QUICK} --networks 1 --json --seed 3 --out", str(tmp_path / name)))[0] for name in "ab"]
    other = lines(noisette(f"{QUICK} --networks 1 --json --out", str(tmp_path / "c")))[0]
    assert [row | {"file": ""} for row in rows] == [rows[0] | {"file": ""}] * 2
    assert other["tau_excitatory"] != rows[0]["tau_excitatory"]


@pytest.mark.slow
@pytest.mark.parametrize("looks", [1, 3, 4])
def test_interrupted_and_resumed_training_leaves_the_same_files(noisette, tmp_path, monkeypatch, looks):
    whole, broken = str(tmp_path / "reference"), str(tmp_path / "broken")
    assert noisette(f"{LONGER} --json --out", whole).status == 0

    def interrupt(progress, name, report, seen=[]):  # noqa: B006
        seen.append(progress)
        if len(seen) == looks:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(EnsembleProgress, "show", interrupt)
        stopped = noisette(f"{LONGER} --json --out", broken)
    assert stopped.status == 130
    refused = noisette(f"{LONGER} --json --out", broken)
    assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "already contains this training run; resume it" in refused.err
    again = noisette(f"{LONGER} --json --resume --out", broken)
    assert [row["network"] for row in lines(again)] == [0, 1]
    assert contents(tmp_path / "broken") == contents(tmp_path / "reference")


def test_resume_starts_in_an_empty_folder_and_adds_networks(noisette, tmp_path):
    assert noisette(f"{QUICK} --networks 1 --json --resume --out", str(tmp_path / "n")).status == 0
    before = contents(tmp_path / "n")
    assert len(lines(noisette(f"{QUICK} --json --resume --out", str(tmp_path / "n")))) == 2
    assert before.items() <= contents(tmp_path / "n").items()


@pytest.mark.slow
def test_a_folder_of_another_training_run_is_refused_with_the_difference(noisette, tmp_path):
    noisette(f"{QUICK} --json --out", str(tmp_path))
    before = contents(tmp_path)
    for change, difference in {
        "--delay 35": "task.delay is 25.0 in the folder and 35.0 in this call",
        "--max-trials 3": "protocol.max_trials is 2 in the folder and 3 in this call",
        "--seed 5": "seed is 0 in the folder and 5 in this call",
        "--size 21": "network.size is 20 in the folder and 21 in this call",
        "--score strict": "protocol.score is 'threshold' in the folder and 'strict' in this call",
    }.items():
        result = noisette(f"{QUICK} {change} --resume --json --out", str(tmp_path))
        assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
        assert difference in result.err
    assert contents(tmp_path) == before


def test_a_network_that_diverges_is_reported_without_an_error(noisette, tmp_path):
    result = noisette(f"{QUICK} --json --out".replace("Blink", "beyond"), str(tmp_path))
    assert result.status == 0
    assert [(row["success"], row["loss"], row["accuracy"]) for row in lines(result)] == [(False, None, None)] * 2
    assert "network 0, 1 diverged; saved in the state at the last test before" in result.err
    assert np.isfinite(load(tmp_path / "network_000.npz").network.weights).all()
    assert "NaN" not in result.out


def test_a_damaged_checkpoint_is_reported_in_one_line_and_replaced(noisette, tmp_path):
    noisette(f"{QUICK} --networks 1 --json --out", str(tmp_path))
    (tmp_path / "network_001.checkpoint.npz").write_bytes(b"PK")
    result = noisette(f"{QUICK} --json --resume --out", str(tmp_path))
    assert (result.status, result.err.count("\n")) == (0, 1)
    assert "network_001.checkpoint.npz' is damaged; network 1 is trained again" in result.err
    assert not (tmp_path / "network_001.checkpoint.npz").exists()


def test_options_reach_the_task_and_the_networks(noisette, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(nz.training, "train", lambda task, networks, **more: calls.append((task, networks, more)) or [])
    line = "train dms --delay 50 --inputs 1 --noise-channels 10 --networks 3 --max-trials 7 --score strict --seed 4"
    line = f"{line} --step-noise activation:0.5 --step-noise readout:0.1"
    assert noisette(f"{line} --workers 2 --resume --json --out", str(tmp_path)).status == 0
    noisette("train ctx --json --out", str(tmp_path))
    (task, networks, more), (other, *_) = calls
    assert (type(task).__name__, task.delay, task.inputs, networks) == ("DMS", 50, 1, 3)
    assert (more["protocol"], more["key"], more["workers"]) == (Protocol(max_trials=7, score="strict"), 4, 2)
    assert (more["options"].resume, more["folder"]) == (True, tmp_path)
    assert more["draw"].args == (200,)
    drawn = {
        "channels": 1,
        "outputs": 1,
        "dt": 5.0,
        "noise_channels": 10,
        "step_noise": StepNoise(activation=0.5, readout=0.1),
    }
    assert more["draw"].keywords == drawn
    assert type(other).__name__ == "CTX"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("train", "task"),
        ("train nothing", "tasks are dms, afc, ctx, go-nogo, xor"),
        ("train dms --delay 12", "delay of 12 ms"),
        ("train dms --delay nan", "delay of nan ms"),
        ("train dms --inputs 3", "3 inputs"),
        ("train afc --inputs 2", "inputs"),
        ("train afc --delay 50", "delay"),
        ("train dms --step-noise activaton:1", "did you mean activation?"),
        ("train dms --step-noise rate", "'rate' cannot be read"),
        ("train dms --step-noise rate:-1", "rate noise -1"),
        ("train dms --step-noise rate:nan", "rate noise nan"),
        ("train dms --step-noise rate:1 --step-noise rate:2", "two values of --step-noise for rate"),
        ("train dms --score best", "best"),
        ("train dms --max-trials 0", "max-trials"),
        ("train go-nogo --max-trials 1499", "least_trials 1500 exceeds max_trials 1499"),
        ("train dms --least-trials 30000", "least_trials 30000 exceeds max_trials"),
        ("train dms --networks 0", "networks"),
        ("train dms --noise-channels -1", "noise-channels"),
        ("train dms --workers 0", "workers"),
        ("train dms --size 1", "size"),
        ("train dms --seed -1", "seed"),
        ("train blinking:Nothing", "Nothing"),
        ("train blinking:Wrong", "Wrong"),
        ("train nowhere:Task", "nowhere"),
        ("train dms --networks 2 --out training/blinking.py/x", "cannot be written"),
    ],
)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(noisette, line, named, home):
    before = {file for file in home.rglob("*") if "__pycache__" not in str(file)}
    (home / "training").mkdir(exist_ok=True)
    (home / "training" / "blinking.py").touch()
    result = noisette(line)
    (home / "training" / "blinking.py").unlink()
    (home / "training").rmdir()
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("noisette: ")
    assert named in result.err
    assert {file for file in home.rglob("*") if "__pycache__" not in str(file)} == before


def test_help_has_an_example(noisette):
    for name in ("train", "analyse", "test", "export"):
        result = noisette(f"{name} --help")
        assert f"Example: noisette {name}" in result.out


def test_progress_counts_networks_by_status():
    progress, shown = EnsembleProgress(networks=4, max_trials=1000), []
    progress.ends, progress.trials = {0: "trained", 1: "failed"}, {0: 500, 1: 1000, 2: 250}
    progress.samples.extend([(0.0, 1550), (2.0, 1750)])
    progress.show("dms", lambda *arguments: shown.append(arguments))
    line = "dms: 1 trained, 1 failed, 1 running of 4; 100 trials/s"
    assert shown == [(line, 1750, 1750 + 500 + 750, pytest.approx((500 + 750) / 100))]
    progress.samples.clear()
    progress.show("dms", pytest.fail)  # nothing is shown while the rate is unknown
