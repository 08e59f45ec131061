"""Driven populations, critical gains, reciprocal weights, and covariances of populations."""

import numpy as np
import pytest

import noisette as nz
from noisette import theory
from noisette.activations import linear, relu, tanh
from noisette.ensembles import Blocks, RandomModes, gaussian
from noisette.errors import InputError
from noisette.networks import Populations

SEMICIRCLE = np.linspace(-2, 2, 200_001)


class TestDriven:
    def test_late_times_are_the_stationary_state_of_euler_steps(self):
        populations = Populations(gaussian(100), noise=nz.White(0.6))
        data = theory.driven_populations(populations, gain=1.2, duration=40, dt=0.1)
        stationary = theory.mean_field(tanh, 1.2, nz.White(0.6), dt=0.1)
        assert data.variance[-1, 0].item() == pytest.approx(stationary.variance.item(), rel=1e-5)
        lags = theory.autocovariance(tanh, 1.2, nz.White(0.6), [0.0, 1.0, 3.0], dt=0.1).current.values
        assert np.allclose(data.covariance[0, -1, [-1, -11, -31]], lags, rtol=1e-4)

    def test_growth_is_the_exponent(self):
        data = theory.driven_populations(Populations(gaussian(100)), gain=3.0, duration=60, dt=0.05)
        late = data.growth.sel(time=slice(30, None))
        rate = (late[-1] - late[0]).item() / 30
        assert rate == pytest.approx(theory.mean_field(tanh, 3.0).lyapunov.item(), abs=0.01)

    def test_linear_units_follow_their_input_and_their_variance_decays(self):
        """ẋ = −x + I: the mean is filtered, and a network without weights forgets its variance as e^(−2t)."""
        data = theory.driven_populations(
            Populations(Blocks(0.0, 0.0, [5, 5]), linear), lambda t: [np.sin(t), 1.0], 1.0, duration=8, dt=0.01
        )
        t = data.time.values
        assert np.abs(data["mean"][:, 0] - (np.exp(-t) + np.sin(t) - np.cos(t)) / 2).max() < 1e-2
        assert np.abs(data["mean"][:, 1] - (1 - np.exp(-t))).max() < 1e-2
        assert np.abs(data.variance[:, 0] - np.exp(-2 * t)).max() < 1e-2

    @pytest.mark.slow
    def test_populations_follow_simulated_means(self):
        """Two populations of 2000 units, one network: the means to 0.05, which is four times 1/√N of x."""
        ensemble = Blocks([[1.0, -2.0], [1.5, -1.0]], 0.5, [2000, 2000])
        populations = Populations(ensemble, tau=[1.0, 0.5])
        drive = lambda t: np.array([1.0, 0.3]) * np.sin(0.7 * t)  # noqa: E731
        data = theory.driven_populations(populations, drive, 1.0, duration=10, dt=0.05)
        W = ensemble.draw(key=0)
        x = np.random.default_rng(0).standard_normal(4000)
        tau, member = np.repeat([1.0, 0.5], 2000), ensemble.populations
        for n in range(200):
            assert abs(np.array([x[:2000].mean(), x[2000:].mean()]) - data["mean"][n].values).max() < 0.1
            x = x + 0.05 / tau * (-x + W @ np.tanh(x) + drive(0.05 * n)[member])

    def test_white_noise_has_its_variance_at_any_time_constant(self):
        """Uncoupled units in Euler steps: σ² τ/2 divided by 1 − dt/(2τ)."""
        tau = np.array([1.0, 0.5])
        populations = Populations(Blocks(0.0, 0.0, [5, 5]), tau=tau, noise=nz.White(0.6))
        data = theory.driven_populations(populations, duration=15, dt=0.1)
        assert np.allclose(data.variance[-1], 0.6**2 * tau / 2 / (1 - 0.05 / tau), rtol=1e-9)

    def test_a_common_sine_ends_chaos(self):
        """Rajan, Abbott & Sompolinsky (2010) for phases that are random; here for a common input."""
        populations = Populations(gaussian(100))
        rates = []
        for amplitude in (0.0, 3.0):
            sine = lambda t, a=amplitude: a * np.sin(t)  # noqa: E731
            growth = theory.driven_populations(populations, sine, 1.5, duration=60, dt=0.1).growth
            rates.append((growth[-1] - growth[300]).item())
        assert rates[0] > 0 > rates[1]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"duration": 1e4}, "at most 6000 steps|at most 6000"),
            ({"dt": 2.0}, "up to the time constant"),
            ({"inputs": lambda t: [1.0, 2.0, 3.0]}, "a number, or 2 numbers"),
            ({"start": ([0.0] * 3, 1.0)}, "a number, or 2 numbers"),
        ],
    )
    def test_wrong_input_is_refused(self, change, message):
        settings = {"duration": 5.0, "dt": 0.1, **change}
        with pytest.raises(InputError, match=message):
            theory.driven_populations(Populations(Blocks(0.0, 1.0, [5, 5])), **settings)


