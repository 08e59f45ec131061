"""Noise at its places: equations, stationary laws in closed form, mean-field theory, and refusals."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import solve_continuous_lyapunov

import noisette as nz
from noisette.activations import erf, linear, tanh
from noisette.errors import InputError
from noisette.noise import PLACES, Placed, by_place, from_string
from noisette.theory.dmft import places_of, solve_places

W = np.array([[0.2, -0.7, 0.0], [0.5, 0.1, 0.4], [0.0, 0.9, -0.3]])
TAU = np.array([1.0, 2.0, 0.5])
B, V = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0]]), np.array([[1.0, -1.0, 0.5]])


def network(noise, activation=tanh, gain=1.3):
    return nz.RateNetwork(
        W, gain, tau=TAU, bias=[0.1, 0.0, -0.2], activation=activation, noise=noise, input_weights=B, readout=V
    )


def drawn(net, dt=0.1, key=5):
    """Return a state, the noise of a step from it, and the state after the step."""
    state = net.init(jnp.array([0.3, -0.5, 1.0]), key=jax.random.key(key))
    sample, _ = net.sample_noise(state.noise, 0.0, key=jax.random.key(1), dt=dt)
    step = nz.networks.Euler(network=net, dt=jnp.asarray(dt), inputs=jnp.array([[0.7, -0.4]]))
    return np.asarray(state.units), sample, np.asarray(step.step(state, jnp.asarray(0), key=jax.random.key(1)).units)


@pytest.mark.slow
def test_a_step_obeys_the_equation_with_noise_at_all_places():
    ou = nz.OrnsteinUhlenbeck(0.4, tau=1.5)
    parts = [nz.White(0.3), *(Placed(ou, place) for place in ("activation", "rate", "synapses", "inputs", "readout"))]
    x, noise, after = drawn(network(sum(parts[1:], parts[0])))
    assert set(noise) == set(PLACES)
    dt, g = 0.1, 1.3
    eta, rho, zeta, upsilon = (np.asarray(noise[p]) for p in ("activation", "rate", "synapses", "inputs"))
    J = g * W * (1 + zeta.reshape(3, 3) / dt)
    drift = -x + J @ (np.tanh(x + eta) + rho / dt) + [0.1, 0.0, -0.2] + B @ (np.array([0.7, -0.4]) + upsilon / dt)
    np.testing.assert_allclose(after, x + dt * drift / TAU + np.asarray(noise["current"]), rtol=1e-13)


def test_the_outputs_contain_the_values_of_the_noise():
    noise = Placed(nz.Frozen(0.4), "activation") + Placed(nz.Frozen(0.2), "rate") + Placed(nz.Frozen(0.1), "readout")
    net = network(noise)
    state = net.init(jnp.array([0.3, -0.5, 1.0]), key=jax.random.key(2))
    eta, rho, omega = (np.asarray(state.noise[p]) for p in ("activation", "rate", "readout"))
    expected = V @ (np.tanh(np.asarray(state.units) + eta) + rho) + omega
    np.testing.assert_allclose(net.noisy_output(state, 0.0), expected, rtol=1e-13)
    plain = network(nz.White(1.0))
    state = plain.init(jnp.ones(3), key=jax.random.key(2))
    np.testing.assert_array_equal(plain.noisy_output(state, 0.0), plain.output(state.units))


def test_noise_on_the_current_alone_has_the_bits_of_noise_that_is_not_placed():
    plain = nz.simulate(network(nz.White(0.3)), 20, dt=0.01, key=0).final.values
    placed = nz.simulate(network(Placed(nz.White(0.3), "current")), 20, dt=0.01, key=0).final.values
    np.testing.assert_array_equal(plain, placed)


def stationary_covariance(net, runs=4000, duration=15.0, dt=0.01):
    """Return the covariance of independent runs, as those of `simulate`; 4000 runs have a standard error of 2 %."""
    x = nz.simulate(net, duration=duration, dt=dt, runs=runs, start=0.0, key=3).final.values
    return np.cov(x.T)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["rate", "inputs"])
def test_white_noise_that_enters_linearly_has_the_covariance_of_the_lyapunov_equation(place):
    """Six standard errors of nine entries are exceeded by chance with a probability of 2e-8."""
    C = stationary_covariance(network(Placed(nz.White(0.8), place), linear, 0.5))
    A = (0.5 * W - np.eye(3)) / TAU[:, None]
    L = 0.8 * (0.5 * W if place == "rate" else B) / TAU[:, None]
    expected = solve_continuous_lyapunov(A, -L @ L.T)
    errors = np.sqrt((np.outer(np.diag(expected), np.diag(expected)) + expected**2) / 4000)
    assert (np.abs(C - expected) < 6 * errors + 0.02 * np.abs(expected)).all()  # Euler's steps: dt/2τ, up to 1 %


@pytest.mark.slow
def test_white_synaptic_noise_has_the_second_moment_of_the_generalised_lyapunov_equation():
    """d⟨x xᵀ⟩/dt = A S + S Aᵀ + Q + diag_i(σ² g² Σ_j W_ij² S_jj)/τ_i², for linear units and additive white noise."""
    sigma, g = 0.6, 0.5
    net = nz.RateNetwork(W, g, tau=TAU, activation=linear, noise=nz.White(0.5) + Placed(nz.White(sigma), "synapses"))
    S = np.zeros((3, 3))
    A = (g * W - np.eye(3)) / TAU[:, None]
    for _ in range(200):
        extra = np.diag((sigma * g) ** 2 * (W**2 @ np.diag(S)) / TAU**2)
        S = solve_continuous_lyapunov(A, -(0.25 * np.eye(3) + extra))
    x = nz.simulate(net, duration=15.0, dt=0.01, runs=8000, start=0.0, key=4).final.values
    errors = (x**2).std(0) / np.sqrt(8000)
    assert (np.abs((x**2).mean(0) - np.diag(S)) < 6 * errors + 0.02 * np.diag(S)).all()


def test_frozen_synaptic_noise_is_a_perturbation_of_the_weights():
    net = nz.RateNetwork(W, 0.8, tau=TAU, bias=0.5, noise=Placed(nz.Frozen(0.3), "synapses"))
    state = net.init(jnp.zeros(3), key=jax.random.key(0))
    zeta = np.asarray(state.noise["synapses"]).reshape(3, 3)
    perturbed = nz.RateNetwork(W * (1 + zeta), 0.8, tau=TAU, bias=0.5)
    step, other = (nz.networks.Euler(network=n, dt=jnp.asarray(0.1)) for n in (net, perturbed))
    b = other.init(jnp.zeros(3), key=jax.random.key(0))
    for time in range(50):
        state, b = (s.step(x, jnp.asarray(time), key=jax.random.key(1)) for s, x in ((step, state), (other, b)))
    np.testing.assert_allclose(state.units, b.units, rtol=1e-12)


@pytest.mark.slow
def test_fast_noise_inside_the_activation_replaces_it_by_its_average():
    """One unit: x* = w ⟨φ(x* + σ ξ)⟩ + b. The mean over 400 runs and 100 time constants has an error near 1e-3."""
    unit = nz.RateNetwork([[1.5]], bias=0.6, noise=Placed(nz.OrnsteinUhlenbeck(0.8, tau=0.02), "activation"))
    x = nz.simulate(
        unit, probes=nz.Trace(every=100), duration=60.0, dt=0.005, runs=100, start=1.5, key=0, warn=False
    ).trace.values
    mean = x[:, 30:].mean()

    def averaged(h):
        return quad(lambda z: np.tanh(h + 0.8 * z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi), -8, 8)[0]

    fixed = 1.5
    for _ in range(200):
        fixed = 1.5 * averaged(fixed) + 0.6
    without = 1.5
    for _ in range(200):
        without = 1.5 * np.tanh(without) + 0.6
    assert abs(without - fixed) > 0.1  # the shift by the noise
    assert abs(mean - fixed) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.7, 1.6])
@pytest.mark.parametrize(
    "noise",
    [
        Placed(nz.OrnsteinUhlenbeck(1.0, 2.0), "activation"),
        nz.White(0.5) + Placed(nz.Frozen(1.0), "activation"),
        nz.White(0.5) + Placed(nz.Frozen(0.7), "synapses"),
        nz.White(0.5) + Placed(nz.White(0.5), "rate"),
        nz.White(0.5) + Placed(nz.White(1.0), "synapses"),
    ],
    ids=["inside", "frozen inside", "frozen synapses", "rates", "white synapses"],
)
def test_mean_field_theory_predicts_the_variance_of_large_networks(noise, gain):
    """The theory for the same Euler steps; corrections of order 1/N and the spread of six networks are 6 % or less."""
    size = 300
    theory = float(nz.theory.mean_field(tanh, gain, noise, dt=0.1).variance)
    values = []
    for key in range(6):
        weights = nz.weights.gaussian(size, size**-0.5, key=key)
        net = nz.RateNetwork(weights, gain, noise=noise)
        trace = nz.simulate(net, probes=nz.Trace(every=10), duration=60.0, dt=0.1, key=key, warn=False).trace.values
        values.append((trace[:, 20:] ** 2).mean())
    error = np.std(values, ddof=1) / np.sqrt(6)
    assert abs(np.mean(values) - theory) < 5 * error + 0.03 * theory


def test_theory_of_linear_units_has_closed_forms():
    g, white = 0.6, places_of(nz.White(2**0.5))
    assert solve_places(linear, g, white).state_variance == pytest.approx(1 / np.sqrt(1 - g**2), rel=1e-9)
    synaptic = places_of(nz.White(2**0.5) + Placed(nz.White(1.2), "synapses"))
    # v √(1 − g²) = (σ² + g² σ_s² v)/2
    v = 1 / (np.sqrt(1 - g**2) - g**2 * 1.2**2 / 2)
    assert solve_places(linear, g, synaptic).state_variance == pytest.approx(v, rel=1e-8)
    frozen = places_of(nz.White(2**0.5) + Placed(nz.Frozen(0.5), "synapses"))
    assert solve_places(linear, g, frozen).state_variance == pytest.approx(1 / np.sqrt(1 - 1.25 * g**2), rel=1e-9)
    rates = places_of(Placed(nz.White(2**0.5), "rate"))
    assert solve_places(linear, g, rates).state_variance == pytest.approx(g**2 / np.sqrt(1 - g**2), rel=1e-9)
    # inside the activation of linear units noise is the same as on the rates
    inside, same = (Placed(nz.OrnsteinUhlenbeck(0.7, 3.0), place) for place in ("activation", "rate"))
    for dt in (None, 0.1):
        a, b = (solve_places(linear, g, places_of(n), dt=dt).state_variance for n in (inside, same))
        assert a == pytest.approx(b, rel=1e-8)


def test_noise_inside_an_isolated_activation_does_not_change_the_state():
    theory = nz.theory.mean_field(erf, 0.0, nz.White(1.0) + Placed(nz.OrnsteinUhlenbeck(0.7, 3.0), "activation"))
    assert float(theory.variance) == pytest.approx(0.5, rel=1e-9)


def test_the_autocovariance_at_lag_zero_is_the_variance():
    noise = nz.White(0.5) + Placed(nz.OrnsteinUhlenbeck(1.0, 2.0), "activation")
    curve = nz.theory.autocovariance(tanh, 1.5, noise, [0.0, 1.0, 60.0])
    assert float(curve.current[0]) == pytest.approx(float(nz.theory.mean_field(tanh, 1.5, noise).variance), rel=1e-9)
    assert abs(float(curve.current[2])) < 1e-3


@pytest.mark.slow
def test_binary_networks_have_the_exact_chain_of_noisy_rates_and_synapses():
    weights = np.outer([1.2, -0.7, 0.4], [1.0, 0.5, -1.0])  # one shared factor, for which there is exact theory
    rates = nz.Boltzmann(weights, noise=Placed(nz.White(0.8), "rate"))
    synapses = nz.Boltzmann(weights, noise=Placed(nz.White(0.8), "synapses"))
    np.testing.assert_array_equal(synapses.noise.strength, 0.8 * np.sqrt((weights**2).sum(1)))
    draws = np.random.default_rng(0).standard_normal((200_000, 3)) * 0.8
    state = nz.codes.decode(5, 3)
    p = 1 / (1 + np.exp(-(weights @ (state + draws)[..., None])[..., 0]))
    exact = np.asarray(nz.theory.markov.transition_matrix(rates))[5]
    on = np.array([nz.codes.decode(code, 3) > 0 for code in range(8)])
    sampled = np.array([np.where(row, p, 1 - p).prod(1).mean() for row in on])
    np.testing.assert_allclose(exact, sampled, atol=6 * 0.5 / np.sqrt(200_000))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: network(Placed(nz.White(1.0), "activation")), "no values|has values"),
        (lambda: network(Placed(nz.White(1.0), "rate") + Placed(nz.White(1.0), "synapses")), "product"),
        (lambda: nz.RateNetwork(W, noise=Placed(nz.Frozen(1.0), "readout")), "without readout"),
        (lambda: Placed(Placed(nz.White(1.0), "rate"), "synapses"), "not placed already"),
        (lambda: nz.Boltzmann(W, noise=Placed(nz.White(1.0), "inputs")), "inputs"),
        (lambda: nz.Boltzmann(W, noise=Placed(nz.Frozen(1.0), "synapses")), "perturb the weights"),
        (lambda: nz.theory.mean_field(tanh, 1.0, Placed(nz.White(1.0), "inputs")), "inputs"),
        (
            lambda: nz.theory.mean_field(tanh, 1.0, Placed(nz.OrnsteinUhlenbeck(1.0, 1.0), "synapses")),
            "Frozen or White",
        ),
        (lambda: nz.theory.correlations(tanh, 1.0, Placed(nz.White(1.0), "rate")), "place 'rate'"),
        (lambda: from_string("at:rats,white:1"), "did you mean rate"),
        (lambda: nz.simulate(nz.Onsager(network(Placed(nz.White(1.0), "rate"))), 2, dt=0.1, key=0), "place 'rate'"),
        (lambda: nz.simulate(network(Placed(nz.White(1.0), "rate")), 2, dt=0.1, key=0, solver="heun"), "use euler"),
    ],
)
def test_other_places_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.slow
def test_words_and_configurations():
    noise = from_string("white:0.1+at:activation,ou:0.5,2+at:synapses,frozen:0.2")
    parts = by_place(noise)
    assert list(parts) == ["current", "activation", "synapses"]
    assert parts["activation"].has_values
    assert not parts["current"].has_values
    doubled = by_place(2 * noise)
    assert float(doubled["synapses"].std) == 0.4
    result = nz.simulate(network(noise), 5, dt=0.01, key=0)
    again = nz.rerun(result)
    np.testing.assert_array_equal(result.final, again.final)


def test_an_automatic_step_is_euler():
    result = nz.simulate(network(Placed(nz.OrnsteinUhlenbeck(0.3, 0.5), "activation")), duration=1.0, key=0)
    configuration = json.loads(result.attrs["configuration"])
    assert configuration["dt"] <= 0.1 * 0.5
    assert configuration["solver"] == "euler"
