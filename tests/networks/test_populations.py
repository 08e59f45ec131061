"""Populations: networks that are drawn from their description."""

import jax.numpy as jnp
import numpy as np

import noisette as nz
from noisette.activations import relu, tanh
from noisette.ensembles import Blocks
from noisette.networks import Populations


def test_units_have_the_parameters_of_their_population():
    ensemble = Blocks(0.0, 1.0, [3, 2])
    populations = Populations(ensemble, [tanh, relu], tau=[1.0, 0.5], bias=[0.1, 0.2], noise=nz.White(0.3))
    network = populations.network(2.0, key=0)
    assert network.tau.tolist() == [1.0, 1.0, 1.0, 0.5, 0.5]
    assert np.allclose(network.bias, [0.1, 0.1, 0.1, 0.2, 0.2])
    x = jnp.array([-1.0, 0.5, 1.0, -1.0, 2.0])
    assert np.allclose(network.rate(x), [*np.tanh(x[:3]), 0.0, 2.0])
    assert float(network.gain) == 2.0
    assert network.noise == nz.White(0.3)


def test_the_key_selects_the_matrix():
    populations = Populations(Blocks(0.0, 1.0, [3, 2]))
    first, second, other = (populations.network(key=key).weights for key in (0, 0, 1))
    assert (first == second).all()
    assert (first != other).any()


def test_a_network_with_two_activations_is_simulated_and_has_exponents():
    populations = Populations(Blocks(0.0, 0.5, [10, 10]), [tanh, relu], noise=nz.White(0.2))
    data = nz.lyapunov_spectrum(populations.network(key=0), duration=20, discard=5, dt=0.05, key=0)
    assert np.isfinite(data.lyapunov).all()
