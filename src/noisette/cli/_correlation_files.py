"""Files of the command `noisette correlations`: data, and figures of variance and dimension against the gain."""

from __future__ import annotations

from pathlib import Path

import noisette as nz
from noisette.cli._types import Dataset


def save(data: Dataset, folder: Path, title: str) -> None:
    """Save the correlations of random networks, or of a given network, and their figure."""
    nz.studies.save(data, folder / "correlations.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(6.4, 2.8)
        for axes, name in zip(drawing.subplots(1, 2), ("variance", "participation_dimension"), strict=True):
            nz.plots.correlation_curve(axes, data, name)
        drawing.suptitle(title)
        nz.plots.save(drawing, folder / "correlations")
