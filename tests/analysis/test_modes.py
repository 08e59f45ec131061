import jax
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import (
    connectivity,
    dominant_units,
    inverse_participation_ratio,
    jacobian,
    modes,
    participation,
    spectrum,
    supports,
)
from noisette.analysis._modes import as_complex, zero_threshold
from noisette.errors import InputError
from noisette.networks import TaskNetwork

SIZE = 30
NETWORK = TaskNetwork.random(SIZE, inhibitory=0.4, key=jax.random.key(0))
STATE = np.random.default_rng(0).normal(0, 2, SIZE)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def velocity(network, x):
    """Eq 2, per second."""
    return 1000 * (-x + network.effective @ sigmoid(x)) / network.tau


def printed(network, x):
    """Eq 5, per second."""
    s = sigmoid(x)
    return 1000 * (-np.eye(len(x)) + network.effective * (s * (1 - s))[None, :]) / network.tau[:, None]


def test_equation_5_is_the_difference_quotient():
    """Error of central differences per ms: h² W/(6 · 8 τ) = 1e-11 for h = 1e-4, W = 1, τ = 20; round-off is below."""
    h = 1e-4
    rows = [(velocity(NETWORK, STATE + h * e) - velocity(NETWORK, STATE - h * e)) / (2 * h) for e in np.eye(SIZE)]
    np.testing.assert_allclose(np.transpose(rows), printed(NETWORK, STATE), atol=1000 * 6e-11)
    np.testing.assert_allclose(1000 * np.asarray(jacobian(NETWORK.network, STATE)), printed(NETWORK, STATE), atol=1e-12)


def test_modes_solve_their_equations():
    J, result = printed(NETWORK, STATE), modes(NETWORK, STATE)
    values, left, right = (as_complex(result[name]) for name in ("eigenvalue", "left", "right"))
    np.testing.assert_allclose(left @ J, values[:, None] * left, atol=1e-10)
    np.testing.assert_allclose(right @ J.T, values[:, None] * right, atol=1e-10)
    assert (np.diff(values.real) <= 0).all()
    np.testing.assert_allclose(values, 1000 * spectrum(NETWORK.network, STATE), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(left, axis=1), 1)
    assert float(result.largest) == values[0].real
    assert result.eigenvalue.attrs["units"] == "1/s"
    # left and right vectors of different eigenvalues are orthogonal, those of the same one overlap as reported
    products = left @ right.T
    np.testing.assert_allclose(products - np.diag(np.diag(products)), 0, atol=1e-9)
    np.testing.assert_allclose(np.abs(np.diag(products)), result.overlap)
    # Eq 10: the sum over modes is the matrix exponential
    start, t = np.linspace(-1, 1, SIZE), 0.01
    sum_of_modes = (np.exp(values * t) * (left @ start) / np.diag(products)) @ right
    from scipy.linalg import expm

    np.testing.assert_allclose(sum_of_modes, expm(J * t) @ start, atol=1e-9)


def test_ratios_are_those_of_the_vectors():
    result = modes(NETWORK, STATE)
    left, right = as_complex(result.left), as_complex(result.right)
    np.testing.assert_allclose(result.ipr_left, (np.abs(left) ** 4).sum(1))  # of unit length
    np.testing.assert_allclose(result.ipr_right, (np.abs(right) ** 4).sum(1))
    assert float(result.mean_ipr_left_top10) == pytest.approx(float(result.ipr_left[:10].mean()))


@given(st.integers(1, 50), st.floats(1e-200, 1e200), st.integers(0, 2**31))
def test_the_ratio_lies_between_one_over_n_and_one(size, length, seed):
    rng = np.random.default_rng(seed)
    alone, even = np.eye(size)[seed % size], np.exp(1j * rng.uniform(0, 7, size))
    assert inverse_participation_ratio(length * alone) == 1
    assert inverse_participation_ratio(length * even) == pytest.approx(1 / size)
    anything = rng.standard_cauchy(size) + 1j * rng.standard_cauchy(size)
    ratio = inverse_participation_ratio(length * anything)
    assert 1 / size - 1e-12 <= ratio <= 1 + 1e-12
    assert participation(anything) == pytest.approx(1 / ratio)
    together = np.concatenate([anything, np.zeros(3)])  # zeros are ignored
    assert inverse_participation_ratio(together) == pytest.approx(float(ratio))


