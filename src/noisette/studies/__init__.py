"""Studies: one function measured on a grid of parameters, with storage, progress reports and checked claims."""

from noisette.progress import Progress
from noisette.studies._driver import Status, failures, open_store, status
from noisette.studies._folder import StoreError
from noisette.studies._part import Failure
from noisette.studies._plan import Plan
from noisette.studies.claims import Claim, compare, count_verdicts, deviation_test, holds
from noisette.studies.executors import Cluster, Dask, Executor, ProcessPool, Serial
from noisette.studies.store import load, save
from noisette.studies.study import Study

__all__ = [
    "Claim",
    "Cluster",
    "Dask",
    "Executor",
    "Failure",
    "Plan",
    "ProcessPool",
    "Progress",
    "Serial",
    "Status",
    "StoreError",
    "Study",
    "compare",
    "count_verdicts",
    "deviation_test",
    "failures",
    "holds",
    "load",
    "open_store",
    "save",
    "status",
]
