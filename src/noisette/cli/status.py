"""`noisette status`: how far a study is, and what failed in it."""

from pathlib import Path
from typing import Annotated

import typer

from noisette.cli import _output
from noisette.cli._options import Json
from noisette.studies import failures, status


def command(
    store: Annotated[Path, typer.Argument(help="Folder that `noisette run` made.")],
    json: Json = False,
) -> None:
    """Say how far a study is: done, running or interrupted, failed, time left.

    Example: noisette status noisette-out/onset
    """
    found, lost = status(store), failures(store)
    if json:
        _output.show_json(
            {
                "name": found.name,
                "tasks": found.tasks,
                "done": found.done,
                "failed": found.failed,
                "running": found.running,
                "owner": found.owner and {name: found.owner[name] for name in ("host", "pid", "since")},
                "seconds_left": found.seconds_left if found.running else None,
                "failures": [one.line() for one in lost],
            }
        )
        return
    print(found.line())
    if found.owner is not None:
        print(f"process {found.owner['pid']} on {found.owner['host']}, since {found.owner['since']}")
    for one in lost:
        print(f"failed: {one.line()}")
