"""Section of the README on the comparison: one table for readers, from the stored measurements."""

import statistics
from pathlib import Path
from typing import Any

from _harness import duration, table

START, END = "<!-- peers:start -->", "<!-- peers:end -->"
HEADERS = ("work", "before", "Noisette", "best alternative", "ratio", "required", "limit of the machine")
# Noisette at commit d0d70ab, on another machine with two cores: per step of all runs, or network steps per second
BEFORE = {
    "binary-5": "3.6 M/s",
    "binary-100": "500 k/s",
    "binary-1000": "19–22 k/s",
    "rate-100-1": "5.5 µs",
    "rate-100-64": "139 µs",
    "rate-1000-1": "86 µs",
    "rate-1000-64": "1.9 ms",
    "covariance-100-64": "199 µs",
    "covariance-1000-1": "191 µs",
    "covariance-1000-64": "37.2 ms",
}
REQUIRED = {  # smallest ratio, and the alternative that it refers to; the best one if none is named
    "binary-5": (10, "numba"),
    "binary-100": (3, "numba, fields updated by flips"),
    "binary-1000": (3, "numba, fields updated by flips"),
    "rate-100-64": (2, "NumPy, two threads"),
    **{f"rate-{size}-{runs}": (1, "") for size, runs in ((100, 1), (1000, 1), (1000, 64))},
    **{f"covariance-{size}-{runs}": (1, "") for size in (100, 1000) for runs in (1, 64)},
    "noise": (1, ""),
}
KINDS = {
    "normal": "normal numbers",
    "word": "uniform numbers",
    "product": "products of matrices",
    "read": "reading",
    "vector": "products of matrix and vector",
}


def section(document: dict[str, Any]) -> str:
    """Return the table, and lines on the machine."""
    rows = [line(name, row) for name, row in document["rows"].items() if "Noisette" in row["contenders"]]
    about = "  \n".join(entry.strip() for entry in document["about"])
    return f"{about}\n\n{table(HEADERS, rows)}\n"


def line(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    """Return a row of the table."""
    times = {label: contender["times"] for label, contender in row["contenders"].items() if contender["times"]}
    ours = times.pop("Noisette")
    ratios = {label: _ratio(ours, other) for label, other in times.items()}
    best = min(ratios, key=ratios.__getitem__, default=None)
    number, against = REQUIRED.get(name, (None, ""))
    required = ""
    if number is not None and (reached := ratios.get(against or best)) is not None:
        words = f" {against}: {reached:.3g}" if against else ""
        required = f"≥ {number}{words}, {'met' if reached >= number else 'not met'}"
    limit = ""
    if row["bound"] is not None:
        limit = f"{100 * row['bound'] / statistics.median(ours):.0f} % ({KINDS[row['bound_by']]})"
    return (
        row["question"],
        BEFORE.get(name, ""),
        _shown(ours, row),
        f"{best}, {_shown(times[best], row)}" if best else "",
        f"{ratios[best]:.3g}" if best else "",
        required,
        limit,
    )


def _ratio(ours: list[float], other: list[float]) -> float:
    """Return the median of the ratios of the rounds."""
    return statistics.median(b / a for a, b in zip(ours, other, strict=False))


def _shown(times: list[float], row: dict[str, Any]) -> str:
    """Return a time per step, call or task, or the network steps per second."""
    each = statistics.median(times)
    if row["network_steps_per_step"] == 1:
        return duration(each)
    speed = row["network_steps_per_step"] / each
    return f"{speed / 1e6:.3g} M/s" if speed >= 1e6 else f"{speed / 1e3:.3g} k/s"


def write_section(readme: Path, text: str) -> None:
    """Replace the section of a file between the two markers."""
    content = readme.read_text(encoding="utf-8")
    before, rest = content.split(START, 1)
    _, after = rest.split(END, 1)
    readme.write_text(f"{before}{START}\n\n{text.strip()}\n\n{END}{after}", encoding="utf-8")
