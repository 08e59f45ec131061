"""Reproduction of papers: every figure consists of a study, a plot and claims."""

from noisette.papers._multiplicity import Multiplicity, multiplicity
from noisette.papers._paper import SCALES, Figure, Paper, reproduce
from noisette.papers._report import write_report
from noisette.papers._session import Outcome, reproduce_all
from noisette.papers._words import from_string

__all__ = [
    "SCALES",
    "Figure",
    "Multiplicity",
    "Outcome",
    "Paper",
    "from_string",
    "multiplicity",
    "reproduce",
    "reproduce_all",
    "write_report",
]