def test_two_units_by_hand():
    """J = [[-1, 2], [0, -1/4]]: left vectors (0, 1) and (3, -8)/√73, right ones (8, 3)/√73 and (1, 0)."""
    result = modes(nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0]), [0.0, 0.0])
    assert result.eigenvalue.sel(part="real").values.tolist() == [-0.25, -1.0]
    left, right = np.abs(as_complex(result.left)), np.abs(as_complex(result.right))
    np.testing.assert_allclose(left, [[0, 1], np.array([3, 8]) / 73**0.5])
    np.testing.assert_allclose(right, [np.array([8, 3]) / 73**0.5, [1, 0]])
    np.testing.assert_allclose(result.overlap, 3 / 73**0.5)
    np.testing.assert_allclose(result.ipr_left, [1, (81 + 4096) / 73**2])
    assert result.eigenvalue.attrs["units"] == "1/time"


def core_and_readouts(upstream=0):
    """A core of 6 slow units in a ring, units that only receive from it, and units that only project to it."""
    rng, core, size = np.random.default_rng(2), 6, 15
    W = np.zeros((size, size))
    W[np.arange(core), np.roll(np.arange(core), 1)] = rng.uniform(1, 2, core)
    W[:core, :core] += rng.uniform(0, 1, (core, core)) * (rng.random((core, core)) < 0.5)
    W[core:, :core] = rng.uniform(0, 1, (size - core, core))
    W[core + 1 :, core] = 1.0  # a chain downstream of the core
    if upstream:
        W[-upstream:, :] = 0.0
        W[:core, -upstream:] = 1.0
    signs = np.where(np.arange(size) < core - 1, -1.0, 1.0)
    logits = np.where(np.arange(size) < core, 2.0, -5.0)  # the core is slow
    return TaskNetwork(W, signs, logits, np.zeros((size, 1)), np.zeros((1, size))), np.arange(size) < core


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [None, 0.0, 1e-12, 1e-9, 1e-6])
def test_dominant_units_are_the_core_that_drives_a_feedforward_network(tolerance):
    network, core = core_and_readouts()
    result = modes(network, np.linspace(-1, 1, network.size))
    each = supports(result, 6, tolerance=tolerance)
    assert each.dims == ("mode", "unit")
    np.testing.assert_array_equal(dominant_units(result, 6, tolerance=tolerance), core)
    np.testing.assert_array_equal(connectivity(network).core, core)
    assert not (each & ~xr.DataArray(core, dims="unit")).any()


def test_zeros_are_distinguished_by_a_gap_in_the_data():
    """Vectors of known support: the threshold lies within the gap, at round-off of any size up to sqrt(eps)."""
    rng = np.random.default_rng(3)
    for noise in (0.0, 1e-17, 1e-13, 1e-10, 1e-9):
        sizes = np.concatenate([10 ** rng.uniform(-4, 0, 40), noise * rng.random(60), [1.0]])
        for scale in (1e-200, 1.0, 1e200):
            threshold, decades = zero_threshold(scale * sizes)
            assert ((scale * sizes > threshold) == (sizes > 1e-6)).all(), (noise, scale)
            assert decades > 3
    for smooth in (10 ** -np.linspace(0, 9, 100), np.ones(7), 10.0 ** -np.arange(0, 40, 2)):  # no gap of 3 decades
        assert zero_threshold(smooth) == (0.0, 0.0)
    # a gap of 3 decades and more high above round-off separates large entries from small ones, not from zeros
    assert zero_threshold([1.0, 0.9, 1e-4, 2e-4, 1e-5]) == (0.0, 0.0)


