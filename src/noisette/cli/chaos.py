"""`noisette chaos`: Lyapunov exponents against the gain, with an audit of the step."""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
import xarray as xr

from noisette.activations import from_string as activation_from_string
from noisette.analysis import chaos_curve, entropy_rate, kaplan_yorke
from noisette.cli import _input, _output
from noisette.cli._options import Json, Out, Seed
from noisette.errors import InputError, require
from noisette.plots import figure, lyapunov_curve, style
from noisette.plots import save as save_plot
from noisette.studies import Progress, save
from noisette.weights import ensemble

WORST_FIRST = ("unstable", "not converged", "diverged")


def command(
    weights: Annotated[
        str, typer.Option(help="gaussian:N, ei:CASE:N (drawn anew for each network), another preset, or FILE.")
    ] = "gaussian:1000",
    gain: Annotated[str, typer.Option(help="Gains g: a range 0.5:12:0.5 (end included) or a list.")] = "0.5:12:0.5",
    gamma: Annotated[float, typer.Option(help="Weight γ of the Onsager reaction term: 0 none, 1 freezes.")] = 0.0,
    dt: Annotated[str, typer.Option(help="Length of a step in time constants, or auto.")] = "0.01",
    duration: Annotated[float, typer.Option(help="Length of a run.")] = 300.0,
    discard: Annotated[float, typer.Option(help="Beginning of a run that is not counted.")] = 100.0,
    networks: Annotated[int, typer.Option(help="Networks (for a FILE: starts).", min=1)] = 5,
    activation: Annotated[str, typer.Option(help="tanh, erf, relu, threshold:θ, power:p, pade:α,β …")] = "tanh",
    exponents: Annotated[int, typer.Option(help="How many exponents.", min=1)] = 1,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Largest Lyapunov exponent of random rate networks against the gain, and whether the step allows it.

    Example: noisette chaos --weights gaussian:500 --gain 1,2,4,10 --gamma 1 --dt 0.01 --duration 50 --discard 0
    """
    gains = _input.numbers(gain, "gain")
    drawn = ensemble(weights, seed)
    step = _step(dt)
    phi = activation_from_string(activation)
    require(bool(np.isfinite(gamma)), f"--gamma {gamma}", "a finite number")
    where = _output.folder(out)
    with Progress(f"chaos, γ = {gamma:g}") as progress:
        data = chaos_curve(
            drawn,
            gains,
            networks=networks,
            gamma=gamma,
            dt=step,
            duration=duration,
            discard=discard,
            exponents=exponents,
            activation=phi,
            seed=seed,
            progress=progress,
        )
    data = data.assign_attrs(weights=weights, activation=activation)
    _mention_lost(data, seed)
    values = _values(data)
    if where is not None:
        _save(data, where)
    if json:
        _output.show_json(values)
    else:
        _print(values, data, where)


def _step(text: str) -> float | str:
    if text == "auto":
        return text
    try:
        value = float(text)
    except ValueError as error:
        raise InputError(f"--dt {text!r}; a time above zero, or auto") from error
    require(value > 0 and bool(np.isfinite(value)), f"--dt {text}", "a time above zero, or auto")
    return value


def _mention_lost(data: xr.Dataset, seed: int) -> None:
    """Name every network that became infinite; it is left out of the means."""
    for g, n in np.argwhere(data.audit.values == "diverged").tolist():
        print(
            f"noisette: network {n} of seed {seed} at gain {float(data.gain[g]):g} became infinite; "
            "it is left out of the means",
            file=sys.stderr,
        )


def _values(data: xr.Dataset) -> dict[str, Any]:
    kept = data.where(data.audit != "diverged")
    exponents = kept.lyapunov
    count = kept.lyapunov.isel(exponent=0).notnull().sum("network")
    first = exponents.isel(exponent=0)
    error = (
        first.std("network", ddof=1) / np.sqrt(count) if first.sizes["network"] > 1 else first.mean("network") * np.nan
    )
    audit = [_worst(row) for row in data.audit.values]
    values: dict[str, Any] = {
        "gain": data.gain.values,
        "lyapunov": first.mean("network").values,
        "lyapunov_se": error.values,
        "kinetic_energy": kept.kinetic_energy.mean("network").values,
        "dt": data.dt.max("network").values,
        "stability": kept.stability.max("network").values,
        "audit": audit,
        "units": "1/tau",
    }
    if exponents.sizes["exponent"] > 1:
        spectrum = exponents.mean("network").values
        dimension = np.apply_along_axis(kaplan_yorke, -1, exponents.values)
        entropy = np.apply_along_axis(entropy_rate, -1, exponents.values)
        values |= {"spectrum": spectrum, "kaplan_yorke": _mean(dimension), "entropy": _mean(entropy)}
    return values


def _worst(verdicts: np.ndarray) -> str:
    """Return the verdict on a gain: the worst of its networks."""
    return next((verdict for verdict in WORST_FIRST if verdict in verdicts), "ok")


def _mean(values: np.ndarray) -> list[float]:
    return [float(row[np.isfinite(row)].mean()) if np.isfinite(row).any() else float("nan") for row in values]


def _save(data: xr.Dataset, where: Path) -> None:
    save(data, where / "chaos.nc")
    with style():
        made = figure(4.6, 3.2)
        axes = made.subplots()
        lyapunov_curve(axes, data)
        dt = np.unique(data.dt.values)
        axes.set_title(
            f"{Path(data.attrs['weights']).name}, dt = {' … '.join(f'{x:g}' for x in dt[[0, -1]][: len(dt)])}"
        )
        save_plot(made, where / "chaos")


def _print(values: dict[str, Any], data: xr.Dataset, where: Path | None) -> None:
    columns = ["gain g", "λ (1/τ)", "s.e.", "E_k/N", "dt", "stability", "audit"]
    names = ["gain", "lyapunov", "lyapunov_se", "kinetic_energy", "dt", "stability", "audit"]
    rows = list(zip(*(values[name] for name in names), strict=True))
    _output.show_table(f"{data.attrs['weights']}: simulated, {data.sizes['network']} networks", columns, rows)
    bad = [f"{g:g}" for g in values["gain"][(data.audit == "unstable").any("network").values]]
    if bad:
        print(
            f"The step is too long at g = {', '.join(bad)}: a mode μ that decays grows in Euler's steps unless "
            "dt |μ|²/|Re μ| < 2. What is printed there describes the map, not the differential equation; use --dt auto."
        )
    apart = [f"{g:g}" for g in values["gain"][(data.audit == "not converged").any("network").values]]
    if apart:
        print(
            f"Not converged at g = {', '.join(apart)}: with half the step the exponent, the energy or the variance is "
            "another, by more than 5 % and by more than chance; use --dt auto, or a shorter step."
        )
    if where is not None:
        print(f"saved in {where}")
