"""Names that netCDF cannot store are refused before the first task, or at the first task, and never at the merge."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError, UnstorableError
from noisette.studies import ProcessPool, Study, load, save, status
from noisette.studies._names import problem

REFUSED = (
    *("a/b", "/a", "a/", "", " ", " a", "a ", "\ta", "a\0b", "a\nb", ".", "..", "\ud800", "_nc4_non_coord_x"),
    *("é" * 200, 5, None, 1.5, True, ("a", "b")),
)
ACCEPTED = ("a", "a b", "a.b", "a:b", "é", "Δ", "_", "-", "~", "CLASS", "x" * 256)


def stored(name, folder):
    """Return whether a variable and a dimension with this name are unchanged after they are saved and loaded."""
    data = xr.Dataset({name: (f"{name}_t", [1.0, 2.0])})
    return load(save(data, folder / "file.nc")).identical(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_names_survive_a_file(name, tmp_path):
    assert problem(name) == ""
    assert stored(name, tmp_path)
    result = Study("s", lambda x: {name: x}, {"x": [1, 2]}).run(store=tmp_path / "s")
    assert load(tmp_path / "s" / "result.nc")[name].values.tolist() == result[name].values.tolist() == [1, 2]


@pytest.mark.slow
@given(st.text(max_size=3))
def test_any_text_is_refused_or_survives_a_file(tmp_path_factory, name):
    assert problem(name) or stored(name, tmp_path_factory.mktemp("names"))


@pytest.mark.parametrize("name", REFUSED)
def test_coordinates_are_refused_before_the_first_task(name):
    calls = []
    with pytest.raises(UnstorableError, match="netCDF cannot store it") as error:
        Study("s", lambda **point: calls.append(point), {name: [1, 2]}).run()
    assert not calls
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("where", ["result", "dimension"])
@pytest.mark.parametrize("name", REFUSED)
def test_results_are_refused_at_the_first_task(name, where, tmp_path):
    calls = []

    def measure(x):
        calls.append(x)
        return {name: x} if where == "result" else {"y": ((name,), np.zeros(2))}

    if where == "dimension" and not isinstance(name, str):
        return  # xarray refuses these dimensions itself
    with pytest.raises(UnstorableError, match="netCDF cannot store it"):
        Study("s", measure, {"x": range(10)}).run(store=tmp_path)
    assert calls == [0]
    assert status(tmp_path).done == 0
    assert not (tmp_path / "lock").exists()


def other_names(x):
    return {"x": 2 * x}


def own_dimension(x):
    return {"y": ("x", np.zeros(2))}


def reserved_attribute(x):
    return xr.Dataset({"y": x}, attrs={"CLASS": "a"})


def bytes_in_fields(x):
    return {"y": np.zeros(2, dtype=[("a", float), ("b", int)])}


@pytest.mark.parametrize("measure", [other_names, own_dimension, reserved_attribute, bytes_in_fields])
def test_siblings_are_refused_at_the_first_task(measure, tmp_path):
    """Names of the grid, names reserved by netCDF, and types that it cannot store."""
    with pytest.raises(UnstorableError):
        Study("s", measure, {"x": range(5)}).run(store=tmp_path)
    assert status(tmp_path).done == 0


@pytest.mark.slow
def test_names_are_refused_in_worker_processes(tmp_path):
    with pytest.raises(UnstorableError, match=r"'a/b' contains '/'"):
        Study("s", lambda x: {"a/b": x}, {"x": range(5)}).run(executor=ProcessPool(1), store=tmp_path)


def test_vectorised_names_are_refused():
    with pytest.raises(UnstorableError, match=r"'a/b' contains '/'"):
        Study("s", lambda x: {"a/b": x}, {"x": [0.0, 1.0]}, vectorised=["x"]).run()


@pytest.mark.parametrize("label", ["a\0b", "\ud800", 2**70])
def test_labels_that_netcdf_cannot_store_are_refused(label):
    with pytest.raises(InputError):
        Study("s", lambda x: 1, {"x": [label]}).run()


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_study_has_a_name(name):
    with pytest.raises(InputError, match="text without control characters"):
        Study(name, lambda x: x, {"x": [1]})


def test_a_coordinate_of_the_results_may_be_that_of_the_grid(tmp_path):
    """Measures of this package return the gain as a scalar coordinate; it is that of the grid."""

    def measure(gain, size):
        return xr.Dataset({"y": gain * size}, coords={"gain": gain})

    result = Study("s", measure, {"gain": [1.0, 2.0], "size": [3, 4]}).run(store=tmp_path)
    assert result.gain.values.tolist() == [1.0, 2.0]
    assert result.y.values.tolist() == [[3.0, 4.0], [6.0, 8.0]]
