"""`noisette export`: a network from one kind of file to the other."""

from pathlib import Path
from typing import Annotated

import typer

from noisette.training import extras, load, save


def command(
    file: Annotated[Path, typer.Argument(help="Network: .npz, or .mat of the spikeRNN family.")],
    to: Annotated[Path, typer.Option("--to", help="File to write, .mat or .npz.")],
) -> None:
    """Write a network as the other kind of file: .npz of Noisette, or .mat that the spikeRNN family reads.

    What both kinds hold is kept bit by bit.

    Example: noisette export networks/network_000.npz --to network.mat
    """
    stored = load(file)
    written = save(stored.network, to, configuration=stored.configuration, **extras(file))
    print(f"{stored.network.size} units written to {written}")
