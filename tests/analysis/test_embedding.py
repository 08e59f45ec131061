import jax
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import pca
from noisette.errors import InputError


def planted(samples, size, seed=0):
    """Return states in a plane of variances 9 and 4 within faint noise, and the plane."""
    rng = np.random.default_rng(seed)
    plane = np.linalg.qr(rng.standard_normal((size, 2)))[0]
    coordinates = rng.standard_normal((samples, 2)) * [3, 2]
    return coordinates @ plane.T + 1e-3 * rng.standard_normal((samples, size)) + 5.0, plane


@pytest.mark.parametrize(("samples", "size"), [(400, 20), (20, 400)])
def test_a_planted_plane_is_recovered(samples, size):
    states, plane = planted(samples, size)
    found = pca(states, 2)
    cosines = np.linalg.svd(found.components.values @ plane)[1]
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    assert float(found.explained[:2].sum()) > 0.9999
    # both solvers know that projections are the states, seen from the mean along orthonormal directions
    kept = found.components.values
    np.testing.assert_allclose(kept @ kept.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(found.projection, (states - states.mean(0)) @ kept.T, atol=1e-12)


@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 2**31))
def test_shares_fall_and_sum_to_one(samples, size, seed):
    found = pca(np.random.default_rng(seed).standard_normal((samples, size)), 1)
    assert float(found.explained.sum()) == pytest.approx(1)
    assert (np.diff(found.explained) <= 1e-12).all()
    assert len(found.explained) == min(samples, size)


def test_both_solvers_agree():
    states = np.random.default_rng(3).standard_normal((12, 12)) * np.arange(1, 13)
    wide = np.concatenate([states, np.zeros((12, 1))], axis=1)
    tall, other = pca(np.concatenate([states, states]), 3), pca(wide, 3)
    np.testing.assert_allclose(tall.explained, other.explained[:12], atol=1e-12)
    np.testing.assert_allclose(tall.components, other.components[:, :12], atol=1e-10)


def test_labels_of_a_trace_are_kept():
    network = nz.RateNetwork(nz.weights.gaussian(10, 0.5, key=jax.random.key(0)))
    trace = nz.simulate(network, duration=5, dt=0.05, probes=nz.Trace(5), key=jax.random.key(1), runs=2).trace
    found = pca(trace)
    assert found.projection.dims == ("run", "time", "component")
    xr.testing.assert_equal(found.time, trace.time)
    assert found.components.dims == ("component", "unit")


def test_bad_input_is_named():
    with pytest.raises(InputError, match="do not move"):
        pca(np.ones((5, 3)))
    with pytest.raises(InputError, match="4 components"):
        pca(np.eye(6)[:, :3], 4)
    with pytest.raises(InputError, match="NaN"):
        pca(np.full((5, 3), np.nan))
    with pytest.raises(InputError, match="1 states"):
        pca(np.ones((1, 3)))
