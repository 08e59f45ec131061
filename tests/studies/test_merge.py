"""Results joined along a grid: as xarray's own outer join does it, and with holes."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from noisette.studies import Study
from noisette.studies._part import DamagedError, Failure, Part, blocks_of, decode, encode


def measure(x, name):
    lags = np.arange(x)
    return xr.Dataset(
        {"y": ("lag", lags * 1.0 + x), "n": x, "who": name, "big": (("lag", "u"), np.ones((x, 2)))},
        {"lag": lags},
        {"unit": "ms"},
    )


def test_it_is_the_outer_join_of_xarray():
    xs, names = [1, 3, 2], ["a", "bcd"]
    found = Study("s", measure, {"x": xs, "name": names}).run()
    rows = [xr.concat([measure(x, name) for name in names], xr.DataArray(names, dims="name", name="name")) for x in xs]
    wanted = xr.concat(rows, xr.DataArray(xs, dims="x", name="x"), join="outer")
    xr.testing.assert_allclose(found, wanted.transpose(*found.dims))
    assert found.attrs == {"unit": "ms"}
    assert found.n.dtype.kind == "i"


def test_points_left_out_are_nan():
    found = Study("s", measure, {"x": [1, 2], "name": ["a", "b"]}, where="x == 2 or name == 'a'").run()
    assert np.isnan(found.n.sel(x=1, name="b"))
    assert found.who.sel(x=1, name="b") == ""
    assert found.n.dtype.kind == "f"


def test_complex_results_have_parts():
    found = Study("s", lambda x: {"z": np.exp(1j * x)}, {"x": [0.0, 1.0]}).run()
    np.testing.assert_allclose(found.z.sel(part="imaginary"), np.sin([0, 1]))


def test_coordinates_beside_the_index():
    def one(x):
        return xr.Dataset({"y": ("u", [1.0, 2.0])}, {"kind": ("u", ["E", "I"]), "size": x})

    found = Study("s", one, {"x": [1, 2]}).run()
    assert found.kind.values.tolist() == ["E", "I"]
    assert found.size.dims == ("x",)
    assert "size" in found.coords


def test_variables_that_some_points_lack():
    found = Study("s", lambda x: {"a": x} | ({"b": 2 * x} if x > 1 else {}), {"x": [1, 2]}).run()
    np.testing.assert_array_equal(found.b, [np.nan, 4])


values = st.dictionaries(
    st.sampled_from(["y", "z"]),
    st.one_of(st.floats(allow_nan=False), st.booleans(), st.text(max_size=3), st.lists(st.integers(-9, 9), max_size=3)),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_a_part_survives_its_file(results):
    made = {
        i: xr.Dataset({k: (f"d{k}", np.asarray(v, int)) if isinstance(v, list) else v for k, v in one.items()})
        for i, one in enumerate(results)
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


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_that_was_changed_is_noticed(data):
    """One byte anywhere, or any length but its own."""
    whole = encode(Part(blocks_of({0: xr.Dataset({"y": 1.5})})))
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    for bad in (bytes(changed), whole[:place], whole + b"x"):
        with pytest.raises(DamagedError):
            decode(bad)
