import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette import activations
from noisette.errors import InputError
from noisette.noise import Common, Frozen, OrnsteinUhlenbeck, White
from noisette.provenance import PAPERS
from noisette.theory import correlations
from noisette.theory.covariance._finite_size import diagonal_deficit, mean_variance
from noisette.theory.covariance._fixed_points import site
from noisette.theory.gaussian import is_odd

PADE = activations.Pade(1 / 3, 0.0)
NAMES = ("variance", "covariance_variance", "participation_dimension", "susceptibility", "effective_gain")


def row(*arguments, **options):
    result = correlations(*arguments, **options)
    return [float(result[name]) for name in NAMES]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "variance", "square", "nu", "current", "rate"),
    [
        (activations.tanh, 0.8, 1.28131, 0.43955, 0.20103, 0.63342, 0.63836),
        (activations.tanh, 1.2, 1.7082, 0.4918, None, 0.38171, 0.39453),
        (activations.tanh, 1.5, 2.20930, 0.53747, 0.48136, None, None),
        (PADE, 1.2, 1.60120, 0.41750, 0.31881, 0.44645, 0.46402),
        (activations.Power(0.75), 0.5, None, None, None, 0.63942, 0.64027),
        (activations.Power(0.75), 0.8, None, None, None, 0.28735, 0.28940),
        (activations.Power(0.75), 1.0, 2.92222, 1.92222, 0.64706, 0.1228, 0.1246),
        (activations.Power(1.5), 0.3, None, None, None, 0.7225, 0.7241),
        (activations.relu, 0.8, 1.47059 - 0.17966, None, 0.17247, 0.6654, 0.5909),
        (activations.relu, 1.1, 1.8036, None, None, 0.361, 0.305),
        (activations.Threshold(0.5), 1.0, 1.2385, None, None, 0.7589, 0.6917),
    ],
)
def test_table_of_fixed_points(activation, gain, variance, square, nu, current, rate):
    x = row(activation, gain, Frozen(1.0))
    y = row(activation, gain, Frozen(1.0), activity="rate")
    for result, expected in ((x[0], variance), (y[0], square), (x[4] ** 2, nu), (x[2], current), (y[2], rate)):
        if expected is not None:
            digits = len(str(expected).split(".")[1])
            assert result == pytest.approx(expected, abs=0.51 * 10.0**-digits if digits < 10 else 1e-5)
    # the same function without a name, by quadrature
    hidden = row(lambda x: activation(x), gain, Frozen(1.0))
    np.testing.assert_allclose(hidden, x, rtol=1e-9 if is_odd(activation) and gain == 1.2 else 2e-3)


def test_unstable_fixed_points():
    result = correlations(activations.tanh, 3.0, Frozen(0.5))
    assert float(result.variance) == pytest.approx(6.612, abs=5e-4)
    assert float(result.participation_dimension) == pytest.approx(0.0387, abs=5e-5)
    assert not bool(result.valid)
    assert "unstable" in str(result.reason.item())
    assert "dynamic=True" in str(result.reason.item())
    assert row(activations.tanh, 3.0, Frozen(0.5), activity="rate")[2] == pytest.approx(0.0514, abs=5e-5)
    moving = correlations(activations.tanh, 3.0, Frozen(0.5), dynamic=True)
    assert bool(moving.valid)
    assert float(moving.variance) == pytest.approx(5.944, abs=5e-4)
    assert float(moving.participation_dimension) == pytest.approx(0.0438, abs=5e-5)


@pytest.mark.parametrize(
    ("activation", "gain", "size", "variance", "digits"),
    [
        (activations.tanh, 0.8, 400, 1.2820, 4),
        (PADE, 1.2, 400, 1.6020, 4),
        (activations.Power(0.75), 0.5, 400, 1.2562, 4),
        (activations.Power(0.75), 0.8, 400, 1.8928, 4),
        (activations.Power(0.75), 1.0, 400, 2.9454, 4),
        (activations.Power(1.5), 0.3, 400, 1.1881, 4),
        (activations.tanh, 1.5, 100, 2.2186, 4),
        (activations.linear, 0.5, 100, 1.3452, 4),
    ],
)
def test_variances_to_order_one_over_n(activation, gain, size, variance, digits):
    solution = site(activation, gain, 1.0)
    assert mean_variance(activation, gain, solution, size, "current") == pytest.approx(
        variance, abs=0.51 * 10.0**-digits
    )
    if activation is activations.linear:
        assert mean_variance(activation, gain, solution, size, "rate") == pytest.approx(variance, abs=5e-5)