def test_two_uncoupled_cores_have_round_off_and_no_exact_zeros_between_them():
    """The core with the slow time constants has the leading modes; a cyclic permutation hides the blocks."""
    rng, order = np.random.default_rng(0), np.random.default_rng(1).permutation(30)
    W = np.zeros((30, 30))
    W[:12, :12], W[12:, 12:] = rng.normal(size=(12, 12)) / 6, rng.normal(size=(18, 18)) / 9
    tau = np.where(np.arange(30) < 12, 50.0, 1.0)
    network = nz.RateNetwork(W[np.ix_(order, order)], tau=tau[order])
    result = dominant_units(modes(network, np.zeros(30)))
    np.testing.assert_array_equal(result, order < 12)
    assert result.attrs["kind"] == "subset"


def test_a_network_without_zeros_has_no_dominant_set():
    result = dominant_units(modes(nz.RateNetwork(np.random.default_rng(0).normal(size=(40, 40)) / 7), np.zeros(40)))
    assert result.all()
    assert (result.attrs["kind"], result.attrs["gap"], result.attrs["without_gap"]) == ("all units", 0.0, 10)


def test_units_that_drive_the_core_are_dominant():
    network, core = core_and_readouts(upstream=2)
    result = dominant_units(modes(network, np.zeros(network.size)), 6)
    np.testing.assert_array_equal(result, core | (np.arange(network.size) >= network.size - 2))
    np.testing.assert_array_equal(connectivity(network).core, core)


def test_units_outside_loops_contribute_their_leaks_at_any_state():
    network, core = core_and_readouts(upstream=2)
    values = as_complex(modes(network, np.full(network.size, 0.7)).eigenvalue)
    leaks = -1000 / network.tau[~core]
    apart = np.abs(values[:, None] - leaks[None, :]).min(0)
    assert (apart < 1e-9).all()
    assert float(connectivity(network).leak_share) == np.mean(~core)


def test_states_of_several_stimuli_are_analysed_together():
    states = xr.DataArray(np.stack([STATE, -STATE]), dims=["stimulus", "unit"], coords={"stimulus": [1, -1]})
    both = modes(NETWORK, states)
    assert both.left.dims == ("stimulus", "mode", "unit", "part")
    for stimulus, state in ((1, STATE), (-1, -STATE)):
        xr.testing.assert_allclose(both.sel(stimulus=stimulus, drop=True), modes(NETWORK, state))
    assert supports(both, 3).dims == ("stimulus", "mode", "unit")
    assert dominant_units(both).dims == ("unit",)
    assert modes(NETWORK, states.values).sizes["stimulus"] == 2


def test_results_can_be_stored_as_netcdf(tmp_path):
    result = modes(NETWORK, STATE)
    result.to_netcdf(tmp_path / "modes.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "modes.nc", engine="h5netcdf") as again:
        xr.testing.assert_identical(again.load(), result)


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match=r"state of shape \(3,\)"):
        modes(NETWORK, [0.0, 1.0, 2.0])
    with pytest.raises(InputError, match=r"state of shape \(\)"):
        modes(NETWORK, 1.0)
    with pytest.raises(InputError, match="NaN or infinite"):
        modes(NETWORK, np.full(SIZE, np.nan))
    with pytest.raises(InputError, match="vectors of zeros"):
        inverse_participation_ratio([[1.0, 0.0], [0.0, 0.0]])
    with pytest.raises(InputError, match="vectors of shape"):
        inverse_participation_ratio(1.0)
    with pytest.raises(InputError, match="top 0"):
        supports(modes(NETWORK, STATE), 0)
    with pytest.raises(InputError, match="tolerance 1"):
        supports(modes(NETWORK, STATE), tolerance=1.0)
    with pytest.raises(InputError, match="sizes of a vector"):
        zero_threshold([0.0, 0.0])
    with pytest.raises(InputError, match="an array over mode"):
        as_complex(xr.DataArray([1.0], dims="mode"))
