"""Parallel starts: several processes begin at the same time in one new folder and write the same files.

python benchmarks/parallel_starts.py [--rounds 300] [--processes 4] [--commands 0]

In each round, all processes wait for each other, check the same new output folder as the commands do, and write a
result, a figure, and a study into it. Every file must then be complete, and one process must have run the study while
the others were refused by its lock, or found it finished. `--commands` adds rounds in which whole commands are started.
Exit status: the number of failures, at most 1.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

FILES = ("result.nc", "figure.png", "figure.pdf")
COMMAND = ("resonance", "--weights", "nrooks:20", "--noise", "1,2", "--out")


def work(rounds: int, root: Path, barrier: Any, failures: Any) -> None:
    """Take part in all rounds."""
    import xarray as xr

    from noisette import plots
    from noisette.cli import _output
    from noisette.errors import InputError
    from noisette.studies import Study, save

    with plots.style():
        drawing = plots.figure(1, 1)
        drawing.subplots().plot([0, 1])
    data = xr.Dataset({"y": ("x", range(100))})
    study = Study("squares", lambda x: x**2, {"x": [1, 2, 3]})
    for number in range(rounds):
        folder = root / f"{number}" / "new" / "folder"
        barrier.wait()
        try:
            _output.folder(folder)
            save(data, folder / "result.nc")
            plots.save(drawing, folder / "figure")
            try:
                study.run(store=folder / "study")
            except InputError as error:
                if "is in use by process" not in str(error):
                    raise
        except Exception:
            barrier.abort()
            failures.append(f"round {number}: {traceback.format_exc(limit=-1)}")
            return


def check(rounds: int, root: Path) -> list[str]:
    """Return what is wrong with the files of all rounds."""
    from noisette.studies import load, status

    wrong = []
    for number in range(rounds):
        folder = root / f"{number}" / "new" / "folder"
        present = sorted(file.name for file in folder.iterdir())
        if present != sorted((*FILES, "study")):
            wrong.append(f"round {number}: {present}")
            continue
        complete = load(folder / "result.nc").y.sum() == 4950 and status(folder / "study").line().endswith("complete")
        if not complete or not (folder / "figure.pdf").read_bytes().rstrip().endswith(b"%%EOF"):
            wrong.append(f"round {number}: an incomplete file")
    return wrong


def parallel_starts(rounds: int, processes: int) -> list[str]:
    """Return the failures of rounds of parallel starts, one line each."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as place, context.Manager() as manager:
        failures, barrier = manager.list(), context.Barrier(processes)
        arguments = rounds, Path(place), barrier, failures
        workers = [context.Process(target=work, args=arguments) for _ in range(processes)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return list(failures) or check(rounds, Path(place))


def parallel_commands(rounds: int, processes: int) -> list[str]:
    """Return the failures of rounds in which whole commands are started in one new folder."""
    failures = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            line = [sys.executable, "-m", "noisette", *COMMAND, str(Path(place) / "new")]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            started = [subprocess.Popen(line, **quiet) for _ in range(processes)]
            ends = [(process.communicate()[1], process.returncode) for process in started]
            failures += [f"commands, round {number}: {text.decode().strip()}" for text, code in ends if code]
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--commands", type=int, default=0, help="further rounds, of whole commands")
    chosen = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    failures = parallel_starts(chosen.rounds, chosen.processes)
    failures += parallel_commands(chosen.commands, chosen.processes)
    print("\n".join(failures))
    total = chosen.rounds + chosen.commands
    print(f"{len(failures)} failures in {total} rounds of {chosen.processes} parallel starts")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