def test_linear_limit_of_the_diagonal():
    # rotations of the units change nothing, so Var C_ii = 2 Var C_ij for rates too
    for activation in (activations.linear, activations.Power(1.0)):
        assert diagonal_deficit(activation, 0.5, site(activation, 0.5, 1.0), "rate") == pytest.approx(0, abs=1e-12)


def test_scatter_of_single_variances():
    # N Var C_ii of rates, against networks relaxed to their fixed points
    gain, size, draws, networks = 0.8, 100, 100, 40
    draw = np.random.default_rng(3)
    products = []
    solution = site(activations.tanh, gain, 1.0)
    for _ in range(networks):
        J = gain * draw.normal(size=(size, size)) / np.sqrt(size)
        noise = draw.normal(size=(size, 2 * draws))
        x = noise
        for _ in range(40):
            x = 0.4 * x + 0.6 * (J @ np.tanh(x) + noise)
        first, second = (np.tanh(x) ** 2).reshape(size, 2, draws).mean(2).T
        products.append(np.mean((first - solution.square) * (second - solution.square)) * size)
    psi = row(activations.tanh, gain, Frozen(1.0), activity="rate")[1]
    expected = 2 * psi - diagonal_deficit(activations.tanh, gain, solution, "rate")
    assert np.mean(products) == pytest.approx(expected, abs=4 * np.std(products) / np.sqrt(networks))
    assert expected < psi / 1.5  # far from the 2 ψ of currents


@pytest.mark.slow
def test_the_reduced_model():
    options = {"order": "finite", "samples": 2000, "key": jax.random.key(1)}
    result = correlations(activations.tanh, 0.8, Frozen(1.0), 100, **options)
    assert float(result.participation_dimension) == pytest.approx(
        0.63342 - 0.24 / 100, abs=4 * float(result.participation_dimension_se) + 3e-4
    )
    assert 0 < float(result.participation_dimension_se) < 3e-3
    assert float(result.variance) == pytest.approx(1.28393, abs=5e-6)
    leading = float(correlations(activations.tanh, 0.8, Frozen(1.0)).covariance_variance)
    assert float(result.covariance_variance) == pytest.approx(leading, rel=0.05)
    assert bool(result.valid)
    assert result.attrs["size"] == 100
    again = correlations(activations.tanh, [0.8], Frozen(1.0), 100, **options)
    assert again.isel(gain=0).drop_vars("gain").equals(result.drop_vars("gain"))
    unstable = correlations(activations.tanh, 2.5, Frozen(1.0), 100, **options)
    assert np.isnan(float(unstable.variance))
    assert "χ" in str(unstable.reason.item())


@pytest.mark.slow
def test_the_reduced_model_of_linear_units_is_the_closed_form():
    closed = correlations(activations.linear, 0.5, Frozen(1.0), 100, order="finite")
    result = correlations(lambda x: 1.0 * x, 0.5, Frozen(1.0), 100, order="finite", samples=2000)
    assert float(result.variance) == pytest.approx(float(closed.variance), rel=1e-9)
    for name in ("participation_dimension", "covariance_variance"):
        assert float(result[name]) == pytest.approx(
            float(closed[name]), abs=4 * float(result[f"{name}_se"]) + 2e-2 * 0.5
        )


def test_noise_outside():
    result = row(activations.tanh, 1.2, Frozen(0.7), placement="outside")
    assert result[0] == pytest.approx(0.93947, abs=5e-6)
    assert result[2] == pytest.approx(0.31760, abs=5e-6)
    assert site(activations.tanh, 1.2, 0.49, outside=True).variance == pytest.approx(1.35284, abs=5e-6)


