"""`noisette resonance`: information in successive states of a binary network as a function of noise strength."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Common, Deterministic, Json, Out, Seed, Weights, ZeroOne
from noisette.cli._types import Dataset, Estimator
from noisette.errors import require


def command(
    weights: Weights,
    noise: Annotated[
        str, typer.Option(help="Noise strengths r: a range 0:50:1 (end included) or a list 0,4,50.")
    ] = "0:50:1",
    steps: Annotated[int, typer.Option(help="Number of steps N_T of each run.")] = 10_000,
    start: Annotated[
        str, typer.Option(help="Integer code of the initial state (unit 0 is the most significant bit), or uniform.")
    ] = "0",
    estimator: Annotated[
        Estimator, typer.Option(help="Estimator: fixed-start, start-averaged, stationary, single-run or rao-blackwell.")
    ] = "fixed-start",
    runs: Annotated[int, typer.Option(help="Number of simulated runs at each strength.")] = 20,
    seed: Seed = 0,
    units: Annotated[
        str | None, typer.Option(help="Units observed in a simulation, such as 0,1,2,3,4; all by default.")
    ] = None,
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Entropy, mutual information and divergence of successive states as functions of the noise strength.

    Example: noisette resonance --weights hopfield:24,7:10 --noise 0:50:1 --start 24
    """
    grid = _input.numbers(noise, "noise")
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, seed=seed)
    initial = _start(start, network.size)
    observed = None if units is None else _input.integers(units, "units")
    folder = _output.folder(out)
    with nz.studies.Progress(f"resonance ({estimator})") as progress:
        effect = nz.analysis.noise_effect(
            network,
            grid,
            steps=steps,
            start=initial,
            estimator=estimator,
            key=seed,
            progress=progress,
            runs=runs,
            units=observed,
        )
    if folder is not None:
        _save(effect, weights, folder)
    if json:
        _output.show_json(_values(effect.data))
    else:
        _print(effect, weights, folder)


def _start(text: str, size: int) -> int | str | np.ndarray:
    if text == "uniform":
        return text
    require(text.isdecimal(), f"--start {text!r}", "an integer code, most significant bit first, or uniform")
    code = _input.code(int(text), size, "start")
    return code if size <= 62 else np.array([1.0 if bit == "1" else -1.0 for bit in f"{code:0{size}b}"])


def _values(data: Dataset) -> dict[str, Any]:
    values: dict[str, Any] = {"noise": data.noise.values}
    values |= {name: data[name].values for name in ("entropy", "information", "divergence")}
    values |= {
        "optimal_noise": data.attrs["optimal_noise"],
        "optimal_information": data.attrs["optimal_information"],
        "estimator": data.attrs["estimator"],
        "units": "bit",
    }
    extra = [str(name) for name in data.data_vars if name not in values]
    return values | {name: data[name].values for name in extra}


def _save(effect: nz.analysis.NoiseEffect, weights: str, folder: Path) -> None:
    nz.studies.save(effect.data.assign_attrs(weights=weights), folder / "resonance.nc")
    drawing = effect.plot()
    drawing.axes[0].set_title(f"{Path(weights).name}, {effect.data.attrs['estimator']}")
    nz.plots.save(drawing, folder / "resonance")


def _print(effect: nz.analysis.NoiseEffect, weights: str, folder: Path | None) -> None:
    data = effect.data
    corrected = "information_corrected" in data
    columns = ["noise r", "H", "I", "D"] + (["s.e. of I", "I, Miller–Madow"] if corrected else [])
    names = ["entropy", "information", "divergence"]
    names += ["information_se", "information_corrected"] if corrected else []
    rows = [[float(r), *(float(data[name][i]) for name in names)] for i, r in enumerate(data.noise.values)]
    _output.show_table(f"{weights}: {data.attrs['method']}, {data.attrs['estimator']}, in bits", columns, rows)
    print(effect)
    if folder is not None:
        print(f"saved in {folder}")
