"""Recordings: shapes, dimensions by name, blocks."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from noisette.analysis.inference._trials import as_trials, block_labels
from noisette.errors import InputError

X = np.random.default_rng(0).standard_normal((2, 5, 3))


def test_one_trial_has_a_first_axis():
    np.testing.assert_array_equal(as_trials(X[0]).values, X[:1])


@pytest.mark.parametrize("dims", [("run", "time", "unit"), ("unit", "trial", "time"), ("time", "neuron", "trials")])
def test_dimensions_are_used_by_name(dims):
    order = {"run": 0, "trial": 0, "trials": 0, "time": 1, "unit": 2, "neuron": 2}
    data = xr.DataArray(X.transpose([order[dim] for dim in dims]), dims=dims)
    np.testing.assert_array_equal(as_trials(data).values, X)


def test_dimensions_of_length_one_are_dropped():
    data = xr.DataArray(X[None], dims=("network", "run", "time", "unit"))
    np.testing.assert_array_equal(as_trials(data).values, X)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (xr.DataArray(X, dims=("noise", "time", "unit")), r"noise, time, unit.*isel\(noise=0\)"),
        (xr.DataArray(X[0], dims=("trial", "unit")), "trial or run, time, and unit"),
        (X[0, 0], r"shape \(3,\)"),
        (X[None], r"shape \(1, 2, 5, 3\)"),
        (np.where(X > 10, X, np.nan), "NaN"),
        (np.zeros((4, 0, 3)), "shape"),
        (X * [1, 0, 1], "unit 1 constant"),
    ],
)
def test_wrong_recordings(data, message):
    with pytest.raises(InputError, match=message):
        as_trials(data)


@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 25))
def test_blocks_are_contiguous_and_whole(trials, times, most):
    """Numbers increase by at most one, no block crosses a trial boundary unless trials are merged."""
    labels = block_labels(trials, times, most)
    assert labels.shape == (trials, times)
    steps = np.diff(labels.ravel())
    assert labels[0, 0] == 0
    assert ((steps == 0) | (steps == 1)).all()
    assert labels[-1, -1] < max(most, trials)
    if trials < most:
        assert (labels[1:, 0] > labels[:-1, -1]).all()
    else:
        assert (np.ptp(labels, axis=1) == 0).all()
