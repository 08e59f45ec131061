"""A study in a store: what is kept, what is done again, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr

from noisette.errors import InputError
from noisette.noise import White
from noisette.studies import Study, failures, load, open_store, status
from noisette.studies import _folder as folder_module
from noisette.studies._digest import described
from noisette.studies._folder import Folder, changes
from noisette.studies._versions import versions

COUNT = []


def walk(gain, size, *, key):
    COUNT.append(gain)
    steps = jax.random.normal(key, (size, 3))
    return {"end": gain * steps.sum(), "path": ("time", gain * steps.sum(0))}


def study(**more):
    return Study("walks", walk, {"size": [5, 10], "gain": [0.5, 1.0, 2.0]}, **{"seed": 1} | more)


@pytest.fixture
def counted():
    COUNT.clear()
    return COUNT


def test_a_store_gives_what_memory_gives(tmp_path):
    found = study(repeats=2).run(store=tmp_path / "s")
    xr.testing.assert_equal(found, study(repeats=2).run())
    xr.testing.assert_identical(found, Study.open(tmp_path / "s"))
    assert found.attrs == {"study": "walks", "seed": 1, "tasks": 12, "tasks_done": 12, "failures": ""}
    assert status(tmp_path / "s").line() == "walks: 12 of 12 tasks done, done"
    xr.testing.assert_identical(found, load(tmp_path / "s" / "result.nc"))


def settle(time, *, key):
    return {"variance": 1 - np.exp(-time) + 0.1 * jax.random.uniform(key)}


def test_infinity_is_kept_as_a_coordinate(tmp_path):
    """In names of tasks, keys, manifest, result and the union with finite points; and taken up again."""
    made = Study("settling", settle, {"time": [-np.inf, 0.5, np.inf]}, where="time > -inf", seed=3)
    found = made.run(store=tmp_path / "s")
    xr.testing.assert_equal(found, made.run())
    assert found.time.values.tolist() == [-np.inf, 0.5, np.inf]
    assert 1 < float(found.variance.sel(time=np.inf)) < 1.1
    assert np.isnan(found.variance.sel(time=-np.inf))
    xr.testing.assert_identical(found, load(tmp_path / "s" / "result.nc"))
    xr.testing.assert_identical(found, open_store(tmp_path / "s"))

    def refuse(text):
        raise ValueError(f"{text} is no JSON")

    manifest = json.loads((tmp_path / "s" / "study.json").read_text(), parse_constant=refuse)
    assert manifest["configuration"]["axes"]["time"] == [{"float": "-inf"}, 0.5, {"float": "inf"}]
    (tmp_path / "s" / "tasks" / "000" / "0000001.task").unlink()
    xr.testing.assert_identical(found, made.run(store=tmp_path / "s"))
    alone = Study("settling", settle, {"time": [np.inf]}, seed=3).run()  # a point keeps its random numbers
    assert alone.variance.item() == found.variance.sel(time=np.inf).item()
    with pytest.raises(InputError, match=r"without.*inf"):
        Study("settling", settle, {"time": [0.5]}, seed=3).run(store=tmp_path / "s")


def test_infinite_points_that_fail_are_named(tmp_path):
    Study("inverse", lambda time: 1 / 0 if time == np.inf else time, {"time": [1.0, np.inf]}).run(store=tmp_path)
    assert [one.line() for one in failures(tmp_path)] == ["time = inf: exception: ZeroDivisionError: division by zero"]
    assert failures(tmp_path)[0].coordinates == {"time": np.inf}


def test_points_that_fail_are_said(tmp_path):
    said = []
    made = Study("inverse", lambda x: 1 / x, {"x": [0, 1, 2]})
    made.run(store=tmp_path, notice=said.append)
    assert said == ["1 of 3 points failed, such as x = 0: exception: ZeroDivisionError: division by zero"]
    assert (
        Study("inverse", lambda x: 1 / x, {"x": [1, 0, 2]})
        .plan()
        .line()
        .endswith("in the task that was done a point failed: x = 0: exception: ZeroDivisionError: division by zero")
    )


def test_nan_among_fixed_arguments_is_no_change(tmp_path):
    made = Study("s", lambda x, floor: x, {"x": [1]}, {"floor": np.nan})
    made.run(store=tmp_path)
    assert made.run(store=tmp_path).value.values.tolist() == [1]


def test_attributes_that_netcdf_does_not_hold(tmp_path):
    attrs = {"a": None, "b": {"c": [1, "x"]}, "d": True, "e": [1.5, 2.5], "f": [], "g": np.float32(1), "h": White(1.0)}
    Study("s", lambda x: xr.Dataset({"y": x}, attrs=attrs), {"x": [1]}).run(store=tmp_path)
    found = load(tmp_path / "result.nc").attrs
    assert [found[name] for name in "abdfg"] == ["null", '{"c": [1, "x"]}', "true", "[]", 1.0]
    assert found["e"].tolist() == [1.5, 2.5]
    assert "White" in found["h"]


@pytest.mark.parametrize("batch", [1, 2, 5, None])
def test_side_by_side_is_one_by_one(batch):
    """To rounding: the compiled program of many is another than that of one."""
    found = study(repeats=3, vectorised=["gain", "repeat"], batch=batch).run()
    xr.testing.assert_allclose(found, study(repeats=3).run(), rtol=1e-12)


def test_shared_random_numbers():
    found = study(shared=["gain"]).run()
    for gain in (0.5, 2.0):
        np.testing.assert_allclose(found.end.sel(gain=gain) / gain, found.end.sel(gain=1.0), rtol=1e-12)
    other = study().run()
    assert len(np.unique((other.end / other.gain).values.round(9))) == 6


def test_more_values_do_not_change_those_there_were():
    large = Study("walks", walk, {"gain": [0.5, 7.0, 2.0, 1.0], "size": [10]}, seed=1).run()
    np.testing.assert_array_equal(large.end.sel(gain=1.0, size=10), study().run().end.sel(gain=1.0, size=10))


def test_finished_tasks_are_not_done_again(tmp_path, counted):
    study().run(store=tmp_path)
    assert len(counted) == 6
    Folder(tmp_path).task(4).unlink()
    again = study().run(store=tmp_path)
    assert len(counted) == 7
    xr.testing.assert_equal(again, study().run())


@pytest.mark.parametrize(
    "harm",
    [lambda b: b[:-9], lambda b: b"", lambda b: b"PK\x03\x04 other", lambda b: b[:70] + bytes([b[70] ^ 4]) + b[71:]],
)
def test_a_damaged_file_is_named_and_computed_again(tmp_path, counted, harm):
    whole = study().run(store=tmp_path)
    file = Folder(tmp_path).task(2)
    file.write_bytes(harm(file.read_bytes()))
    assert np.isnan(Study.open(tmp_path).end).sum() == 1
    said = []
    again = study().run(store=tmp_path, notice=said.append)
    assert len(said) == 1
    assert file.name in said[0]
    assert "computed again" in said[0]
    assert len(counted) == 7
    xr.testing.assert_identical(again, whole)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (study(seed=2), "seed: 1 → 2"),
        (study(repeats=2), 'order: with "repeat", axes: repeat: "absent"'),
        (Study("walks", walk, {"size": [5, 10], "gain": [0.5, 1.0, 3.0]}, seed=1), "gain: without 2.0 and with 3.0"),
        (Study("walks", walk, {"size": [5, 10], "gain": [2.0, 0.5, 1.0]}, seed=1), "gain: in another order"),
        (Study("walks", lambda gain, size: 1, {"size": [5, 10], "gain": [0.5, 1.0, 2.0]}, seed=1), "measure: "),
        (study(where="gain < 2"), "where: with"),
    ],
)
def test_another_study_is_refused_with_the_difference(tmp_path, other, said):
    study().run(store=tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(InputError) as error:
        other.run(store=tmp_path)
    assert said in str(error.value)
    assert "holds another study" in str(error.value)
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
def test_points_are_never_given_to_others(tmp_path, other):
    """A task says which of the points of its grid it holds by their places alone."""
    whole = study().run(store=tmp_path)
    with pytest.raises(InputError, match="its tasks hold other points"):
        other.run(store=tmp_path, accept_changes=True)
    xr.testing.assert_identical(Study.open(tmp_path), whole)


def test_named_values_are_part_of_the_configuration(tmp_path):
    def variance(noise, *, key):
        return noise.strength**2

    first = Study("v", variance, {"noise": {"weak": White(0.5), "strong": White(2.0)}})
    assert first.run(store=tmp_path).value.sel(noise="strong") == 4
    with pytest.raises(InputError, match="weak"):
        Study("v", variance, {"noise": {"weak": White(0.6), "strong": White(2.0)}}).run(store=tmp_path)


def test_descriptions_tell_values_apart():
    same = [np.arange(3), White(0.5), {"a": [1, White(1.0)]}, 1.5, "x", np.float64(2)]
    assert [described(one) for one in same] == [described(one) for one in same]
    assert described(np.arange(3)) != described(np.arange(3.0))
    assert described(White(0.5)) != described(White(0.6))
    assert described(lambda: 1) != described(lambda: 2)
    json.dumps(described(same))


def inverse(x, how="raise"):
    if x == 2:
        if how == "raise":
            raise ValueError(f"no inverse\nof {x}")
        return {"y": np.nan, "n": 1}
    return {"y": 1 / x, "n": 1}


@pytest.mark.parametrize(("how", "kind"), [("raise", "exception"), ("nan", "not finite")])
def test_a_point_that_blows_up_is_recorded_and_the_rest_goes_on(tmp_path, how, kind):
    made = Study("inverses", inverse, {"x": [1, 2, 4]}, {"how": how})
    found = made.run(store=tmp_path)
    np.testing.assert_array_equal(found.y, [1, np.nan, 0.25])
    (failure,) = failures(tmp_path)
    assert failure.coordinates == {"x": 2}
    assert failure.kind == kind
    assert "\n" not in failure.line()
    if how == "raise":
        assert failure.message == "ValueError: no inverse of 2"
        assert 'raise ValueError(f"no inverse' in failure.traceback
        assert found.attrs["failures"] == failure.line()
    assert status(tmp_path).failed == 1
    assert made.run(store=tmp_path, retry_failed=True).y[0] == 1


def test_nan_may_be_a_result(tmp_path):
    Study("inverses", inverse, {"x": [1, 2, 4]}, {"how": "nan"}, allow_nan=True).run(store=tmp_path)
    assert failures(tmp_path) == []


def test_failed_points_are_done_again_on_request(tmp_path):
    broken = {"yes": True}

    def once(x):
        if x == 1 and broken["yes"]:
            raise RuntimeError("not yet")
        return x

    def run(**more):
        return Study("once", once, {"x": [0, 1]}).run(store=tmp_path, **more)

    assert np.isnan(run().value[1])
    broken["yes"] = False
    assert np.isnan(run(accept_changes=True).value[1])
    assert run(retry_failed=True, accept_changes=True).value.values.tolist() == [0, 1]
    assert failures(tmp_path) == []


def test_a_failing_batch_names_all_its_points(tmp_path):
    def bad(x):
        raise ValueError("shape")

    Study("bad", bad, {"x": [0.0, 1.0]}, vectorised=["x"]).run(store=tmp_path)
    assert [one.coordinates["x"] for one in failures(tmp_path)] == [0.0, 1.0]


def test_without_a_store_errors_end_the_run():
    with pytest.raises(ValueError, match="no inverse"):
        Study("inverses", inverse, {"x": [1, 2]}).run()


def test_a_foreign_folder_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="holds something else"):
        study().run(store=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["thesis.tex"]
    with pytest.raises(InputError, match="is no store"):
        open_store(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"configuration": 1}'])
def test_a_damaged_manifest_is_named(tmp_path, content):
    study().run(store=tmp_path)
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(InputError, match=r"study\.json"):
        study().run(store=tmp_path)


@pytest.mark.parametrize(("number", "said"), [(28, "free some space"), (30, "may write"), (5, "see to the disk")])
def test_errors_of_the_disk_keep_what_is_done(tmp_path, monkeypatch, number, said):
    """The third task meets a full disk (28), a read-only file system (30), a broken disk (5)."""
    kept, whole = [], folder_module.Folder._write

    def write(self, target, data):
        if target.suffix == ".task":
            if len(kept) == 2:
                raise OSError(number, os.strerror(number))
            kept.append(target)
        whole(self, target, data)

    monkeypatch.setattr(folder_module.Folder, "_write", write)
    with pytest.raises(InputError, match=said):
        study().run(store=tmp_path)
    monkeypatch.undo()
    assert status(tmp_path).done == 2
    assert not status(tmp_path).running
    xr.testing.assert_equal(study().run(store=tmp_path), study().run())


def test_a_disk_that_is_full_at_the_start(tmp_path, monkeypatch):
    def write(self, target, data):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(folder_module.Folder, "_write", write)
    with pytest.raises(InputError, match="run it again"):
        study().run(store=tmp_path)
    monkeypatch.undo()
    (tmp_path / ".study-1234.json").write_text("{")  # and killed while it wrote
    (tmp_path / ".lock-1234").write_text("{")
    xr.testing.assert_equal(study().run(store=tmp_path), study().run())


def test_a_failure_is_known_until_its_point_is_done(tmp_path, monkeypatch):
    broken, whole = {"yes": True}, folder_module.Folder._write

    def once(x):
        return 1 / 0 if broken["yes"] else x

    def write(self, target, data):
        if target.suffix == ".task":
            raise OSError(28, os.strerror(28))
        whole(self, target, data)

    Study("once", once, {"x": [1]}).run(store=tmp_path)
    broken["yes"] = False
    monkeypatch.setattr(folder_module.Folder, "_write", write)
    with pytest.raises(InputError, match="cannot be written"):
        Study("once", once, {"x": [1]}).run(store=tmp_path, retry_failed=True, accept_changes=True)
    monkeypatch.undo()
    assert len(failures(tmp_path)) == 1
    found = Study("once", once, {"x": [1]}).run(store=tmp_path, retry_failed=True, accept_changes=True)
    assert (found.value.values.tolist(), failures(tmp_path)) == ([1], [])


def test_what_kills_left_behind_is_removed(tmp_path):
    study().run(store=tmp_path)
    for name in (".result-12.nc", ".lock-12", ".dead-12", ".lock-34"):
        (tmp_path / name).write_text("")
        if not name.endswith("34"):
            os.utime(tmp_path / name, (1, 1))
    study().run(store=tmp_path)
    assert [one.name for one in tmp_path.rglob(".*")] == [".lock-34"]  # perhaps of one who is about to ask


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_request_to_terminate_ends_in_order(tmp_path):
    def stopping(x):
        if x == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return x

    made = Study("stopping", stopping, {"x": [1, 2, 3, 4]})
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        made.run(store=tmp_path)
    assert end.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert not (tmp_path / "lock").exists()
    assert status(tmp_path).done == 2


def test_it_runs_beside_the_main_thread(tmp_path):
    threading.Thread(target=lambda: study().run(store=tmp_path)).run()
    assert status(tmp_path).done == 6


def test_left_overs_of_interrupted_writes_are_removed(tmp_path):
    study().run(store=tmp_path)
    (Folder(tmp_path).task(0).parent / ".0000001-x.task").write_text("half")
    study().run(store=tmp_path)
    assert not list(Path(tmp_path).rglob(".0*"))


def test_changes_in_words():
    assert changes({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 2]}}) == ""
    assert changes({"a": 1}, {"b": "x" * 100}).startswith('a: 1 → "absent", b: "absent" → "xxx')


def test_other_versions_are_said_and_kept(tmp_path, monkeypatch):
    study().run(store=tmp_path)
    monkeypatch.setattr(folder_module, "versions", lambda: versions() | {"jax": "99.0"})
    said = []
    study().run(store=tmp_path, notice=said.append)
    assert len(said) == 1
    assert 'jax: "' in said[0]
    assert '"99.0"' in said[0]
    sessions = json.loads((tmp_path / "study.json").read_text())["sessions"]
    assert [one["versions"]["jax"] == "99.0" for one in sessions] == [False, True]


def test_a_clock_that_jumps_changes_nothing(tmp_path, counted):
    study().run(store=tmp_path)
    for i, file in enumerate(sorted(tmp_path.rglob("*.task"))):
        os.utime(file, (2**32 * (i % 2), 2**32 * (i % 2)))
    Folder(tmp_path).task(1).unlink()
    study().run(store=tmp_path)
    assert len(counted) == 7
    assert status(tmp_path).done == 6


HALF = """
import os, signal
from noisette.studies import Study
from noisette.studies import _folder
from noisette.studies.store import atomic_write