def mutual(kappa, activation=tanh, noise=None):
    """Return one population with the correlation κ of the two directions."""
    return Populations(nz.ensembles.reciprocal(1000, kappa), activation, noise=noise)


class TestReciprocal:
    """The limits κ = 0 and ±1; errors are those of the sampling, and 2 % for the step."""

    @staticmethod
    def solution(*described, gain, samples=800, key=0, **options):
        data = theory.reciprocal_mean_field(mutual(*described), gain, samples=samples, key=key, **options)
        return data.isel(population=0)

    @pytest.mark.slow
    @pytest.mark.parametrize(("gain", "noise"), [(1.2, nz.White(0.5)), (2.0, None)])
    def test_independent_weights_give_mean_field(self, gain, noise):
        data = self.solution(0.0, tanh, noise, gain=gain, exponent=True)
        expected = theory.mean_field(tanh, gain, noise)
        v = expected.variance.item()
        assert data.variance.item() == pytest.approx(v, abs=4 * data.variance_se.item() + 0.02 * v)
        assert data.lyapunov.item() == pytest.approx(expected.lyapunov.item(), abs=4.5 * data.lyapunov_se.item())

    @pytest.mark.slow
    def test_antisymmetric_linear_weights_leave_the_variance(self):
        data = self.solution(-1.0, linear, nz.White(1.0), gain=0.6, key=1)
        assert data.variance.item() == pytest.approx(0.5, abs=4 * data.variance_se.item() + 0.01)

    @pytest.mark.slow
    def test_symmetric_linear_weights_give_the_semicircle(self):
        """C = ½ ∫ ρ(λ)/(1 − gλ) dλ with Wigner's semicircle ρ."""
        density = np.sqrt(np.maximum(4 - SEMICIRCLE**2, 0)) / (2 * np.pi)
        expected = np.trapezoid(density / (1 - 0.4 * SEMICIRCLE), SEMICIRCLE) / 2
        data = self.solution(1.0, linear, nz.White(1.0), gain=0.4, key=2)
        assert data.variance.item() == pytest.approx(expected, abs=4 * data.variance_se.item() + 0.02 * expected)

    def test_the_response_of_linear_units_obeys_its_quadratic_equation(self):
        """Ŝ (1 + iω − κ g² Ŝ) = 1 at ω = 0."""
        data = self.solution(1.0, linear, nz.White(1.0), gain=0.4, samples=400, key=3)
        total = np.trapezoid(data.response, data.delay)
        assert total * (1 - 0.4**2 * total) == pytest.approx(1.0, abs=0.01)

    @pytest.mark.slow
    @pytest.mark.parametrize("kappa", [-0.5, 0.5])
    def test_the_exponent_of_linear_units_is_the_edge_of_the_ellipse(self, kappa):
        """λ = g (1 + κ) − 1; the step of 0.1 shifts it by .005."""
        data = self.solution(kappa, linear, nz.White(1.0), gain=0.5, samples=400, exponent=True)
        assert data.lyapunov.item() == pytest.approx(0.5 * (1 + kappa) - 1, abs=0.006)

    @pytest.mark.slow
    @pytest.mark.parametrize("kappa", [-0.5, 0.5])
    def test_reciprocity_agrees_with_simulated_networks(self, kappa):
        """Four networks of 400 units; the error of the mean over networks and of the sampling, 4.5 of both."""
        options = {"networks": 4, "duration": 100.0, "discard": 20.0, "key": 4}
        small = Populations(nz.ensembles.reciprocal(400, kappa), noise=nz.White(0.7))
        data = nz.analysis.population_activity(small, 0.9, simulate=True, **options).isel(population=0)
        for name, share in (("variance", 0.02), ("lyapunov", 0.0)):
            gap = abs(float(data[name] - data[f"simulated_{name}"]))
            error = np.hypot(float(data[f"{name}_se"]), float(data[f"simulated_{name}_se"]))
            assert gap < 4.5 * error + share * abs(float(data[name]))
        independent = theory.mean_field(tanh, 0.9, nz.White(0.7)).variance.item()
        assert (float(data.simulated_variance) > independent) == (kappa > 0)  # Martí, Brunel & Ostojic (2018)

    @pytest.mark.slow
    def test_blocks_without_correlation_give_the_theory_of_populations(self):
        """Two populations with means, biases, time constants and noise of their own; 4.5 standard errors and 2 %."""
        blocks = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [400, 100])
        noise = [nz.White(0.5), nz.OrnsteinUhlenbeck(0.4, 2.0)]
        described = Populations(blocks, bias=0.5, noise=noise, tau=[1.0, 0.5])
        expected = theory.population_mean_field(described, 1.2)
        data = theory.reciprocal_mean_field(described, 1.2, samples=600, exponent=True, key=6)
        for name in ("mean", "variance", "rate", "lyapunov"):
            error = 4.5 * data[f"{name}_se"] + 0.02 * abs(expected[name])
            assert (abs(data[name] - expected[name]) < error).all(), name

    @pytest.mark.slow
    def test_equal_blocks_are_one_population(self):
        """Two halves with κ within and across them; 4.5 standard errors of the difference."""
        halves = Populations(Blocks(0.0, 0.5, [50, 50], reciprocity=0.4), noise=nz.White(0.7))
        options = {"samples": 600, "exponent": True}
        two = theory.reciprocal_mean_field(halves, 0.9, key=7, **options)
        one = theory.reciprocal_mean_field(mutual(0.4, tanh, nz.White(0.7)), 0.9, key=8, **options)
        for name in ("variance", "lyapunov"):
            error = np.hypot(two[f"{name}_se"], one[f"{name}_se"].values)
            assert (abs(two[name] - one[name].values) < 4.5 * error).all(), name

    def test_activity_decays_below_the_edge_of_the_ellipse(self):
        """Martí, Brunel & Ostojic (2018): the bulk ends at g (1 + κ)."""
        assert self.solution(0.5, gain=0.5, samples=400, key=5).variance.item() < 1e-6

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: theory.reciprocal_mean_field(mutual(0.5), -1.0, key=0), "zero or positive"),
            (lambda: theory.reciprocal_mean_field(mutual(0.5), 0.5, [40.0], key=0), "at most 32"),
            (
                lambda: theory.reciprocal_mean_field(
                    mutual(0.5, tanh, nz.noise.Placed(nz.White(0.1), "rate")), 0.5, key=0
                ),
                "noise that is not on the current",
            ),
            (
                lambda: theory.reciprocal_mean_field(
                    Populations(nz.ensembles.reciprocal(9, 0.5) + nz.ensembles.LowRank(np.eye(2), 9)), key=0
                ),
                "part of low rank",
            ),
        ],
    )
    def test_wrong_input_is_refused(self, call, message):
        with pytest.raises(InputError, match=message):
            call()


