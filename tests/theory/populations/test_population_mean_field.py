"""Stationary activity of populations: limits, published values, and independent solutions of the equations."""

import numpy as np
import pytest
from scipy.optimize import brentq

import noisette as nz
from noisette import theory
from noisette.activations import linear, relu, tanh
from noisette.ensembles import Blocks, HeavyTails, LowRank, RandomModes, excitatory_inhibitory, gaussian, reciprocal
from noisette.errors import InputError
from noisette.networks import Populations
from noisette.theory import population_mean_field

TWO = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [400, 100])


def gauss(function, mean, variance):
    """Return ⟨f(x)⟩ by Gauss–Hermite quadrature with 200 nodes."""
    z, w = np.polynomial.hermite_e.hermegauss(200)
    return float(w @ function(mean + np.sqrt(variance) * z) / w.sum())


@pytest.mark.parametrize("noise", [None, nz.White(0.3), nz.OrnsteinUhlenbeck(1.0, 3.0), nz.Frozen(0.5)])
@pytest.mark.parametrize("gain", [0.6, 2.0])
def test_one_plain_population_gives_the_numbers_of_mean_field_to_all_digits(gain, noise):
    data, plain = (
        population_mean_field(Populations(gaussian(400), noise=noise), gain),
        theory.mean_field(tanh, gain, noise),
    )
    assert data["mean"].item() == 0
    for name in ("variance", "lyapunov"):
        assert data[name].item() == plain[name].item()
    assert data.rate_square.item() == pytest.approx(plain.rate_variance.item(), rel=1e-9)


@pytest.mark.parametrize(
    ("gain", "noise", "activation"),
    [
        (2.0, None, tanh),
        (1.2, nz.White(0.3), tanh),
        (1.5, nz.OrnsteinUhlenbeck(1.0, 3.0), tanh),
        (1.2, nz.Frozen(1.0), tanh),
        (1.0, nz.White(1.0), relu),
        pytest.param(0.8, nz.PowerLaw(1.0, 1.0, 0.1, 10.0), tanh, marks=pytest.mark.slow),
    ],
)
def test_a_population_divided_into_two_gives_the_numbers_of_one(gain, noise, activation):
    """The general solver, without a potential, against that of one population."""
    halves = Blocks(0.0, [[0.3, 0.7], [0.3, 0.7]], [30, 70])
    data = population_mean_field(Populations(halves, activation, noise=noise), gain, [0.0, 1.0, 5.0])
    plain = theory.mean_field(activation, gain, noise)
    assert np.allclose(data.variance, plain.variance.item(), rtol=1e-8)
    assert data.lyapunov.item() == pytest.approx(plain.lyapunov.item(), abs=1e-8)
    curve = theory.autocovariance(activation, gain, noise, [0.0, 1.0, 5.0])
    if not isinstance(noise, nz.Frozen):
        assert np.allclose(data.current_autocovariance, curve.current.values, atol=1e-7)
        assert np.allclose(data.rate_autocovariance, curve.rate.values, atol=1e-7)


def test_a_population_without_weights_of_low_rank_equals_one_of_rank_zero():
    none = gaussian(200) + LowRank(np.zeros((2, 2)), 200)
    data = population_mean_field(Populations(none), 2.0)
    assert data.variance.item() == pytest.approx(theory.mean_field(tanh, 2.0).variance.item(), rel=1e-9)
    assert data.overlap.item() == pytest.approx(0.0, abs=1e-12)


def test_time_constants_scale_time():
    """With τ = 2 for all units, λ is half of that in a noise whose intensity per τ is equal."""
    slow = population_mean_field(Populations(gaussian(100), tau=2.0, noise=nz.White(0.3 / 2**0.5)), 1.5)
    unit = theory.mean_field(tanh, 1.5, nz.White(0.3))
    assert slow.variance.item() == pytest.approx(unit.variance.item(), rel=1e-8)
    assert slow.lyapunov.item() == pytest.approx(unit.lyapunov.item() / 2, abs=1e-9)


