"""`noisette meanfield`: Lyapunov exponent and variance of large random networks, by mean-field theory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Activation, Json, Out
from noisette.cli._types import Dataset

COLUMNS = {"lyapunov": "λ_max (1/τ)", "variance": "Δ₀ = ⟨x²⟩", "kinetic_energy": "E_k/N"}


def command(
    gain: Annotated[str, typer.Option(help="Gains g: a list 1.5,2,4 or a range 0.5:3:0.5 (end included).")],
    activation: Activation = "tanh",
    noise: Annotated[str, typer.Option(help="Noise: none, white:σ, ou:s,τ or frozen:s.")] = "none",
    json: Json = False,
    out: Out = None,
) -> None:
    """Lyapunov exponent, variance and kinetic energy of a large random network, by mean-field theory (N → ∞).

    Example: noisette meanfield --activation tanh --gain 1.5,2,4 --noise none
    """
    gains = _input.numbers(gain, "gain")
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    folder = _output.folder(out)
    data = nz.theory.mean_field(phi, gains, process)
    if folder is not None:
        _save(data, folder, f"{activation}, noise {noise}")
    if json:
        _output.show_json({name: data[name].values for name in ("gain", *COLUMNS)})
        return
    rows = [
        [float(g), *(float(data[name][i]) for name in COLUMNS), "chaos" if data.lyapunov[i] > 0 else "no chaos"]
        for i, g in enumerate(gains)
    ]
    _output.show_table(f"{activation}, noise {noise}: mean field, N → ∞", ["gain g", *COLUMNS.values(), ""], rows)
    if folder is not None:
        print(f"saved in {folder}")


def _save(data: Dataset, folder: Path, title: str) -> None:
    nz.studies.save(data, folder / "meanfield.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(5.6, 2.6)
        for axes, name in zip(drawing.subplots(1, 2), ("lyapunov", "kinetic_energy"), strict=True):
            axes.plot(data.gain, data[name], "o-", ms=2.5)
            axes.set_xlabel("gain g")
            axes.set_ylabel(COLUMNS[name])
            axes.axhline(0, color="0.6", lw=0.8)
        drawing.suptitle(title)
        nz.plots.save(drawing, folder / "meanfield")
