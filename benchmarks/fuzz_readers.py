"""Fuzz test of the readers: mutants of small valid files must be read or refused by `InputError`.

    python benchmarks/fuzz_readers.py                      # 2,000 mutants
    python benchmarks/fuzz_readers.py --size 100000 --seed 1
    python benchmarks/fuzz_readers.py --readers weights networks --only 17 203    # two mutants again, with tracebacks

Mutant n of a seed is always the same. Each reader is called in another process, which is started again when it ends.
Violations are: the process ends ("crash"); a mutant takes more than 5 s of CPU time or a minute ("hang"); an object is
unpickled ("unpickled"); an exception is raised that is not an `InputError`, or has a message of several lines. The exit
status is 1 if there is any violation.
"""

import argparse
import contextlib
import faulthandler
import io
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

SECONDS = 5  # CPU time of a mutant
WALL = 60  # time of a mutant on the clock, for readers that wait for another process
START = 600  # time to start a process, on the clock
SHOWN = 40  # violations printed per reader
READERS = ("weights", "hdf5", "networks", "studies", "stores", "results")
SHARES = {"weights": 400, "hdf5": 2, "networks": 200, "studies": 200, "stores": 100, "results": 100}


class Worker:
    """Calls readers with mutants, in this process."""

    def __init__(self, readers: list[str], seed: int):
        import _fuzz_files as files

        self.files, self.seed, self.readers = files, seed, readers
        self.folder = Path(tempfile.mkdtemp(prefix="fuzz"))
        makers = {
            **{"weights": files.weights_files, "hdf5": files.hdf5_files, "networks": files.network_files},
            **{"studies": files.study_files, "stores": files.store_files, "results": files.result_files},
        }
        self.valid: dict[str, list[tuple[Path, bytes]]] = {}
        for reader in readers:
            folder = self.folder / reader
            folder.mkdir()
            self.valid[reader] = [(path, path.read_bytes()) for path in makers[reader](folder)]
        self.unpickled = False
        self.reading = False
        sys.addaudithook(self.audit)

    def audit(self, event: str, arguments: object) -> None:
        """Note that an object of a mutant is unpickled."""
        if event == "pickle.find_class" and self.reading:
            self.unpickled = True

    def calls(self, reader: str, path: Path) -> list[Callable[[], object]]:
        """Return the calls that read a mutant."""
        import noisette as nz
        from noisette.cli.listing import cite
        from noisette.study_files import read_study

        store = self.folder / "stores" / "store"
        return {
            "weights": [lambda: nz.weights.load(path), lambda: nz.weights.load(f"{path}:w")],
            "hdf5": [lambda: nz.studies.load(path) if path.suffix == ".nc" else nz.weights.load(f"{path}:s")],
            "networks": [lambda: nz.training.load(path), lambda: nz.training.extras(path)],
            "studies": [lambda: read_study(path)],
            "stores": [
                lambda: nz.studies.status(store),
                lambda: nz.studies.failures(store),
                lambda: nz.studies.open_store(store),
            ],
            "results": [lambda: nz.studies.load(path), lambda: cite(path)],
        }[reader]

    def check(self, number: int, verbose: bool = False) -> tuple[str, str]:
        """Return the reader of a mutant and its violations, joined by semicolons."""
        chance = random.Random(f"{self.seed} {number}")
        reader = chance.choices(self.readers, [SHARES[name] for name in self.readers])[0]
        path, content = chance.choice(self.valid[reader])
        _, other = chance.choice(self.valid[reader])
        if path.suffix in (".toml", ".json", ".csv", ".tsv", ".txt", ".graphml") and chance.random() < 0.7:
            mutant = self.files.mutated_text(content.decode("utf-8"), chance).encode("utf-8", "replace")
        else:
            mutant = self.files.mutated(content, other, chance)
        target = path if reader == "stores" else self.folder / f"mutant{path.suffix}"
        target.write_bytes(mutant)
        violations = [self.violation(call, verbose) for call in self.calls(reader, target)]
        if reader == "stores":
            path.write_bytes(content)
        return reader, "; ".join(f"{path.name}: {text}" for text in dict.fromkeys(violations) if text)

    def violation(self, call: Callable[[], object], verbose: bool) -> str:
        """Return how a call violates the rules; empty if it does not."""
        from noisette.errors import InputError

        self.unpickled, self.reading = False, True
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
                call()
        except InputError as error:
            if "\n" in str(error):
                return f"several lines: {str(error)[:200]!r}"
        except BaseException as error:  # this is what is tested
            if isinstance(error, KeyboardInterrupt):
                raise
            if verbose:
                traceback.print_exc()
            place = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in place if "noisette" in frame.filename and "fuzz_readers" not in frame.filename]
            where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
            return f"{type(error).__name__} at {where}: {' '.join(str(error).split())[:120]}"
        finally:
            self.reading = False
        return "unpickled" if self.unpickled else ""


