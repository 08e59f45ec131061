"""`noisette autocovariance`: autocovariance of large random networks, by mean-field theory."""

from typing import Annotated

import numpy as np
import typer

from noisette import activations, theory
from noisette.cli import _output
from noisette.cli._options import Json, Out
from noisette.noise import from_string as noise_from_string
from noisette.plots import COLOURS, figure, style
from noisette.plots import save as save_plot
from noisette.studies import save

SHOWN = 12  # number of rows of the table


def command(
    gain: Annotated[float, typer.Option(help="Gain g.")],
    activation: Annotated[
        str, typer.Option(help="tanh, erf, linear, relu, power:p, pade:α,β, threshold:θ, sigmoid.")
    ] = "tanh",
    noise: Annotated[str, typer.Option(help="none, white:σ, ou:s,τ or frozen:s.")] = "none",
    dt: Annotated[float | None, typer.Option(help="Time step of Euler's method; by default continuous time.")] = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Autocovariance of current x and rate φ(x) of a random network of infinitely many units.

    Example: noisette autocovariance --activation tanh --gain 2 --noise ou:1,3
    """
    phi, process = activations.from_string(activation), noise_from_string(noise)
    where = _output.folder(out)
    data = theory.autocovariance(phi, gain, process, dt=dt)
    if where is not None:
        save(data, where / "autocovariance.nc")
        with style():
            drawing = figure(4.0, 2.8)
            axes = drawing.subplots()
            for name, label, colour in (("current", "x", "entropy"), ("rate", "φ(x)", "information")):
                axes.plot(data.lag, data[name], label=label, color=COLOURS[colour])
            axes.set_xlabel("lag τ (time constants)")
            axes.set_ylabel("autocovariance")
            axes.set_title(f"{activation}, g = {gain:g}, {noise}")
            axes.legend()
            save_plot(drawing, where / "autocovariance")
    if json:
        _output.show_json({name: data[name].values for name in ("lag", "current", "rate")})
        return
    rows = np.unique(np.linspace(0, data.sizes["lag"] - 1, SHOWN).round().astype(int))
    _output.show_table(
        f"{activation}, g = {gain:g}, noise {noise}: mean field, N → ∞",
        ["lag", "C_x", "C_φ"],
        [[float(data[name][i]) for name in ("lag", "current", "rate")] for i in rows],
    )
    if where is not None:
        print(f"saved in {where}")
