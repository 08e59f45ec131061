"""Types in the annotations of commands.

At run time they stand for any value, because `--help` must not wait for the import of the library.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xarray import Dataset

    from noisette.analysis._conditional_entropy import Method
    from noisette.analysis._options import Estimator, Ties, TimeStep
    from noisette.analysis._stochastic_resonance import SignalEstimator
    from noisette.networks import Population
    from noisette.papers import Event, Figure, Multiplicity, Outcome, Paper, Settings
    from noisette.tasks import Score
    from noisette.theory.covariance import Activity, CovarianceKind, Order, Placement
else:
    Dataset = Event = Figure = Multiplicity = Outcome = Paper = Settings = Any
    Activity = CovarianceKind = Estimator = Method = Order = Placement = Population = Score = Ties = str
    SignalEstimator = str
    TimeStep = float | str

__all__ = [
    "Activity",
    "CovarianceKind",
    "Dataset",
    "Estimator",
    "Event",
    "Figure",
    "Method",
    "Multiplicity",
    "Order",
    "Outcome",
    "Paper",
    "Placement",
    "Population",
    "Score",
    "Settings",
    "SignalEstimator",
    "Ties",
    "TimeStep",
]
