import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.activations import linear
from noisette.errors import InputError
from noisette.networks import Map
from noisette.networks.integrators import Euler

KEY = jax.random.key(0)
GAIN, DT = 4.0, 0.1


def euler(mu, dt):
    """Return the exponent that Euler's step gives to an eigenvalue of the flow."""
    return np.log(np.abs(1 + dt * mu)) / dt


@pytest.fixture(scope="module")
def random_networks():
    """Return five random tanh networks (N, g) = (100, 4), and one of g = .5."""
    weights = [nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(n)) for n in range(6)]
    return [nz.RateNetwork(J, g) for J, g in zip(weights, [*[GAIN] * 5, 0.5], strict=True)]


@pytest.fixture(scope="module")
def chaos(random_networks):
    """Return one simulation of these networks with many probes; 50 time units are discarded, 250 counted."""
    probes = {
        "one": nz.Lyapunov(discard=50),
        "three": nz.Lyapunov(3, discard=50),
        "each": nz.Lyapunov(3, every=1, discard=50),
        "fifty": nz.Lyapunov(3, every=50, discard=50),
        "apart": nz.TrajectorySeparation(1e-6, discard=50),
    }
    return nz.simulate(random_networks, duration=300, dt=DT, probes=probes, key=KEY).isel(run=0)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_linear_networks_have_the_eigenvalues_that_euler_gives_them(dt):
    """A symmetric matrix, whose modes are real: all exponents, to the e^−(gap · time) of the alignment."""
    J = np.diag([0.9, 0.5, 0.1, -1.5])  # the third decays at rate 0.9
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0]
    network = nz.RateNetwork(turned @ J @ turned.T, activation=linear)
    result = nz.simulate(network, duration=80, dt=dt, probes=nz.Lyapunov(4, discard=40), key=KEY).lyapunov.values[0]
    assert result == pytest.approx(euler(np.diag(J) - 1, dt), abs=1e-5)
    assert result[2] == pytest.approx(-0.9, abs=0.45 * dt)


@pytest.mark.slow
def test_below_g_1_the_exponent_is_g_minus_1(random_networks, chaos):
    """It is the fastest eigenvalue at rest, Euler's ln|1 + dt μ|/dt; a complex pair turns, so to O(1/T) = .01."""
    result, J = float(chaos.one_lyapunov[5, 0]), np.asarray(random_networks[5].weights)
    assert result == pytest.approx(euler(np.linalg.eigvals(0.5 * J - np.eye(100)), DT).max(), abs=0.01)
    assert result == pytest.approx(-0.5, abs=0.06)  # N → ∞; here N^−½ = .1 of the radius .5


def test_the_spectrum_does_not_depend_on_how_often_it_is_orthonormalised(chaos):
    assert chaos.each_lyapunov.values == pytest.approx(chaos.three_lyapunov.values, abs=1e-6)
    assert chaos.fifty_lyapunov.values == pytest.approx(chaos.three_lyapunov.values, abs=1e-6)


def test_one_exponent_is_the_first_of_three(chaos):
    # other initial vectors align in the same way; meanwhile lengths differ by a few factors of e, in 250 time units
    assert chaos.one_lyapunov.values[:, 0] == pytest.approx(chaos.three_lyapunov.values[:, 0], abs=0.015)
    assert (np.diff(chaos.three_lyapunov.values, axis=1) < 0).all()


def test_two_nearby_orbits_separate_at_the_rate_of_the_tangent_vectors(chaos):
    assert chaos.apart_separation.values == pytest.approx(chaos.one_lyapunov.values[:, 0], abs=1e-4)


def test_exponents_of_random_networks_agree_with_an_independent_program(chaos):
    """Engelken's demo gives λ₁ ≈ .163 for one J; λ₁ varies by .05 from one J to the next.

    Our mean of five lies within 4 standard errors of the difference.
    """
    largest = chaos.three_lyapunov.values[:5, 0]
    assert (largest > 0).all()
    assert abs(largest.mean() - 0.163) < 4 * largest.std(ddof=1) * np.sqrt(1 + 1 / 5)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_the_sum_of_all_exponents_is_the_mean_divergence(random_networks, dt):
    """Σ λ = ⟨ln|det(1 + dt D)|⟩/dt over the visited states.

    Without self-couplings tr D = −N, and the next term, dt tr((gJ diag φ')²)/2, has mean 0 and for these networks a
    size of .2: Σ λ/N = ln(1 − dt)/dt to .005. Engelken's demo: −105.2 at dt = .1.
    """
    network = random_networks[0]
    probes = [nz.Lyapunov(100), nz.Trace()]
    result = nz.simulate(network, steps=200, dt=dt, probes=probes, key=KEY)
    total = float(result.lyapunov.values[0].sum())
    J = GAIN * np.asarray(network.weights)
    steps = np.eye(100) * (1 - dt) + dt * J * (1 - np.tanh(result.trace.values[0]) ** 2)[:, None, :]
    assert total == pytest.approx(np.linalg.slogdet(steps)[1].mean() / dt, rel=1e-9)
    assert total / 100 == pytest.approx(np.log(1 - dt) / dt, abs=0.005)
    if dt == 0.1:
        assert total == pytest.approx(-105.2, abs=0.5)


