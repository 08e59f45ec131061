"""`noisette correlations`: how neurons correlate, and in how many dimensions, by theory and beside it by simulation."""

from pathlib import Path
from typing import Annotated, Any

import typer
import xarray as xr

from noisette import activations
from noisette.analysis import correlations
from noisette.cli import _input, _output
from noisette.cli._options import Json, Out, Seed
from noisette.errors import require
from noisette.noise import from_string as noise_from_string
from noisette.plots import correlation_curve, figure, style
from noisette.plots import save as save_plot
from noisette.studies import Progress, save

COLUMNS = {
    "variance": "tr C/N",
    "covariance_variance": "ψ = N Var C_ij",
    "participation_dimension": "D",
    "susceptibility": "χ",
}


def command(
    gain: Annotated[str, typer.Option(help="Gains g: a range 0.5:1.5:0.1 (end included) or a list.")],
    activation: Annotated[
        str, typer.Option(help="tanh, erf, linear, relu, power:p, pade:α,β, threshold:θ, sigmoid.")
    ] = "tanh",
    noise: Annotated[str, typer.Option(help="frozen:s, white:σ, ou:s,τ or none.")] = "frozen:1",
    size: Annotated[int | None, typer.Option(help="Units N; without it N → ∞ (simulations: 400).", min=2)] = None,
    order: Annotated[str, typer.Option(help="leading, or finite for the corrections of this size.")] = "leading",
    simulate: Annotated[bool, typer.Option("--simulate", help="Simulate too.")] = False,
    networks: Annotated[int, typer.Option(help="Simulated networks.", min=2)] = 20,
    draws: Annotated[int, typer.Option(help="Draws of the noise for each network.", min=4)] = 300,
    dt: Annotated[float | None, typer.Option(help="Euler step of theory and simulation; theory alone: none.")] = None,
    of: Annotated[str, typer.Option(help="Covariance of the current x or the rate φ(x).")] = "current",
    window: Annotated[str, typer.Option(help="equal-time, or long for covariances over long windows.")] = "equal-time",
    outside: Annotated[bool, typer.Option("--outside", help="Noise outside φ: x = φ(Jx) + ξ (frozen).")] = False,
    no_self: Annotated[bool, typer.Option("--no-self-coupling", help="Zero diagonal of J.")] = False,
    dynamic: Annotated[bool, typer.Option("--dynamic", help="Frozen noise: follow the dynamics into chaos.")] = False,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Variance, covariances and participation dimension of large random networks, by theory and by simulation.

    Example: noisette correlations --activation tanh --gain 0.5:1.5:0.25 --noise frozen:1 --simulate --size 200
    """
    gains = _input.numbers(gain, "gain")
    phi, process = activations.from_string(activation), noise_from_string(noise)
    require(of in ("current", "rate"), f"--of {of!r}", "current or rate")
    require(order in ("leading", "finite"), f"--order {order!r}", "leading or finite")
    require(window in ("equal-time", "long"), f"--window {window!r}", "equal-time or long")
    require(order == "leading" or size is not None, "--order finite without --size", "corrections belong to a size N")
    where = _output.folder(out)
    options: dict[str, Any] = {"networks": networks, "draws": draws, "seed": seed} if simulate else {}
    with Progress(f"correlations, {activation}, {noise}") as progress, _output.said_plainly():
        data = correlations(
            phi,
            gains,
            process,
            size,
            simulate=simulate,
            activity=of,
            order=order,
            covariance="long-window" if window == "long" else window,
            placement="outside" if outside else "inside",
            self_coupling=not no_self,
            dynamic=dynamic,
            dt=dt,
            progress=progress,
            **options,
        )
    if where is not None:
        _save(data, where, f"{activation}, {noise}")
    if json:
        _output.show_json(_values(data, simulate))
    else:
        _print(data, simulate, f"{activation}, {noise}", where)


def _values(data: xr.Dataset, simulate: bool) -> dict[str, Any]:
    names = {
        "gain": "gain",
        "variance": "variance",
        "covariance_variance": "covariance_variance",
        "dimension": "participation_dimension",
        "susceptibility": "susceptibility",
        "valid": "valid",
    }
    values: dict[str, Any] = {short: data[name].values for short, name in names.items()}
    values["method"] = _method(data)
    if simulate:
        short = {"variance": "variance", "dimension": "participation_dimension"}
        values["simulated"] = {
            f"{name}{end}": data[f"simulated_{long}{end}"].values for name, long in short.items() for end in ("", "_se")
        }
    return values


def _method(data: xr.Dataset) -> str:
    """Say in one line what the numbers are."""
    about = data.attrs
    size = f" for N = {about['size']}" if about.get("order") == "finite" else " (N → ∞)"
    parts = [
        f"mean-field, {about['order']} order{size}",
        f"{about['covariance']} covariance of {'x' if about['activity'] == 'current' else 'φ(x)'}",
        f"noise {about['placement']} φ",
        str(about["time"]),
    ]
    return "; ".join(parts)


def _print(data: xr.Dataset, simulate: bool, title: str, where: Path | None) -> None:
    names = ["gain g", *COLUMNS.values()] + (["simulated tr C/N", "simulated D"] if simulate else []) + [""]
    rows = []
    for one in (data.isel(gain=i) for i in range(data.sizes["gain"])):
        row: list[object] = [float(one.gain), *(float(one[name]) for name in COLUMNS)]
        if simulate:
            row += [
                f"{float(one[f'simulated_{name}']):.4f} ± {float(one[f'simulated_{name}_se']):.4f}"
                for name in ("variance", "participation_dimension")
            ]
        rows.append([*row, str(one.reason.values)])
    _output.show_table(f"{title}: {_method(data)}", names, rows)
    if where is not None:
        print(f"saved in {where}")


def _save(data: xr.Dataset, where: Path, title: str) -> None:
    save(data, where / "correlations.nc")
    with style():
        made = figure(6.4, 2.8)
        for axes, name in zip(made.subplots(1, 2), ("variance", "participation_dimension"), strict=True):
            correlation_curve(axes, data, name)
        made.suptitle(title)
        save_plot(made, where / "correlations")
