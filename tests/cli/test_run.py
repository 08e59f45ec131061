"""`noisette run` and `noisette status`, as they are typed."""

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


def test_a_study_from_a_file(noisette, place):
    found = noisette("run study.toml")
    assert (found.status, found.out.splitlines()[0]) == (0, "small study: 4 of 4 tasks done, done")
    store = place / "noisette-out" / "small-study"
    assert load(store / "result.nc").lyapunov.sizes == {"gain": 2, "repeat": 2, "exponent": 1}
    assert noisette(f"status {store}").out == "small study: 4 of 4 tasks done, done\n"
    again = noisette("run study.toml --json")
    lines = [json.loads(line) for line in again.out.splitlines()]
    assert lines[0] == {"tasks": 4, "done": 4}
    assert lines[-1]["failures"] == []


def test_failures_are_listed_and_end_with_status_1(noisette, place):
    found = noisette("run mine.py:study --out s")
    assert found.status == 1
    assert "failed: x = 0: exception: ZeroDivisionError: nothing to divide by" in found.err
    assert "3 of 3 tasks done, 1 with failures" in found.out
    np.testing.assert_array_equal(load(place / "s" / "result.nc").y, [np.nan, 1, 0.5])
    said = noisette("status s --json").json
    assert (said["done"], said["failed"], said["running"], len(said["failures"])) == (3, 1, False, 1)
    assert noisette("run mine.py:study --out s --retry-failed").status == 1


def test_an_interrupted_study_says_so(noisette, place):
    Study("s", lambda x: x, {"x": [1, 2]}).run(store="s")
    next((place / "s" / "tasks").rglob("*.task")).unlink()
    assert noisette("status s").out == "s: 1 of 2 tasks done, interrupted\n"


def test_a_plan_does_one_task(noisette, place):
    found = noisette("run study.toml --plan --json").json
    assert (found["points"], found["tasks"]) == (4, 4)
    assert found["seconds"] > 0
    assert not (place / "noisette-out").exists()


def test_a_job_script(noisette, place):
    found = noisette("run study.toml --cluster slurm --cores 2 --memory 4GB --walltime 0:30:00 --queue short --script")
    for line in ("#SBATCH -p short", "#SBATCH -t 0:30:00", "export NPROC=1"):
        assert line in found.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run none.toml", "does not exist"),
        ("run study", "FILE.toml, or MODULE:NAME"),
        ("run nowhere:study", "no module 'nowhere'"),
        ("run mine.py:none", "no study 'none' in module 'mine.py'; there is study"),
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
        ("run study.toml --cluster mine.yaml --memory 2GB", "the same in the file"),
        ("run study.toml --out mine.py", "mine.py"),
        ("status mine.py", "is no store"),
        ("status .", "is no store"),
        ("run study.toml --out .", "holds something else"),
    ],
)
def test_bad_input_is_one_line(noisette, place, line, said):
    before = sorted(place.rglob("*"))
    found = noisette(line)
    assert (found.status, found.out) == (2, "")
    assert found.err.count("\n") == 1
    assert said in found.err
    assert sorted(path for path in place.rglob("*") if "__pycache__" not in str(path)) == before


def test_another_study_is_refused(noisette, place):
    assert noisette("run study.toml").status == 0
    (place / "study.toml").write_text(STUDY.replace("duration = 2.0", "duration = 3.0"))
    found = noisette("run study.toml")
    assert found.status == 2
    assert "duration: 2.0 → 3.0" in found.err
