"""Parts of HTML reports: style, tables of claims, figures with captions, and the document around them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from noisette.progress import format_duration
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
td { min-width: 4rem } td[data-name="time"] { white-space: nowrap } td small { display: block }
.verdict { font-weight: 600 }
.reproduced { color: var(--good) } .differs, .depends { color: var(--partly) }
.not-reproduced, .failed { color: var(--bad) } .not-judged { color: var(--quiet) }
li small { display: block } ul { padding-left: 1.5rem } summary { margin: 1rem 0; cursor: pointer }
nav a, .filter label { margin-right: 1rem } .filter select { font: inherit } [hidden] { display: none !important }
@media (min-width: 40.01rem) { td.wide { width: 40% } }
@media (max-width: 40rem) {
  .plot img { max-width: 44rem }
  table, tbody, tr, td { display: block } tr.head { display: none }
  tr { border-bottom: 1px solid var(--line); padding: 0.4rem 0 } td { border: 0; padding: 0.1rem 0 }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--quiet); font-weight: 400 }
  .filter label { display: block }
}
"""
KINDS = (*VERDICTS, DEPENDS.strip())
# a single letter with an index, such as r_opt or N_T; not the names of files or options
INDEXED = re.compile(r"(?<![\w.])([A-Za-zΑ-Ωα-ωϕ])_([A-Za-zΑ-Ωα-ω0-9]{1,5}|∞)(?!\w)")
Cell = tuple[str, str] | None  # name of the column and HTML; None for a cell that is left out
WIDE = ("claim",)  # columns of long texts
Record = Mapping[str, Any]


def document(title: str, body: str, script: str = "") -> str:
    """Return an HTML document that requests no other file than its figures."""
    code = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}{code}</body></html>\n"
    )


def note(text: str) -> str:
    """Return the paragraph about a restriction of a reproduction; empty if there is none.

    Examples
    --------
    >>> note("Only the abstract was read."), note("")
    ('<p><strong>Only the abstract was read.</strong></p>', '')
    """
    return f"<p><strong>{escape(text)}</strong></p>" if text else ""


def typeset(text: object) -> str:
    """Return a text as HTML, with typeset indices.

    Examples
    --------
    >>> typeset("r_opt < 5, network_000.npz")
    '<i>r</i><sub>opt</sub> &lt; 5, network_000.npz'
    """
    return INDEXED.sub(r"<i>\1</i><sub>\2</sub>", escape(str(text)))


def table(columns: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table with a head."""
    head = "".join(f"<th>{column}</th>" for column in columns)
    return f'<table><tr class="head">{head}</tr>{"".join(rows)}</table>'


def row(first: str, cells: Iterable[Cell], attributes: str = "") -> str:
    """Return a row; on narrow screens, all cells except the first show the name of their column.

    Parameters
    ----------
    first : HTML of the first cell, including its tag
    cells : the other cells
    attributes : attributes of the row
    """
    plain = "".join(_cell(*cell) for cell in cells if cell is not None)
    return f"<tr{attributes}>{first}{plain}</tr>"


def _cell(name: str, text: str) -> str:
    wide = ' class="wide"' if name in WIDE else ""
    return f'<td data-name="{name}"{wide}>{text}</td>'


def verdict_cell(verdict: str) -> str:
    """Return the first cell of a claim."""
    return f'<td class="verdict {class_of(kind_of(verdict))}">{escape(verdict)}</td>'


def verdict_span(verdict: str, text: str = "") -> str:
    """Return a verdict, or another text in its colour."""
    return f'<span class="verdict {class_of(kind_of(verdict))}">{escape(text or verdict)}</span>'


def value_of(claim: Record) -> str:
    """Return the reproduced value of a claim with its standard error."""
    error = claim["error"]
    return claim["ours"] if error is None else f"{claim['ours']} ± {error:.2g}"


def counts_of(claims: Iterable[Record]) -> Counter[str]:
    """Return the numbers of claims by kind of verdict."""
    return Counter(kind_of(claim["verdict"]) for claim in claims)


def kind_of(verdict: str) -> str:
    """Return the verdict without its condition: one of `KINDS`."""
    return verdict if verdict in VERDICTS else DEPENDS.strip()


def class_of(kind: str) -> str:
    """Return the class of a kind of verdict in the style."""
    return kind.removesuffix(" on").replace(" ", "-")


def number_of(kind: str, number: int) -> str:
    """Return a number of claims with their verdict, in the singular or plural."""
    phrase = f"{kind} conditions" if kind == DEPENDS.strip() else kind
    if number > 1:
        phrase = phrase.replace("differs", "differ").replace("depends", "depend")
    return f"{number} {phrase}"


def verdict_counts(counts: Mapping[str, int]) -> str:
    """Return the numbers of claims by verdict as HTML, such as "3 reproduced, 1 differs"."""
    present = [kind for kind in KINDS if counts.get(kind)]
    return ", ".join(f'<span class="{class_of(kind)}">{number_of(kind, counts[kind])}</span>' for kind in present)


def claims_and_figures(claims: int, figures: int) -> str:
    """Return the numbers of claims and figures in words."""
    return f"{claims} claim{'' if claims == 1 else 's'} in {figures} figure{'' if figures == 1 else 's'}"


def duration(seconds: float | None) -> str:
    """Return a run time as text; times of earlier versions are not recorded."""
    return "not recorded" if seconds is None else format_duration(seconds)


def plot_element(figure: Record) -> str:
    """Return the plot of a figure, with a caption that ends in the command that makes it.

    Parameters
    ----------
    figure : figure without a problem, as of `read_figures`
    """
    caption = f"{typeset(figure['caption'])} " if figure["caption"] else ""
    seconds = figure["seconds"]
    time = "" if seconds is None else f" in {format_duration(seconds)}"
    text = escape(f"{figure['title']}. {figure['caption']}".strip())
    return (
        f'<figure><a class="plot" href="{escape(figure["pdf"])}"><img src="{escape(figure["image"])}" alt="{text}"></a>'
        f"<figcaption>{caption}Made by <code>{escape(figure['command'])}</code>{time} with noisette "
        f'{escape(figure["version"])}; data in <a href="{escape(figure["data"])}">{escape(figure["figure"])}.nc</a>.'
        "</figcaption></figure>"
    )


def claims_table(claims: Sequence[Record]) -> str:
    """Return the table of the claims of one figure."""
    rows = []
    for claim in claims:
        cells: list[Cell] = [
            ("claim", typeset(claim["statement"])),
            ("paper", typeset(claim["paper"])),
            ("ours ± s.e.", typeset(value_of(claim))),
            ("reason", typeset(claim["reason"])) if claim["reason"] else None,
        ]
        rows.append(row(verdict_cell(claim["verdict"]), cells))
    return table(("verdict", "claim", "paper", "ours ± s.e.", "reason"), rows)


def problem_element(text: str) -> str:
    """Return the reason why a figure was not reproduced."""
    return f'<p class="failed">{escape(text)}</p>'
