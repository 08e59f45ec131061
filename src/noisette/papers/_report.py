"""HTML report of the reproduction of one paper: a summary, the figures with captions, and their claims."""

from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments
from noisette.disk import atomic_write
from noisette.papers import _page
from noisette.papers._page import typeset
from noisette.papers._paper import Paper
from noisette.papers._records import read_figures


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
    figures = read_figures(paper, folder, failures or {})
    body = (
        f"<h1>{escape(paper.title)}</h1><p>{escape(paper.reference)}</p>"
        f"{_page.note(paper.note)}"
        f"{_summary(paper, [figure for figure in figures if not figure['problem']])}"
        f"{''.join(map(_section, figures))}"
    )
    with atomic_write(folder / "report.html") as temporary:
        temporary.write_text(_page.document(paper.name, body), encoding="utf-8")
    return folder / "report.html"


def _summary(paper: Paper, figures: list[dict[str, Any]]) -> str:
    """Return the numbers of claims by verdict and figure, and the command that makes the report again."""
    if not figures:
        return ""
    counts = {figure["figure"]: _page.counts_of(figure["claims"]) for figure in figures}
    total = sum(counts.values(), Counter())
    kinds = [kind for kind in _page.KINDS if total[kind]]
    rows = []
    for figure in figures:
        name = escape(figure["figure"])
        cells = [(kind, str(counts[figure["figure"]][kind])) for kind in kinds]
        rows.append(_page.row(f'<td><a href="#{name}">{name}</a> {typeset(figure["title"])}</td>', cells))
    settings = sorted({(figure["scale"], figure["seed"]) for figure in figures})
    commands = " and ".join(
        f"<code>noisette reproduce {escape(paper.name)} --scale {escape(scale)} --seed {seed}</code>"
        for scale, seed in settings
    )
    sentence = f"{_page.claims_and_figures(total.total(), len(figures))}: {_page.verdict_counts(total)}."
    return f"<h2>Summary</h2><p>{sentence}</p>{_page.table(('figure', *kinds), rows)}<p>Made by {commands}.</p>"


def _section(figure: dict[str, Any]) -> str:
    name = escape(figure["figure"])
    heading = f'<h2 id="{name}">{name}: {typeset(figure["title"])}</h2>'
    if figure["problem"]:
        return heading + _page.problem_element(figure["problem"])
    return (
        f"{heading}{_page.plot_element(figure)}{_page.claims_table(figure['claims'])}"
        f"<p><small>{typeset(figure['tests'])}</small></p>"
    )
