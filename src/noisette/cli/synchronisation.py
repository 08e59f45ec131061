"""`noisette synchronisation`: trajectories with different initial states in the same noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Activation, Json, Out, Seed
from noisette.cli._types import Dataset
from noisette.errors import InputError, require

COLUMNS = {
    "noise": "noise σ",
    "mean_field": "mean field",
    "lyapunov": "λ (1/τ)",
    "lyapunov_se": "s.e.",
    "rate": "rate (1/τ)",
    "rate_se": "s.e.",
    "synchronised": "met",
    "synchronisation_time": "time (τ)",
}


def command(
    weights: Annotated[
        str, typer.Option(help="Weights: gaussian:N or ei:CASE:N, drawn for each network; another preset, or FILE.")
    ] = "gaussian:200",
    gain: Annotated[float, typer.Option(help="Gain g.")] = 2.0,
    strengths: Annotated[
        str, typer.Option(help="Factors σ of the noise: a list 0,0.5,1 or a range 0:2:0.5 (end included).")
    ] = "0,0.5,1,2",
    noise: Annotated[
        str, typer.Option(help="Noise of unit strength: white:1, ou:s,τ, frozen:s or common:σ.")
    ] = "white:1",
    starts: Annotated[int, typer.Option(help="Number of initial states in the same noise.", min=2)] = 2,
    networks: Annotated[int, typer.Option(help="Number of networks; of noises for a FILE.", min=2)] = 5,
    duration: Annotated[float, typer.Option(help="Duration of each run, in units of τ.")] = 200.0,
    dt: Annotated[float, typer.Option(help="Time step, in units of τ.")] = 0.05,
    tolerance: Annotated[float, typer.Option(help="Distance per unit below which trajectories have met.")] = 1e-6,
    activation: Activation = "tanh",
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Whether and when trajectories with different initial states meet in the same noise, and at which rate.

    For each strength of the noise: the conditional Lyapunov exponent λ in mean-field theory (gaussian weights) and in
    the simulation, the measured growth rate of small distances, the fraction of networks in which trajectories meet,
    and the median time after which they have.

    Example: noisette synchronisation --weights gaussian:100 --gain 2 --strengths 0,1,2,3 --duration 100
    """
    draw = nz.weights.ensemble(weights, seed)
    grid = _input.numbers(strengths, "strengths")
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    require(process is not None, "--noise none", "a noise of unit strength", "--strengths 0 is no noise")
    members = [nz.RateNetwork(draw(n), gain, activation=phi, noise=process) for n in range(networks)]
    folder = _output.folder(out)
    with nz.studies.Progress(f"synchronisation, g = {gain:g}") as progress, _output.warnings_in_one_line():
        data = nz.analysis.synchronisation(
            members,
            grid,
            starts=starts,
            key=seed,
            duration=duration,
            dt=dt,
            tolerance=tolerance,
            progress=progress,
        )
    data["mean_field"] = ("noise", _mean_field(weights, gain, phi, process, grid))
    data.mean_field.attrs.update(long_name="conditional exponent in mean-field theory", units="1/tau")
    data = data.assign_attrs(weights=weights, activation=activation, noise=noise)
    summary = nz.analysis.synchronisation_summary(data)
    values = {name: (data if name == "mean_field" else summary)[name].values for name in COLUMNS}
    if folder is not None:
        _save(data, folder)
    if json:
        _output.show_json({**values, "units": "1/tau"})
        return
    title = f"{weights}, g = {gain:g}, noise {noise}: simulated, {networks} networks, {starts} starts"
    _output.show_table(title, list(COLUMNS.values()), zip(*values.values(), strict=True))
    if folder is not None:
        print(f"saved in {folder}")


def _mean_field(
    weights: str, gain: float, activation: Any, noise: nz.noise.Noise | None, strengths: np.ndarray
) -> np.ndarray:
    """Return the exponents for N → ∞, NaN where the theory does not apply to weights, activation or noise."""
    values = np.full(len(strengths), np.nan)
    if not weights.startswith("gaussian:") or noise is None:
        return values
    for i, strength in enumerate(strengths.tolist()):
        try:
            values[i] = float(nz.theory.mean_field(activation, gain, strength * noise).lyapunov)
        except InputError:
            continue
    return values


def _save(data: Dataset, folder: Path) -> None:
    nz.studies.save(data, folder / "synchronisation.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(4.6, 3.2)
        axes = drawing.subplots()
        nz.plots.distance_curves(axes, data, theory=data.drop_vars("lyapunov").rename(mean_field="lyapunov"))
        axes.set_title(f"{Path(data.attrs['weights']).name}, noise {data.attrs['noise']}")
        nz.plots.save(drawing, folder / "synchronisation")
