"""Executor for clusters with a queue: Dask workers as jobs of SLURM, PBS, LSF and similar systems."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisette.arguments import check_fields
from noisette.errors import InputError, integer, require
from noisette.imports import import_extra
from noisette.studies._measurement import Measurement
from noisette.studies.executors._dask import distributed, run_with_client
from noisette.studies.executors._work import Outcomes, Portion
from noisette.threads import threads_of

KINDS = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "oar": "OARCluster",
    "moab": "MoabCluster",
    "htcondor": "HTCondorCluster",
    "local": "LocalCluster",
}
# Dask cannot spill JAX arrays to disk, so a worker that pauses at 80 % of its memory would never resume.
MEMORY = {f"DASK_DISTRIBUTED__WORKER__MEMORY__{what}": "False" for what in ("TARGET", "SPILL", "PAUSE")}


@dataclass(frozen=True)
class Cluster:
    """Executor that runs the tasks of a study in cluster jobs.

    Jobs that end, at their walltime or otherwise, are resubmitted until the study is finished.

    Parameters
    ----------
    kind : "slurm", "pbs", "lsf", "sge", "oar", "moab" or "htcondor"; "local" runs jobs as processes of this machine
    jobs : number of simultaneous jobs
    cores : number of cores per job; each runs one single-threaded process
    memory : memory per job, such as "8GB"
    walltime : time limit per job, such as "2:00:00"
    options : further arguments of the dask-jobqueue class, such as ``queue`` or ``job_extra_directives``

    Examples
    --------
    >>> Cluster("slurm", 20, cores=4, memory="8GB", walltime="2:00:00").kind
    'slurm'
    """

    kind: str
    jobs: int = 1
    cores: int = 1
    memory: str = "2GB"
    walltime: str = "1:00:00"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        check_fields(self)
        require(self.kind in KINDS, f"cluster {self.kind!r}", f"one of {', '.join(KINDS)}")
        integer(self.jobs, "jobs")
        integer(self.cores, "cores")

    @property
    def workers(self) -> int:
        """Number of tasks that run simultaneously."""
        return self.jobs if self.kind == "local" else self.jobs * self.cores

    @classmethod
    def read(cls, file: str | Path, jobs: int) -> "Cluster":
        """Return the cluster described by a dask-jobqueue YAML file (``jobqueue: slurm: …``)."""
        yaml = import_extra("yaml", "cluster")
        try:
            document = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise InputError(f"cluster file {str(file)!r} cannot be read ({' '.join(str(error).split())})") from error
        kinds = document.get("jobqueue", {}) if isinstance(document, dict) else {}
        require(
            len(kinds) == 1,
            f"cluster file {str(file)!r} describes {len(kinds)} clusters",
            "one cluster, as in jobqueue: slurm: …",
        )
        kind, options = next(iter(kinds.items()))
        limits = {name: options.pop(name) for name in ("cores", "memory", "walltime") if name in options}
        return cls(kind, jobs, **limits, options={name.replace("-", "_"): value for name, value in options.items()})

    def create(self) -> Any:
        """Return the dask-jobqueue cluster, to which no jobs have been submitted."""
        if self.kind == "local":
            return distributed().LocalCluster(
                n_workers=0, threads_per_worker=1, dashboard_address=None, env=threads_of(1)
            )
        jobqueue = import_extra("dask_jobqueue", "cluster")
        exports = [f"export {name}={value}" for name, value in (threads_of(1) | MEMORY).items()]
        # Port 0 selects a free port, because several schedulers may run on one machine.
        options = {"scheduler_options": {"dashboard_address": ":0"}} | self.options
        prologue = [*exports, *options.pop("job_script_prologue", [])]
        settings = {
            "cores": self.cores,
            "processes": self.cores,
            "memory": self.memory,
            "job_script_prologue": prologue,
        }
        if self.kind != "htcondor":
            settings["walltime"] = self.walltime
        try:
            return getattr(jobqueue, KINDS[self.kind])(**settings | options)
        except (TypeError, ValueError) as error:
            raise InputError(f"cluster {self.kind!r} does not accept its options ({error})") from error

    def script(self) -> str:
        """Return the job script that would be submitted."""
        require(self.kind != "local", "a job script of the cluster 'local'", "a cluster with a queue")
        with closing(self.create()) as cluster:
            return cluster.job_script()

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Run tasks; see `Executor`."""
        with closing(self.create()) as cluster:
            cluster.adapt(minimum=self.workers, maximum=self.workers)
            with closing(distributed().Client(cluster, set_as_default=False)) as client:
                yield from run_with_client(client, work, portions)
