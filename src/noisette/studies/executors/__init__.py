"""Executors, which run the tasks of a study: serial, process pool, Dask, and clusters with a queue."""

from noisette.studies.executors._cluster import Cluster
from noisette.studies.executors._dask import Dask
from noisette.studies.executors._pool import ProcessPool
from noisette.studies.executors._serial import Serial
from noisette.studies.executors._work import Executor

__all__ = ["Cluster", "Dask", "Executor", "ProcessPool", "Serial"]
