"""The stability check of fixed points, against the eigenvalues of every Jacobian."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette import activations
from noisette.errors import UnsolvedWarning

N = 60


def network(gain, activation=activations.tanh, seed=0, std=1.0):
    W = nz.weights.gaussian(N, N**-0.5, key=jax.random.key(seed))
    return nz.RateNetwork(W, gain, activation=activation, noise=nz.Frozen(std))


def abscissas(net, states):
    slopes = jax.vmap(jax.vmap(jax.grad(net.activation)))(states)
    matrices = float(net.gain) * np.asarray(net.weights) * np.asarray(slopes)[:, None] - np.eye(N)
    return np.linalg.eigvals(matrices).real.max(1)


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.8, 1.8, 2.5])
def test_stable_means_eigenvalues_on_the_left(gain):
    net = network(gain)
    # at gain 1.8 about 2 % of the fixed points are unstable: none of 500 with probability 4e-5
    settled = nz.find_fixed_points(net, 500, key=jax.random.key(1), warn=False)
    expected = settled.converged.values & (abscissas(net, settled.state.values) < 0)
    np.testing.assert_array_equal(settled.stable, expected)
    assert settled.attrs["unstable"] == int((settled.converged & ~settled.stable).sum())
    assert (settled.attrs["unstable"] > 0) == (gain > 1)


@pytest.mark.slow
def test_fast_rotations_do_not_count_as_instability():
    """Eigenvalues −1 ± 5i: explicit Euler steps of half a time constant would grow."""
    net = nz.RateNetwork([[0.0, 5.0], [-5.0, 0.0]], activation=activations.linear, noise=nz.Frozen(1.0))
    assert nz.find_fixed_points(net, 20, key=jax.random.key(0)).stable.all()


@pytest.mark.slow
def test_unstable_fixed_points_give_a_warning():
    """x = ξ/(1 − g) of one linear unit with g = 1.5 exists but is unstable."""
    net = nz.RateNetwork([[1.5]], activation=activations.linear).with_noise(None)
    with pytest.warns(UnsolvedWarning, match="unstable"):
        settled = nz.find_fixed_points(net, inputs=[[0.5]], start=-1.0)
    assert settled.converged.all()
    assert not settled.stable.any()


@pytest.mark.slow
@pytest.mark.parametrize("std", [1e-12, 1e-45])
def test_weak_noise_is_solved_with_the_same_precision(std):
    strong, weak = (
        nz.find_fixed_points(network(0.8, activations.linear, std=s), 20, key=jax.random.key(2)) for s in (1.0, std)
    )
    np.testing.assert_allclose(weak.state.values / std, strong.state.values, rtol=1e-7, atol=1e-8)
