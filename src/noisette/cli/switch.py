"""`noisette switch`: probability that a noise pulse moves the network to another attractor."""

from __future__ import annotations

from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Deterministic, Json, Weights, ZeroOne
from noisette.errors import require

MOST = 12  # largest number of attractors whose matrix is printed


def command(
    weights: Weights,
    pulse: Annotated[float, typer.Option(help="Strength of the pulse, r ≥ 0; inf randomises the state.")],
    relaxation: Annotated[int, typer.Option(help="Number of steps without noise after the pulse.")] = 50,
    duration: Annotated[int, typer.Option(help="Number of steps with the pulse.")] = 1,
    deterministic: Deterministic = False,
    zero_one: ZeroOne = False,
    json: Json = False,
) -> None:
    """Exact probabilities that a noise pulse moves the network from each attractor to each of the others.

    Example: noisette switch --weights autapses:10 --pulse 7 --relaxation 50
    """
    require(pulse >= 0, f"--pulse {pulse:g}", "a noise strength is zero or positive", "give a number ≥ 0")
    network = _input.network(weights, deterministic=deterministic, zero_one=zero_one)
    result = nz.analysis.switching(network, pulse, relaxation, duration=duration)
    if json:
        _output.show_json({"probability": result.probability, "attractors": result.attractors, "matrix": result.matrix})
        return
    print(f"P(another attractor) = {result.probability:.6f} on average over {len(result.attractors)} attractors")
    names = [str(codes[0]) if len(codes) == 1 else f"{codes[0]}… ({len(codes)})" for codes in result.attractors]
    rows = [[name, *row.tolist()] for name, row in zip(names, result.matrix, strict=True)]
    if len(names) <= MOST:
        _output.show_table("probability of ending in", ["from", *names], rows)
    else:
        print(f"the {len(names)} × {len(names)} matrix is printed with --json")
