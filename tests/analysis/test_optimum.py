import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag
from scipy.signal import find_peaks

import noisette as nz
from noisette.analysis import information_slope
from noisette.analysis._optimum import _refined, read_off
from noisette.analysis._scan import Scan, prominent_maxima
from noisette.errors import InputError

HALF_A_UNIT = 0.5001e-4
AUTAPSES = nz.Boltzmann(nz.weights.autapses(10))
NROOKS = nz.Boltzmann(nz.weights.nrooks(20))
HOPFIELD = nz.Boltzmann(nz.weights.hopfield([24, 7], 10))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "steps", "noise", "information"),
    [
        (AUTAPSES, 100, 4.3755, 4.0681),
        (AUTAPSES, 10_000, 2.4253, 4.9320),
        (NROOKS, 1000, 6.75375, 4.8397),  # 6.7537501: the printed 6.7537 is a rounding on the edge
        (NROOKS, 100_000, 4.9724, 4.9903),
        (HOPFIELD, 100, 23.1910, 1.1865),
    ],
    ids=["autapses-1e2", "autapses-1e4", "nrooks-1e3", "nrooks-1e5", "hopfield-1e2"],
)
def test_best_noise_of_a_finite_run(network, steps, noise, information):
    # Hopfield starts in its pattern, 24; for a signed permutation all states are equivalent
    best = nz.optimal_noise(network, steps, 24 if network is HOPFIELD else 0)
    assert best.noise == pytest.approx(noise, abs=HALF_A_UNIT)
    assert best.information == pytest.approx(information, abs=HALF_A_UNIT)
    assert best.kind == "maximum"
    assert not best.edge


def test_slope_by_differentiation_equals_a_finite_difference():
    h = 1e-3
    for estimator in ("fixed-start", "stationary"):
        around = nz.resonance(HOPFIELD, [15 - h, 15 + h], 100, 24, estimator).information.values
        slope = information_slope(HOPFIELD, 15.0, 100, 24, estimator)
        assert slope == pytest.approx(np.diff(around)[0] / (2 * h), rel=1e-5)


@pytest.mark.slow
def test_the_optimum_of_common_noise_is_found_without_derivatives():
    network = nz.Boltzmann(nz.weights.autapses(10, 2), noise=nz.Common(1.0))
    best = nz.optimal_noise(network, 100, between=np.linspace(2, 14, 7))
    nearby = nz.resonance(network, [best.noise - 0.1, best.noise, best.noise + 0.1], 100).information.values
    assert nearby.argmax() == 1


def test_a_maximum_at_the_end_of_the_range_is_marked():
    best = nz.optimal_noise(AUTAPSES, 100, between=[10.0, 20.0, 30.0])
    assert (best.noise, best.kind, best.edge) == (10.0, "edge", True)
    best = nz.optimal_noise(AUTAPSES, 100, between=[1.0, 2.0])
    assert (best.noise, best.kind) == (2.0, "edge")
    assert "beyond, it may be greater" in str(best)


@pytest.mark.slow
@pytest.mark.parametrize("weights", [nz.weights.nrooks(20), nz.weights.autapses(10)], ids=["nrooks", "autapses"])
def test_signed_permutations_of_sign_units_have_no_stationary_optimum(weights):
    # I = N (1 − h2(Φ(−w/r))) → N as r → 0; where the rates underflow float64, I is undefined and not NaN at a maximum
    best = nz.optimal_noise(nz.SignNetwork(weights), estimator="stationary")
    assert best.kind == "edge"
    assert best.information == pytest.approx(5, abs=1e-12)
    assert 0 < best.noise < np.abs(weights).max() / 7  # h2(Φ(−7)) < 1e-10
    assert "undefined at r = 0 (the chain has" in str(best)


@pytest.mark.slow
def test_a_boltzmann_signed_permutation_is_best_without_noise():
    best = nz.optimal_noise(AUTAPSES, estimator="stationary")
    assert (best.noise, best.kind) == (0.0, "edge")
    assert best.information == pytest.approx(4.9964, abs=HALF_A_UNIT)


@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
def test_information_that_is_independent_of_noise_is_flat(kind):
    for bias in (0.0, 3.0):
        best = nz.optimal_noise(kind(np.zeros((3, 3)), bias), 100)
        assert (best.kind, best.noise) == ("flat", 0.0)
        assert best.information == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_a_plateau_is_flat_and_its_middle_is_returned():
    # unit 1 tosses a coin once r ≫ 1e-6, unit 0 copies it without error while r ≪ 10: I = 1 bit in between
    network = nz.SignNetwork([[0.0, 10.0], [0.0, 0.0]], [0.0, 1e-6])
    for estimator in ("stationary", "fixed-start"):
        best = nz.optimal_noise(network, estimator=estimator)
        assert best.kind == "flat"
        assert best.level[0] < best.noise < best.level[1]
        assert 0.5 < best.level[1] < 1.9  # h2(Φ(−10/1.9)) = 2e-6 bit
        assert best.level[1] / best.level[0] > 2
        assert best.information == pytest.approx(1, abs=1e-7)
        assert "no single strength is best" in str(best)


def test_undefined_strengths_are_never_the_maximum():
    network = nz.SignNetwork(nz.weights.autapses(10))
    best = nz.optimal_noise(network, estimator="stationary", between=[0.0, 1e-5, 1e-4])
    assert best.kind == "undefined"
    assert np.isnan([best.noise, best.information]).all()
    assert "too few digits" in str(best)
    # some strengths are undefined: the others are compared
    best = nz.optimal_noise(network, estimator="stationary", between=[0.0, 10.0, 20.0])
    assert np.isfinite([best.noise, best.information, best.entropy]).all()


