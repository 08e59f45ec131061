"""Claims of a paper, compared with the results of a reproduction."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TypedDict

import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import real_number, require

VERDICTS = ("reproduced", "differs", "not reproduced", "not judged")
DEPENDS = "depends on "
ERRORS_ALLOWED = 2.0  # deviation allowed by `compare`, in standard errors
Verdict = str  # one of VERDICTS, or "depends on …" followed by the decisive condition


class SignificanceTest(TypedDict, total=False):
    """The p value and the level of the significance test that decides a claim; empty if there is none."""

    p: float
    level: float


@check_arguments
@dataclass(frozen=True)
class Claim:
    """A claim of a paper, the published and the reproduced value, and the verdict.

    Parameters
    ----------
    statement : the claim with its conditions
    paper : the published value, as text
    ours : the reproduced value, as text
    verdict : "reproduced"; "differs" (the effect is present with a different value); "not reproduced"; "not judged" if
        the data are insufficient for a decision; or "depends on …" followed by the decisive condition, such as
        "depends on the input"
    reason : reason for the verdict, in one sentence
    error : standard error of the reproduced value; None if it is exact
    any_scale : whether the reproduced value is the same at every scale of a reproduction, as are exact results on a
        fixed grid and results of stored data. The verdict then holds even if the simulations are too small to decide
    p : p value of the decisive significance test; None if there is none
    level : significance level α of that test, the probability of a significant result under the null hypothesis

    Raises
    ------
    InputError : If the verdict is not one of those above, `p` or `level` is not a probability, or only one of the two
        is given.

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
        paired = (self.p is None) == (self.level is None)
        valid = self.p is None or self.level is None or (0 <= self.p <= 1 and 0 < self.level < 1)
        require(paired and valid, f"p = {self.p} at level {self.level}", "two numbers from 0 to 1, or neither of them")
        require(
            self.verdict in VERDICTS or (self.verdict.startswith(DEPENDS) and self.verdict != DEPENDS),
            f"verdict {self.verdict!r}",
            f"one of {', '.join(VERDICTS)}, or {DEPENDS}… followed by the decisive condition",
        )

    @property
    def kind(self) -> str:
        """The verdict without its condition: one of ``VERDICTS``, or "depends"."""
        return self.verdict if self.verdict in VERDICTS else DEPENDS.split()[0]

    def row(self) -> dict[str, str | float | None]:
        """Return the claim as a dictionary; the error is None if it is unknown or not finite."""
        row = asdict(self) | {"error": self.error if self._has_error else None}
        del row["any_scale"]
        return row

    @property
    def _has_error(self) -> bool:
        return self.error is not None and bool(np.isfinite(self.error))

    @property
    def value(self) -> str:
        """The reproduced value with its standard error."""
        return f"{self.ours} ± {self.error:.2g}" if self._has_error else self.ours


@check_arguments
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
    """Return the claim that a reproduced value agrees with the published one within a tolerance.

    Parameters
    ----------
    statement : the measured quantity with its conditions
    paper : published value
    ours : reproduced value; NaN and infinity differ from any published value
    within : tolerance, usually the precision of the published value. Two standard errors are added to it, so that a
        claim with a standard error is a significance test at a level of at most 4.6 %
    error : standard error of the reproduced value
    agrees, differs : reason for the verdict "reproduced" and for the verdict "differs"
    about : symbol printed before the published value

    Examples
    --------
    >>> compare("I at r = 4", 4.5, 4.47, 0.1, agrees="rounding", differs="").verdict
    'reproduced'
    """
    real_number(paper, "published value")
    real_number(within, "tolerance", "zero or more", lambda tolerance: 0 <= tolerance < math.inf)
    close = abs(paper - ours) <= within + ERRORS_ALLOWED * (error or 0.0)
    verdict: Verdict = "reproduced" if close else "differs"
    test = SignificanceTest()
    if error and math.isfinite(ours):
        test = deviation_test(max(abs(paper - ours) - within, 0.0) / error)
    return Claim(statement, f"{about}{paper:g}", f"{ours:.3g}", verdict, agrees if close else differs, error, **test)


@check_arguments
def deviation_test(deviation: float, allowed: float = ERRORS_ALLOWED, number: int = 1) -> SignificanceTest:
    """Return the p value and the level of the test that the largest of n normal deviations is due to chance.

    The result is a dictionary of keyword arguments for `Claim` and `holds`. It is empty if the deviation is NaN.

    .. math:: p = 1 - \\operatorname{erf}(z/\\sqrt 2)^n

    Parameters
    ----------
    deviation : z, the largest deviation, in standard errors; may be infinite
    allowed : largest deviation that is attributed to chance, in standard errors
    number : n, number of independent deviations

    Raises
    ------
    InputError : If `deviation` is negative, `allowed` is not positive and finite, or `number` is below 1.

    Examples
    --------
    >>> {name: round(value, 4) for name, value in deviation_test(1.96).items()}
    {'p': 0.05, 'level': 0.0455}
    >>> round(deviation_test(4.0, allowed=4.0, number=100)["level"], 4)
    0.0063
    """
    if math.isnan(deviation):
        return {}
    valid = deviation >= 0 and math.isfinite(allowed) and allowed > 0 and number >= 1
    require(
        valid,
        f"largest of {number} deviations {deviation}, allowed {allowed}",
        "deviation ≥ 0, allowed > 0, number ≥ 1",
    )
    # p = 1 − (1 − q)ⁿ with q = erfc(z/√2); expm1 and log1p avoid the cancellation in 1 − q for small q.
    p, level = (
        -math.expm1(number * math.log1p(-min(math.erfc(z / math.sqrt(2)), 1 - 1e-16))) for z in (deviation, allowed)
    )
    return {"p": p, "level": level}


@check_arguments
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
    """Return the claim that a statement is true.

    Parameters
    ----------
    statement : the claim with its conditions
    paper, ours : published and reproduced value, as text
    truth : whether the reproduction confirms the statement
    why, why_not : reason for the verdict if `truth` is true, and if it is false
    failed : verdict if `truth` is false
    any_scale : as in `Claim`
    p, level : p value and level of the decisive significance test, if there is one

    Examples
    --------
    >>> holds("two fixed points", "2", "2", True, why="enumerated", why_not="").verdict
    'reproduced'
    """
    verdict = "reproduced" if truth else failed
    reason = why if truth else why_not
    return Claim(statement, paper, ours, verdict, reason, any_scale=any_scale, p=p, level=level)


@check_arguments
def count_verdicts(claims: Iterable[Claim]) -> str:
    """Return the number of claims per verdict as text; claims with "depends on …" are counted together.

    Examples
    --------
    >>> count_verdicts([Claim("a", "1", "1", "reproduced", ""), Claim("b", "1", "2", "depends on the input", "")])
    '1 reproduced, 1 depending on conditions'
    """
    kinds = [claim.kind for claim in claims]
    words = {verdict: verdict for verdict in VERDICTS} | {DEPENDS.split()[0]: "depending on conditions"}
    if kinds.count("differs") > 1:
        words["differs"] = "differ"
    return ", ".join(f"{kinds.count(kind)} {words[kind]}" for kind in words if kind in kinds)
