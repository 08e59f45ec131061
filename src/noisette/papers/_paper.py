"""What a reproduction is, and how it is run: study, data on disk, plot, claims."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

from noisette.errors import InputError, require
from noisette.papers._multiplicity import multiplicity
from noisette.plots import save as save_plot
from noisette.plots import style
from noisette.provenance import program_version
from noisette.studies import Claim, Serial, Study, load, save
from noisette.studies.store import atomic_write

SCALES = ("smoke", "quick", "paper")
THREADS = {"smoke": 2, "quick": 2, "paper": 1}  # large networks fill the processor by themselves
Progress = Callable[[int, int], None]
Say = Callable[..., None]  # see studies.Progress.update


@dataclass(frozen=True)
class Figure:
    """One figure: a study for each scale, a plot of its data, and the claims that the data decide.

    Parameters
    ----------
    name : as typed at the terminal
    title : one line
    study : from scale and seed to the study; of a paper that prepares, from the folder of the reproduction, too
    plot : from the study's data to a matplotlib figure
    claims : from the study's data to claims
    extra : the extra of the package without which the figure cannot be made, empty if the plain package makes it
    """

    name: str
    title: str
    study: Callable[..., Study]
    plot: Callable[[xr.Dataset], Any]
    claims: Callable[[xr.Dataset], list[Claim]]
    extra: str = ""

    def verdicts(self, data: xr.Dataset, scale: str) -> list[Claim]:
        """Return the claims; at smoke scale only those are judged that do not depend on the scale."""
        claims = self.claims(data)
        if scale != "smoke":
            return claims
        reason = "smoke scale is too small to decide it; at quick scale it is judged"
        undecided = {"verdict": "not judged", "reason": reason, "p": None, "level": None}
        return [claim if claim.any_scale else replace(claim, **undecided) for claim in claims]


@dataclass(frozen=True)
class Paper:
    """A paper and the figures of it that are reproduced, ours at the end.

    Parameters
    ----------
    name : as typed at the terminal
    title, reference : of the paper
    figures : in the order in which they are drawn
    prepare : long work that several figures rest on, such as training networks: called with scale, seed, folder,
        figures, and a function that shows progress; it keeps what it makes in the folder, and goes on with it
    """

    name: str
    title: str
    reference: str
    figures: tuple[Figure, ...]
    prepare: Callable[[str, int, Path, Sequence[Figure], Say], None] | None = None

    def chosen(self, names: Sequence[str]) -> list[Figure]:
        """Return the named figures, each once; all if none is named."""
        known = {figure.name: figure for figure in self.figures}
        for name in names:
            require(name in known, f"unknown figure {name!r} of {self.name}", f"figures are {', '.join(known)}")
        return [known[name] for name in dict.fromkeys(names)] or list(self.figures)


def reproduce(
    paper: Paper,
    figure: Figure,
    out: Path,
    *,
    scale: str = "quick",
    seed: int = 0,
    recompute: bool = False,
    progress: Progress | None = None,
) -> tuple[list[Claim], bool]:
    """Reproduce one figure: run its study, save data, PNG, PDF and claims, return the claims.

    Data of the same figure, scale, seed and version found in `out` are used again, so that an interrupted
    reproduction goes on where it stopped.

    Parameters
    ----------
    paper, figure : what to reproduce
    out : folder; data go to ``FIGURE.nc``, pictures to ``FIGURE.png`` and ``.pdf``, claims to ``FIGURE.json``
    scale : "smoke" (seconds; shows that everything runs), "quick" or "paper"
    seed : of everything simulated
    recompute : compute saved results again
    progress : called with (done, total)

    Returns
    -------
    (claims, whether the data were there already)
    """
    require(scale in SCALES, f"scale {scale!r}", f"one of {', '.join(SCALES)}")
    configuration = json.dumps(
        {
            "paper": paper.name,
            "figure": figure.name,
            "scale": scale,
            "seed": seed,
            "version": program_version(),
        }
    )
    path = out / f"{figure.name}.nc"
    data = None if recompute else _saved(path, configuration)
    found = data is not None
    if data is None:
        places = () if paper.prepare is None else (out,)
        data = figure.study(scale, seed, *places).run(progress, Serial(THREADS[scale]))
        data.attrs["reproduction"] = configuration
        save(data, path)
    claims = figure.verdicts(data, scale)
    with style():
        save_plot(figure.plot(data), out / figure.name)
    with atomic_write(out / f"{figure.name}.json") as beside:
        table = {
            **json.loads(configuration),
            "title": figure.title,
            "claims": [claim.row() for claim in claims],
            "tests": multiplicity(claims).row(),
        }
        beside.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return claims, found


def _saved(path: Path, configuration: str) -> xr.Dataset | None:
    """Return the data at `path` if they are whole and were made with the same configuration."""
    try:
        data = load(path)
    except InputError:
        return None
    return data if data.attrs.get("reproduction") == configuration else None
