"""Types in the annotations of commands.

At run time they stand for any value, because `--help` must not wait for the import of the library.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xarray import Dataset

    from noisette.analysis._options import Estimator, TimeStep
    from noisette.papers import Figure, Multiplicity, Outcome, Paper
    from noisette.theory.covariance import Activity, CovarianceKind, Order, Placement
else:
    Dataset = Figure = Multiplicity = Outcome = Paper = Any
    Activity = CovarianceKind = Estimator = Order = Placement = str
    TimeStep = float | str

__all__ = [
    "Activity",
    "CovarianceKind",
    "Dataset",
    "Estimator",
    "Figure",
    "Multiplicity",
    "Order",
    "Outcome",
    "Paper",
    "Placement",
    "TimeStep",
]
