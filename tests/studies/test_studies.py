import os
import random

import numpy as np
import pytest
import xarray as xr

from noisette import progress as progress_module
from noisette.errors import InputError
from noisette.studies import Claim, Progress, Study, compare, count_verdicts, holds, load, save
from noisette.studies.store import atomic_write


def _measure(x, name, shift):
    return xr.Dataset({"y": x + shift, "curve": ("t", np.arange(3) * x)}, attrs={"name": name})


def test_a_study_fills_its_grid_in_order():
    seen = []
    study = Study("s", _measure, {"x": [1, 2], "name": ["a", "b", "c"]}, {"shift": 10})
    data = study.run(lambda done, total: seen.append((done, total)))
    assert data.y.dims == ("x", "name")
    assert data.y.sel(x=2, name="b").item() == 12
    assert data.curve.sel(x=2, name="c").values.tolist() == [0, 2, 4]
    assert seen == [(i, 6) for i in range(1, 7)]


def test_a_study_needs_values():
    with pytest.raises(InputError, match="no value of 'x'"):
        Study("s", _measure, {"x": []})


def test_save_and_load_are_inverse(tmp_path):
    data = xr.Dataset({"y": ("x", [1.0, 2.0])}, {"x": [0, 1]}, {"configuration": '{"a": 1}'})
    xr.testing.assert_identical(load(save(data, tmp_path / "deep" / "r.nc")), data)


def test_an_interrupted_write_leaves_nothing(tmp_path):
    target = tmp_path / "r.txt"
    target.write_text("old")

    def interrupted():
        with atomic_write(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.txt"]


@pytest.mark.parametrize("content", [b"", b"not netcdf", random.Random(0).randbytes(100)])
def test_foreign_files_are_refused(tmp_path, content):
    (tmp_path / "r.nc").write_bytes(content)
    with pytest.raises(InputError, match=r"r\.nc"):
        load(tmp_path / "r.nc")


@pytest.mark.parametrize(
    ("ours", "error", "verdict"),
    [(4.4, None, "reproduced"), (4.0, None, "differs"), (4.0, 0.3, "reproduced")],
)
def test_compare_allows_the_printed_precision_and_the_error(ours, error, verdict):
    claim = compare("I", 4.5, ours, 0.1, error=error, agrees="yes", differs="no")
    assert claim.verdict == verdict
    assert claim.reason == ("yes" if verdict == "reproduced" else "no")


def test_a_failed_claim_gives_its_reason():
    claim = holds("s", "p", "o", False, why="w", why_not="because")
    assert (claim.verdict, claim.reason) == ("not reproduced", "because")
    assert Claim(**claim.row()) == claim


@pytest.mark.parametrize("verdict", ["depends", "depends on ", "fine", "", "Reproduced"])
def test_other_verdicts_are_refused(verdict):
    with pytest.raises(InputError, match="depends on …"):
        Claim("s", "p", "o", verdict, "because")


def test_a_verdict_may_depend_on_a_condition():
    claims = [Claim("s", "p", "o", v, "because") for v in ("depends on the input", "depends on the delay", "differs")]
    assert [claim.kind for claim in claims] == ["depends", "depends", "differs"]
    assert holds("s", "p", "o", False, why="w", why_not="n", failed="depends on the input").kind == "depends"
    assert count_verdicts(claims) == "1 differs, 2 depending on conditions"


@pytest.mark.parametrize(("seconds", "text"), [(90, "90 s"), (3600, "60 min"), (36_000, "10.0 h")])
def test_durations_in_words(seconds, text):
    assert progress_module.format_duration(seconds) == text


def test_progress_is_first_reported_after_a_delay(capsys, monkeypatch):
    now = iter([0.0, 1.0, 3.0, 30.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(now))
    with Progress("work") as progress:
        progress(1, 10)
        assert capsys.readouterr().err == ""
        progress(2, 10)
        assert capsys.readouterr().err == ""
        progress(5, 10)
    assert "work: 50 %, about 30 s left" in capsys.readouterr().err


def test_progress_of_resumed_work_counts_only_the_current_run(capsys, monkeypatch):
    now = iter([0.0, 0.0, 6.0, 12.0, 60.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(now))
    with Progress("work") as progress:
        progress(900, 1000)
        progress(901, 1000)
        progress(902, 1000)
        progress(910, 1000)
    assert capsys.readouterr().err == "work: 91 %, about 9 min left\n"


def test_progress_measures_time_or_accepts_an_estimate(capsys, monkeypatch):
    now = iter([0.0, 1000.0, 1020.0, 1040.0, 1060.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(now))
    with Progress("work") as progress:
        progress.update("training", 5000, 6000, 7200.0)
        progress.update("summary", 1, 4)
        progress.update("summary", 2, 4)
        progress.update("summary", 3, 4)
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "training: 83 %, about 2.0 h left"
    assert others == ["summary: 25 %", "summary: 50 %", "summary: 75 %, about 20 s left"]  # from three parts on
