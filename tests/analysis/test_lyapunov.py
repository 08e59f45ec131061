import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import entropy_rate, kaplan_yorke, lyapunov_spectrum
from noisette.errors import InputError
from noisette.networks import Flow, Map
from noisette.probes import block_error

KEY = jax.random.key(0)


# the dimension of Kaplan and Yorke


def test_the_dimension_interpolates_the_sum_of_exponents():
    assert kaplan_yorke(np.array([0.1, 0.0, -0.05, -1.0])) == pytest.approx(3.05)


def test_limits_of_the_dimension():
    assert kaplan_yorke(np.array([-0.1, -0.2])) == 0  # a fixed point
    assert kaplan_yorke(np.array([0.0, -0.2])) == 1  # a limit cycle
    assert kaplan_yorke(np.array([1.0, -1.0, -2.0])) == 2  # a sum of zero is not yet negative
    assert np.isnan(kaplan_yorke(np.array([0.5, -0.2])))  # too few exponents
    assert np.isnan(kaplan_yorke(np.array([1.0, 0.0, -1.0])))  # volumes are conserved: all dimensions, or more
    assert np.isnan(kaplan_yorke(np.array([0.5, np.nan, -2.0])))


@pytest.mark.parametrize(
    ("exponents", "size", "dimension"),
    [
        ([np.log(2)], 1, 1),  # all exponents, with no negative sum: the whole space
        ([0.5, -0.2], 2, 2),
        ([1.0, 0.0, -1.0], 3, 3),
        ([0.5, -0.2], 3, np.nan),  # the third is not known
        ([0.5, -np.inf], 2, 1),
        ([-np.inf, 0.5], None, 1),
        ([0.5, 0.0, -np.inf, -np.inf], 4, 2),
        ([-np.inf], 1, 0),
        ([-0.1], 1, 0),
        ([0.0], 1, 1),
        ([0.3, 0.3, -0.3, -0.3, -0.3], 5, 4),
        ([0.5, np.nan], 2, np.nan),
        ([np.inf, -1.0], 2, np.nan),
    ],
)
def test_the_dimension_of_every_kind_of_spectrum(exponents, size, dimension):
    assert kaplan_yorke(np.array(exponents), size) == pytest.approx(dimension, nan_ok=True)


def test_the_entropy_rate_needs_all_positive_exponents():
    assert entropy_rate(np.array([0.5, 0.2, -0.1])) == pytest.approx(0.7)
    assert entropy_rate(np.array([-0.1, 0.5]), 3) == 0.5
    assert entropy_rate(np.array([0.5]), 1) == 0.5
    assert entropy_rate(np.array([-np.inf, 0.2])) == 0.2
    assert entropy_rate(np.array([-0.5])) == 0
    assert np.isnan(entropy_rate(np.array([0.5])))
    assert np.isnan(entropy_rate(np.array([0.5, 0.2]), 3))
    assert np.isnan(entropy_rate(np.array([0.5, np.nan]), 2))


def test_a_spectrum_has_no_more_exponents_than_units():
    with pytest.raises(InputError, match="3 exponents of 2 units"):
        kaplan_yorke(np.array([1.0, 0.0, -1.0]), 2)
    with pytest.raises(InputError, match="one or more numbers"):
        kaplan_yorke(np.array([]))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.floats(0.1, 10))
def test_the_dimension_needs_no_order_and_no_unit_of_time(exponents, unit):
    values = np.array([*exponents, -50.0])  # the sum becomes negative
    dimension = kaplan_yorke(values)
    assert 0 <= dimension < len(values)
    assert kaplan_yorke(values[::-1]) == dimension
    assert kaplan_yorke(values * unit) == pytest.approx(dimension, abs=1e-6)


# spectra


def henon(x):
    return jnp.stack([1 - 1.4 * x[0] ** 2 + x[1], 0.3 * x[0]])


@pytest.mark.slow
def test_a_spectrum_has_dimension_and_entropy():
    result = lyapunov_spectrum(Map(henon, 2), 2, duration=40_000, discard=100, start=0.1, key=KEY)
    assert result.lyapunov.dims == ("exponent",)
    assert result.lyapunov.values == pytest.approx([0.4192, -1.6232], abs=0.01)
    assert result.kaplan_yorke.item() == pytest.approx(1.2583, abs=0.006)
    assert result.entropy.item() == float(result.lyapunov[0])
    assert result.entropy.attrs["units"] == "nat·1/step"