def test_noise_outside_by_linear_equivalence():
    # C = G (α J Jᵀ + β) Gᵀ with G = (1 − a g J)⁻¹ of one large network
    gain, noise, size = 1.2, 0.49, 1200
    solution = site(activations.tanh, gain, noise, outside=True)
    J = gain * np.random.default_rng(0).normal(size=(size, size)) / np.sqrt(size)
    G = np.linalg.inv(np.eye(size) - solution.slope * J)
    rest = solution.square - solution.slope**2 * solution.variance
    shaped = noise * solution.slope**2 * J @ J.T + rest * np.eye(size)
    for activity, C in (("rate", G @ shaped @ G.T), ("current", (rest + noise) * G @ G.T)):
        variance, psi, dimension, *_ = row(activations.tanh, gain, Frozen(0.7), activity=activity, placement="outside")
        assert np.trace(C) / size == pytest.approx(variance, rel=0.01)
        off = (C**2).sum() - (np.diag(C) ** 2).sum()
        assert off / (size - 1) == pytest.approx(psi, rel=0.05)
        assert np.trace(C) ** 2 / (size * (C**2).sum()) == pytest.approx(dimension, rel=0.03)


@pytest.mark.parametrize("activity", ["current", "rate"])
@pytest.mark.parametrize("placement", ["inside", "outside"])
def test_linear_units_outside_and_inside(activity, placement):
    named = row(activations.linear, 0.6, Frozen(1.3), activity=activity, placement=placement)
    hidden = row(lambda x: x + 0.0, 0.6, Frozen(1.3), activity=activity, placement=placement)
    np.testing.assert_allclose(named, hidden, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [activations.tanh, activations.relu, PADE, activations.sigmoid])
@pytest.mark.parametrize("activity", ["current", "rate"])
def test_uncoupled_units(activation, activity):
    # independent units have no covariances
    result = row(activation, 0.0, Frozen(2.0), activity=activity)
    assert result[1] == 0
    assert result[2] == pytest.approx(1)
    assert result[3:] == [0, 0]
    if activity == "current":
        assert result[0] == pytest.approx(4)
    weak = row(activation, 1e-3, Frozen(2.0), activity=activity)
    np.testing.assert_allclose(weak, result, atol=1e-3)


@pytest.mark.slow
@given(st.floats(0.05, 3.0), st.floats(0.05, 3.0))
def test_dimension_stays_positive(gain, std):
    for activation in (activations.tanh, activations.erf, activations.Power(0.75), PADE):
        x = correlations(activation, gain, Frozen(std))
        y = correlations(activation, gain, Frozen(std), activity="rate")
        nu = float(x.effective_gain) ** 2
        share = std**2 / float(x.variance)
        assert nu <= float(x.susceptibility) * (1 + 1e-9)
        assert nu <= 1 - share + 1e-9
        assert float(y.participation_dimension) >= share**2 * (1 - 1e-9)
        assert float(y.participation_dimension) == pytest.approx((1 - nu) ** 2)
        assert 0 < float(x.participation_dimension) < 1
        # 1/D_x = 1 + σ₀²/(1 − ν)² + 2ν/(1 − ν) with σ₀ = 1 − s²/v
        inverse = 1 + (1 - share) ** 2 / (1 - nu) ** 2 + 2 * nu / (1 - nu)
        assert 1 / float(x.participation_dimension) == pytest.approx(inverse)


@pytest.mark.slow
@given(st.floats(0.2, 1.0), st.floats(0.1, 5.0))
def test_scale_of_noise_and_of_power_laws(gain, std):
    # all depends on g s^(p − 1) only; variances scale with s²
    p = 0.7
    unit_noise = row(activations.Power(p), gain, Frozen(1.0))
    other = row(activations.Power(p), gain * std ** (1 - p), Frozen(std))
    np.testing.assert_allclose(other[0], unit_noise[0] * std**2, rtol=1e-9)
    np.testing.assert_allclose(other[1], unit_noise[1] * std**4, rtol=1e-9)
    np.testing.assert_allclose(other[2:], unit_noise[2:], rtol=1e-9)
    linear = row(activations.linear, 0.5, Frozen(std))
    assert linear[0] == pytest.approx(std**2 / 0.75)


