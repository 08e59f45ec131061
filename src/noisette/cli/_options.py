"""Options common to several commands."""

from pathlib import Path
from typing import Annotated

import typer

Weights = Annotated[
    str,
    typer.Option(
        help="Weights: autapses:10, hopfield:24,7:10, nrooks:20, 'matrix:0,10;10,0' … or FILE (.npy .npz .csv .tsv "
        ".txt .mat .graphml)."
    ),
]
Activation = Annotated[
    str,
    typer.Option(
        help="Activation: tanh, sigmoid, erf, linear, relu, threshold:θ, power:p, pade:α,β, "
        "'formula:x/(1+abs(x))' or smoothed:σ,ACTIVATION."
    ),
]
Deterministic = Annotated[
    bool, typer.Option("--deterministic", help="Use deterministic sign units, not Boltzmann units.")
]
Common = Annotated[bool, typer.Option("--common", help="Use one noise signal for all units.")]
ZeroOne = Annotated[bool, typer.Option("--zero-one", help="The weights are defined for states 0 and 1, not ±1.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder for data (.nc, with the configuration) and figures (.png, .pdf).")
]
StepNoises = Annotated[
    list[str] | None,
    typer.Option(
        "--step-noise",
        metavar="PLACE:σ",
        help="Noise in every step inside the activation, or on rate, synapses or readout, such as activation:0.5; may "
        "be repeated.",
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of the random number generator.", min=0)]
