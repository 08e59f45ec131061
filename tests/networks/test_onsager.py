import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.activations import erf, sigmoid
from noisette.errors import InputError

KEY = jax.random.key(0)
N = 12
RNG = np.random.default_rng(0)
J = RNG.standard_normal((N, N)) / np.sqrt(N)  # with self-couplings
B = RNG.standard_normal((N, 2))
TAU = RNG.uniform(0.3, 5, N)
STATES = jnp.asarray(RNG.standard_normal((5, N)))
SIGNAL = jnp.array([0.7, -1.1])


class Oscillators(nz.networks.ContinuousNetwork):
    """A user-defined network: FitzHugh–Nagumo pairs coupled through their voltages."""

    coupling: jax.Array
    noise: nz.noise.Noise | None = None

    @property
    def size(self):
        return 2 * len(self.coupling)

    def drift(self, units, time=0.0, inputs=None):
        v, w = jnp.split(units, 2)
        drive = 0.0 if inputs is None else inputs[0]
        return jnp.concatenate([v - v**3 / 3 - w + self.coupling @ v + drive, (v + 0.7 - 0.8 * w) / 12.5])


NETWORKS = {
    "tanh": nz.RateNetwork(J, 2.0),
    "without self-couplings": nz.RateNetwork(J - np.diag(np.diag(J)), 5.0),
    "sigmoid": nz.RateNetwork(J, 3.0, activation=sigmoid, bias=-0.5),
    "time constants": nz.RateNetwork(J, 2.0, tau=TAU, bias=RNG.standard_normal(N), input_weights=B),
    "erf, inputs": nz.RateNetwork(J, 1.5, activation=erf, input_weights=B),
    "flow": nz.networks.Flow(lambda x: jnp.sin(x) - x * jnp.roll(x, 1), N),
    "a user's": Oscillators(jnp.asarray(J[:6, :6])),
}


def signal_for(name):
    """Return an input with the number of channels of the network."""
    return SIGNAL[:1] if getattr(NETWORKS[name], "input_weights", 0) is None else SIGNAL


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_at_gamma_1_the_flow_descends_the_kinetic_energy(name):
    network = NETWORKS[name]
    frozen = nz.Onsager(network)
    for u in (None,) if name == "flow" else (None, signal_for(name)):
        energy = lambda x, u=u: jnp.sum(network.drift(x, 0.0, u) ** 2) / 2  # noqa: E731
        descent = -np.asarray(jax.vmap(jax.grad(energy))(STATES))
        result = jax.vmap(lambda x, u=u: frozen.drift(x, 0.0, u))(STATES)
        assert np.abs(result - descent).max() < 1e-12 * (1 + np.abs(descent).max())
        # the reported energy is the one that the flow descends
        assert float(frozen.kinetic_energy(STATES[0], 0.0, u)) == pytest.approx(float(energy(STATES[0])))


@pytest.mark.parametrize("gamma", [0.0, 0.37, 1.0, 1.5])
@pytest.mark.parametrize("name", ["tanh", "without self-couplings"])
def test_rate_units_have_the_reaction_term_of_the_paper(name, gamma):
    """ẋ = f − γ φ'(x) ∘ Jᵀ f (Eq. 8), with full sums: self-couplings belong to f and to Jᵀ f."""
    network = NETWORKS[name]
    coupling = float(network.gain) * np.asarray(network.weights)
    for x in np.asarray(STATES):
        f = -x + coupling @ np.tanh(x)
        expected = f - gamma * (1 - np.tanh(x) ** 2) * (coupling.T @ f)
        result = nz.Onsager(network, gamma).drift(jnp.asarray(x))
        assert np.asarray(result) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0.37, 1.0])
