"""Claims of a paper as text: one line each, or in full with the reasons."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

import noisette as nz
from noisette.cli._types import Outcome

WIDTH = 80  # columns if standard output is not a terminal
NARROWEST = 60
VERDICT = len("not reproduced")
GAP = "  "


def claim_lines(outcomes: Sequence[Outcome], verbose: bool, columns: int | None = None) -> Iterator[str]:
    """Yield the lines that show the claims of all figures.

    Without `verbose`, each claim is one line of at most `columns` characters, and long texts are shortened; with it,
    statement, values and reason are given in full.

    Parameters
    ----------
    outcomes : outcomes of the figures
    verbose : whether to print everything
    columns : width of the page; by default that of the terminal, or 80 if standard output is not a terminal
    """
    if columns is None:
        columns = max(shutil.get_terminal_size((WIDTH, 24)).columns, NARROWEST) if sys.stdout.isatty() else WIDTH
    values = max((columns - VERDICT - 3 * len(GAP)) // 4, len("ours ± s.e."))
    widths = (VERDICT, columns - VERDICT - 3 * len(GAP) - 2 * values, values, values)
    judged = [outcome for outcome in outcomes if outcome.claims]
    if judged and not verbose:
        yield _row(("verdict", "claim", "paper", "ours ± s.e."), widths)
    for outcome in judged:
        yield shortened(f"{outcome.figure.name}: {outcome.figure.title}", columns)
        for claim in outcome.claims:
            if verbose:
                yield from _in_full(claim, columns)
            else:
                verdict = "depends" if claim.kind == "depends" else claim.verdict
                yield _row((verdict, claim.statement, claim.paper, claim.value), widths)


def shortened(text: str, width: int) -> str:
    """Return a text in one line of at most `width` characters, with an ellipsis if it is cut.

    Examples
    --------
    >>> shortened("information at r = 4", 12)
    'information…'
    """
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(f"{shortened(cell, width):{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _in_full(claim: nz.studies.Claim, columns: int) -> Iterator[str]:
    parts = {"": claim.statement, "paper: ": claim.paper, "ours: ": claim.value, "reason: ": claim.reason}
    yield f"  {claim.verdict}"
    for label, text in parts.items():
        if text:
            yield from textwrap.wrap(f"{label}{text}", columns, initial_indent="    ", subsequent_indent="      ")
