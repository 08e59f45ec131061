"""The page about all papers: claims with a filter, figures, differences, run times, and the JSON file beside it."""

import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from noisette.papers import Figure, Paper, Settings, write_index
from noisette.papers._records import at_paper_scale, read_paper_scale
from noisette.studies import Claim, Study

CLAIMS = [
    Claim("r_opt is > 0 & finite", "r_opt ≈ 4", "4.0", "reproduced", "exact", error=0.1),
    Claim("D is large, N = 200", "1", "2", "differs", "the <step> is long"),
    Claim("memory (this run, quick scale)", "1", "2", "depends on the input", ""),
    Claim("no difference", "1", "2", "not judged", "too few networks"),
]


def figure(name):
    nothing = Study("nothing", abs, {"x": [1]})
    return Figure(name, f"Title of {name}", lambda *_: nothing, lambda data: None, lambda data: [], caption="Exact.")


def record(name, claims=CLAIMS, **more):
    known = {
        "figure": name,
        "title": f"Title of {name}",
        "scale": "quick",
        "seed": 3,
        "version": "1.2",
        "seconds": 75.0,
    }
    return {**known, "claims": [claim.row() for claim in claims], "tests": {"sentence": "No test."}, **more}


def save(folder, paper, name, **more):
    (folder / paper).mkdir(exist_ok=True)
    (folder / paper / f"{name}.json").write_text(json.dumps(record(name, **more)), encoding="utf-8")


PAPERS = [
    Paper("squares", "On squares", "Somebody (2026)", (figure("fig1"), figure("fig2"))),
    Paper("cubes", "On cubes", "Nobody (2025)", (figure("fig1"),)),
]
PROBLEMS = {"squares": {"fig2": "ZeroDivisionError: <b>"}}
SETTINGS = Settings("quick", 3)


