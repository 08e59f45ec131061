import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import slow_points
from noisette.analysis._slow_points import LEVEL
from noisette.errors import InputError
from noisette.studies import load, save

SIZE = 40
NETWORK = nz.RateNetwork(nz.weights.gaussian(SIZE, SIZE**-0.5, self_coupling=False, key=jax.random.key(0)), 6.0)


@pytest.fixture(scope="module")
def ends():
    starts = np.asarray(jax.random.normal(jax.random.key(1), (6, SIZE)))
    return slow_points(NETWORK, starts, duration=1000)


@pytest.mark.slow
def test_small_starts_end_at_rest():
    starts = 0.01 * np.asarray(jax.random.normal(jax.random.key(2), (2, SIZE)))
    result = slow_points(nz.RateNetwork(NETWORK.weights, 0.8), starts, duration=200)
    assert (result.kind == "fixed point").all()
    np.testing.assert_allclose(result.state, 0, atol=1e-8)
    assert (result["index"] == 0).all()
    assert result.overlap.isnull().all()  # the origin has no direction
    assert (result.eigenvalue < 0).all()


@pytest.mark.slow
def test_energies_are_never_negative_and_fall(ends):
    assert (ends.kinetic_energy >= 0).all()
    assert (ends.kinetic_energy <= ends.flow_energy * (1 + 1e-9)).all()


@pytest.mark.slow
def test_kinds_follow_from_energies_and_gradients(ends):
    kinds = set(ends.kind.values.tolist())
    assert kinds <= {"fixed point", "local minimum", "not converged"}
    assert "local minimum" in kinds
    for end in ends.isel(start=(ends.kind != "not converged").values).transpose("start", ...).state.values:
        # a Newton step lowers the energy by g H⁻¹ g/2, which is less than LEVEL E_k, and at least |g|²/2 divided by the
        # largest curvature
        x = jnp.asarray(end)
        gradient, curvature = jax.grad(NETWORK.kinetic_energy)(x), jax.hessian(NETWORK.kinetic_energy)(x)
        bound = 2 * LEVEL * NETWORK.kinetic_energy(x) * jnp.linalg.eigvalsh(curvature)[-1]
        assert float(gradient @ gradient) < float(bound) + 1e-18
    fixed = ends.kind == "fixed point"
    assert (ends.kinetic_energy.where(fixed, 0) <= 1e-20).all()
    assert (ends.kinetic_energy.where(ends.kind == "local minimum", 1) > 1e-20).all()
    assert (ends.eigenvalue.where(ends.kind == "local minimum", -1) < 0).all()


def test_polishing_a_converged_flow_moves_nothing(ends):
    again = slow_points(nz.Onsager(NETWORK), ends.state, duration=10)
    settled = (ends.kind != "not converged").values
    np.testing.assert_allclose(again.state[settled], ends.state[settled], atol=1e-4)
    assert again.kind[settled].values.tolist() == ends.kind[settled].values.tolist()
    np.testing.assert_array_equal(again["index"][settled], ends["index"][settled])


@pytest.mark.slow
def test_a_parabola_that_never_touches_zero_has_a_slow_point():
    result = slow_points(nz.networks.Flow(lambda x: x**2 + 1, 1), [0.7], duration=20)
    assert result.kind.item() == "local minimum"
    assert float(result.kinetic_energy[0]) == pytest.approx(0.5)
    assert float(result.eigenvalue[0]) == pytest.approx(-2)  # −(f'² + f f'') at zero


def test_a_start_on_a_ridge_ends_on_a_saddle():
    result = slow_points(nz.networks.Flow(lambda x: 2 - x**2, 1), [0.0], duration=5)
    assert result.kind.item() == "saddle"
    assert float(result.eigenvalue[0]) == pytest.approx(4)


