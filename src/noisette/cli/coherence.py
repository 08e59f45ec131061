"""`noisette coherence`: regularity of noise-induced threshold crossings as a function of the noise strength."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _noisy_network, _output
from noisette.cli._noisy_network import Dt, Gain, Kind, OptionalWeights, Process, Runs, Units
from noisette.cli._options import Json, Out, Seed

COLUMNS = {"cv": "CV", "interval": "⟨T⟩", "correlation_time": "τ_c", "intervals": "number"}


def command(
    noise: Annotated[str, typer.Option(help="Noise strengths σ above zero: a range 0.5:4:0.5 or a list 0.5,1,2.")],
    duration: Annotated[float, typer.Option(help="Time measured in each run; in discrete time, in steps.")],
    weights: OptionalWeights = None,
    kind: Kind = "rate",
    gain: Gain = None,
    process: Process = None,
    threshold: Annotated[float, typer.Option(help="Level of the upward crossings of the output.")] = 0.0,
    reset: Annotated[
        float | None, typer.Option(help="Level below which the output returns between two crossings.")
    ] = None,
    dt: Dt = None,
    runs: Runs = 20,
    units: Units = None,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Coherence resonance: regularity of the threshold crossings of the output as a function of the noise strength.

    The coefficient of variation (CV) of the intervals is 0 for a periodic and 1 for a Poisson process.

    Example: noisette coherence --network boltzmann --weights 'matrix:2,4;-4,2' --noise 0.5:4:0.5 --duration 2000
    """
    strengths = _input.numbers(noise, "noise")
    network = _noisy_network.network_of(kind, weights, gain, process, seed)
    output = _noisy_network.output_of(units, network.size)
    options: dict[str, Any] = {"reset": reset, "dt": dt, "runs": runs, "output": output}
    folder = _output.folder(out)
    with nz.studies.Progress("coherence") as progress, _output.warnings_in_one_line():
        data = nz.analysis.coherence_resonance(
            network, strengths, duration, threshold, key=seed, progress=progress, **options
        )
    if folder is not None:
        _noisy_network.save(data, ["cv", "correlation_time"], folder, "coherence")
    if json:
        _output.show_json(_noisy_network.values_of(data))
        return
    of = weights if weights is not None else kind
    _noisy_network.show(data, COLUMNS, f"{of}, threshold {threshold:g}: simulated, {runs} runs of {duration:g}")
    if np.isfinite(data.cv.values).any():
        index = int(np.nanargmin(data.cv.values))
        print(f"The crossings are most regular at σ = {float(data.noise[index]):g} of these strengths.")
    if "undefined" in data.attrs:
        print(f"Undefined: {data.attrs['undefined']}; use a longer --duration.")
    if folder is not None:
        print(f"saved in {folder}")