def test_linear_populations_in_white_noise_have_the_variances_of_the_frequency_domain():
    """C_p(ω) = |S_p|² (Σ V_pq C_q(ω) + τ_p² σ²), solved for each frequency."""
    V, tau, sigma = np.array([[0.2, 0.3], [0.4, 0.1]]), np.array([1.0, 0.4]), 0.7
    data = population_mean_field(Populations(Blocks(0.0, V, [10, 10]), linear, tau=tau, noise=nz.White(sigma)), 1.0)
    omega = np.tan(np.linspace(-np.pi / 2, np.pi / 2, 40_002)[1:-1])
    power = 1 / (1 + np.square(omega[:, None] * tau))
    loop = np.eye(2) - power[:, :, None] * V
    spectra = np.linalg.solve(loop, (power * (tau * sigma) ** 2)[:, :, None])[..., 0]
    expected = np.trapezoid(spectra, omega, axis=0) / (2 * np.pi)
    assert np.allclose(data.variance, expected, rtol=1e-4)


def test_means_obey_their_equations_at_a_fixed_point():
    """A direct solution of the four equations by scipy, with another quadrature."""
    from scipy.optimize import root

    g, bias = 0.4, 0.5
    M, V = np.array([[1.0, -2.0], [1.0, -1.5]]), np.array([[1.0, 2.0], [1.5, 2.0]])

    def gap(unknown):
        mean, variance = unknown[:2], np.abs(unknown[2:])
        rate = np.array([gauss(np.tanh, m, v) for m, v in zip(mean, variance, strict=True)])
        square = np.array([gauss(lambda x: np.tanh(x) ** 2, m, v) for m, v in zip(mean, variance, strict=True)])
        return np.concatenate([bias + g * M @ rate - mean, g**2 * V @ square - variance])

    expected = root(gap, [0.3, 0.3, 0.1, 0.1]).x
    data = population_mean_field(Populations(TWO, bias=bias), g)
    assert data.fixed_point.item()
    assert np.allclose(np.concatenate([data["mean"], data.variance]), expected, atol=1e-8)


@pytest.mark.slow
def test_the_bulk_and_the_outlier_are_those_of_a_sampled_jacobian():
    """N = 3000, one network: the edge of the bulk to 5 %, and the outlier to 0.1."""
    ensemble = Blocks([[3.0, -1.0], [3.0, -1.0]], 0.3, [1500, 1500])
    populations = Populations(ensemble)
    data = population_mean_field(populations, 0.3)
    assert data.bulk.item() == pytest.approx(0.3 * np.sqrt(0.6) - 1, abs=1e-6)  # at x = 0
    assert data.outlier.values[0] == pytest.approx(0.3 * 2 - 1, abs=1e-4)
    eigenvalues = np.linalg.eigvals(0.3 * ensemble.draw(key=0)[::2, ::2] * 2**0.5)  # fewer units, equal variances
    assert np.sort(np.abs(eigenvalues))[-2] == pytest.approx(0.3 * np.sqrt(0.6), rel=0.06)


