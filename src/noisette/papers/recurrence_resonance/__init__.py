"""Metzner, Schilling, Maier & Krauss (2024): recurrence resonance in symmetric Boltzmann machines."""

from pathlib import Path

from noisette.papers._paper import Paper
from noisette.papers.recurrence_resonance import bias, fig1, fig2, optimum, passage, pulses, subset
from noisette.provenance import PAPERS as REFERENCES

PAPER = Paper(
    "recurrence-resonance",
    "Recurrence resonance: noise-enhanced dynamics in recurrent neural networks",
    REFERENCES["metzner2024"],
    (
        fig1.FIGURE,
        *fig2.FIGURES,
        subset.FIGURE,
        pulses.FIGURE,
        optimum.FIGURE,
        bias.FIGURE,
        passage.FIGURE,
    ),
    paper_scale=Path(__file__).with_name("paper_scale.json"),
)

__all__ = ["PAPER"]
