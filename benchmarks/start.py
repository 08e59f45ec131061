"""Time and imports of `noisette --help` for all commands, and of `import noisette`.

The target is 0.7 s for each on an idle machine. Seconds of processor time are printed, too, since they do not depend on
what else the machine does.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

from _harness import table

TARGET = 0.7  # seconds


def measured(arguments: list[str], rounds: int) -> tuple[float, float]:
    """Return the medians of elapsed time and processor time of a Python process, in seconds."""
    elapsed, used = [], []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        elapsed.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(elapsed), statistics.median(used)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    from noisette.cli._app import COMMANDS

    lines = [[], *([name] for name in COMMANDS)]
    jobs = {" ".join(["noisette", *line, "--help"]): ["-m", "noisette", *line, "--help"] for line in lines}
    jobs["import noisette"] = ["-c", "import noisette"]
    rows = []
    for name, arguments in jobs.items():
        measured(arguments, 1)  # fill the cache of the file system
        elapsed, used = measured(arguments, rounds)
        rows.append((f"`{name}`", f"{elapsed:.2f} s", f"{used:.2f} s", "yes" if elapsed < TARGET else "no"))
    print(f"load at the start {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print(table(("command", "time", "processor time", f"below {TARGET:g} s"), rows))


if __name__ == "__main__":
    main()
