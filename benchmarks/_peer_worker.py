"""Workers: one process per contender, with requests and answers as lines of JSON; imports the standard library only.

A request names a job and its arguments, and a number of steps and a seed; the answer is the time of the steps in
seconds, or, if `check` is set, the values by which contenders are compared.
"""

import ctypes
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TextIO

Values = dict[str, list[float]]  # names: value, standard error


class Work(NamedTuple):
    """A job with fixed arguments: `run` takes a number of steps and a seed, `check` returns values of its result.

    `progress`, if there is one, lists (steps done, time) during the latest run, from which the time of a step is taken.
    """

    run: Callable[[int, int], Any]
    check: Callable[[Any], Values]
    progress: list[tuple[int, float]] | None = None


Jobs = dict[str, Callable[..., Work]]


class Failed(RuntimeError):
    """A worker that has stopped, exceeded its time, or raised an exception."""


def serve(jobs: Jobs, requests: Iterable[str] | None = None, answers: TextIO | None = None) -> None:
    """Answer requests until there are no more; only the most recent job is kept in memory."""
    requests, answers = requests or sys.stdin, answers or sys.stdout
    sys.stdout = sys.stderr  # other output must not be mixed with the answers
    made: dict[str, Work] = {}
    for line in requests:
        request = json.loads(line)
        try:
            answer = _answer(jobs, made, request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(jobs: Jobs, made: dict[str, Work], request: dict) -> dict:
    key = json.dumps([request["job"], request.get("arguments", {})], sort_keys=True)
    began = time.perf_counter()
    if key not in made:
        made.clear()
        made[key] = jobs[request["job"]](**request.get("arguments", {}))
    work, steps, seed = made[key], request.get("steps", 1), request.get("seed", 0)
    if request.get("check"):
        return {"values": work.check(work.run(steps, seed))}
    if request.get("memory"):
        return {"bytes": peak_memory(lambda: work.run(steps, seed))}
    began = began if request.get("first") else time.perf_counter()  # a first call includes the preparation
    if work.progress is not None:
        work.progress.clear()
    work.run(steps, seed)
    answer = {"seconds": time.perf_counter() - began}
    if work.progress is not None and len(work.progress) > 1:
        (early, first), (late, last) = work.progress[0], work.progress[-1]
        answer["each"] = (last - first) / (late - early)
    return answer


def peak_memory(action: Callable[[], object]) -> float | None:
    """Return the peak memory of an action in bytes, beyond that of the idle process; None where it is not measured."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak is measured from now on
        before = _status("VmRSS")
        action()
        return max(0.0, _status("VmHWM") - before)
    except (OSError, AttributeError, KeyError):
        return None


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024.0 * float(dict(line.split(":", 1) for line in lines)[name].split()[0])


class Worker:
    """A process that answers requests; it ends with the `with` block.

    Parameters
    ----------
    python : interpreter
    script : program that calls `serve`
    environment : additional environment variables
    """

    def __init__(self, python: Path | str, script: Path, environment: dict[str, str] | None = None) -> None:
        self.script = script
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONPATH" or str(python) == sys.executable}
        self.process = subprocess.Popen(
            [str(python), "-W", "ignore", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=inherited | (environment or {}),
            bufsize=0,
        )
        self.rest = b""

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def call(self, job: str, limit: float = 300.0, **request: Any) -> dict:
        """Return the answer to a request; a worker that does not answer within the limit in seconds is ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write((json.dumps({"job": job, **request}) + "\n").encode())
            answer = json.loads(self._line(time.monotonic() + limit))
        except BrokenPipeError as error:
            raise Failed("the process has ended") from error
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def _line(self, end: float) -> bytes:
        assert self.process.stdout is not None
        while b"\n" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.close()
                raise Failed("no answer within the limit of time")
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                raise Failed("the process has ended")
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return line
