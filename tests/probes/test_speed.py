import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError

KEY = jax.random.key(0)
N = 20
W = nz.weights.gaussian(N, 3 * N**-0.5, self_coupling=False, key=KEY)


@pytest.mark.parametrize(("steps", "every"), [(101, 1), (100, 7)])
def test_the_course_is_the_kinetic_energy_of_the_states(steps, every):
    network = nz.RateNetwork(W, tau=2.0)
    inputs = np.sin(np.arange(steps))  # the energy is that of the driven network
    probes = [nz.Speed(every=every), nz.Trace()]
    found = nz.simulate(network, steps, probes, dt=0.1, inputs=inputs, key=KEY, runs=3)
    x = found.trace.values
    velocity = (-x + np.tanh(x) @ np.asarray(W).T + inputs[:, None]) / 2
    energy = (velocity**2).mean(-1) / 2
    assert found.speed.values == pytest.approx(energy[:, ::every], rel=1e-12)
    assert found.speed_time.values == pytest.approx(0.1 * np.arange(0, steps, every))
    half = steps // 2
    assert found.kinetic_energy.values == pytest.approx(energy[:, -1])
    assert found.mean_kinetic_energy.values == pytest.approx(energy[:, half:].mean(1))
    assert found.rising.values == pytest.approx((np.diff(energy, axis=1)[:, half - 1 :] > 0).mean(1))


def test_the_energy_of_a_frozen_network_is_that_of_the_network_inside():
    frozen = nz.Onsager(nz.RateNetwork(W, 0.5))
    found = nz.simulate(frozen, duration=10, dt=0.02, probes=[nz.Speed(), nz.Trace()], key=KEY)
    assert "speed" not in found
    x = found.trace.values[0]
    energy = ((-x + 0.5 * np.tanh(x) @ np.asarray(W).T) ** 2).mean(1) / 2
    assert float(found.kinetic_energy[0]) == pytest.approx(energy[-1])
    assert float(found.rising[0]) == 0


def test_rest_neither_moves_nor_rises():
    found = nz.simulate(nz.RateNetwork(W), duration=1, dt=0.1, probes=nz.Speed(), key=KEY, start=0.0)
    assert [float(found[name][0]) for name in ("kinetic_energy", "mean_kinetic_energy", "rising")] == [0, 0, 0]


def test_it_follows_solvers_that_choose_their_steps():
    network = nz.networks.Flow(lambda x: -jnp.array([1.0, 3.0]) * x, 2)
    found = nz.simulate(network, duration=2, dt=0.25, solver="adaptive", probes=nz.Speed(every=1), key=KEY, start=1.0)
    t = 0.25 * np.arange(8)
    assert found.speed.values[0] == pytest.approx((np.exp(-2 * t) + 9 * np.exp(-6 * t)) / 4, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.simulate(nz.Boltzmann(np.eye(3)), 5, nz.Speed(), key=KEY), "Boltzmann has no velocity"),
        (lambda: nz.simulate(nz.RateNetwork(W), 5, nz.Speed(every=0), dt=0.1, key=KEY), "every 0; at least 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
