"""The step of "auto", and warnings about steps that are too long."""

import json
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

import noisette as nz
from noisette.activations import linear
from noisette.networks import Flow
from noisette.networks.step_size import Spectrum
from noisette.simulation import stable_step
from noisette.simulation._step_size import Conditions, _growth_bound, choose_step, scatter

KEY = jax.random.key(0)


def rate(weights, **more):
    return nz.RateNetwork(weights, activation=linear, noise=nz.White(1.0), **more)


def random(gain, size=40):
    return gain * np.asarray(nz.weights.gaussian(size, size**-0.5, key=jax.random.key(3)))


LINEAR = {
    "leak": rate([[0.0]]),
    "real": rate(np.diag([0.9, -4.0])),
    "oscillating": rate([[0.0, 5.0], [-5.0, 0.0]]),
    "fast oscillating": rate([[0.0, 50.0], [-50.0, 0.0]]),
    "weakly damped": rate([[0.98, 3.0], [-3.0, 0.98]]),
    "stiff": rate([[0.0, 0.5], [-0.5, 0.0]], tau=[1.0, 0.02]),
    "feed-forward": rate(np.diag(3.0 * np.ones(9), -1)),
    "excitatory-inhibitory": rate([[1.5, -6.0], [2.0, -1.0]]),
    "random": rate(random(0.7)),
}


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["euler", "heun", None])
@pytest.mark.parametrize("name", LINEAR)
def test_auto_keeps_the_variance_of_every_unit_within_two_per_cent(name, solver):
    """Exact covariances in steps and in continuous time, solved by SciPy without simulation."""
    network = LINEAR[name]
    size = network.size
    dt, taken = choose_step([network], Conditions(np.zeros((1, size))), solver)
    A = np.asarray(jax.jacfwd(network.drift)(jnp.zeros(size)))
    moved, identity = dt * A, np.eye(size)
    step, kept = (
        (identity + moved, identity)
        if taken == "euler"
        else (identity + moved + moved @ moved / 2, identity + moved / 2)
    )
    exact = np.diag(solve_continuous_lyapunov(A, -identity))
    stepped = np.diag(solve_discrete_lyapunov(step, dt * kept @ kept.T))
    assert np.abs(stepped / exact - 1).max() < 0.02
    assert dt <= 0.05 * network.min_tau
    if solver is None and "oscillating" in name:  # Euler would need a step of 0.04 |Re μ|/|μ|²
        assert taken == "heun"


def test_noise_with_memory_needs_a_step_shorter_than_its_memory():
    fast = nz.RateNetwork([[0.0]], activation=linear, noise=nz.OrnsteinUhlenbeck(1.0, tau=0.02))
    assert stable_step([fast], np.zeros((1, 1))) == 0.005
    frozen = nz.RateNetwork([[0.0]], activation=linear, noise=nz.Frozen(1.0))
    assert stable_step([frozen], np.zeros((1, 1))) == 0.05  # no temporal variance that a step could bias


def test_multiplicative_noise_needs_a_shorter_step():
    """Variance of dx = −x dt + √(1 + 1.8 x²) dW: 1/0.2; in steps 1/(0.2 − dt)."""
    network = Flow(lambda x: -x, 1, nz.White(1.0), lambda x: jnp.sqrt(1 + 1.8 * x**2))
    dt, solver = choose_step([network], Conditions(np.zeros((1, 1))), None)
    assert solver == "euler"  # Heun's step would give the Stratonovich solution
    assert 0.2 / (0.2 - dt) - 1 <= 0.02


@pytest.mark.slow
def test_a_noisy_oscillator_has_its_variance_and_a_long_step_warns():
    """N4: variance ½. Error of 20 runs of 300: .5 × √(2/(20·300)) = .009; 4 errors in addition to the bias of 1 %."""
    network = LINEAR["oscillating"]
    options = {"duration": 300, "probes": nz.Covariance(), "runs": 20, "key": KEY}
    auto = nz.simulate(network, **options)
    variance = np.diagonal(auto.covariance.mean("run").values)
    assert variance == pytest.approx([0.5, 0.5], abs=0.04)
    assert abs(float(auto.variance_bias)) < 0.02
    assert json.loads(auto.attrs["configuration"])["solver"] == "heun"
    with pytest.warns(nz.StepSizeWarning, match=r"186 %.*the mode μ = -1±5i; use dt=0.001"):
        long = nz.simulate(network, duration=5, dt=0.05, key=KEY)
    assert float(long.variance_bias) == pytest.approx(0.65 / 0.35)
    assert float(long.stability) == pytest.approx(0.05 * 26)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nz.simulate(LINEAR["leak"], duration=5, dt=0.05, key=KEY)  # 2.6 %
        nz.simulate(network.with_noise(None), duration=5, dt=0.05, key=KEY)


@pytest.mark.parametrize("damping", [0.5, 2.0])
def test_stability_is_that_of_the_worst_mode(damping):
    network = Flow(lambda x: jnp.array([[-damping, 4.0], [-4.0, -damping]]) @ x, 2)
    rate = (damping**2 + 16) / damping
    result = nz.simulate(network, 10, dt=1.5 / rate, key=KEY)
    assert float(result.stability) == pytest.approx(1.5)
    assert result.stability.attrs["modes"] == "eigenvalues"
    with pytest.warns(
        nz.StepSizeWarning, match=rf"the mode μ = -{damping:g}±4i of network 0 decays, but grows in the simulation"
    ):
        result = nz.simulate(network, 10, dt=2.5 / rate, key=KEY)
    assert float(result.stability) == pytest.approx(2.5)