def test_the_jacobian_is_that_of_the_paper(gamma):
    """Eq. 10: D = A − γ [diag(φ'' ∘ Jᵀ f) + diag(φ') Jᵀ A], A = −1 + J diag(φ'); symmetric at γ = 1."""
    network = NETWORKS["tanh"]
    coupling = 2.0 * J
    x = np.asarray(STATES[0])
    slope = 1 - np.tanh(x) ** 2
    curvature = -2 * np.tanh(x) * slope
    f, A = -x + coupling @ np.tanh(x), -np.eye(N) + coupling * slope
    expected = A - gamma * (np.diag(curvature * (coupling.T @ f)) + slope[:, None] * coupling.T @ A)
    result = np.asarray(jax.jacobian(nz.Onsager(network, gamma).drift)(jnp.asarray(x)))
    assert result == pytest.approx(expected, abs=1e-12)
    assert (np.abs(result - result.T).max() < 1e-12) == (gamma == 1)
    at_rest = np.asarray(jax.jacobian(nz.Onsager(network, gamma).drift)(jnp.zeros(N)))
    assert np.trace(at_rest) == pytest.approx(
        np.trace(coupling) - N - gamma * (np.sum(coupling**2) - np.trace(coupling))
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_at_gamma_0_the_dynamics_are_those_of_the_network(name):
    network = NETWORKS[name]
    signal = None if name == "flow" else signal_for(name)
    for stimulus in ("inside", "outside"):
        free = nz.Onsager(network, 0.0, stimulus)
        for x in STATES:
            assert np.asarray(free.drift(x, 0.0, signal)) == pytest.approx(
                np.asarray(network.drift(x, 0.0, signal)), rel=1e-13, abs=1e-13
            )


@given(gamma=st.floats(-1, 3), row=st.integers(0, 4))
def test_velocity_is_affine_in_gamma(gamma, row):
    network = NETWORKS["time constants"]
    at = lambda g: np.asarray(nz.Onsager(network, g).drift(STATES[row]))  # noqa: E731
    assert at(gamma) == pytest.approx((1 - gamma) * at(0.0) + gamma * at(1.0), abs=1e-9)


def test_gamma_may_change_in_time():
    network = NETWORKS["tanh"]
    x = STATES[0]
    switched = nz.Onsager(network, nz.Switch([100.0, 200.0], [0.0, 1.0, 0.3]))
    ramped = nz.Onsager(network, nz.Ramp(0.2, 1.2, begin=10.0, end=20.0))
    for moving, time, gamma in [
        (switched, 99.99, 0.0),
        (switched, 100.0, 1.0),
        (switched, 10_000 * 0.01 - 1e-12, 1.0),  # the switch acts at a rounded time of the switch
        (switched, 1e4, 0.3),
        (ramped, 0.0, 0.2),
        (ramped, 12.5, 0.45),
        (ramped, 1e4, 1.2),
    ]:
        assert float(moving.gamma_at(time)) == pytest.approx(gamma)
        expected = nz.Onsager(network, gamma).drift(x)
        assert np.asarray(moving.drift(x, time)) == pytest.approx(np.asarray(expected), rel=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0])
def test_time_constants_are_those_of_uncoupled_units(gamma):
    tau, x = np.array([0.5, 20.0]), np.array([1.0, -2.0])
    frozen = nz.Onsager(nz.RateNetwork(np.zeros((2, 2)), tau=tau), gamma)
    np.testing.assert_allclose(frozen.drift(x) * frozen.time_constants, -x)


@pytest.mark.slow
def test_fixed_points_do_not_depend_on_the_unit_of_time():
    rng = np.random.default_rng(0)
    weights, start = 4 * rng.standard_normal((12, 12)) / np.sqrt(12), 2 * rng.standard_normal(12)
    points = [
        nz.analysis.nearest_fixed_point(nz.Onsager(nz.RateNetwork(weights, tau=tau)), start) for tau in (1.0, 1000.0)
    ]
    assert [point.converged for point in points] == [True, True]
    np.testing.assert_allclose(points[0].state, points[1].state, atol=1e-9)


@given(number=st.integers(1, 10_000), dt=st.sampled_from([0.01, 0.1, 1 / 3, 0.05, 0.7]))
def test_a_switch_acts_in_the_step_that_begins_with_it(number, dt):
    switch = nz.Switch([number * dt], [0.0, 1.0])
    rounded = np.cumsum(np.full(number, dt))[-1]  # as a sum, with accumulated rounding
    assert [float(switch((number - 1) * dt)), float(switch(number * dt)), float(switch(rounded))] == [0, 1, 1]