class TestCovariances:
    @pytest.mark.parametrize("activity", ["current", "rate"])
    @pytest.mark.parametrize("covariance", ["equal-time", "long-window"])
    def test_a_divided_population_gives_the_numbers_of_one(self, activity, covariance):
        options = {"activity": activity, "covariance": covariance}
        halves = Populations(Blocks(0.0, [[0.25, 0.75], [0.25, 0.75]], [100, 300]), noise=nz.White(0.5))
        data = theory.population_correlations(halves, 1.2, **options)
        plain = theory.correlations(tanh, 1.2, nz.White(0.5), **options)
        assert data.participation_dimension.item() == pytest.approx(plain.participation_dimension.item(), rel=1e-8)
        assert np.allclose(data.covariance_variance, plain.covariance_variance.item(), rtol=1e-7)

    def test_populations_without_coupling_are_independent(self):
        """ψ of two blocks on the diagonal is that of each alone, divided by its fraction; across it is zero."""
        V = np.diag([0.4, 0.6])
        data = theory.population_correlations(Populations(Blocks(0.0, V, [100, 300]), noise=nz.White(1.0)), 1.0)
        psi = data.covariance_variance.values
        assert np.abs(psi[[0, 1], [1, 0]]).max() < 1e-12
        for p, (variance, fraction) in enumerate(((0.4, 0.25), (0.6, 0.75))):
            alone = theory.correlations(tanh, variance**0.5, nz.White(1.0)).covariance_variance.item()
            assert psi[p, p] == pytest.approx(alone / fraction, rel=1e-7)

    @pytest.mark.slow
    def test_two_populations_agree_with_simulated_covariances(self):
        """Linear units: covariances of 10 networks of 600 units by Lyapunov's equation; four standard errors."""
        from scipy.linalg import solve_continuous_lyapunov

        V = np.array([[0.2, 0.5], [0.3, 0.1]])
        ensemble = Blocks(0.0, V, [200, 400])
        data = theory.population_correlations(Populations(ensemble, linear, noise=nz.White(1.0)), 0.8)
        psi, dimension = [], []
        for number in range(10):
            A = 0.8 * ensemble.draw(key=number) - np.eye(600)
            C = solve_continuous_lyapunov(A, -np.eye(600))
            off = ~np.eye(600, dtype=bool)
            blocks = [[(slice(0, 200), slice(0, 200)), (slice(0, 200), slice(200, 600))],
                      [(slice(200, 600), slice(0, 200)), (slice(200, 600), slice(200, 600))]]  # fmt: skip
            psi.append([[600 * np.square(C[b][off[b]]).mean() for b in row] for row in blocks])
            dimension.append(np.trace(C) ** 2 / (600 * np.square(C).sum()))
        mean, error = np.mean(psi, 0), np.std(psi, 0, ddof=1) / 10**0.5
        # corrections of order 1/N are of the size of a few percent of ψ
        assert (np.abs(mean - data.covariance_variance.values) < 4 * error + 0.05 * mean).all()
        assert np.mean(dimension) == pytest.approx(data.participation_dimension.item(), rel=0.02)

    def test_refusals_state_the_reason(self):
        with pytest.raises(InputError, match="random modes"):
            theory.population_correlations(Populations(RandomModes(np.ones(50), 50), noise=nz.White(1.0)))
        with pytest.raises(InputError, match="frozen noise"):
            theory.population_correlations(Populations(Blocks(0.0, 0.5, [5, 5]), noise=nz.Frozen(1.0)))


