"""The pages of the documentation about papers, with and without a report."""

import json
import sys
from pathlib import Path

import pytest

from noisette.papers import Settings, from_string, write_index
from noisette.registry import words

ROOT = Path(__file__).parents[1]
SETTINGS = Settings("quick")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (700).to_bytes(4, "big") + (300).to_bytes(4, "big")


@pytest.fixture
def pages(monkeypatch, tmp_path):
    """Return the module that writes the pages; no report of an earlier build is used."""
    monkeypatch.syspath_prepend(str(ROOT))
    for name in [name for name in sys.modules if name == "docs" or name.startswith("docs.")]:
        monkeypatch.delitem(sys.modules, name)
    from docs._sphinx import papers

    monkeypatch.setattr(papers, "REPORT", tmp_path / "none")
    return papers


@pytest.fixture
def report(tmp_path):
    """Return the folder of a report with one figure, whose claims contain characters of Markdown."""
    folder = tmp_path / "report"
    (folder / "correlations").mkdir(parents=True)
    claim = {"statement": "σ_w is $5 | x", "paper": "[a](b) *c*", "ours": "4", "error": 0.1, "p": None, "level": None}
    claims = [
        claim | {"verdict": "reproduced", "reason": ""},
        claim | {"verdict": "differs", "reason": "the <step> is too long"},
        claim | {"verdict": "depends on N", "reason": ""},
    ]
    figure = from_string("correlations").figures[0]
    known = {"figure": figure.name, "title": figure.title, "scale": "quick", "seed": 0, "version": "1", "seconds": 75.0}
    record = {**known, "claims": claims, "tests": {"sentence": "No claim rests on a significance test."}}
    (folder / "correlations" / f"{figure.name}.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "correlations" / f"{figure.name}.png").write_bytes(PNG)
    write_index([from_string(word) for word in words("papers")], folder, SETTINGS)
    return folder


def test_without_a_report_the_pages_name_figures_and_commands(pages, tmp_path):
    folder = tmp_path / "papers"
    pages.write(folder, None)
    assert {path.name for path in folder.glob("*.md")} == {"index.md", *(f"{word}.md" for word in words("papers"))}
    for word in words("papers"):
        text = (folder / f"{word}.md").read_text(encoding="utf-8")
        assert "The figures are not part of this build of the documentation; the command makes them." in text
        assert f"`noisette reproduce {word} {from_string(word).figures[0].name}`" in text
        assert "{cite:t}`" in text
        assert "```{figure}" not in text


def test_figures_and_claims_of_a_report_are_shown(pages, report, tmp_path):
    folder = tmp_path / "papers"
    pages.write(folder, report)
    name = from_string("correlations").figures[0].name
    text = (folder / "correlations.md").read_text(encoding="utf-8")
    assert (folder / "images" / f"correlations-{name}.png").read_bytes() == PNG
    assert f"```{{figure}} images/correlations-{name}.png\n:alt: " in text
    assert r"| [differs]{.verdict-differs} | σ{sub}`w` is \$5 \| x | \[a\](b) \*c\* | 4 ± 0.1 |" in text
    assert "[depends on N]{.verdict-depends}" in text
    differences = text[text.index("## What differs, and why") :]
    assert r"the \<step\> is too long" in differences
    assert differences.count("\n- ") == 2
    assert (
        "| {doc}`correlations <correlations>` {cite:t}`mato2026` | 1 | 1 | 1 | 75 s |"
        in (folder / "index.md").read_text()
    )


def test_plots_have_the_same_scale(pages, report, tmp_path):
    content = json.loads((report / "report.json").read_text(encoding="utf-8"))
    paper = next(paper for paper in content["papers"] if paper["paper"] == "correlations")
    paper["figures"].append(paper["figures"][0] | {"figure": "wide", "image": "correlations/wide.png"})
    (report / "correlations" / "wide.png").write_bytes(PNG.replace((700).to_bytes(4, "big"), (1000).to_bytes(4, "big")))
    (report / "report.json").write_text(json.dumps(content), encoding="utf-8")
    pages.write(tmp_path / "papers", report)
    figures = (tmp_path / "papers" / "correlations.md").read_text(encoding="utf-8").split("```{figure}")[1:]
    assert len(figures) == 2
    assert ":width: 70%\n" in figures[0]
    assert ":width:" not in figures[1]


def test_the_report_of_an_earlier_build_is_used(pages, report, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "REPORT", report)
    pages.write(tmp_path / "papers", None)
    assert "verdict-differs" in (tmp_path / "papers" / "correlations.md").read_text(encoding="utf-8")


def test_the_static_report_is_copied_without_networks(pages, report, tmp_path):
    (report / "correlations" / "networks").mkdir()
    (report / "correlations" / "networks" / "network_000.npz").touch()
    pages.copy_report(report, tmp_path / "site")
    copied = {
        path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*") if path.is_file()
    }
    name = from_string("correlations").figures[0].name
    assert copied == {
        *("report/index.html", "report/report.json"),
        *(f"report/correlations/{name}{kind}" for kind in (".png", ".json")),
    }


def test_the_links_of_the_copied_report_lead_to_files(pages, report, tmp_path):
    from docs._sphinx import links

    site = tmp_path / "site"
    (site / "papers").mkdir(parents=True)
    (site / "papers" / "correlations.html").write_text("<p>figures</p>")
    pages.copy_report(report, site)
    text = (site / "report" / "index.html").read_text(encoding="utf-8")
    name = from_string("correlations").figures[0].name
    assert f'<a class="plot" href="correlations/{name}.png">' in text
    assert f"data in {name}.nc" in text
    assert 'href="../papers/correlations.html"' in text
    assert 'href="report.json"' in text
    assert links.broken(site) == []
    (site / "report" / "report.json").unlink()
    assert links.broken(site) == ["report/index.html: link to 'report.json', which does not exist"]
