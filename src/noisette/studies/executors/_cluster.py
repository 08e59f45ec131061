"""Executor for clusters with a queue: Dask workers as jobs of SLURM, PBS, LSF and similar systems."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments, nearest
from noisette.errors import InputError, integer, require
from noisette.imports import import_extra
from noisette.studies._measurement import Measurement
from noisette.studies.executors._dask import distributed, run_with_client
from noisette.studies.executors._resources import job_settings, memory_bytes, walltime_seconds
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


def _check(
    kind: Any, cores: Any = 1, memory: Any = "2GB", walltime: Any = "1:00:00", options: dict[str, Any] | None = None
) -> None:
    """Raise `InputError` if the description of a cluster is invalid."""
    known = f"one of {', '.join(KINDS)}"
    require(isinstance(kind, str) and kind in KINDS, f"cluster {kind!r}", known, nearest(kind, KINDS))
    integer(cores, "cores")
    memory_bytes(memory)
    walltime_seconds(walltime, kind)
    for name, form, allowed in (("scheduler_options", dict, "a table"), ("job_script_prologue", list, "a list")):
        value = (options or {}).get(name, form())
        require(isinstance(value, form), f"{name} {value!r}", allowed)


@check_arguments
@dataclass(frozen=True)
class Cluster:
    """Executor that runs the tasks of a study in cluster jobs.

    Jobs that end, at their walltime or otherwise, are resubmitted until the study is finished.

    Parameters
    ----------
    kind : "slurm", "pbs", "lsf", "sge", "oar", "moab" or "htcondor"; "local" runs jobs as processes of this machine
    jobs : number of simultaneous jobs
    cores : number of cores per job; each runs one single-threaded process
    memory : memory per job, with a unit, such as "8GB" or "500MB"
    walltime : time limit per job: "2:00:00" (hours, minutes, seconds), "1-12:00:00" (with days), "90min" or "2h"; also
        "2:00" (hours and minutes) on LSF. It is written in the units of the scheduler
    options : further arguments of the dask-jobqueue class, such as ``queue`` or ``job_extra_directives``. The dashboard
        of the Dask scheduler is reachable from this machine only, unless ``scheduler_options`` contains another
        ``dashboard_address``

    Raises
    ------
    InputError : If the cluster is unknown, or a number, memory or walltime is invalid.

    See Also
    --------
    studies.Serial : One process; no start-up time, and errors are easy to debug.
    studies.ProcessPool : Several processes on this machine.
    studies.Dask : An existing Dask scheduler.

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
        _check(self.kind, self.cores, self.memory, self.walltime, self.options)
        integer(self.jobs, "jobs")

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
        kinds = document.get("jobqueue") if isinstance(document, dict) else None
        count = len(kinds) if isinstance(kinds, dict) else 0
        require(count == 1, f"cluster file {str(file)!r} describes {count} clusters", "one, as in jobqueue: slurm: …")
        assert isinstance(kinds, dict)
        kind, options = next(iter(kinds.items()))
        require(isinstance(options, dict | None), f"cluster {kind!r} in {str(file)!r} is {options!r}", "a table")
        named = {str(name).replace("-", "_"): value for name, value in (options or {}).items() if value is not None}
        limits = {name: named.pop(name) for name in ("cores", "memory", "walltime") if name in named}
        try:
            _check(kind, **limits, options=named)
        except InputError as error:
            raise InputError(f"cluster file {str(file)!r}: {error}") from None
        return cls(kind, jobs, **limits, options=named)

    def create(self) -> Any:
        """Return the dask-jobqueue cluster, to which no jobs have been submitted."""
        if self.kind == "local":
            return distributed().LocalCluster(
                n_workers=0, threads_per_worker=1, dashboard_address=None, env=threads_of(1)
            )
        jobqueue = import_extra("dask_jobqueue", "cluster")
        exports = [f"export {name}={value}" for name, value in (threads_of(1) | MEMORY).items()]
        # Port 0 selects a free port, because several schedulers may run on one machine. The dashboard has no password.
        scheduler = {"dashboard_address": "127.0.0.1:0"} | self.options.get("scheduler_options", {})
        prologue = [*exports, *self.options.get("job_script_prologue", [])]
        options = self.options | {"scheduler_options": scheduler, "job_script_prologue": prologue}
        limits = memory_bytes(self.memory), walltime_seconds(self.walltime, self.kind)
        try:
            return getattr(jobqueue, KINDS[self.kind])(**job_settings(self.kind, self.cores, *limits, options))
        except (TypeError, ValueError, RuntimeError, OSError) as error:
            reason = " ".join(str(error).partition(" Very likely")[0].split())
            raise InputError(f"cluster {self.kind!r} does not accept its options ({reason})") from error

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
