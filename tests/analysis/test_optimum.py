import numpy as np
import pytest

import noisette as nz
from noisette.analysis.optimum import information_slope
from noisette.errors import InputError

HALF_A_UNIT = 0.5001e-4
AUTAPSES = nz.Boltzmann(nz.weights.autapses(10))
NROOKS = nz.Boltzmann(nz.weights.nrooks(20))
HOPFIELD = nz.Boltzmann(nz.weights.hopfield([24, 7], 10))


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
    # Hopfield starts in its pattern, 24; any state of a signed permutation is as good as another
    best = nz.optimal_noise(network, steps, 24 if network is HOPFIELD else 0)
    assert best.noise == pytest.approx(noise, abs=HALF_A_UNIT)
    assert best.information == pytest.approx(information, abs=HALF_A_UNIT)
    assert not best.edge


def test_best_stationary_noise_of_hopfield():
    best = nz.optimal_noise(HOPFIELD, estimator="stationary")
    assert best.noise == pytest.approx(21.7507, abs=HALF_A_UNIT)
    assert best.information == pytest.approx(1.24132, abs=0.5001e-5)


def test_best_stationary_noise_of_hopfield_in_the_limit_of_strong_coupling():
    # J ≫ 1 is the sign network, whose only scale is J
    best = nz.optimal_noise(nz.SignNetwork(nz.weights.hopfield([24, 7], 1)), estimator="stationary")
    assert best.noise == pytest.approx(2.182617, abs=0.5001e-6)
    assert best.information == pytest.approx(1.241325, abs=0.5001e-6)


def test_slope_by_differentiation_equals_a_finite_difference():
    h = 1e-3
    for estimator in ("fixed-start", "stationary"):
        around = nz.resonance(HOPFIELD, [15 - h, 15 + h], 100, 24, estimator).information.values
        slope = information_slope(HOPFIELD, 15.0, 100, 24, estimator)
        assert slope == pytest.approx(np.diff(around)[0] / (2 * h), rel=1e-5)


def test_the_optimum_of_common_noise_is_found_without_derivatives():
    network = nz.Boltzmann(nz.weights.autapses(10, 2), noise=nz.Common(1.0))
    best = nz.optimal_noise(network, 100, between=np.linspace(2, 14, 7))
    beside = nz.resonance(network, [best.noise - 0.1, best.noise, best.noise + 0.1], 100).information.values
    assert beside.argmax() == 1


def test_a_maximum_at_the_end_of_the_range_is_marked():
    assert nz.optimal_noise(AUTAPSES, 100, between=[10.0, 20.0, 30.0]).edge


def test_bad_input_is_named():
    with pytest.raises(InputError, match="unknown estimator 'single-run'"):
        nz.optimal_noise(AUTAPSES, estimator="single-run")
    with pytest.raises(InputError, match="at least two"):
        nz.optimal_noise(AUTAPSES, between=[1.0])
    with pytest.raises(InputError, match="shared noise"):
        information_slope(nz.Boltzmann([[1.0]], noise=nz.Common(1.0)), 1.0)
