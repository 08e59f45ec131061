"""`noisette conditional-entropy`: conditional entropy of the next state as a function of noise strength."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Common, Deterministic, Json, Out, Seed, Weights, ZeroOne
from noisette.cli._types import Dataset, Method


def command(
    weights: Weights,
    noise: Annotated[
        str | None,
        typer.Option(
            help="Noise strengths r: a range 0:50:1 (end included) or a list 0,4,50. By default multiples of the root "
            "mean square field of the units."
        ),
    ] = None,
    steps: Annotated[int, typer.Option(help="Number of steps N_T of each run.")] = 10_000,
    start: Annotated[int, typer.Option(help="Integer code of the initial state.", min=0)] = 0,
    method: Annotated[
        Method, typer.Option(help="Method: auto (exact up to 16 units, simulated beyond), exact or simulated.")
    ] = "auto",
    runs: Annotated[int, typer.Option(help="Number of simulated runs at each strength.")] = 8,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Conditional entropy of the next state given the present state, for networks of any size.

    Example: noisette conditional-entropy --weights gaussian:60 --noise 0,1,2
    """
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, seed=seed)
    grid = nz.analysis.default_strengths(network) if noise is None else _input.numbers(noise, "noise")
    initial = _input.state(start, network.size)
    folder = _output.folder(out)
    with nz.studies.Progress("conditional entropy") as progress:
        data = nz.analysis.conditional_entropy(
            network, grid, steps, initial, method, runs=runs, key=seed, progress=progress
        )
    if folder is not None:
        _save(data, weights, folder)
    if json:
        names = ("noise", "conditional_entropy", "conditional_entropy_se")
        values = {name: data[name].values for name in names}
        attrs = {name: data.attrs[name] for name in ("method", "reason", "alternative")}
        _output.show_json(values | {"units": "bit"} | attrs)
    else:
        _print(data, weights, folder)


def _print(data: Dataset, weights: str, folder: Path | None) -> None:
    columns = (data.noise, data.conditional_entropy, data.conditional_entropy_se)
    rows = [[float(value) for value in row] for row in zip(*(column.values for column in columns), strict=True)]
    _output.show_table(f"{weights}: {data.attrs['method']}, in bits", ["noise r", "H(s'|s)", "s.e."], rows)
    print(f"Method: {data.attrs['reason']} {data.attrs['alternative']}")
    if folder is not None:
        print(f"saved in {folder}")


def _save(data: Dataset, weights: str, folder: Path) -> None:
    nz.studies.save(data.assign_attrs(weights=weights), folder / "conditional_entropy.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(4.6, 3.2)
        axes = drawing.subplots()
        errors = data.conditional_entropy_se if data.attrs["method"] == "simulated" else None
        axes.errorbar(data.noise, data.conditional_entropy, errors, fmt="o" if errors is not None else "-", ms=2.5)
        axes.set_xlabel("noise strength $r$")
        axes.set_ylabel("conditional entropy $H(s'|s)$ (bit)")
        axes.set_title(f"{Path(weights).name}, {data.attrs['method']}")
        nz.plots.save(drawing, folder / "conditional_entropy")
