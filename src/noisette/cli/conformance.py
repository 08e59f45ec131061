"""`noisette conformance`: tests of the noise of another program against what its σ claims."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Json, Seed
from noisette.cli._types import Dataset, Integrator
from noisette.errors import require
from noisette.imports import import_object

CLAIMS = ("sigma", "tau", "dt", "convention", "integrator", "capacitance")


def command(
    step: Annotated[
        str,
        typer.Argument(
            help="FILE.py:NAME or MODULE:NAME of a function step(x, dt, rng), step(x, dt, key) of JAX, or "
            "simulate(duration, dt, seed, units)."
        ),
    ],
    sigma: Annotated[float | None, typer.Option(help="Claimed strength; or SIGMA in the file.")] = None,
    tau: Annotated[float | None, typer.Option(help="Time constant of the units; or TAU in the file.")] = None,
    dt: Annotated[float | None, typer.Option(help="Time step, in the unit of --tau; or DT in the file.")] = None,
    convention: Annotated[
        str | None,
        typer.Option(
            help="Meaning of sigma: ito (default), stationary, step, or a program; or CONVENTION in the file."
        ),
    ] = None,
    integrator: Annotated[
        Integrator | None,
        typer.Option(help="Integrator: euler (default), heun, exponential, exact, or held; or INTEGRATOR in the file."),
    ] = None,
    capacitance: Annotated[
        float | None, typer.Option(help="Membrane capacitance for noise currents; or CAPACITANCE in the file.")
    ] = None,
    not_gaussian: Annotated[
        bool, typer.Option("--not-gaussian", help="The noise is not claimed to be normal.")
    ] = False,
    units: Annotated[int, typer.Option(help="Number of units.", min=1)] = 16,
    duration: Annotated[float | None, typer.Option(help="Duration of a trial; 400 tau by default.")] = None,
    level: Annotated[float, typer.Option(help="Probability of a false alarm in any of the tests.")] = 0.01,
    seed: Seed = 0,
    json: Json = False,
    out: Annotated[Path | None, typer.Option(help="Folder for data (.nc, with the configuration).")] = None,
) -> None:
    """Test the noise of another program: variance, memory, dt against dt/2, independence and distribution.

    The function simulates isolated leaky units, dx = −x/τ dt + noise. The exit status is 1 if a test fails.

    Example: noisette conformance model.py:step --sigma 0.5 --tau 10 --dt 0.5
    """
    folder = _output.folder(out)
    function = import_object(step, "function")
    claimed = _claims(step, sigma, tau, dt, convention, integrator, capacitance)
    data = nz.noise.conformance(
        function, **claimed, gaussian=not not_gaussian, units=units, duration=duration, level=level, key=seed
    )
    if folder is not None:
        nz.studies.save(data, folder / "conformance.nc")
    if json:
        values = {str(name): data[name].values for name in ("test", *data.data_vars)}
        attrs = {name: data.attrs[name] for name in ("failed", "level", "correction", "agrees_with", "sigma_ito")}
        _output.show_json(values | attrs)
    else:
        _print(data, step, claimed, folder)
    if data.attrs["failed"]:
        raise typer.Exit(1)


def _claims(step: str, *options: Any) -> dict[str, Any]:
    """Return the claimed parameters: those of the options, or else constants of the file in capitals."""
    constants = import_object(f"{step.rpartition(':')[0]}:__dict__", "file")
    values = {
        name: constants.get(name.upper()) if option is None else option
        for name, option in zip(CLAIMS, options, strict=True)
    }
    for name in ("sigma", "tau", "dt"):
        require(values[name] is not None, f"no {name}", f"an option --{name}, or {name.upper()} = … in the file")
    return {name: value for name, value in values.items() if value is not None}


def _print(data: Dataset, step: str, claimed: dict[str, Any], folder: Path | None) -> None:
    columns = ["test", "expected", "measured", "s.e.", "z", "p (Holm)", "verdict"]
    names = ("expected", "measured", "se", "z", "p_adjusted")
    rows = [
        [
            str(test),
            *(_number(float(data[name].sel(test=test))) for name in names),
            str(data.verdict.sel(test=test).item()),
        ]
        for test in data.test.values
    ]
    claim = ", ".join(f"{name} {value}" for name, value in claimed.items())
    _output.show_table(f"{step}: {claim}", columns, rows)
    tests = int((data.verdict != "not applicable").sum())
    print(
        f"{data.attrs['failed']} of {tests} tests fail; a correct program fails any with probability "
        f"{data.attrs['level']:g} at most (Holm)."
    )
    agrees = data.attrs["agrees_with"] or "no convention"
    print(f"The step variance agrees with sigma in the convention: {agrees}.")
    if folder is not None:
        print(f"saved in {folder}")


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
