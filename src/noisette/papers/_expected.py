"""Expected CPU times of papers at each scale."""

from collections.abc import Sequence

from noisette.arguments import check_arguments
from noisette.progress import format_duration

# CPU times in seconds of all figures of a paper and of their preparation, in one run with ``--workers 2`` on two cores
# that were shared with other work; with n idle cores a run takes at least an n-th of their sum. At smoke scale, most of
# the time is the first compilation. At paper scale these are sums over runs of single figures; that of
# working-memory is mostly the training of 17 ensembles.
EXPECTED = {
    "recurrence-resonance": {"smoke": 23, "quick": 30, "paper": 300},
    "freezing-chaos": {"smoke": 40, "quick": 160, "paper": 18_000},
    "correlations": {"smoke": 76, "quick": 330, "paper": 13_000},
    "working-memory": {"smoke": 85, "quick": 610, "paper": 7_100},
    "noise-preference": {"smoke": 61, "quick": 490, "paper": 1_600},
}


def expected_seconds(paper: str, scale: str) -> float | None:
    """Return the expected CPU time of a paper in seconds; None if it is not known.

    Parameters
    ----------
    paper : name of the paper
    scale : "smoke", "quick" or "paper"
    """
    return EXPECTED.get(paper, {}).get(scale)


@check_arguments
def expectation(papers: Sequence[str], scale: str) -> list[str]:
    """Return what is known about the CPU time of papers, one line per paper and a sum if all are known.

    Parameters
    ----------
    papers : names of papers
    scale : "smoke", "quick" or "paper"

    Examples
    --------
    >>> expectation(["my-paper"], "paper")
    ['my-paper: not measured at this scale']
    """
    times = {name: expected_seconds(name, scale) for name in papers}
    lines = []
    for name, seconds in times.items():
        measured = seconds is not None
        text = f"about {format_duration(seconds)} of CPU time" if measured else "not measured at this scale"
        lines.append(f"{name}: {text}")
    known = [seconds for seconds in times.values() if seconds is not None]
    if len(known) == len(times) > 1:
        lines.append(f"about {format_duration(sum(known))} of CPU time together, less for figures that are finished")
    return lines
