"""Pages about the reproduced papers, from a report made by `noisette reproduce --all`."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from docs._sphinx.links import relinked
from noisette.papers import from_string
from noisette.papers._page import INDEXED, KINDS, class_of, counts_of, kind_of, value_of
from noisette.progress import format_duration
from noisette.provenance import PAPERS
from noisette.registry import words

DOCS = Path(__file__).parents[1]
REPORT = DOCS / "report"  # plots and claims of a run of all papers at the quick scale
HEADINGS = {
    "not reproduced": "Not reproduced",
    "differs": "Reproduced with a different value",
    "depends on": "Depends on conditions",
    "not judged": "Not judged",
}
SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|#~&@^])")  # characters with a meaning in MyST Markdown


def write(folder: Path, report: Path | None) -> None:
    """Write `index.md` and one page per paper into a folder, and the plots into `images` below it.

    Without a report, also in `docs/report`, the pages contain titles, captions and commands only.
    """
    report = report or (REPORT if (REPORT / "report.json").is_file() else None)
    content = _without_results() if report is None else json.loads((report / "report.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    for paper in content["papers"]:
        for figure in paper["figures"]:
            if report is not None and "image" in figure:
                shutil.copyfile(report / figure["image"], folder / "images" / _image(paper, figure))
                figure["pixels"] = _pixels(report / figure["image"])
    for paper in content["papers"]:
        (folder / f"{paper['paper']}.md").write_text("\n".join(_page(paper, content)) + "\n", encoding="utf-8")
    (folder / "index.md").write_text("\n".join(_index(content, report is not None)) + "\n", encoding="utf-8")


def _pixels(image: Path) -> int:
    """Return the width of a PNG image, which its header contains."""
    return int.from_bytes(image.read_bytes()[16:20], "big")


def copy_report(report: Path, folder: Path) -> None:
    """Copy the static pages of a report, its plots, data and claims into `report` below a folder of the site."""
    kinds = (".html", ".json", ".png", ".pdf", ".nc")
    target = folder / "report"
    shutil.rmtree(target, ignore_errors=True)
    for path in [*report.glob("*"), *report.glob("*/*")]:
        if path.is_file() and path.suffix in kinds:
            place = target / path.relative_to(report)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    page = target / "index.html"
    text = relinked(page.read_text(encoding="utf-8"), target, folder / "papers")
    page.write_text(text, encoding="utf-8")


def _without_results() -> dict:
    """Return what is known about the papers before they are reproduced, in the form of `report.json`."""
    papers = []
    for paper in map(from_string, words("papers")):
        command = f"noisette reproduce {paper.name}"
        figures = [
            {
                **{"figure": figure.name, "title": figure.title, "caption": figure.caption, "problem": ""},
                **{"command": f"{command} {figure.name}", "claims": [], "tests": "", "seconds": None},
            }
            for figure in paper.figures
        ]
        about = {"paper": paper.name, "title": paper.title, "reference": paper.reference, "command": command}
        about["note"] = paper.note
        papers.append({**about, "preparation_seconds": None, "figures": figures})
    return {"scale": None, "papers": papers}


def _index(content: dict, linked: bool) -> Iterator[str]:
    yield "# Papers\n"
    yield (
        "`noisette reproduce PAPER` reproduces the figures of a paper: it runs the simulations and exact calculations, "
        "draws the figures in the layout of the paper, and prints each claim of the paper beside our value, with a "
        "verdict and the reason. `noisette reproduce --all --scale quick --out report` does this for all papers and "
        "writes one page about them, `report/index.html`, which needs no server and no network connection. Finished "
        "figures are reused, so that the same command resumes an interrupted run; `--workers 2` reproduces two papers "
        "at a time. The scale is `smoke` (small networks, to check that everything runs), `quick` (the pages below) or "
        "`paper` (the sizes of the paper, for which `--scheduler` runs the simulations on a Dask cluster).\n"
    )
    if linked:
        yield 'All of them on one page: <a href="../report/index.html">report</a>.\n'
    if content["scale"] is None:
        yield "The figures are not part of this build of the documentation; the command makes them.\n"
    else:
        yield f"At the scale {content['scale']}, with the seed {content['seed']}:\n"
        yield from _counts_table(content)
    yield ""
    yield from _verdicts()
    yield "```{toctree}\n:hidden:\n"
    yield from (f"{paper['paper']}" for paper in content["papers"])
    yield "```"


def _counts_table(content: dict) -> Iterator[str]:
    counts = {paper["paper"]: counts_of(_claims(paper)) for paper in content["papers"]}
    present = [kind for kind in KINDS if any(numbers[kind] for numbers in counts.values())]
    yield f"| paper | {' | '.join(present)} | time |"
    yield f"|---|{'---|' * len(present)}---|"
    for paper in content["papers"]:
        numbers = [str(counts[paper["paper"]][kind]) for kind in present]
        name = f"{{doc}}`{paper['paper']} <{paper['paper']}>`"
        yield f"| {name} {_citation(paper)} | {' | '.join(numbers)} | {_time(paper)} |"


def _verdicts() -> Iterator[str]:
    yield (
        "A claim is *reproduced* if our value agrees with that of the paper within its precision and two standard "
        "errors, or if the stated effect is present; it *differs* if the effect is present with a different value; it "
        "is *not reproduced* if the effect is absent; it *depends on* a condition if it holds only under this "
        "condition; and it is *not judged* if the data are insufficient, for instance too few trained networks for a "
        "test.\n"
    )


def _page(paper: dict, content: dict) -> Iterator[str]:
    yield f"# {escaped(paper['title'])}\n"
    yield f"Reproduction of {_citation(paper) or escaped(paper['reference'])}.\n"
    if paper.get("note"):
        yield f"{escaped(paper['note'])}\n"
    yield f"```sh\n{paper['command']}\n```\n"
    if content["scale"] is None:
        yield "The figures are not part of this build of the documentation; the command makes them.\n"
    else:
        yield f"Scale {content['scale']}; run time: {_time(paper)} on {escaped(content['machine'])}.\n"
        yield f"{len(_claims(paper))} claims: {_counts(_claims(paper))}.\n"
    differing = [claim for claim in _claims(paper) if claim["verdict"] != "reproduced"]
    if differing:
        yield "[What differs, and why](#what-differs-and-why) lists the claims that are not reproduced.\n"
    for figure in paper["figures"]:
        yield from _figure(paper, figure, _widest(content))
    if differing:
        yield from _differences(paper)


def _widest(content: dict) -> int:
    """Return the width in pixels of the widest plot, which is shown in the full width of the page."""
    return max(
        (figure["pixels"] for paper in content["papers"] for figure in paper["figures"] if "pixels" in figure),
        default=0,
    )


def _figure(paper: dict, figure: dict, widest: int) -> Iterator[str]:
    yield f"({paper['paper']}-{figure['figure']})="
    yield f"## {escaped(figure['figure'])}: {escaped(figure['title'])}\n"
    if figure["problem"]:
        yield f"{escaped(figure['problem'])}\n"
        return
    caption = f"{escaped(figure['caption'])} Made by `{figure['command']}`"
    caption += "." if figure["seconds"] is None else f" in {format_duration(figure['seconds'])}."
    if "image" in figure:
        text = " ".join(f"{figure['title']}. {figure['caption']}".split())
        image = _image(paper, figure)
        width = f"\n:width: {round(100 * figure['pixels'] / widest)}%" if figure["pixels"] < widest else ""
        options = f":alt: {text}\n:target: ../_images/{image}{width}"
        yield f"```{{figure}} images/{image}\n{options}\n\n{caption}\n```\n"
    else:
        yield f"{caption}\n"
    if figure["claims"]:
        yield from _table(figure["claims"])
    if figure["tests"]:
        yield f"\n{escaped(figure['tests'])}\n"


def _table(claims: list[dict]) -> Iterator[str]:
    kept = any(claim.get("paper_scale") for claim in claims)
    more = (" at paper scale |", "---|") if kept else ("", "")
    yield f"| verdict | claim | paper | ours ± s.e. |{more[0]}"
    yield f"|---|---|---|---|{more[1]}"
    for claim in claims:
        cells = [_verdict(claim), escaped(claim["statement"]), escaped(claim["paper"]), escaped(value_of(claim))]
        if kept:
            other = claim.get("paper_scale")
            cells.append(f"{escaped(value_of(other))} {_verdict(other)}" if other else "–")
        yield f"| {' | '.join(cells)} |"
    yield ""


def _differences(paper: dict) -> Iterator[str]:
    yield "## What differs, and why\n"
    for kind, heading in HEADINGS.items():
        pairs = [(f, claim) for f in paper["figures"] for claim in f["claims"] if kind_of(claim["verdict"]) == kind]
        if pairs:
            yield f"### {heading}\n"
        for figure, claim in pairs:
            condition = f" [{escaped(claim['verdict'])}]{{.verdict-depends}}:" if kind == "depends on" else ""
            link = f"[{escaped(figure['figure'])}](#{paper['paper']}-{figure['figure']})"
            values = f"Paper: {escaped(claim['paper'])}; ours: {escaped(value_of(claim))}."
            reason = f" Reason: {escaped(claim['reason'])}." if claim["reason"] else ""
            yield f"- {link}:{condition} {escaped(claim['statement'])}. {values}{reason}"
        if pairs:
            yield ""


def escaped(text: str) -> str:
    """Return a text in one line, in which no character has a meaning in Markdown, with typeset indices.

    Examples
    --------
    >>> escaped("r_opt < 5, network_000.npz")
    'r{sub}`opt` \\\\< 5, network\\\\_000.npz'
    """
    parts, end = [], 0
    line = " ".join(str(text).split())
    for match in INDEXED.finditer(line):
        parts += [SPECIAL.sub(r"\\\1", line[end : match.start()]), f"{match[1]}{{sub}}`{match[2]}`"]
        end = match.end()
    return "".join([*parts, SPECIAL.sub(r"\\\1", line[end:])])


def _verdict(claim: dict) -> str:
    return f"[{escaped(claim['verdict'])}]{{.verdict-{class_of(kind_of(claim['verdict']))}}}"


def _claims(paper: dict) -> list[dict]:
    return [claim for figure in paper["figures"] for claim in figure["claims"]]


def _counts(claims: list[dict]) -> str:
    counts = counts_of(claims)
    names = {"differs": "with another value", "depends on": "depending on conditions"}
    shown = [f"[{n} {names.get(kind, kind)}]{{.verdict-{class_of(kind)}}}" for kind in KINDS if (n := counts[kind])]
    return ", ".join(shown)


def _time(paper: dict) -> str:
    times = [paper["preparation_seconds"], *(figure.get("seconds") for figure in paper["figures"])]
    known = [seconds for seconds in times if seconds is not None]
    return format_duration(sum(known)) if known else "not recorded"


def _citation(paper: dict) -> str:
    """Return the citation of a paper, from the key of its reference."""
    key = next((key for key, text in PAPERS.items() if text == paper["reference"]), None)
    return f"{{cite:t}}`{key}`" if key else ""


def _image(paper: dict, figure: dict) -> str:
    return f"{paper['paper']}-{figure['figure']}.png"
