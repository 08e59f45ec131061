"""`noisette infer`: the numbers of the library, and options that belong to a model."""

import numpy as np
import pytest
import xarray as xr

import noisette as nz


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("infer")
    steps = np.random.default_rng(1).standard_normal((10, 201, 6))
    np.save(made / "activity.npy", steps[:, 1:] + 0.8 * steps[:, :-1])
    np.savetxt(made / "states.csv", np.sign(np.random.default_rng(0).standard_normal((600, 3))), delimiter=",")
    return made


def test_linear_network(noisette, folder, tmp_path):
    result = noisette(f"infer {folder}/activity.npy --model linear --dt 0.5 --json --out {tmp_path}")
    fit = nz.analysis.linear_network(np.load(folder / "activity.npy"), dt=0.5)
    np.testing.assert_allclose(result.json["weights"], fit.weights)
    with xr.open_dataset(tmp_path / "inference.nc") as saved:
        np.testing.assert_array_equal(saved.noise_covariance_se, fit.noise_covariance_se)
    assert "exclude zero" in noisette(f"infer {folder}/activity.npy --model linear --dt 0.5").out


def test_effective_gain(noisette, folder):
    line = f"infer {folder}/activity.npy --model gain --window 20 --size 20"
    data = nz.analysis.effective_gain(np.load(folder / "activity.npy"), key=0, window=20, size=20)
    assert noisette(f"{line} --json").json["gain"] == float(data.gain)
    text = noisette(line).out
    assert "half-window" in text
    assert f"valid: {'yes' if data.valid else 'no'}" in text


def test_ising(noisette, folder):
    result = noisette(f"infer {folder}/states.csv --model ising --penalty 1 --json")
    fit = nz.analysis.kinetic_ising(np.loadtxt(folder / "states.csv", delimiter=","), penalty=1.0)
    np.testing.assert_allclose(result.json["bias"], fit.bias)
    assert "bits per step" in noisette(f"infer {folder}/states.csv --model ising").out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("activity.npy --model ar", "gain, linear or ising"),
        ("activity.npy --model linear", "--model linear without --dt"),
        ("activity.npy --model ising", "states -1 and 1"),
        ("activity.npy --model gain --lag 2", "--lag with --model gain"),
        ("nothing.npy --model gain", "does not exist"),
    ],
)
def test_wrong_input_ends_in_one_line(line, message, noisette, folder):
    result = noisette(f"infer {folder}/{line}")
    assert result.status != 0
    assert message in result.err
    assert "Traceback" not in result.err
