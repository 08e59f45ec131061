"""The page about correlations shows the library's own numbers, or refuses a view in words."""

import json
import subprocess
import sys

import numpy as np
import pytest

import noisette as nz
from noisette.app.pages import _correlations_results as results
from noisette.app.pages import correlations as page
from noisette.app.results import answers, data_of, quiet, view_of
from noisette.errors import InputError

TANH = nz.activations.tanh
NAMES = ("variance", "covariance_variance", "participation_dimension")
SMALL = page.Correlations(size=20, networks=2)
# in strong noise fixed points are stable up to g = 2.7, so that the theory of chaos is needed at three gains only
CHAOS = SMALL.but(strength=3.0, gain=3.0, activity="rate")
LINEAR = SMALL.but(activation="linear", gain=0.6, seed=2)  # with stationary states at all gains


def last(part, view, report=quiet):
    """Return the complete answer of a part."""
    *_, answer = page.PAGE.part(part).compute(view, report)
    return answer


def theory(activation, gain, noise, **options):
    """Return D by theory."""
    return float(nz.theory.correlations(activation, gain, noise, **options).participation_dimension)


@pytest.mark.slow
def test_the_curves_are_those_of_the_library():
    data = last("curves", CHAOS.but(networks=0)).data
    gains = np.arange(1, 31) / 10
    known = nz.theory.correlations(TANH, gains, nz.Frozen(3.0), activity="rate")
    chaos = nz.theory.correlations(TANH, 3.0, nz.Frozen(3.0), activity="rate", dynamic=True, dt=0.1)
    np.testing.assert_array_equal(data.gain.values, gains)
    for name in (*NAMES, "susceptibility"):
        np.testing.assert_array_equal(data[name].values, known[name].values)
    for name in NAMES:
        assert float(data[f"dynamic_{name}"].sel(gain=3.0)) == float(chaos[name])
    assert np.array_equal(np.isfinite(data.dynamic_variance.values), ~known.valid.values)


@pytest.mark.slow
def test_points_are_those_of_the_library_for_fixed_points_and_for_chaos():
    data = last("curves", CHAOS).data
    for gain, dynamic in ((0.9, False), (3.0, True)):
        options = {"networks": 2, "draws": 48, "activity": "rate", "key": 0, "dynamic": dynamic, "dt": 0.1}
        point = nz.simulated_correlations(TANH, gain, nz.Frozen(3.0), 20, **options)
        for name in (*NAMES, *(f"{name}_se" for name in NAMES), "failed"):
            assert float(data[f"simulated_{name}"].sel(gain=gain)) == float(point[name])


