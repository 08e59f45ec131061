"""HTML report of a reproduction: one page with the figures in the folder and their claims."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments
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


@check_arguments
def write_report(paper: Paper, folder: Path, failures: Mapping[str, str] | None = None) -> Path:
    """Write ``report.html`` about the figures of `paper` that are in `folder`.

    Parameters
    ----------
    paper : paper of the figures
    folder : folder in which `reproduce` saved plots and claims
    failures : reasons why figures failed in this session, by figure name

    Returns
    -------
    path of the report
    """
    parts = []
    for figure in paper.figures:
        path = folder / f"{figure.name}.json"
        if reason := (failures or {}).get(figure.name):
            heading = f"<h2>{escape(figure.name)}: {escape(figure.title)}</h2>"
            parts.append(f'{heading}<p class="failed">Not reproduced in this run: {escape(reason)}</p>')
        elif path.is_file():
            parts.append(_section(json.loads(path.read_text(encoding="utf-8"))))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(paper.name)}</title>'
        f"<style>{STYLE}</style><h1>{escape(paper.title)}</h1><p>{escape(paper.reference)}</p>{''.join(parts)}</html>\n"
    )
    with atomic_write(folder / "report.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    return folder / "report.html"


def _section(record: dict[str, Any]) -> str:
    name, title = escape(record["figure"]), escape(record["title"])
    rows = "".join(_row(claim) for claim in record["claims"])
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    sentence = record.get("tests", {}).get("sentence", "")  # absent from files of earlier versions
    settings = f"scale {record['scale']}, seed {record['seed']}, noisette {record['version']}"
    return (
        f'<h2>{name}: {title}</h2><a href="{name}.pdf"><img src="{name}.png" alt="{title}"></a>'
        f"<table><tr>{head}</tr>{rows}</table><p>{escape(sentence)}</p><p><small>{escape(settings)}; data in "
        f"{name}.nc</small></p>"
    )


def _row(claim: dict[str, Any]) -> str:
    error = claim["error"]
    ours = claim["ours"] if error is None else f"{claim['ours']} ± {error:.2g}"
    verdict = claim["verdict"]
    plain = "".join(f"<td>{escape(str(cell))}</td>" for cell in (claim["statement"], claim["paper"], ours))
    kind = "-".join(verdict.split()[:2])
    return f'<tr>{plain}<td class="verdict {kind}">{escape(verdict)}</td><td>{escape(claim["reason"])}</td></tr>'
