"""Summaries used by the terminal, plots and papers: the effect of noise, chaos over networks, memory of a network."""

import jax
import numpy as np
import pytest
import xarray as xr

import noisette as nz
from noisette.analysis import (
    chaos_summary,
    driven_states,
    entropy_rate,
    kaplan_yorke,
    memory_curve,
    network_memory,
    random_signal,
    total_capacity,
)
from noisette.averages import mean_and_error
from noisette.errors import InputError

AUTAPSES = nz.Boltzmann(nz.weights.autapses(10))
SILENT = nz.Boltzmann(np.zeros((3, 3)))


@pytest.mark.slow
def test_noise_helps_autapses_and_the_optimum_is_that_of_the_search():
    effect = nz.noise_effect(AUTAPSES, [0, 4, 50])
    best = nz.optimal_noise(AUTAPSES, between=[0, 4, 50])
    assert effect.helps is True
    assert (effect.optimum.noise, effect.optimum.kind) == (pytest.approx(best.noise, rel=1e-6), "maximum")
    assert effect.least_information == pytest.approx(3.2837, abs=1e-4)
    assert effect.gain == pytest.approx(best.information - effect.least_information)
    assert str(effect).splitlines() == [str(effect.optimum), *str(effect).splitlines()[1:]]
    assert "Noise helps: I rises from 3.284 bit at r = 0 to 4.932 bit at r = 2.425." in str(effect)
    assert "32 fixed points; without noise a run stays near one of them" in effect.reason
    assert effect.data.attrs["optimal_noise"] == effect.optimum.noise
    assert len(effect.plot().axes) == 1


@pytest.mark.slow
def test_noise_does_not_help_where_information_only_falls():
    effect = nz.noise_effect(AUTAPSES, [0, 4, 50], estimator="stationary")
    assert effect.helps is False
    assert "Noise does not help: I is" in str(effect)
    assert "no attractor that a run does not reach already" in effect.reason


def test_no_conclusion_if_the_curve_is_undefined_without_noise():
    effect = nz.noise_effect(nz.SignNetwork(nz.weights.autapses(4)), [0, 4], estimator="stationary")
    assert (effect.helps, effect.reason) == (None, "")
    assert "cannot be compared with its value at r = 0" in str(effect)


@pytest.mark.slow
def test_simulated_curves_depend_on_the_key_only():
    arguments = {"estimator": "single-run", "steps": 200, "runs": 4}
    effect = nz.noise_effect(AUTAPSES, [0, 4, 50], key=2, **arguments)
    curve = nz.resonance(AUTAPSES, [0, 4, 50], 200, 0, "single-run", runs=4, key=2)
    np.testing.assert_array_equal(effect.data.information, curve.information)
    assert effect.optimum.noise in (0, 4, 50)
    assert nz.noise_effect(AUTAPSES, [0, 4, 50], key=jax.random.key(2), **arguments).data.equals(effect.data)


def test_unknown_options_are_refused_by_name():
    with pytest.raises(InputError, match=r"^noise_effect with the argument seed; its arguments are .*, runs, units"):
        nz.noise_effect(SILENT, [0, 1], seed=3)


def chaos():
    """Return a curve of two gains and three networks, one of which diverged."""
    exponents = np.array([[[0.2, -0.1], [0.4, -0.3], [np.nan, np.nan]], [[-1.0, -2.0], [-2.0, -3.0], [-3.0, -4.0]]])
    each = {"kinetic_energy": 1.0, "dt": 0.1, "stability": 0.5}
    return xr.Dataset(
        {
            "lyapunov": (("gain", "network", "exponent"), exponents),
            "audit": (("gain", "network"), [["ok", "not converged", "diverged"], ["ok", "ok", "ok"]]),
            **{name: (("gain", "network"), np.full((2, 3), value)) for name, value in each.items()},
        },
        {"gain": [2.0, 0.5]},
    )


def test_the_summary_of_chaos_leaves_out_what_diverged_and_reports_the_worst_verdict():
    summary = chaos_summary(chaos())
    assert summary.lyapunov.values == pytest.approx([0.3, -2.0])
    assert summary.lyapunov_se.values == pytest.approx([0.1, 1 / np.sqrt(3)])
    assert summary.audit.values.tolist() == ["not converged", "ok"]
    assert summary.spectrum.values[1] == pytest.approx([-2.0, -3.0])
    two = [np.array([0.2, -0.1]), np.array([0.4, -0.3])]
    # two exponents with a positive sum do not determine the dimension
    known = [d for d in map(kaplan_yorke, two) if np.isfinite(d)]
    assert summary.kaplan_yorke.values == pytest.approx([np.mean(known) if known else np.nan, 0.0], nan_ok=True)
    assert summary.entropy.values == pytest.approx([np.mean([entropy_rate(e) for e in two]), 0.0])
    assert summary.lyapunov.attrs["units"] == "1/tau"


def test_a_single_network_has_no_standard_error():
    mean, error = mean_and_error(xr.DataArray([[1.0], [2.0]], dims=("gain", "network")))
    assert mean.values.tolist() == [1.0, 2.0]
    assert np.isnan(error).all()


def test_the_memory_of_a_network_is_that_of_its_parts():
    network = nz.RateNetwork([[0.0, 0.5], [-0.5, 0.0]])
    data = network_memory(network, [1, 2], hold=0.02, key=4)
    key = jax.random.key(4)
    values = random_signal(6000, 2, key=jax.random.fold_in(key, 1))
    driven = driven_states(network, values, 0.01, every=2, key=jax.random.fold_in(key, 2))
    # 3000 values: a fifth is dropped, two of them are delays, and of 2398 twice 478 choose and score
    curve = memory_curve(driven.states, driven.signal, [1, 2], washout=600, split=(1442, 478, 478))
    np.testing.assert_array_equal(data.memory, curve.memory)
    assert float(data.capacity) == float(total_capacity(driven.states, driven.signal).capacity)


@pytest.mark.slow
def test_the_search_beyond_the_dense_limit_has_few_evaluations_and_one_progress(monkeypatch):
    for name in ("analysis._scan", "analysis._optimum", "theory.markov"):
        monkeypatch.setattr(f"noisette.{name}.DENSE_LIMIT", 7)
    network, reports = nz.Boltzmann(nz.weights.autapses(10, 8)), []
    effect = nz.noise_effect(network, [0.5, 2, 4, 20], progress=lambda done, total: reports.append((done, total)))
    assert effect.data.attrs["method"] == "exact"
    numbers, totals = zip(*reports, strict=True)
    assert sorted(numbers) == list(numbers)
    assert set(totals) == {2 * 4 + 12}
    assert numbers[:4] == (2, 4, 6, 8)
    assert 14 <= numbers[-1] <= 20  # six to twelve evaluations in the search
    beside = nz.resonance(network, [0.98 * effect.optimum.noise, 1.02 * effect.optimum.noise]).information
    assert 0.5 < effect.optimum.noise < 4
    assert (beside < effect.optimum.information).all()
    assert len(nz.noise_effect(network).data.noise) == 13
