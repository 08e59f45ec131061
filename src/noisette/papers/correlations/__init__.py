"""Mato, Rigatuso & Torroba (2026): statistics of correlations in nonlinear recurrent neural networks."""

from pathlib import Path

from noisette.papers._paper import Paper
from noisette.papers.correlations import (
    coloured,
    dimension,
    distribution,
    finite_size,
    limits,
    noise_types,
    one_network,
    powers,
)
from noisette.provenance import PAPERS as REFERENCES

PAPER = Paper(
    "correlations",
    "Statistics of correlations in nonlinear recurrent neural networks",
    REFERENCES["mato2026"],
    (
        dimension.FIGURE,
        powers.FIGURE,
        finite_size.FIGURE,
        distribution.FIGURE,
        noise_types.FIGURE,
        coloured.FIGURE,
        one_network.FIGURE,
        limits.FIGURE,
    ),
    paper_scale=Path(__file__).with_name("paper_scale.json"),
)

__all__ = ["PAPER"]
