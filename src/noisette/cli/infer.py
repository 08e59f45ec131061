"""`noisette infer`: gain, couplings and noise of a network from a recording of its activity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Json, Out, Seed
from noisette.cli._types import Dataset
from noisette.errors import require

MODELS = ("gain", "linear", "ising")
OPTIONS = {"gain": ("dt", "size", "window"), "linear": ("dt", "lag", "tau"), "ising": ("penalty",)}
SHOWN = 10  # weights in the table: those with the largest ratio to their error


def command(
    file: Annotated[
        Path,
        typer.Argument(
            help="Recording, trials × time × units or time × units: .npy, .npz, .mat, a table .csv, .tsv, .txt, or .nc "
            "with named dimensions; FILE:NAME selects a variable."
        ),
    ],
    model: Annotated[
        str, typer.Option(help="gain (of a random linear network), linear (weights and noise) or ising (states ±1).")
    ],
    dt: Annotated[
        float | None,
        typer.Option(help="Time between samples: linear (by default that of .nc); gain: in units of τ, if known."),
    ] = None,
    lag: Annotated[int | None, typer.Option(help="Linear: lag in samples, by default 1.")] = None,
    tau: Annotated[float | None, typer.Option(help="Linear: time constant of the units, by default 1.")] = None,
    size: Annotated[int | None, typer.Option(help="Gain: units of the network, if not all are recorded.")] = None,
    window: Annotated[int | None, typer.Option(help="Gain: samples in a window.")] = None,
    penalty: Annotated[float | None, typer.Option(help="Ising: precision of a normal prior of the weights.")] = None,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Gain, weights and noise of a network from recorded activity, with 95 % intervals.

    gain: the gain of a random linear network with the same spread of covariances, and the noise.
    linear: all weights and the covariance of the noise from lagged covariances.
    ising: weights and biases of binary units by maximum likelihood.

    Example: noisette infer activity.npy --model gain --dt 0.5 --out inferred
    """
    from noisette.analysis.inference import read_recording, time_step  # imports JAX, which help does not need

    require(model in MODELS, f"--model {model!r}", "gain, linear or ising")
    given = {"dt": dt, "lag": lag, "tau": tau, "size": size, "window": window, "penalty": penalty}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    other = ", ".join(f"--{name}" for name in options if name not in OPTIONS[model])
    require(not other, f"{other} with --model {model}", f"it has --{', --'.join(OPTIONS[model])}", "leave it out")
    activity = read_recording(file)
    if model == "linear" and dt is None:
        step = time_step(activity)
        known = "the time between samples, or a file .nc with regular times"
        require(step is not None, "--model linear without --dt", known, "give --dt")
        options["dt"] = step
    folder = _output.folder(out)
    with nz.studies.Progress(f"infer {file.name}") as progress, _output.warnings_in_one_line():
        if model == "gain":
            data = nz.analysis.effective_gain(activity, key=seed, progress=progress, **options)
        elif model == "linear":
            data = nz.analysis.linear_network(activity, **options)
        else:
            data = nz.analysis.kinetic_ising(activity, progress=progress, **options)
    if folder is not None:
        _save(data, folder, model, file.name)
    if json:
        _output.show_json({str(name): data[name].values for name in data.variables} | _texts(data))
        return
    shape = " × ".join(map(str, activity.shape))
    if model == "gain":
        _show_gain(data, f"{file}, {shape}")
    else:
        _show_weights(data, f"{file}, {shape}", model)
    if folder is not None:
        print(f"saved in {folder}")


