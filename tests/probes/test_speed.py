import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.probes import Step

KEY = jax.random.key(0)
N = 20
W = nz.weights.gaussian(N, 3 * N**-0.5, self_coupling=False, key=KEY)


@pytest.mark.slow
def test_the_course_is_the_kinetic_energy_of_the_states():
    """Three chaotic runs, and one at rest, whose energy is zero and never rises."""
    network = nz.RateNetwork(W, tau=2.0)
    start = np.random.default_rng(0).standard_normal((3, N)) * np.array([[1], [0], [3]])
    probes = {"each": nz.Speed(every=1), "some": nz.Speed(every=7), "none": nz.Speed(), "all": nz.Trace()}
    result = nz.simulate(network, 101, probes, dt=0.1, key=KEY, runs=3, start=start)
    x = result.all_trace.values
    energy = (((-x + np.tanh(x) @ np.asarray(W).T) / 2) ** 2).mean(-1) / 2
    assert result.each_speed.values == pytest.approx(energy, rel=1e-12)
    assert result.some_speed.values == pytest.approx(energy[:, ::7], rel=1e-12)
    assert result.some_speed_time.values == pytest.approx(0.7 * np.arange(15))
    assert "none_speed" not in result
    for name in ("each", "some", "none"):
        assert result[f"{name}_kinetic_energy"].values == pytest.approx(energy[:, -1])
        assert result[f"{name}_mean_kinetic_energy"].values == pytest.approx(energy[:, 50:].mean(1))
        assert result[f"{name}_rising"].values == pytest.approx((np.diff(energy, axis=1)[:, 49:] > 0).mean(1))
    assert energy[1].max() == 0 < result.each_rising.values[0]


@pytest.mark.slow
def test_the_energy_is_that_of_the_driven_network():
    network = nz.RateNetwork(W, tau=2.0)
    signals = jnp.array([[0.5], [-2.0]])
    x = jnp.asarray(network.start(key=KEY))
    step = Step(jnp.asarray(1), x, x, nz.networks.Euler(network, jnp.asarray(0.1), signals))
    probe = nz.Speed()
    measured = probe.result(probe.update(probe.init(network, 2), step), 2)
    expected = network.kinetic_energy(x, 0.1, signals[1]) / N
    assert float(measured["kinetic_energy"]) == pytest.approx(float(expected))


def test_the_speed_is_recorded_with_adaptive_solvers():
    network = nz.networks.Flow(lambda x: -jnp.array([1.0, 3.0]) * x, 2)
    result = nz.simulate(network, duration=2, dt=0.25, solver="adaptive", probes=nz.Speed(every=1), key=KEY, start=1.0)
    t = 0.25 * np.arange(8)
    assert result.speed.values[0] == pytest.approx((np.exp(-2 * t) + 9 * np.exp(-6 * t)) / 4, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.simulate(nz.Boltzmann(np.eye(3)), 5, nz.Speed(), key=KEY), "Boltzmann has no velocity"),
        (
            lambda: nz.simulate(nz.RateNetwork(W), 5, nz.Speed(every=0), dt=0.1, key=KEY),
            "every 0; an integer of at least 1",
        ),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_round_off_at_a_fixed_point_is_not_counted_as_a_rise():
    network = nz.RateNetwork([[3.0]])
    result = nz.simulate(network, duration=200, dt=0.1, probes=nz.Speed(), start=1.0, key=jax.random.key(0))
    assert float(result.kinetic_energy[0]) < 1e-25
    assert float(result.rising[0]) == 0
