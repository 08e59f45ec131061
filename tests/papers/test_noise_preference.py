"""The paper on noise preference: every figure runs, and its verdicts follow from the data."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from noisette.activations import Smoothed, linear
from noisette.papers import from_string, reproduce
from noisette.papers.noise_preference import _curves, fixed_points
from noisette.papers.noise_preference._runs import LEVELS, RELATIVE

PAPER = from_string("noise-preference")
FIGURES = ("function-approximation", "path-integration", "dms", "fixed-points")


def test_the_figures_of_the_paper():
    assert tuple(figure.name for figure in PAPER.figures) == FIGURES


def test_the_paper_states_that_only_the_abstract_was_read():
    assert "Only the abstract of this paper was read" in PAPER.note
    tasks = [figure for figure in PAPER.figures if figure.name != "fixed-points"]
    assert all("Only the abstract of the paper was read" in figure.caption for figure in tasks)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_figures_run_at_smoke_scale(name, tmp_path):
    (figure,) = PAPER.chosen([name])
    claims, _ = reproduce(PAPER, figure, tmp_path, scale="smoke")
    assert {claim.verdict for claim in claims} == {"not judged"}
    saved = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert len(saved["claims"]) == len(claims) == 4
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


def curves(inside, outside, networks=5):
    """Return data of a task figure with errors (σ − best)² + c at both places, with a little scatter of networks."""
    rng = np.random.default_rng(0)
    shape = (2, 3, networks, len(RELATIVE))
    best = np.array([inside, outside])[:, None, None, None] + 0.05 * rng.normal(size=(2, 3, networks, 1))
    bias = np.broadcast_to((RELATIVE - best) ** 2, shape)
    variance = np.broadcast_to(0.01 + 0.1 * RELATIVE**2, shape)
    dims = ["place", "level", "network", "relative"]
    data = {"error": bias + variance, "bias": bias, "variance": variance, "accuracy": np.exp(-bias)}
    noise = ("place", "level"), [LEVELS["inside"], LEVELS["outside"]]
    coords = {"place": ["inside", "outside"], "level": [0, 1, 2], "relative": RELATIVE}
    return xr.Dataset({n: (dims, v) for n, v in data.items()} | {"training_noise": noise}, coords)


def test_claims_about_a_preference_for_noise_inside():
    verdicts = [claim.verdict for claim in _curves.claims(curves(1.05, 0.0), "a task")]
    assert verdicts == ["reproduced"] * 4


def test_claims_without_a_preference_are_not_reproduced():
    claims = _curves.claims(curves(0.0, 1.0), "a task")
    assert [claim.verdict for claim in claims] == ["not reproduced", "differs", "not reproduced", "not reproduced"]
    assert all(claim.p > 0.05 for claim in claims if claim.statement.startswith("a task:"))


def test_the_optimum_of_a_parabola_is_exact():
    errors = (RELATIVE - np.array([[0.9], [1.4]])) ** 2
    np.testing.assert_allclose(_curves.optima(RELATIVE, errors), [0.9, 1.4], atol=1e-12)


def test_fixed_points_solve_their_equation():
    assert fixed_points.fixed_point(linear, 2.0) == pytest.approx(1.0)
    for activation in fixed_points.ACTIVATIONS.values():
        x = fixed_points.fixed_point(activation, 1.5)
        rate = float(Smoothed(activation, 1.5)(jnp.asarray(x)))
        assert x == pytest.approx(fixed_points.COUPLING * rate + fixed_points.BIAS, abs=1e-10)


@pytest.mark.slow
def test_simulated_fixed_points_are_those_of_the_theory():
    """Means over 20 independent units and time; five standard errors, and 1 % for the finite hold time of the noise."""
    data = fixed_points.single_units("smoke", 3)
    difference = np.abs(data.simulated - data.theory)
    assert bool((difference <= 5 * data.simulated_se + 0.01).all())
    shift = data.theory.sel(noise=2.0) - data.theory.sel(noise=0.0)
    assert float(shift.sel(activation="relu")) > 0.3
    assert float(shift.sel(activation="tanh")) < -0.1