@pytest.mark.slow
def test_networks_and_runs_are_dimensions():
    networks = [nz.RateNetwork(np.diag([w, 0.2])) for w in (0.5, 0.9)]
    result = lyapunov_spectrum(networks, 2, runs=3, duration=60, discard=30, dt=0.1, key=KEY)
    assert result.lyapunov.dims == ("network", "run", "exponent")
    assert result.kaplan_yorke.dims == result.entropy.dims == ("network", "run")
    assert result.lyapunov.shape == (2, 3, 2)
    modes = np.log(1 + 0.1 * np.array([[-0.5, -0.8], [-0.1, -0.8]])) / 0.1
    assert result.lyapunov.values.mean(1) == pytest.approx(modes, abs=0.01)  # except for x² in the last interval
    assert (result.kaplan_yorke == 0).all()
    assert (result.entropy == 0).all()


@pytest.mark.slow
def test_a_diverged_network_has_no_entropy_rate():
    with pytest.warns(nz.BlowUpWarning):
        result = lyapunov_spectrum(Flow(lambda x: x**3, 1), duration=20, discard=0, dt=0.1, start=2.0, key=KEY)
    assert np.isnan([result.lyapunov[0], result.kaplan_yorke, result.entropy]).all()


def test_the_number_of_exponents_is_checked():
    with pytest.raises(InputError, match="discard 10 of a duration 10"):
        lyapunov_spectrum(Map(henon, 2), duration=10, discard=10, key=KEY)
    with pytest.raises(InputError, match="discard -1"):
        lyapunov_spectrum(Map(henon, 2), duration=10, discard=-1, key=KEY)


def test_discrete_time_is_counted_in_whole_steps():
    with pytest.raises(InputError, match=r"duration 20000\.7 of a network in discrete time; a whole number of steps"):
        lyapunov_spectrum(Map(henon, 2), duration=20_000.7, key=KEY)
    with pytest.raises(InputError, match=r"discard 100\.5"):
        lyapunov_spectrum(Map(henon, 2), duration=20_000.0, discard=100.5, key=KEY)


# growth of very different rates


def skew(rate):
    """Return the logistic map at r = 4 driving a contraction by e^rate."""
    return Map(lambda s: jnp.stack([4 * s[0] * (1 - s[0]), jnp.exp(rate) * s[1] + 0.1 * s[0]]), 2)


@pytest.mark.slow
def test_exponents_that_differ_widely_are_both_measured():
    result = lyapunov_spectrum(skew(-8.0), 2, duration=20_000, discard=100, start=[0.4, 0.1], key=KEY)
    assert result.lyapunov.values == pytest.approx([np.log(2), -8], abs=1e-3)
    assert result.kaplan_yorke.item() == pytest.approx(1 + np.log(2) / 8, abs=1e-4)
    assert result.attrs.get("warning") is None


@pytest.mark.slow
def test_an_interval_that_is_too_long_is_shortened():
    """Ten steps shrink the second direction by e^−87 relative to the first, beyond floating-point resolution."""
    arguments = {"duration": 2000, "discard": 100, "start": [0.4, 0.1], "key": KEY}
    every_step = lyapunov_spectrum(skew(-8.0), 2, every=1, **arguments).lyapunov.values
    assert every_step[1] == pytest.approx(-8, abs=0.01)
    for every in (10, 100, "auto"):
        exponents = lyapunov_spectrum(skew(-8.0), 2, every=every, **arguments).lyapunov.values
        assert exponents == pytest.approx(every_step, abs=1e-9)


@pytest.mark.slow
def test_long_intervals_do_not_change_the_exponents_of_stiff_networks():
    weights = nz.weights.gaussian(10, 10**-0.5, self_coupling=False, key=KEY)
    stiff = nz.RateNetwork(weights, gain=2.0, tau=np.geomspace(0.01, 1.0, 10))
    for network, dt in ((stiff, 0.002), (nz.Onsager(nz.RateNetwork(weights, gain=4.0)), 0.005)):
        arguments = {"duration": 800 * dt, "discard": 133 * dt, "dt": dt, "key": KEY}
        every_step = lyapunov_spectrum(network, 10, every=1, **arguments).lyapunov.values
        long = lyapunov_spectrum(network, 10, every=100, **arguments).lyapunov.values
        assert long == pytest.approx(every_step, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1])
