"""Reproductions: CI runs every figure, a failure does not stop the others, and claims may be left unjudged."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import xarray as xr

from noisette.errors import InputError
from noisette.papers import SCALES, Figure, Paper, _session, reproduce, reproduce_all, write_report
from noisette.papers import from_string as paper_from_string
from noisette.plots import figure as new_figure
from noisette.registry import words
from noisette.studies import Claim, Study, holds

CI = (Path(__file__).parents[2] / ".ci" / "run").read_text(encoding="utf-8")


def line(data):
    made = new_figure(3, 2)
    made.subplots().plot(data.x, data.value)
    return made


def claims(data):
    large = holds("values are large", "> 10", f"{float(data.value.max()):g}", False, why="", why_not="they are small")
    return [large, replace(large, statement="squares are positive", verdict="reproduced", any_scale=True)]


def squares(name, values=(1, 2, 3), **more):
    def study(scale, seed, *places):
        return Study(name, lambda x: 1.0 * x**2, {"x": values})

    return Figure(name, f"Squares {name}", study, line, claims, **more)


def breaks(error):
    def study(scale, seed):
        raise error

    return Figure("broken", "A figure that fails", study, line, claims)


def paper(*figures, prepare=None):
    return Paper("squares", "On squares", "Somebody (2026)", figures, prepare)


def test_ci_runs_every_figure_of_every_paper_from_a_plain_install():
    """Each paper is run without names of figures, before optional dependencies are installed."""
    lines = [line.strip() for line in CI.splitlines()]
    for name in words("papers"):
        runs = [
            line for line in lines if re.match(rf"noisette reproduce {name} --scale smoke( --out \S+)?( &)?$", line)
        ]
        assert len(runs) == 1, name
    plain, tests = CI.index("pip install .\n"), CI.index("tests=")
    assert all(plain < CI.index(f"noisette reproduce {name} --scale smoke") < tests for name in words("papers"))
    assert "[test]" not in CI[:tests]
    assert not any(
        figure.extra for name in words("papers") for figure in paper_from_string(name).figures
    )  # so that no figure is skipped


@pytest.mark.parametrize("name", words("papers"))
def test_every_figure_has_a_study_at_every_scale(name, tmp_path):
    known = paper_from_string(name)
    places = () if known.prepare is None else (tmp_path,)
    names = [figure.name for figure in known.figures]
    assert len(set(names)) == len(names)
    for figure in known.figures:
        sizes = [len(figure.study(scale, 0, *places)._grid().cells()) for scale in SCALES]
        assert 1 <= sizes[0] <= sizes[1] <= sizes[2], figure.name


def test_without_names_all_figures_are_reproduced(tmp_path):
    known = paper(squares("first"), squares("second"), squares("third"))
    outcomes = list(reproduce_all(known, known.chosen([]), tmp_path, scale="smoke"))
    assert [outcome.figure.name for outcome in outcomes] == ["first", "second", "third"]
    made = {f"{name}.{kind}" for name in ("first", "second", "third") for kind in ("nc", "png", "pdf", "json")}
    assert {file.name for file in tmp_path.iterdir()} == made
    assert [figure.name for figure in known.chosen(["third", "first", "third"])] == ["third", "first"]


def test_smoke_scale_judges_claims_that_do_not_depend_on_scale(tmp_path):
    judged, _ = reproduce(paper(squares("first")), squares("first"), tmp_path, scale="smoke")
    assert [claim.verdict for claim in judged] == ["not judged", "reproduced"]
    assert judged[0].reason == "the smoke scale is too small to decide this claim; it is judged at the quick scale"
    assert judged[0].ours == "9"
    judged, _ = reproduce(paper(squares("first")), squares("first"), tmp_path, scale="quick")
    assert [claim.verdict for claim in judged] == ["not reproduced", "reproduced"]
    assert "any_scale" not in json.loads((tmp_path / "first.json").read_text())["claims"][0]


def test_errors_that_are_not_numbers_are_not_printed():
    claim = Claim("s", "1", "2", "differs", "why", error=float("nan"))
    assert claim.value == "2"
    assert claim.row()["error"] is None


def module_of(known):
    """Return a user module that contains a paper."""
    module = ModuleType("squares")
    module.PAPER = known
    return module


@pytest.fixture
def run(noisette, monkeypatch, tmp_path):
    """Return a function that runs `noisette reproduce squares`: run(paper, "--json") → Outcome."""

    def run(known, *options):
        monkeypatch.setitem(sys.modules, "squares", module_of(known))
        return noisette("reproduce squares:PAPER --scale smoke --out", str(tmp_path / "out"), *options)

    return run


@pytest.mark.slow
def test_a_figure_that_fails_does_not_affect_the_others(run, tmp_path):
    result = run(paper(squares("first"), breaks(ZeroDivisionError("division\nby zero")), squares("last")))
    trace = tmp_path / "out" / "broken.traceback.txt"
    assert result.status == 1
    last = result.err.splitlines()[-1]
    assert last == f"noisette: broken: failed: ZeroDivisionError: division by zero; the traceback is in {trace}"
    assert "in study" in trace.read_text()
    assert "1 figure failed" in result.out
    page = (tmp_path / "out" / "report.html").read_text()
    assert 'src="first.png"' in page
    assert 'src="last.png"' in page
    assert "Not reproduced in this run: ZeroDivisionError" in page
    assert run(paper(squares("first"), squares("broken"), squares("last"))).status == 0  # repaired
    assert not trace.exists()


def test_a_figure_with_invalid_input_has_no_traceback(run, tmp_path):
    result = run(paper(squares("first"), breaks(InputError("gain -1; zero or more")), squares("last")), "--json")
    assert result.status == 1
    assert result.json["failed"] == [{"figure": "broken", "reason": "gain -1; zero or more"}]
    assert {claim["figure"] for claim in result.json["claims"]} == {"first", "last"}
    assert not (tmp_path / "out" / "broken.traceback.txt").exists()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["plot", "claims"])
def test_plots_and_claims_that_fail_do_not_affect_the_others(run, part):
    def fail(data):
        raise KeyError("gain")

    result = run(paper(replace(squares("first"), **{part: fail}), squares("last")), "--json")
    assert result.status == 1
    assert result.json["failed"][0]["reason"].startswith("KeyError: 'gain'; the traceback is in")
    assert [claim["figure"] for claim in result.json["claims"]] == ["last", "last"]


def test_ctrl_c_stops_the_reproduction(run, tmp_path):
    result = run(paper(breaks(KeyboardInterrupt()), squares("last")))
    assert result.status == 130
    assert not (tmp_path / "out" / "last.nc").exists()


def test_a_figure_whose_extra_is_missing_is_skipped(run, monkeypatch):
    monkeypatch.setattr(_session, "missing", lambda extra: ["phate"] if extra == "embed" else [])
    prepared = []
    known = paper(
        squares("first", extra="embed"),
        squares("last"),
        prepare=lambda scale, seed, out, figures, report: prepared.extend(outcome.name for outcome in figures),
    )
    result = run(known)
    assert result.status == 0
    assert prepared == ["last"]
    assert result.err.splitlines()[-1] == (
        "noisette: first: skipped: it requires phate (extra 'embed'); pip install 'noisette[embed]'"
    )


def test_failed_preparation_affects_only_the_figures_that_need_it(tmp_path):
    def prepare(scale, seed, out, figures, report):
        if any(figure.name == "first" for figure in figures):
            raise RuntimeError("training diverged")

    known = paper(squares("first"), squares("last"), prepare=prepare)
    first, last = reproduce_all(known, known.figures, tmp_path, scale="smoke")
    assert first.failed.startswith("RuntimeError: training diverged; the traceback is in")
    assert (tmp_path / "first.traceback.txt").is_file()
    assert not last.failed
    assert last.claims


def test_options_are_checked_before_anything_runs(noisette, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "squares", module_of(paper(breaks(AssertionError("it ran")))))
    for more in ("nothing", "--scale tiny", "--seed -1", "--out /proc/nowhere"):
        result = noisette(f"reproduce squares:PAPER {more}")
        assert result.status == 2, more
        assert result.err.startswith("noisette: ")


def test_the_report_names_figures_that_were_not_reproduced(tmp_path):
    known = paper(squares("first"), squares("last"))
    reproduce(known, known.figures[0], tmp_path, scale="smoke")
    page = write_report(known, tmp_path, {"last": "KeyError: <gain>"}).read_text()
    assert "not-judged" in page
    assert "Not reproduced in this run: KeyError: &lt;gain&gt;" in page
    assert xr.open_dataset(tmp_path / "first.nc").attrs["reproduction"]
