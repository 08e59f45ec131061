"""A study on a SLURM cluster of one node, installed by `tests/cluster/slurm.sh install`, as root on Debian."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from noisette.studies import Cluster, Study, failures, open_store

pytest.importorskip("dask_jobqueue")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        None in map(shutil.which, ("slurmctld", "slurmd", "sbatch", "munged")) or os.getuid() != 0,
        reason="needs SLURM, and root to start it",
    ),
    pytest.mark.filterwarnings("ignore"),  # warnings of other libraries
]
SETUP = Path(__file__).with_name("slurm.sh")


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    subprocess.run(["bash", SETUP, "start", tmp_path / "slurm", "4"], check=True)
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "slurm" / "slurm.conf"))
    yield tmp_path / "slurm"
    subprocess.run(["bash", SETUP, "stop", tmp_path / "slurm"], check=True)


def jobs():
    completed = subprocess.run(["squeue", "-h", "-t", "R", "-o", "%A"], capture_output=True, text=True, check=True)
    return completed.stdout.split()


def study(count):
    def slow(x, *, key):
        import jax

        time.sleep(0.25)
        return {"y": x + jax.random.normal(key), "z": ("t", jax.random.normal(key, (5, 5)) @ np.arange(5.0))}

    return Study("slow", slow, {"x": [float(x) for x in range(count)]}, seed=2)


def test_a_job_is_cancelled_and_the_study_completes(slurm, tmp_path):
    cancelled, seen = [], set()

    def progress(done, total):
        seen.update(jobs())
        if done == 10:
            cancelled.extend(jobs()[:1])
            subprocess.run(["scancel", *cancelled], check=True)

    options = {"interface": "lo", "log_directory": str(tmp_path / "logs"), "local_directory": str(tmp_path)}
    cluster = Cluster("slurm", 2, 1, "1GB", "0:10:00", options)
    result = study(80).run(progress, cluster, store=tmp_path / "store")
    assert len(cancelled) == 1
    assert failures(tmp_path / "store") == []
    assert len(seen) >= 3, "the cancelled job was not replaced"
    xr.testing.assert_identical(result, study(80).run(store=tmp_path / "here"))


def test_a_study_runs_from_the_terminal(slurm, tmp_path):
    """The same through `noisette run --cluster slurm`, with the options in a file of dask-jobqueue."""
    (tmp_path / "cluster.yaml").write_text(
        "jobqueue:\n  slurm:\n    cores: 1\n    memory: 1GB\n    walltime: '0:10:00'\n"
        f"    interface: lo\n    log-directory: {tmp_path / 'logs'}\n    local-directory: {tmp_path}\n"
    )
    (tmp_path / "study.toml").write_text(
        'name = "small"\nrepeats = 2\n[network]\nweights = "gaussian:20"\n'
        '[measure]\nkind = "lyapunov"\nduration = 20.0\ndiscard = 5.0\ndt = 0.1\n[grid]\ngain = [0.5, 2.0]\n'
    )
    command = ["noisette", "run", tmp_path / "study.toml", "--cluster", tmp_path / "cluster.yaml", "--workers", "2"]
    completed = subprocess.run(
        [*command, "--out", tmp_path / "store", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(completed.stdout.splitlines()[-1])["done"] == 4
    assert open_store(tmp_path / "store").sizes["repeat"] == 2