def work(readers: list[str], seed: int, first: int, stop: int) -> None:
    """Check mutants, and write a line of JSON before and after each of them."""
    protocol = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print does not disturb the protocol
    worker = Worker(readers, seed)
    try:
        for number in range(first, stop):
            protocol.write(json.dumps({"number": number}) + "\n")
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
            reader, violations = worker.check(number)
            signal.setitimer(signal.ITIMER_PROF, 0)
            protocol.write(json.dumps({"number": number, "reader": reader, "violations": violations}) + "\n")
    finally:
        shutil.rmtree(worker.folder, ignore_errors=True)


def read_line(stream: io.BufferedReader, seconds: float) -> dict | None:
    """Return the next line of a worker; an empty mapping if it has ended, None if it takes too long."""
    ready, _, _ = select.select([stream], [], [], seconds)
    if not ready:
        return None
    line = stream.readline()
    return json.loads(line) if line.endswith(b"\n") else {}


def supervise(readers: list[str], seed: int, size: int, report: Callable[[int, str, str], None]) -> None:
    """Check mutants in other processes, which are started again when they end."""
    number = 0
    while number < size:
        temporary = tempfile.mkdtemp(prefix="fuzz")  # also removed when the process ends early
        command = [
            sys.executable,
            __file__,
            "--work",
            str(number),
            str(size),
            "--seed",
            str(seed),
            "--readers",
            *readers,
        ]
        environment = os.environ | {"TMPDIR": temporary}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env=environment
        ) as process:
            assert process.stdout is not None
            begun, limit = number, START
            while True:
                line = read_line(process.stdout, limit)
                if line and "violations" in line:
                    report(line["number"], line["reader"], line["violations"])
                    number = line["number"] + 1
                elif line:
                    begun, limit = line["number"], WALL
                else:
                    break
            if line is None:
                process.kill()
            process.wait()
        shutil.rmtree(temporary, ignore_errors=True)
        if number < size:
            hang = line is None or process.returncode == -signal.SIGPROF
            report(begun, "hang" if hang else "crash", f"the process ended with code {process.returncode}")
            number = begun + 1


def main() -> int:
    """Run the fuzz test, and print a table of the readers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, help="number of mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--readers", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--only", nargs="+", type=int, help="numbers of mutants to repeat, with tracebacks")
    parser.add_argument("--work", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.readers, options.seed, *options.work)
        return 0
    if options.only:
        worker = Worker(options.readers, options.seed)
        for number in options.only:
            faulthandler.dump_traceback_later(2 * SECONDS, exit=True)
            print(number, *worker.check(number, verbose=True), flush=True)
            faulthandler.cancel_dump_traceback_later()
        shutil.rmtree(worker.folder)
        return 0
    counts: Counter[str] = Counter()
    violations: Counter[str] = Counter()
    started = time.monotonic()

    def report(number: int, reader: str, text: str) -> None:
        counts[reader] += 1
        if text:
            violations[reader] += 1
            if violations[reader] <= SHOWN:
                print(f"mutant {number} ({reader}): {text}", flush=True)

    with contextlib.suppress(KeyboardInterrupt):  # then the mutants so far are reported
        supervise(options.readers, options.seed, options.size, report)
    for reader in sorted(counts):
        print(f"{reader:10s}{counts[reader]:8d} mutants, {violations[reader]:5d} violations")
    print(f"{counts.total()} mutants of seed {options.seed} in {time.monotonic() - started:.0f} s: ", end="")
    print(f"{violations.total()} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
