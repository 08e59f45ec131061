"""`noisette autocovariance`: autocovariance of large random networks, by mean-field theory."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Activation, Json, Out

SHOWN = 12  # number of rows of the table


def command(
    gain: Annotated[float, typer.Option(help="Gain g of the couplings.")],
    activation: Activation = "tanh",
    noise: Annotated[str, typer.Option(help="Noise: none, white:σ, ou:s,τ or frozen:s.")] = "none",
    dt: Annotated[
        float | None, typer.Option(help="Time step of Euler's method, in units of τ; continuous time by default.")
    ] = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Autocovariances of the current x and the rate φ(x) of a large random network, by mean-field theory (N → ∞).

    Example: noisette autocovariance --activation tanh --gain 2 --noise ou:1,3
    """
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    folder = _output.folder(out)
    data = nz.theory.autocovariance(phi, gain, process, dt=dt)
    if folder is not None:
        nz.studies.save(data, folder / "autocovariance.nc")
        with nz.plots.style():
            drawing = nz.plots.figure(4.0, 2.8)
            axes = drawing.subplots()
            for name, label, colour in (("current", "x", "entropy"), ("rate", "φ(x)", "information")):
                axes.plot(data.lag, data[name], label=label, color=nz.plots.COLOURS[colour])
            axes.set_xlabel("lag (units of τ)")
            axes.set_ylabel("autocovariance")
            axes.set_title(f"{activation}, g = {gain:g}, {noise}")
            axes.legend()
            nz.plots.save(drawing, folder / "autocovariance")
    if json:
        _output.show_json({name: data[name].values for name in ("lag", "current", "rate")})
        return
    rows = np.unique(np.linspace(0, data.sizes["lag"] - 1, SHOWN).round().astype(int))
    _output.show_table(
        f"{activation}, g = {gain:g}, noise {noise}: mean field, N → ∞",
        ["lag (units of τ)", "C_x", "C_φ"],
        [[float(data[name][i]) for name in ("lag", "current", "rate")] for i in rows],
    )
    if folder is not None:
        print(f"saved in {folder}")
