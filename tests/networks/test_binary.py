import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

import noisette as nz
from noisette.errors import InputError


def test_fields_are_weights_times_states_plus_bias():
    network = nz.Boltzmann([[0.0, 2.0], [-1.0, 0.5]], bias=[0.25, 0.0])
    assert network.field(jnp.array([1.0, -1.0])).tolist() == [-1.75, -1.5]


def test_units_of_zero_and_one_have_half_the_weights():
    network = nz.Boltzmann.from_zero_one([[0.0, 2.0], [4.0, 0.0]], bias=0.5)
    assert np.asarray(network.weights).tolist() == [[0, 1], [2, 0]]
    assert network.bias.tolist() == [1.5, 2.5]


def test_sign_flip_is_the_tail_of_a_gaussian():
    network = nz.SignNetwork([[10.0]])
    fields = np.array([0.0, 3.0, -8.0, 80.0])
    result = network.flip_probability(jnp.asarray(fields), jnp.asarray(2.0), reach=0.0)
    assert np.asarray(result) == pytest.approx(norm.sf(np.abs(fields) / 2), rel=1e-14, abs=0)
    assert network.flip_probability(jnp.asarray(fields), None, reach=0.0).tolist() == [0.5, 0, 0, 0]


def test_a_zero_field_of_the_sign_network_gives_either_state_with_probability_one_half():
    # 4000 coins within 4.5 standard deviations: false alarms 7e-6
    network = nz.SignNetwork(np.array([[0.0, 0.1 + 0.2, -0.3], [0, 1, 0], [0, 0, 1.0]]))
    result = nz.simulate(network, 4000, nz.Trace(), key=jax.random.key(0), start=7).trace.values[0]
    assert (result[:, 1:] == 1).all()
    # the field is .1 + .2 − .3, which is not exactly zero in floating point
    assert abs(result[1:, 0].mean()) < 4.5 / np.sqrt(4000)


def test_field_bounds_are_bounds_and_take_few_values():
    for scale in (0.1, 9.0, 10.0, 1000.0):
        network = nz.Boltzmann(scale * np.eye(5), bias=scale)
        assert network.reach() >= 2 * scale
        assert np.log2(network.reach() / 48) % 1 == 0


def test_start_may_be_a_code_or_a_state():
    network = nz.Boltzmann(np.eye(5))
    assert network.start(24).tolist() == [1, 1, -1, -1, -1]
    assert network.start([1, 1, -1, -1, -1]).tolist() == network.start(24).tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.Boltzmann([[1.0, 2.0]]), r"shape \(1, 2\)"),
        (lambda: nz.Boltzmann([[np.nan]]), "NaN or infinite"),
        (lambda: nz.Boltzmann(np.eye(3), bias=[1.0, 2.0]), r"bias of shape \(2,\)"),
        (lambda: nz.Boltzmann(np.eye(3), bias=np.inf), "finite number"),
        (lambda: nz.Boltzmann(np.eye(3)).start(8), "codes run from 0 to 7"),
        (lambda: nz.Boltzmann(np.eye(3)).start([1, 0, 1]), "3 values ±1"),
        (lambda: nz.Boltzmann(np.eye(3)).start([1, 1]), "3 values ±1"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
