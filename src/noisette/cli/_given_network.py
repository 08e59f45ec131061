"""`noisette correlations --weights`: covariances and dimension of one given network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import noisette as nz
from noisette.cli import _correlation_files, _output
from noisette.cli._types import Dataset
from noisette.errors import require

COLUMNS = {
    "variance": "tr C/N",
    "covariance_variance": "ψ = N ⟨C_ij²⟩",
    "participation_dimension": "D",
}


DEFAULTS = {"order": "leading", "window": "equal-time", "placement": "inside", "no_self": False, "dynamic": False}


def refuse(size: int | None, **options: object) -> None:
    """Raise `InputError` for options of random networks that do not apply to a given network.

    Examples
    --------
    >>> refuse(10)
    Traceback (most recent call last):
    noisette.errors.InputError: --size with --weights; the option describes random networks; leave it out
    """
    changed = ["size"] * (size is not None) + [name for name, value in options.items() if value != DEFAULTS[name]]
    names = ", ".join(f"--{'no-self-coupling' if name == 'no_self' else name}" for name in changed)
    require(not changed, f"{names} with --weights", "the option describes random networks", "leave it out")


def show(
    weights: str,
    gains: np.ndarray,
    noise: nz.noise.Noise | None,
    title: str,
    options: dict[str, Any],
    seed: int,
    json: bool,
    folder: Path | None,
) -> None:
    """Compute, save and print the correlations of one network."""
    matrix = nz.weights.from_string(weights, seed)
    method = "both" if options.pop("simulate") else "auto"
    with nz.studies.Progress(f"correlations, {Path(weights).name}") as progress, _output.warnings_in_one_line():
        data = nz.analysis.network_correlations(
            matrix, gains, noise, key=seed, method=method, progress=progress, **options
        )
    if folder is not None:
        _correlation_files.save(data.assign_attrs(weights_name=weights), folder, f"{Path(weights).name}, {title}")
    if json:
        _output.show_json(_values(data))
        return
    _print(data, f"{weights}, {title}")
    if folder is not None:
        print(f"saved in {folder}")


def _values(data: Dataset) -> dict[str, Any]:
    names = {name: name for name in ("gain", "variance", "covariance_variance", "valid")}
    names["dimension"] = "participation_dimension"
    values: dict[str, Any] = {short: data[name].values for short, name in names.items()}
    values |= {name: data.attrs[name] for name in ("method", "reason", "alternative")}
    if "simulated_variance" in data:
        values["simulated"] = {
            f"{short}{end}": data[f"simulated_{names[short]}{end}"].values
            for short in ("variance", "covariance_variance", "dimension")
            for end in ("", "_se")
        }
    return values


def _print(data: Dataset, title: str) -> None:
    simulated = "simulated_variance" in data
    columns = ["gain g", *COLUMNS.values()] + ([f"simulated {name}" for name in COLUMNS.values()] if simulated else [])
    rows = []
    for at_gain in (data.isel(gain=i) for i in range(data.sizes["gain"])):
        row: list[object] = [float(at_gain.gain), *(float(at_gain[name]) for name in COLUMNS)]
        if simulated:
            row += [
                f"{float(mean):.4f} ± {float(at_gain[f'simulated_{name}_se']):.4f}" if np.isfinite(mean) else ""
                for name in COLUMNS
                for mean in [at_gain[f"simulated_{name}"]]
            ]
        rows.append(row)
    _output.show_table(f"{title}: {data.attrs['size']} units, {data.attrs['method']}", columns, rows)
    print(f"Method: {data.attrs['reason']} {data.attrs['alternative']}")
