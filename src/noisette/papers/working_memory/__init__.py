"""Rungratsameetaweemana et al. (2025): noise and working memory in trained networks."""

from pathlib import Path

from noisette.papers._paper import Paper
from noisette.papers.working_memory import fig1, fig2, fig3, fig4, fig5, fig6, perturbation, two_delays
from noisette.papers.working_memory._prepare import prepare
from noisette.papers.working_memory._stored import example, experiment
from noisette.provenance import PAPERS as REFERENCES

FIGURES = (
    *(fig1.FIG1B, fig1.FIGURE, fig2.FIGURE, fig3.FIGURE, fig4.FIGURE, fig5.FIGURE, fig6.FIGURE),
    *(two_delays.FIGURE, perturbation.FIGURE),
)
NEEDS = fig1.NEEDS | fig2.NEEDS | fig3.NEEDS | fig4.NEEDS | fig5.NEEDS | fig6.NEEDS
NEEDS |= two_delays.NEEDS | perturbation.NEEDS


def _train(scale, seed, out, figures, report):
    prepare(scale, seed, out, [name for figure in figures for name in NEEDS[figure.name]], report)


PAPER = Paper(
    "working-memory",
    "Random noise promotes slow heterogeneous synaptic dynamics important for robust working memory computation",
    REFERENCES["rungratsameetaweemana2025"],
    FIGURES,
    _train,
    Path(__file__).with_name("paper_scale.json"),
)

__all__ = ["PAPER", "example", "experiment"]
