"""`noisette list` and `noisette cite`: what there is, and whom to thank for it."""

from pathlib import Path
from typing import Annotated

import typer

from noisette.activations import ACTIVATIONS
from noisette.cli._options import Json
from noisette.cli._output import show_json
from noisette.errors import require
from noisette.networks import NETWORKS
from noisette.noise import NOISES
from noisette.papers import PAPERS
from noisette.probes import PROBES
from noisette.provenance import PAPERS as REFERENCES
from noisette.studies import load
from noisette.tasks import TASKS
from noisette.weights import PRESETS


def list_names(json: Json = False) -> None:
    """Name all weights, activations, noises, networks, probes, tasks, papers and figures.

    Example: noisette list
    """
    sections = {
        "weights": PRESETS,
        "activations": ACTIVATIONS,
        "noises": NOISES,
        "networks": NETWORKS,
        "probes": PROBES,
        "tasks": {name: text for name, (_, text) in TASKS.items()},
    }
    figures = {name: {f.name: f.title for f in paper.figures} for name, paper in PAPERS.items()}
    if json:
        names = {section: list(entries) for section, entries in sections.items()}
        show_json({**names, "papers": {name: list(titles) for name, titles in figures.items()}})
        return
    for section, entries in sections.items():
        print(f"{section}:")
        for name, text in entries.items():
            print(f"  {text if section in ('weights', 'activations') else f'{name:20s}{text}'}")
        if section == "weights":
            print("  FILE                        .npy, .npz, .csv or .mat; FILE:NAME where it holds several matrices")
    print("papers:")
    for name, titles in figures.items():
        print(f"  {name}")
        for figure, title in titles.items():
            print(f"    {figure:14s}{title}")


def cite(
    result: Annotated[Path | None, typer.Argument(help="A saved result (.nc); everything if none is given.")] = None,
) -> None:
    """Print the references of what a saved result used.

    Example: noisette cite results/resonance.nc
    """
    keys = list(REFERENCES)
    if result is not None:
        keys = [key for key in str(load(result).attrs.get("references", "")).split(",") if key]
        require(bool(keys), f"{str(result)!r} names no references", "a result saved by noisette does")
    for key in keys:
        print(REFERENCES.get(key, key))
