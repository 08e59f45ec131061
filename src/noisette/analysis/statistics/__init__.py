"""Do groups of networks differ, by how much, and how sure is it? Rank tests, effect sizes and their intervals.

Everywhere the second group is held against the first: a positive effect or difference says that the second is larger.
"""

from noisette.analysis.statistics._compare import compare_groups
from noisette.analysis.statistics._counts import compare_counts
from noisette.analysis.statistics._dunn import dunn, holm
from noisette.analysis.statistics._groups import describe, per_network
from noisette.analysis.statistics._times import compare_times

__all__ = ["compare_counts", "compare_groups", "compare_times", "describe", "dunn", "holm", "per_network"]
