"""Studies in stores: stored results, recomputation, and refused changes."""

import json
import os
import threading

import jax
import numpy as np
import pytest
import xarray as xr

from noisette.errors import FailedPointsWarning, InputError
from noisette.noise import White
from noisette.studies import Study, load, open_store, status
from noisette.studies._digest import described
from noisette.studies._versions import versions

COUNT = []


def walk(gain, size, *, key):
    COUNT.append(gain)
    steps = jax.random.normal(key, (size, 3))
    return {"end": gain * steps.sum(), "path": ("time", gain * steps.sum(0))}


def study(**more):
    return Study("walks", walk, {"size": [5, 10], "gain": [0.5, 1.0, 2.0]}, **{"seed": 1} | more)


def task_file(store, number):
    """Return the file of a task of a store."""
    return store / "tasks" / "000" / f"{number:07d}.task"


@pytest.fixture
def counted():
    COUNT.clear()
    return COUNT


@pytest.mark.slow
def test_a_run_with_a_store_gives_the_result_of_a_run_without(tmp_path):
    result = study(repeats=2).run(store=tmp_path / "s")
    xr.testing.assert_equal(result, study(repeats=2).run())
    xr.testing.assert_identical(result, Study.open(tmp_path / "s"))
    assert result.attrs == {"study": "walks", "seed": 1, "tasks": 12, "tasks_done": 12, "failures": ""}
    assert status(tmp_path / "s").line() == "walks: 12 of 12 tasks done, complete"
    xr.testing.assert_identical(result, load(tmp_path / "s" / "result.nc"))


def settle(time, *, key):
    return {"variance": 1 - np.exp(-time) + 0.1 * jax.random.uniform(key)}


def test_infinity_is_kept_as_a_coordinate(tmp_path):
    """In names of tasks, keys, manifest, result, the union with finite points, and when a study is resumed."""
    made = Study("settling", settle, {"time": [-np.inf, 0.5, np.inf]}, where="time > -inf", seed=3)
    result = made.run(store=tmp_path / "s")
    xr.testing.assert_equal(result, made.run())
    assert result.time.values.tolist() == [-np.inf, 0.5, np.inf]
    assert 1 < float(result.variance.sel(time=np.inf)) < 1.1
    assert np.isnan(result.variance.sel(time=-np.inf))
    xr.testing.assert_identical(result, load(tmp_path / "s" / "result.nc"))
    xr.testing.assert_identical(result, open_store(tmp_path / "s"))

    def refuse(text):
        raise ValueError(f"{text} is no JSON")

    manifest = json.loads((tmp_path / "s" / "study.json").read_text(), parse_constant=refuse)
    assert manifest["configuration"]["axes"]["time"] == [{"float": "-inf"}, 0.5, {"float": "inf"}]
    task_file(tmp_path / "s", 1).unlink()
    xr.testing.assert_identical(result, made.run(store=tmp_path / "s"))
    alone = Study("settling", settle, {"time": [np.inf]}, seed=3).run()  # the random numbers of a point do not change
    assert alone.variance.item() == result.variance.sel(time=np.inf).item()
    with pytest.raises(InputError, match=r"without.*inf"):
        Study("settling", settle, {"time": [0.5]}, seed=3).run(store=tmp_path / "s")


def test_failed_points_are_reported(tmp_path):
    reason = "x = 0: exception: ZeroDivisionError: division by zero"
    made = Study("inverse", lambda x: 1 / x, {"x": [0, 1, 2]})
    with pytest.warns(FailedPointsWarning, match=f"1 of 3 points of study 'inverse' failed; the first is {reason}"):
        made.run(store=tmp_path)
    with pytest.warns(FailedPointsWarning, match=f"the measured task of study 'inverse' failed: {reason}"):
        plan = Study("inverse", lambda x: 1 / x, {"x": [1, 0, 2]}).plan()
    assert plan.line().endswith(f"a point of the measured task failed: {reason}")


