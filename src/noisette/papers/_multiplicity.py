"""Number of significance tests behind a table of claims, and number of false positives to be expected."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from noisette.analysis import holm
from noisette.arguments import check_arguments
from noisette.studies import Claim


@dataclass(frozen=True)
class Multiplicity:
    """The significance tests behind a table of claims.

    Parameters
    ----------
    tests : number of claims decided by a significance test
    level : smallest and largest significance level α of these tests
    by_chance : expected number of significant tests if every null hypothesis is true, the sum of the levels
    significant : number of significant tests
    after_holm : number of tests that remain significant after Holm's correction for the number of tests
    lost : statements of the claims that are significant only without the correction
    """

    tests: int
    level: tuple[float, float]
    by_chance: float
    significant: int
    after_holm: int
    lost: tuple[str, ...]

    def sentence(self) -> str:
        """Return a summary in words, to be printed under the table."""
        if not self.tests:
            return "No claim rests on a significance test."
        low, high = self.level
        levels = f"level {low:.2g}" if low == high else f"levels from {low:.2g} to {high:.2g}"
        singular = "1 claim rests on a significance test"
        claims = singular if self.tests == 1 else f"{self.tests} claims rest on significance tests"
        text = (
            f"{claims} at {levels}: if there were no differences at all, about "
            f"{self.by_chance:.2g} of them would be significant by chance. "
        )
        if not self.significant:
            return f"{text}None is significant."
        text += (
            f"{self.significant} {'is' if self.significant == 1 else 'are'} significant, {self.after_holm} of them "
            "also after correction of p for the number of tests (Holm)"
        )
        return text + (f"; significant only without the correction: {'; '.join(self.lost)}." if self.lost else ".")

    def row(self) -> dict[str, Any]:
        """Return a plain dictionary that includes the sentence."""
        plain = asdict(self) | {"level": list(self.level), "lost": list(self.lost)}
        return plain | {"sentence": self.sentence()}


@check_arguments
def multiplicity(claims: Iterable[Claim]) -> Multiplicity:
    """Count the significance tests behind claims.

    Parameters
    ----------
    claims : claims of one table

    Examples
    --------
    >>> p = (0.001, 0.03, 0.4)
    >>> tested = [Claim(f"claim {i}", "", "", "reproduced", "", p=p[i], level=0.05) for i in range(3)]
    >>> counts = multiplicity(tested)
    >>> counts.tests, round(counts.by_chance, 2), counts.significant, counts.after_holm, counts.lost
    (3, 0.15, 2, 1, ('claim 1',))
    """
    tested = [(claim.statement, claim.p, claim.level) for claim in claims if claim.p is not None and claim.level]
    if not tested:
        return Multiplicity(0, (0.0, 0.0), 0.0, 0, 0, ())
    statements, p, levels = zip(*tested, strict=True)
    uncorrected = np.less(p, levels)
    corrected = np.less(holm(np.array(p)), levels)
    lost = tuple(text for text, a, c in zip(statements, uncorrected, corrected, strict=True) if a and not c)
    total = float(sum(levels))
    return Multiplicity(
        len(tested), (min(levels), max(levels)), total, int(uncorrected.sum()), int(corrected.sum()), lost
    )
