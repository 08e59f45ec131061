"""`noisette attractors`: fixed points and cycles of the sign map."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Json, Seed, Weights, ZeroOne
from noisette.cli._types import Ties

MOST = 40  # largest number of attractors that are printed
MOST_NAMES = 12  # largest number of units that are named for each of them


def command(
    weights: Weights,
    ties: Annotated[
        Ties, typer.Option(help="Next state of a unit whose input is zero: keep (the present state), up or down.")
    ] = "keep",
    starts: Annotated[
        int | None,
        typer.Option(help="Number of random initial states. By default all states up to 20 units, 1000 beyond."),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Largest number of steps from an initial state.")] = None,
    zero_one: ZeroOne = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Fixed points and cycles of the noiseless sign map: all of them up to 20 units, by sampling beyond.

    Example: noisette attractors --weights nrooks:20
    """
    network = _input.network(weights, deterministic=True, zero_one=zero_one, seed=seed)
    with nz.studies.Progress("attractors") as progress:
        result = nz.analysis.find_attractors(network, ties, starts=starts, steps=steps, key=seed, progress=progress)
    if isinstance(result, nz.analysis.SampledAttractors):
        _show_sampled(result, network, weights, ties, json)
    else:
        _show(result, network, weights, ties, json)


def _show(
    result: nz.analysis.Attractors, network: nz.networks.BinaryNetwork, weights: str, ties: Ties, json: bool
) -> None:
    if json:
        _output.show_json({"fixed_points": result.fixed_points, "cycles": result.cycles, "basins": result.basins})
        return
    rows = []
    for codes, basin in zip(result.sets, result.basins, strict=True):
        kind = "fixed point" if len(codes) == 1 else f"{len(codes)}-cycle"
        shown = " → ".join(map(str, codes[:16])) + (" …" if len(codes) > 16 else "")
        digits = f"{codes[0]:0{network.size}b}"
        rows.append([kind, shown, digits if network.unit_names is None else _names(digits, network.unit_names), basin])
    title = f"{weights}: {len(result.fixed_points)} fixed points, {len(result.cycles)} cycles (ties: {ties})"
    state = "first state" if network.unit_names is None else "active units of the first state"
    _output.show_table(title, ["attractor", "codes", state, "basin size"], rows[:MOST])
    if len(rows) > MOST:
        print(f"… and {len(rows) - MOST} more; --json prints all")


def _show_sampled(
    result: nz.analysis.SampledAttractors, network: nz.networks.BinaryNetwork, weights: str, ties: Ties, json: bool
) -> None:
    fixed = len(result.fixed_points)
    if json:
        _output.show_json(_sampled_values(result, network, ties))
        return
    rows = [
        ["fixed point" if period == 1 else f"{period}-cycle", _bits(state, 60), int(count)]
        for state, period, count in zip(result.states, result.periods, result.counts, strict=True)
    ]
    title = f"{weights}: {fixed} fixed points, {len(rows) - fixed} cycles, sampled (ties: {ties})"
    _output.show_table(title, ["attractor", "first state", f"runs of {result.starts}"], rows[:MOST])
    if len(rows) > MOST:
        print(f"… and {len(rows) - MOST} more; --json prints all")
    print(result)


def _sampled_values(
    result: nz.analysis.SampledAttractors, network: nz.networks.BinaryNetwork, ties: Ties
) -> dict[str, Any]:
    fixed = len(result.fixed_points)
    cycles = [result.cycle(network, index, ties) for index in range(fixed, len(result.states))]
    return {
        "fixed_points": [int(_bits(state), 2) for state in result.fixed_points],
        "cycles": [[int(_bits(state), 2) for state in cycle] for cycle in cycles],
        "counts": result.counts,
        "starts": result.starts,
        "unfinished": result.unfinished,
        "missed": result.missed,
        "method": "sampled",
    }


def _names(digits: str, names: tuple[str, ...]) -> str:
    """Return the names of the units that are on in a state, at most the first of them."""
    active = [name for digit, name in zip(digits, names, strict=True) if digit == "1"]
    return (", ".join(active[:MOST_NAMES]) + (", …" if len(active) > MOST_NAMES else "")) or "none"


def _bits(state: np.ndarray, most: int | None = None) -> str:
    """Return a state as digits 0 and 1, at most the first `most` of them."""
    digits = "".join("1" if unit > 0 else "0" for unit in state[:most])
    return digits + ("…" if most is not None and len(state) > most else "")
