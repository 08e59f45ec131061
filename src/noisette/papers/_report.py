"""The report of a reproduction: one page with every figure that is in the folder, and its claims."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from noisette.papers._paper import Paper
from noisette.studies.store import atomic_write

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
img { max-width: 100%; height: auto } table { border-collapse: collapse; width: 100%; font-size: 0.9rem }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #ddd }
.reproduced { color: #00664a } .differs, .depends-on { color: #8a4b00 } .not-reproduced, .failed { color: #a3003f }
.not-judged { color: #555 } td.verdict { font-weight: 600 }
small { color: #555 }
"""
COLUMNS = ("claim", "paper", "ours ± s.e.", "verdict", "reason")


def write_report(paper: Paper, folder: Path, failures: Mapping[str, str] | None = None) -> Path:
    """Write ``report.html`` about the figures of `paper` found in `folder`.

    Parameters
    ----------
    paper : whose figures
    folder : where `reproduce` put pictures and claims
    failures : why figures were not made this time, by their names

    Returns
    -------
    path of the page
    """
    parts = []
    for figure in paper.figures:
        path = folder / f"{figure.name}.json"
        if reason := (failures or {}).get(figure.name):
            heading = f"<h2>{escape(figure.name)}: {escape(figure.title)}</h2>"
            parts.append(f'{heading}<p class="failed">Not made: {escape(reason)}</p>')
        elif path.is_file():
            parts.append(_section(json.loads(path.read_text(encoding="utf-8"))))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(paper.name)}</title>'
        f"<style>{STYLE}</style><h1>{escape(paper.title)}</h1><p>{escape(paper.reference)}</p>{''.join(parts)}</html>\n"
    )
    with atomic_write(folder / "report.html") as beside:
        beside.write_text(page, encoding="utf-8")
    return folder / "report.html"


def _section(found: dict[str, Any]) -> str:
    name, title = escape(found["figure"]), escape(found["title"])
    rows = "".join(_row(claim) for claim in found["claims"])
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    sentence = found.get("tests", {}).get("sentence", "")  # files of earlier versions have none
    made = f"scale {found['scale']}, seed {found['seed']}, noisette {found['version']}"
    return (
        f'<h2>{name}: {title}</h2><a href="{name}.pdf"><img src="{name}.png" alt="{title}"></a>'
        f"<table><tr>{head}</tr>{rows}</table><p>{escape(sentence)}</p>"
        f"<p><small>{escape(made)}; data in {name}.nc</small></p>"
    )


def _row(claim: dict[str, Any]) -> str:
    error = claim["error"]
    ours = claim["ours"] if error is None else f"{claim['ours']} ± {error:.2g}"
    verdict = claim["verdict"]
    plain = "".join(f"<td>{escape(str(cell))}</td>" for cell in (claim["statement"], claim["paper"], ours))
    kind = "-".join(verdict.split()[:2])
    return f'<tr>{plain}<td class="verdict {kind}">{escape(verdict)}</td><td>{escape(claim["reason"])}</td></tr>'