def test_uncoupled_directions_of_very_different_rates_are_measured(order):
    factors = jnp.array([1.1, 0.5, jnp.exp(-40.0)])[::order]
    result = lyapunov_spectrum(Map(lambda s: factors * s, 3), 3, duration=600, discard=300, key=KEY)
    assert result.lyapunov.values == pytest.approx([np.log(1.1), np.log(0.5), -40], abs=1e-6)


@pytest.mark.slow
def test_a_stiff_flow_has_the_exponents_of_its_step():
    """Rates 1, 30 and 300 along directions that are not orthogonal, in steps of .003: ln|1 − dt μ|/dt."""
    directions = np.array([[1.0, 0.4, 0.2], [0.3, 1.0, -0.5], [-0.2, 0.6, 1.0]])
    rates, dt = np.array([1.0, 30.0, 300.0]), 0.003
    matrix = jnp.asarray(directions @ np.diag(-rates) @ np.linalg.inv(directions))
    result = lyapunov_spectrum(Flow(lambda x: matrix @ x, 3), 3, duration=3, discard=1.2, dt=dt, start=0.0, key=KEY)
    assert result.lyapunov.values == pytest.approx(np.log(1 - dt * rates) / dt, rel=1e-6)


@pytest.mark.slow
def test_trials_of_different_growth_share_their_orthonormalisations():
    networks = [nz.RateNetwork(np.diag([0.9, 0.5]), tau=[1.0, tau]) for tau in (1.0, 0.02)]
    arguments = {"duration": 30, "discard": 15, "dt": 0.015, "key": KEY}
    both = lyapunov_spectrum(networks, 2, **arguments).lyapunov.values
    for network, pair in zip(networks, both, strict=True):
        alone = lyapunov_spectrum(network, 2, every=1, **arguments).lyapunov.values
        assert pair == pytest.approx(alone, abs=1e-9)


# directions that vanish


def two(first, second):
    return Map(lambda s: jnp.stack([first(s), second(s)]), 2)


LOGISTIC = lambda s: 4 * s[0] * (1 - s[0])  # noqa: E731
DEAD = np.array([[1.2, 0.3, 0.0], [-0.4, 0.9, 0.2], [0.5, -0.1, 0.3]])
VANISHING = {
    "superstable": (Map(lambda x: 2 * x * (1 - x), 1), [-np.inf], 0),  # the orbit ends 2⁻⁵⁴ beside ½
    "two superstable": (Map(lambda x: 2 * x * (1 - x), 2), [-np.inf, -np.inf], 0),
    "constant": (Map(lambda x: 0.3 + 0.0 * x, 1), [-np.inf], 0),
    "projection": (two(LOGISTIC, lambda s: s[0]), [np.log(2), -np.inf], 1),
    "dead unit": (two(LOGISTIC, lambda s: jax.nn.relu(0.3 * s[1] - s[0] - 1)), [np.log(2), -np.inf], 1),
    "both dead": (two(lambda s: 0.3 + 0 * s[0], lambda s: 0.1 + 0 * s[1]), [-np.inf, -np.inf], 0),
    "collinear": (two(LOGISTIC, lambda s: (LOGISTIC(s) + 0.1) / 3), [np.log(2), -np.inf], 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VANISHING)
def test_the_exponent_of_a_vanishing_direction_is_minus_infinity(name):
    network, exponents, dimension = VANISHING[name]
    result = lyapunov_spectrum(network, network.size, duration=5000, discard=100, start=0.3, key=KEY)
    assert result.lyapunov.values == pytest.approx(exponents, abs=5e-3)
    assert result.kaplan_yorke.item() == pytest.approx(dimension, abs=1e-9)
    assert result.entropy.item() == pytest.approx(max(exponents[0], 0), abs=5e-3)


@pytest.mark.slow
def test_dead_units_do_not_change_the_exponents_of_the_others():
    """Three linear units drive three dead ones: the exponents are the eigenvalues of the three."""
    outer = jnp.asarray(np.random.default_rng(0).standard_normal((3, 3)))

    def step(x):
        return jnp.concatenate([jnp.asarray(DEAD) @ x[:3], jax.nn.relu(outer @ x[:3] - 1e6)])

    result = lyapunov_spectrum(Map(step, 6), 6, duration=600, discard=300, start=0.0, key=KEY).lyapunov.values
    expected = np.sort(np.log(np.abs(np.linalg.eigvals(DEAD))))[::-1]
    assert result[:3] == pytest.approx(expected, abs=5e-3)  # a complex pair rotates
    assert result[:3].sum() == pytest.approx(expected.sum(), abs=1e-9)
    assert (result[3:] == -np.inf).all()


@pytest.mark.slow
def test_a_direction_that_vanishes_late_is_replaced_by_the_next():
    """Uncoupled units with factors 2, 1.1 and 1; the first, the fastest, is set to zero after 50 of 200 steps."""

    def step(s):
        return jnp.stack([jnp.where(s[2] < 50, 2 * s[0], 0.0), 1.1 * s[1], s[2] + 1])

    result = lyapunov_spectrum(Map(step, 3), 3, duration=200, discard=0, start=0.0, key=KEY).lyapunov.values
    # initial vectors are at random angles to the axes; their alignment contributes a factor over 200 steps
    assert result == pytest.approx([np.log(1.1), 0, -np.inf], abs=0.02)


# standard errors and convergence


def tent(share):
    """Return the map with slopes 1/share and 1/(1 − share), whose logarithms are independent from step to step."""
    return Map(lambda x: jnp.where(x < share, x / share, (1 - x) / (1 - share)), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "exact", "within"),
    [
        (tent(0.3), -0.3 * np.log(0.3) - 0.7 * np.log(0.7), (50, 85)),
        (Map(lambda x: 4 * x * (1 - x), 1), np.log(2), (58, 96)),  # bounded sums: the errors are overestimated
    ],
    ids=["independent", "bounded"],
)
def test_standard_errors_cover_the_truth(network, exact, within):
    """100 seeds: of independent growth 68 lie within one error, ± 4.7, and at least 84 of 95 within two.

    False alarms: 4 · 10⁻⁴ for each bound, if the coverage is .68 and .93. Where the sum is bounded, errors of block
    means would be ten times too large, and all 100 within one.
    """
    starts = np.random.default_rng(3).uniform(0.05, 0.95, (100, 1))
    result = nz.simulate(network, 2000, nz.Lyapunov(), runs=100, start=starts, key=KEY)
    apart = np.abs(result.lyapunov.values - exact) / result.lyapunov_se.values
    assert within[0] <= (apart < 1).sum() <= within[1]
    assert (apart < 1.96).sum() >= 84


