import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.activations import linear
from noisette.networks import Flow, fastest_rate

KEY = jax.random.key(0)


def top(network, units, time=0.0):
    """Return the largest |eigenvalue| of the Jacobian, and the relative gap to the next one."""
    jacobian = np.asarray(jax.jacobian(lambda x: network.drift(x, time))(units))
    sizes = np.sort(np.abs(np.linalg.eigvalsh(jacobian)))
    return sizes[-1], 1 - sizes[-2] / sizes[-1]


@pytest.mark.slow
def test_the_fastest_rate_of_a_gradient_flow_is_the_top_eigenvalue_of_the_hessian():
    """After n iterations a gap of δ leaves an error of (1 − δ)^2n: 1e-6 if δ > 0.1, 1 % otherwise."""
    gaps = []
    weights = [np.asarray(nz.weights.gaussian(40, 40**-0.5, key=jax.random.key(n))) for n in range(4)]
    for seed, J in enumerate(weights):
        for gain in (0.5, 3.0):
            frozen = nz.Onsager(nz.RateNetwork(J, gain))
            for x in (jnp.zeros(40), jax.random.normal(jax.random.key(seed), (40,))):
                expected, gap = top(frozen, x)
                tolerance = 1e-6 if gap > 0.1 else 0.01
                assert float(fastest_rate(frozen, x)) == pytest.approx(expected, rel=tolerance)
                gaps.append(gap)
    assert np.sum(np.array(gaps) > 0.1) >= 3  # the strict half of the test is not empty


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "stiffness"), [(1.0, 6.75), (2.0, 19.39), (7.0, 199.9), (8.0, 259.9)])
def test_the_stiffness_at_rest_is_the_edge_of_the_singular_values(gain, stiffness):
    """σ_max²(1 − gW) = g² (a + 3)³/[8 (a + 1)] for N → ∞, a = √(1 + 8/g²); N = 400: 2 % below, within 2 %."""
    a = np.sqrt(1 + 8 / gain**2)
    edge = gain**2 * (a + 3) ** 3 / (8 * (a + 1))
    assert edge == pytest.approx(stiffness, rel=3e-4)
    J = nz.weights.gaussian(400, 400**-0.5, self_coupling=False, key=KEY)
    result = float(fastest_rate(nz.Onsager(nz.RateNetwork(J, gain)), jnp.zeros(400)))
    assert result == pytest.approx(edge, rel=0.05)
    assert result < 1.01 * edge


@given(rate=st.floats(0.1, 100), frequency=st.floats(0, 100))
def test_complex_pairs_count_by_their_modulus(rate, frequency):
    turn = np.array([[1 - rate, -frequency], [frequency, 1 - rate]])
    network = nz.RateNetwork(turn, activation=linear)
    assert float(fastest_rate(network, jnp.ones(2))) == pytest.approx(np.hypot(rate, frequency))


def test_networks_without_drift_have_no_stiffness():
    assert float(fastest_rate(Flow(lambda x: 0 * x, 3), jnp.ones(3))) == 0


@pytest.mark.slow
def test_stability_is_evaluated_at_the_given_time():
    J = nz.weights.gaussian(40, 40**-0.5, self_coupling=False, key=KEY)
    network = nz.RateNetwork(J, 3.0, tau=2.0)
    x = jax.random.normal(KEY, (40,))
    switched = nz.Onsager(network, nz.Switch([10.0], [0.0, 1.0]))
    assert float(fastest_rate(switched, x, 10.0)) == pytest.approx(float(fastest_rate(nz.Onsager(network), x)))
    assert float(fastest_rate(switched, x, 0.0)) == pytest.approx(float(fastest_rate(network, x)))
