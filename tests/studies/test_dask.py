"""Dask: workers that die, leave and join, and a scheduler that ends."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

from noisette.errors import InputError, StudyFailedError
from noisette.studies import Cluster, Dask, Study, failures, status

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # warnings of other libraries


def program(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"NPROC": "1", "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2"},
    )


@pytest.fixture
def scheduler(tmp_path):
    file = tmp_path / "scheduler.json"
    running = program(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    while not file.is_file() or not file.read_text():
        time.sleep(0.05)
    time.sleep(0.1)
    import json

    running.address = json.loads(file.read_text())["address"]
    yield running
    running.kill()
    running.wait()


@pytest.fixture
def worker(scheduler):
    processes = []

    def begin():
        options = ("--nthreads", "1", "--no-dashboard", "--memory-limit", "0", "--no-nanny")
        processes.append(program("worker", scheduler.address, *options))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def study():
    def slow(x, *, key):
        import jax

        time.sleep(0.05)
        return {"y": x + jax.random.normal(key), "z": ("t", jax.random.normal(key, (5, 5)) @ np.arange(5.0))}

    return Study("slow", slow, {"x": [float(x) for x in range(40)]}, seed=2)


@pytest.mark.slow
def test_results_do_not_depend_on_workers_that_die_and_join(scheduler, worker, tmp_path):
    first = worker()

    def progress(done, total):
        if done == 3:
            first.send_signal(signal.SIGKILL)
            worker()
        if done == 12:
            worker()

    result = study().run(progress, Dask(scheduler.address), store=tmp_path / "dask")
    xr.testing.assert_identical(result, study().run(store=tmp_path / "here"))
    assert failures(tmp_path / "dask") == []


@pytest.mark.slow
def test_finished_tasks_survive_the_end_of_the_scheduler(scheduler, worker, tmp_path):
    worker()

    def progress(done, total):
        if done == 5:
            scheduler.kill()

    with pytest.raises(InputError, match="run the study again"):
        study().run(progress, Dask(scheduler.address), store=tmp_path / "dask")
    assert status(tmp_path / "dask").done >= 5
    xr.testing.assert_identical(study().run(store=tmp_path / "dask"), study().run(store=tmp_path / "here"))


CLIENT = """
import os, signal, sys, time
from noisette.studies import Dask, Study

def slow(x, *, key):
    import jax
    time.sleep(0.05)
    return {"y": x + jax.random.normal(key)}

def stop(done, total):
    if done == 5 and len(sys.argv) > 3:
        os.kill(os.getpid(), signal.SIGKILL)

made = Study("slow", slow, {"x": [float(x) for x in range(30)]}, seed=2)
made.run(stop, Dask(sys.argv[1]), store=sys.argv[2])
"""


@pytest.mark.slow
def test_a_killed_client_loses_only_running_tasks(scheduler, worker, tmp_path):
    worker()
    script, store = tmp_path / "script.py", tmp_path / "store"
    script.write_text(CLIENT)
    killed = subprocess.run([sys.executable, script, scheduler.address, store, "die"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert status(store).done in (4, 5)
    subprocess.run([sys.executable, script, scheduler.address, store], check=True)
    assert status(store).done == 30
    assert failures(store) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "message"),
    [("10.0.0.1:8786", "an address such as"), ("tcp://127.0.0.1:1", "no Dask scheduler responds")],
)
def test_invalid_addresses_are_refused(address, message, tmp_path, monkeypatch):
    from noisette.studies.executors import _dask

    monkeypatch.setattr(_dask, "PATIENCE", 1.0)
    with pytest.raises(InputError, match=message):
        study().run(executor=Dask(address), store=tmp_path / "s")


def test_the_job_script_of_a_cluster():
    pytest.importorskip("dask_jobqueue")
    made = Cluster("slurm", 2, 4, "8GB", "2:00:00", {"queue": "long", "interface": "lo"})
    script = made.script()
    for line in (
        "#SBATCH -p long",
        "#SBATCH --cpus-per-task=4",
        "#SBATCH -t 2:00:00",
        "export NPROC=1",
        "--nworkers 4",
    ):
        assert line in script, script


def test_a_cluster_from_a_file(tmp_path):
    file = tmp_path / "cluster.yaml"
    file.write_text("jobqueue:\n  slurm:\n    cores: 4\n    memory: 6GB\n    queue: q\n    interface: lo\n")
    made = Cluster.read(file, 3)
    assert (made.kind, made.jobs, made.cores, made.memory) == ("slurm", 3, 4, "6GB")
    assert made.workers == 12
    assert made.options == {"queue": "q", "interface": "lo"}
    for bad in ("", "jobqueue: {}", "a: [", "jobqueue:\n  cray: {}"):
        file.write_text(bad)
        with pytest.raises(InputError):
            Cluster.read(file, 1)


def import_square_root(x):
    from noisette.imports import import_object

    return import_object("math:sqrt", "function")(x)


@pytest.mark.slow
def test_workers_of_a_run_without_code_refuse_code(scheduler, worker, tmp_path):
    from noisette.imports import watched_imports

    worker()
    roots = Study("roots", import_square_root, {"x": [1.0, 4.0]})
    with (
        watched_imports(lambda name: None, refuse=True),
        pytest.raises(StudyFailedError, match="no code is allowed with --no-code"),
    ):
        roots.run(executor=Dask(scheduler.address), store=tmp_path / "refused")
    assert roots.run(executor=Dask(scheduler.address), store=tmp_path / "allowed").value.values.tolist() == [1, 2]
