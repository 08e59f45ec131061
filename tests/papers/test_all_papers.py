"""Reproduction of several papers: folders, resuming, run times, failures, processes side by side, and interruptions."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from noisette.errors import FailedPointsWarning, InputError
from noisette.papers import Event, Settings, expectation, from_string, reproduce, reproduce_papers, write_index
from noisette.papers._times import add_preparation, preparation_seconds
from noisette.registry import words
from noisette.studies import ProcessPool, load

SMOKE = Settings("smoke")


@pytest.fixture(autouse=True)
def _tiny_papers(tmp_path, monkeypatch):
    """Make the papers importable, also by other processes."""
    (tmp_path / "modules").mkdir()
    shutil.copy(Path(__file__).with_name("tiny_papers.py"), tmp_path / "modules")
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "modules"), os.environ.get("PYTHONPATH", "")]))


def names(*papers):
    return [f"tiny_papers:{name}" for name in papers]


def record(folder, paper, figure):
    return json.loads((folder / paper / f"{figure}.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_each_paper_has_a_folder_and_its_report(tmp_path):
    events: list[Event] = []
    outcomes = reproduce_papers(names("SQUARES", "TRAINED"), tmp_path / "out", SMOKE, watch=events.append)
    assert {name: outcome.problems for name, outcome in outcomes.items()} == {"squares": {}, "trained": {}}
    for name, figures in (("squares", 2), ("trained", 1)):
        assert (tmp_path / "out" / name / "report.html").is_file()
        finished = [event for event in events if (event.kind, event.paper) == ("figure", name)]
        assert [(event.done, event.total) for event in finished] == [(i + 1, figures) for i in range(figures)]
        assert [event.kind for event in events if event.paper == name][-1] == "paper"
    assert Event("progress", "trained", "training", 1, 2) in events


@pytest.mark.slow
def test_times_are_kept_when_figures_are_reused(tmp_path, monkeypatch):
    out = tmp_path / "out"
    reproduce_papers(names("SQUARES", "TRAINED"), out, SMOKE)
    before, prepared = record(out, "squares", "fig1")["seconds"], preparation_seconds(out / "trained", "smoke", 0)
    assert 0 < before < 60
    assert prepared is not None
    lines = []
    reproduce_papers(names("SQUARES", "TRAINED"), out, SMOKE, watch=lambda event: lines.append(event.text))
    assert sum("data reused" in line for line in lines) == 3
    assert record(out, "squares", "fig1")["seconds"] == before
    assert preparation_seconds(out / "trained", "smoke", 0) == prepared  # nothing was prepared again
    (out / "squares" / "fig1.json").unlink()
    reproduce_papers(names("SQUARES"), out, SMOKE)
    assert record(out, "squares", "fig1")["seconds"] is None
    reproduce_papers(names("SQUARES"), out, Settings("smoke", recompute=True))
    assert record(out, "squares", "fig1")["seconds"] > 0


def test_times_of_preparation_add_up(tmp_path):
    assert preparation_seconds(tmp_path, "quick", 0) is None
    add_preparation(tmp_path, "quick", 0, 2.0)
    add_preparation(tmp_path, "quick", 0, 3.0)
    assert preparation_seconds(tmp_path, "quick", 0) == 5.0
    assert preparation_seconds(tmp_path, "quick", 1) is None
    (tmp_path / "preparation.json").write_text("[]")
    assert preparation_seconds(tmp_path, "quick", 0) is None


@pytest.mark.slow
def test_failures_do_not_affect_other_figures(tmp_path):
    outcomes = reproduce_papers(names("BROKEN", "SQUARES"), tmp_path, SMOKE)
    assert list(outcomes["broken"].failed) == ["fig2"]
    assert outcomes["broken"].failed["fig2"].startswith("ZeroDivisionError: division <by> zero")
    assert outcomes["squares"].problems == {}


@pytest.mark.parametrize(
    ("papers", "named"),
    [([], "(none)"), (["tiny_papers:SQUARES", "tiny_papers:SQUARES"], "different"), (["nothing"], "nothing")],
)
def test_papers_are_checked_before_anything_runs(papers, named, tmp_path):
    with pytest.raises(InputError, match=named):
        reproduce_papers(papers, tmp_path / "out", SMOKE)
    assert not (tmp_path / "out").exists()


def test_settings_are_checked():
    with pytest.raises(InputError, match="scale 'tiny'"):
        Settings("tiny")
    with pytest.raises(InputError, match="seed"):
        Settings(seed=-1)


@pytest.mark.slow
def test_papers_side_by_side_have_the_same_results(tmp_path):
    environment = dict(os.environ)
    for folder, workers in (("one", 1), ("two", 2)):
        events: list[Event] = []
        papers = names("SQUARES", "TRAINED", "BROKEN")
        outcomes = reproduce_papers(papers, tmp_path / folder, SMOKE, workers=workers, watch=events.append)
        assert list(outcomes) == ["squares", "trained", "broken"]
        assert list(outcomes["broken"].failed) == ["fig2"]
        assert sum(event.kind == "figure" for event in events) == 5
    assert dict(os.environ) == environment
    for paper, figure in (("squares", "fig1"), ("squares", "fig2"), ("trained", "fig1")):
        one, two = (record(tmp_path / folder, paper, figure) for folder in ("one", "two"))
        assert one["claims"] == two["claims"]


@pytest.mark.slow
def test_a_process_that_ends_loses_only_the_remaining_figures(tmp_path):
    outcomes = reproduce_papers(names("ENDS", "SQUARES"), tmp_path, SMOKE, workers=2)
    assert outcomes["ends"].failed == {"fig2": "the process that reproduces ends ended with exit code 9"}
    assert (tmp_path / "ends" / "fig1.json").is_file()
    assert outcomes["squares"].problems == {}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_all_processes_and_the_run_resumes(workers, tmp_path):
    """The command without its list of papers, which would take minutes."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from noisette.cli import _all_papers, main, reproduce\n"
        "if __name__ == '__main__':\n"
        "    reproduce.words = lambda kind: ['tiny_papers:WAITS', 'tiny_papers:SQUARES']\n"
        "    main()\n"
    )
    started = tmp_path / "started"
    line = [sys.executable, str(script), "reproduce", "--all", "--scale", "smoke", "--workers", str(workers)]
    environment = {**os.environ, "TINY_PAPERS_STARTED": str(started)}
    process = subprocess.Popen(
        [*line, "--out", str(tmp_path / "out")], env=environment, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 120
    while not started.exists() and time.monotonic() < end:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)  # to one process only; from a keyboard it reaches all
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.splitlines()[-1].startswith("noisette: interrupted; finished figures and trained networks are kept")
    assert (tmp_path / "out" / "waits" / "fig1.json").is_file()
    lines = []
    figure = from_string("tiny_papers:WAITS").figures[0]
    _, reused = reproduce(from_string("tiny_papers:WAITS"), figure, tmp_path / "out" / "waits", scale="smoke")
    assert reused
    reproduce_papers(names("SQUARES"), tmp_path / "out", SMOKE, watch=lambda event: lines.append(event.text))
    assert not list((tmp_path / "out" / "waits").glob(".fig2*"))  # neither a lock nor a temporary file


