"""`noisette populations`: activity of several populations, by mean-field theory and by simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Activation, Json, Out, Seed
from noisette.cli._types import Dataset
from noisette.errors import require

COLUMNS = {"mean": "μ", "variance": "v", "rate": "R", "lyapunov": "λ_max"}
SHOWN = {"mean": "mean μ", "variance": "variance v"}
VALUES = ("gain", "mean", "variance", "variance_of_means", "rate", "rate_square", "lyapunov", "fixed_point")


def command(
    sizes: Annotated[str, typer.Option(help="Numbers of units, such as 400,100.")],
    gain: Annotated[str, typer.Option(help="Gains g: a list 0.5,1,2 or a range 0.5:3:0.5 (end included).")],
    mean: Annotated[str, typer.Option(help="Mean weight from each population (column) to each, times N_q.")] = "0",
    variance: Annotated[str, typer.Option(help="Variances of weights, times N_q, such as 1,2;1,2.")] = "1",
    activation: Activation = "tanh",
    tau: Annotated[str, typer.Option(help="Time constants, one or one per population.")] = "1",
    bias: Annotated[str, typer.Option(help="Biases, one or one per population.")] = "0",
    noise: Annotated[str, typer.Option(help="Noise: none, white:σ, ou:s,τ or frozen:s.")] = "none",
    simulate: Annotated[bool, typer.Option("--simulate", help="Simulate networks as well.")] = False,
    networks: Annotated[int, typer.Option(help="Number of simulated networks.", min=2)] = 8,
    duration: Annotated[float, typer.Option(help="Length of a run; a quarter of it is discarded.", min=1.0)] = 200.0,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Means, variances and exponent of populations of rate units, by theory (N → ∞) and by simulation.

    Example: noisette populations --sizes 400,100 --mean '1,-2;1,-1.5' --variance '1,2;1,2' --bias 0.5 --gain 0.5,1.5
    """
    gains = _input.numbers(gain, "gain")
    numbers = [int(n) for n in _input.numbers(sizes, "sizes")]
    square = {"mean": _square(mean, "mean"), "variance": _square(variance, "variance")}
    each = {"tau": _each(tau, "tau"), "bias": _each(bias, "bias")}
    phi, process = nz.activations.from_string(activation), nz.noise.from_string(noise)
    folder = _output.folder(out)
    populations = nz.networks.Populations(nz.ensembles.Blocks(**square, sizes=numbers), phi, **each, noise=process)
    run: dict[str, Any] = {}
    if simulate:
        run = {"simulate": True, "networks": networks, "key": seed, "duration": duration, "discard": duration / 4}
    with nz.studies.Progress("populations") as progress, _output.warnings_in_one_line():
        data = nz.analysis.population_activity(populations, gains, progress=progress, **run)
    title = f"{len(numbers)} populations, {activation}, noise {noise}"
    if folder is not None:
        _save(data, folder, title)
    if json:
        names = [*VALUES, *(name for name in data.data_vars if str(name).startswith("simulated_"))]
        _output.show_json({str(name): data[name].values for name in names})
        return
    _print(data, title)
    if folder is not None:
        print(f"saved in {folder}")


def _square(text: str, name: str) -> Any:
    """Return a number, or a matrix whose rows are separated by semicolons."""
    rows = [_input.numbers(row, name) for row in text.split(";")]
    require(len({len(row) for row in rows}) == 1, f"--{name} {text!r}", "rows of the same length, such as '1,-2;1,-2'")
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def _each(text: str, name: str) -> Any:
    """Return a number, or a list of them."""
    values = _input.numbers(text, name)
    return values[0] if len(values) == 1 else values


def _print(data: Dataset, title: str) -> None:
    simulated = "simulated_mean" in data
    compared = ("mean", "variance", "lyapunov") if simulated else ()
    rows = []
    for at_gain in (data.isel(gain=i) for i in range(data.sizes["gain"])):
        state = "fixed point" if bool(at_gain.fixed_point) else "chaos" if at_gain.lyapunov > 0 else ""
        for p in range(data.sizes["population"]):
            at = at_gain.isel(population=p)
            row: list[object] = [float(at.gain), str(p)]
            for name in COLUMNS:
                row.append(float(at[name]))
                if name in compared:
                    row.append(f"{float(at[f'simulated_{name}']):.2f} ± {float(at[f'simulated_{name}_se']):.2f}")
            rows.append(row if simulated else [*row, state])
    columns = [c for name, label in COLUMNS.items() for c in ([label, "simulated"] if name in compared else [label])]
    _output.show_table(f"{title}: mean field, N → ∞", ["g", "p", *columns, *([] if simulated else [""])], rows)


def _save(data: Dataset, folder: Path, title: str) -> None:
    nz.studies.save(data, folder / "populations.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(8.0, 2.6)
        axes = drawing.subplots(1, 3)
        for axis, name in zip(axes, ("mean", "variance"), strict=False):
            for p in range(data.sizes["population"]):
                colour = nz.plots.SERIES[p % len(nz.plots.SERIES)]
                axis.plot(data.gain, data[name][:, p], "-", color=colour, lw=1, label=f"population {p}")
                if f"simulated_{name}" in data:
                    values, errors = (data[f"simulated_{name}{end}"][:, p] for end in ("", "_se"))
                    axis.errorbar(data.gain, values, errors, fmt="o", ms=3, color=colour)
            axis.set(xlabel="gain g", ylabel=SHOWN[name])
        axes[0].legend()
        axes[2].plot(data.gain, data.lyapunov, "-", color="black", lw=1)
        if "simulated_lyapunov" in data:
            errors = data.simulated_lyapunov_se
            axes[2].errorbar(data.gain, data.simulated_lyapunov, errors, fmt="o", ms=3, color="black")
        axes[2].axhline(0, color="0.6", lw=0.8)
        axes[2].set(xlabel="gain g", ylabel="λ_max (1/τ)")
        drawing.suptitle(title)
        nz.plots.save(drawing, folder / "populations")
