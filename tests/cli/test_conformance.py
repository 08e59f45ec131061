"""`noisette conformance`: table, JSON, files, exit status, and claims in the file."""

import pytest

import noisette as nz

OWN = """\
import numpy as np

SIGMA, TAU, DT = 0.5, 10.0, 1.0

def step(x, dt, rng):
    return x - x * dt / 10 + 0.5 * np.sqrt(dt) * rng.standard_normal(x.shape)

def wrong(x, dt, rng):
    return x - x * dt / 10 + 0.4 * dt * rng.standard_normal(x.shape)
"""
NOTICE = "noisette: own.py:{} executes the code of own.py"


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)


def test_a_correct_step_has_exit_status_0(noisette):
    result = noisette("conformance own.py:step")
    assert result.status == 0
    assert "0 of 10 tests fail" in result.out
    assert "agrees with sigma in the convention: ito" in result.out
    assert result.err.splitlines() == [NOTICE.format("step")]
    assert max(map(len, result.out.splitlines())) <= 90


def test_a_wrong_step_has_exit_status_1(noisette, tmp_path):
    result = noisette("conformance own.py:wrong --json --out saved")
    assert result.status == 1
    verdicts = dict(zip(result.json["test"], result.json["verdict"], strict=True))
    assert [test for test, verdict in verdicts.items() if verdict == "fail"] == ["variance", "step variance", "dt/2"]
    assert result.json["failed"] == 3
    saved = nz.studies.load(tmp_path / "saved" / "conformance.nc")
    assert saved.verdict.values.tolist() == result.json["verdict"]


@pytest.mark.slow
def test_options_replace_the_constants_of_the_file(noisette):
    line = "conformance own.py:step --json --sigma 1.118033988749895 --convention psychrnn --tau 10 --dt 0.5"
    result = noisette(line)
    assert result.status == 0
    assert result.json["sigma_ito"] == pytest.approx(0.5)
    assert noisette("conformance own.py:step --sigma 0.6 --json").status == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("own.py:none", "no function 'none' in module 'own.py'; available: step, wrong"),
        ("none.py:step", "No such file or directory: 'none.py'"),
        ("own.py", "MODULE:NAME or FILE.py:NAME"),
        ("own.py:SIGMA --units 2", "step"),
        ("bare.py:step", "no sigma; an option --sigma, or SIGMA = … in the file"),
        ("own.py:step --convention unknown", "program 'unknown'; one of ito"),
        ("own.py:step --integrator rk4", "integrator 'rk4'"),
        ("own.py:step --duration 3", "duration 3; at least 200 tau"),
        ("bad.py:step", "bad.py' cannot be imported; ValueError: broken"),
        ("text.py:step", "sigma of text 'a'; real numbers"),
    ],
)
def test_wrong_input_gives_one_line_of_error(noisette, tmp_path, line, message):
    (tmp_path / "bare.py").write_text("def step(x, dt, rng):\n    return x\n")
    (tmp_path / "bad.py").write_text("raise ValueError('broken')\n")
    (tmp_path / "text.py").write_text("SIGMA, TAU, DT = 'a', 1.0, 1.0\ndef step(x, dt, rng):\n    return x\n")
    result = noisette(f"conformance {line}")
    assert result.status == 2
    errors = [text for text in result.err.splitlines() if "executes the code" not in text]
    assert len(errors) == 1
    assert message in errors[0]
