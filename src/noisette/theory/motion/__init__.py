"""Motion of a large random network: second moments at two times, and correlations between units that move."""

from noisette.theory._drive import Drive, drive
from noisette.theory.motion._growth import exponent
from noisette.theory.motion._motion import Motion, motion
from noisette.theory.motion._pairs import DynamicStatistics, dynamic_statistics, statistics_of

__all__ = ["Drive", "DynamicStatistics", "Motion", "drive", "dynamic_statistics", "exponent", "motion", "statistics_of"]
