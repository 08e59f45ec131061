"""Comparison of groups of networks: rank tests, effect sizes and their confidence intervals.

Throughout, the second group is compared with the first: a positive effect or difference means that the second group
is larger.
"""

from noisette.analysis.statistics._compare import compare_groups
from noisette.analysis.statistics._counts import compare_counts
from noisette.analysis.statistics._dunn import dunn, holm
from noisette.analysis.statistics._groups import describe, per_network
from noisette.analysis.statistics._times import compare_times

__all__ = ["compare_counts", "compare_groups", "compare_times", "describe", "dunn", "holm", "per_network"]