@pytest.mark.slow
def test_unstable_directions_are_those_of_the_free_network():
    # ẋ = x − x³, ẏ = −y: unstable in one direction at the origin, in none at x = ±1
    network = nz.networks.Flow(lambda s: jnp.stack([s[0] - s[0] ** 3, -s[1]]), 2)
    result = slow_points(network, [[0.1, 0.3], [1.3, 0.3]], duration=100)
    assert result["index"].values.tolist() == [1, 0]
    np.testing.assert_allclose(result.state, [[0, 0], [1, 0]], atol=1e-8)
    assert (result.kind == "fixed point").all()
    assert float(result.overlap[1]) == pytest.approx(1.3 / np.hypot(1.3, 0.3))


@pytest.mark.slow
def test_identical_points_are_merged():
    """ẋ = x − x³: two starts end at 1, one at −1, one at 0 (a start at rest)."""
    network = nz.networks.Flow(lambda x: x - x**3, 1)
    result = slow_points(network, [[0.0], [1.3], [-0.9], [0.8]], duration=50)
    assert result.point.values.tolist() == [1, 0, 2, 0]
    assert result["count"].values.tolist() == [2, 1, 1]
    np.testing.assert_allclose(result.distinct_state[:, 0], [1, 0, -1], atol=1e-8)
    assert (result.distinct_kind == "fixed point").all()
    assert result.distinct_energy.values == pytest.approx(0, abs=1e-20)
    np.testing.assert_allclose(result.distinct_state.values[result.point.values], result.state, atol=1e-8)
    reverse = slow_points(network, [[0.8], [-0.9], [1.3], [0.0]], duration=50)
    assert sorted(reverse["count"].values) == [1, 1, 2]


def test_unconverged_points_are_never_merged(monkeypatch):
    monkeypatch.setattr(sys.modules["noisette.analysis._slow_points"], "EVALUATIONS", 1)
    result = slow_points(nz.networks.Flow(lambda x: x**2 + 1, 1), [[0.7], [0.7]], duration=0.1)
    assert (result.kind == "not converged").all()
    assert result["count"].values.tolist() == [1, 1]


@pytest.mark.slow
def test_slow_points_and_fixed_points_are_those_of_the_driven_network():
    """τẋ = −x + u with φ(x) = 0 and no coupling: the fixed point is u."""
    network = nz.RateNetwork(np.zeros((2, 2)), input_weights=[[1.0], [-2.0]])
    result = slow_points(network, [[0.3, 0.1]], inputs=1.5, duration=50)
    np.testing.assert_allclose(result.state[0], [1.5, -3.0], atol=1e-8)
    nearest = nz.analysis.nearest_fixed_point(network, [0.0, 0.0], inputs=[1.5])
    assert nearest.converged
    np.testing.assert_allclose(nearest.state, [1.5, -3.0], atol=1e-8)
    frozen = nz.Onsager(network)
    np.testing.assert_allclose(slow_points(frozen, [[0.3, 0.1]], inputs=1.5, duration=50).state[0], [1.5, -3.0])


def test_interrupted_polishing_is_marked_as_unconverged(monkeypatch):
    monkeypatch.setattr(sys.modules["noisette.analysis._slow_points"], "EVALUATIONS", 1)
    result = slow_points(nz.networks.Flow(lambda x: x**2 + 1, 1), [0.7], duration=0.1)
    assert result.kind.item() == "not converged"


def test_results_can_be_saved(ends, tmp_path):
    back = load(save(ends, tmp_path / "ends.nc"))
    assert back.kind.values.tolist() == ends.kind.values.tolist()


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="401 units"):
        slow_points(nz.networks.Flow(lambda x: x, 401), np.zeros(401))
    with pytest.raises(InputError, match="states of shape"):
        slow_points(NETWORK, np.zeros(3))
    with pytest.raises(InputError, match="NaN"):
        slow_points(NETWORK, np.full(SIZE, np.nan))
    with pytest.raises(InputError, match="duration 0"):
        slow_points(NETWORK, np.zeros(SIZE), duration=0)
