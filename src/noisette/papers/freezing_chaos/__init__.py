"""Huang & Huang (2025): freezing chaos without synaptic plasticity."""

from noisette.papers._paper import Paper
from noisette.papers.freezing_chaos import ends, fig1, fig2, fig3, fig4, fig5, fig9, fig67, knob, plane
from noisette.provenance import PAPERS as REFERENCES

PAPER = Paper(
    "freezing-chaos",
    "Freezing chaos without synaptic plasticity",
    REFERENCES["huang2025"],
    (
        fig1.FIGURE,
        fig2.FIGURE,
        fig3.FIGURE,
        fig4.FIGURE,
        fig5.FIGURE,
        *fig67.FIGURES,
        fig9.FIGURE,
        plane.FIGURE,
        knob.FIGURE,
        ends.FIGURE,
    ),
)

__all__ = ["PAPER"]