@settings(max_examples=200)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 4))
def test_maxima_are_those_of_scipy_with_a_lower_point_at_each_end(values, prominence):
    padded = np.array([-10.0, *values, -10.0])
    expected = find_peaks(padded, prominence=prominence)[0] - 1
    assert prominent_maxima(np.array(values, float), prominence) == expected.tolist()


@pytest.mark.slow
def test_peaks_three_decades_apart_are_both_found():
    # two independent blocks that differ only in scale: one at r behaves as the other at r/1000
    large, small = nz.weights.hopfield([2], 10), nz.weights.hopfield([2], 0.01)
    network = nz.SignNetwork(block_diag(large, small))
    best = nz.optimal_noise(network, 200)
    (first, high), (second, low) = sorted(best.maxima[:2], reverse=True)
    assert first / second == pytest.approx(1000, rel=1e-3)
    assert high == pytest.approx(low, abs=1e-3)
    assert best.kind == "maximum"


@pytest.mark.slow
def test_a_stationary_peak_is_found_where_passages_take_exp_of_millions_of_steps():
    # the large block passes between two mirror images in 1/Φ(−1800) steps: half a bit each, exactly;
    # the small block resonates at 2.182617 J with 1.241325 bit, as in a separate network
    def block(coupling):
        return coupling * (np.ones((3, 3)) - np.eye(3))

    alone = nz.optimal_noise(nz.SignNetwork(block(0.01)), estimator="stationary")
    best = nz.optimal_noise(nz.SignNetwork(block_diag(block(10.0), block(0.01))), estimator="stationary")
    assert best.kind == alone.kind == "maximum"
    assert best.noise == pytest.approx(alone.noise, rel=1e-4)
    assert best.information == pytest.approx(1 + alone.information, abs=1e-6)


@pytest.mark.slow
def test_a_peak_far_below_the_largest_field_is_not_missed():
    # one unit is held by a field of 10, the others resonate at a thousandth of it
    weights = block_diag([[0.0]], nz.weights.hopfield([2], 0.01))
    network = nz.SignNetwork(weights, [10.0] + [0.0] * (len(weights) - 1))
    alone = nz.optimal_noise(nz.SignNetwork(nz.weights.hopfield([2], 0.01)), 200)
    best = nz.optimal_noise(network, 200, 2 ** (len(weights) - 1))
    assert best.noise == pytest.approx(alone.noise, rel=1e-6)
    assert best.information == pytest.approx(alone.information, abs=1e-9)


@pytest.mark.slow
def test_the_optimum_of_sign_units_scales_with_their_weights():
    weights = nz.weights.gaussian(4, key=jax.random.key(3))
    for estimator in ("fixed-start", "stationary"):
        strong, weak = (nz.optimal_noise(nz.SignNetwork(c * weights), 500, 3, estimator) for c in (1.0, 1e-4))
        assert weak.noise == pytest.approx(1e-4 * strong.noise, rel=1e-5)
        assert weak.information == pytest.approx(strong.information, abs=1e-9)
        assert weak.kind == strong.kind


@pytest.mark.slow
@settings(max_examples=6)
@given(
    st.lists(st.floats(-1, 1), min_size=9, max_size=9),
    st.lists(st.floats(-2, 1.5), min_size=3, max_size=3),
    st.floats(-1, 1),
    st.integers(10, 100_000),
    st.integers(0, 7),
    st.sampled_from([nz.Boltzmann, nz.SignNetwork]),
    st.sampled_from(["fixed-start", "stationary"]),
)
def test_no_strength_of_a_dense_scan_is_better(entries, scales, bias, steps, start, kind, estimator):
    network = kind(np.reshape(entries, (3, 3)) * 10 ** np.array(scales)[:, None], bias)
    best = nz.optimal_noise(network, steps, start, estimator)
    dense = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 120)])
    information = nz.resonance(network, dense, steps, start, estimator).information.values
    if np.isfinite(information).any():
        assert best.information >= np.nanmax(information) - 1e-9
    else:
        assert best.kind == "undefined"


@pytest.mark.slow
def test_the_optimum_of_a_simulated_curve_is_within_its_errors():
    noise = np.linspace(0, 50, 6)
    curve = nz.resonance(AUTAPSES, noise, 200, estimator="single-run", runs=4, key=2)
    assert read_off(curve).kind == "maximum"
    assert read_off(curve.isel(noise=slice(0, 2))).kind == "edge"
    silent = nz.resonance(nz.Boltzmann(np.zeros((1, 1))), noise, 200, estimator="single-run", runs=4, key=2)
    assert read_off(silent).kind == "flat"
    assert read_off(curve.where(curve.noise < 0)).kind == "undefined"


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="estimator 'single-run'; fixed-start, start-averaged or stationary"):
        nz.optimal_noise(AUTAPSES, estimator="single-run")
    with pytest.raises(InputError, match="at least two"):
        nz.optimal_noise(AUTAPSES, between=[1.0])
    with pytest.raises(InputError, match="shared noise"):
        information_slope(nz.Boltzmann([[1.0]], noise=nz.Common(1.0)), 1.0)


def test_a_maximum_next_to_undefined_strengths_is_not_refined_into_them():
    def slope(noise):
        raise AssertionError(f"slope at {noise}, between a defined and an undefined strength")

    scan = Scan(AUTAPSES, 100, 0, "fixed-start")
    scan.noise = np.arange(4.0)
    for information in ([np.nan, 3.0, 2.0, 1.0], [2.0, 3.0, np.nan, 1.0]):
        scan.information = np.array(information)
        assert _refined(scan, 1, slope) == (1.0, 3.0)
