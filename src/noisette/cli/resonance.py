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
        str | None,
        typer.Option(
            help="Noise strengths r: a range 0:50:1 (end included) or a list 0,4,50. By default 0:50:1; for more than "
            "12 units, multiples of the root mean square field of the units."
        ),
    ] = None,
    steps: Annotated[int, typer.Option(help="Number of steps N_T of each run.")] = 10_000,
    start: Annotated[
        str, typer.Option(help="Integer code of the initial state (unit 0 is the most significant bit), or uniform.")
    ] = "0",
    estimator: Annotated[
        Estimator,
        typer.Option(
            help="Estimator: auto (fixed-start up to 16 units, rao-blackwell of a subset beyond), fixed-start, "
            "start-averaged, stationary, single-run or rao-blackwell."
        ),
    ] = "auto",
    runs: Annotated[
        int | None, typer.Option(help="Number of simulated runs at each strength; by default 20, fewer if large.")
    ] = None,
    seed: Seed = 0,
    units: Annotated[
        str | None, typer.Option(help="Units observed in a simulation, at most 10, such as 0,1,2,3,4.")
    ] = None,
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Entropy, mutual information and divergence of successive states as functions of the noise strength.

    Networks of up to 16 units are solved exactly; of larger networks a subset of the units is simulated.

    Example: noisette resonance --weights hopfield:24,7:10 --noise 0:50:1 --start 24
    """
    grid = None if noise is None else _input.numbers(noise, "noise")
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, seed=seed)
    initial = _start(start, network.size)
    observed = None if units is None else _input.integers(units, "units")
    folder = _output.folder(out)
    sampling: dict[str, Any] = {"units": observed} if runs is None else {"units": observed, "runs": runs}
    with nz.studies.Progress(f"resonance ({estimator})") as progress:
        effect = nz.analysis.noise_effect(
            network,
            grid,
            steps=steps,
            start=initial,
            estimator=estimator,
            key=seed,
            progress=progress,
            **sampling,
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
    return _input.state(int(text), size)


def _values(data: Dataset) -> dict[str, Any]:
    values: dict[str, Any] = {"noise": data.noise.values}
    values |= {name: data[name].values for name in ("entropy", "information", "divergence")}
    values |= {
        "optimal_noise": data.attrs["optimal_noise"],
        "optimal_information": data.attrs["optimal_information"],
        "estimator": data.attrs["estimator"],
        "units": "bit",
    }
    values |= {name: data.attrs[name] for name in ("method", "reason", "alternative") if name in data.attrs}
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
    if "conditional_entropy" in data:
        columns += ["s.e. of I", "H(s'|s), all units", "s.e."]
        names += ["information_se", "conditional_entropy", "conditional_entropy_se"]
    rows = [[float(r), *(float(data[name][i]) for name in names)] for i, r in enumerate(data.noise.values)]
    _output.show_table(f"{weights}: {data.attrs['method']}, {data.attrs['estimator']}, in bits", columns, rows)
    print(effect)
    if effect.method:
        print(f"Method: {effect.method}")
    if folder is not None:
        print(f"saved in {folder}")
