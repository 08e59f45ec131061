"""Merging of results along a grid, against the outer join of xarray, and with missing points."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.studies import Study
from noisette.studies._part import DamagedError, Failure, Part, blocks_of, decode, encode

AXES = {"delay": [100.0, 200.0], "gain": [1, 2], "kind": ["a"]}


def measure(x, name):
    lags = np.arange(x)
    return xr.Dataset(
        {"y": ("lag", lags * 1.0 + x), "n": x, "who": name, "big": (("lag", "u"), np.ones((x, 2)))},
        {"lag": lags},
        {"unit": "ms"},
    )


def test_merging_is_the_outer_join_of_xarray():
    xs, names = [1, 3, 2], ["a", "bcd"]
    result = Study("s", measure, {"x": xs, "name": names}).run()
    rows = [xr.concat([measure(x, name) for name in names], xr.DataArray(names, dims="name", name="name")) for x in xs]
    expected = xr.concat(rows, xr.DataArray(xs, dims="x", name="x"), join="outer")
    xr.testing.assert_allclose(result, expected.transpose(*result.dims))
    assert result.attrs == {"unit": "ms"}
    assert result.n.dtype.kind == "i"


def test_points_that_are_left_out_are_nan():
    result = Study("s", measure, {"x": [1, 2], "name": ["a", "b"]}, where="x == 2 or name == 'a'").run()
    assert np.isnan(result.n.sel(x=1, name="b"))
    assert result.who.sel(x=1, name="b") == ""
    assert result.n.dtype.kind == "f"


def test_complex_results_are_stored_as_real_and_imaginary_parts():
    result = Study("s", lambda x: {"z": np.exp(1j * x)}, {"x": [0.0, 1.0]}).run()
    np.testing.assert_allclose(result.z.sel(part="imaginary"), np.sin([0, 1]))


def test_non_index_coordinates_are_merged():
    def point(x):
        return xr.Dataset({"y": ("u", [1.0, 2.0])}, {"kind": ("u", ["E", "I"]), "size": x})

    result = Study("s", point, {"x": [1, 2]}).run()
    assert result.kind.values.tolist() == ["E", "I"]
    assert result.size.dims == ("x",)
    assert "size" in result.coords


def test_variables_that_some_points_lack():
    result = Study("s", lambda x: {"a": x} | ({"b": 2 * x} if x > 1 else {}), {"x": [1, 2]}).run()
    np.testing.assert_array_equal(result.b, [np.nan, 4])


values = st.dictionaries(
    st.sampled_from(["y", "z"]),
    st.one_of(st.floats(allow_nan=False), st.booleans(), st.text(max_size=3), st.lists(st.integers(-9, 9), max_size=3)),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_a_part_can_be_written_and_read(results):
    made = {
        i: xr.Dataset({k: (f"d{k}", np.asarray(v, int)) if isinstance(v, list) else v for k, v in point.items()})
        for i, point in enumerate(results)
    }
    part = Part(blocks_of(made), [Failure({"x": 1}, "exception", "é", "trace")], 0.5, {"jax": "1"})
    back = decode(encode(part))
    assert back.failures == part.failures
    assert (back.seconds, back.versions) == (part.seconds, part.versions)
    for mine, theirs in zip(back.blocks, part.blocks, strict=True):
        assert mine.cells == theirs.cells
        assert mine.variables.keys() == theirs.variables.keys()
        for name, (dims, array, attrs) in mine.variables.items():
            assert (dims, attrs) == (theirs.variables[name][0], theirs.variables[name][2])
            np.testing.assert_array_equal(array, theirs.variables[name][1])
            assert array.dtype == theirs.variables[name][1].dtype


def test_coordinates_have_labels_and_units(tmp_path):
    study = Study("delays", lambda delay, gain, kind: gain * delay, AXES, units={"delay": "ms"})
    for data in (study.run(), study.run(store=tmp_path / "store"), Study.open(tmp_path / "store")):
        assert data.delay.attrs == {"long_name": "delay", "units": "ms"}
        assert data.gain.attrs == {"long_name": "gain g", "units": ""}
        assert data.kind.attrs == {"long_name": "kind"}
    assert "units" in study.configuration()
    Study("delays", study.measure, AXES).run(store=tmp_path / "store")  # units do not change the study
    with pytest.raises(InputError, match="units dely; one of the coordinates delay, gain, kind"):
        Study("delays", study.measure, AXES, units={"dely": "ms"})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_file_is_detected(data):
    """Any changed byte, or another length."""
    whole = encode(Part(blocks_of({0: xr.Dataset({"y": 1.5})})))
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    for bad in (bytes(changed), whole[:place], whole + b"x"):
        with pytest.raises(DamagedError):
            decode(bad)