def test_nan_among_fixed_arguments_is_not_a_change(tmp_path):
    made = Study("s", lambda x, floor: x, {"x": [1]}, {"floor": np.nan})
    made.run(store=tmp_path)
    assert made.run(store=tmp_path).value.values.tolist() == [1]


def test_attributes_that_netcdf_cannot_store(tmp_path):
    attrs = {"a": None, "b": {"c": [1, "x"]}, "d": True, "e": [1.5, 2.5], "f": [], "g": np.float32(1), "h": White(1.0)}
    Study("s", lambda x: xr.Dataset({"y": x}, attrs=attrs), {"x": [1]}).run(store=tmp_path)
    result = load(tmp_path / "result.nc").attrs
    assert [result[name] for name in "abdfg"] == ["null", '{"c": [1, "x"]}', "true", "[]", 1.0]
    assert result["e"].tolist() == [1.5, 2.5]
    assert "White" in result["h"]


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 2, 5, None])
def test_batched_points_equal_single_points(batch):
    """Up to rounding, since the compiled programs differ."""
    result = study(repeats=3, vectorised=["gain", "repeat"], batch=batch).run()
    xr.testing.assert_allclose(result, study(repeats=3).run(), rtol=1e-12)


def test_shared_random_numbers():
    result = study(shared=["gain"]).run()
    for gain in (0.5, 2.0):
        np.testing.assert_allclose(result.end.sel(gain=gain) / gain, result.end.sel(gain=1.0), rtol=1e-12)
    other = study().run()
    assert len(np.unique((other.end / other.gain).values.round(9))) == 6


def test_additional_values_do_not_change_existing_results():
    large = Study("walks", walk, {"gain": [0.5, 7.0, 2.0, 1.0], "size": [10]}, seed=1).run()
    np.testing.assert_array_equal(large.end.sel(gain=1.0, size=10), study().run().end.sel(gain=1.0, size=10))


def test_finished_tasks_are_not_recomputed(tmp_path, counted):
    study().run(store=tmp_path)
    assert len(counted) == 6
    task_file(tmp_path, 4).unlink()
    again = study().run(store=tmp_path)
    assert len(counted) == 7
    xr.testing.assert_equal(again, study().run())


