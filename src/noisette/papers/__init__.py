"""Papers: every figure a study, a plot and its claims."""

from noisette.papers._multiplicity import Multiplicity, multiplicity
from noisette.papers._paper import SCALES, Figure, Paper, reproduce
from noisette.papers._report import write_report
from noisette.papers._session import Outcome, reproduce_all
from noisette.papers.correlations import PAPER as CORRELATIONS
from noisette.papers.freezing_chaos import PAPER as FREEZING_CHAOS
from noisette.papers.recurrence_resonance import PAPER as RECURRENCE_RESONANCE
from noisette.papers.working_memory import PAPER as WORKING_MEMORY

PAPERS = {paper.name: paper for paper in (RECURRENCE_RESONANCE, FREEZING_CHAOS, CORRELATIONS, WORKING_MEMORY)}

__all__ = [
    "PAPERS",
    "SCALES",
    "Figure",
    "Multiplicity",
    "Outcome",
    "Paper",
    "multiplicity",
    "reproduce",
    "reproduce_all",
    "write_report",
]
