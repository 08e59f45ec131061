"""HTML report of a reproduction: a summary, the figures in the folder with captions, and their claims."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments
from noisette.disk import atomic_write
from noisette.papers._paper import Figure, Paper
from noisette.studies.claims import DEPENDS, VERDICTS

# On narrow screens, each claim is a block of labelled lines, and plots scroll sideways instead of shrinking until their
# labels are illegible. Plots keep a white background in dark mode.
STYLE = """
:root { color-scheme: light dark; --text: #222; --page: #fff; --quiet: #555; --line: #ddd; --link: #0b57a4;
  --good: #00664a; --partly: #8a4b00; --bad: #a3003f }
@media (prefers-color-scheme: dark) { :root { --text: #e4e4e4; --page: #161616; --quiet: #a8a8a8; --line: #3c3c3c;
  --link: #8ab8f0; --good: #5fd0a8; --partly: #f0b060; --bad: #ff8fae } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--text); background: var(--page); overflow-wrap: break-word }
a { color: var(--link) } code { font-size: 0.9em; overflow-wrap: anywhere }
figure { margin: 1rem 0 } figcaption, small { color: var(--quiet); font-size: 0.9rem }
.plot { display: block; overflow-x: auto }
img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: 4px }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line) }
td { min-width: 4rem } td.verdict { font-weight: 600 }
.reproduced { color: var(--good) } .differs, .depends { color: var(--partly) }
.not-reproduced, .failed { color: var(--bad) } .not-judged { color: var(--quiet) }
@media (max-width: 40rem) {
  .plot img { max-width: none; width: 44rem }
  table, tbody, tr, td { display: block } tr.head { display: none }
  tr { border-bottom: 1px solid var(--line); padding: 0.4rem 0 } td { border: 0; padding: 0.1rem 0 }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--quiet); font-weight: 400 }
}
"""
COLUMNS = ("verdict", "claim", "paper", "ours ± s.e.", "reason")
KINDS = (*VERDICTS, DEPENDS.strip())
# a single letter with an index, such as r_opt or N_T; not the names of files or options
INDEXED = re.compile(r"(?<![\w.])([A-Za-zΑ-Ωα-ωϕ])_([A-Za-zΑ-Ωα-ω0-9]{1,5}|∞)(?!\w)")


@check_arguments
def write_report(paper: Paper, folder: Path, failures: Mapping[str, str] | None = None) -> Path:
    """Write ``report.html`` about the figures of `paper` that are in `folder`.

    The report begins with the numbers of claims by verdict and the command that makes it again. Each figure has a
    caption that states what is exact, what is simulated and what error bars are.

    Parameters
    ----------
    paper : paper of the figures
    folder : folder in which `reproduce` saved plots and claims
    failures : reasons why figures failed in this session, by figure name

    Returns
    -------
    path of the report
    """
    records, parts = [], []
    for figure in paper.figures:
        path = folder / f"{figure.name}.json"
        if reason := (failures or {}).get(figure.name):
            parts.append(_failed(figure, f"Not reproduced in this run: {reason}"))
        elif path.is_file():
            try:
                record = json.loads(path.read_text(encoding="utf-8"))
                parts.append(_section(paper, figure, record))
                records.append((figure, record))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                parts.append(_failed(figure, f"{path.name} is damaged; reproduce {figure.name} again"))
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(paper.name)}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(paper.title)}</h1><p>{escape(paper.reference)}</p>"
        f"{_summary(paper, records)}{''.join(parts)}</body></html>\n"
    )
    with atomic_write(folder / "report.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    return folder / "report.html"


def typeset(text: object) -> str:
    """Return a text as HTML, with typeset indices.

    Examples
    --------
    >>> typeset("r_opt < 5, network_000.npz")
    '<i>r</i><sub>opt</sub> &lt; 5, network_000.npz'
    """
    return INDEXED.sub(r"<i>\1</i><sub>\2</sub>", escape(str(text)))


def _failed(figure: Figure, reason: str) -> str:
    heading = f'<h2 id="{escape(figure.name)}">{escape(figure.name)}: {typeset(figure.title)}</h2>'
    return f'{heading}<p class="failed">{escape(reason)}</p>'


def _summary(paper: Paper, records: list[tuple[Figure, dict[str, Any]]]) -> str:
    """Return the numbers of claims by verdict and figure, and the command that makes the report again."""
    if not records:
        return ""
    counts = {figure.name: _counts(record["claims"]) for figure, record in records}
    total = sum(counts.values(), Counter())
    head = "".join(f"<th>{escape(name)}</th>" for name in ("figure", *KINDS) if name == "figure" or total[name])
    rows = "".join(
        f'<tr><td><a href="#{escape(figure.name)}">{escape(figure.name)}</a> {typeset(figure.title)}</td>'
        + "".join(f'<td data-name="{kind}">{counts[figure.name][kind]}</td>' for kind in KINDS if total[kind])
        + "</tr>"
        for figure, _ in records
    )
    verdicts = ", ".join(
        f'<span class="{_class(kind)}">{_number(kind, total[kind])}</span>' for kind in KINDS if total[kind]
    )
    claims = sum(total.values())
    sentence = f"{claims} claim{'' if claims == 1 else 's'} in {len(records)} figure{'' if len(records) == 1 else 's'}"
    settings = {(record["scale"], record["seed"]) for _, record in records}
    commands = " and ".join(
        f"<code>noisette reproduce {escape(paper.name)} --scale {escape(scale)} --seed {seed}</code>"
        for scale, seed in sorted(settings)
    )
    return (
        f"<h2>Summary</h2><p>{sentence}: {verdicts}.</p>"
        f'<table><tr class="head">{head}</tr>{rows}</table><p>Made by {commands}.</p>'
    )


def _number(kind: str, number: int) -> str:
    """Return a number of claims with their verdict, in the singular or plural."""
    phrase = f"{kind} conditions" if kind == DEPENDS.strip() else kind
    if number > 1:
        phrase = phrase.replace("differs", "differ").replace("depends", "depend")
    return f"{number} {phrase}"


def _counts(claims: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(_kind(claim["verdict"]) for claim in claims)


def _kind(verdict: str) -> str:
    return verdict if verdict in VERDICTS else DEPENDS.strip()


def _class(kind: str) -> str:
    return kind.removesuffix(" on").replace(" ", "-")


def _section(paper: Paper, figure: Figure, record: dict[str, Any]) -> str:
    name, title = escape(record["figure"]), escape(record["title"])
    rows = "".join(_row(claim) for claim in record["claims"])
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    sentence = record.get("tests", {}).get("sentence", "")  # absent from files of earlier versions
    command = f"noisette reproduce {paper.name} {record['figure']} --scale {record['scale']} --seed {record['seed']}"
    caption = f"{typeset(figure.caption)} " if figure.caption else ""
    return (
        f'<h2 id="{name}">{name}: {typeset(record["title"])}</h2>'
        f'<figure><a class="plot" href="{name}.pdf"><img src="{name}.png" alt="{title}"></a>'
        f"<figcaption>{caption}Made by <code>{escape(command)}</code> with noisette {escape(record['version'])}; data "
        f'in <a href="{name}.nc">{name}.nc</a>.</figcaption></figure>'
        f'<table><tr class="head">{head}</tr>{rows}</table><p><small>{typeset(sentence)}</small></p>'
    )


def _row(claim: dict[str, Any]) -> str:
    error = claim["error"]
    ours = claim["ours"] if error is None else f"{claim['ours']} ± {error:.2g}"
    verdict = claim["verdict"]
    cells = (claim["statement"], claim["paper"], ours, claim["reason"])
    plain = "".join(
        f'<td data-name="{column}">{typeset(cell)}</td>'
        for column, cell in zip(COLUMNS[1:], cells, strict=True)
        if str(cell) or column != "reason"
    )
    return f'<tr><td class="verdict {_class(_kind(verdict))}">{escape(verdict)}</td>{plain}</tr>'
