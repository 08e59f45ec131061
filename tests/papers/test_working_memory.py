"""The reproduction of noise and working memory: ensembles, summaries, verdicts, figures."""

from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure as Drawn

from noisette import tasks, training
from noisette.papers import PAPERS
from noisette.papers.working_memory import (
    NEEDS,
    _ensembles,
    _prepare,
    _stored,
    _summary,
    example,
    fig1,
    fig3,
    fig5,
    fig6,
)
from noisette.papers.working_memory._claims import counts_differ, groups_differ, pairs_differ
from noisette.papers.working_memory._panels import with_scale
from noisette.training import Trained

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def summarised():
    """Return the summary of a trained network."""
    network = example(10)
    trained = Trained(0, network, "trained", 10_000, 4.0, 0.97, np.zeros((1, 4)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_summary, "TRIALS", 4)
        return _summary.summary(trained, tasks.DMS(), jax.random.key(0), full=True)


@pytest.fixture(scope="module")
def ensembles(summarised):
    """Return summaries of networks whose τ rises with C, six each."""
    found = {}
    for channels in _ensembles.CHANNELS:
        parts = []
        for _ in range(6):
            one = summarised.copy(deep=True)
            one["tau"] = one.tau + channels + RNG.normal(size=one.sizes["unit"])
            one["trials"] = one.trials + 1000 * RNG.normal()
            one["delay_rate"] = one.delay_rate * (1 + 0.1 * RNG.random())
            parts.append(one)
        found[channels] = xr.concat(parts, "network")
    return with_scale(found, "quick").expand_dims(inputs=[2])


def test_a_summary_is_small_and_complete(summarised):
    assert summarised.nbytes < 10_000
    assert {"tau", "robustness", "after_surgery", "eigenvalue", "rate", "connections"} <= set(summarised.data_vars)
    assert float(summarised.largest) < 0
    assert not any("weights" in str(name) for name in summarised.data_vars)
    assert 0 <= float(summarised.robustness.min()) <= float(summarised.robustness.max()) <= 1


def test_networks_that_failed_have_a_shorter_summary():
    failed = Trained(0, example(0), "failed", 20_000, 9.4, 0.0, np.zeros((1, 4)))
    found = _summary.summary(failed, tasks.DMS(), jax.random.key(0), full=True)
    assert "robustness" not in found
    assert float(found.success) == 0


def test_the_whole_experiment_is_stored():
    data = _stored.experiment()
    assert {name: data.sizes[name] for name in ("inputs", "channels", "network", "unit")} == {
        "inputs": 2,
        "channels": len(_ensembles.CHANNELS),
        "network": 50,
        "unit": 200,
    }
    assert _stored.FILE.stat().st_size < 2e6
    assert not any("weights" in str(name) for name in data.data_vars)
    for name in ("success", "trials", "loss", "accuracy", "tau"):
        assert np.isfinite(data[name]).all(), name
    # the criterion of success, as the protocol states it
    reached = (data.loss < 7) & (data.accuracy > 0.95)
    assert bool((reached == (data.success > 0)).all())
    assert (data.trials.values[data.success.values == 0] == 20_000).all()
    assert float(data.trials.max()) == 20_000
    assert bool(((data.tau >= 20) & (data.tau <= 125)).all())
    tested = data.robustness.isel(condition=0, delay=0, score=0, drop=True)
    assert bool((np.isfinite(tested) == (data.success > 0)).all())


def test_the_readme_shows_what_is_stored():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    data = _stored.experiment()
    of_two = _stored.of_inputs(2)
    tau = {kind: [v.mean() for v in fig3.tau_of(of_two, kind).values()] for kind in ("inhibitory", "excitatory")}
    rows = {
        "two input channels": data.success.sel(inputs=2).sum("network").values,
        "one input channel": data.success.sel(inputs=1).sum("network").values,
        "mean inhibitory τ, two channels (ms)": tau["inhibitory"],
        "mean excitatory τ, two channels (ms)": tau["excitatory"],
    }
    for name, values in rows.items():
        assert f"| {name} | " + " | ".join(f"{value:.0f}" for value in values) + " |" in readme


def test_no_two_ensembles_share_random_numbers():
    seeds = [ensemble.seed(base) for ensemble in _ensembles.ENSEMBLES.values() for base in range(3)]
    assert len(set(seeds)) == len(seeds)
    assert {ensemble.count("paper") for ensemble in _ensembles.WHOLE} == {50}


def test_every_figure_says_what_it_needs():
    assert set(NEEDS) == {figure.name for figure in PAPERS["working-memory"].figures}
    other = {one.name for one in _ensembles.of_dms(1)}  # only the whole experiment has these
    names = [name for figure in NEEDS.values() for name in figure]
    assert set(names) == set(_ensembles.ENSEMBLES) - other
    assert {one.name for one in _ensembles.needed(names, "paper")} == set(names)
    quick = _ensembles.needed(names, "quick")
    assert {one.noise_channels for one in quick} == {0, 10}
    assert "delay-150" not in {one.name for one in quick}


LOW, HIGH = {n: np.arange(n) / n for n in (4, 12)}, {n: 2 + np.arange(n) / n for n in (4, 12)}


@pytest.mark.parametrize(
    ("values", "expected", "verdict"),
    [
        ((LOW[12], HIGH[12]), "larger", "reproduced"),
        ((HIGH[12], LOW[12]), "smaller", "reproduced"),
        ((HIGH[12], LOW[12]), "larger", "not reproduced"),
        ((LOW[12], LOW[12] + 0.01), "larger", "not reproduced"),
        ((LOW[4], LOW[4] + 0.01), "larger", "differs"),
        ((LOW[12], LOW[12] + 0.01), "equal", "reproduced"),
        ((LOW[12], HIGH[12]), "equal", "not reproduced"),
        ((LOW[12], HIGH[12], HIGH[12]), "larger", "reproduced"),
        ((LOW[4][:2], HIGH[4]), "larger", "differs"),
    ],
)
def test_verdicts_follow_the_test(values, expected, verdict):
    groups = {f"C = {i}": group for i, group in enumerate(values)}
    claim = groups_differ("τ rises", "H = 100", groups, expected, "here")
    assert claim.verdict == verdict
    assert claim.statement == "τ rises (here)"


def test_verdicts_of_pairs():
    before, after = np.linspace(0.9, 1.0, 12), np.linspace(0.5, 0.95, 12)
    assert pairs_differ("falls", "", {"before": before, "after": after}, "smaller", "").verdict == "reproduced"
    assert pairs_differ("rises", "", {"before": before, "after": after}, "larger", "").verdict == "not reproduced"


@pytest.mark.parametrize(
    ("trained", "verdict"), [((33, 50), "reproduced"), ((50, 43), "not reproduced"), ((49, 50), "not reproduced")]
)
def test_verdicts_of_counts(trained, verdict):
    groups = {
        channels: xr.Dataset({"success": ("network", (np.arange(50) < good).astype(float))})
        for channels, good in zip((0, 10), trained, strict=True)
    }
    assert counts_differ("1d", "", groups, "").verdict == verdict


def drawn(figure, data):
    made = figure.plot(data)
    made.canvas.draw()
    assert isinstance(made, Drawn)
    claims = figure.claims(data)
    assert claims
    return claims


def test_figures_of_delayed_match_to_sample(ensembles, monkeypatch):
    monkeypatch.setattr(_stored, "FILE", _stored.FOLDER / "none.nc")
    for figure in (fig1.FIGURE, fig5.FIGURE):
        drawn(figure, ensembles)
    monkeypatch.setattr(fig3, "learning", lambda inputs, out, scale: ensembles.isel(inputs=0))
    monkeypatch.setattr(fig3, "TRIALS", 2)
    data = fig3.measure(2, "", "quick", 0).expand_dims(inputs=[2])
    rising = [claim for claim in drawn(fig3.FIGURE, data) if claim.statement.startswith("3a")]
    assert rising[0].verdict == "reproduced"


def test_figure_of_other_tasks(ensembles):
    one = ensembles.isel(inputs=0).drop_vars(["robustness", "rate", "eigenvalue"])
    data = xr.concat([one, one], xr.DataArray(["afc", "ctx"], dims="task", name="task"))
    claims = drawn(fig6.FIGURE, data.assign_attrs(scale="quick"))
    assert sum(claim.verdict == "reproduced" for claim in claims if "learned" in claim.statement) == 2


def test_preparation_goes_on_where_it_stopped(tmp_path, monkeypatch):
    """Two networks of a small task, for two trials; the second call finds all done."""
    short = training.Protocol(max_trials=2, test_trials=2)
    small = tasks.AFC(fixation=25, stimulus=25, duration=100)
    ensemble = _ensembles.Ensemble("afc-c0", small, 0, 600)
    monkeypatch.setitem(_ensembles.ENSEMBLES, "afc-c0", ensemble)
    monkeypatch.setitem(_ensembles.NETWORKS, "quick", 2)
    calls = []

    def train(*args, **options):
        calls.append(args)
        return training.train(*args, **options | {"workers": 1, "protocol": short})

    monkeypatch.setattr(_ensembles, "train", train)
    said = []
    call = partial(_prepare.prepare, "quick", 0, tmp_path, ["afc-c0"], lambda *line: said.append(line))
    call()
    first = len(calls)
    assert (tmp_path / "networks" / "afc-c0" / "summary.nc").is_file()
    assert _prepare.summaries(["afc-c0"], "quick", tmp_path)["afc-c0"].sizes["network"] == 2
    call()
    assert len(calls) == first


def test_stored_networks_learned_their_task():
    for channels in (0, 10):
        found = training.run_trials(example(channels), tasks.DMS(), 30, key=jax.random.key(1), score="strict")
        assert float(found.correct.mean()) > 0.9
