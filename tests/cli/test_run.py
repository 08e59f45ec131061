"""`noisette run` and `noisette status` at the terminal."""

import json

import numpy as np
import pytest

from noisette.studies import Study, load

STUDY = """\
name = "small study"
repeats = 2
[network]
weights = "gaussian:8"
[measure]
kind = "lyapunov"
duration = 2.0
discard = 0.5
dt = 0.1
[grid]
gain = [0.5, 2.0]
"""
PYTHON = """\
from noisette.studies import Study

def inverse(x):
    if x == 0:
        raise ZeroDivisionError("nothing\\nto divide by")
    return {"y": 1 / x}

study = Study("inverses", inverse, {"x": [0, 1, 2]})
other = 3
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "mine.py").write_text(PYTHON)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_study_from_a_file(noisette, place):
    result = noisette("run study.toml")
    assert (result.status, result.out.splitlines()[0]) == (0, "small study: 4 of 4 tasks done, complete")
    store = place / "noisette-out" / "small-study"
    assert load(store / "result.nc").lyapunov.sizes == {"gain": 2, "repeat": 2, "exponent": 1}
    assert noisette(f"status {store}").out == "small study: 4 of 4 tasks done, complete\n"
    again = noisette("run study.toml --json")
    lines = [json.loads(line) for line in again.out.splitlines()]
    assert lines[0] == {"tasks": 4, "done": 4}
    assert lines[-1]["failures"] == []


def test_failures_are_listed_and_end_with_status_1(noisette, place):
    result = noisette("run mine.py:study --out s")
    assert result.status == 1
    assert "failed: x = 0: exception: ZeroDivisionError: nothing to divide by" in result.err
    assert "3 of 3 tasks done, 1 with failures" in result.out
    np.testing.assert_array_equal(load(place / "s" / "result.nc").y, [np.nan, 1, 0.5])
    message = noisette("status s --json").json
    assert (message["done"], message["failed"], message["running"], len(message["failures"])) == (3, 1, False, 1)
    assert noisette("run mine.py:study --out s --retry-failed").status == 1


def test_an_interrupted_study_is_reported(noisette, place):
    Study("s", lambda x: x, {"x": [1, 2]}).run(store="s")
    next((place / "s" / "tasks").rglob("*.task")).unlink()
    assert noisette("status s").out == "s: 1 of 2 tasks done, interrupted\n"


@pytest.mark.slow
def test_a_plan_runs_one_task(noisette, place):
    result = noisette("run study.toml --plan --json").json
    assert (result["points"], result["tasks"]) == (4, 4)
    assert result["seconds"] > 0
    assert not (place / "noisette-out").exists()


FAILING = "from noisette.studies import Study\nS = Study('s', lambda x: 1 / 0, {'x': [1, 2]})\n"


def test_a_plan_whose_task_fails_ends_with_status_1(noisette, place):
    (place / "own.py").write_text(FAILING)
    result = noisette("run own.py:S --plan")
    assert result.status == 1
    assert "the measured task failed: x = 2: exception: ZeroDivisionError" in result.err


def test_a_study_in_which_all_points_fail_ends_with_status_1(noisette, place):
    (place / "own.py").write_text(FAILING)
    result = noisette("run own.py:S")
    assert result.status == 1
    assert "2 of 2 tasks done, 2 with failures" in result.out
    assert "failed: x = 1: exception: ZeroDivisionError" in result.err
    assert "Traceback" not in result.err


def test_a_job_script(noisette, place):
    result = noisette("run study.toml --cluster slurm --cores 2 --memory 4GB --walltime 0:30:00 --queue short --script")
    for line in ("#SBATCH -p short", "#SBATCH -t 0:30:00", "export NPROC=1"):
        assert line in result.out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run none.toml", "does not exist"),
        ("run study", "FILE.toml, or MODULE:NAME"),
        ("run nowhere:study", "no module 'nowhere'"),
        ("run mine.py:none", "no study 'none' in module 'mine.py'; available: study"),
        ("run none.py:study", "'none.py' cannot be imported; FileNotFoundError"),
        ("run mine.py:other", "is a int"),
        ("run study.toml --batch many", "a number of points, or auto"),
        ("run study.toml --batch auto", "it needs `vectorised`"),
        ("run study.toml --workers 10000", "no more threads than"),
        ("run study.toml --scheduler localhost", "an address such as"),
        ("run study.toml --cluster cray", "one of slurm, pbs"),
        ("run study.toml --cluster none.yaml", "cannot be read"),
        ("run study.toml --cluster slurm --scheduler tcp://1.2.3.4:5", "one of the two"),
        ("run study.toml --script", "without --cluster"),
        ("run study.toml --cluster local --script", "a cluster with a queue"),
        ("run study.toml --cores 2 --queue q", "--cores, --queue without --cluster"),
        ("run study.toml --cluster mine.yaml --memory 2GB", "set these options in the file"),
        ("run study.toml --out mine.py", "mine.py"),
        ("status mine.py", "is not the store"),
        ("status .", "is not the store"),
        ("run study.toml --out .", "contains other files"),
    ],
)
def test_invalid_input_is_reported_in_one_line(noisette, place, line, message):
    before = sorted(place.rglob("*"))
    result = noisette(line)
    assert (result.status, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert message in result.err
    assert sorted(path for path in place.rglob("*") if "__pycache__" not in str(path)) == before


def test_another_study_is_refused(noisette, place):
    assert noisette("run study.toml").status == 0
    (place / "study.toml").write_text(STUDY.replace("duration = 2.0", "duration = 3.0"))
    result = noisette("run study.toml")
    assert result.status == 2
    assert "duration: 2.0 → 3.0" in result.err
