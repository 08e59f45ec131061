"""The contract of `noisette test`: accuracy with noise and over delays."""

import jax
import numpy as np
import pytest

from noisette import training
from noisette.networks import StepNoise, TaskNetwork
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


@pytest.mark.slow
def test_json_has_the_numbers_of_the_library(noisette, files, tmp_path):
    result = noisette(f"test {LINE} --seed 2 --json --out {tmp_path / 'out'}", *files)
    assert (result.status, result.out.count("\n")) == (0, 1)
    assert list(result.json) == ["files", "delay", "threshold", "strict"]
    assert (result.json["files"], result.json["delay"]) == (files, [50, 250])
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
        np.testing.assert_array_equal(result.json[score], data.accuracy.sel(score=score))
    saved = load(tmp_path / "out" / "test.nc")
    np.testing.assert_array_equal(saved.loss, data.loss)
    assert saved.network.values.tolist() == files


@pytest.mark.slow
def test_without_json_the_result_is_a_table_with_one_row_per_network_and_delay(noisette, files):
    result = noisette(f"test {LINE}", *files)
    assert result.status == 0
    assert "dms: fraction of correct trials, 10 trials per delay" in result.out
    assert sum(line.strip().startswith("/") for line in result.out.splitlines()) == 4


@pytest.mark.slow
def test_the_default_delay_is_that_of_the_task_and_fixed_tau_changes_the_outputs(noisette, files):
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


@pytest.mark.slow
def test_step_noise_replaces_that_of_the_training(noisette, files, tmp_path):
    noisy = str(save(network(5.0).with_step_noise(StepNoise(readout=3.0)), tmp_path / "noisy.npz"))
    line = "--internal-noise 0 --input-noise 0 --trials 10 --json"
    plain = noisette(f"test {files[0]} {line}").json["strict"]
    assert noisette(f"test {noisy} {line} --step-noise readout:0").json["strict"] == plain
    assert noisette(f"test {files[0]} {line} --step-noise readout:3").json == {
        **noisette(f"test {noisy} {line}").json,
        "files": [files[0]],
    }


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
        ("n.npz --step-noise inputs:1", "PLACE:σ with one of activation, rate, synapses, readout"),
        ("n.npz --tau 10", "tau 10 ms"),
        ("n.npz --tau 50 --population some", "some"),
        ("n.npz --population some", "some"),
    ],
)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(network(1.0), tmp_path / "n.npz")
    result = noisette(f"test {line} --out a")
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("noisette: ")
    assert named in result.err
    assert not (tmp_path / "a").exists()