def _save(data: Dataset, folder: Path, model: str, title: str) -> None:
    nz.studies.save(data, folder / "inference.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(7.0, 3.0)
        if model == "gain":
            _draw_gain(data, drawing.subplots())
        else:
            _draw_weights(data, model, drawing)
        drawing.suptitle(f"{title}: {model}")
        nz.plots.save(drawing, folder / "inference")


def _draw_gain(data: Dataset, axes: Any) -> None:
    """Draw the gain with its interval, and the gains by the other relations."""
    names = [str(name) for name in data.relation.values]
    axes.axhspan(float(data.gain_low), float(data.gain_high), color="0.9", label="95 % interval")
    axes.axhline(float(data.gain), color="black", lw=1, label="estimate")
    axes.plot(range(len(names)), data.relation_gain.values, "o", color=nz.plots.SERIES[0], label="by relation")
    axes.set_xticks(range(len(names)), names)
    axes.set(ylabel="gain g", xlim=(-0.5, len(names) - 0.5))
    axes.legend()


def _draw_weights(data: Dataset, model: str, drawing: Any) -> None:
    """Draw the weights, and the covariance of the noise or the biases with their intervals."""
    left, right = drawing.subplots(1, 2)
    _image(data.weights.values, left, "weights W")
    left.set(xlabel="source", ylabel="target")
    if model == "linear":
        _image(data.noise_covariance.values, right, "covariance of the noise")
        right.set(xlabel="unit", ylabel="unit")
        return
    bias = data.bias.values
    errors = np.abs([bias - data.bias_low.values, data.bias_high.values - bias])
    right.errorbar(np.arange(len(bias)), bias, errors, fmt="o", ms=3, color=nz.plots.SERIES[0])
    right.axhline(0, color="0.6", lw=0.8)
    right.set(xlabel="unit", ylabel="bias, 95 % interval")


def _image(matrix: Any, axes: Any, label: str) -> None:
    largest = float(np.abs(matrix).max()) or 1.0
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-largest, vmax=largest, interpolation="nearest")
    axes.figure.colorbar(image, ax=axes, label=label)


def _texts(data: Dataset) -> dict[str, Any]:
    return {name: data.attrs[name] for name in ("method", "estimator", "reason") if name in data.attrs}


def _show_gain(data: Dataset, title: str) -> None:
    rows = [
        [label, *(float(data[name + end]) for end in ("", "_se", "_low", "_high"))]
        for name, label in (("gain", "gain g"), ("noise", "noise σ"))
    ]
    _output.show_table(title, ["", "estimate", "s.e.", "95 % from", "to"], rows)
    relations = zip(data.relation.values, data.relation_gain.values, data.deviation.values, strict=True)
    rows = [[str(name), float(gain), float(z)] for name, gain, z in relations]
    _output.show_table("", ["relation", "gain g", "deviation, s.e."], rows)
    print(f"valid: {'yes' if bool(data.valid) else 'no'}, {data.attrs['reason']}")


def _show_weights(data: Dataset, title: str, model: str) -> None:
    ratio = np.abs(data.weights.values) / data.weights_se.values
    order = np.argsort(ratio, axis=None)[::-1][:SHOWN]
    rows = []
    for i, j in zip(*np.unravel_index(order, ratio.shape), strict=True):
        entry = data.isel(target=i, source=j)
        names = (
            str(data[dim].values[k]) if dim in data.coords else str(k) for dim, k in (("source", j), ("target", i))
        )
        rows.append([" → ".join(names), *(float(entry[f"weights{end}"]) for end in ("", "_se", "_low", "_high"))])
    units = len(ratio)
    print(f"the {len(rows)} weights of {units * units} that are largest in standard errors, source → target")
    _output.show_table(title, ["weight", "W", "s.e.", "95 % from", "to"], rows)
    away = float(((data.weights_low > 0) | (data.weights_high < 0)).mean())
    print(f"{100 * away:.1f} % of the intervals exclude zero; 5 % would by chance.")
    if model == "linear":
        noise = np.diag(data.noise_covariance.values)
        limits = f"{noise.min():.4g} to {noise.max():.4g}"
        print(f"variance of the noise per unit of time: {noise.mean():.4g} on average, {limits}")
    else:
        rate, error = float(data.entropy_rate), float(data.entropy_rate_se)
        print(f"entropy rate {rate:.4g} ± {error:.2g} bits per step, of at most {units}")
