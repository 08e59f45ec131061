"""Mato, Rigatuso & Torroba (2026): statistics of correlations in nonlinear recurrent neural networks."""

from noisette.papers._paper import Paper
from noisette.papers.correlations import dimension, finite_size, powers
from noisette.provenance import PAPERS as REFERENCES

PAPER = Paper(
    "correlations",
    "Statistics of correlations in nonlinear recurrent neural networks",
    REFERENCES["mato2026"],
    (
        dimension.FIGURE,
        powers.FIGURE,
        finite_size.FIGURE,
    ),
)

__all__ = ["PAPER"]
