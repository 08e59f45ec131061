"""`noisette status`: progress and failures of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Json


def command(
    store: Annotated[Path, typer.Argument(help="Folder of the study, created by `noisette run`.")],
    json: Json = False,
) -> None:
    """Report the progress of a study: finished and failed tasks, whether it is running, and the time left.

    Example: noisette status noisette-out/onset
    """
    state, failed = nz.studies.status(store), nz.studies.failures(store)
    if json:
        _output.show_json(
            {
                "name": state.name,
                "tasks": state.tasks,
                "done": state.done,
                "failed": state.failed,
                "running": state.running,
                "owner": state.owner and {name: state.owner[name] for name in ("host", "pid", "since")},
                "seconds_left": state.seconds_left if state.running else None,
                "failures": [failure.line() for failure in failed],
            }
        )
        return
    print(state.line())
    if state.owner is not None:
        print(f"process {state.owner['pid']} on {state.owner['host']}, since {state.owner['since']}")
    for failure in failed:
        print(f"failed: {failure.line()}")
