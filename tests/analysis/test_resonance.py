from typing import Any

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import sampled_divergence
from noisette.errors import InputError

AUTAPSES = nz.Boltzmann(nz.weights.autapses(10))
NROOKS = nz.Boltzmann(nz.weights.nrooks(20))
HOPFIELD = nz.Boltzmann(nz.weights.hopfield([24, 7], 10))
NETWORKS = {"autapses": AUTAPSES, "nrooks": NROOKS, "hopfield": HOPFIELD}
STARTS = {"autapses": 0, "nrooks": 0, "hopfield": 24}  # Hopfield starts in its pattern
STRENGTHS = {"autapses": [0, 4, 50], "nrooks": [0, 7, 50], "hopfield": [0, 23, 50]}
HALF_A_UNIT = 0.5001e-4

# mean H and I of single runs of 1e4 steps
SINGLE = {
    "autapses": ([1.109, 4.908, 4.998], [1.106, 4.472, 0.162]),
    "nrooks": ([3.000, 4.953, 4.998], [3.000, 4.825, 0.425]),
    "hopfield": ([0.0, 3.367, 4.944], [0.0, 1.297, 0.445]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_divergence_is_the_difference_of_entropy_and_information(name):
    result = nz.resonance(NETWORKS[name], STRENGTHS[name], start=STARTS[name])
    assert (result.entropy - result.information).values == pytest.approx(result.divergence.values, abs=1e-12)
    assert (result.attrs["method"], result.attrs["estimator"]) == ("exact", "fixed-start")


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_mean_of_single_runs_has_the_values_of_the_specification(name):
    # 40 runs: 18 comparisons at 4.5 standard errors plus the rounding of the printed value, with a fixed
    # seed; the false-alarm rate of all three tests together is below 1e-3
    result = nz.resonance(NETWORKS[name], STRENGTHS[name], start=STARTS[name], estimator="single-run", runs=40, key=3)
    for quantity, expected in zip(("entropy", "information"), SINGLE[name], strict=True):
        allowed = 4.5 * result[f"{quantity}_se"].values + 0.5e-3
        assert (np.abs(result[quantity].values - expected) <= allowed).all(), (
            quantity,
            result[quantity].values,
        )
    assert result.attrs["method"] == "simulated"
    if name == "autapses":  # the standard deviation between quiet runs, .60 ± 4.5 · .60/√(2·40)
        assert result.entropy_se.values[0] * np.sqrt(40) == pytest.approx(0.60, abs=0.3)


def test_random_starts_hide_the_resonance():
    result = nz.resonance(AUTAPSES, [0, 2, 4], estimator="start-averaged")
    assert result.entropy.values == pytest.approx([5, 5, 5], abs=1e-9)
    assert (np.diff(result.information.values) < 0).all()


def test_the_stationary_information_of_a_signed_permutation_decreases_with_noise():
    result = nz.resonance(nz.SignNetwork(nz.weights.nrooks(20)), np.linspace(5, 60, 8), estimator="stationary")
    assert (np.diff(result.information.values) < 0).all()


@pytest.mark.slow
def test_the_plug_in_bias_follows_its_formula_and_miller_madow_removes_it():
    # r = 50, N_T = 1e3 and 1e4: bias (32² − 64 + 1)/(2 N_T ln 2) = .69 and .069 if every pair is seen; the
    # specification reports .78 and .07 for its own counts. 5 standard errors: false alarms below 1e-5.
    exact = 0.0909
    for steps, least, most in ((1000, 0.30, 0.85), (10_000, 0.060, 0.080)):
        result = nz.resonance(AUTAPSES, [50], steps, estimator="single-run", runs=20, key=1)
        bias = float(result.information[0]) - exact
        assert least < bias < most
        assert abs(float(result.information_corrected[0]) - exact) < 0.5 * bias


@pytest.mark.slow
def test_single_runs_lie_below_the_mixture_of_runs():
    # Entropy and conditional entropy are concave: ⟨H⟩ and ⟨D⟩ of single runs lie below the exact fixed-start values.
    # In this network the loss of H prevails, so that I is too low by ten standard errors, and lower still when
    # corrected; at r = 50 the loss of D prevails. 400 runs, 5 standard errors: false alarms below 1e-5.
    network = nz.Boltzmann(nz.weights.autapses(4, 3))
    noise = [2.0, 50.0]
    exact = nz.resonance(network, noise, 300)
    result = nz.resonance(network, noise, 300, estimator="single-run", runs=400, key=1)
    assert float(exact.information[0]) == pytest.approx(1.92733, abs=0.5001e-5)
    for name in ("entropy", "divergence"):
        assert (result[name] < exact[name] - 5 * result[f"{name}_se"]).all()
    off, error = result.information - exact.information, result.information_se
    assert float(off[0]) < -5 * float(error[0])
    assert float(off[1]) > 5 * float(error[1])
    assert float(result.information[0]) == pytest.approx(1.871, abs=5 * float(error[0]))
    assert float(result.information_corrected[0]) == pytest.approx(1.827, abs=5 * float(error[0]))


@pytest.mark.slow
def test_undefined_values_are_reported():
    network = nz.SignNetwork(nz.weights.autapses(10))
    result = nz.resonance(network, [0.0, 5.0], estimator="stationary")
    assert result.undefined.startswith("noise 0: the chain has 32 closed sets")
    assert "undefined" not in nz.resonance(network, [0.0, 5.0]).attrs
    # a chain too slow for the matrix-free solver: that strength is undefined, the others are computed
    large = nz.Boltzmann(nz.weights.autapses(20, 13))
    result = nz.resonance(large, [0.0, 40.0], estimator="stationary")
    assert np.isnan(result.information.values).tolist() == [True, False]
    assert "mixes too slowly" in result.undefined


@pytest.mark.slow
def test_rates_beyond_float64_keep_the_stationary_curve_continuous():
    # h/r from 10 to 400: I = N (1 − h2(Φ(−h/r))) is N wherever h2 is below 1e-20, without gaps
    weights, noise = nz.weights.nrooks(20), np.geomspace(0.05, 2.0, 7)
    result = nz.resonance(nz.SignNetwork(weights), noise, estimator="stationary")
    assert result.information.values == pytest.approx(5.0, abs=1e-12)


def test_hopfield_entropy_of_the_paper_contradicts_its_information():
    # where H passes 1.5 on the stationary curve, I is 1.08 and not 1.3
    from scipy.optimize import brentq

    def above(r):
        return float(nz.resonance(HOPFIELD, [r], estimator="stationary").entropy[0]) - 1.5

    r: Any = brentq(above, 5, 23, xtol=1e-4)
    information = float(nz.resonance(HOPFIELD, [r], estimator="stationary").information[0])
    assert information == pytest.approx(1.08, abs=0.005)


def test_a_silent_sign_network_has_no_stationary_value():
    result = nz.resonance(nz.SignNetwork(nz.weights.autapses(10)), [0, 5], estimator="stationary")
    assert np.isnan(result.information.values[0])
    assert 0 < result.information.values[1] < 5


@pytest.mark.slow
def test_divergence_without_counting_equals_exact_divergence():
    # 5 standard errors of 8 runs (t with 7 degrees of freedom): false alarms 0.2 %
    network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10), noise=nz.White(20.0))
    exact = float(nz.resonance(network, [1.0], 2000).divergence[0])
    result = sampled_divergence(network, [1.0], 2000, every=1, key=2)
    assert float(result.divergence[0]) == pytest.approx(exact, abs=5 * float(result.divergence_se[0]))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_curve_and_progress_reaches_its_end():
    calls = []
    arguments = {"estimator": "single-run", "runs": 2, "key": 5, "steps": 50}
    first = nz.resonance(AUTAPSES, [1.0, 4.0], progress=lambda done, total: calls.append((done, total)), **arguments)
    second = nz.resonance(AUTAPSES, [1.0, 4.0], **arguments)
    assert first.identical(second)
    assert calls[-1][0] == calls[-1][1]


