"""Notices before a command executes code of the user."""

import pytest

OWN = """\
from pathlib import Path

import noisette as nz

Path("executed").touch()
hum, weights, bend = nz.White(0.3), nz.weights.gaussian(5, key=0), nz.activations.tanh
"""
CHAOS = "chaos --gain 2 --dt 0.1 --duration 2 --discard 1 --networks 1 --json"
NOTICE = "noisette: own.py:{} executes the code of own.py"


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"{CHAOS} --weights gaussian:5 --noise own.py:hum", "hum"),
        (f"{CHAOS} --weights gaussian:5 --activation own.py:bend --noise own.py:hum", "bend"),
        ("meanfield --gain 2 --activation own.py:bend --json", "bend"),
        ("attractors --weights own.py:weights --json", "weights"),
    ],
)
def test_code_of_a_file_is_reported_once_before_it_is_executed(noisette, place, line, name):
    result = noisette(line)
    assert result.status == 0
    assert [text for text in result.err.splitlines() if "executes" in text] == [NOTICE.format(name)]
    assert (place / "executed").exists()
    assert result.json  # standard output contains the results only


def test_the_notice_precedes_an_error_of_the_code(noisette, place):
    (place / "own.py").write_text("raise ValueError('broken')\n")
    result = noisette(f"{CHAOS} --weights gaussian:5 --noise own.py:hum")
    assert result.status == 2
    notice, error = result.err.splitlines()
    assert notice == NOTICE.format("hum")
    assert "cannot be imported; ValueError: broken" in error


def test_code_that_does_not_exist_is_not_reported(noisette, place):
    for name in ("none.py:hum", "no_such_module:hum"):
        result = noisette(f"{CHAOS} --weights gaussian:5 --noise {name}")
        assert (result.status, result.err.count("\n")) == (2, 1)
        assert "executes" not in result.err


@pytest.mark.parametrize("name", ["white:0.1", "noisette.noise:White:0.1"])
def test_registered_names_and_modules_are_not_reported(noisette, name):
    result = noisette(f"{CHAOS} --weights gaussian:5 --noise {name}")
    assert (result.status, "executes" in result.err) == (0, False)
