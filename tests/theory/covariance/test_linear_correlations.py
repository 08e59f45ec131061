import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

from noisette import activations
from noisette.noise import Frozen, OrnsteinUhlenbeck, White
from noisette.theory import correlations
from noisette.theory.covariance._linear import lasting, white

NAMES = ("variance", "covariance_variance", "participation_dimension", "susceptibility", "effective_gain")


def row(*arguments, **options):
    result = correlations(*arguments, **options)
    return [float(result[name]) for name in NAMES]


@pytest.mark.parametrize(
    ("gain", "size", "variance", "entries", "dimension"),
    [
        (0.3, 100, 1.1013, 0.2534, 0.8257),
        (0.5, 100, 1.3452, 1.4457, 0.5531),
        (0.5, 200, 1.3393, 1.4143, 0.5578),
        (0.5, 400, 1.3363, 1.3985, 0.5602),
        (0.7, 100, 2.0347, 13.14, 0.2335),
        (0.7, 400, 1.9793, 11.49, 0.2534),
        (0.3, None, 1.0989, 0.2507, 0.8281),
        (0.5, None, 1.3333, 1.3827, 0.5625),
        (0.7, None, 1.9608, 10.94, 0.2601),
    ],
)
def test_linear_table_of_frozen_noise(gain, size, variance, entries, dimension):
    order = "leading" if size is None else "finite"
    for activity in ("current", "rate"):
        result = row(activations.linear, gain, Frozen(1.0), size, order=order, activity=activity)
        assert result[0] == pytest.approx(variance, abs=5.1e-5)
        assert result[1] == pytest.approx(entries, rel=4e-4)
        assert result[2] == pytest.approx(dimension, abs=5.1e-5)
        assert result[3:] == [pytest.approx(gain**2), gain]
    # the spectrum at zero frequency in white noise is the same
    long = row(activations.linear, gain, White(1.0), size, order=order, covariance="long-window")
    np.testing.assert_allclose(long, result, rtol=1e-12)


@pytest.mark.parametrize(
    ("gain", "size", "first", "second"),
    [
        (0.3, 100, 1.1013, 1.4688),
        (0.5, 100, 1.3452, 3.2694),
        (0.5, 200, 1.3393, 3.2149),
        (0.5, 400, 1.3363, 3.1877),
        (0.7, 100, 2.0347, 17.41),
        (0.7, 400, 1.9793, 15.44),
    ],
)
def test_linear_table_of_squares(gain, size, first, second):
    terms = lasting(gain, 1.0)
    assert terms.first[0] + terms.first[1] / size == pytest.approx(first, abs=5e-5)
    assert terms.second[0] + terms.second[1] / size == pytest.approx(second, rel=2e-4)


def test_linear_table_of_white_noise():
    result = row(activations.linear, 0.5, White(1.0), 100, order="finite")
    assert result[0] == pytest.approx(0.57854, abs=5e-6)
    assert result[2] == pytest.approx(0.8449, abs=5e-5)
    terms = white(0.5, 1.0)
    assert terms.second[0] + terms.second[1] / 100 == pytest.approx(0.39616, abs=5e-6)
    for gain, variance, dimension in ((0.5, 0.57735, 0.847730), (0.7, 1 / (2 * np.sqrt(0.51)), 0.633381)):
        result = row(activations.linear, gain, White(1.0))
        assert result[0] == pytest.approx(variance, abs=5e-6)
        assert result[2] == pytest.approx(dimension, abs=5e-7)


def test_linear_units_without_self_coupling():
    result = row(activations.linear, 0.5, Frozen(1.0), 100, order="finite", self_coupling=False)
    assert result[0] == pytest.approx(1.3319, abs=5e-5)
    # at small gains the slope changes sign, and so does that of D
    with_loops, without = (
        row(activations.linear, 0.2, Frozen(1.0), 100, order="finite", self_coupling=loops) for loops in (True, False)
    )
    leading = row(activations.linear, 0.2, Frozen(1.0))
    assert without[0] < leading[0] < with_loops[0]
    assert with_loops[2] < leading[2] < without[2]