class Quickening(nz.networks.ContinuousNetwork):
    """A decay that changes its rate at t = 5."""

    rate: nz.Switch
    noise: nz.noise.Noise | None = None

    @property
    def size(self):
        return 2

    def drift(self, units, time=0.0, inputs=None):
        return -self.rate(time) * units


@pytest.mark.slow
def test_what_is_discarded_is_not_counted():
    network = Quickening(nz.Switch([5.0], [1.0, 3.0]))
    late, early = euler(-3.0, 0.01), euler(-1.0, 0.01)
    probes = {
        "all": nz.Lyapunov(),
        "late": nz.Lyapunov(2, every=25, discard=5.0),
        "cut": nz.Lyapunov(every=30, discard=5.0),  # blocks that begin before 5 are left out whole
        "apart": nz.TrajectorySeparation(discard=5.0),
        "none": nz.Lyapunov(discard=10.0),
    }
    result = nz.simulate(network, duration=10, dt=0.01, probes=probes, key=KEY).isel(run=0)
    assert float(result.all_lyapunov[0]) == pytest.approx((early + late) / 2, rel=1e-9)
    assert result.late_lyapunov.values == pytest.approx([late, late], rel=1e-9)
    assert float(result.cut_lyapunov[0]) == pytest.approx(late, rel=1e-9)
    assert float(result.apart_separation) == pytest.approx(late, rel=1e-6)
    assert np.isnan(result.none_lyapunov.values).all()


@pytest.mark.slow
def test_additive_noise_does_not_change_the_exponents_of_a_linear_flow():
    network = nz.RateNetwork([[0.0]], noise=nz.White(1.0))
    probes = [nz.Lyapunov(), nz.TrajectorySeparation(1e-3)]
    result = nz.simulate(network, duration=10, dt=0.1, probes=probes, key=KEY)
    assert float(result.lyapunov[0, 0]) == pytest.approx(euler(-1.0, 0.1), rel=1e-9)
    assert float(result.separation[0]) == pytest.approx(euler(-1.0, 0.1), rel=1e-6)


def test_orbits_that_meet_have_an_exponent_of_minus_infinity():
    constant = Map(lambda x: 0.3 + 0.0 * x, 1)
    result = nz.simulate(constant, 100, nz.TrajectorySeparation(), key=KEY, start=0.1)
    assert result.separation.values == -np.inf
    late = nz.simulate(
        Map(lambda x: jnp.where(x > 100, 0.0, x + 1), 1), 50, nz.TrajectorySeparation(discard=5), key=KEY, start=0
    )
    assert late.separation.values == pytest.approx(0, abs=1e-9)
    hidden = nz.simulate(Map(lambda x: 1 + 1e-10 * x, 1), 100, nz.TrajectorySeparation(), key=KEY, start=0.1)
    assert np.isnan(hidden.separation.values)


RATE = nz.RateNetwork(np.eye(3))


@pytest.mark.parametrize(
    ("network", "arguments", "message"),
    [
        (RATE, lambda: {"probes": nz.Lyapunov(4)}, "4 exponents; between 1 and the number of units, 3"),
        (RATE, lambda: {"probes": nz.Lyapunov(0)}, "exponents 0; an integer of at least 1"),
        (RATE, lambda: {"probes": nz.Lyapunov(every=0)}, "every 0; an integer of at least 1"),
        (RATE, lambda: {"probes": nz.Lyapunov(every="often")}, "every 'often'; an integer or auto"),
        (RATE, lambda: {"probes": nz.Lyapunov(discard=-1.0)}, "discard -1; a time of zero or more"),
        (RATE, lambda: {"probes": nz.TrajectorySeparation(0.0)}, "delta 0; a distance above zero"),
        (RATE, lambda: {"probes": nz.TrajectorySeparation(np.inf)}, "delta inf"),
        (RATE, lambda: {"probes": nz.Lyapunov(), "solver": "adaptive"}, "chooses its own steps; .*use euler or heun"),
        (
            RATE,
            lambda: {"probes": nz.TrajectorySeparation(), "solver": "stiff"},
            "chooses its own steps; .*use euler or heun",
        ),
        (nz.Boltzmann(np.eye(3)), lambda: {"probes": nz.Lyapunov()}, "of a Boltzmann; continuous states"),
        (nz.SignNetwork(np.eye(3)), lambda: {"probes": nz.Lyapunov()}, "of a SignNetwork; continuous states"),
    ],
)
def test_invalid_input_is_refused(network, arguments, message):
    time = {"duration": 1.0, "dt": 0.1} if network is RATE else {"steps": 10}
    with pytest.raises(InputError, match=message):
        nz.simulate(network, **time, key=KEY, **arguments())


@pytest.mark.slow
def test_a_discarded_time_of_whole_steps_is_that_number_of_steps():
    """n · dt is rarely a multiple of dt in binary numbers; a part of a step counts as a whole one."""
    for dt in (0.1, 0.05, 0.3, 0.007):
        network = Euler(nz.RateNetwork([[0.0]]), jnp.asarray(dt))
        skipped = [nz.Lyapunov(discard=n * dt).bind([network]).skipped for n in range(1000)]
        assert skipped == list(range(1000))
        assert nz.Lyapunov(discard=7.01 * dt).bind([network]).skipped == 8