@pytest.mark.parametrize(
    "harm",
    [lambda b: b[:-9], lambda b: b"", lambda b: b"PK\x03\x04 other", lambda b: b[:70] + bytes([b[70] ^ 4]) + b[71:]],
)
def test_a_damaged_file_is_reported_and_recomputed(tmp_path, counted, harm):
    whole = study().run(store=tmp_path)
    file = task_file(tmp_path, 2)
    file.write_bytes(harm(file.read_bytes()))
    assert np.isnan(Study.open(tmp_path).end).sum() == 1
    message = []
    again = study().run(store=tmp_path, notice=message.append)
    assert len(message) == 1
    assert file.name in message[0]
    assert "the task is run again" in message[0]
    assert len(counted) == 7
    xr.testing.assert_identical(again, whole)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (study(seed=2), "seed: 1 → 2"),
        (study(repeats=2), 'order: with "repeat", axes: repeat: "absent"'),
        (Study("walks", walk, {"size": [5, 10], "gain": [0.5, 1.0, 3.0]}, seed=1), "gain: without 2.0 and with 3.0"),
        (Study("walks", walk, {"size": [5, 10], "gain": [2.0, 0.5, 1.0]}, seed=1), "gain: in another order"),
        (Study("walks", lambda gain, size: 1, {"size": [5, 10], "gain": [0.5, 1.0, 2.0]}, seed=1), "measure: "),
        (study(where="gain < 2"), "where: with"),
    ],
)
def test_another_study_is_refused_with_the_difference(tmp_path, other, message):
    study().run(store=tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(InputError) as error:
        other.run(store=tmp_path)
    assert message in str(error.value)
    assert "contains a different study" in str(error.value)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_changes_can_be_accepted(tmp_path, counted):
    study().run(store=tmp_path)
    study(seed=2).run(store=tmp_path, accept_changes=True)
    assert len(counted) == 6
    sessions = json.loads((tmp_path / "study.json").read_text())["sessions"]
    assert len(sessions) == 2
    assert {"noisette", "jax", "python"} <= sessions[0]["versions"].keys()


@pytest.mark.parametrize(
    "other",
    [
        Study("walks", walk, {"size": [5, 10], "gain": [0.5, 0.75, 1.0, 2.0]}, seed=1),
        Study("walks", walk, {"size": [5, 10], "gain": [0.5]}, seed=1),
        Study("walks", walk, {"gain": [0.5, 1.0, 2.0], "size": [5, 10]}, seed=1),
        study(batch=2),
        study(where="gain < 2"),
    ],
)
def test_results_are_never_assigned_to_other_points(tmp_path, other):
    """A task identifies its points only by their positions in the grid."""
    whole = study().run(store=tmp_path)
    with pytest.raises(InputError, match="its tasks contain different points"):
        other.run(store=tmp_path, accept_changes=True)
    xr.testing.assert_identical(Study.open(tmp_path), whole)


def test_named_values_are_part_of_the_configuration(tmp_path):
    def variance(noise, *, key):
        return noise.strength**2

    first = Study("v", variance, {"noise": {"weak": White(0.5), "strong": White(2.0)}})
    assert first.run(store=tmp_path).value.sel(noise="strong") == 4
    with pytest.raises(InputError, match="weak"):
        Study("v", variance, {"noise": {"weak": White(0.6), "strong": White(2.0)}}).run(store=tmp_path)


def test_descriptions_distinguish_values():
    same = [np.arange(3), White(0.5), {"a": [1, White(1.0)]}, 1.5, "x", np.float64(2)]
    assert [described(value) for value in same] == [described(value) for value in same]
    assert described(np.arange(3)) != described(np.arange(3.0))
    assert described(White(0.5)) != described(White(0.6))
    assert described(lambda: 1) != described(lambda: 2)
    json.dumps(described(same))


def test_a_foreign_folder_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="contains other files"):
        study().run(store=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["thesis.tex"]
    with pytest.raises(InputError, match="is not the store"):
        open_store(tmp_path)


MANGLED = '{"configuration": {"name": "s", "order": ["x"], "xes": {"x": [1]}, "tasks": 1}, "sessions": []}'


@pytest.mark.parametrize("content", ["", "{", "[]", '{"configuration": 1}', MANGLED])
def test_a_damaged_manifest_is_reported(tmp_path, content):
    study().run(store=tmp_path)
    (tmp_path / "study.json").write_text(content)
    for read in (lambda: study().run(store=tmp_path), lambda: open_store(tmp_path), lambda: status(tmp_path)):
        with pytest.raises(InputError, match=r"study\.json' cannot be read"):
            read()


def test_a_study_runs_outside_the_main_thread(tmp_path):
    threading.Thread(target=lambda: study().run(store=tmp_path)).run()
    assert status(tmp_path).done == 6


def test_changes_are_described_in_words(store_files):
    assert store_files.changes({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 2]}}) == ""
    assert store_files.changes({"a": 1}, {"b": "x" * 100}).startswith('a: 1 → "absent", b: "absent" → "xxx')


def test_other_versions_are_reported_and_stored(store_files, tmp_path, monkeypatch):
    study().run(store=tmp_path)
    monkeypatch.setattr(store_files, "versions", lambda: versions() | {"jax": "99.0"})
    message = []
    study().run(store=tmp_path, notice=message.append)
    assert len(message) == 1
    assert 'jax: "' in message[0]
    assert '"99.0"' in message[0]
    sessions = json.loads((tmp_path / "study.json").read_text())["sessions"]
    assert [value["versions"]["jax"] == "99.0" for value in sessions] == [False, True]


def test_clock_changes_have_no_effect(tmp_path, counted):
    study().run(store=tmp_path)
    for i, file in enumerate(sorted(tmp_path.rglob("*.task"))):
        os.utime(file, (2**32 * (i % 2), 2**32 * (i % 2)))
    task_file(tmp_path, 1).unlink()
    study().run(store=tmp_path)
    assert len(counted) == 7
    assert status(tmp_path).done == 6
