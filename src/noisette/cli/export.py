"""`noisette export`: conversion of network files between .npz and .mat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz


def command(
    file: Annotated[
        Path, typer.Argument(help="Network file: .npz, or .mat in the format of spikeRNN (Kim et al. 2019).")
    ],
    to: Annotated[Path, typer.Option("--to", help="File to write, .mat or .npz.")],
) -> None:
    """Convert a network file to the other format: .npz of Noisette, or .mat of spikeRNN.

    Contents that both formats support are preserved bit for bit.

    Example: noisette export networks/network_000.npz --to network.mat
    """
    stored = nz.training.load(file)
    written = nz.training.save(stored.network, to, configuration=stored.configuration, **nz.training.extras(file))
    print(f"network of {stored.network.size} units written to {written}")
