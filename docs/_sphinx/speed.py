"""Table of the speed beside other programs, from the results of `benchmarks/peers.py`."""

import json
import statistics
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks" / "peers.json"
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def write(folder: Path) -> None:
    """Write `speed.md` into a folder."""
    document = json.loads(RESULTS.read_text(encoding="utf-8"))
    lines = ["| work | Noisette | best alternative | ratio | most of the time that the machine allows |", "|---|---|---|---|---|"]
    lines += [row for entry in document["rows"].values() if (row := _row(entry))]
    about = " ".join(f"{line.strip().rstrip('.')}." for line in document["about"])
    (folder / "speed.md").write_text("\n".join(lines) + f"\n\n{about}\n", encoding="utf-8")


def _row(entry: dict) -> str:
    contenders = {name: statistics.median(c["times"]) for name, c in entry["contenders"].items() if c["times"]}
    ours = contenders.pop("Noisette", None)
    if ours is None:
        return ""
    best = min(contenders, key=contenders.__getitem__, default="")
    other = f"{best}, {_shown(contenders[best], entry)}" if best else ""
    ratio = f"{contenders[best] / ours:.3g}" if best else ""
    limit = f"{100 * entry['bound'] / ours:.0f} % ({entry['bound_by']})" if entry["bound"] is not None else ""
    return f"| {entry['question']} | {_shown(ours, entry)} | {other} | {ratio} | {limit} |"


def _shown(seconds: float, entry: dict) -> str:
    """Return a time with its unit, or network steps per second."""
    if (steps := entry["network_steps_per_step"]) and steps != 1:
        rate = steps / seconds
        return f"{rate / 1e6:.3g} M steps/s" if rate >= 1e6 else f"{rate / 1e3:.3g} k steps/s"
    scale, unit = next(((s, u) for s, u in UNITS if seconds >= s), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"
