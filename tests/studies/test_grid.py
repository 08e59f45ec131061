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
def test_portions_are_the_points_each_once(shape, batch, moving):
    moving = tuple(name for name in "abcd"[: len(shape)] if name in moving)
    found = grid(shape, batch=batch, vectorised=moving)
    portions = found.portions()
    assert sorted(itertools.chain.from_iterable(portions)) == list(range(int(np.prod(shape))))
    for cells in portions:
        assert batch == 0 or len(cells) <= batch
        still = {tuple(v for k, v in found.labels(cell).items() if k not in moving) for cell in cells.tolist()}
        assert not moving or len(still) == 1


def test_conditions_leave_points_out():
    found = grid((3, 3), conditions=("a < b", lambda a, b: b != 2))
    assert [tuple(found.labels(cell).values()) for cell in found.cells().tolist()] == [(0, 1)]


def test_infinity_is_a_coordinate():
    times = Grid((Axis.read("time", [0, 1, np.inf, -np.inf]),), conditions=("0 < time", "time <= inf"))
    assert [times.labels(cell)["time"] for cell in times.cells().tolist()] == [1, np.inf]
    assert coordinate_hash(0, {"time": np.inf}) == coordinate_hash(0, {"time": float(np.float32(np.inf))})
    assert len({coordinate_hash(0, {"time": value}) for value in (np.inf, -np.inf, 0.0, "inf")}) == 4


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("a <", "cannot be read"),
        ("c > 1", "knows no 'c'"),
        ("__import__('os')", "has a call"),
        ("a.real > 1", "has a attribute"),
        ("a > 'x'", "fails at"),
        ("a > 5", "no point"),
        ("1 / a > 0", "division by zero"),
    ],
)
def test_conditions_that_cannot_be(condition, said):
    with pytest.raises(InputError, match=said):
        grid((2, 2), conditions=(condition,)).cells()


def test_random_numbers_belong_to_the_coordinates():
    """Neither other values, nor another order of axes, nor the type of a number change them."""
    assert coordinate_hash(1, {"a": 2, "b": "x"}) == coordinate_hash(1, {"b": "x", "a": 2.0})
    assert coordinate_hash(1, {"a": 2}) != coordinate_hash(2, {"a": 2})
    assert coordinate_hash(1, {"a": 2}) != coordinate_hash(1, {"b": 2})
    assert coordinate_hash(1, {"a": True}) != coordinate_hash(1, {"a": 1})
    assert coordinate_hash(1, {"a": "2"}) != coordinate_hash(1, {"a": 2})


def test_words_of_many_points_differ():
    """All of 20,000: two equal by chance with probability 1e-11."""
    found = {coordinate_hash(0, {"a": a, "b": b}) for a in range(200) for b in range(100)}
    assert len(found) == 20_000


@pytest.mark.parametrize(
    ("values", "said"),
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
def test_axes_that_cannot_be(values, said):
    with pytest.raises(InputError, match=said):
        Study("s", lambda x: x, {"x": values})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"vectorised": ["y"]}, "vectorised y; one of the coordinates x"),
        ({"shared": ["y"]}, "shared y"),
        ({"batch": 0}, "batch 0"),
        ({"batch": "large"}, "batch 'large'"),
        ({"batch": "auto"}, "needs `vectorised`"),
        ({"repeats": 0}, "repeats 0"),
        ({"repeats": 3}, "without randomness"),
        ({"fixed": {"x": 1}}, "both in the grid and fixed"),
        ({"fixed": {"z": 1}}, "takes no argument 'z'"),
    ],
)
def test_studies_that_cannot_be(more, said):
    with pytest.raises(InputError, match=f"study 'walks': .*{said}"):
        Study("walks", lambda x: x, {"x": [1, 2]}, **more)


def test_only_numbers_are_vectorised():
    with pytest.raises(InputError, match="holds 'a'"):
        Study("s", lambda x: x, {"x": ["a", "b"]}, vectorised=["x"])
