"""`noisette infer`: the numbers of the library, and options that belong to a model."""

import numpy as np
import pytest
import xarray as xr

import noisette as nz

FILES = {"inference.nc", "inference.png", "inference.pdf"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("infer")
    steps = np.random.default_rng(1).standard_normal((10, 201, 6))
    np.save(made / "activity.npy", steps[:, 1:] + 0.8 * steps[:, :-1])
    np.savetxt(made / "states.csv", np.sign(np.random.default_rng(0).standard_normal((600, 3))), delimiter=",")
    (made / "model.py").write_text("")
    return made


def test_linear_network(noisette, folder, tmp_path):
    result = noisette(f"infer {folder}/activity.npy --model linear --dt 0.5 --json --out {tmp_path}")
    fit = nz.analysis.linear_network(np.load(folder / "activity.npy"), dt=0.5)
    np.testing.assert_allclose(result.json["weights"], fit.weights)
    saved = nz.studies.load(tmp_path / "inference.nc")
    np.testing.assert_array_equal(saved.noise_covariance_se, fit.noise_covariance_se)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert "exclude zero" in noisette(f"infer {folder}/activity.npy --model linear --dt 0.5").out


def test_effective_gain(noisette, folder, tmp_path):
    line = f"infer {folder}/activity.npy --model gain --window 20 --size 20 --out {tmp_path}"
    data = nz.analysis.effective_gain(np.load(folder / "activity.npy"), key=0, window=20, size=20)
    assert noisette(f"{line} --json").json["gain"] == float(data.gain)
    text = noisette(line).out
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert "half-window" in text
    assert f"valid: {'yes' if data.valid else 'no'}" in text


def test_ising(noisette, folder, tmp_path):
    result = noisette(f"infer {folder}/states.csv --model ising --penalty 1 --json")
    fit = nz.analysis.kinetic_ising(np.loadtxt(folder / "states.csv", delimiter=","), penalty=1.0)
    np.testing.assert_allclose(result.json["bias"], fit.bias)
    assert "bits per step" in noisette(f"infer {folder}/states.csv --model ising --out {tmp_path}").out
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.fixture
def netcdf(folder, tmp_path):
    """Return the recording as a DataArray of named units in a file of xarray, in another order of dimensions."""
    values = np.load(folder / "activity.npy")
    names = {"time": 0.5 * np.arange(200), "unit": list("abcdef")}
    data = xr.DataArray(values, names, ("trial", "time", "unit"), name="rates").transpose("unit", "trial", "time")
    data.to_netcdf(tmp_path / "activity.nc", engine="h5netcdf")
    return tmp_path / "activity.nc"


def test_netcdf_recordings_give_the_numbers_of_arrays(noisette, folder, netcdf):
    line = "--model linear --json"
    array = noisette(f"infer {folder}/activity.npy --dt 0.5 {line}").json
    for result in (noisette(f"infer {netcdf} {line}"), noisette(f"infer {netcdf}:rates --dt 0.5 {line}")):
        assert result.status == 0, result.err
        np.testing.assert_array_equal(result.json["weights"], array["weights"])
        assert result.json["source"] == list("abcdef")  # the time step is that of the coordinate of time
    assert "b → b" in noisette(f"infer {netcdf} --model linear").out  # a weight of the drift −x + W x, W_ii ≠ 0


def test_a_saved_simulation_is_a_recording(noisette, tmp_path):
    network = nz.RateNetwork(0.3 * np.eye(3)[::-1], activation=nz.activations.linear, noise=nz.White(0.5))
    run = nz.simulate(network, duration=60, dt=0.1, probes=nz.Trace(every=2), key=0)
    nz.studies.save(run, tmp_path / "run.nc")
    result = noisette(f"infer {tmp_path / 'run.nc'} --model linear --json")
    assert result.status == 0, result.err
    np.testing.assert_allclose(result.json["weights"], nz.analysis.linear_network(run.trace, dt=0.2).weights)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"y": ("x", [1.0])}, "contains no recording but y (x); the dimensions time and unit"),
        ({}, "contains no recording but no variable"),
        ({name: (("time", "unit"), np.eye(9)) for name in "ab"}, "2 recordings, a, b; exactly one; select one, as in"),
        ({"a": (("time", "unit", "depth"), np.ones((9, 3, 2)))}, "select one with isel(depth=0)"),
        ({"a": (("time", "unit"), np.full((99, 3), np.nan))}, "NaN"),
    ],
)
def test_netcdf_files_without_one_recording_are_refused(variables, message, noisette, tmp_path):
    xr.Dataset(variables).to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    result = noisette(f"infer {tmp_path / 'x.nc'} --model linear --dt 1")
    assert result.status != 0
    assert message in result.err
    assert result.err.count("\n") == 1


def test_damaged_netcdf_files_are_refused_in_one_line(noisette, netcdf):
    netcdf.write_bytes(netcdf.read_bytes()[:-200])
    result = noisette(f"infer {netcdf} --model gain")
    assert result.status != 0
    assert "cannot be read" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("activity.npy --model ar", "gain, linear or ising"),
        ("activity.npy --model linear", "--model linear without --dt"),
        ("activity.npy --model ising", "states -1 and 1"),
        ("activity.npy --model gain --lag 2", "--lag with --model gain"),
        ("nothing.npy --model gain", "does not exist"),
        ("nothing.nc --model gain", "does not exist"),
        ("model.py --model gain", "known suffixes are .nc, .npy, .npz, .csv, .tsv, .txt, .mat"),
    ],
)
def test_wrong_input_ends_in_one_line(line, message, noisette, folder):
    result = noisette(f"infer {folder}/{line}")
    assert result.status != 0
    assert message in result.err
    assert "Traceback" not in result.err