@pytest.mark.slow
def test_stability_includes_the_input():
    """N6: at the fixed point of the driven network the input saturates the units, and the modes are slow."""
    W = random(1.0, 60)
    driven = nz.Onsager(nz.RateNetwork(W, 8.0), stimulus="inside")
    signal = 30.0 * np.ones(1500)
    result = nz.simulate(driven, 1500, dt=0.01, inputs=signal, key=KEY)
    hessian = np.asarray(jax.jacfwd(lambda x: driven.drift(x, 0.0, jnp.asarray([30.0])))(jnp.asarray(result.final[0])))
    assert float(result.stability) == pytest.approx(-0.01 * np.linalg.eigvalsh((hessian + hessian.T) / 2)[0], rel=1e-6)
    assert float(result.stability) < 2
    without = np.asarray(jax.jacfwd(driven.drift)(jnp.asarray(result.final[0])))
    assert abs(-0.01 * np.linalg.eigvalsh((without + without.T) / 2)[0] / float(result.stability) - 1) > 0.2


@pytest.mark.slow
def test_auto_considers_every_network_every_gamma_and_every_start():
    W = random(1.0, 30)
    plain = nz.RateNetwork(W, 8.0)
    frozen = nz.Onsager(plain)
    rest = np.zeros((1, 30))
    alone = choose_step([frozen], Conditions(rest))[0]
    switched = nz.Onsager(plain, nz.Switch([3.0, 4.0], [0.0, 1.0, 0.0]))
    assert choose_step([switched], Conditions(rest, duration=10.0))[0] == alone
    assert choose_step([switched], Conditions(rest, duration=2.0))[0] > alone  # the simulation ends before the switch
    assert choose_step([nz.Onsager(plain, 0.0), frozen], Conditions(rest))[0] == alone
    stiff_away = Flow(lambda x: -x - 100 * x**3, 1)  # rate 1 at rest, 301 at x = 1
    assert stable_step([stiff_away], np.zeros((1, 1))) == 0.05
    for starts in ([[1.0], [0.0]], [[0.0], [1.0]]):
        assert stable_step([stiff_away], np.array(starts)) <= 1 / 301


@pytest.mark.slow
def test_a_spurious_cycle_around_a_stable_state_of_rest_is_detected():
    """N5: at rest all modes decay at rate 1 for any gain; Euler sustains a cycle, Heun does not."""
    W = random(1.0, 40)
    network = nz.RateNetwork((W - W.T) / 2**0.5, 4.0)
    with pytest.warns(nz.StepSizeWarning, match=r"μ = -1±.*decays, but grows in the simulation"):
        long = nz.simulate(network, duration=60, dt=0.05, probes=nz.Speed(), key=KEY)
    assert float(long.kinetic_energy[0]) > 1
    short = nz.simulate(network, duration=60, probes=nz.Speed(), key=KEY)
    assert float(short.kinetic_energy[0]) < 1e-20
    assert float(short.stability) < 2


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.5, 1.5, 2.0, 4.0, 8.0])
def test_chaos_raises_no_alarm(gain):
    """Instantaneous modes cross the imaginary axis continually; 8 networks, several states of each."""
    networks = [nz.RateNetwork(nz.weights.ensemble("gaussian:80")(n), gain) for n in range(8)]
    for steps in (300, 600):
        result = nz.simulate(networks, steps, dt=0.05, key=KEY, warn=False)
        assert (result.stability < 2).all()
        noisy = nz.simulate([n.with_noise(nz.White(0.5)) for n in networks], steps, dt=0.05, key=KEY, warn=False)
        assert (noisy.stability < 2).all()
        assert "warning" not in noisy.attrs


@pytest.mark.parametrize("unit", [0.01, 1.0, 100.0])
def test_the_step_of_unstable_spirals_scales_with_the_unit_of_time(unit):
    """Euler's step makes μ = a + iω grow faster by ω² dt/2 (to first order), by a at the bound 2a/ω²."""
    rates = np.array([0.1 + 0.5j, 0.1 - 0.5j, -3.0]) / unit
    assert _growth_bound(Spectrum(rates, 0.0, rates.real), "euler") == pytest.approx(0.8 * unit, rel=1e-12)
    assert _growth_bound(Spectrum(rates, 0.0, rates.real), "heun") == np.inf


def test_noise_that_depends_on_the_state_feeds_back_with_its_variance():
    """β² = σ² (b²)''/2: 1.8 σ² for b = √(1 + 1.8 x²), so that σ = 1/2 with 1.8 is equivalent to σ = 1 with .45."""
    for std, bend in ((0.5, 1.8), (1.0, 0.45), (3.0, 0.05)):
        network = Flow(lambda x: -x, 1, nz.White(std), lambda x, bend=bend: jnp.sqrt(1 + bend * x**2))
        assert scatter(network, np.zeros(1)) == pytest.approx(0.45, rel=1e-12)
