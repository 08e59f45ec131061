"""`noisette list` and `noisette cite`: registered names and references."""

from pathlib import Path
from typing import Annotated

import typer

from noisette.cli._options import Json
from noisette.cli._output import show_json
from noisette.errors import require
from noisette.papers import from_string
from noisette.provenance import PAPERS as REFERENCES
from noisette.registry import ENTRIES, words
from noisette.studies import load

WIDTH = 28
MORE = {  # forms accepted in addition to the registered names
    "weights": [("FILE[:NAME]", "Matrix in an .npy, .npz, .csv, .txt or .mat file.")],
    "noises": [("NOISE+NOISE", "Sum of independent noises.")],
}
USE = {
    "networks": "in study files: kind = WORD",
    "probes": "in study files: probes = { WORD = { … } }",
    "measures": "in study files: kind = WORD",
}


def list_names(json: Json = False) -> None:
    """List the available weights, activations, noises, networks, probes, tasks, measures, papers and figures.

    Example: noisette list
    """
    if json:
        figures = {word: [figure.name for figure in from_string(word).figures] for word in words("papers")}
        show_json({kind: words(kind) for kind in ENTRIES if kind != "papers"} | {"papers": figures})
        return
    for kind, entries in ENTRIES.items():
        print(f"{kind}:" if kind not in USE else f"{kind} ({USE[kind]}):")
        lines = [(entry.form, entry.summary) for entry in entries] + MORE.get(kind, [])
        for form, summary in lines:
            print(f"  {form:{WIDTH}s}{summary}")
            if kind == "papers":
                for figure in from_string(form).figures:
                    print(f"    {figure.name:{WIDTH - 2}s}{figure.title}")
    print("MODULE:NAME, FILE.py:NAME or MODULE:NAME:NUMBERS can replace any of these words to import your own object.")


def cite(
    result: Annotated[Path | None, typer.Argument(help="Saved result (.nc); all references by default.")] = None,
) -> None:
    """Print the references for the methods of a saved result, or all references.

    Example: noisette cite results/resonance.nc
    """
    keys = list(REFERENCES)
    if result is not None:
        keys = [key for key in str(load(result).attrs.get("references", "")).split(",") if key]
        require(bool(keys), f"{str(result)!r} contains no references", "give a result saved by noisette")
    for key in keys:
        print(REFERENCES.get(key, key))