def test_inputs_inside_enter_the_energy_and_inputs_outside_do_not():
    network = NETWORKS["time constants"]
    drive = B @ np.asarray(SIGNAL) / TAU
    for x in STATES:
        inside, outside = (nz.Onsager(network, 1.0, s).drift(x, 0.0, SIGNAL) for s in ("inside", "outside"))
        undriven = np.asarray(nz.Onsager(network).drift(x))
        assert np.asarray(outside) == pytest.approx(undriven + drive, abs=1e-12)
        driven = jax.grad(lambda x: jnp.sum(network.drift(x, 0.0, SIGNAL) ** 2) / 2)(x)
        assert np.asarray(inside) == pytest.approx(-np.asarray(driven), abs=1e-12)
        assert np.abs(np.asarray(inside - outside)).max() > 0.01
    # for τ = 1, outside is the descent of E_k − Σ x B u: still a gradient
    network = NETWORKS["erf, inputs"]
    potential = lambda x: network.kinetic_energy(x) - x @ (B @ np.asarray(SIGNAL))  # noqa: E731
    result = nz.Onsager(network, 1.0, "outside").drift(STATES[0], 0.0, SIGNAL)
    assert np.asarray(result) == pytest.approx(-np.asarray(jax.grad(potential)(STATES[0])), abs=1e-12)


@pytest.mark.slow
def test_the_energy_never_rises_along_the_gradient_flow_but_rises_in_chaos():
    size = 60
    W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=KEY)
    networks = [
        nz.Onsager(nz.RateNetwork(W, gain=g), gamma) for g, gamma in [(0.5, 1.0), (2.0, 1.0), (4.0, 1.0), (4.0, 0.0)]
    ]
    result = nz.simulate(networks, duration=15, dt=0.01, probes=nz.Speed(every=1), key=KEY)
    course = result.speed.values[:, 0]
    assert result.rising.values[:3, 0].tolist() == [0, 0, 0]
    assert (np.diff(course[:3], axis=1) <= 0).all()  # also in the first half
    assert result.rising.values[3, 0] > 0.1
    # the probe records the energy of the wrapped network
    x = nz.RateNetwork(W).start(key=jax.random.split(jax.random.fold_in(KEY, 2**32 - 2), 1)[0])
    assert course[1, 0] == pytest.approx(float(networks[1].network.kinetic_energy(jnp.asarray(x))) / size)


def test_the_noise_of_the_wrapped_network_is_kept():
    network = nz.RateNetwork(J, noise=nz.White(0.5))
    frozen = nz.Onsager(network, 0.4, "outside")
    assert frozen.noise is network.noise
    silent = frozen.with_noise(None)
    assert silent.noise is None
    assert (float(silent.gamma), silent.stimulus) == (0.4, "outside")
    scaled = nz.networks.Flow(lambda x: -x, N, noise=nz.White(), scale=lambda x: 2 * x)
    assert np.asarray(nz.Onsager(scaled).diffusion(STATES[0])) == pytest.approx(2 * np.asarray(STATES[0]))


@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
def test_networks_without_a_velocity_are_refused(kind):
    with pytest.raises(InputError, match=f"{kind.__name__} has no velocity; the reaction term needs a differentiable"):
        nz.Onsager(kind(np.eye(3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.Onsager(NETWORKS["tanh"], 1.0, "beside"), "stimulus 'beside'; inside or outside"),
        (lambda: nz.Switch([1.0, 1.0], [0.0, 1.0, 0.0]), "increasing times"),
        (lambda: nz.Switch([2.0, 1.0], [0.0, 1.0, 0.0]), "increasing times"),
        (lambda: nz.Switch([1.0], [0.0]), "one more value than times"),
        (lambda: nz.Ramp(0.0, 1.0, begin=5, end=5), "a ramp from 5 to 5; its end comes after its beginning"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