@pytest.mark.slow
def test_a_subset_is_observed_and_rao_blackwell_agrees_with_exact():
    result = nz.resonance(AUTAPSES, [4.0], 2000, estimator="rao-blackwell", runs=8, units=[0], key=1)
    assert float(result.information[0]) == pytest.approx(1 - 0.0911274, abs=5 * float(result.information_se[0]) + 1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise": [-1.0]}, "zero or positive"),
        ({"noise": [np.nan]}, "zero or positive"),
        ({"noise": []}, "list of strengths"),
        ({"noise": [1.0], "estimator": "best"}, "estimator 'best'; auto, fixed-start"),
        ({"noise": [1.0], "steps": 0}, "steps 0"),
        ({"noise": [1.0], "units": [0], "estimator": "fixed-start"}, "subsets are simulated"),
        ({"noise": [1.0], "start": 32}, "0 to 31"),
        ({"noise": [1.0], "start": "anywhere"}, "uniform"),
        ({"noise": [1.0], "start": [0.5, 0.5]}, "distribution over 32"),
        ({"noise": [1.0], "estimator": "single-run", "runs": 1}, "at least 2"),
        ({"noise": [1.0], "estimator": "single-run", "units": [7]}, "unit indices from 0 to 4"),
    ],
)
def test_invalid_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        nz.resonance(AUTAPSES, **arguments)


def test_too_many_units_are_refused_with_their_number():
    large = nz.Boltzmann(nz.weights.gaussian(30, key=jax.random.key(0)))
    with pytest.raises(InputError, match="30 units"):
        nz.resonance(large, [1.0], estimator="fixed-start")
    with pytest.raises(InputError, match="30 units"):
        nz.resonance(large, [1.0], estimator="single-run")
