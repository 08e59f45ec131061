"""The HTML page about all papers, from the content of ``report.json``."""

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from noisette.papers import _page
from noisette.papers._page import Cell, note, typeset

Content = Mapping[str, Any]
# Without JavaScript the filter is hidden, and all claims are shown.
FILTER = """
const filter = document.querySelector(".filter"), rows = [...document.querySelectorAll("tr[data-kind]")];
const [paper, verdict] = filter.querySelectorAll("select"), shown = filter.querySelector("output");
function apply() {
  for (const row of rows)
    row.hidden = ![[paper.value, row.dataset.paper], [verdict.value, row.dataset.kind]]
      .every(([chosen, value]) => !chosen || chosen === value);
  shown.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} claims`;
}
filter.hidden = false;
filter.addEventListener("input", apply);
window.addEventListener("pageshow", apply);
apply();
"""
CLAIM_COLUMNS = ("verdict", "figure", "claim", "paper", "ours ± s.e.")
PAPER_SCALE = "at paper scale"


def index_page(content: Content) -> str:
    """Return the page: summary, what differs and why, figures, claims with a filter, run times and commands."""
    sections = {
        "summary": ("Summary", _summary),
        "differences": ("What differs, and why", _differences),
        "figures": ("Figures", _figures),
        "claims": ("All claims", _claims),
        "times": ("Run times and commands", _times),
        "versions": ("Versions", _versions),
    }
    links = "".join(f'<a href="#{name}">{title}</a> ' for name, (title, _) in sections.items())
    parts = "".join(f'<h2 id="{name}">{title}</h2>{make(content)}' for name, (title, make) in sections.items())
    body = f"<h1>Reproduction of {len(content['papers'])} papers</h1>{_heading(content)}<nav>{links}</nav>{parts}"
    return _page.document("Noisette: reproduction of papers", body, FILTER)


def _heading(content: Content) -> str:
    shown = ("noisette", "python", "jax", "numpy")
    installed = ", ".join(f"{name} {content['versions'][name]}" for name in shown)
    date = content["date"].replace("T", " ").replace("+00:00", " UTC")
    return (
        f"<p>Made by <code>{escape(content['command'])}</code> on {escape(date)} with {escape(installed)}. The scale "
        f"is {escape(content['scale'])} and the seed {content['seed']}. Random numbers depend only on the seed and on "
        "the parameters of a simulation, not on the machine or on the number of workers. Single runs of chaotic "
        "networks may still differ between machines, because rounding errors do. The same data are in "
        '<a href="report.json">report.json</a>.</p>'
    )


def _figures_of(content: Content) -> Iterator[tuple[Content, Content]]:
    for paper in content["papers"]:
        for figure in paper["figures"]:
            yield paper, figure


def _claims_of(content: Content) -> Iterator[tuple[Content, Content, Content]]:
    for paper, figure in _figures_of(content):
        for claim in figure["claims"]:
            yield paper, figure, claim


def _place(paper: Content, figure: Content) -> str:
    return escape(f"{paper['paper']}-{figure['figure']}")


def _link(paper: Content, figure: Content, with_paper: bool = True) -> str:
    """Return a link to a figure on the page."""
    name = f"{paper['paper']} {figure['figure']}" if with_paper else figure["figure"]
    return f'<a href="#{_place(paper, figure)}">{escape(name)}</a>'


def _summary(content: Content) -> str:
    counts = {
        paper["paper"]: _page.counts_of(claim for figure in paper["figures"] for claim in figure["claims"])
        for paper in content["papers"]
    }
    total = sum(counts.values(), Counter())
    kinds = [kind for kind in _page.KINDS if total[kind]]
    rows = []
    for paper in content["papers"]:
        name = escape(paper["paper"])
        first = f'<td><a href="#figures-{name}">{name}</a> {escape(paper["reference"])}</td>'
        cells: list[Cell] = [(kind, str(counts[paper["paper"]][kind])) for kind in kinds]
        rows.append(_page.row(first, [*cells, ("time", _total_time(paper))]))
    figures = sum(1 for _, figure in _figures_of(content) if not figure["problem"])
    sentence = _page.claims_and_figures(total.total(), figures)
    problems = [
        f"<li>{_link(paper, figure)}: {escape(figure['problem'])}</li>"
        for paper, figure in _figures_of(content)
        if figure["problem"]
    ]
    missing = f'<ul class="failed">{"".join(problems)}</ul>' if problems else ""
    return f"<p>{sentence}: {_page.verdict_counts(total)}.</p>{_page.table(('paper', *kinds, 'time'), rows)}{missing}"


def _seconds(paper: Content) -> list[float | None]:
    """Return the run times of the figures of a paper, and of their preparation if there was one."""
    times = [figure.get("seconds") for figure in paper["figures"] if not figure["problem"]]
    return times if paper["preparation_seconds"] is None else [paper["preparation_seconds"], *times]


def _total_time(paper: Content) -> str:
    times = _seconds(paper)
    known = [seconds for seconds in times if seconds is not None]
    if not known:
        return "not recorded"
    return _page.duration(sum(known)) + ("" if len(known) == len(times) else " (in part)")


