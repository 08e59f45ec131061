"""Fixed points in frozen noise: linear networks exactly, others against the flow and against SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import root

import noisette as nz
from noisette.errors import InputError, UnsolvedWarning
from noisette.simulation._fixed_points import _step

KEY = jax.random.key(0)
N = 60
W = nz.weights.gaussian(N, N**-0.5, key=jax.random.key(1))
XI = np.random.default_rng(0).standard_normal((40, N))


@pytest.mark.slow
def test_states_of_a_linear_network_are_linear_in_the_noise():
    """x = (1 − gW)⁻¹ (τ ξ + b): the noise is on x, not divided by τ; a sum of frozen noises is frozen too."""
    tau = np.linspace(0.5, 3.0, N)
    network = nz.RateNetwork(W, 0.7, tau=tau, bias=np.full(N, 0.3), activation=nz.activations.linear)
    result = nz.find_fixed_points(network, inputs=XI)
    expected = np.linalg.solve(np.eye(N) - 0.7 * W, (tau * XI + 0.3).T).T
    assert result.state.values == pytest.approx(expected, abs=1e-8)
    assert result.converged.values.all()
    assert result.attrs["failed"] == 0
    noise = nz.Frozen(3.0) + (nz.Frozen(4.0) + nz.Frozen(0.0))
    alone = nz.RateNetwork(np.zeros((N, N)), tau=tau, bias=np.zeros(N), activation=nz.activations.linear, noise=noise)
    x = nz.find_fixed_points(alone, 40, key=KEY).state.values / tau
    assert x.std() == pytest.approx(5.0, rel=4 / 4800**0.5)  # of 2400 values


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "bias"),
    [
        (nz.activations.tanh, 1.2, 0.0),
        (nz.activations.Threshold(0.5), 1.0, 0.5),
        (lambda x: x / (1 + jnp.abs(x)), 1.5, np.linspace(-1, 1, N)),
    ],
)
def test_states_are_where_the_flow_ends(activation, gain, bias):
    """The same states as a long simulation in small steps."""
    network = nz.RateNetwork(W, gain, bias=bias, activation=activation)
    result = nz.find_fixed_points(network, inputs=XI)
    assert result.attrs["failed"] == 0
    assert float(result.residual.max()) < 1e-10
    x = np.zeros_like(XI)
    phi = jax.jit(activation)
    for _ in range(3000):
        x = x + 0.2 * (-x + gain * np.asarray(phi(x)) @ W.T + bias + XI)
    assert result.state.values == pytest.approx(x, abs=1e-7)


@pytest.mark.slow
def test_all_draws_are_solved_even_if_unit_steps_fail():
    """Tanh, g = 1.5: x ← Wφ(x) + ξ in unit steps does not converge in some draws; all are solved here."""
    failing = 0
    for seed in range(5):
        J = nz.weights.gaussian(N, N**-0.5, key=jax.random.key(seed))
        result = nz.find_fixed_points(nz.RateNetwork(J, 1.5), inputs=XI)
        assert result.attrs["failed"] == 0
        before = x = XI
        for _ in range(1000):
            before, x = x, 1.5 * np.tanh(x) @ J.T + XI
        failing += int((np.abs(x - before).max(1) > 1e-6).sum())
        state = result.state.values[7]
        assert root(lambda x, J=J: x - 1.5 * J @ np.tanh(x) - XI[7], state).x == pytest.approx(state, abs=1e-7)
    assert failing > 5  # of 200 draws


@pytest.mark.slow
def test_many_draws_near_the_stability_limit():
    """Tanh, g = 1.8: hard draws are solved in small batches without effect on others; reproducible bit for bit."""
    network = nz.RateNetwork(W, 1.8, noise=nz.Frozen(1.0))
    many = nz.find_fixed_points(network, 150, key=KEY, warn=False)
    solved = many.converged.values
    assert solved.mean() > 0.9
    x = many.state.values
    noise = x - 1.8 * np.tanh(x) @ W.T
    assert noise[solved].std() == pytest.approx(1.0, rel=4 / 18_000**0.5)
    assert nz.find_fixed_points(network, 150, key=KEY, warn=False).identical(many)
    few = nz.find_fixed_points(network, 40, key=KEY, warn=False)  # the first draws do not depend on the number of draws
    both = solved[:40] & few.converged.values
    assert np.abs(few.state.values - x[:40])[both].max() < 1e-6


@pytest.mark.slow
def test_any_flow_settles():
    """Gradient flow of the kinetic energy, and a user-defined flow with state-dependent noise."""
    frozen = nz.Onsager(nz.RateNetwork(W[:9, :9], 0.8))
    result = nz.find_fixed_points(frozen, inputs=0.05 * XI[:, :9])
    assert result.attrs["failed"] == 0
    slopes = np.array([frozen.drift(jnp.asarray(x)) for x in result.state.values])
    assert slopes == pytest.approx(-0.05 * XI[:, :9], abs=1e-9)
    flow = nz.networks.Flow(lambda x: -2 * x, 9, scale=lambda x: 1 + x)
    x = nz.find_fixed_points(flow, inputs=0.1 * XI[:, :9]).state.values  # 2 x = ξ (1 + x)
    assert x == pytest.approx(0.1 * XI[:, :9] / (2 - 0.1 * XI[:, :9]), abs=1e-9)


@pytest.mark.slow
def test_each_of_two_attractors_is_reached_from_its_basin():
    network = nz.RateNetwork(3 * np.eye(N))
    inputs = np.zeros((40, N))
    up, down = (nz.find_fixed_points(network, inputs=inputs, start=start).state.values for start in (0.1, -0.1))
    assert up == pytest.approx(-down)
    assert up == pytest.approx(2.98, abs=0.01)
    assert nz.find_fixed_points(network, inputs=inputs, start=[0.1] * N).state.values == pytest.approx(up)


@pytest.mark.slow
def test_runaway_draws_are_counted_and_do_not_affect_others():
    """x' = −x + x³ + ξ runs away for ξ above 2/√27; the other draws are solved."""
    network = nz.RateNetwork([[1.0]], activation=nz.activations.Power(3.0))
    xi = np.linspace(-0.6, 0.6, 61)[:, None]
    with pytest.warns(UnsolvedWarning, match="of 61 draws"):
        result = nz.find_fixed_points(network, inputs=xi)
    stays = np.abs(xi[:, 0]) < 2 / 27**0.5
    assert (result.converged.values == stays).all()
    assert result.attrs["failed"] == (~stays).sum() > 5
    x = result.state.values[stays, 0]
    assert -x + x**3 + xi[stays, 0] == pytest.approx(0, abs=1e-9)
    assert np.abs(x).max() < 3**-0.5  # the stable branch


