import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import connectivity
from noisette.errors import InputError
from noisette.networks import TaskNetwork


def task_network(raw, signs, mask=None):
    size = len(raw)
    return TaskNetwork(raw, signs, np.zeros(size), np.zeros((size, 1)), np.zeros((1, size)), mask=mask)


def test_three_units_by_hand():
    """Units 0 and 1 excite, 2 inhibits. 0 -> 1 and 0 -> 2, 1 -> 2 and 2 -> 1; unit 0 receives no input."""
    raw = [[-1.0, -0.5, 0.0], [2.0, -3.0, 0.25], [0.5, 1.5, -2.0]]
    result = connectivity(task_network(raw, [1.0, 1.0, -1.0]))
    assert dict(zip(result.pair.values.tolist(), result.connections.values.tolist(), strict=True)) == {
        "EE": 1,  # 0 -> 1
        "EI": 2,  # 0 -> 2, 1 -> 2: from excitatory to inhibitory, in the row of the inhibitory unit
        "IE": 1,  # 2 -> 1
        "II": 0,
    }
    assert result.possible.values.tolist() == [4, 2, 2, 1]
    np.testing.assert_allclose(result.mean_strength, [2.0, 1.0, -0.25, np.nan])
    assert float(result.density) == pytest.approx(4 / 9)
    assert float(result.dead) == pytest.approx(5 / 9)
    assert result.core.values.tolist() == [False, True, True]
    assert result.on_loop.values.tolist() == [False, True, True]
    assert int(result.core_size) == 2
    assert float(result.leak_share) == pytest.approx(1 / 3)


def test_threshold_and_mask():
    raw = np.array([[0.1, 1.0], [0.0, 2.0]])
    mask = np.array([[True, True], [False, True]])
    network = task_network(raw, [1.0, 1.0], mask)
    whole, strong = connectivity(network), connectivity(network, threshold=1.0)
    assert whole.connections.values.tolist() == [3, 0, 0, 0]
    assert strong.connections.values.tolist() == [1, 0, 0, 0]
    assert whole.possible.values.tolist() == [3, 0, 0, 0]
    assert (float(whole.dead), float(strong.dead)) == (0.0, pytest.approx(2 / 3))
    # a single unit is a core only if it has a self-coupling
    assert whole.on_loop.values.tolist() == [True, True]
    assert strong.core.values.tolist() == [False, True]
    unconnected = connectivity(task_network(np.zeros((2, 2)), [1.0, -1.0]))
    assert (int(unconnected.core_size), float(unconnected.leak_share), float(unconnected.dead)) == (0, 1.0, 1.0)


@pytest.mark.slow
@given(st.integers(0, 2**31))
def test_the_statistics_of_a_matrix_do_not_depend_on_its_parametrisation_or_order(seed):
    rng = np.random.default_rng(seed)
    raw, signs = rng.normal(size=(8, 8)), rng.choice([-1.0, 1.0], 8)
    network = task_network(raw, signs)
    result = connectivity(network)
    order = rng.permutation(8)
    shuffled = connectivity(task_network(raw[np.ix_(order, order)], signs[order]))
    for name in ("connections", "possible", "density", "dead", "core_size", "leak_share"):
        np.testing.assert_allclose(result[name], shuffled[name])
    np.testing.assert_array_equal(result.on_loop.values[order], shuffled.on_loop)
    # loops by powers of the matrix of paths: unit i lies on one if a path of at most 8 steps leads back
    paths = network.effective != 0
    reach = np.linalg.matrix_power(paths.astype(float) + np.eye(8), 8) @ paths > 0
    np.testing.assert_array_equal(result.on_loop, np.diag(reach))
    if (np.abs(network.effective).sum(0) > 0).all():  # otherwise the sign of a unit is unknown
        same = connectivity(network.network)
        np.testing.assert_array_equal(same.connections, result.connections)


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="threshold -1"):
        connectivity(task_network(np.eye(2), [1.0, -1.0]), threshold=-1.0)
    with pytest.raises(InputError, match="1 units that both excite and inhibit"):
        connectivity(nz.RateNetwork([[1.0, 0.0], [-1.0, 0.0]]))