@pytest.mark.parametrize(
    ("kind", "noise"),
    [("frozen", nz.Frozen(0.5)), ("white", nz.White(0.5**0.5)), ("coloured", nz.OrnsteinUhlenbeck(1 / 3**0.5, 3.0))],
)
def test_the_strength_is_the_standard_deviation_of_an_isolated_unit(kind, noise):
    process = page.law_of(page.Correlations(kind=kind, strength=0.5)).noise
    isolated = nz.theory.mean_field(nz.activations.linear, 0.0, process)
    assert float(isolated.variance) == pytest.approx(0.25, rel=1e-9)
    for ours, expected in zip(process.__dict__.values(), noise.__dict__.values(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12)


@pytest.mark.slow
def test_a_gain_costs_nothing_once_the_curves_are_known():
    view = CHAOS.but(networks=0)
    last("curves", view)
    assert not page.curves_are_long(view.but(gain=0.7))
    assert not page.curves_are_long(view.but(gain=2.9))
    assert page.curves_are_long(view.but(strength=2.9))
    assert not page.state_is_long(view)
    assert page.state_is_long(view.but(activation="power:0.75", kind="white"))


def test_the_regime_follows_gain_activation_and_noise():
    for changes, words in (
        ({"gain": 1.2}, "stable (χ = 0.54 < 1)"),
        ({"gain": 2.5}, "χ = 1.41 ≥ 1: fixed points are unstable"),
        ({"activation": "linear", "gain": 1.1}, "grows without bound"),
        ({"activation": "relu", "gain": 0.9, "size": 30}, "networks of 30 units differ"),
        ({"kind": "white"}, "Euler steps of 0.1"),
    ):
        view = page.Correlations(**changes)
        answer = page.state(view, quiet)
        assert words in answer.sentence
    assert page.state(page.Correlations(gain=1.2), quiet).values["D at the gain"] == "0.3817"


def test_there_is_nothing_to_simulate_without_a_stationary_state():
    view = page.Correlations(activation="linear", gain=1.5, networks=0)
    for name in ("pairs", "lags"):
        assert not page.PAGE.part(name).long(view)
        assert "without bound" in last(name, view).figures[name]["layout"]["annotations"][0]["text"].replace(
            "<br>", " "
        )


def test_activity_at_a_stable_fixed_point_is_constant():
    assert not page.lags_are_long(page.Correlations())
    text = last("lags", page.Correlations()).figures["lags"]["layout"]["annotations"][0]["text"]
    assert "C(τ) = 1.71 at all lags" in text
    assert page.lags_are_long(page.Correlations(gain=2.5))


@pytest.mark.slow
def test_covariances_of_pairs_follow_the_prediction():
    view = page.Correlations(gain=0.9, size=60)
    data = last("pairs", view).data
    W = nz.weights.gaussian(60, 60**-0.5, key=0)
    network = nz.RateNetwork(W, 0.9, noise=nz.Frozen(1.0))
    predicted = nz.theory.predicted_covariance(network, draws=0).covariance.values[np.triu_indices(60, 1)]
    np.testing.assert_array_equal(data.predicted.values, predicted)
    assert np.corrcoef(predicted, data.covariance.values)[0, 1] > 0.9
    assert float(data.covariance_variance) == pytest.approx(60 * np.mean(predicted**2), rel=0.1)


@pytest.mark.slow
def test_autocovariance_of_chaos_keeps_the_frozen_part():
    view = page.Correlations(gain=2.5, size=100)
    data = last("lags", view).data
    plateau = nz.theory.autocovariance(TANH, 2.5, nz.Frozen(1.0), [1000.0], dt=0.1).current[0]
    point = data.dropna("lag", subset=["simulated"])
    assert float(data.theory.dropna("lag")[0]) > float(plateau) > 1
    assert float(abs(point.simulated - point.theory.interpolate_na("lag"))[0]) < 5 * float(point.simulated_se[0])
    assert float(point.simulated.min()) > 0.8 * float(plateau)


NUMBERS = (
    "[theory.participation_dimension.values.tolist(), "
    "sorted(x for each in simulated.values() for x in each.participation_dimension.values.tolist()), "
    "pairs.tolist(), C_simulated.values.tolist() if 'C_simulated' in globals() else []]"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "view",
    [
        CHAOS,
        LINEAR,
        LINEAR.but(kind="white"),
        LINEAR.but(kind="coloured", tau=2.0),
        SMALL.but(activation="relu", gain=0.9),
    ],
    ids=lambda view: f"{view.activation}-{view.kind}-{view.activity}",
)
def test_the_code_of_a_view_gives_its_numbers(view):
    names = {}
    exec(page.python(view), names)
    check_numbers(view, eval(NUMBERS, names))


@pytest.mark.slow
def test_code_runs_in_a_fresh_process(tmp_path):
    code = f"{page.python(LINEAR)}\nimport json\nprint('NUMBERS', json.dumps({NUMBERS}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    check_numbers(LINEAR, json.loads(done.stdout.rpartition("NUMBERS ")[2]))


def check_numbers(view, numbers):
    """Compare the numbers of the code of a view with those of the page."""
    curve, points, pairs, lags = numbers
    known = answers(view)
    data = known["curves"].data
    np.testing.assert_array_equal(curve, data.participation_dimension.values)
    assert points == sorted(data.simulated_participation_dimension.dropna("gain").values.tolist())
    np.testing.assert_array_equal(pairs, known["pairs"].data.covariance.values)
    if lags:
        np.testing.assert_array_equal(lags, known["lags"].data.simulated.dropna("lag").values)
    else:
        assert "simulated" not in known["lags"].data


@pytest.mark.slow
def test_the_command_of_a_view_gives_its_numbers(tmp_path):
    done = subprocess.run(page.command(LINEAR), shell=True, capture_output=True, text=True, cwd=tmp_path, check=True)
    parts = json.loads(done.stdout)["parts"]
    data = answers(LINEAR)["curves"].data
    numbers = [np.nan if x is None else x for x in parts["curves"]["data"]["simulated_variance"]]
    np.testing.assert_array_equal(numbers, data.simulated_variance.values)


@pytest.mark.slow
def test_the_sentences_about_theory_in_the_stories_are_true():
    def frozen(gain, **options):
        return theory(TANH, gain, nz.Frozen(1.0), **options)

    assert [frozen(g) for g in (0.6, 1.2, 1.8)] == pytest.approx([0.77, 0.38, 0.17], abs=0.005)
    assert frozen(3.0, dynamic=True, dt=0.1) == pytest.approx(0.08, abs=0.005)
    assert nz.theory.critical_gain(TANH, nz.Frozen(1.0)) == pytest.approx(1.856, abs=5e-4)
    linear = [theory(nz.activations.linear, g, nz.Frozen(1.0)) for g in (0.5, 0.9)]
    np.testing.assert_allclose(linear, [(1 - g**2) ** 2 for g in (0.5, 0.9)], rtol=1e-12)
    assert linear == pytest.approx([0.56, 0.04], abs=0.005)
    white = nz.White(2**0.5)
    assert theory(TANH, 1.2, white, dt=0.1) == pytest.approx(0.71, abs=0.005)
    assert nz.theory.critical_gain(TANH, white) == pytest.approx(2.35, abs=0.01)
    noises = [nz.OrnsteinUhlenbeck(((1 + t) / t) ** 0.5, t) for t in (0.5, 3.0, 10.0)]
    coloured = [theory(TANH, 1.2, noise, dt=0.1) for noise in noises]
    assert coloured == pytest.approx([0.61, 0.47, 0.42], abs=0.005)
    assert theory(nz.activations.relu, 0.9, nz.Frozen(1.0)) == pytest.approx(0.57, abs=0.005)


@pytest.mark.slow
def test_few_units_deviate_from_the_theory_and_many_agree():
    few = page.PAGE.stories[4].view
    rows = results.rows_of(page.law_of(few))
    for size, low, high in ((30, 0.0, 0.5), (200, 0.9 * 0.5736, 1.1 * 0.5736)):
        point = rows.sample(few.gain, size, few.networks, few.seed, quiet)  # as at this gain of the curves
        assert low < point["participation_dimension"] < high
    assert "differ" in page.state(few, quiet).sentence
    assert "differ" not in page.state(few.but(activation="tanh"), quiet).sentence


@pytest.mark.slow
def test_points_appear_one_after_the_other_and_a_stop_ends_the_simulation():
    view = LINEAR.but(seed=1)  # there are stationary states at three of the gains of simulations
    counts = [int(answer.data.simulated_variance.notnull().sum()) for answer in page.curves(view, quiet)]
    assert counts == sorted(counts)
    assert set(counts) == set(range(4))

    class End(Exception):
        pass

    def stop(done, total):
        if done > 31:
            raise End

    with pytest.raises(End):
        last("curves", view.but(seed=2), stop)
    again = last("curves", view.but(seed=2))
    assert int(again.data.simulated_variance.notnull().sum()) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "activation=power:1.5&gain=2",
        "activation=relu&gain=1.35&activity=rate",
        "activation=power:0.4&gain=0.5&kind=white&networks=0",
        "activation=sigmoid&kind=white&networks=0",
        "activation=formula:x/(1%2Babs(x))&kind=coloured&networks=0",
        "activation=threshold:0.5&gain=2.5",
    ],
)
def test_unusual_activations_answer_in_all_parts(query, monkeypatch):
    gains = page.gains_of
    monkeypatch.setattr(page, "gains_of", lambda view: sorted({*gains(view)[2::9], view.gain}))
    view = view_of(f"/correlations?size=20&networks=2&{query}")
    known = answers(view)
    for part in page.PAGE.parts:
        assert known[part.name].complete
        assert set(known[part.name].figures) == {panel.name for panel in part.panels}
    words = known["state"].sentence
    assert words.startswith(f"At g = {view.gain:g}")
    assert "nan" not in words


@pytest.mark.slow
def test_the_data_hold_the_numbers_of_all_parts():
    data = data_of("/correlations?activation=linear&gain=0.5&networks=0&size=20")
    assert float(data["curves"].variance.sel(gain=0.5)) == pytest.approx(4 / 3, rel=1e-12)
    assert data["pairs"].covariance.shape == (190,)


def test_wrong_addresses_are_refused_in_words():
    for address, words in (
        ("/correlations?activation=os:system", "tanh"),
        ("/correlations?activation=power:-1", "exponent above zero"),
        ("/correlations?gain=4", "from 0.05 to 3"),
        ("/correlations?size=1000", "from 20 to 200"),
        ("/correlations?networks=1", "at least 2"),
        ("/correlations?kind=pink", "frozen, white, coloured"),
    ):
        with pytest.raises(InputError, match=words):
            view_of(address)
