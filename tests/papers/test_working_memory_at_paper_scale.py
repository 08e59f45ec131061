"""Claims of noise and working memory at paper scale: the guide agrees with them, and no network counts twice."""

import json
import re
from pathlib import Path

import pytest

from noisette.papers import from_string
from noisette.papers.working_memory import fig1, fig3, fig5
from noisette.studies import load

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "working_memory.md"
PAPER = from_string("working-memory")
FIRST = "main experiment, U = 2"
# beginning of each statement, words of the guide, means over networks and p as in the claim, and the verdict
EXPECTED = [
    ("1b: trials to criterion rise from a delay of 50 to 150 ms", "5,404 for 50 ms, 10,495 for 150 ms", "reproduced"),
    ("1b: trials to criterion rise from a delay of 150 to 250 ms", "150 ms, 12,587 for 250 ms", "reproduced"),
    ("6: AFC takes more trials", "(p = 1e-6 and", "reproduced"),
    ("6: CTX takes more trials", "and 2e-5)", "reproduced"),
    ("6b: AFC: inhibitory", "(p = 6e-5 and", "not reproduced"),
    ("6d: CTX: inhibitory", "and .007)", "not reproduced"),
    ("6b: AFC: inhibitory", "85 ms for C = 0 and 89 ms for C = 10 in AFC", "not reproduced"),
    ("6d: CTX: inhibitory", "103 and 106 ms in CTX", "not reproduced"),
    ("perturbation, A = 1, threshold score: mean PIPR", "(p = .07)", "not reproduced"),
    ("perturbation, A = 1, threshold score: mean accuracy", "(.96; p = .02)", "not reproduced"),
    ("perturbation, A = 1, threshold score: mean accuracy", "with C = 10 (.94)", "not reproduced"),
]


@pytest.fixture(scope="module")
def records():
    """Return the records of all figures that are kept."""
    return json.loads(PAPER.paper_scale.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kept(records):
    """Return the claims that are kept, by their statements."""
    return {claim["statement"]: claim for record in records for claim in record["claims"]}


def numbers(text):
    """Return the numbers in a text; means are rounded as in the guide."""
    values = [float(number) for number in re.findall(r"(?<![\w.])-?\d*\.?\d+(?:e-\d+)?", text.replace(",", ""))]
    return {value if abs(value) < 0.1 else round(value, 2 if abs(value) < 1 else 0) for value in values}


@pytest.mark.parametrize(("start", "words", "verdict"), EXPECTED)
def test_the_page_agrees_with_the_kept_claims(kept, start, words, verdict):
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert words in page
    (claim,) = [claim for text, claim in kept.items() if text.startswith(start)]
    assert claim["verdict"] == verdict
    assert numbers(words) <= numbers(claim["ours"])


def test_all_figures_are_kept_at_the_size_of_the_paper(records, kept):
    assert [record["figure"] for record in records] == [figure.name for figure in PAPER.figures]
    assert {record["scale"] for record in records} == {"paper"}
    assert kept["6: AFC is learned without and with noise (this run, paper scale)"]["ours"].count("50/50") == 4


def run_of(scale, seed):
    """Return the stored networks with two input channels as if a run had trained them."""
    return (
        load(PAPER.paper_scale.with_name("data") / "experiment.nc").sel(inputs=[2]).assign_attrs(scale=scale, seed=seed)
    )


@pytest.mark.parametrize(("scale", "seed", "repeated"), [("paper", 0, True), ("paper", 1, False), ("quick", 0, False)])
def test_no_network_counts_twice(scale, seed, repeated):
    data = run_of(scale, seed)
    run = f"this run, {scale} scale, U = 2"
    for claims in (fig1.claims(data), fig3.claims(data), fig5.claims_of_networks(data.isel(inputs=0))):
        statements = [claim.statement for claim in claims]
        assert any(run in statement for statement in statements)
        assert any(FIRST in statement for statement in statements) != repeated
        assert any("main experiment, U = 1" in statement for statement in statements)


def test_panels_of_the_paper_scale_show_the_fractions_of_the_paper():
    titles = {axes.get_title(loc="left"): axes for axes in fig1.plot(run_of("paper", 0)).axes}
    titles.pop("", None)
    assert list(titles) == ["this run, paper scale, U = 2", "main experiment, U = 1"]
    for axes in titles.values():
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["paper"]
