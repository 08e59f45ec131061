"""`noisette correlations`: correlations and dimension of random networks, by theory and by simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _correlation_files, _given_network, _input, _output
from noisette.cli._options import Activation, Json, Out, Seed
from noisette.cli._types import Activity, Dataset, Order, Placement
from noisette.errors import require

COLUMNS = {
    "variance": "tr C/N",
    "covariance_variance": "ψ = N Var C_ij",
    "participation_dimension": "D",
    "susceptibility": "χ",
}


def command(
    gain: Annotated[str | None, typer.Option(help="Gains g: 0.5:1.5:0.1 (end included), or a list.")] = None,
    weights: Annotated[str | None, typer.Option(help="One given network, FILE or a word, at gain 1.")] = None,
    activation: Activation = "tanh",
    noise: Annotated[str, typer.Option(help="Noise: frozen:s, white:σ, ou:s,τ or none.")] = "frozen:1",
    size: Annotated[int | None, typer.Option(help="Number of units N; by default ∞ (simulated: 400).", min=2)] = None,
    order: Annotated[
        Order, typer.Option(help="Order: leading, or finite to include corrections of order 1/N.")
    ] = "leading",
    simulate: Annotated[bool, typer.Option("--simulate", help="Simulate networks as well.")] = False,
    networks: Annotated[int, typer.Option(help="Number of simulated networks.", min=2)] = 20,
    draws: Annotated[int, typer.Option(help="Number of noise realisations per network.", min=4)] = 300,
    dt: Annotated[
        float | None,
        typer.Option(
            help="Time step of Euler's method, in units of τ; continuous time by default, 0.1 in simulated runs."
        ),
    ] = None,
    activity: Annotated[Activity, typer.Option(help="Covariance of the current x or of the rate φ(x).")] = "current",
    window: Annotated[
        str, typer.Option("--covariance", "--window", help="equal-time, or long-window (integrated over lags).")
    ] = "equal-time",
    placement: Annotated[Placement, typer.Option(help="Noise inside φ, or outside: φ(Jx) + ξ (frozen).")] = "inside",
    no_self: Annotated[bool, typer.Option("--no-self-coupling", help="Set the diagonal of J to zero.")] = False,
    dynamic: Annotated[bool, typer.Option("--dynamic", help="Dynamical mean-field theory in frozen noise.")] = False,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Variance, covariances and participation dimension of rate networks, by theory and by simulation.

    With --weights, of one given network of any size, otherwise of large random networks.

    Example: noisette correlations --activation tanh --gain 0.5:1.5:0.25 --noise frozen:1 --simulate --size 200
    """
    require(gain is not None or weights is not None, "no --gain", "give --gain, or --weights of a given network")
    gains = _input.numbers("1" if gain is None else gain, "gain")
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    _check(activity, placement, order, window, size)
    folder = _output.folder(out)
    title = f"{activation}, {noise}"
    if weights is not None:
        _given_network.refuse(size, order=order, window=window, placement=placement, no_self=no_self, dynamic=dynamic)
        options = {"activation": phi, "activity": activity, "draws": draws, "dt": dt, "simulate": simulate}
        return _given_network.show(weights, gains, process, title, options, seed, json, folder)
    options = {"order": order, "placement": placement, "dynamic": dynamic, "dt": dt}
    sampling: dict[str, Any] = {"networks": networks, "draws": draws, "key": seed} if simulate else {}
    with nz.studies.Progress(f"correlations, {title}") as progress, _output.warnings_in_one_line():
        data = nz.analysis.correlations(
            phi,
            gains,
            process,
            size,
            simulate=simulate,
            activity=activity,
            covariance="equal-time" if window == "equal-time" else "long-window",
            self_coupling=not no_self,
            progress=progress,
            **options,
            **sampling,
        )
    if folder is not None:
        _correlation_files.save(data, folder, title)
    _output.show_json(_values(data, simulate)) if json else _print(data, simulate, title, folder)


def _check(activity: str, placement: str, order: str, window: str, size: int | None) -> None:
    """Raise `InputError` for unknown words, and for corrections of order 1/N without a number of units."""
    require(activity in ("current", "rate"), f"--activity {activity!r}", "current or rate")
    require(placement in ("inside", "outside"), f"--placement {placement!r}", "inside or outside")
    require(order in ("leading", "finite"), f"--order {order!r}", "leading or finite")
    require(window in ("equal-time", "long-window", "long"), f"--covariance {window!r}", "equal-time or long-window")
    require(
        order == "leading" or size is not None, "--order finite without --size", "corrections of order 1/N depend on N"
    )


def _values(data: Dataset, simulate: bool) -> dict[str, Any]:
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


def _method(data: Dataset) -> str:
    """Return a description of the method in one line."""
    attrs = data.attrs
    size = f" for N = {attrs['size']}" if attrs.get("order") == "finite" else " (N → ∞)"
    parts = [
        f"mean-field, {attrs['order']} order{size}",
        f"{attrs['covariance']} covariance of {'x' if attrs['activity'] == 'current' else 'φ(x)'}",
        f"noise {attrs['placement']} φ",
        str(attrs["time"]),
    ]
    return "; ".join(parts)


def _print(data: Dataset, simulate: bool, title: str, folder: Path | None) -> None:
    names = ["gain g", *COLUMNS.values()] + (["simulated tr C/N", "simulated D"] if simulate else []) + [""]
    rows = []
    for at_gain in (data.isel(gain=i) for i in range(data.sizes["gain"])):
        row: list[object] = [float(at_gain.gain), *(float(at_gain[name]) for name in COLUMNS)]
        if simulate:
            row += [
                f"{float(at_gain[f'simulated_{name}']):.4f} ± {float(at_gain[f'simulated_{name}_se']):.4f}"
                for name in ("variance", "participation_dimension")
            ]
        rows.append([*row, str(at_gain.reason.values)])
    _output.show_table(f"{title}: {_method(data)}", names, rows)
    if folder is not None:
        print(f"saved in {folder}")
