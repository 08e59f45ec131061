"""Numbers that were not made by Noisette, in tests/data/oracles.toml, and the page that lists them beside ours."""

import re
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import noisette

sys.path.insert(0, str(Path(__file__).parents[1]))
from docs._sphinx import validation
from docs._sphinx.oracles import KINDS, Oracle, read

ROOT = Path(__file__).parents[1]
ORACLES = read()
SLOW = {"engelken", "engelken-dimension", "engelken-sum", "exponents-of-maps", "henon", "henon-sum", "linear-flow"}
SLOW |= {"lorenz", "lorenz-sum", "hopfield-optimum", "sign-optimum"}


@pytest.mark.parametrize(
    "oracle", [pytest.param(o, marks=[pytest.mark.slow] if o.name in SLOW else [], id=o.name) for o in ORACLES]
)
def test_our_number_is_that_of_the_source(oracle: Oracle):
    assert oracle.agrees, f"{oracle.quantity}: {oracle.theirs} of {oracle.source}, {oracle.ours} ours"


def test_names_are_unique_and_all_files_exist():
    names = [oracle.name for oracle in ORACLES]
    assert len(set(names)) == len(names)
    assert set(names) >= SLOW
    for oracle in ORACLES:
        assert oracle.kind in KINDS
        assert callable(oracle.compute), oracle.name
        assert (ROOT / oracle.test).is_file(), oracle.test
        assert oracle.source, oracle.name
        # without a tolerance only whole numbers are compared
        assert np.nanmax(oracle.tolerance) > 0 or (oracle.theirs == oracle.theirs.round()).all()


def test_the_calls_are_public():
    for oracle in ORACLES:
        target = noisette
        for part in oracle.call.split("."):
            target = getattr(target, part, None) or import_module(f"{target.__name__}.{part}")
        assert callable(target), oracle.call


def test_a_number_that_differs_is_detected():
    first = ORACLES[0]
    fields = {
        name: getattr(first, name) for name in ("section", "name", "quantity", "kind", "source", "function", "call")
    }
    for value, agrees in ((first.value, True), ([0.27, *first.value[1:]], False), (first.value[1:], False)):
        assert Oracle(**fields, value=value, absolute=1e-6).agrees == agrees
    assert Oracle(**fields, value=[np.nan, *first.value[1:]], absolute=1e-6).agrees


def test_the_page_lists_every_number(tmp_path, monkeypatch):
    """With three numbers, since the others are compared above."""
    few = [oracle for oracle in ORACLES if oracle.name in ("dit-plug-in", "philox", "dit-stationary")]
    monkeypatch.setattr(validation, "read", lambda: few)
    validation.write(tmp_path)
    text = (tmp_path / "validation.md").read_text(encoding="utf-8")
    assert "11 numbers in 3 rows; all agree" in text
    assert "0.8812908992" in text
    assert "ff1dae59" in text
    assert len(re.findall(r"^## ", text, flags=re.MULTILINE)) == 2
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count(" | ") for line in rows if not line.startswith("|---")} == {7}