class TestPublishedValues:
    """Values and formulas of six papers; those of Martí et al. (2018) are in `test_other_theory.py`."""

    @pytest.mark.slow
    def test_chaos_begins_at_unit_gain(self):
        """Sompolinsky, Crisanti & Sommers (1988): g_c = 1, and λ ≈ (g − 1)²/2 above."""
        halves = Blocks(0.0, 0.5, [50, 50])
        assert theory.population_critical_gain(Populations(halves)).gain.item() == pytest.approx(1.0, abs=1e-8)
        data = population_mean_field(Populations(halves), 1.05)
        assert data.lyapunov.item() == pytest.approx(0.05**2 / 2, rel=0.2)

    def test_cell_types_become_chaotic_at_the_spectral_radius(self):
        """Aljadeff, Stern & Sharpee (2015): g_c = 1/√ρ(V) for blocks of variances."""
        V = np.array([[0.2, 1.0], [1.0, 2.5]])
        data = theory.population_critical_gain(Populations(Blocks(0.0, V, [200, 200])))
        assert data.gain.item() == pytest.approx(np.linalg.eigvalsh(V).max() ** -0.5, abs=1e-8)
        assert data.instability.item() == "bulk"

    @pytest.mark.slow
    def test_threshold_linear_units_in_balance_become_chaotic_at_root_two(self):
        """Kadmon & Sompolinsky (2015): g_c = √2 for rectified linear units in inhibitory balance.

        With an inhibitory mean M and a drive M r₀, M → ∞, the rate is fixed and x has zero mean at the transition.
        """
        strong = 2000.0
        populations = Populations(Blocks(-strong, 1.0, 500), relu, bias=strong)

        def bulk(gain):
            # the fixed point with v = g² ⟨φ²⟩ and a mean that keeps the rate at 1/g
            def excess(ratio):
                return gain**2 * gauss(lambda x: np.maximum(x, 0) ** 2, ratio, 1.0) - 1

            ratio = brentq(excess, -5, 5)
            return gain**2 * gauss(lambda x: (x > 0).astype(float), ratio, 1.0) - 1

        assert brentq(bulk, 1.2, 1.8) == pytest.approx(2**0.5, abs=0.01)
        data = theory.population_critical_gain(populations, (0.5, 2.0))
        assert data.gain.item() == pytest.approx(2**0.5, abs=2e-3)

    def test_rank_one_breaks_the_symmetry_when_its_overlap_exceeds_one(self):
        """Mastrogiuseppe & Ostojic (2018): without random weights, κ ≠ 0 for g m·n/N > 1."""
        rank_one = Populations(LowRank([[1.0, 2.0], [2.0, 5.0]], 1000))
        below, above = (population_mean_field(rank_one, gain) for gain in (0.45, 0.6))
        assert abs(below.overlap.item()) < 1e-6
        # κ = Cov(n, m) κ ⟨φ'⟩ with v = g² κ²: ⟨φ'⟩ = 1/(g Cov)
        kappa = above.overlap.item()
        slope = gauss(lambda x: 1 - np.tanh(x) ** 2, 0.0, (0.6 * kappa) ** 2)
        assert slope == pytest.approx(1 / (0.6 * 2.0), abs=1e-6)

    def test_random_weights_delay_the_onset_of_structured_activity_only_above_it(self):
        """Mastrogiuseppe & Ostojic (2018): the outlier of g (m nᵀ/N + χ) is g m·n/N, whatever the random weights."""
        both = Populations(gaussian(1000) + LowRank([[1.0, 1.6], [1.6, 5.0]], 1000))
        data = theory.population_critical_gain(both)
        assert data.gain.item() == pytest.approx(1 / 1.6, abs=1e-6)
        assert data.instability.item() == "outlier"

    @pytest.mark.slow
    def test_white_noise_moves_the_onset_of_chaos(self):
        """Schuecker, Goedeke & Helias (2018): λ < 0 above g = 1 in noise, and the onset that `critical_noise` finds."""
        strength = theory.critical_noise(tanh, 1.5)
        data = theory.population_critical_gain(
            Populations(Blocks(0.0, 0.5, [50, 50]), noise=nz.White(float(strength))), (1.2, 1.8)
        )
        assert data.gain.item() == pytest.approx(1.5, abs=1e-4)

    def test_the_mean_of_a_balanced_network_has_the_outlier_of_its_expected_weights(self):
        """Rajan & Abbott (2006): the outlier of sparse excitatory and inhibitory weights is N ⟨J⟩."""
        case = {"mu_e": 1.5, "mu_i": -4.0}
        data = population_mean_field(Populations(excitatory_inhibitory(400, **case)), 0.1)
        expected = 0.1 * 400 * nz.weights.expected_mean(400, **case) - 1
        assert data.outlier.values[0] == pytest.approx(expected, abs=1e-4)
        assert data.bulk.item() == pytest.approx(0.1 * nz.weights.spectral_radius(**case) - 1, abs=1e-6)


