"""Eckstein & Srinivasan (2026): noise inside and outside the activation of trained networks.

Only the abstract of the paper was read. The claims are those of the abstract; the networks, tasks and noise strengths
are ours.
"""

from pathlib import Path

from noisette.papers._paper import Paper
from noisette.papers.noise_preference import dms, fixed_points, function_approximation, path_integration
from noisette.provenance import PAPERS as REFERENCES

PAPER = Paper(
    "noise-preference",
    "Paradoxical noise preference in RNNs",
    REFERENCES["eckstein2026"],
    (function_approximation.FIGURE, path_integration.FIGURE, dms.FIGURE, fixed_points.FIGURE),
    paper_scale=Path(__file__).with_name("paper_scale.json"),
    note="Only the abstract of this paper was read; networks, tasks and noise strengths are ours.",
)

__all__ = ["PAPER"]
