"""Where the tasks of a study are done: in this process, in processes of this machine, on Dask, on a cluster."""

from noisette.studies.executors._cluster import Cluster
from noisette.studies.executors._dask import Dask
from noisette.studies.executors._pool import ProcessPool
from noisette.studies.executors._serial import Serial
from noisette.studies.executors._work import Executor

__all__ = ["Cluster", "Dask", "Executor", "ProcessPool", "Serial"]
