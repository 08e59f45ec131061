"""`noisette chaos`: Lyapunov exponents as a function of the gain, with a check of the time step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Activation, Json, Out, Seed
from noisette.cli._types import Dataset, TimeStep
from noisette.errors import InputError, require


def command(
    weights: Annotated[
        str,
        typer.Option(help="Weights: gaussian:N or ei:CASE:N, drawn for each network; another preset, or FILE."),
    ] = "gaussian:1000",
    gain: Annotated[str, typer.Option(help="Gains g: a range 0.5:12:0.5 (end included) or a list.")] = "0.5:12:0.5",
    gamma: Annotated[
        float, typer.Option(help="Weight γ of the Onsager reaction term: 0 is none, 1 freezes chaos.")
    ] = 0.0,
    dt: Annotated[str, typer.Option(help="Time step, in units of τ, or auto to choose it for each gain.")] = "0.01",
    duration: Annotated[float, typer.Option(help="Duration of each run, in units of τ.")] = 300.0,
    discard: Annotated[float, typer.Option(help="Transient to discard, in units of τ.")] = 100.0,
    networks: Annotated[int, typer.Option(help="Number of networks; of initial states for a FILE.", min=1)] = 5,
    activation: Activation = "tanh",
    noise: Annotated[str, typer.Option(help="Noise of the units: none, white:σ, ou:s,τ or frozen:s.")] = "none",
    exponents: Annotated[int, typer.Option(help="Number of Lyapunov exponents.", min=1)] = 1,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Lyapunov exponents of rate networks in noise as functions of the gain, with a check of the time step.

    At gain 1, a network with the weights of a FILE is simulated as it is.

    Example: noisette chaos --weights gaussian:500 --gain 1,2,4,10 --gamma 1 --dt 0.01 --duration 50 --discard 0
    """
    gains = _input.numbers(gain, "gain")
    draw = nz.weights.ensemble(weights, seed)
    step = _step(dt)
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    require(bool(np.isfinite(gamma)), f"--gamma {gamma}", "a finite number")
    folder = _output.folder(out)
    with nz.studies.Progress(f"chaos, γ = {gamma:g}") as progress:
        data = nz.analysis.chaos_curve(
            draw,
            gains,
            networks=networks,
            gamma=gamma,
            dt=step,
            duration=duration,
            discard=discard,
            exponents=exponents,
            activation=phi,
            noise=process,
            key=seed,
            progress=progress,
        )
    data = data.assign_attrs(weights=weights, activation=activation, noise=noise)
    _report_diverged(data, seed)
    values = _values(nz.analysis.chaos_summary(data))
    if folder is not None:
        _save(data, folder)
    if json:
        _output.show_json(values)
    else:
        _print(values, data, folder)


def _step(text: str) -> TimeStep:
    if text == "auto":
        return "auto"
    try:
        value = float(text)
    except ValueError as error:
        raise InputError(f"--dt {text!r}; a number above zero, or auto") from error
    require(value > 0 and bool(np.isfinite(value)), f"--dt {text}", "a number above zero, or auto")
    return value


def _report_diverged(data: Dataset, seed: int) -> None:
    """Report each network that diverged and is excluded from the means."""
    for g, n in np.argwhere(data.audit.values == "diverged").tolist():
        print(
            f"noisette: network {n} of seed {seed} at gain {float(data.gain[g]):g} diverged; "
            "it is excluded from the means",
            file=sys.stderr,
        )


def _values(summary: Dataset) -> dict[str, Any]:
    names = ("gain", "lyapunov", "lyapunov_se", "kinetic_energy", "dt", "stability", "audit")
    spectra = [name for name in ("spectrum", "kaplan_yorke", "entropy") if name in summary]
    return {name: summary[name].values for name in names} | {"units": "1/tau"} | {n: summary[n].values for n in spectra}


def _save(data: Dataset, folder: Path) -> None:
    nz.studies.save(data, folder / "chaos.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(4.6, 3.2)
        axes = drawing.subplots()
        nz.plots.lyapunov_curve(axes, data)
        dt = np.unique(data.dt.values)
        axes.set_title(
            f"{Path(data.attrs['weights']).name}, dt = {' … '.join(f'{x:g}' for x in dt[[0, -1]][: len(dt)])}"
        )
        nz.plots.save(drawing, folder / "chaos")


def _print(values: dict[str, Any], data: Dataset, folder: Path | None) -> None:
    columns = ["gain g", "λ (1/τ)", "s.e.", "E_k/N", "dt", "stability", "audit"]
    names = ["gain", "lyapunov", "lyapunov_se", "kinetic_energy", "dt", "stability", "audit"]
    rows = list(zip(*(values[name] for name in names), strict=True))
    noise = "" if data.attrs["noise"] == "none" else f", noise {data.attrs['noise']}"
    title = f"{data.attrs['weights']}{noise}: simulated, {data.sizes['network']} networks"
    _output.show_table(title, columns, rows)
    unstable = [f"{g:g}" for g in values["gain"][(data.audit == "unstable").any("network").values]]
    if unstable:
        print(
            f"The time step is too long at g = {', '.join(unstable)}: a decaying mode μ grows in Euler's method unless "
            "dt |μ|²/|Re μ| < 2. The results there describe the map, not the differential equation; use --dt auto."
        )
    unconverged = [f"{g:g}" for g in values["gain"][(data.audit == "not converged").any("network").values]]
    if unconverged:
        print(
            f"Not converged at g = {', '.join(unconverged)}: with half the time step the exponent, the energy or the "
            "variance differs by more than 5 % and by more than chance explains; use --dt auto or a shorter time step."
        )
    if folder is not None:
        print(f"saved in {folder}")
