"""Time of the first and of the second start of commands, of `noisette --help` for all commands, and of the import.

A first start has an empty cache of compiled programs; in a second start the programs are read from it. The training has
one trial, so that its time is an upper bound of the time until the first trial begins. Times depend on what else the
machine does; the seconds of processor time that are printed, too, depend on it less.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _harness import table

HELP, IMPORT = 0.7, 0.5  # targets, in seconds
STARTS = {  # commands, and the targets of their second starts
    "resonance --weights gaussian:5 --noise 0:50:1": 2.5,
    "chaos --weights gaussian:200 --gain 1,4 --networks 1 --duration 20 --discard 10": 3.0,
    "train dms --networks 1 --max-trials 1 --json": 3.0,
}


def measured(arguments: list[str], cache: Path) -> tuple[float, float]:
    """Return elapsed time and processor time of a Python process in an empty folder, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "NOISETTE_CACHE": str(cache)}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        elapsed = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(name: str, arguments: list[str], target: float, rounds: int) -> tuple[str, ...]:
    """Return a row of the table: the first start, and medians of later starts."""
    with tempfile.TemporaryDirectory() as cache:
        first, _ = measured(arguments, Path(cache))
        times = [measured(arguments, Path(cache)) for _ in range(rounds)]
    elapsed, used = map(statistics.median, zip(*times, strict=True))
    seconds = [f"{value:.2f} s" for value in (first, elapsed, used)]
    return f"`{name}`", *seconds, f"{target:g} s", "yes" if elapsed < target else "no"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-help", action="store_true", help="omit `noisette --help`")
    options = parser.parse_args()
    from noisette.cli._app import COMMANDS

    jobs = [(f"noisette {line}", ["-m", "noisette", *line.split()], target) for line, target in STARTS.items()]
    jobs.append(("import noisette", ["-c", "import noisette"], IMPORT))
    for line in [] if options.no_help else [[], *([name] for name in COMMANDS)]:
        jobs.append((" ".join(["noisette", *line, "--help"]), ["-m", "noisette", *line, "--help"], HELP))
    print(f"load at the start {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    rows = [row(*job, options.rounds) for job in jobs]
    print(table(("command", "first start", "second start", "processor time", "target", "met"), rows))


if __name__ == "__main__":
    main()
