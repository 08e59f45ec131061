"""Table, JSON file and section of the README of the comparison."""

import json
import statistics
from pathlib import Path
from typing import Any

from _harness import Spread, duration, spread, table
from _peers_growth import Growth, growth_rows
from _peers_measure import Measured, Speeds, Timed

HEADERS = (
    "work",
    "Noisette",
    "best alternative",
    "ratio",
    "others, ratio",
    "limit: reached",
    "call",
    "first",
    "same",
    "target",
)
KINDS = {
    "normal": ("normal numbers", 1e-6, "M/s"),
    "word": ("uniform numbers", 1e-6, "M/s"),
    "product": ("matrix product, float64", 1e-9, "GFlop/s"),
    "read": ("reading of float64 numbers", 1e-9, "GB/s"),
    "vector": ("products of a 200 × 200 matrix and a vector, float32, one thread", 1e-3, "k/s"),
}


def ratios(ours: Timed, other: Timed) -> Spread:
    """Return the ratio of the times of an alternative and of Noisette, round by round."""
    return Spread.of([b / a for a, b in zip(ours.times, other.times, strict=False)])


def shown(measured: Measured, timed: Timed) -> str:
    """Return the speed or the time of a contender with its range."""
    row, times = measured.row, Spread.of(timed.times)
    if row.unit == "rate":
        return spread(times, lambda each: rate(row.amount / each))
    return spread(times, duration)


def rate(value: float) -> str:
    """Return network steps per second as text."""
    return f"{value / 1e6:.3g} M/s" if value >= 1e6 else f"{value / 1e3:.3g} k/s"


def line(measured: Measured) -> tuple[str, ...] | None:
    """Return a row of the table; None if Noisette was not measured."""
    row, timed = measured.row, measured.timed
    if not timed or timed[0].label != row.contenders[0].label:
        return None
    ours, others = timed[0], sorted(timed[1:], key=lambda t: ratios(timed[0], t).median)
    best = others[0] if others else None
    reached = ""
    if measured.bound is not None:
        reached = f"{measured.kind}: {100 * measured.bound / statistics.median(ours.times):.0f} %"
    differing = [f"{t.label}: {t.agrees}" for t in timed[1:] if t.agrees not in ("yes", "not compared")]
    compared = any(t.agrees == "yes" for t in timed[1:])
    return (
        row.question,
        shown(measured, ours),
        f"{best.label} {shown(measured, best)}" if best else "",
        spread(ratios(ours, best), lambda x: f"{x:.3g}") if best else "",
        ", ".join(f"{t.label} {ratios(ours, t).median:.3g}" for t in others[1:]),
        reached,
        duration(ours.call) if row.short else "",
        duration(ours.first),
        "; ".join(differing) or ("yes" if compared else ""),
        target(measured),
    )


def target(measured: Measured) -> str:
    """Return the required ratio, and whether it is reached."""
    row, ours = measured.row, measured.timed[0]
    others = [t for t in measured.timed[1:] if row.against in ("", t.label)]
    if row.target is None or not others:
        return ""
    ratio = min(ratios(ours, t).median for t in others)
    against = f" × {row.against}" if row.against else ""
    return f"≥ {row.target:g}{against}: {'yes' if ratio >= row.target else 'NO'}"


def markdown(measured: list[Measured], growth: list[Growth], speeds: Speeds, about: list[str], notes: list[str]) -> str:
    """Return the tables and their notes."""
    lines = [entry for m in measured if (entry := line(m)) is not None]
    parts = ["\n".join(about), table(HEADERS, lines), "\n".join(f"- {note}" for note in notes)]
    if growth:
        heads = ("simulation", "number", "exponent of the time", "peak memory: exponent, from and to")
        parts += ["Exponents of time and peak memory beyond that of the idle process (range between neighbours):"]
        parts += [table(heads, growth_rows(growth))]
    bounds = []
    for demand, values in speeds.best.values():
        text, scale, unit = KINDS[demand.kind]
        shape = " × ".join(f"{v:,}" for v in demand.arguments.values())
        name = f"{text}, {shape}" if shape else text
        bounds.append((name, spread(Spread.of(values), lambda v, s=scale, u=unit: f"{v * s:.3g} {u}")))
    if bounds:
        parts += [
            "The limits of the machine, two threads, before and after the rows:",
            table(("limit", "speed"), bounds),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def document(measured: list[Measured], growth: list[Growth], speeds: Speeds, about: list[str]) -> dict[str, Any]:
    """Return all measurements as a document for JSON."""
    rows = {}
    for m in measured:
        contenders = {t.label: t._asdict() for t in m.timed}
        rows[m.row.name] = {
            "question": m.row.question,
            "unit": "seconds per " + ("task" if m.row.unit == "task" else "step" if m.row.short else "call"),
            "network_steps_per_step": m.row.amount,
            "contenders": contenders,
            "bound": m.bound,
            "bound_by": m.kind,
            "failures": m.failures,
        }
    limits = {name: values for name, (_, values) in speeds.best.items()}
    return {"about": about, "rows": rows, "growth": [g._asdict() for g in growth], "limits": limits}


def differences(document: dict[str, Any], before: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return a table of the times of Noisette in an earlier document and in this one."""
    lines = []
    for name, row in document["rows"].items():
        old = before["rows"].get(name, {}).get("contenders", {}).get("Noisette")
        new = row["contenders"].get("Noisette")
        if old and new:
            a, b = statistics.median(old["times"]), statistics.median(new["times"])
            lines.append((row["question"], duration(a), duration(b), f"{a / b:.3g}"))
    return lines


def write(folder: Path, text: str, content: dict[str, Any]) -> None:
    """Write `peers.md` and `peers.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "peers.md").write_text(text, encoding="utf-8")
    (folder / "peers.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
