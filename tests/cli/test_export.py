"""The contract of `noisette export`: conversion in both directions."""

from pathlib import Path

import numpy as np
import pytest

from noisette.networks import TaskNetwork
from noisette.training import extras, load, save

PUBLISHED = Path(__file__).parent.parent / "data" / "gonogo_spikeRNN_tf1.mat"
FIELDS = ("weights", "signs", "logits", "input_weights", "readout", "readout_bias", "noise_weights", "mask")


def network(mask=True):
    rng = np.random.default_rng(0)
    return TaskNetwork(
        rng.normal(size=(5, 5)),
        [1, 1, -1, 1, -1],
        rng.normal(size=5),
        rng.normal(size=(5, 2)),
        rng.normal(size=(1, 5)),
        readout_bias=[0.3],
        noise_weights=rng.normal(size=(5, 3)),
        mask=rng.random((5, 5)) < 0.8 if mask else None,
        tau_range=(17.0, 93.0),
        dt=2.5,
        sensory_noise=0.07,
    )


def assert_same(first, second):
    for name in FIELDS:
        values, others = getattr(first, name), getattr(second, name)
        assert (values is None) == (others is None), name
        if values is not None:
            np.testing.assert_array_equal(values, others, err_msg=name)
    assert (first.tau_range, first.dt, first.sensory_noise) == (second.tau_range, second.dt, second.sensory_noise)


@pytest.mark.parametrize("mask", [True, False])
def test_conversion_from_npz_to_mat_and_back_is_exact(noisette, tmp_path, mask):
    about = {"task": {"delay": 250.0}, "seed": 3}
    first = save(network(mask), tmp_path / "one.npz", configuration=about, losses=[9.5, 3.25])
    there = noisette(f"export {first} --to {tmp_path / 'one.mat'}")
    assert (there.status, there.err) == (0, "")
    assert "5 units written to" in there.out
    assert noisette(f"export {tmp_path / 'one.mat'} --to {tmp_path / 'again.npz'}").status == 0
    again = load(tmp_path / "again.npz")
    assert_same(again.network, network(mask))
    assert again.configuration == about
    np.testing.assert_array_equal(np.ravel(extras(tmp_path / "again.npz")["losses"]), [9.5, 3.25])


def test_a_published_network_is_converted_to_npz_and_back(noisette, tmp_path):
    assert noisette(f"export {PUBLISHED} --to {tmp_path / 'one.npz'}").status == 0
    assert noisette(f"export {tmp_path / 'one.npz'} --to {tmp_path / 'one.mat'}").status == 0
    one, second = load(PUBLISHED), load(tmp_path / "one.mat")
    assert_same(second.network, one.network)
    assert second.configuration == one.configuration
    kept, first = extras(tmp_path / "one.mat"), extras(PUBLISHED)
    assert "w0" in kept
    for name in kept.keys() & first.keys():
        np.testing.assert_array_equal(np.squeeze(kept[name]), np.squeeze(first[name]), err_msg=name)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("missing.npz --to n.mat", "missing.npz' does not exist"),
        ("one.npz --to n.txt", "ends in '.txt'"),
        ("one.npz", "--to"),
        ("broken.mat --to n.npz", "broken.mat' cannot be read"),
        ("one.npz --to broken.mat/n.mat", "broken.mat"),
    ],
)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(network(), tmp_path / "one.npz")
    (tmp_path / "broken.mat").write_bytes(b"nothing")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    result = noisette(f"export {line}")
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("noisette: ")
    assert named in result.err
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