def test_weak_noise_is_amplified_linearly():
    result = row(activations.tanh, 0.5, Frozen(1e-4))
    expected = row(activations.linear, 0.5, Frozen(1e-4))
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_limits_of_the_families_are_linear():
    expected = row(activations.linear, 0.6, Frozen(1.0))
    for activation in (activations.Power(1.0), activations.Pade(0.0, 0.3), activations.Pade(2.0, 1.0)):
        assert row(activation, 0.6, Frozen(1.0)) == expected
    near = (activations.Power(1.0001), activations.Power(0.9999), activations.Pade(1e-6, 0.0))
    for activation in near:
        np.testing.assert_allclose(row(activation, 0.6, Frozen(1.0)), expected, rtol=1e-3)


@pytest.mark.slow
def test_an_odd_unit_is_a_unit_with_means_of_zero():
    def nearly(x):
        return jnp.tanh(x) + 1e-6 * x**2 / (1 + x**2)

    assert not is_odd(nearly)
    for activity in ("current", "rate"):
        result = row(nearly, 1.2, Frozen(1.0), activity=activity)
        np.testing.assert_allclose(result, row(activations.tanh, 1.2, Frozen(1.0), activity=activity), rtol=1e-5)


def test_units_with_means_against_networks():
    gain, size, networks, draws = 4.0, 200, 20, 100
    draw = np.random.default_rng(5)
    result = []
    for _ in range(networks):
        J = gain * draw.normal(size=(size, size)) / np.sqrt(size)
        noise = draw.normal(size=(size, 2 * draws))
        x = noise
        for _ in range(40):
            x = 0.3 * x + 0.7 * (J @ (1 / (1 + np.exp(-x))) + noise)
        for y in (x, 1 / (1 + np.exp(-x))):
            apart = (y[:, :draws] - y[:, draws:]) / np.sqrt(2)  # the mean cancels
            gram = apart.T @ apart
            first = np.trace(gram) / (size * draws)
            np.fill_diagonal(gram, 0)
            result.append((first, (gram**2).sum() / (draws * (draws - 1) * size)))
    for activity, pairs in (("current", result[::2]), ("rate", result[1::2])):
        first, second = np.array(pairs).T
        expected = row(activations.sigmoid, gain, Frozen(1.0), activity=activity)
        assert first.mean() == pytest.approx(expected[0], abs=4 * first.std() / np.sqrt(networks))
        dimension = first.mean() ** 2 / second.mean()
        parts = dimension * (2 * first / first.mean() - second / second.mean())
        assert dimension == pytest.approx(expected[2], abs=4 * parts.std() / np.sqrt(networks))
        assert 4 * parts.std() / np.sqrt(networks) < 0.1 * expected[2]


def test_silent_networks():
    result = correlations(activations.tanh, [0.5, 2.0], None)
    assert float(result.variance[0]) == float(result.covariance_variance[0]) == 0
    assert np.isnan(float(result.participation_dimension[0]))
    assert result.susceptibility.values[0] == pytest.approx(0.25, rel=1e-12)
    assert result.valid.values.all()
    assert float(result.variance[1]) == pytest.approx(1.924805, abs=1e-6)  # chaos
    assert float(result.participation_dimension[1]) == pytest.approx(0.015914, abs=1e-6)
    assert correlations(activations.tanh, 0.5, Frozen(0.0)).drop_attrs().equals(result.isel(gain=0).drop_attrs())
    quiet = correlations(activations.relu, [1.0, 1.5], None)
    assert float(quiet.variance[0]) == 0
    assert quiet.valid.values.tolist() == [True, False]
    # without noise each unit of a network that is not odd rests at its own value, without covariances
    assert float(correlations(activations.sigmoid, 2.0, None).variance) == 0


def test_small_networks_are_marked_as_invalid():
    result = correlations(activations.tanh, [0.5, 1.5], Frozen(1.0), 30)
    assert result.valid.values.tolist() == [True, False]
    assert "N·D = 7.6" in str(result.reason[1].item())
    assert result.participation_dimension.equals(
        correlations(activations.tanh, [0.5, 1.5], Frozen(1.0)).participation_dimension
    )
    assert result.attrs["size"] == "infinite"


