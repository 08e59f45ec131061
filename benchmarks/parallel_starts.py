"""Parallel starts: several processes begin at the same time in one new folder and write the same files.

python benchmarks/parallel_starts.py [--rounds 300] [--processes 4] [--commands 0]

In each round, all processes wait for each other, check the same new output folder as the commands do, and write a
result, a study and, in every tenth round, a figure into it. Every file must then be complete, and one process must have
run the study while the others were refused by its lock, or found it finished. `--commands` adds rounds in which whole
commands are started.
Exit status: 1 if there were failures, 0 otherwise.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any

EVERY = 10  # rounds, of which one also saves a figure, which takes longest
END = {"figure.png": b"IEND\xaeB`\x82", "figure.pdf": b"%%EOF"}
FIGURES = tuple(END)
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
        try:
            barrier.wait()
            _output.folder(folder)
            save(data, folder / "result.nc")
            if number % EVERY == 0:
                plots.save(drawing, folder / "figure")
            try:
                study.run(store=folder / "study")
            except InputError as error:
                if "is in use by process" not in str(error):
                    raise
        except threading.BrokenBarrierError:  # another process failed
            return
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
        figures = FIGURES if number % EVERY == 0 else ()
        if present != sorted(("result.nc", "study", *figures)):
            wrong.append(f"round {number}: {present}")
            continue
        complete = load(folder / "result.nc").y.sum() == 4950 and status(folder / "study").line().endswith("complete")
        if not complete or not all((folder / name).read_bytes().rstrip().endswith(END[name]) for name in figures):
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
