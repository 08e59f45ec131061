"""`noisette train`: training of an ensemble of networks on a task, with noise."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Seed, StepNoises
from noisette.cli._tasks import step_noise_from, task_from

LINE = ("network", "success", "trials", "loss", "accuracy", "tau_excitatory", "tau_inhibitory", "file")
TABLE = ("network", "status", "trials", "loss", "accuracy", "tau_excitatory", "tau_inhibitory", "file")


def command(
    task: Annotated[
        str, typer.Argument(help="Task: dms, afc, ctx, go-nogo, xor, function, path, or MODULE:CLASS of your own.")
    ],
    noise_channels: Annotated[int, typer.Option(help="Number C of noise channels with trainable weights.", min=0)] = 0,
    networks: Annotated[int, typer.Option(help="Number of networks.", min=1)] = 4,
    out: Annotated[Path, typer.Option(help="Folder for networks and checkpoints.")] = Path("noisette-out/networks"),
    delay: Annotated[float | None, typer.Option(help="Delay in ms, for tasks with a delay.")] = None,
    inputs: Annotated[
        int | None, typer.Option(help="Input channels of DMS and XOR: 2, one per stimulus, or 1 for both stimuli.")
    ] = None,
    max_trials: Annotated[
        int, typer.Option(help="Largest number of trials for the training of a network.", min=1)
    ] = 20_000,
    least_trials: Annotated[
        int | None,
        typer.Option(help="Trials before which no test is passed; as published by default (go-nogo 1500).", min=0),
    ] = None,
    size: Annotated[int, typer.Option(help="Number of units N.", min=2)] = 200,
    step_noise: StepNoises = None,
    score: Annotated[str, typer.Option(help="Criterion for a correct trial: threshold or strict.")] = "threshold",
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(help="Number of processes; one per core is best.", min=1)] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the training in the folder --out.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print only JSON lines, without the final table.")] = False,
) -> None:
    """Train networks of excitatory and inhibitory units on a task by the published protocol.

    Two ensembles with the same seed are paired: with 0 and with 10 noise channels, network n starts from
    the same weights and is trained on the same stimuli. Compare them as pairs, or use different seeds.

    Each network is printed as a JSON line on standard output when its training ends.
    After an interruption, --resume continues the training with identical results.

    Example: noisette train dms --noise-channels 10 --delay 50 --workers 2 --out networks
    """
    training_task = task_from(task, delay=delay, inputs=inputs)
    changes = {} if least_trials is None else {"least_trials": least_trials}
    protocol = nz.training.published_protocol(training_task, max_trials=max_trials, score=score, **changes)
    folder = _output.folder(out)
    with _output.warnings_in_one_line(), nz.studies.Progress(task) as progress:
        options = nz.training.TrainingOptions(
            resume=resume, on_end=_print_network, on_progress=lambda ensemble: ensemble.show(task, progress.update)
        )
        trained = nz.training.train(
            training_task,
            networks,
            draw=nz.training.initial_networks(
                training_task, size, noise_channels=noise_channels, step_noise=step_noise_from(step_noise or [])
            ),
            protocol=protocol,
            key=seed,
            folder=folder,
            workers=workers,
            options=options,
        )
    if not json:
        _print_table(task, trained)
    diverged = [str(network.index) for network in trained if network.status == "diverged"]
    if diverged:
        print(
            f"noisette: network {', '.join(diverged)} diverged; saved in the state at the last test before",
            file=sys.stderr,
        )


def _print_network(trained: nz.training.Trained) -> None:
    row = trained.row()
    _output.show_json({name: row[name] for name in LINE})
    sys.stdout.flush()


def _print_table(task: str, trained: list[nz.training.Trained]) -> None:
    rows: list[dict[str, Any]] = [network.row() for network in trained]
    successes = sum(row["success"] for row in rows)
    title = f"{task}: {successes} of {len(rows)} trained; time constants in ms"
    _output.show_table(title, TABLE, [[row[name] for name in TABLE] for row in rows], error=True)