written = []

def write(self, target, data):
    with atomic_write(target) as beside:
        if target.suffix == ".task" and len(written) == 2:
            beside.write_bytes(data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        if target.suffix == ".task":
            written.append(target)
        beside.write_bytes(data)

_folder.Folder._write = write
Study("half", lambda x: x, {"x": [1, 2, 3, 4]}).run(store=os.environ["STORE"])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_while_it_writes(tmp_path):
    killed = subprocess.run([sys.executable, "-c", HALF], env=os.environ | {"STORE": str(tmp_path)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert status(tmp_path).line() == "half: 2 of 4 tasks done, interrupted"
    assert len(list(tmp_path.rglob(".*.task"))) == 1
    said = []
    found = Study("half", lambda x: x, {"x": [1, 2, 3, 4]}).run(store=tmp_path, accept_changes=True, notice=said.append)
    assert (found.value.values.tolist(), said) == ([1, 2, 3, 4], [])
    assert not list(tmp_path.rglob(".*"))


@pytest.fixture
def small_disk(tmp_path):
    """Return a disk of 64 kB, and a call that makes it read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.name != "posix" or os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a small disk")
    yield place, lambda: subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_and_one_that_is_read_only(small_disk):
    disk, make_read_only = small_disk
    large = Study("large", lambda x: {"y": ("t", np.full(1000, float(x)))}, {"x": range(20)})
    with pytest.raises(InputError, match=r"No space left on device.*finished tasks are safe; free some space"):
        large.run(store=disk / "s")
    done = status(disk / "s").done
    assert 1 <= done < 20
    assert np.isfinite(open_store(disk / "s").y).all("t").sum() == done
    make_read_only()
    with pytest.raises(InputError, match="choose a folder in which you may write"):
        large.run(store=disk / "s")
