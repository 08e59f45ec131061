"""`noisette passage`: mean first-passage time from one state to another."""

from __future__ import annotations

from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Common, Deterministic, Json, Weights, ZeroOne
from noisette.errors import require


def command(
    weights: Weights,
    noise: Annotated[float, typer.Option(help="Noise strength r ≥ 0.")],
    start: Annotated[int, typer.Option("--from", help="Integer code of the initial state.")],
    target: Annotated[int, typer.Option("--to", help="Integer code of the target state.")],
    deterministic: Deterministic = False,
    common: Common = False,
    zero_one: ZeroOne = False,
    json: Json = False,
) -> None:
    """Exact mean first-passage time from one state to another, in steps.

    Example: noisette passage --weights hopfield:24,7:10 --noise 23 --from 24 --to 7
    """
    require(noise >= 0, f"--noise {noise:g}", "a noise strength is zero or positive", "give a number ≥ 0")
    network = _input.network(weights, deterministic=deterministic, common=common, zero_one=zero_one, noise=noise)
    _input.code(start, network.size, "from")
    _input.code(target, network.size, "to")
    steps = float(nz.theory.markov.passage_times(network, target)[start])
    if json:
        _output.show_json({"steps": steps})
    elif start == target:
        print(f"{steps:.9g} steps on average from {start} back to itself (mean return time)")
    else:
        print(f"{steps:.9g} steps on average from {start} to {target} at r = {noise:g}")
