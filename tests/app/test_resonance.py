"""The page about resonance shows the library's own numbers, or refuses a view in words."""

import json
import shlex
import subprocess
import sys

import numpy as np
import pytest

import noisette as nz
from noisette.app.pages import resonance as page
from noisette.app.results import answers, data_of, joined, view_of
from noisette.cli import main
from noisette.errors import InputError

VIEWS = [page.Resonance(scale=1.5), *(story.view for story in page.PAGE.stories)]


@pytest.mark.slow
def test_the_curve_is_that_of_the_library():
    data = data_of("/resonance?weights=autapses:10&steps=1000&start=3")
    curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), range(51), steps=1000, start=3)
    for name in ("entropy", "information", "divergence"):
        np.testing.assert_array_equal(data["curve"][name].values, curve[name].values)
    best = nz.optimal_noise(nz.Boltzmann(nz.weights.autapses(10)), steps=1000, start=3)
    assert float(data["optimum"].optimal_noise) == best.noise


@pytest.mark.slow
def test_joint_probabilities_sum_to_one_and_their_information_is_that_of_the_curve():
    data = data_of("/resonance?noise=20&steps=500")
    joint = data["states"].joint.values
    before, after = joint.sum(1), joint.sum(0)
    product = before[:, None] * after
    known = joint > 0
    information = np.sum(joint[known] * np.log2(joint[known] / product[known]))
    assert joint.sum() == pytest.approx(1, rel=1e-12)
    assert information == pytest.approx(float(data["curve"].information.sel(noise=20)), rel=1e-9)


NUMBERS = "[curve.information.values.tolist(), float(best.noise), run.trace.values.tolist()]"


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.weights)
def test_the_code_of_a_view_gives_its_numbers(view):
    names = {}
    exec(page.python(view), names)
    check_numbers(view, eval(NUMBERS, names))


@pytest.mark.slow
def test_code_runs_in_a_fresh_process(tmp_path):
    view = page.Resonance(weights="autapses:10", start=0, steps=200)
    code = f"{page.python(view)}\nimport json\nprint('NUMBERS', json.dumps({NUMBERS}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    check_numbers(view, json.loads(done.stdout.rpartition("NUMBERS ")[2]))


def check_numbers(view, numbers):
    """Compare the numbers of the code of a view with those of the page."""
    information, best, trace = numbers
    known = answers(view)
    assert information == known["curve"].data.information.values.tolist()
    assert best == float(known["optimum"].data.optimal_noise)
    assert trace == known["run"].data.trace.values.tolist()


@pytest.mark.slow
def test_the_command_of_a_view_gives_its_curve(tmp_path):
    view = page.Resonance(weights="symmetric:8:4", scale=0.35, seed=3, start=5, steps=200)
    done = subprocess.run(page.command(view), shell=True, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert json.loads(done.stdout)["information"] == answers(view)["curve"].data.information.values.tolist()


@pytest.mark.slow
def test_the_command_of_a_view_without_a_factor_gives_its_curve(monkeypatch, capsys):
    view = page.Resonance(weights="symmetric:8:4", seed=3, start=5, steps=200)
    monkeypatch.setattr(sys, "argv", shlex.split(page.command(view)))
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    information = json.loads(capsys.readouterr().out)["information"]
    assert information == answers(view)["curve"].data.information.values.tolist()


@pytest.mark.slow
def test_the_sentences_of_the_stories_are_true():
    helps, length, memories, cycles, pulse = (answers(story.view) for story in page.PAGE.stories)
    information = helps["curve"].data.information.sel(noise=[0, 6, 40]).values
    np.testing.assert_allclose(information, [0.001, 4.93, 0.54], atol=0.02)
    optima = [
        float(answers(page.PAGE.stories[1].view.but(steps=steps))["optimum"].data.optimal_noise)
        for steps in (10_000, 1_000_000)
    ]
    assert [float(length["optimum"].data.optimal_noise), *optima] == pytest.approx([9.3, 6.0, 4.6], abs=0.06)
    longer = answers(page.PAGE.stories[2].view.but(steps=1_000_000))
    assert float(memories["optimum"].data.optimal_noise) == pytest.approx(21.75, abs=0.02)
    assert float(longer["optimum"].data.optimal_noise) == pytest.approx(21.75, abs=0.02)
    assert float(memories["curve"].data.information.sel(noise=10)) < 0.05
    assert float(cycles["curve"].data.information.sel(noise=0)) == pytest.approx(3, abs=0.01)
    assert float(cycles["optimum"].data.optimal_information) == pytest.approx(4.96, abs=0.01)
    codes = nz.codes.encode(pulse["run"].data.trace.values[0])
    assert len(set(codes[:101])) == len(set(codes[102:])) == 1
    assert codes[0] != codes[-1]


@pytest.mark.slow
@pytest.mark.parametrize(("noise", "word"), [(2.0, "Trapped"), (6.0, "connects all"), (50.0, "dominates")])
def test_the_regime_follows_the_noise(noise, word):
    view = page.Resonance(weights="autapses:20", noise=noise, start=0, steps=1000)
    assert word in answers(view)["states"].sentence


@pytest.mark.slow
def test_a_trapped_run_stays_in_its_set_of_states():
    """The number of sets is that of the blocks of the transition matrix that are almost closed during the run."""
    view = page.Resonance(weights="hopfield:24,7:10", noise=5.0, start=24, steps=1000)
    assert "2 sets of states" in answers(view)["states"].sentence
    visited = nz.codes.encode(answers(view)["run"].data.trace.values[0])
    assert set(visited) <= {24}


@pytest.mark.slow
def test_large_networks_are_simulated_with_progress():
    reports = []
    view = page.Resonance(weights="normal:2:20", steps=50, start=0)
    assert page.PAGE.part("curve").long(view)
    answer = page.curve(view, lambda done, total: reports.append(done / total))
    assert answer.data.attrs["method"] == "simulated"
    assert reports[-1] == 1
    assert "too many" in answers(view)["states"].figures["joint"]["layout"]["annotations"][0]["text"]


@pytest.mark.slow
def test_all_parts_are_joined_without_loss():
    view = view_of("/resonance?weights=autapses:10:3&start=1")
    known = answers(view)
    whole = joined(view, known)
    assert whole.attrs["address"] == view.address()
    assert whole.information.equals(known["curve"].data.information)
    assert whole.trace.equals(known["run"].data.trace)


@pytest.mark.slow
def test_wrong_addresses_are_refused_in_words():
    for address, words in (
        ("/nothing", "pages are resonance"),
        ("/resonance?nois=3", "parameters are weights"),
        ("/resonance?weights=/etc/passwd", "autapses:W"),
        ("/resonance?weights=os:system", "autapses:W"),
        ("/resonance?weights=gaussian:100000000", "at most 400 units"),
        ("/resonance?weights=upload:0123456789abcdef", "upload it again"),
        ("/resonance?start=32", "run from 0 to 31"),
        ("/resonance?noise=nan", "from 0 to 50"),
        ("/resonance?steps=1e99", "an integer from 10"),
    ):
        with pytest.raises(InputError, match=words):
            view_of(address)
