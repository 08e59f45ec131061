"""`noisette chaos`: Lyapunov exponents as a function of the gain, with a check of the time step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.array_files import is_array_file
from noisette.cli import _input, _output
from noisette.cli._options import Activation, Json, Out, Seed
from noisette.cli._types import Dataset, TimeStep
from noisette.errors import InputError, require

DEFAULT_GAINS = np.arange(0.5, 12.25, 0.5)
FACTORS, NEAR = (0.5, 0.8, 1, 1.2, 1.5, 2, 3), 0.05  # gains of a FILE in units of the onset; not this close to 1
FOR_RANDOM = {"networks": 5, "duration": 300.0, "discard": 100.0}
FOR_A_FILE = {"networks": 2, "duration": 150.0, "discard": 50.0}  # 400 units take about 20 s of a core
Gain = Annotated[
    str | None,
    typer.Option(
        help="Gains g: a range (end included) or a list. By default 0.5:12:0.5; for a FILE, 1 and gains around the "
        "onset of chaos."
    ),
]
Duration = Annotated[
    float | None, typer.Option(help="Duration of each run, in units of τ. By default 300; 150 for a FILE.")
]
Discard = Annotated[
    float | None, typer.Option(help="Transient to discard, in units of τ. By default 100; 50 for a FILE.")
]
Networks = Annotated[
    int | None,
    typer.Option(help="Number of networks, by default 5; of initial states for a FILE, by default 2.", min=1),
]
FILE_NOTE = (
    "By default a FILE has {networks} initial states and runs of {duration:g} τ, of which {discard:g} τ are discarded; "
    "--networks 5 --duration 300 --discard 100 reduces the errors."
)


def command(
    weights: Annotated[
        str,
        typer.Option(help="Weights: gaussian:N or ei:CASE:N, drawn for each network; another preset, or FILE."),
    ] = "gaussian:1000",
    gain: Gain = None,
    gamma: Annotated[
        float, typer.Option(help="Weight γ of the Onsager reaction term: 0 is none, 1 freezes chaos.")
    ] = 0.0,
    dt: Annotated[str, typer.Option(help="Time step, in units of τ, or auto to choose it for each gain.")] = "0.01",
    duration: Duration = None,
    discard: Discard = None,
    networks: Networks = None,
    activation: Activation = "tanh",
    noise: Annotated[str, typer.Option(help="Noise of the units: none, white:σ, ou:s,τ or frozen:s.")] = "none",
    exponents: Annotated[int, typer.Option(help="Number of Lyapunov exponents.", min=1)] = 1,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Lyapunov exponents of rate networks in noise as functions of the gain, with a check of the time step.

    At gain 1, a network with the weights of a FILE is simulated as it is. By default there are few gains and short runs
    for a FILE, so that 400 units take less than a minute; the standard errors state what is lost.

    Example: noisette chaos --weights gaussian:500 --gain 1,2,4,10 --gamma 1 --dt 0.01 --duration 50 --discard 0
    """
    draw = nz.weights.ensemble(weights, seed)
    from_file = is_array_file(weights)
    around = gains_around_onset(draw(0)) if from_file else DEFAULT_GAINS
    gains = around if gain is None else _input.numbers(gain, "gain")
    options = {"networks": networks, "duration": duration, "discard": discard}
    sizes = (FOR_A_FILE if from_file else FOR_RANDOM) | {name: v for name, v in options.items() if v is not None}
    step = _step(dt)
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    require(bool(np.isfinite(gamma)), f"--gamma {gamma}", "a finite number")
    folder = _output.folder(out)
    with nz.studies.Progress(f"chaos, γ = {gamma:g}") as progress:
        data = nz.analysis.chaos_curve(
            draw,
            gains,
            networks=int(sizes["networks"]),
            gamma=gamma,
            dt=step,
            duration=sizes["duration"],
            discard=sizes["discard"],
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
        if from_file and None in (gain, *options.values()):
            print(FILE_NOTE.format(**sizes))


def gains_around_onset(matrix: np.ndarray) -> np.ndarray:
    """Return 1, and gains around that at which a random network with weights of the same variance becomes chaotic.

    With N units it is :math:`\\sqrt N/\\lVert W \\rVert_F`.

    Parameters
    ----------
    matrix : weights, shape (N, N)

    Examples
    --------
    >>> gains_around_onset(np.array([[0.0, 4.0], [4.0, 0.0]])).tolist()
    [0.125, 0.2, 0.25, 0.3, 0.375, 0.5, 0.75, 1.0]
    """
    scale = float(np.linalg.norm(matrix)) / len(matrix) ** 0.5
    if not 0 < scale < np.inf:
        return np.ones(1)
    gains = np.array([float(f"{factor / scale:.3g}") for factor in FACTORS])
    return np.unique(np.append(gains[abs(gains - 1) > NEAR], 1.0))


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