def test_of_two_states_the_start_selects_one():
    """Positive feedback g M = 3 of tanh: the states ±μ are equally stable."""
    populations = Populations(Blocks(3.0, 0.2, 100))
    up, down = (population_mean_field(populations, 1.0, start_mean=mean) for mean in (1.0, -1.0))
    assert up["mean"].item() == pytest.approx(-down["mean"].item(), rel=1e-9)
    assert up["mean"].item() > 2


def test_units_of_two_kinds_have_their_own_activation():
    data = population_mean_field(Populations(TWO, [tanh, relu], bias=0.3), 0.3)
    again = population_mean_field(Populations(TWO, [relu, tanh], bias=0.3), 0.3)
    assert data.rate[0] < data["mean"][0]  # ⟨tanh⟩ of a positive mean is below it
    assert again.rate[0] > again["mean"][0]


def test_random_modes_have_the_mean_field_of_independent_weights():
    """Clark et al. (2025): single units depend on the variance of the weights only."""
    modes = RandomModes(np.linspace(0.5, 1.5, 300), 300)
    variance = float(modes.statistics().variance[0, 0])
    data = population_mean_field(Populations(modes, noise=nz.White(0.5)), 1.2)
    plain = theory.mean_field(tanh, 1.2 * variance**0.5, nz.White(0.5))
    assert data.variance.item() == pytest.approx(plain.variance.item(), rel=1e-7)


def test_gains_are_a_dimension_and_attributes_are_complete():
    data = population_mean_field(Populations(TWO, bias=0.5), [0.3, 0.4], [0.0, 1.0])
    assert data.variance.dims == ("gain", "population")
    assert data.current_autocovariance.dims == ("gain", "population", "lag")
    assert data.attrs["method"] == "mean-field"
    assert all("long_name" in data[name].attrs for name in data.data_vars)
    assert data.lyapunov.attrs["units"] == "1/tau"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: population_mean_field(Populations(HeavyTails(1.5, 50))), "heavy tails"),
        (lambda: population_mean_field(Populations(reciprocal(50, 0.5))), "theory.reciprocal_mean_field"),
        (lambda: population_mean_field(Populations(TWO), -1.0), "zero or positive"),
        (lambda: population_mean_field(Populations(TWO), start_mean=[0.0, 1.0, 2.0]), "a number, or 2 numbers"),
        (lambda: population_mean_field(Populations(TWO, noise=nz.Telegraph(1.0, 1.0)), 0.5), "elegraph"),
        (lambda: population_mean_field(Populations(Blocks(0.0, 1.0, 50), linear), 1.5), "without bound|saturates"),
        (lambda: Populations(TWO, [tanh]), "1 activations for 2 populations"),
        (lambda: Populations(TWO, tau=[1.0, 0.0]), "time constants above zero"),
        (lambda: Populations(TWO, bias=[1.0, 2.0, 3.0]), "2 numbers, one per population"),
        (lambda: theory.population_critical_gain(Populations(TWO), (2.0, 1.0)), "a lowest and a highest gain"),
        (lambda: theory.population_critical_gain(Populations(TWO), (0.0, 0.1)), "stable up to gain 0.1"),
    ],
)
def test_wrong_input_is_refused_with_the_reason(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.slow
def test_oscillating_means_are_refused():
    """A delayed negative feedback of two populations of different time constants oscillates."""
    loop = Blocks([[3.0, -6.0], [6.0, 0.0]], 0.01, [50, 50])
    with pytest.raises(InputError, match="oscillate"):
        population_mean_field(Populations(loop), 1.0, start_mean=[0.5, 0.0])
