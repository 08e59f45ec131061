"""One page and one JSON file about all papers: claims, figures, differences, run times, versions and commands."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments
from noisette.disk import atomic_write
from noisette.papers._all import Settings
from noisette.papers._index_page import index_page
from noisette.papers._page import counts_of
from noisette.papers._paper import Paper
from noisette.papers._records import read_figures
from noisette.papers._times import preparation_seconds
from noisette.studies._versions import versions_of

SCHEMA = 1  # raised when entries of the JSON file change their meaning
LIBRARIES = ("noisette", "jax", "jaxlib", "equinox", "optax", "numpy", "scipy", "xarray", "matplotlib")


@check_arguments
def write_index(
    papers: Sequence[Paper],
    folder: Path,
    settings: Settings,
    problems: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Write ``index.html`` and ``report.json`` about all figures in the folder of `reproduce_papers`.

    The page requests no other files than the figures beside it. Claims at paper scale that were kept in the package are
    shown beside those of this run.

    Parameters
    ----------
    papers : papers in the order of the page
    folder : folder with one subfolder per paper
    settings : scale and seed of the run
    problems : reasons why figures were not reproduced in this session, by name of the paper and of the figure

    Returns
    -------
    content of ``report.json``
    """
    problems = problems or {}
    content = {
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": settings.scale,
        "seed": settings.seed,
        "command": f"noisette reproduce --all --scale {settings.scale} --seed {settings.seed}",
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "papers": [_paper(paper, folder / paper.name, settings, problems.get(paper.name, {})) for paper in papers],
    }
    content["claims"] = dict(counts_of(claim for paper in content["papers"] for claim in claims_in(paper)))
    write_files(content, folder)
    return content


def write_files(content: dict[str, Any], folder: Path) -> None:
    """Write ``report.json`` and ``index.html`` with the content of a report."""
    with atomic_write(folder / "report.json") as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with atomic_write(folder / "index.html") as temporary:
        temporary.write_text(index_page(content), encoding="utf-8")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries on which results depend."""
    return {"python": platform.python_version()} | versions_of(LIBRARIES)


def claims_in(paper: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the claims of all figures of a paper in the JSON file."""
    return [claim for figure in paper["figures"] for claim in figure["claims"]]


def _paper(paper: Paper, folder: Path, settings: Settings, problems: Mapping[str, str]) -> dict[str, Any]:
    return {
        "paper": paper.name,
        "title": paper.title,
        "reference": paper.reference,
        "note": paper.note,
        "command": f"noisette reproduce {paper.name} --scale {settings.scale} --seed {settings.seed}",
        "preparation_seconds": preparation_seconds(folder, settings.scale, settings.seed),
        "figures": read_figures(paper, folder, problems, f"{paper.name}/"),
    }