class TestLinearResponse:
    def test_linear_networks_obey_lyapunovs_equation(self):
        from scipy.linalg import expm, solve_continuous_lyapunov

        W = nz.weights.gaussian(40, 40**-0.5, key=1)
        network = nz.RateNetwork(W, 0.7, activation=linear, noise=nz.White(1.0))
        data = theory.linear_response(network, [0.0, 0.5, 4.0])
        A = 0.7 * W - np.eye(40)
        C = solve_continuous_lyapunov(A, -np.eye(40))
        for n, lag in enumerate((0.0, 0.5, 4.0)):
            assert np.allclose(data.covariance[n], expm(A * lag) @ C, atol=1e-12)
            assert np.allclose(data.response[n], expm(A * lag), atol=1e-12)

    def test_coloured_noise_is_that_of_an_extended_linear_network(self):
        """Ornstein–Uhlenbeck noise as further units: x' = A x + ξ, ξ' = −ξ/τ + √(2/τ) s w."""
        from scipy.linalg import expm, solve_continuous_lyapunov

        n, tau, s = 20, 2.0, 0.8
        W = nz.weights.gaussian(n, n**-0.5, key=2)
        network = nz.RateNetwork(W, 0.6, activation=linear, noise=nz.OrnsteinUhlenbeck(s, tau))
        data = theory.linear_response(network, [0.0, 1.5])
        whole = np.block([[0.6 * W - np.eye(n), np.eye(n)], [np.zeros((n, n)), -np.eye(n) / tau]])
        driven = np.diag(np.repeat([0.0, 2 * s**2 / tau], n))
        C = solve_continuous_lyapunov(whole, -driven)
        assert np.allclose(data.covariance[0], C[:n, :n], atol=1e-10)
        assert np.allclose(data.covariance[1], (expm(whole * 1.5) @ C)[:n, :n], atol=1e-10)

    def test_the_mean_of_the_diagonal_is_that_of_mean_field_theory(self):
        """tanh units, N = 400: the diagonal to 3 %, and the dimension to 8 %."""
        W = nz.weights.gaussian(400, 0.05, self_coupling=False, key=3)
        data = theory.linear_response(nz.RateNetwork(W, 1.1, noise=nz.White(0.8)), [0.0, 2.0])
        curve = theory.autocovariance(tanh, 1.1, nz.White(0.8), [0.0, 2.0]).current.values
        assert np.allclose([np.trace(C) / 400 for C in data.covariance.values], curve, rtol=0.03)
        expected = theory.correlations(tanh, 1.1, nz.White(0.8)).participation_dimension.item()
        assert data.participation_dimension.item() == pytest.approx(expected, rel=0.08)

    @pytest.mark.slow
    def test_entries_agree_with_a_simulation(self):
        """150 units of tanh, 24 runs of 400 τ: entries correlate, and those at a lag are not symmetric."""
        W = nz.weights.gaussian(150, 150**-0.5, self_coupling=False, key=4)
        network = nz.RateNetwork(W, 0.9, noise=nz.White(0.6))
        data = theory.linear_response(network)
        run = {"duration": 400, "dt": 0.05, "runs": 24, "solver": "heun", "key": 5}
        C = nz.simulate(network, probes=nz.Covariance(), **run).covariance.mean("run").values
        off = ~np.eye(150, dtype=bool)
        assert np.corrcoef(C[off], data.covariance[0].values[off])[0, 1] > 0.98

    @pytest.mark.parametrize(
        ("network", "message"),
        [
            (nz.RateNetwork(np.zeros((2, 2)), noise=nz.Frozen(1.0)), "theory.predicted_covariance"),
            (nz.RateNetwork(np.zeros((2, 2)), bias=1.0, noise=nz.White(1.0)), "biases"),
            (nz.RateNetwork(np.zeros((2, 2)), activation=relu, noise=nz.White(1.0)), "odd"),
        ],
    )
    def test_other_networks_are_refused(self, network, message):
        with pytest.raises(InputError, match=message):
            theory.linear_response(network)
