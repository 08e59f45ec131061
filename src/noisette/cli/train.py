"""`noisette train`: networks trained on a task, in noise, many at once, resumable."""

import functools
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from noisette.cli import _output
from noisette.cli._options import Seed
from noisette.cli._tasks import task_from
from noisette.networks import TaskNetwork
from noisette.studies import Progress
from noisette.training import Trained, published_protocol, train

LINE = ("network", "success", "trials", "loss", "accuracy", "tau_excitatory", "tau_inhibitory", "file")
TABLE = ("network", "status", "trials", "loss", "accuracy", "tau_excitatory", "tau_inhibitory", "file")


def command(
    task: Annotated[str, typer.Argument(help="dms, afc, ctx, go-nogo, xor, or MODULE:CLASS of a task of your own.")],
    noise_channels: Annotated[int, typer.Option(help="Noise channels C with trainable weights.", min=0)] = 0,
    networks: Annotated[int, typer.Option(help="How many networks.", min=1)] = 4,
    out: Annotated[Path, typer.Option(help="Folder for networks and checkpoints.")] = Path("noisette-out/networks"),
    delay: Annotated[float | None, typer.Option(help="Delay in ms, for tasks that have one.")] = None,
    inputs: Annotated[
        int | None, typer.Option(help="Input channels: 2, a stimulus on each, or 1, both on one (DMS, XOR).")
    ] = None,
    max_trials: Annotated[int, typer.Option(help="Trials after which a network has failed.", min=1)] = 20_000,
    least_trials: Annotated[
        int | None, typer.Option(help="No success before so many trials; as published if none: go-nogo 1500.", min=0)
    ] = None,
    size: Annotated[int, typer.Option(help="Units N.", min=2)] = 200,
    score: Annotated[str, typer.Option(help="How a trial counts as correct: threshold or strict.")] = "threshold",
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes; one a core is best.", min=1)] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training in the folder.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Only JSON lines, no table at the end.")] = False,
) -> None:
    """Train networks of excitatory and inhibitory units on a task, to the published protocol.

    Two trainings of one seed are paired: with 0 and with 10 noise channels network n starts from
    the same weights and sees the same stimuli. Compare them as pairs, or give each a --seed of its own.

    Each network that has ended is a JSON line on standard output.
    Kill it and run it again with --resume: it goes on as if nothing had happened.

    Example: noisette train dms --noise-channels 10 --delay 50 --workers 2 --out networks
    """
    made = task_from(task, delay=delay, inputs=inputs)
    changes = {} if least_trials is None else {"least_trials": least_trials}
    protocol = published_protocol(made, max_trials=max_trials, score=score, **changes)
    folder = _output.folder(out)
    initial = functools.partial(
        TaskNetwork.random,
        size,
        channels=made.channels,
        outputs=made.outputs,
        dt=made.dt,
        noise_channels=noise_channels,
    )
    with Progress(task) as progress:
        found = train(
            made,
            networks,
            initial=initial,
            protocol=protocol,
            seed=seed,
            out=folder,
            resume=resume,
            workers=workers,
            finished=_say,
            progress=lambda standing: standing.show(task, progress.say),
        )
    if not json:
        _table(task, found)
    lost = [str(one.index) for one in found if one.status == "diverged"]
    if lost:
        print(
            f"noisette: network {', '.join(lost)} diverged; its file holds it as it was at the test before",
            file=sys.stderr,
        )


def _say(trained: Trained) -> None:
    row = trained.row()
    _output.show_json({name: row[name] for name in LINE})
    sys.stdout.flush()


def _table(task: str, found: list[Trained]) -> None:
    rows: list[dict[str, Any]] = [one.row() for one in found]
    good = sum(row["success"] for row in rows)
    title = f"{task}: {good} of {len(rows)} trained; time constants in ms"
    _output.show_table(title, TABLE, [[row[name] for name in TABLE] for row in rows], error=True)
