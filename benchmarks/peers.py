"""Speed of Noisette beside other programs for the same work, in one run.

python benchmarks/peers.py [--quick] [--rows NAME ...] [--out FOLDER] [--environments FOLDER] [--write-readme]

Each contender has a process of its own, in an environment that this program makes (numba, PyTorch, diffrax, BrainPy,
reservoirpy, lyapax); the processes wait while others are timed, and rounds alternate. The results are a table, a JSON
file and a figure. The exit status is 1 if results of contenders differ, or if Noisette could not be measured.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _harness import duration, environment, fix_threads, table
from _peer_worker import Failed
from _peers_environments import HERE, PLACES, default_folder, prepare
from _peers_figure import draw
from _peers_growth import measure_growth
from _peers_measure import Measured, Processes, Speeds, key_of, measure
from _peers_report import differences, document, line, markdown, write
from _peers_rows import Row, rows
from _peers_section import section, write_section

STORED = HERE / "peers.json"
IMAGE = HERE.parent / "docs" / "images" / "peers.png"
NOTES = [
    "Times are per step of all runs, network steps per second where runs are counted, or per call or task; medians "
    "(ranges) of alternating rounds. Ratios are those of the times of an alternative and of Noisette. “Call” is the "
    "time of a call of Noisette beyond its steps, “first” that of the first call in a process, with compilation.",
    "“Limit” is the share of the time of Noisette that the most limiting resource requires at the highest speed "
    "measured: random numbers, matrix products, reading, or products of a matrix and a vector.",
    "“Same” tells whether results agree within five standard errors and the tolerance of the row.",
    "[1] Noisette selects a ridge parameter for each lag on separate samples, the others use one for all lags.",
]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, contenders and points")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="rows, or beginnings of their names (default: all)")
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    parser.add_argument("--out", type=Path, default=Path("peers-results"), help="folder of the results")
    parser.add_argument("--environments", type=Path, default=default_folder(), help="folder of the environments")
    parser.add_argument("--before", type=Path, metavar="FILE", help="peers.json of an earlier run, for comparison")
    stored = "store the results, or the given rows, in peers.json, the README and the figure"
    parser.add_argument("--write-readme", action="store_true", help=stored)
    return parser.parse_args()


def chosen_rows(options: argparse.Namespace, path: str) -> list[Row]:
    """Return the rows and contenders to be measured."""
    every = rows(options.quick, path)
    names = options.rows or [""]
    unknown = [name for name in names if not any(row.name.startswith(name) for row in every)]
    if unknown:
        sys.exit(f"unknown rows: {', '.join(unknown)}; known: {', '.join(row.name for row in every)}")
    selected = [row for row in every if row.name.startswith(tuple(names))]
    if not options.quick:
        return selected
    return [row._replace(contenders=tuple(c for c in row.contenders if c.quick)) for row in selected]


def measured_rows(quick: bool, processes: Processes, selected: list[Row], speeds: Speeds) -> list[Measured]:
    """Measure all rows, and the limits before and after them."""
    rounds, target, budget, few = (3, 0.12, 12.0, 2) if quick else (5, 0.4, 45.0, 3)
    demands = {key_of(d): d for row in selected for d in row.demands}.values()
    speeds.measure(demands, few)
    results = []
    for row in selected:
        began = time.perf_counter()
        result = measure(processes, row, rounds, target, budget)
        results.append(result)
        entry = line(result)
        summary = " | ".join(part for part in entry[1:4] if part) if entry else "not measured"
        print(f"{row.name} ({duration(time.perf_counter() - began)}): {summary}", flush=True)
        for failure in result.failures:
            print(f"  {failure}", flush=True)
    speeds.measure(demands, few)  # the load of the machine drifts
    bounds = [speeds.bound(result.row) for result in results]
    return [result._replace(bound=b, kind=kind) for result, (b, kind) in zip(results, bounds, strict=True)]


def publish(content: dict[str, Any], partial: bool) -> None:
    """Store the measurements, and write the table of the README and the figure; some rows replace those stored."""
    if partial and STORED.exists():
        former = json.loads(STORED.read_text(encoding="utf-8"))
        content = {**former, "rows": {**former["rows"], **content["rows"]}}
    STORED.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_section(HERE / "README.md", section(content))
    draw(content, IMAGE)


def status(results: list[Measured]) -> int:
    """Return 1 if results differ or Noisette was not measured, else 0."""
    if any(line(result) is None for result in results):
        return 1
    return int(any(t.agrees not in ("yes", "not compared") for result in results for t in result.timed))


def main() -> None:
    options, began = arguments(), time.perf_counter()
    if options.list:
        print("\n".join(row.name for row in rows(options.quick, "")))
        return
    fix_threads(blas=1, xla=min(2, os.cpu_count() or 1))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "training.npz")
        selected = chosen_rows(options, path)
        names = {PLACES[c.place].environment for row in selected for c in row.contenders} | {"numba"}
        versions, missing = prepare(options.environments, names)
        about = [*environment(), "contenders: " + "; ".join(versions.values())]
        about += [f"not installed: {name}: {reason}" for name, reason in missing.items()]
        print("\n".join(about), flush=True)
        with Processes(options.environments, missing) as processes:
            if any(row.name == "training" for row in selected):
                processes.call("noisette, one thread", "training_problem", arguments={"path": path})
            speeds = Speeds(processes)
            results = measured_rows(options.quick, processes, selected, speeds)
            try:
                growth = [] if options.rows else measure_growth(processes, options.quick)
            except Failed as error:
                sys.exit(f"the growth of time and memory cannot be measured: {error}")
    about.append(f"These measurements took {duration(time.perf_counter() - began)}.")
    text = markdown(results, growth, speeds, [f"{entry}  " for entry in about], NOTES)
    content = document(results, growth, speeds, about)
    if options.before:
        lines = differences(content, json.loads(options.before.read_text(encoding="utf-8")))
        text += "\nNoisette before and after:\n\n" + table(("work", "before", "after", "ratio"), lines) + "\n"
    write(options.out, text, content)
    draw(content, options.out / "peers.png")
    print(f"\n{text}\nwritten: {options.out}/peers.md, peers.json, peers.png", flush=True)
    if options.write_readme:
        publish(content, options.rows is not None)
    sys.exit(status(results))


if __name__ == "__main__":
    main()