def traces(J, equal_time: bool = False) -> tuple[float, float, float]:
    """Return tr C/N, tr C²/N and the mean square of C_ij of one linear network, exactly."""
    size = len(J)
    drift = np.eye(size) - J
    inverse = np.linalg.inv(drift)
    C = solve_continuous_lyapunov(drift, np.eye(size)) if equal_time else inverse @ inverse.T
    squares = (C**2).sum()
    return np.trace(C) / size, squares / size, (squares - (np.diag(C) ** 2).sum()) / (size * (size - 1))


def drawn(gain: float, size: int, networks: int):
    """Draw coupling matrices, one at a time."""
    draw = np.random.default_rng(7)
    for _ in range(networks):
        yield gain * draw.normal(size=(size, size)) / np.sqrt(size)


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "equal_time"), [(0.5, False), (0.4, True)])
def test_linear_networks_of_finite_size(gain, equal_time):
    size, networks = 40, 1500 if equal_time else 4000
    result = np.array([traces(J, equal_time) for J in drawn(gain, size, networks)])
    noise = White(1.0) if equal_time else Frozen(1.0)
    leading = row(activations.linear, gain, noise)
    theory = row(activations.linear, gain, noise, size, order="finite")
    mean = result.mean(0)
    dimension = mean[0] ** 2 / mean[1]
    parts = dimension * (2 * result[:, 0] / mean[0] - result[:, 1] / mean[1])
    for i, (value, values) in enumerate(
        [(mean[0], result[:, 0]), (size * mean[2], size * result[:, 2]), (dimension, parts)]
    ):
        error = values.std() / np.sqrt(networks)
        assert abs(leading[i] - value) > 5 * error  # the correction of order 1/N is significant
        rest = 0.3 * abs(theory[i] - leading[i])  # order 1/N², at N = 40
        assert theory[i] == pytest.approx(value, abs=4 * error + rest)


@pytest.mark.parametrize("gain", [0.35, 0.5])
def test_the_effect_of_self_coupling(gain):
    # the same networks with and without their diagonal: common fluctuations cancel
    size, networks = 60, 800
    pairs = np.array([np.subtract(traces(J), traces(J - np.diag(np.diag(J)))) for J in drawn(gain, size, networks)])
    with_loops, without = lasting(gain, 1.0, True), lasting(gain, 1.0, False)
    expected = (
        with_loops.first[1] - without.first[1],
        with_loops.second[1] - without.second[1],
        size
        * (
            row(activations.linear, gain, Frozen(1.0), size, order="finite")[1]
            - row(activations.linear, gain, Frozen(1.0), size, order="finite", self_coupling=False)[1]
        ),
    )
    for values, slope in zip((size * pairs * [1, 1, size]).T, expected, strict=True):
        assert values.mean() == pytest.approx(slope, abs=4 * values.std() / np.sqrt(networks) + 4 / size * abs(slope))
        assert abs(values.mean()) > 4 * values.std() / np.sqrt(networks)


@pytest.mark.parametrize("noise", [White(1.0), OrnsteinUhlenbeck(1.0, 3.0)])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_linear_units_have_no_stationary_state_from_the_critical_gain_on(noise, gain):
    """The spectrum of J fills the unit disc, so that the decay of the slowest mode, 1 − g, is zero at g = 1."""
    for options in ({"dt": 0.1}, {"dt": 0.1, "covariance": "long-window"}, {}):
        point = correlations(activations.linear, gain, noise, **options)
        assert np.isnan(float(point.variance))
        assert not bool(point.valid)
        assert str(point.reason.values) == (
            "no stationary state: activity grows without bound (linear units are stable for g < 1)"
        )
