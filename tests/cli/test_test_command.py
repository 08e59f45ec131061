"""The contract of `noisette test`: accuracy in noise and over delays."""

import jax
import numpy as np
import pytest

from noisette import training
from noisette.networks import TaskNetwork
from noisette.studies import load
from noisette.tasks import DMS
from noisette.training import save

LINE = "--delays 50,250 --internal-noise 3 --input-noise 0.5 --trials 10"


def network(readout):
    inputs, outputs = [[3.0, -1.0], [0.0, 1.0]], [[readout, 0.0]]
    return TaskNetwork([[0.0, 0.0], [0.5, 0.0]], [1, -1], [0.0, 1.0], inputs, outputs, readout_bias=-readout / 2)


@pytest.fixture
def files(tmp_path):
    return [str(save(network(readout), tmp_path / f"n{readout:g}.npz")) for readout in (5.0, -5.0)]


def test_json_is_that_of_the_library(noisette, files, tmp_path):
    found = noisette(f"test {LINE} --seed 2 --json --out {tmp_path / 'out'}", *files)
    assert (found.status, found.out.count("\n")) == (0, 1)
    assert list(found.json) == ["files", "delay", "threshold", "strict"]
    assert (found.json["files"], found.json["delay"]) == (files, [50, 250])
    data = training.test(
        [network(5.0), network(-5.0)],
        DMS(),
        delays=[50, 250],
        internal_noise=3,
        input_noise=0.5,
        trials=10,
        key=jax.random.key(2),
    )
    for score in ("threshold", "strict"):
        np.testing.assert_array_equal(found.json[score], data.accuracy.sel(score=score))
    saved = load(tmp_path / "out" / "test.nc")
    np.testing.assert_array_equal(saved.loss, data.loss)
    assert saved.network.values.tolist() == files


def test_for_a_person_it_is_a_table_with_a_row_for_each_network_and_delay(noisette, files):
    found = noisette(f"test {LINE}", *files)
    assert found.status == 0
    assert "dms: share of correct trials of 10" in found.out
    assert sum(line.strip().startswith("/") for line in found.out.splitlines()) == 4


def test_without_delays_it_is_that_of_the_task_and_surgery_changes_the_answers(noisette, files):
    line = f"test {files[0]} --internal-noise 3 --input-noise 0.5 --trials 10 --json"
    plain = noisette(line).json
    assert plain["delay"] == [250]
    assert np.shape(plain["threshold"]) == (1, 1)
    data = training.test(
        network(5.0),
        DMS(),
        internal_noise=3,
        input_noise=0.5,
        trials=10,
        fixed_tau=training.FixedTau(125.0, "excitatory"),
        key=jax.random.key(0),
    )
    slow = noisette(f"{line} --tau 125 --population excitatory").json
    np.testing.assert_array_equal(slow["strict"], data.accuracy.sel(score="strict"))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("", "files"),
        ("missing.npz", "missing.npz' does not exist"),
        ("n.npz --delays a,b", "delays"),
        ("n.npz --delays 12", "delay of 12 ms"),
        ("n.npz --delays nan", "delay of nan ms"),
        ("n.npz --task afc --delays 250", "delays for AFC"),
        ("n.npz --task nothing", "tasks are dms"),
        ("n.npz --internal-noise -1", "internal-noise"),
        ("n.npz --internal-noise x", "internal-noise"),
        ("n.npz --input-noise -1", "input-noise"),
        ("n.npz --input-noise nan", "input-noise"),
        ("n.npz --trials 0", "trials"),
        ("n.npz --tau 10", "tau 10 ms"),
        ("n.npz --tau 50 --population some", "some"),
        ("n.npz --population some", "some"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(network(1.0), tmp_path / "n.npz")
    found = noisette(f"test {line} --out a")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
    assert found.err.startswith("noisette: ")
    assert named in found.err
    assert not (tmp_path / "a").exists()
