"""Tables of what σ means in other programs: those that `benchmarks/conformance/run.py` ran, and the others."""

import json
from pathlib import Path
from typing import Any

from noisette.noise import CONVENTIONS

RESULTS = Path(__file__).parents[1] / "guide" / "noise_conformance.json"
RUN = "| program | what σ means | variance per step: claimed | measured | dt/2 : dt | verdict | run with |"
READ = "| program, as in `from_convention` | a step of dt adds | independent of dt |"
GENERAL = ("ito", "noisette", "stationary", "step")  # not programs


def results() -> dict[str, dict[str, Any]]:
    """Return the stored results by the name of the script."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def table_of_runs() -> str:
    """Return the table of the programs that were run."""
    return "\n".join([RUN, _rule(RUN), *map(_row, results().values())])


def table_of_equations() -> str:
    """Return the table of the programs that were not run."""
    run = {entry["claim"].get("convention", "ito") for entry in results().values()}
    rest: dict[tuple[str, bool], list[str]] = {}
    for name, convention in CONVENTIONS.items():
        if name not in run and name not in GENERAL:
            rest.setdefault((convention.adds, convention.invariant), []).append(name)
    rows = [f"| {', '.join(names)} | {adds} | {'yes' if ok else '**no**'} |" for (adds, ok), names in rest.items()]
    return "\n".join([READ, _rule(READ), *rows])


def write(folder: Path) -> None:
    """Write both tables into a folder, to be included in the page."""
    folder.mkdir(exist_ok=True)
    (folder / "conformance_runs.md").write_text(table_of_runs() + "\n", encoding="utf-8")
    (folder / "conformance_equations.md").write_text(table_of_equations() + "\n", encoding="utf-8")


def _rule(header: str) -> str:
    return "|---" * (header.count("|") - 1) + "|"


def _row(entry: dict[str, Any]) -> str:
    """Return the row of a program."""
    step, half = entry["tests"]["step variance"], entry["tests"]["dt/2"]
    verdict = f"**fails**: {', '.join(entry['failed'])}" if entry["failed"] else "passes"
    cells = [
        entry["program"],
        entry["meaning"],
        f"{step['expected']:.4g}",
        f"{step['measured']:.4g} ± {step['se']:.1g}",
        "–" if half["measured"] is None else f"{half['measured']:.3f} ± {half['se']:.1g}",
        verdict,
        f"{entry['versions']}, {entry['date']}",
    ]
    return f"| {' | '.join(cells)} |"
