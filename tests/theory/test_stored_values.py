"""Theoretical results against a stored table, computed with two independent implementations of Hermite series.

The trajectory in the potential used the trapezoidal rule with odd orders only, covariances used panels of
Gauss–Legendre nodes, and v = s² + g²⟨φ²⟩ had two solvers.
"""

import csv
from functools import cache
from pathlib import Path

import pytest

from noisette import theory
from noisette.activations import Pade, erf, tanh
from noisette.noise import Frozen, OrnsteinUhlenbeck, White

ACTIVATIONS = {"tanh": tanh, "erf": erf, "pade": Pade(0.5, 0.2)}
NOISES = {
    "none": None,
    "white": White(0.5),
    "frozen": Frozen(0.7),
    "ou": OrnsteinUhlenbeck(0.8, 2.0),
    "white+frozen": White(0.4) + Frozen(0.5),
}
TABLE = Path(__file__).parents[1] / "data" / "mean_field.csv"
with TABLE.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
CASES = sorted({(row["activation"], row["noise"]) for row in ROWS})


@cache
def computed(activation, noise, gain, call):
    phi, process = ACTIVATIONS[activation], NOISES[noise]
    if call == "critical_gain":
        return {"gain": theory.critical_gain(phi, process)}
    if call == "mean_field":
        return theory.mean_field(phi, float(gain), process)
    return theory.correlations(phi, float(gain), process, activity=call.removeprefix("correlations-"))


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "noise"), CASES)
def test_results_agree_with_the_stored_table(activation, noise):
    rows = [row for row in ROWS if (row["activation"], row["noise"]) == (activation, noise)]
    for row in rows:
        value = float(computed(activation, noise, row["gain"], row["call"])[row["quantity"]])
        assert value == pytest.approx(float(row["value"]), rel=1e-9, abs=1e-11), row
