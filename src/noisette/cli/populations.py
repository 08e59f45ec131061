"""`noisette populations`: activity of several populations, by mean-field theory and by simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Json, Out, Seed
from noisette.cli._types import Dataset
from noisette.errors import require

COLUMNS = {"mean": "μ", "variance": "v", "rate": "R", "lyapunov": "λ_max"}
COMPARED = ("mean", "variance", "lyapunov")  # columns with simulated values beside theory
SHOWN = {"mean": "mean μ", "variance": "variance v"}
VALUES = ("gain", "mean", "variance", "variance_of_means", "rate", "rate_square", "lyapunov", "fixed_point")


def command(
    gain: Annotated[str, typer.Option(help="Gains g: a list 0.5,1,2 or a range 0.5:3:0.5 (end included).")],
    sizes: Annotated[str | None, typer.Option(help="Numbers of units, such as 400,100.")] = None,
    mean: Annotated[
        str | None, typer.Option(help="Mean weight from each population (column) to each, times N_q; by default 0.")
    ] = None,
    variance: Annotated[
        str | None, typer.Option(help="Variances of weights, times N_q, such as 1,2;1,2; by default 1.")
    ] = None,
    density: Annotated[str | None, typer.Option(help="Fractions of weights that are not zero; by default 1.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Ensemble of weights, instead of sizes or added: ei:balanced:500, sparse:500:20:0:1 …"),
    ] = None,
    activation: Annotated[
        str, typer.Option(help="Activation, or one for each population, such as 'tanh;threshold:0.5'.")
    ] = "tanh",
    tau: Annotated[str, typer.Option(help="Time constants, one or one per population.")] = "1",
    bias: Annotated[str, typer.Option(help="Biases, one or one per population.")] = "0",
    reciprocity: Annotated[
        str | None, typer.Option(help="Correlations κ of the weights of the two directions; by default 0.")
    ] = None,
    noise: Annotated[
        str, typer.Option(help="Noise, or one for each population: none, white:σ, ou:s,τ, frozen:s, 'white:1;none' …")
    ] = "none",
    simulate: Annotated[bool, typer.Option("--simulate", help="Simulate networks as well.")] = False,
    networks: Annotated[int, typer.Option(help="Number of simulated networks.", min=2)] = 8,
    duration: Annotated[float, typer.Option(help="Length of a run; a quarter of it is discarded.", min=1.0)] = 200.0,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Means, variances and exponent of populations of rate units, by theory (N → ∞) and by simulation.

    The words are those of a study file with a network of the kind populations.

    Example: noisette populations --sizes 400,100 --mean '1,-2;1,-1.5' --variance '1,2;1,2' --bias 0.5 --gain 0.5,1.5
    """
    gains = _input.numbers(gain, "gain")
    require(sizes is not None or weights is not None, "no --sizes and no --weights", "one of them, or both")
    blocks = {"sizes": sizes, "mean": mean, "variance": variance, "density": density, "reciprocity": reciprocity}
    units = {"activation": activation, "tau": tau, "bias": bias, "noise": noise}
    folder = _output.folder(out)
    populations = nz.networks.populations_of(weights, **blocks, **units)
    run: dict[str, Any] = {}
    if simulate:
        run = {"simulate": True, "networks": networks, "key": seed, "duration": duration, "discard": duration / 4}
    with nz.studies.Progress("populations") as progress, _output.warnings_in_one_line():
        data = nz.analysis.population_activity(populations, gains, progress=progress, **run)
    number = len(populations.sizes)
    title = f"{number} population{'s' if number > 1 else ''}, {activation}, noise {noise}"
    if folder is not None:
        _save(data, folder, title)
    if json:
        names = [*VALUES, *(name for name in data.data_vars if str(name).startswith("simulated_"))]
        _output.show_json({str(name): data[name].values for name in names if name in data or name in data.coords})
        return
    _print(data, title)
    if folder is not None:
        print(f"saved in {folder}")


def _print(data: Dataset, title: str) -> None:
    has_theory, is_simulated = "mean" in data, "simulated_mean" in data
    compared = () if not is_simulated else COMPARED if has_theory else tuple(COLUMNS)
    rows = []
    for at_gain in (data.isel(gain=i) for i in range(data.sizes["gain"])):
        for p in range(data.sizes["population"]):
            at = at_gain.isel(population=p)
            row: list[object] = [float(at.gain), str(p)]
            for name in COLUMNS:
                if has_theory:
                    row.append(float(at[name]))
                if name in compared:
                    row.append(f"{float(at[f'simulated_{name}']):.2f} ± {float(at[f'simulated_{name}_se']):.2f}")
            rows.append(row if is_simulated else [*row, _state(at_gain)])
    columns = []
    for name, label in COLUMNS.items():
        columns += [label] if has_theory else []
        columns += [] if name not in compared else ["simulated"] if has_theory else [label]
    method = "mean field, N → ∞" if has_theory else "simulated, no mean-field theory of these weights"
    _output.show_table(f"{title}: {method}", ["g", "p", *columns, *([] if is_simulated else [""])], rows)


def _state(data: Dataset) -> str:
    fixed = "fixed_point" in data and bool(data.fixed_point)  # sampled theory does not state it
    return "fixed point" if fixed else "chaos" if data.lyapunov > 0 else ""


def _save(data: Dataset, folder: Path, title: str) -> None:
    nz.studies.save(data, folder / "populations.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(8.0, 2.6)
        axes = drawing.subplots(1, 3)
        for axis, name in zip(axes, ("mean", "variance"), strict=False):
            for p in range(data.sizes["population"]):
                colour = nz.plots.SERIES[p % len(nz.plots.SERIES)]
                if name in data:
                    axis.plot(data.gain, data[name][:, p], "-", color=colour, lw=1, label=f"population {p}")
                if f"simulated_{name}" in data:
                    values, errors = (data[f"simulated_{name}{end}"][:, p] for end in ("", "_se"))
                    label = None if name in data else f"population {p}"
                    axis.errorbar(data.gain, values, errors, fmt="o", ms=3, color=colour, label=label)
            axis.set(xlabel="gain g", ylabel=SHOWN[name])
        axes[0].legend()
        if "lyapunov" in data:
            axes[2].plot(data.gain, data.lyapunov, "-", color="black", lw=1)
        if "simulated_lyapunov" in data:
            errors = data.simulated_lyapunov_se
            axes[2].errorbar(data.gain, data.simulated_lyapunov, errors, fmt="o", ms=3, color="black")
        axes[2].axhline(0, color="0.6", lw=0.8)
        axes[2].set(xlabel="gain g", ylabel="λ_max (1/τ)")
        drawing.suptitle(title)
        nz.plots.save(drawing, folder / "populations")
