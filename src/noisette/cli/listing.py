"""`noisette list` and `noisette cite`: registered names and references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.array_files import SUFFIXES
from noisette.cli._options import Json
from noisette.cli._output import show_json
from noisette.errors import InputError, require
from noisette.references import REFERENCES, SOFTWARE, Reference
from noisette.registry import ENTRIES, words

WIDTH = 28
MORE = {  # forms accepted in addition to the registered names
    "weights": [
        ("WEIGHTS+WEIGHTS", "Sum of independent weights, without seeds."),
        ("FILE[:NAME]", f"Matrix or graph in a file: {', '.join(SUFFIXES)}."),
    ],
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
    from noisette.papers import from_string

    if json:
        figures = {word: [figure.name for figure in from_string(word).figures] for word in words("papers")}
        show_json({kind: words(kind) for kind in ENTRIES if kind != "papers"} | {"papers": figures})
        return
    for kind, entries in ENTRIES.items():
        print(f"{kind}:" if kind not in USE else f"{kind} ({USE[kind]}):")
        lines = [(entry.form, entry.summary) for entry in entries] + MORE.get(kind, [])
        width = max(WIDTH, *(len(form) + 2 for form, _ in lines))
        for form, summary in lines:
            print(f"  {form:{width}s}{summary}")
            if kind == "papers":
                for figure in from_string(form).figures:
                    print(f"    {figure.name:{WIDTH - 2}s}{figure.title}")
    print("MODULE:NAME, FILE.py:NAME or MODULE:NAME:NUMBERS can replace any of these words to import your own object.")


def cite(
    source: Annotated[
        str | None,
        typer.Argument(
            help="Saved result (FILE.nc), paper, such as recurrence-resonance, or noisette; all by default."
        ),
    ] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print BibTeX entries.")] = False,
) -> None:
    """Print the references for a saved result or a paper, or all references and that of Noisette itself.

    Example: noisette cite results/resonance.nc

    Example: noisette cite recurrence-resonance --bibtex
    """
    for reference in [*REFERENCES.values(), SOFTWARE] if source is None else _references(source):
        print(reference.bibtex() if bibtex else reference.text)


def _references(source: str) -> list[Reference]:
    if source == SOFTWARE.key:
        return [SOFTWARE]
    if source in words("papers"):
        from noisette.papers import from_string

        text = from_string(source).reference
        return [reference for reference in REFERENCES.values() if reference.text == text]
    if not Path(source).exists() and Path(source).suffix != ".nc":
        names = ", ".join([*words("papers"), SOFTWARE.key])
        raise InputError(f"{source!r} is not a file; a result saved by noisette (.nc), {names}")
    keys = [key for key in str(nz.studies.load(source).attrs.get("references", "")).split(",") if key]
    require(bool(keys), f"{source!r} contains no references", "give a result saved by noisette")
    return [REFERENCES[key] for key in keys if key in REFERENCES]
