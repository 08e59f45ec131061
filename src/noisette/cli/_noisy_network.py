"""Networks in scaled noise, for the commands `signal` and `coherence`, and the output of curves against the noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._types import Dataset
from noisette.errors import require

Kind = Annotated[
    str,
    typer.Option("--network", help="Network: boltzmann, sign, rate, or a network of your own, FILE.py:NAME."),
]
OptionalWeights = Annotated[
    str | None, typer.Option(help="Weights of boltzmann, sign and rate: autapses:10, 'matrix:0,10;10,0' … or FILE.")
]
Gain = Annotated[float | None, typer.Option(help="Gain g of the couplings, for rate; by default 1.")]
Process = Annotated[
    str | None, typer.Option("--process", help="Noise that is scaled; by default that of the network, or white:1.")
]
Runs = Annotated[int, typer.Option(help="Number of simulated runs at each strength.", min=2)]
Dt = Annotated[float | None, typer.Option(help="Time step in continuous time; by default chosen automatically.")]
Units = Annotated[str | None, typer.Option(help="Units whose mean is the output, such as 0,1; by default all units.")]


def network_of(kind: str, weights: str | None, gain: float | None, process: str | None, seed: int) -> Any:
    """Return the network described by the options."""
    own = kind not in ("boltzmann", "sign", "rate")
    allowed = "--weights and --gain describe boltzmann, sign and rate networks"
    require(not own or (weights is None and gain is None), f"--network {kind} with other parameters", allowed)
    require(own or weights is not None, "no --weights", "a FILE or a preset such as 'matrix:6'")
    require(gain is None or kind == "rate", f"--gain of a {kind} network", "--network rate")
    parameters: dict[str, Any] = {} if weights is None else {"weights": nz.weights.from_string(weights, seed)}
    network = nz.networks.from_string(kind, **parameters | ({} if gain is None else {"gain": gain}))
    return network if process is None else network.with_noise(nz.noise.from_string(process))


def output_of(units: str | None, size: int) -> np.ndarray | None:
    """Return the weights of the units in the output, the mean of the listed units."""
    if units is None:
        return None
    try:
        chosen = sorted({int(part) for part in units.split(",")})
    except ValueError:
        chosen = []
    valid = len(chosen) > 0 and chosen[0] >= 0 and chosen[-1] < size
    require(valid, f"--units {units!r}", f"a list of units from 0 to {size - 1}")
    return np.isin(np.arange(size), chosen) / len(chosen)


def save(data: Dataset, names: list[str], folder: Path, word: str) -> None:
    """Save the data and a figure with a panel for each of the named variables."""
    nz.studies.save(data, folder / f"{word}.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(3.2 * len(names), 2.8)
        for axes, name in zip(np.atleast_1d(drawing.subplots(1, len(names))), names, strict=True):
            nz.plots.response_curve(axes, data, name)
        nz.plots.save(drawing, folder / word)


def values_of(data: Dataset) -> dict[str, Any]:
    """Return the numbers of a curve for JSON."""
    units = {str(name): data[name].attrs["units"] for name in data.data_vars}
    values = {"noise": data.noise.values} | {str(name): data[name].values for name in data.data_vars}
    return values | {"method": data.attrs["method"], "units": units}


def show(data: Dataset, columns: dict[str, str], title: str) -> None:
    """Print a table with a row for each strength, and standard errors beside simulated values."""
    names = [part for name in columns for part in (name, f"{name}_se") if part in data]
    heads = [columns.get(name, "s.e.") for name in names]
    rows = [[float(r), *(float(data[name][i]) for name in names)] for i, r in enumerate(data.noise.values)]
    _output.show_table(title, ["noise σ", *heads], rows)
