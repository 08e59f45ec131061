"""Points, portions, conditions and random numbers of a study."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.noise import White
from noisette.studies import Study
from noisette.studies._grid import Axis, Grid, coordinate_hash


def grid(shape, **more):
    return Grid(tuple(Axis.read(name, range(n)) for name, n in zip("abcd", shape, strict=False)), **more)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.integers(0, 7),
    st.sets(st.sampled_from("abcd")),
)
def test_portions_cover_each_point_once(shape, batch, moving):
    moving = tuple(name for name in "abcd"[: len(shape)] if name in moving)
    result = grid(shape, batch=batch, vectorised=moving)
    portions = result.portions()
    assert sorted(itertools.chain.from_iterable(portions)) == list(range(int(np.prod(shape))))
    for cells in portions:
        assert batch == 0 or len(cells) <= batch
        still = {tuple(v for k, v in result.labels(cell).items() if k not in moving) for cell in cells.tolist()}
        assert not moving or len(still) == 1


def test_conditions_leave_points_out():
    result = grid((3, 3), conditions=("a < b", lambda a, b: b != 2))
    assert [tuple(result.labels(cell).values()) for cell in result.cells().tolist()] == [(0, 1)]


def test_infinity_is_a_coordinate():
    times = Grid((Axis.read("time", [0, 1, np.inf, -np.inf]),), conditions=("0 < time", "time <= inf"))
    assert [times.labels(cell)["time"] for cell in times.cells().tolist()] == [1, np.inf]
    assert coordinate_hash(0, {"time": np.inf}) == coordinate_hash(0, {"time": float(np.float32(np.inf))})
    assert len({coordinate_hash(0, {"time": value}) for value in (np.inf, -np.inf, 0.0, "inf")}) == 4


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("a <", "cannot be read"),
        ("c > 1", "contains the unknown name 'c'"),
        ("__import__('os')", "contains a call"),
        ("a.real > 1", "contains a attribute"),
        ("a > 'x'", "fails at"),
        ("a > 5", "no point"),
        ("1 / a > 0", "division by zero"),
    ],
)
def test_invalid_conditions_are_refused(condition, message):
    with pytest.raises(InputError, match=message):
        grid((2, 2), conditions=(condition,)).cells()


def test_random_numbers_depend_only_on_the_coordinates():
    """They do not depend on other values, on the order of axes or on the type of a number."""
    assert coordinate_hash(1, {"a": 2, "b": "x"}) == coordinate_hash(1, {"b": "x", "a": 2.0})
    assert coordinate_hash(1, {"a": 2}) != coordinate_hash(2, {"a": 2})
    assert coordinate_hash(1, {"a": 2}) != coordinate_hash(1, {"b": 2})
    assert coordinate_hash(1, {"a": True}) != coordinate_hash(1, {"a": 1})
    assert coordinate_hash(1, {"a": "2"}) != coordinate_hash(1, {"a": 2})


def test_words_of_many_points_differ():
    """20,000 points: two are equal by chance with probability 1e-11."""
    result = {coordinate_hash(0, {"a": a, "b": b}) for a in range(200) for b in range(100)}
    assert len(result) == 20_000


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "no value of 'x'"),
        ("abc", "is 'abc'"),
        (3, "is 3"),
        ([1, 1.0], "1 more than once|1.0 more than once"),
        ([1, np.nan], "nan; numbers, infinity included, other than NaN"),
        ([np.inf, 1.0, np.inf], "inf more than once"),
        ([White(1.0)], "has a White"),
        ([None], "has a NoneType"),
    ],
)
def test_invalid_axes_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        Study("s", lambda x: x, {"x": values})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"vectorised": ["y"]}, "vectorised y; one of the coordinates x"),
        ({"shared": ["y"]}, "shared y"),
        ({"batch": 0}, "batch 0"),
        ({"batch": "auto"}, "needs `vectorised`"),
        ({"repeats": 0}, "repeats 0"),
        ({"repeats": 3}, "without randomness"),
        ({"fixed": {"x": 1}}, "both in the grid and fixed"),
        ({"fixed": {"z": 1}}, "takes no argument 'z'"),
    ],
)
def test_invalid_studies_are_refused(more, message):
    with pytest.raises(InputError, match=f"study 'walks': .*{message}"):
        Study("walks", lambda x: x, {"x": [1, 2]}, **more)


def test_a_batch_is_a_number_or_auto():
    with pytest.raises(InputError, match="batch 'large'; an integer, auto or None"):
        Study("walks", lambda x: x, {"x": [1, 2]}, batch="large")


def test_only_numbers_are_vectorised():
    with pytest.raises(InputError, match="holds 'a'"):
        Study("s", lambda x: x, {"x": ["a", "b"]}, vectorised=["x"])
