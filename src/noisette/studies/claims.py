"""Checkable statements of a paper, with the paper's value and ours."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TypedDict

import numpy as np

from noisette.errors import require

VERDICTS = ("reproduced", "differs", "not reproduced", "not judged")
DEPENDS = "depends on "
ERRORS_ALLOWED = 2.0  # standard errors, in `compare`
Verdict = str  # one of VERDICTS, or "depends on …", which names the condition that decides


class SignificanceTest(TypedDict, total=False):
    """The p value and the level of the test that decides a claim; empty where none does."""

    p: float
    level: float


@dataclass(frozen=True)
class Claim:
    """One statement, what the paper says, what we find, and whether that agrees.

    Parameters
    ----------
    statement : what is claimed, with the conditions
    paper : the paper's value, as it would print it
    ours : our value
    verdict : "reproduced", "differs" (the effect is there, the number is another), "not reproduced", "not judged"
        where the data are too small to decide it, or "depends on …" with the condition that decides, such as "depends
        on the input"
    reason : why, in one sentence
    error : standard error of our value, None if it is exact
    any_scale : whether our value is the same at every scale of a reproduction, as exact results of a fixed grid and
        stored data are, so that the verdict stands even where simulations are too small to decide anything
    p : p value of the significance test that decides, None if none does
    level : α, the share of such tests that come out significant by chance where there is nothing to be found

    Raises
    ------
    InputError : any other verdict, a p or a level that is no probability, only one of the two.

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
    any_scale: bool = False
    p: float | None = None
    level: float | None = None

    def __post_init__(self):
        both = (self.p is None) == (self.level is None)
        fine = self.p is None or self.level is None or (0 <= self.p <= 1 and 0 < self.level < 1)
        require(both and fine, f"p = {self.p} at level {self.level}", "both from 0 to 1, or neither")
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
        """Return the claim as a plain dictionary, with None for an error that is not known."""
        row = asdict(self) | {"error": self.error if self._has_error else None}
        del row["any_scale"]
        return row

    @property
    def _has_error(self) -> bool:
        return self.error is not None and bool(np.isfinite(self.error))

    @property
    def value(self) -> str:
        """Our value with its standard error."""
        return f"{self.ours} ± {self.error:.2g}" if self._has_error else self.ours


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
    within : how far apart they may be; twice our standard error is allowed on top, so that with an error the claim is a
        significance test, at a level of 4.6 % at most
    error : our standard error
    agrees, differs : the reason for either verdict
    about : sign before the paper's number

    Examples
    --------
    >>> compare("I at r = 4", 4.5, 4.47, 0.1, agrees="rounding", differs="").verdict
    'reproduced'
    """
    require(within >= 0, f"tolerance {within}", "zero or more")
    close = abs(paper - ours) <= within + ERRORS_ALLOWED * (error or 0.0)
    verdict: Verdict = "reproduced" if close else "differs"
    test = SignificanceTest()
    if error and math.isfinite(ours):
        test = deviation_test(max(abs(paper - ours) - within, 0.0) / error)
    return Claim(statement, f"{about}{paper:g}", f"{ours:.3g}", verdict, agrees if close else differs, error, **test)


def deviation_test(deviation: float, allowed: float = ERRORS_ALLOWED, number: int = 1) -> SignificanceTest:
    """Return p and level of the test that the largest of several deviations is one of chance, for `Claim` and `holds`.

    They are passed on as keywords; there are none where the deviation is NaN, which decides nothing.

    .. math:: p = 1 - \\operatorname{erf}(z/\\sqrt 2)^n

    Parameters
    ----------
    deviation : z, the largest, in standard errors
    allowed : up to which it counts as chance
    number : n, of independent deviations

    Raises
    ------
    InputError : a deviation or a bound below zero, or a number below 1.

    Examples
    --------
    >>> {name: round(value, 4) for name, value in deviation_test(1.96).items()}
    {'p': 0.05, 'level': 0.0455}
    >>> round(deviation_test(4.0, allowed=4.0, number=100)["level"], 4)
    0.0063
    """
    if math.isnan(deviation):
        return {}
    fine = deviation >= 0 and math.isfinite(allowed) and allowed > 0 and number >= 1
    require(fine, f"largest of {number} deviations {deviation}, allowed {allowed}", "numbers from zero on")
    # 1 − (1 − q)ⁿ, without the loss of a small q = erfc(z/√2) in 1 − q
    p, level = (
        -math.expm1(number * math.log1p(-min(math.erfc(z / math.sqrt(2)), 1 - 1e-16))) for z in (deviation, allowed)
    )
    return {"p": p, "level": level}


def holds(
    statement: str,
    paper: str,
    ours: str,
    truth: bool | np.bool,
    *,
    why: str,
    why_not: str,
    failed: Verdict = "not reproduced",
    any_scale: bool = False,
    p: float | None = None,
    level: float | None = None,
) -> Claim:
    """Return the claim that something is so; `p` and `level` are those of the significance test that decides, if any.

    Examples
    --------
    >>> holds("two fixed points", "2", "2", True, why="enumerated", why_not="").verdict
    'reproduced'
    """
    verdict = "reproduced" if truth else failed
    reason = why if truth else why_not
    return Claim(statement, paper, ours, verdict, reason, any_scale=any_scale, p=p, level=level)


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
