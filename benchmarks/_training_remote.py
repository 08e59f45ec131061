"""PyTorch in a process of its own, asked and answered through pipes."""

import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

SCRIPT = Path(__file__).with_name("_training_torch.py")


class Remote:
    """A server of `_training_torch.py`; it ends with the `with` block.

    Parameters
    ----------
    python : an interpreter that has torch
    """

    def __init__(self, python: Path) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([str(python), "-W", "ignore", str(SCRIPT)], stdin=pipe, stdout=pipe)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to, self.back = self.process.stdin, self.process.stdout

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self.to.close()
        self.process.wait(timeout=60)

    def ask(self, what: str, *arguments: Any) -> Any:
        """Return the answer to one question."""
        try:
            pickle.dump((what, arguments), self.to)
            self.to.flush()
            return pickle.load(self.back)
        except (EOFError, BrokenPipeError) as error:
            raise SystemExit("the interpreter of --torch ended; what it wrote is above") from error


def sent(values: Any) -> tuple[tuple[int, ...], bytes]:
    """Return an array as it goes through the pipe."""
    array = np.ascontiguousarray(values, np.float32)
    return array.shape, array.tobytes()


def received(answer: tuple[tuple[int, ...], bytes]) -> np.ndarray:
    """Return an array as it came through the pipe."""
    shape, values = answer
    return np.frombuffer(values, np.float32).reshape(shape)
