"""Huang & Huang (2025): freezing chaos without synaptic plasticity."""

from pathlib import Path

from noisette.papers._paper import Paper
from noisette.papers.freezing_chaos import (
    descent_endpoints,
    excitatory_inhibitory,
    fig1,
    fig2,
    fig3,
    fig4,
    fig5,
    fig9,
    gain_and_gamma,
    step_dependence,
)
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
        *excitatory_inhibitory.FIGURES,
        fig9.FIGURE,
        step_dependence.FIGURE,
        gain_and_gamma.FIGURE,
        descent_endpoints.FIGURE,
    ),
    paper_scale=Path(__file__).with_name("paper_scale.json"),
)

__all__ = ["PAPER"]