@pytest.mark.slow
def test_an_executor_keeps_finished_tasks_in_a_store(tmp_path):
    known = from_string("tiny_papers:SQUARES")
    claims, _ = reproduce(known, known.figures[0], tmp_path, scale="smoke", executor=ProcessPool(1))
    expected, _ = reproduce(known, known.figures[0], tmp_path / "serial", scale="smoke")
    assert claims == expected
    assert not list(tmp_path.glob("*.store"))


@pytest.mark.slow
def test_finished_tasks_at_paper_scale_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("TINY_PAPERS_CALLS", str(tmp_path))
    (tmp_path / "fault").touch()
    known = from_string("tiny_papers:GAPS")
    with pytest.raises(FailedPointsWarning, match="1 of 3 points"):
        reproduce(known, known.figures[0], tmp_path / "out", scale="paper")
    (tmp_path / "fault").unlink()
    reproduce(known, known.figures[0], tmp_path / "out", scale="paper")
    assert (tmp_path / "calls").read_text() == "1233"  # the last task only
    assert not list((tmp_path / "out").glob("*.store"))
    values = load(tmp_path / "out" / "fig1.nc").value.values
    np.testing.assert_array_equal(values, [np.nan, 4, 9])  # missing values are no failures


def test_every_paper_has_an_entry_among_the_run_times():
    lines = expectation(words("papers"), "paper")
    assert all(any(line.startswith(f"{name}: ") for line in lines) for name in words("papers"))
    assert expectation(["squares"], "paper") == ["squares: not measured at this scale"]


@pytest.mark.slow
def test_the_page_is_written_for_the_papers_of_this_run(tmp_path):
    outcomes = reproduce_papers(names("SQUARES", "BROKEN"), tmp_path, SMOKE)
    papers = [from_string(name) for name in names("SQUARES", "BROKEN")]
    content = write_index(papers, tmp_path, SMOKE, {name: outcome.problems for name, outcome in outcomes.items()})
    assert content == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert content["papers"][1]["figures"][1]["problem"].startswith("Not reproduced in this run: ZeroDivisionError")