@pytest.fixture
def written(tmp_path):
    """Write the report of two figures, one of which failed, and of another paper without recorded times."""
    save(tmp_path, "squares", "fig1")
    save(tmp_path, "cubes", "fig1", claims=CLAIMS[:1], seconds=None)
    content = write_index(PAPERS, tmp_path, SETTINGS, PROBLEMS)
    return content, (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_json_file_contains_everything(written, tmp_path):
    content, _ = written
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == content
    assert set(content) == {
        *("schema", "date", "scale", "seed", "command", "versions", "machine", "papers", "claims"),
    }
    assert (content["schema"], content["scale"], content["seed"]) == (1, "quick", 3)
    assert {"python", "noisette", "jax", "numpy"} <= set(content["versions"])
    assert content["claims"] == {"reproduced": 2, "differs": 1, "depends on": 1, "not judged": 1}
    first, second = content["papers"][0]["figures"]
    assert set(first) == {
        *("figure", "title", "caption", "problem", "claims", "command", "scale", "seed", "version", "seconds"),
        *("image", "pdf", "data", "tests"),
    }
    assert first["command"] == "noisette reproduce squares fig1 --scale quick --seed 3"
    assert first["image"] == "squares/fig1.png"
    assert first["claims"][0] == {**CLAIMS[0].row(), "paper_scale": None}
    assert second["problem"] == "Not reproduced in this run: ZeroDivisionError: <b>"


def test_the_page_is_complete_and_requests_nothing_else(written, page_of):
    _, text = written
    page = page_of(text)
    shown = "".join(page.texts)
    assert "5 claims in 2 figures: 2 reproduced, 1 differs, 1 not judged, 1 depends on conditions." in shown
    assert "noisette reproduce --all --scale quick --seed 3" in shown
    assert "75 s" in shown
    assert "not recorded" in shown
    assert "ZeroDivisionError: &lt;b&gt;" in text
    links = [attributes.get("href", "") for attributes in page.of("a")]
    images = [attributes["src"] for attributes in page.of("img")]
    assert images == ["squares/fig1.png", "cubes/fig1.png"]
    assert not any(re.match(r"[a-z]+:|//|/", place) for place in [*links, *images])
    assert not page.of("link")
    assert not any("src" in attributes for attributes in page.of("script"))
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= targets
    assert [attributes["alt"] for attributes in page.of("img")] == ["Title of fig1. Exact."] * 2


def test_claims_can_be_filtered_by_paper_and_verdict(written, page_of):
    _, text = written
    page = page_of(text)
    rows = [attributes for attributes in page.of("tr") if "data-kind" in attributes]
    assert [(row["data-paper"], row["data-kind"]) for row in rows] == [
        *(("squares", kind) for kind in ("reproduced", "differs", "depends on", "not judged")),
        ("cubes", "reproduced"),
    ]
    assert not any("hidden" in row for row in rows)  # all claims are visible without JavaScript
    (form,) = (attributes for attributes in page.of("p") if attributes.get("class") == "filter")
    assert "hidden" in form
    assert len(page.of("select")) == 2
    values = {attributes["value"] for attributes in page.of("option")}
    assert values == {"", "squares", "cubes", "reproduced", "differs", "depends on", "not judged"}


def test_differences_are_listed_with_reasons(written):
    _, text = written
    part = text[text.index('id="differences"') : text.index('id="figures"')]
    items = re.findall(r"<li>(.*?)</li>", part)
    assert len(items) == 3
    assert "the &lt;step&gt; is long." in items[0]
    assert "depends on the input" in items[1]
    assert "not judged" in items[2]
    assert "All claims are reproduced." in part  # of the other paper


def test_claims_at_paper_scale_are_shown_beside_those_of_the_run(written, tmp_path, page_of):
    at_scale = [
        replace(CLAIMS[1], statement="D is large, N = 1000", ours="1.1", verdict="reproduced", error=0.05),
        replace(CLAIMS[2], statement="memory (this run, paper scale)", ours="7"),
    ]
    kept = tmp_path / "paper_scale.json"
    kept.write_text(json.dumps([record("fig1", at_scale, scale="paper")]), encoding="utf-8")
    papers = [replace(PAPERS[0], paper_scale=kept), PAPERS[1]]
    content = write_index(papers, tmp_path, SETTINGS, PROBLEMS)
    others = [claim["paper_scale"] for claim in content["papers"][0]["figures"][0]["claims"]]
    assert [other and other["ours"] for other in others] == [None, "1.1", "7", None]
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    page_of(text)
    assert '<td data-name="at paper scale">1.1 ± 0.05 <span class="verdict reproduced">reproduced</span></td>' in text
    assert "at paper scale" not in written[1]


def test_ambiguous_claims_at_paper_scale_are_left_out():
    claims = [claim.row() for claim in (CLAIMS[1], replace(CLAIMS[1], statement="D is large, N = 400"))]
    kept = {"claims": [{**claims[0], "statement": f"D is large, N = {size}"} for size in (400, 800)]}
    assert at_paper_scale(claims, kept) == [None, kept["claims"][0]]


@pytest.mark.parametrize("content", ["{", "{}", '[{"figure": "fig1"}]', "[1]"])
def test_damaged_claims_at_paper_scale_are_ignored(content, tmp_path):
    kept = tmp_path / "paper_scale.json"
    kept.write_text(content, encoding="utf-8")
    assert read_paper_scale(replace(PAPERS[0], paper_scale=kept)) == {}
    assert read_paper_scale(replace(PAPERS[0], paper_scale=tmp_path / "none.json")) == {}


def test_the_script_keeps_figures_at_paper_scale(tmp_path, monkeypatch, capsys):
    """Other scales are left out, figures that were kept before remain, and a report shows the claims."""
    place = Path(__file__).parents[2] / "benchmarks" / "keep_paper_scale.py"
    spec = importlib.util.spec_from_file_location("keep_paper_scale", place)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    kept = tmp_path / "paper_scale.json"
    kept.write_text(json.dumps([record("fig2", scale="paper")]), encoding="utf-8")
    paper = replace(PAPERS[0], paper_scale=kept)
    monkeypatch.setattr(script, "from_string", lambda name: paper)
    save(tmp_path, "squares", "fig1")
    write_index([paper], tmp_path, SETTINGS)
    arguments = ["squares", str(tmp_path / "squares"), "--report", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["keep_paper_scale.py", *arguments])
    save(tmp_path, "squares", "fig1", scale="paper", version="2")
    save(tmp_path, "squares", "fig2", scale="quick")
    assert script.main() == 0
    assert capsys.readouterr().out.startswith("8 claims of 2 of 2 figures are in ")
    assert {name: item["version"] for name, item in read_paper_scale(paper).items()} == {"fig1": "2", "fig2": "1.2"}
    (shown,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["papers"]
    claims = shown["figures"][0]["claims"]
    assert [claim["paper_scale"] for claim in claims] == [claim.row() for claim in CLAIMS]
    assert "paper scale" in (tmp_path / "index.html").read_text(encoding="utf-8")