@pytest.mark.slow
def test_chaos_is_not_a_solution():
    """Far above the critical gain no state is close to a fixed point: none is found, and all draws are reported."""
    network = nz.RateNetwork(W, 6.0, noise=nz.Frozen(0.5))
    result = nz.find_fixed_points(network, 40, key=KEY, warn=False)
    unsolved = ~result.converged.values
    assert unsolved.sum() == result.attrs["failed"] > 0
    assert (result.residual.values[unsolved] > 1e-4).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda n: nz.find_fixed_points(n.with_noise(nz.White(1.0)), 3, key=KEY),
            "White noise; fixed points exist in Frozen",
        ),
        (lambda n: nz.find_fixed_points(n.with_noise(nz.Frozen() + nz.White(1.0)), 3, key=KEY), "Sum noise"),
        (lambda n: nz.find_fixed_points(n.with_noise(None), 3, key=KEY), "no noise"),
        (lambda n: nz.find_fixed_points(n, 0, key=KEY), "draws 0"),
        (lambda n: nz.find_fixed_points(n, 3), "no key"),
        (lambda n: nz.find_fixed_points(n), "neither draws nor inputs"),
        (lambda n: nz.find_fixed_points(n, 3, key=KEY, inputs=XI), "draws and inputs"),
        (lambda n: nz.find_fixed_points(n, inputs=XI), "with_noise"),
        (lambda n: nz.find_fixed_points(n.with_noise(None), inputs=XI[:, 1:]), "inputs of shape"),
        (lambda n: nz.find_fixed_points(n, 3, key=KEY, start=[1.0, 2.0]), "start of shape"),
        (lambda n: nz.find_fixed_points(n, 3, key=KEY, tolerance=0.0), "tolerance"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call(nz.RateNetwork(W, noise=nz.Frozen(1.0)))


def test_a_mode_that_neither_grows_nor_decays_bounds_no_step():
    neutral, decaying = (nz.RateNetwork(np.diag([w, -20.0]), activation=nz.activations.linear) for w in (1.0, 0.0))
    assert _step(neutral, np.zeros(2)) == _step(decaying, np.zeros(2)) == pytest.approx(1 / 21)
