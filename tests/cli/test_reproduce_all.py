"""`noisette reproduce --all`: messages, summary, JSON and exit status."""

import shutil
from pathlib import Path

import pytest

from noisette.cli import reproduce
from noisette.registry import words

TINY = Path(__file__).parents[1] / "papers" / "tiny_papers.py"


@pytest.fixture
def run(noisette, monkeypatch, tmp_path):
    """Return a function that reproduces papers of one's own: run(["SQUARES"], "--json") → Outcome."""
    (tmp_path / "modules").mkdir()
    shutil.copy(TINY, tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))

    def run(papers, *options):
        monkeypatch.setattr(reproduce, "words", lambda kind: [f"tiny_papers:{name}" for name in papers])
        return noisette("reproduce --all --scale smoke --out", str(tmp_path / "out"), *options)

    return run


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "reproduce",
            f"neither PAPER nor --all; one of the two; PAPER is {', '.join(words('papers'))}, or MODULE:NAME",
        ),
        ("reproduce correlations --all", "PAPER 'correlations' and --all; one of the two"),
        (
            "reproduce correlations --workers 2",
            "--workers 2 without --all; 1; this is the number of papers that are reproduced side by side",
        ),
        ("reproduce --all --verbose", "--verbose with --all; one of the two; index.html shows the reasons"),
        ("reproduce --all --scale huge", "--scale 'huge'; one of smoke, quick, paper"),
        ("reproduce --all --out /proc/nowhere", "--out '/proc/nowhere' cannot be written"),
        ("reproduce --all --scheduler nowhere", "scheduler 'nowhere'; an address such as tcp://10.0.0.1:8786"),
    ],
)
def test_invalid_combinations_are_refused_in_one_line(noisette, line, message):
    result = noisette(line)
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith(f"noisette: {message}")
    assert result.err.count("\n") == 1


@pytest.mark.slow
def test_all_papers_are_summarised(run, tmp_path):
    result = run(["SQUARES", "TRAINED"])
    assert result.status == 0
    outcomes = [line for line in result.err.splitlines() if line.startswith("[")]
    assert [line.split(":")[0] for line in outcomes] == [
        "[1/3] squares fig1",
        "[2/3] squares fig2",
        "[3/3] trained fig1",
    ]
    squares, trained, total, place = result.out.splitlines()
    assert squares.startswith("squares: 2 reproduced, 2 not reproduced, 2 depending on conditions (2 figures, ")
    assert trained.startswith("trained: 1 reproduced, 1 not reproduced, 1 depending on conditions (1 figure, ")
    assert total == "3 reproduced, 3 not reproduced, 3 depending on conditions"
    assert place.endswith(f"the report is {tmp_path / 'out' / 'index.html'}")
    again = run(["SQUARES", "TRAINED"])
    assert again.err.count("data reused") == 3


@pytest.mark.slow
def test_failures_are_listed_at_the_end(run, tmp_path):
    result = run(["BROKEN", "SQUARES"], "--json")
    assert result.status == 1
    assert result.err.splitlines()[-1].startswith("noisette: broken fig2: failed: ZeroDivisionError")
    assert [len(paper["figures"]) for paper in result.json["papers"]] == [2, 2]
    assert result.json["papers"][0]["figures"][1]["problem"]
    assert (tmp_path / "out" / "squares" / "report.html").is_file()


def test_the_expected_time_at_paper_scale_is_printed_first(run, monkeypatch):
    monkeypatch.setattr("noisette.papers.reproduce_papers", lambda *arguments, **more: {})
    result = run(["SQUARES"], "--scale", "paper")
    assert result.err.splitlines()[0] == "noisette: squares: not measured at this scale"


def test_the_list_of_papers_is_that_of_the_registry():
    assert reproduce.words("papers") == words("papers")
