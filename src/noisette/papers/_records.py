"""Records of reproduced figures: the files of claims in a folder, and the claims of a run at paper scale."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from noisette.papers._paper import Paper

TEXTS = ("figure", "title", "scale", "version")
CLAIM_TEXTS = ("statement", "paper", "ours", "verdict", "reason")


def read_figures(paper: Paper, folder: Path, problems: Mapping[str, str], prefix: str = "") -> list[dict[str, Any]]:
    """Return the figures of a paper that are in a folder, or that have a problem, in the order of the paper.

    Each is a dictionary that JSON can represent, with the entries figure, title, caption, problem (empty if there is
    none) and claims. Figures without a problem also have command, scale, seed, version, seconds (None if the time is
    not recorded), image, pdf, data and tests. Each claim also has paper_scale: the claim of a run at paper scale,
    or None.

    Parameters
    ----------
    paper : paper of the figures
    folder : folder in which `reproduce` saved plots and claims
    problems : reasons why figures were not reproduced in this session, by figure name
    prefix : path of the folder from the page on which the figures are shown, with a slash at the end
    """
    kept, figures = read_paper_scale(paper), []
    for figure in paper.figures:
        path, name = folder / f"{figure.name}.json", figure.name
        plain = {"figure": name, "title": figure.title, "caption": figure.caption, "problem": "", "claims": []}
        if reason := problems.get(name):
            figures.append(plain | {"problem": f"Not reproduced in this run: {reason}"})
        elif path.is_file():
            record = read_record(path)
            damaged = {"problem": f"{path.name} is damaged; reproduce {name} again"}
            more = _described(paper.name, record, kept.get(name, {}), prefix) if record else damaged
            figures.append(plain | more)
    return figures


def _described(paper: str, record: Mapping[str, Any], kept: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    name, tests, seconds = record["figure"], record.get("tests"), record.get("seconds")
    others = at_paper_scale(record["claims"], {} if record["scale"] == "paper" else kept)
    return {
        "title": record["title"],
        "command": f"noisette reproduce {paper} {name} --scale {record['scale']} --seed {record['seed']}",
        "scale": record["scale"],
        "seed": record["seed"],
        "version": record["version"],
        "seconds": seconds if isinstance(seconds, int | float) else None,
        "image": f"{prefix}{name}.png",
        "pdf": f"{prefix}{name}.pdf",
        "data": f"{prefix}{name}.nc",
        "tests": tests.get("sentence", "") if isinstance(tests, dict) else "",  # absent from earlier versions
        "claims": [claim | {"paper_scale": other} for claim, other in zip(record["claims"], others, strict=True)],
    }


def read_record(path: Path) -> dict[str, Any] | None:
    """Return the content of a file of claims; None if it is damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return record if is_record(record) else None


def read_paper_scale(paper: Paper) -> dict[str, dict[str, Any]]:
    """Return the records of a run at paper scale that were kept, by figure name; empty if there are none."""
    if paper.paper_scale is None or not paper.paper_scale.is_file():
        return {}
    try:
        records = json.loads(paper.paper_scale.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {record["figure"]: record for record in records if is_record(record)} if isinstance(records, list) else {}


def is_record(record: object) -> bool:
    """Return whether an object is the content of a file of claims."""
    if not isinstance(record, dict) or not all(isinstance(record.get(name), str) for name in TEXTS):
        return False
    claims = record.get("claims")
    return isinstance(record.get("seed"), int) and isinstance(claims, list) and all(map(_is_claim, claims))


def _is_claim(claim: object) -> bool:
    if not isinstance(claim, dict) or not all(isinstance(claim.get(name), str) for name in CLAIM_TEXTS):
        return False
    return isinstance(claim.get("error"), int | float | None)


def at_paper_scale(claims: Sequence[dict[str, Any]], kept: Mapping[str, Any]) -> list[dict[str, Any] | None]:
    """Return the claim at paper scale that corresponds to each claim of one figure; None if there is none.

    Statements are compared without the name of the scale and, if that leaves no match, without numbers, since sizes
    differ between the scales.

    Parameters
    ----------
    claims : claims of a figure in a record
    kept : record of the same figure at paper scale, or an empty mapping
    """
    others = kept.get("claims", [])
    exact = {_without_scale(claim["statement"]): claim for claim in others}
    loose: dict[str, list[dict[str, Any]]] = {}
    for claim in others:
        loose.setdefault(_without_numbers(claim["statement"]), []).append(claim)
    counterparts = []
    for claim in claims:
        alike = loose.get(_without_numbers(claim["statement"]), [])
        counterparts.append(exact.get(_without_scale(claim["statement"]), alike[0] if len(alike) == 1 else None))
    return counterparts


def _without_scale(statement: str) -> str:
    return re.sub(r"\b(smoke|quick|paper) scale\b", "scale", statement)


def _without_numbers(statement: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "#", _without_scale(statement))