def _differences(content: Content) -> str:
    """Return all claims that are not reproduced with the reasons, by paper and verdict."""
    parts = []
    for paper in content["papers"]:
        items: dict[str, list[str]] = {}
        for figure in paper["figures"]:
            for claim in figure["claims"]:
                items.setdefault(_page.kind_of(claim["verdict"]), []).append(_difference(paper, figure, claim))
        kinds = [kind for kind in _page.KINDS if kind not in ("reproduced", "not judged")]
        listed = "".join(item for kind in kinds for item in items.get(kind, []))
        undecided = items.get("not judged", [])
        text = f"<ul>{listed}</ul>" if listed else ""
        if undecided:
            text += (
                f"<details open><summary>{len(undecided)} not judged</summary><ul>{''.join(undecided)}</ul></details>"
            )
        nothing = "All claims are reproduced." if items else "There are no claims."
        parts.append(f"<h3>{escape(paper['paper'])}</h3>{text or f'<p>{nothing}</p>'}")
    return "".join(parts)


def _difference(paper: Content, figure: Content, claim: Content) -> str:
    reason = f"<small>{_sentence(claim['reason'])}</small>" if claim["reason"] else ""
    return (
        f"<li>{_page.verdict_span(claim['verdict'])} ({_link(paper, figure, with_paper=False)}) "
        f"{typeset(claim['statement'])}. Paper: {typeset(claim['paper'])}; ours: {typeset(_page.value_of(claim))}."
        f"{reason}</li>"
    )


def _sentence(text: str) -> str:
    """Return a reason as a sentence; its first letter may be a symbol and is not changed."""
    return typeset(text if text.endswith(".") else f"{text}.")


def _figures(content: Content) -> str:
    parts = []
    for paper in content["papers"]:
        name = escape(paper["paper"])
        parts.append(
            f'<h3 id="figures-{name}">{escape(paper["title"])}</h3><p>{escape(paper["reference"])}</p>'
            f"{note(paper.get('note', ''))}"
            f'<p><a href="{name}/report.html">Claims figure by figure</a>; '
            f"made by <code>{escape(paper['command'])}</code></p>"
        )
        parts += [_figure(paper, figure) for figure in paper["figures"]]
    return "".join(parts)


def _figure(paper: Content, figure: Content) -> str:
    heading = f'<h4 id="{_place(paper, figure)}">{escape(figure["figure"])}: {typeset(figure["title"])}</h4>'
    if figure["problem"]:
        return heading + _page.problem_element(figure["problem"])
    counts = _page.verdict_counts(_page.counts_of(figure["claims"]))
    tests = f" <small>{typeset(figure['tests'])}</small>" if figure["tests"] else ""
    return f"{heading}{_page.plot_element(figure)}<p>{counts or 'no claims'}.{tests}</p>"


def _claims(content: Content) -> str:
    kept = any(claim["paper_scale"] for _, _, claim in _claims_of(content))
    rows = [_claim(paper, figure, claim, kept) for paper, figure, claim in _claims_of(content)]
    papers = [paper["paper"] for paper in content["papers"]]
    present = {_page.kind_of(claim["verdict"]) for _, _, claim in _claims_of(content)}
    choices = _select("Paper", papers) + _select("Verdict", [kind for kind in _page.KINDS if kind in present])
    form = f'<p class="filter" hidden>{choices}<output></output></p>'
    return form + _page.table((*CLAIM_COLUMNS, PAPER_SCALE) if kept else CLAIM_COLUMNS, rows)


def _select(label: str, values: list[str]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
    return f'<label>{label} <select><option value="">all</option>{options}</select></label>'


def _claim(paper: Content, figure: Content, claim: Content, kept: bool) -> str:
    reason = f"<small>{typeset(claim['reason'])}</small>" if claim["reason"] else ""
    other = claim["paper_scale"]
    beside = f"{typeset(_page.value_of(other))} {_page.verdict_span(other['verdict'])}" if other else "–"
    cells: list[Cell] = [
        ("figure", _link(paper, figure)),
        ("claim", typeset(claim["statement"]) + reason),
        ("paper", typeset(claim["paper"])),
        ("ours ± s.e.", typeset(_page.value_of(claim))),
        (PAPER_SCALE, beside) if kept else None,
    ]
    kind = escape(_page.kind_of(claim["verdict"]))
    attributes = f' data-paper="{escape(paper["paper"])}" data-kind="{kind}"'
    return _page.row(_page.verdict_cell(claim["verdict"]), cells, attributes)


def _times(content: Content) -> str:
    rows = []
    for paper in content["papers"]:
        if (seconds := paper["preparation_seconds"]) is not None:
            first = f"<td>{escape(paper['paper'])}, preparation of several figures</td>"
            rows.append(_page.row(first, [("time", _page.duration(seconds)), ("command", "with the first of them")]))
        for figure in paper["figures"]:
            if not figure["problem"]:
                time, command = _page.duration(figure["seconds"]), f"<code>{escape(figure['command'])}</code>"
                rows.append(_page.row(f"<td>{_link(paper, figure)}</td>", [("time", time), ("command", command)]))
    times = [seconds for paper in content["papers"] for seconds in _seconds(paper) if seconds is not None]
    return (
        "<p>The time of a figure is that of the run that computed its data, plot and claims, on "
        f"{escape(content['machine'])}; papers may have been reproduced side by side. The sum is "
        f"{_page.duration(sum(times))}.</p>{_page.table(('figure', 'time', 'command'), rows)}"
    )


def _versions(content: Content) -> str:
    return f"<p>{escape(', '.join(f'{name} {number}' for name, number in content['versions'].items()))}.</p>"
