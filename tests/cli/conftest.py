import json
import shlex
import sys
from typing import NamedTuple

import pytest

from noisette.cli import main


class Outcome(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def noisette(monkeypatch, capsys):
    """Return a function that runs a command line: noisette("attractors --weights nrooks:20") → Outcome."""

    def run(line: str, *more: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["noisette", *shlex.split(line), *more])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return run
