"""Tables of the numbers of `tests/data/oracles.toml` beside ours, computed at build time."""

from itertools import groupby
from pathlib import Path

import numpy as np

from docs._sphinx.oracles import TEST, Oracle, read

WORDS = {"published": "published", "exact": "exact", "program": "another program"}
INTRODUCTION = """\
These numbers were not made by Noisette. They are printed in papers or in the tests of other programs (*published*),
known in closed form (*exact*), or computed by *another program* that shares no code with Noisette; "independent
implementation" is a program that was written from the same specification. The column *ours* was computed when this page
was built, by the call that is named. Tolerances are half a unit of the last digit, unless a number is simulated, or was
computed on a coarser grid. Of several numbers in a row, deviation and tolerance are those of the number closest to its
tolerance.

{count} numbers in {rows} rows; {verdict}. The same comparison is a test, `{test}`. Tests of the same quantities in more
situations are named in the last column. The claims of the reproduced papers are not listed here, but on the pages of
{{doc}}`/papers/index`.
"""
HEADER = "| quantity | source | value | ours | deviation | relative | tolerance | call, further test |"
MOST_SHOWN = 8  # largest number of values that are listed


def write(folder: Path) -> None:
    """Write the page `validation.md`, without its title, into a folder."""
    oracles = read()
    failures = [oracle.name for oracle in oracles if not oracle.agrees]
    verdict = f"{len(failures)} do not agree ({', '.join(failures)})" if failures else "all agree within the tolerance"
    count = sum(int((~np.isnan(oracle.theirs)).sum()) for oracle in oracles)
    parts = [INTRODUCTION.format(count=count, rows=len(oracles), verdict=verdict, test=TEST)]
    for section, rows in groupby(oracles, lambda oracle: oracle.section):
        parts.append(f"## {section}\n\n{HEADER}\n{'|---' * HEADER.count(' | ')}|---|")
        parts[-1] += "".join(f"\n{_row(oracle)}" for oracle in rows) + "\n"
    folder.mkdir(exist_ok=True)
    (folder / "validation.md").write_text("\n".join(parts), encoding="utf-8")


def _row(oracle: Oracle) -> str:
    """Return a row of the table."""
    theirs, ours = oracle.theirs.ravel(), oracle.ours.ravel()
    deviation = np.nan_to_num(oracle.deviation.ravel(), nan=-1.0)
    tolerance = np.broadcast_to(oracle.tolerance, oracle.theirs.shape).ravel()
    # the number that is closest to its tolerance; numbers without a tolerance are identical
    worst = int(np.argmax(deviation / np.where(tolerance > 0, tolerance, 1.0)))
    relative = f"{deviation[worst] / abs(theirs[worst]):.1e}" if theirs[worst] else "–"
    digits = _digits(oracle)
    cells = [
        oracle.quantity.replace("|", "\\|"),
        f"{WORDS[oracle.kind]}: {oracle.source}",
        _listed(theirs, digits),
        _listed(ours, digits + 2),
        f"{deviation[worst]:.1e}" if deviation[worst] else "0",
        relative if deviation[worst] else "0",
        f"{tolerance[worst]:.1e}" if tolerance[worst] else "0",
        f"`{oracle.call}`" + (f", `{oracle.test.removeprefix('tests/')}`" if oracle.test != TEST else ""),
    ]
    return f"| {' | '.join(cells)} |"


def _digits(oracle: Oracle) -> int:
    """Return the number of significant digits with which every number of the source is written exactly."""
    values = [value for value in oracle.theirs.ravel() if np.isfinite(value)]
    return next(digits for digits in range(1, 18) if all(float(f"{value:.{digits}g}") == value for value in values))


def _listed(values: np.ndarray, digits: int) -> str:
    """Return numbers as text; integers of 32 bits as hexadecimal words."""
    if values.size and (values == values.round()).all() and values.max() > 2**16 and values.max() < 2**32:
        texts = [f"{int(value):08x}" for value in values]
    else:
        texts = ["–" if np.isnan(value) else f"{value:.{min(digits, 17)}g}" for value in values]
    return ", ".join(texts[:MOST_SHOWN]) + (", …" if len(texts) > MOST_SHOWN else "")
