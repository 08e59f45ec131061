"""Checkable statements of a paper, with the paper's value and ours."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np

from noisette.errors import require

VERDICTS = ("reproduced", "differs", "not reproduced")
DEPENDS = "depends on "
Verdict = str  # one of VERDICTS, or "depends on …", which names the condition that decides


@dataclass(frozen=True)
class Claim:
    """One statement, what the paper says, what we find, and whether that agrees.

    Parameters
    ----------
    statement : what is claimed, with the conditions
    paper : the paper's value, as it would print it
    ours : our value
    verdict : "reproduced", "differs" (the effect is there, the number is another), "not reproduced", or "depends on
        …" with the condition that decides, such as "depends on the input"
    reason : why, in one sentence
    error : standard error of our value, None if it is exact

    Raises
    ------
    InputError : any other verdict.

    Examples
    --------
    >>> Claim("memory falls with g", "falls", "5.1 to 2.6", "depends on the input", "sines are easy").kind
    'depends'
    """

    statement: str
    paper: str
    ours: str
    verdict: Verdict
    reason: str
    error: float | None = None

    def __post_init__(self):
        require(
            self.verdict in VERDICTS or (self.verdict.startswith(DEPENDS) and self.verdict != DEPENDS),
            f"verdict {self.verdict!r}",
            f"one of {', '.join(VERDICTS)}, or {DEPENDS}… with the condition that decides",
        )

    @property
    def kind(self) -> str:
        """The verdict without its condition: one of `VERDICTS`, or "depends"."""
        return self.verdict if self.verdict in VERDICTS else DEPENDS.split()[0]

    def row(self) -> dict[str, str | float | None]:
        """Return the claim as a plain dictionary."""
        return asdict(self)

    @property
    def value(self) -> str:
        """Our value with its standard error."""
        return self.ours if self.error is None else f"{self.ours} ± {self.error:.2g}"


def compare(
    statement: str,
    paper: float,
    ours: float,
    within: float,
    *,
    error: float | None = None,
    agrees: str,
    differs: str,
    about: str = "≈ ",
) -> Claim:
    """Return the claim that a number is the paper's, within the precision at which the paper gives it.

    Parameters
    ----------
    statement : what is measured, and where
    paper, ours : the two values
    within : how far apart they may be; twice our standard error is allowed on top
    error : our standard error
    agrees, differs : the reason for either verdict
    about : sign before the paper's number

    Examples
    --------
    >>> compare("I at r = 4", 4.5, 4.47, 0.1, agrees="rounding", differs="").verdict
    'reproduced'
    """
    require(within >= 0, f"tolerance {within}", "zero or more")
    close = abs(paper - ours) <= within + 2 * (error or 0.0)
    verdict: Verdict = "reproduced" if close else "differs"
    return Claim(statement, f"{about}{paper:g}", f"{ours:.3g}", verdict, agrees if close else differs, error)


def holds(
    statement: str,
    paper: str,
    ours: str,
    truth: bool | np.bool,
    *,
    why: str,
    why_not: str,
    failed: Verdict = "not reproduced",
) -> Claim:
    """Return the claim that something is so.

    Examples
    --------
    >>> holds("two fixed points", "2", "2", True, why="enumerated", why_not="").verdict
    'reproduced'
    """
    return Claim(statement, paper, ours, "reproduced" if truth else failed, why if truth else why_not)


def count_verdicts(claims: Iterable[Claim]) -> str:
    """Return how many claims have which verdict, in words; all conditions of "depends on …" are counted together.

    Examples
    --------
    >>> count_verdicts([Claim("a", "1", "1", "reproduced", ""), Claim("b", "1", "2", "depends on the input", "")])
    '1 reproduced, 1 depending on conditions'
    """
    kinds = [claim.kind for claim in claims]
    words = {verdict: verdict for verdict in VERDICTS} | {DEPENDS.split()[0]: "depending on conditions"}
    return ", ".join(f"{kinds.count(kind)} {words[kind]}" for kind in words if kind in kinds)
