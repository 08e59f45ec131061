"""`noisette attractors`: fixed points and cycles of the sign map."""

from __future__ import annotations

from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Json, Weights, ZeroOne

MOST = 40  # largest number of attractors that are printed


def command(
    weights: Weights,
    ties: Annotated[
        str, typer.Option(help="Next state of a unit whose input is zero: keep (the present state), up or down.")
    ] = "keep",
    zero_one: ZeroOne = False,
    json: Json = False,
) -> None:
    """Fixed points and cycles of the noiseless sign map, with basin sizes, by enumeration (up to 20 units).

    Example: noisette attractors --weights nrooks:20
    """
    network = _input.network(weights, deterministic=True, zero_one=zero_one)
    result = nz.analysis.attractors(network, ties)  # type: ignore[arg-type]
    if json:
        _output.show_json({"fixed_points": result.fixed_points, "cycles": result.cycles, "basins": result.basins})
        return
    rows = []
    for codes, basin in zip(result.sets, result.basins, strict=True):
        kind = "fixed point" if len(codes) == 1 else f"{len(codes)}-cycle"
        shown = " → ".join(map(str, codes[:16])) + (" …" if len(codes) > 16 else "")
        rows.append([kind, shown, f"{codes[0]:0{network.size}b}", basin])
    title = f"{weights}: {len(result.fixed_points)} fixed points, {len(result.cycles)} cycles (ties: {ties})"
    _output.show_table(title, ["attractor", "codes", "first state", "basin size"], rows[:MOST])
    if len(rows) > MOST:
        print(f"… and {len(rows) - MOST} more; --json prints all")
