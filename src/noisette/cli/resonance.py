"""`noisette resonance`: whether noise helps a network, at which strength, and why."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import xarray as xr

from noisette.analysis import NoiseEffect, noise_effect
from noisette.analysis._options import Estimator
from noisette.cli import _input, _output
from noisette.cli._options import Common, Deterministic, Json, Out, Seed, Weights, ZeroOne
from noisette.errors import require
from noisette.plots import save as save_plot
from noisette.studies import Progress, save


def command(
    weights: Weights,
    noise: Annotated[
        str, typer.Option(help="Noise strengths r: a range 0:50:1 (end included) or a list 0,4,50.")
    ] = "0:50:1",
    steps: Annotated[int, typer.Option(help="Number of steps of a run, N_T.")] = 10_000,
    start: Annotated[str, typer.Option(help="Code of the first state, unit 0 first; or uniform.")] = "0",
    estimator: Annotated[
        Estimator, typer.Option(help="fixed-start, start-averaged, stationary, single-run or rao-blackwell.")
    ] = "fixed-start",
    runs: Annotated[int, typer.Option(help="Number of simulated runs at each strength.")] = 20,
    seed: Seed = 0,
    units: Annotated[str | None, typer.Option(help="Units that a simulation observes, as in 0,1,2,3,4.")] = None,
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Entropy, mutual information and divergence of successive states against noise.

    Example: noisette resonance --weights hopfield:24,7:10 --noise 0:50:1 --start 24
    """
    grid = _input.numbers(noise, "noise")
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, seed=seed)
    first = _start(start, network.size)
    observed = None if units is None else _input.integers(units, "units")
    where = _output.folder(out)
    with Progress(f"resonance ({estimator})") as progress:
        effect = noise_effect(
            network,
            grid,
            steps=steps,
            start=first,
            estimator=estimator,
            key=seed,
            progress=progress,
            runs=runs,
            units=observed,
        )
    if where is not None:
        _save(effect, weights, where)
    if json:
        _output.show_json(_values(effect.data))
    else:
        _print(effect, weights, where)


def _start(text: str, size: int) -> int | str | np.ndarray:
    if text == "uniform":
        return text
    require(text.isdecimal(), f"--start {text!r}", "an integer code, most significant bit first, or uniform")
    code = _input.code(int(text), size, "start")
    return code if size <= 62 else np.array([1.0 if bit == "1" else -1.0 for bit in f"{code:0{size}b}"])


def _values(data: xr.Dataset) -> dict[str, Any]:
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


def _save(effect: NoiseEffect, weights: str, where: Path) -> None:
    save(effect.data.assign_attrs(weights=weights), where / "resonance.nc")
    drawn = effect.plot()
    drawn.axes[0].set_title(f"{Path(weights).name}, {effect.data.attrs['estimator']}")
    save_plot(drawn, where / "resonance")


def _print(effect: NoiseEffect, weights: str, where: Path | None) -> None:
    data = effect.data
    corrected = "information_corrected" in data
    columns = ["noise r", "H", "I", "D"] + (["s.e. of I", "I, Miller–Madow"] if corrected else [])
    names = ["entropy", "information", "divergence"]
    names += ["information_se", "information_corrected"] if corrected else []
    rows = [[float(r), *(float(data[name][i]) for name in names)] for i, r in enumerate(data.noise.values)]
    _output.show_table(f"{weights}: {data.attrs['method']}, {data.attrs['estimator']}, bit", columns, rows)
    print(effect)
    if where is not None:
        print(f"saved in {where}")