def test_gains_without_a_state_do_not_stop_the_others():
    result = correlations(activations.Power(1.5), [0.3, 0.6], Frozen(1.0))
    assert result.valid.values.tolist() == [True, False]
    assert np.isnan(result.variance[1])
    assert str(result.reason[1].item()) == "no stationary state: activity grows without bound (fold at g = 0.4911)"
    assert str(result.reason[0].item()) == ""
    linear = correlations(activations.linear, [0.5, 1.0, 2.0], White(1.0))
    assert linear.valid.values.tolist() == [True, False, False]
    singular = correlations(activations.Power(0.5), 0.1, Frozen(1.0))
    assert float(singular.susceptibility) == np.inf
    assert not bool(singular.valid)


def test_results_have_provenance(tmp_path):
    result = correlations(activations.tanh, [0.5, 1.0], Frozen(1.0), activity="rate", self_coupling=False)
    assert result.attrs["method"] == "mean-field"
    assert result.attrs["estimator"] == "stationary"
    expected = {"order": "leading", "activity": "rate", "covariance": "equal-time", "placement": "inside"}
    assert {name: result.attrs[name] for name in expected} == expected
    assert result.attrs["time"] == "fixed point"
    assert result.attrs["self_coupling"] == "no"
    assert PAPERS.keys() >= set(result.attrs["references"].split(","))
    assert result.variance.dims == ("gain",)
    assert correlations(activations.tanh, 0.5, Frozen(1.0)).variance.dims == ()
    for name in NAMES:
        assert result[name].attrs["long_name"]
    result.to_netcdf(tmp_path / "found.nc", engine="h5netcdf")


def test_for_fixed_points_long_windows_equal_equal_times():
    short, long = (
        correlations(activations.tanh, 1.2, Frozen(1.0), covariance=kind) for kind in ("equal-time", "long-window")
    )
    for name in NAMES:
        assert float(short[name]) == float(long[name])


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((activations.tanh, -1.0, Frozen(1.0)), {}, "gain"),
        ((activations.tanh, np.nan, Frozen(1.0)), {}, "gain"),
        ((activations.tanh, [[1.0]], Frozen(1.0)), {}, r"shape \(1, 1\)"),
        ((activations.tanh, [], Frozen(1.0)), {}, "shape"),
        ((jnp.sinh, 1.0, Frozen(1.0)), {}, "NaN or infinite"),
        ((activations.tanh, 1.0, Common(1.0)), {}, "Common noise"),
        ((activations.tanh, 1.0, Frozen([1.0, 2.0])), {}, "2 strengths"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"activity": "spikes"}, "activity 'spikes'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"order": "all"}, "order 'all'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"covariance": "short"}, "covariance 'short'"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"placement": "above"}, "placement 'above'"),
        ((activations.tanh, 1.0, Frozen(1.0), 1), {}, "size 1"),
        ((activations.tanh, 1.0, White(1.0)), {"dt": 2.0}, "dt 2"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "samples": 2}, "2 samples"),
        ((activations.tanh, 1.0, Frozen(1.0)), {"order": "finite"}, "without a size"),
        ((activations.tanh, 1.0, White(1.0), 100), {"order": "finite"}, "in this noise"),
        ((activations.linear, 0.5, OrnsteinUhlenbeck(1.0, 2.0), 100), {"order": "finite"}, "in this noise"),
        ((activations.relu, 1.0, Frozen(1.0), 100), {"order": "finite"}, "not odd"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "self_coupling": False}, "self-coupling"),
        ((activations.linear, 0.5, White(1.0), 100), {"order": "finite", "self_coupling": False}, "self-coupling"),
        ((activations.linear, 0.5, White(1.0), 100), {"order": "finite", "dt": 0.1}, "dt 0.1"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "placement": "outside"}, "outside"),
        ((activations.tanh, 1.0, Frozen(1.0), 100), {"order": "finite", "dynamic": True}, "dynamic=True"),
        ((lambda x: np.tanh(np.array(x)), 1.0, Frozen(1.0), 100), {}, "use jax.numpy"),
        ((activations.relu, 1.0, Frozen(1.0)), {"placement": "outside"}, "noise outside φ"),
        ((activations.tanh, 1.0, White(1.0)), {"placement": "outside"}, "noise outside φ"),
    ],
)
def test_invalid_input_is_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        correlations(*arguments, **options)