def test_errors_of_blocks_with_memory():
    """Autoregressive growth, ρ = .5 from block to block: the variance of the mean is (1 + ρ)/(1 − ρ) times larger.

    The mean of 2000 squared errors has a standard error of 1 %, and estimates from 12 coefficients are too small by
    the slope of the spectrum, some 10 %.
    """
    draws = np.random.default_rng(4).standard_normal((150, 2000))
    growth = np.zeros_like(draws)
    for n in range(1, 150):
        growth[n] = 0.5 * growth[n - 1] + draws[n]
    errors = np.asarray(block_error(growth[50:]))
    assert np.sqrt((errors**2).mean()) == pytest.approx(2 / np.sqrt(100), rel=0.12)
    assert np.isnan(block_error(growth[:19])).all()


@pytest.mark.slow
def test_running_exponents_end_at_the_exponents():
    result = lyapunov_spectrum(Map(henon, 2), 2, duration=4100, discard=100, start=0.1, key=KEY)
    assert result.share.values[[0, -1]].tolist() == [0.01, 1.0]
    assert result.lyapunov_se.attrs["blocks"] == "100"
    np.testing.assert_array_equal(result.lyapunov_running[-1], result.lyapunov)
    half = lyapunov_spectrum(Map(henon, 2), 2, duration=2100, discard=100, start=0.1, key=KEY)
    np.testing.assert_allclose(result.lyapunov_running.sel(share=0.5), half.lyapunov, atol=1e-9)
    assert result.lyapunov_se.values[0] == pytest.approx(result.entropy_se.item())
    # D = 1 + λ₁/|λ₂| with λ₁ + λ₂ = ln .3
    slope = np.log(1 / 0.3) / float(result.lyapunov[1]) ** 2
    assert result.kaplan_yorke_se.item() == pytest.approx(slope * result.entropy_se.item(), rel=0.02)


@pytest.mark.slow
def test_a_steady_decay_has_no_error():
    network = nz.RateNetwork([[0.5]], activation=nz.activations.linear)
    result = lyapunov_spectrum(network, duration=50, discard=10, dt=0.1, key=KEY)
    assert float(result.lyapunov_se[0]) < 1e-12
    short = lyapunov_spectrum(network, duration=15, discard=10, dt=0.1, key=KEY)
    assert np.isnan(short.lyapunov_se.values).all()  # 50 steps: no blocks
