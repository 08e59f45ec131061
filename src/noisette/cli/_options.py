"""Options common to several commands."""

from pathlib import Path
from typing import Annotated

import typer

Weights = Annotated[
    str,
    typer.Option(help="FILE (.npy .npz .csv .mat) or preset, as in autapses:10, hopfield:24,7:10, nrooks:20."),
]
Deterministic = Annotated[bool, typer.Option("--deterministic", help="Sign network instead of Boltzmann.")]
Common = Annotated[bool, typer.Option("--common", help="One noise signal shared by all units.")]
ZeroOne = Annotated[bool, typer.Option("--zero-one", help="The weights are for units of {0, 1} instead of ±1.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Out = Annotated[Path | None, typer.Option(help="Folder for data (.nc), figures (.png, .pdf) and configuration.")]
Seed = Annotated[int, typer.Option(help="Seed of the random numbers.", min=0)]
