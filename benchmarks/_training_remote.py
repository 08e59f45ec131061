"""PyTorch in a separate process, with requests and answers through pipes."""

import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

SCRIPT = Path(__file__).with_name("_training_torch.py")


class Remote:
    """Process that runs `_training_torch.py`; it ends with the `with` block.

    Parameters
    ----------
    python : path of an interpreter in which torch is installed
    """

    def __init__(self, python: Path) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([str(python), "-W", "ignore", str(SCRIPT)], stdin=pipe, stdout=pipe)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests, self.answers = self.process.stdin, self.process.stdout

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self.requests.close()
        self.process.wait(timeout=60)

    def call(self, method: str, *arguments: Any) -> Any:
        """Return the result of a method of the server."""
        try:
            pickle.dump((method, arguments), self.requests)
            self.requests.flush()
            return pickle.load(self.answers)
        except (EOFError, BrokenPipeError) as error:
            raise SystemExit("the interpreter given by --torch stopped; its output is above") from error


def encoded(values: Any) -> tuple[tuple[int, ...], bytes]:
    """Return an array as shape and bytes."""
    array = np.ascontiguousarray(values, np.float32)
    return array.shape, array.tobytes()


def decoded(answer: tuple[tuple[int, ...], bytes]) -> np.ndarray:
    """Return an array from shape and bytes."""
    shape, values = answer
    return np.frombuffer(values, np.float32).reshape(shape)
