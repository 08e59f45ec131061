"""Estimates of the time and memory of a study, and batches that fit into memory."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from noisette.studies import ProcessPool, Serial, Study, _plan


def curve(x, kind):
    return {"y": x * jnp.arange(1000.0)}  # 8 kB per point


@pytest.fixture
def made():
    return Study("curves", curve, {"x": np.arange(200.0), "kind": [1, 2]}, vectorised=["x"], batch="auto")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("free", "workers", "batch"), [(1e9, 1, 200), (1e6, 1, 32), (1e6, 2, 16), (2e6, 1, 64), (1.0, 1, 1)]
)
def test_batches_are_as_large_as_memory_allows(made, monkeypatch, free, workers, batch):
    """Half of the memory, shared by workers, in parts of 8 kB: powers of two, or all points at once."""
    monkeypatch.setattr(_plan, "_free", lambda: free)
    assert made._batch(Serial(workers)) == batch


@pytest.mark.slow
def test_the_batch_size_of_a_started_study_does_not_change(made, monkeypatch, tmp_path):
    monkeypatch.setattr(_plan, "_free", lambda: 1e6)
    result = made.run(store=tmp_path)
    configuration = json.loads((tmp_path / "study.json").read_text())["configuration"]
    assert (configuration["batch"], configuration["tasks"]) == (32, 14)
    monkeypatch.setattr(_plan, "_free", lambda: 1e9)
    next(tmp_path.rglob("*.task")).unlink()
    again = made.run(store=tmp_path)
    assert again.identical(result)
    np.testing.assert_array_equal(result.y.sel(x=3.0, kind=1), 3 * np.arange(1000.0))


def test_a_plan_counts_points_tasks_and_time():
    calls = []

    def measure(x):
        calls.append(x)
        return x

    plan = Study("s", measure, {"x": range(20)}, where="x != 3").plan(ProcessPool(1))
    assert (plan.points, plan.tasks, plan.workers) == (19, 19, 1)
    assert len(calls) == 2
    assert plan.seconds == pytest.approx(plan.first + 18 * plan.each)
    assert plan.memory > 1e7
    assert "19 points in 19 tasks" in plan.line()
