"""Expected run times of papers, measured on two cores; most of those at paper scale are not known."""

from collections.abc import Sequence

from noisette.progress import format_duration

# Run times in seconds of all figures of a paper and of their preparation, each paper alone on two cores of an AMD EPYC
# processor. None: not measured.
EXPECTED: dict[str, dict[str, float | None]] = {
    "recurrence-resonance": {"smoke": None, "quick": None, "paper": None},
    "freezing-chaos": {"smoke": None, "quick": None, "paper": None},
    "correlations": {"smoke": None, "quick": None, "paper": None},
    "working-memory": {"smoke": None, "quick": None, "paper": None},
}
NOTES = {  # what is known about times that are not measured
    ("working-memory", "paper"): "not measured; a timing run before the training estimates it on this machine",
}


def expected_seconds(paper: str, scale: str) -> float | None:
    """Return the expected run time of a paper on two cores in seconds; None if it is not known.

    Parameters
    ----------
    paper : name of the paper
    scale : "smoke", "quick" or "paper"
    """
    return EXPECTED.get(paper, {}).get(scale)


def expectation(papers: Sequence[str], scale: str) -> list[str]:
    """Return what is known about the run time of papers, one line per paper and a sum if all are known.

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
        unknown = NOTES.get((name, scale), "not measured at this scale")
        lines.append(f"{name}: {unknown if seconds is None else f'about {format_duration(seconds)}'}")
    known = [seconds for seconds in times.values() if seconds is not None]
    if len(known) == len(times) > 1:
        lines.append(f"together about {format_duration(sum(known))} on two cores, if no figure is finished yet")
    return lines
