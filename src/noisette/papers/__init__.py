"""Reproduction of papers: every figure consists of a study, a plot and claims."""

from noisette.papers._all import Event, PaperOutcome, Settings, reproduce_papers
from noisette.papers._expected import expectation
from noisette.papers._index import write_index
from noisette.papers._multiplicity import Multiplicity, multiplicity
from noisette.papers._paper import SCALES, Figure, Paper, reproduce
from noisette.papers._report import write_report
from noisette.papers._session import Outcome, reproduce_all
from noisette.papers._words import from_string

__all__ = [
    "SCALES",
    "Event",
    "Figure",
    "Multiplicity",
    "Outcome",
    "Paper",
    "PaperOutcome",
    "Settings",
    "expectation",
    "from_string",
    "multiplicity",
    "reproduce",
    "reproduce_all",
    "reproduce_papers",
    "write_index",
    "write_report",
]
