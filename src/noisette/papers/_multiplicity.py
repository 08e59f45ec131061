"""How many claims of a table rest on significance tests, and how many of these chance alone would make significant."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from noisette.analysis import holm
from noisette.studies import Claim


@dataclass(frozen=True)
class Multiplicity:
    """The significance tests behind a table of claims.

    Parameters
    ----------
    tests : claims that a significance test decides
    level : the smallest and the largest of their levels α
    by_chance : how many of them come out significant on average if nothing differs anywhere: the sum of the levels
    significant : how many came out significant
    after_holm : how many of these still do with p corrected for the number of tests
    lost : the statements of the others
    """

    tests: int
    level: tuple[float, float]
    by_chance: float
    significant: int
    after_holm: int
    lost: tuple[str, ...]

    def sentence(self) -> str:
        """Return this in words, to stand under the table."""
        if not self.tests:
            return "No claim rests on a significance test."
        low, high = self.level
        levels = f"level {low:.2g}" if low == high else f"levels from {low:.2g} to {high:.2g}"
        few = "1 claim rests on a significance test"
        claims = few if self.tests == 1 else f"{self.tests} claims rest on significance tests"
        text = (
            f"{claims} at {levels}: if nothing differed anywhere, about "
            f"{self.by_chance:.2g} of them would differ by chance. "
        )
        if not self.significant:
            return f"{text}None differs."
        text += (
            f"{self.significant} {'differs' if self.significant == 1 else 'differ'}, {self.after_holm} of them also "
            "with p corrected for the number of tests (Holm)"
        )
        return text + (f"; without the correction only: {'; '.join(self.lost)}." if self.lost else ".")

    def row(self) -> dict[str, Any]:
        """Return this as a plain dictionary, the sentence included."""
        plain = asdict(self) | {"level": list(self.level), "lost": list(self.lost)}
        return plain | {"sentence": self.sentence()}


def multiplicity(claims: Iterable[Claim]) -> Multiplicity:
    """Return the significance tests behind claims.

    Parameters
    ----------
    claims : of one table

    Examples
    --------
    >>> p = (0.001, 0.03, 0.4)
    >>> tested = [Claim(f"claim {i}", "", "", "reproduced", "", p=p[i], level=0.05) for i in range(3)]
    >>> found = multiplicity(tested)
    >>> found.tests, round(found.by_chance, 2), found.significant, found.after_holm, found.lost
    (3, 0.15, 2, 1, ('claim 1',))
    """
    tested = [(claim.statement, claim.p, claim.level) for claim in claims if claim.p is not None and claim.level]
    if not tested:
        return Multiplicity(0, (0.0, 0.0), 0.0, 0, 0, ())
    statements, p, levels = zip(*tested, strict=True)
    alone = np.less(p, levels)
    corrected = np.less(holm(np.array(p)), levels)
    lost = tuple(text for text, a, c in zip(statements, alone, corrected, strict=True) if a and not c)
    total = float(sum(levels))
    return Multiplicity(len(tested), (min(levels), max(levels)), total, int(alone.sum()), int(corrected.sum()), lost)
