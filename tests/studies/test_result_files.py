"""Saved results: the checksum of a file, and files of other programs."""

import random

import h5py
import numpy as np
import pytest
import xarray as xr

from noisette.errors import InputError
from noisette.studies import Study, load, save

DATA = xr.Dataset(
    {"rate": ("time", [0.5, np.nan], {"units": "1/s"}), "name": ("time", ["a", "é"]), "last": ("time", [True, False])},
    {"time": [1.0, 2.0]},
    {"configuration": "{}", "values": [1, 2]},
)


@pytest.fixture
def saved(tmp_path):
    """Return the file of a result."""
    return save(DATA, tmp_path / "result.nc")


def test_every_altered_byte_is_noticed(saved, monkeypatch):
    content = saved.read_bytes()
    # HDF5 does not see a damaged file, in no process.
    monkeypatch.setattr("noisette.studies.store.read_in_child", pytest.fail)
    monkeypatch.setattr("xarray.open_dataset", pytest.fail)
    chance = random.Random(0)
    marked = len(content) - 32 - len(b"\nnoisette blake2b\n")
    for place in [0, marked - 1, len(content) - 1, *(chance.randrange(marked) for _ in range(50))]:
        saved.write_bytes(content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :])
        with pytest.raises(InputError, match=r"result.nc' cannot be read \(.*(checksum|signature)"):
            load(saved)


@pytest.mark.parametrize("size", [0, 5, 100, -80])  # -80: within the last bytes of HDF5
def test_truncated_files_are_refused(saved, size):
    saved.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(InputError, match=r"result.nc' cannot be read \((it ends at byte|it lacks the signature)"):
        load(saved)


@pytest.mark.slow
def test_other_programs_read_and_change_results(saved):
    with xr.open_dataset(saved, engine="h5netcdf") as data:
        assert data.load().identical(DATA)
    with h5py.File(saved, "r+") as file:
        file["rate"][0] = 2.5
    assert load(saved).rate[0] == 2.5


@pytest.mark.slow
def test_files_of_other_programs_are_read(tmp_path):
    DATA.to_netcdf(tmp_path / "result.nc", engine="h5netcdf", encoding={"rate": {"_FillValue": -1.0, "zlib": True}})
    assert load(tmp_path / "result.nc").identical(DATA)


@pytest.mark.parametrize("size", [1, 10**11])
def test_a_file_that_hdf5_cannot_open_or_that_states_a_huge_size_is_refused(tmp_path, size):
    with h5py.File(tmp_path / "other.nc", "w") as file:
        file.create_dataset("x", (size,), float, chunks=True)
    if size == 1:
        content = (tmp_path / "other.nc").read_bytes()
        (tmp_path / "other.nc").write_bytes(content[:96] + bytes(len(content) - 96))
    with pytest.raises(InputError, match=r"other.nc' cannot be read"):
        load(tmp_path / "other.nc")


def test_a_damaged_result_of_a_store_is_made_again(tmp_path):
    study = Study("squares", lambda x: x**2, {"x": [1, 2, 3]})
    study.run(store=tmp_path)
    content = (tmp_path / "result.nc").read_bytes()
    (tmp_path / "result.nc").write_bytes(content[:500])
    study.run(store=tmp_path)
    assert load(tmp_path / "result.nc").value.values.tolist() == [1, 4, 9]
