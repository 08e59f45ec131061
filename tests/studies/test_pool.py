"""Worker processes: the results are the same bit for bit for any number of processes, even if these are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from noisette.errors import FailedPointsWarning, InputError
from noisette.studies import ProcessPool, Serial, Study, failures, open_store, status

SCRIPT = textwrap.dedent("""
    import sys, time
    import jax, jax.numpy as jnp
    from noisette.studies import Serial, ProcessPool, Study

    def measure(x, *, key):
        time.sleep(0.02)
        matrix = jax.random.normal(key, (40, 40))
        return {"y": x + jnp.linalg.eigvals(matrix).real.max(), "z": ("t", matrix[0])}

    study = Study("kills", measure, {"x": [float(x) for x in range(60)]}, seed=4)
    if __name__ == "__main__":
        workers = int(sys.argv[2])
        study.run(store=sys.argv[1], executor=ProcessPool(workers) if workers else Serial())
""")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    file = tmp_path_factory.mktemp("study") / "script.py"
    file.write_text(SCRIPT)
    return file


def begin(script, store, workers):
    environment = os.environ | {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, script, store, str(workers)], env=environment, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def undisturbed(script, tmp_path_factory):
    store = tmp_path_factory.mktemp("undisturbed")
    assert begin(script, store, 0).wait() == 0
    return store


def results(folder):
    """Return the results of the tasks of a store, without their durations."""
    result = {}
    for number in range(60):
        part = folder.part(number)
        assert part is not None, number
        result[number] = [values.tobytes() for block in part.blocks for _, values, _ in block.variables.values()]
    return result


def children(pid):
    """Return the child processes of a process."""
    result = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            result.append(int(stat.parent.name))
    return result


def done(store):
    return status(store).done if (store / "study.json").is_file() else 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_study_killed_at_random_moments_has_the_same_results_bit_for_bit(store_files, script, undisturbed, tmp_path):
    """`kill -9`, SIGTERM and SIGINT of the main process; in the last run `kill -9` of its workers."""
    dice, harms = random.Random(1), [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
    dice.shuffle(harms)
    for harm in (*harms, None):
        before, running = done(tmp_path), begin(script, tmp_path, 2)
        while running.poll() is None and done(tmp_path) < before + 1:
            time.sleep(0.01)
        time.sleep(dice.random() / 20)
        if harm is not None:
            running.send_signal(harm)
        else:
            for child in children(running.pid):
                os.kill(child, signal.SIGKILL)
        assert (running.wait() == 0) == (harm is None)
        assert done(tmp_path) > before
    assert results(store_files.Folder(tmp_path)) == results(store_files.Folder(undisturbed))
    xr.testing.assert_identical(open_store(tmp_path), open_store(undisturbed))


@pytest.mark.slow
def test_workers_of_a_killed_process_end(script, tmp_path):
    running = begin(script, tmp_path, 2)
    while done(tmp_path) < 1:
        time.sleep(0.02)
    workers = children(running.pid)
    assert workers
    running.kill()
    running.wait()
    end = time.monotonic() + 30
    while any(Path(f"/proc/{single_thread}").exists() for single_thread in workers):
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_a_task_that_kills_its_process_is_recorded(tmp_path):
    def deadly(x):
        if x == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    with pytest.warns(FailedPointsWarning, match="worker died"):
        result = Study("deadly", deadly, {"x": range(5)}).run(store=tmp_path, executor=ProcessPool(1))
    np.testing.assert_array_equal(result.value, [0, np.nan, 2, 3, 4])
    (failure,) = failures(tmp_path)
    assert (failure.coordinates, failure.kind) == ({"x": 1}, "worker died")


@pytest.mark.slow
def test_processes_have_the_threads_they_were_given(tmp_path):
    def environment(x):
        return {"jax": os.environ["NPROC"], "blas": os.environ["OPENBLAS_NUM_THREADS"], "pid": os.getpid()}

    result = Study("threads", environment, {"x": range(4)}).run(store=tmp_path, executor=ProcessPool(1))
    assert set(result.jax.values) == set(result.blas.values) == {"1"}
    assert os.getpid() not in result.pid


@pytest.mark.parametrize("options", [{"workers": -1}, {"threads": 0}, {"workers": 10_000}])
def test_invalid_pools_are_refused(options):
    with pytest.raises(InputError):
        ProcessPool(**options)


def test_measures_that_cannot_be_sent_are_refused(tmp_path):
    held = threading.Lock()

    def measure(x):
        return x if held else 0

    with pytest.raises(InputError, match="cannot be sent to workers"):
        Study("locked", measure, {"x": [1]}).run(store=tmp_path, executor=ProcessPool(1))


def test_processes_need_a_store():
    with pytest.raises(InputError, match="ProcessPool without a store"):
        Study("s", lambda x: x, {"x": [1]}).run(executor=ProcessPool(1))


def test_threads_of_this_process_give_the_same_results(tmp_path):
    made = Study("squares", lambda x: {"y": x**2}, {"x": list(range(20))})
    single_thread, many = made.run(store=tmp_path / "one"), made.run(store=tmp_path / "many", executor=Serial(3))
    xr.testing.assert_identical(single_thread, many)
    xr.testing.assert_equal(single_thread, made.run(executor=Serial(2)))
    assert json.loads((tmp_path / "one" / "study.json").read_text())["configuration"]["tasks"] == 20
