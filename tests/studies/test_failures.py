"""Contents of a store after failures of points and disks and after killed processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr

from noisette.errors import FailedPointsWarning, InputError, StudyFailedError
from noisette.studies import Study, failures, open_store, status

COUNT = []


def walk(gain, size, *, key):
    COUNT.append(gain)
    steps = jax.random.normal(key, (size, 3))
    return {"end": gain * steps.sum(), "path": ("time", gain * steps.sum(0))}


def study(**more):
    return Study("walks", walk, {"size": [5, 10], "gain": [0.5, 1.0, 2.0]}, **{"seed": 1} | more)


def test_failed_points_at_infinity_are_named(tmp_path):
    with pytest.warns(FailedPointsWarning):
        Study("inverse", lambda time: 1 / 0 if time == np.inf else time, {"time": [1.0, np.inf]}).run(store=tmp_path)
    assert [failure.line() for failure in failures(tmp_path)] == [
        "time = inf: exception: ZeroDivisionError: division by zero"
    ]
    assert failures(tmp_path)[0].coordinates == {"time": np.inf}


def inverse(x, how="raise"):
    if x == 2:
        if how == "raise":
            raise ValueError(f"no inverse\nof {x}")
        return {"y": np.nan, "n": 1}
    return {"y": 1 / x, "n": 1}


@pytest.mark.parametrize(("how", "kind"), [("raise", "exception"), ("nan", "not finite")])
def test_a_failed_point_is_recorded_and_the_others_are_computed(tmp_path, how, kind):
    made = Study("inverses", inverse, {"x": [1, 2, 4]}, {"how": how})
    with pytest.warns(FailedPointsWarning, match=r"1 of 3 points of study 'inverses' failed; the first is x = 2"):
        result = made.run(store=tmp_path)
    np.testing.assert_array_equal(result.y, [1, np.nan, 0.25])
    (failure,) = failures(tmp_path)
    assert failure.coordinates == {"x": 2}
    assert failure.kind == kind
    assert "\n" not in failure.line()
    if how == "raise":
        assert failure.message == "ValueError: no inverse of 2"
        assert 'raise ValueError(f"no inverse' in failure.traceback
        assert result.attrs["failures"] == failure.line()
    assert status(tmp_path).failed == 1
    with pytest.warns(FailedPointsWarning):
        assert made.run(store=tmp_path, retry_failed=True).y[0] == 1


def test_nan_may_be_a_result(tmp_path):
    Study("inverses", inverse, {"x": [1, 2, 4]}, {"how": "nan"}, allow_nan=True).run(store=tmp_path)
    assert failures(tmp_path) == []


def test_failed_points_are_recomputed_on_request(tmp_path):
    broken = {"yes": True}

    def once(x):
        if x == 1 and broken["yes"]:
            raise RuntimeError("not yet")
        return x

    def run(**more):
        return Study("once", once, {"x": [0, 1]}).run(store=tmp_path, **more)

    with pytest.warns(FailedPointsWarning):
        assert np.isnan(run().value[1])
    broken["yes"] = False
    with pytest.warns(FailedPointsWarning):
        assert np.isnan(run(accept_changes=True).value[1])
    assert run(retry_failed=True, accept_changes=True).value.values.tolist() == [0, 1]
    assert failures(tmp_path) == []


def test_a_failing_batch_names_all_its_points(tmp_path):
    def bad(x):
        raise ValueError("shape")

    with pytest.raises(StudyFailedError, match=r"all 2 points of study 'bad' failed; .*ValueError: shape"):
        Study("bad", bad, {"x": [0.0, 1.0]}, vectorised=["x"]).run(store=tmp_path)
    assert [failure.coordinates["x"] for failure in failures(tmp_path)] == [0.0, 1.0]


def test_without_a_store_errors_end_the_run():
    with pytest.raises(ValueError, match="no inverse"):
        Study("inverses", inverse, {"x": [1, 2]}).run()


@pytest.mark.parametrize(
    ("number", "message"), [(28, "free some space"), (30, "write permission"), (5, "check the disk")]
)
def test_disk_errors_keep_finished_tasks(store_files, tmp_path, monkeypatch, number, message):
    """The third task meets a full disk (28), a read-only file system (30), a broken disk (5)."""
    kept, whole = [], store_files.Folder._write

    def write(self, target, data):
        if target.suffix == ".task":
            if len(kept) == 2:
                raise OSError(number, os.strerror(number))
            kept.append(target)
        whole(self, target, data)

    monkeypatch.setattr(store_files.Folder, "_write", write)
    with pytest.raises(InputError, match=message):
        study().run(store=tmp_path)
    monkeypatch.undo()
    assert status(tmp_path).done == 2
    assert not status(tmp_path).running
    xr.testing.assert_equal(study().run(store=tmp_path), study().run())


def test_a_full_disk_at_the_start_is_reported(store_files, tmp_path, monkeypatch):
    def write(self, target, data):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(store_files.Folder, "_write", write)
    with pytest.raises(InputError, match="run the study again"):
        study().run(store=tmp_path)
    monkeypatch.undo()
    (tmp_path / ".study-1234.json").write_text("{")  # as left by a process that is killed while writing
    (tmp_path / ".lock-1234").write_text("{")
    xr.testing.assert_equal(study().run(store=tmp_path), study().run())


def test_a_failure_is_recorded_until_its_point_is_computed(store_files, tmp_path, monkeypatch):
    broken, whole = {"yes": True}, store_files.Folder._write

    def once(x):
        return 1 / 0 if broken["yes"] else x

    def write(self, target, data):
        if target.suffix == ".task":
            raise OSError(28, os.strerror(28))
        whole(self, target, data)

    with pytest.raises(StudyFailedError, match="ZeroDivisionError"):
        Study("once", once, {"x": [1]}).run(store=tmp_path)
    broken["yes"] = False
    monkeypatch.setattr(store_files.Folder, "_write", write)
    with pytest.raises(InputError, match="cannot be written"):
        Study("once", once, {"x": [1]}).run(store=tmp_path, retry_failed=True, accept_changes=True)
    monkeypatch.undo()
    assert len(failures(tmp_path)) == 1
    result = Study("once", once, {"x": [1]}).run(store=tmp_path, retry_failed=True, accept_changes=True)
    assert (result.value.values.tolist(), failures(tmp_path)) == ([1], [])


def test_temporary_files_of_killed_processes_are_removed(tmp_path):
    study().run(store=tmp_path)
    for name in (".result-12.nc", ".lock-12", ".dead-12", ".lock-34"):
        (tmp_path / name).write_text("")
        if not name.endswith("34"):
            os.utime(tmp_path / name, (1, 1))
    study().run(store=tmp_path)
    assert [failure.name for failure in tmp_path.rglob(".*")] == [".lock-34"]  # possibly of a waiting process


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_sigterm_ends_the_run_in_order(tmp_path):
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


def test_temporary_files_of_interrupted_writes_are_removed(tmp_path):
    study().run(store=tmp_path)
    (tmp_path / "tasks" / "000" / ".0000001-x.task").write_text("half")
    study().run(store=tmp_path)
    assert not list(Path(tmp_path).rglob(".0*"))


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


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_killed_while_writing_leaves_a_valid_store(tmp_path):
    killed = subprocess.run([sys.executable, "-c", HALF], env=os.environ | {"STORE": str(tmp_path)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert status(tmp_path).line() == "half: 2 of 4 tasks done, interrupted"
    assert len(list(tmp_path.rglob(".*.task"))) == 1
    message = []
    result = Study("half", lambda x: x, {"x": [1, 2, 3, 4]}).run(
        store=tmp_path, accept_changes=True, notice=message.append
    )
    assert (result.value.values.tolist(), message) == ([1, 2, 3, 4], [])
    assert not list(tmp_path.rglob(".*"))


@pytest.fixture
def small_disk(tmp_path):
    """Return a disk of 64 kB, and a function that makes it read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.name != "posix" or os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a small disk")
    yield place, lambda: subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_and_a_read_only_disk_are_reported(small_disk):
    disk, make_read_only = small_disk
    large = Study("large", lambda x: {"y": ("t", np.full(1000, float(x)))}, {"x": range(20)})
    with pytest.raises(InputError, match=r"No space left on device.*finished tasks are kept; free some space"):
        large.run(store=disk / "s")
    done = status(disk / "s").done
    assert 1 <= done < 20
    assert np.isfinite(open_store(disk / "s").y).all("t").sum() == done
    make_read_only()
    with pytest.raises(InputError, match="choose a folder with write permission"):
        large.run(store=disk / "s")
