"""`noisette resonance`: does noise help this network, at which strength, and why?"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import xarray as xr

from noisette.analysis import attractors
from noisette.analysis._scan import Scan
from noisette.analysis.optimum import Optimum, read_off, search
from noisette.analysis.resonance import resonance, strengths
from noisette.cli import _input, _output
from noisette.cli._options import Common, Deterministic, Json, Out, Seed, Weights, ZeroOne
from noisette.errors import require
from noisette.networks import BinaryNetwork
from noisette.plots import figure, information_curves, style
from noisette.plots import save as save_plot
from noisette.studies import Progress, save
from noisette.theory import markov

GAIN = 0.05


def command(
    weights: Weights,
    noise: Annotated[str, typer.Option(help="Strengths r: a range 0:50:1 (end included) or a list 0,4,50.")] = "0:50:1",
    steps: Annotated[int, typer.Option(help="Steps of a run, N_T.")] = 10_000,
    start: Annotated[str, typer.Option(help="Code of the first state, unit 0 first; or uniform.")] = "0",
    estimator: Annotated[
        str, typer.Option(help="fixed-start, start-averaged, stationary, single-run or rao-blackwell.")
    ] = "fixed-start",
    runs: Annotated[int, typer.Option(help="Simulated runs at each strength.")] = 20,
    seed: Seed = 0,
    units: Annotated[str | None, typer.Option(help="Observed units of a simulation, as in 0,1,2,3,4.")] = None,
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
    out: Out = None,
) -> None:
    """Entropy, mutual information and divergence of successive states against noise.

    Example: noisette resonance --weights hopfield:24,7:10 --noise 0:50:1 --start 24
    """
    grid = strengths(_input.numbers(noise, "noise"))
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, seed=seed)
    first = _start(start, network.size)
    observed = None if units is None else _input.integers(units, "units")
    where = _output.folder(out)
    with Progress(f"resonance ({estimator})") as progress:
        data = resonance(
            network, grid, steps, first, estimator, runs=runs, units=observed, seed=seed, progress=progress
        )
    with Progress("best noise") as progress:
        best = _best(network, data, steps, first, estimator, progress)
    data = data.assign_attrs(
        weights=weights, optimal_noise=best.noise, optimal_information=best.information, kind=best.kind
    )
    if where is not None:
        _save(data, where)
    if json:
        _output.show_json(_values(data))
    else:
        _print(network, data, best, where)


def _start(text: str, size: int) -> int | str | np.ndarray:
    if text == "uniform":
        return text
    require(text.isdecimal(), f"--start {text!r}", "an integer code, most significant bit first, or uniform")
    code = _input.code(int(text), size, "start")
    return code if size <= 62 else np.array([1.0 if bit == "1" else -1.0 for bit in f"{code:0{size}b}"])


def _best(
    network: BinaryNetwork, data: xr.Dataset, steps: int, first: Any, estimator: str, progress: Progress
) -> Optimum:
    """Return where the information is greatest: solved for on exact curves, read off simulated ones."""
    grid = np.unique(data.noise.values)
    if estimator not in markov.ESTIMATORS or len(grid) < 2:
        return read_off(data)
    scan = Scan(network, steps, first, estimator, progress)
    scan.insert(data)
    return search(scan, grid, steps, first, estimator)


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


def _save(data: xr.Dataset, where: Path) -> None:
    save(data, where / "resonance.nc")
    with style():
        made = figure(4.6, 3.2)
        axes = made.subplots()
        simulated = "entropy_se" in data
        information_curves(axes, None if simulated else data, data if simulated else None)
        axes.set_title(f"{Path(data.attrs['weights']).name}, {data.attrs['estimator']}")
        save_plot(made, where / "resonance")


def _print(network: BinaryNetwork, data: xr.Dataset, best: Optimum, where: Path | None) -> None:
    simulated = "entropy_se" in data
    columns = ["noise r", "H", "I", "D"] + (["s.e. of I", "I, Miller–Madow"] if "information_corrected" in data else [])
    names = ["entropy", "information", "divergence"]
    names += ["information_se", "information_corrected"] if "information_corrected" in data else []
    rows = [[float(r), *(float(data[n][i]) for n in names)] for i, r in enumerate(data.noise.values)]
    kind = "simulated" if simulated else "exact"
    _output.show_table(f"{data.attrs['weights']}: {kind}, {data.attrs['estimator']}, bit", columns, rows)
    print(best)
    print(_answer(network, data, best))
    if where is not None:
        print(f"saved in {where}")


def _answer(network: BinaryNetwork, data: xr.Dataset, best: Optimum) -> str:
    """Say in words whether noise helps, where, and why."""
    lowest = int(np.argmin(data.noise.values))
    least, quiet = float(data.noise[lowest]), float(data.information[lowest])
    if np.isnan(quiet):
        return f"I cannot be compared with I at r = {least:g}, where it is undefined."
    gain = best.information - quiet
    helps = gain > GAIN and best.noise > least
    ends = f"{quiet:.4g} bit at r = {least:g}"
    text = (
        f"Noise helps: I rises from {ends} to {best.information:.4g} bit at r = {best.noise:.4g}."
        if helps
        else f"Noise does not help: I is {ends}" + (f", and {gain:.2g} bit more at best." if gain > 0 else ".")
    )
    if network.size > 14:
        return text
    found = attractors(network)
    number = len(found.sets)
    kinds = (
        f"{len(found.fixed_points)} fixed points and {len(found.cycles)} cycles"
        if found.cycles
        else (f"{number} fixed point{'s' if number != 1 else ''}")
    )
    why = (
        "without noise a run stays near one of them, noise lets it visit the others"
        if helps
        else "noise opens no attractor that a run does not reach already"
    )
    return f"{text}\nWhy: the sign map has {kinds}; {why}."
