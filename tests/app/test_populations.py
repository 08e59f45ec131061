"""The page about populations shows the library's own numbers, and its stories are true."""

import contextlib
import io

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.app.pages import _populations_results as results
from noisette.app.pages import populations as page
from noisette.app.results import quiet

SMALL = page.PopulationsView(size=40, gain=0.3)
STORIES = {story.title: story for story in page.PAGE.stories}


def populations(view, size=1000, **changes):
    """Return the populations of a view in Python."""
    number = round(view.fraction * size)
    mean, variance = [[view.excitation, -view.balance * view.excitation]] * 2, [[view.variance_e, view.variance_i]] * 2
    ensemble = nz.ensembles.Blocks(mean, variance, [number, size - number])
    noise = nz.White(view.noise) if view.noise else None
    return nz.networks.Populations(ensemble, tau=[1.0, view.tau], bias=[view.bias, 0.0], noise=noise)


def last(part, view):
    """Return the complete answer of a part."""
    *_, answer = page.PAGE.part(part).compute(view, quiet)
    return answer


def test_curves_are_those_of_theory(monkeypatch):
    monkeypatch.setattr(page, "GAINS", (0.2,))
    answer = last("curves", SMALL)
    expected = nz.theory.population_mean_field(populations(SMALL), [0.2, 0.3], start_mean=0.5)
    for name in ("mean", "variance", "lyapunov", "outlier"):
        np.testing.assert_allclose(answer.data[name].values, expected[name].values, atol=1e-9)
    assert answer.complete
    assert f"{float(expected['mean'][1, 0]):.3f}" in answer.sentence
    assert answer.figures["curves"]["layout"]["shapes"][0]["x0"] == 0.3


def test_the_run_is_one_network_of_the_ensemble():
    data = last("run", SMALL).data
    key = jax.random.key(0)
    network = populations(SMALL, 40).network(0.3, key=key)
    start = 0.5 + np.asarray(jax.random.normal(jax.random.fold_in(key, 1), (40,), float))
    options = {"duration": 120.0, "dt": 0.05, "start": start, "key": jax.random.fold_in(key, 2), "warn": False}
    trace = nz.simulate(network, probes=nz.Trace(every=4), **options).trace[0]
    np.testing.assert_array_equal(data.trace, trace)
    late = trace.sel(time=slice(60, None)).values
    np.testing.assert_allclose(data.simulated_mean, [late[:, :32].mean(), late[:, 32:].mean()])


def test_eigenvalues_are_those_of_the_network_and_its_ensemble():
    """The outlier of 400 units is that of theory up to its fluctuation g √(V/N) of 0.1; the disc up to 10 %."""
    view = page.PopulationsView(gain=1.0, excitation=4.0, balance=0.0, variance_e=1.0, variance_i=1.0, size=400)
    answer = page.PAGE.part("spectrum").compute(view, quiet)
    values = answer.data["real"].values + 1j * answer.data["imaginary"].values
    W = populations(view, 400).network(1.0, key=0).weights
    np.testing.assert_allclose(np.sort_complex(values), np.sort_complex(np.linalg.eigvals(np.asarray(W))))
    order = np.argsort(abs(values))
    assert abs(values[order[-1]] - answer.data.attrs["outlier"]) < 0.5
    assert answer.data.attrs["outlier"] == 4.0
    assert abs(values[order[-2]]) == pytest.approx(answer.data.attrs["radius"], rel=0.1)
    assert "outlier at 4.00" in answer.sentence
    assert "no outlier" in page.PAGE.part("spectrum").compute(page.PopulationsView(balance=1.0), quiet).sentence


def test_gains_without_theory_are_reported(monkeypatch):
    monkeypatch.setattr(page, "GAINS", ())
    monkeypatch.setattr(page.results, "solution", lambda law, gain: results.Solution(None, "means oscillate"))
    answer = last("curves", SMALL)
    assert answer.sentence == "At g = 0.3 there is no theory: means oscillate."
    assert answer.figures["curves"]["data"][0]["x"] == []


def test_the_code_prints_the_numbers_of_the_page():
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        exec(page.python(SMALL), {})
    data = last("run", SMALL).data
    for name in ("simulated_mean", "simulated_variance"):
        for value in data[name].values:
            assert str(value)[:8] in text.getvalue()


@pytest.mark.slow
def test_the_stories_are_true():
    def theory(title, **changes):
        view = STORIES[title].view.but(**changes)
        return nz.theory.population_mean_field(populations(view), view.gain, start_mean=0.5)

    for balance, means, critical in ((2.0, [0.67, 0.17], 0.86), (4.0, [0.60, 0.10], 0.83)):
        data = theory("Inhibition lowers the means", balance=balance)
        np.testing.assert_allclose(data["mean"], means, atol=0.006)
        view = STORIES["Inhibition lowers the means"].view.but(balance=balance)
        onset = nz.theory.population_critical_gain(populations(view))
        assert float(onset.gain) == pytest.approx(critical, abs=0.006)
    data = theory("An outlier moves the mean")
    np.testing.assert_allclose(data["mean"], 0.64, atol=0.006)
    assert float(data.lyapunov) == pytest.approx(-0.36, abs=0.006)
    view = STORIES["An outlier moves the mean"].view
    onset = nz.theory.population_critical_gain(populations(view))
    assert (float(onset.gain), onset.instability.item()) == (pytest.approx(1.0), "outlier")
    assert float(theory("An outlier moves the mean", variance_e=2.0, variance_i=2.0).lyapunov) > 0
    for noise, exponent, variance in ((0.0, 0.10, 2.33), (1.0, -0.01, 2.48), (1.5, -0.10, 2.90)):
        data = theory("Noise suppresses chaos", noise=noise)
        assert float(data.lyapunov) == pytest.approx(exponent, abs=0.006)
        np.testing.assert_allclose(data.variance, variance, atol=0.006)
