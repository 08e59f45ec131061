"""The reproduction runs and resumes, and its verdicts follow from the data."""

import json

import pytest

from noisette.papers import from_string, reproduce, write_report
from noisette.papers.recurrence_resonance import fig2, passage
from noisette.studies import load

PAPER = from_string("recurrence-resonance")


def test_every_figure_of_the_specification_is_registered():
    names = [figure.name for figure in PAPER.figures]
    assert names == ["fig1", "fig2a", "fig2b", "fig2c", "subset", "pulses", "optimum", "bias", "passage"]


@pytest.fixture(scope="module")
def hopfield(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    (figure,) = PAPER.chosen(["fig2b"])
    claims, reused = reproduce(PAPER, figure, out)
    assert not reused
    return out, figure, claims


@pytest.mark.slow
def test_the_impossible_entropy_is_reported(hopfield):
    _, _, claims = hopfield
    verdicts = {claim.statement: claim for claim in claims}
    entropy = verdicts["H at r = 23, in bit"]
    assert entropy.verdict == "differs"
    assert "impossible" in entropy.reason
    assert verdicts["I at r = 23, in bit"].verdict == "reproduced"
    assert verdicts["fixed points of the sign map"].verdict == "reproduced"
    assert verdicts["I between its peak and r = 50"].verdict == "differs"


@pytest.mark.slow
def test_data_figure_and_claims_are_saved(hopfield):
    out, _, claims = hopfield
    assert {p.name for p in out.iterdir()} >= {"fig2b.nc", "fig2b.png", "fig2b.pdf", "fig2b.json"}
    saved = json.loads((out / "fig2b.json").read_text(encoding="utf-8"))
    assert [claim["verdict"] for claim in saved["claims"]] == [claim.verdict for claim in claims]
    data = load(out / "fig2b.nc")
    assert data.exact_information.sel(noise=23.0).item() == pytest.approx(1.2308, abs=5e-5)


@pytest.mark.slow
def test_finished_figures_are_not_computed_again(hopfield, monkeypatch):
    out, figure, claims = hopfield
    monkeypatch.setattr(fig2, "curves", None)
    again, reused = reproduce(PAPER, figure, out)
    assert reused
    assert again == claims


@pytest.mark.slow
def test_truncated_data_are_computed_again(tmp_path):
    (figure,) = PAPER.chosen(["passage"])
    reproduce(PAPER, figure, tmp_path)
    whole = (tmp_path / "passage.nc").read_bytes()
    (tmp_path / "passage.nc").write_bytes(whole[: len(whole) // 2])
    claims, reused = reproduce(PAPER, figure, tmp_path)
    assert not reused
    assert {claim.verdict for claim in claims} == {"reproduced"}


@pytest.mark.slow
def test_another_seed_is_another_configuration(tmp_path):
    (figure,) = PAPER.chosen(["passage"])
    reproduce(PAPER, figure, tmp_path)
    assert not reproduce(PAPER, figure, tmp_path, seed=1)[1]


def test_passage_claims_follow_from_the_data():
    data = passage.study("quick", 0).run()
    slower = data.assign(steps=data.steps * 0 + 1.0)
    assert {claim.verdict for claim in passage.claims(slower)} == {"differs"}


@pytest.mark.slow
def test_the_report_shows_figures_and_verdicts(hopfield):
    out, _, _ = hopfield
    page = write_report(PAPER, out).read_text(encoding="utf-8")
    assert 'src="fig2b.png"' in page
    assert "differs" in page
    assert "fig1.png" not in page
