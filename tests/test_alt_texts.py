"""Alternative texts of the images of the documentation, and the check that every image of the built site has one."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from noisette.papers import _index_page

ROOT = Path(__file__).parent.parent
pytest.importorskip("docutils")
sys.path.insert(0, str(ROOT))  # the package `docs` is not installed
from docs._sphinx import alt_texts  # noqa: E402


@pytest.mark.parametrize(
    ("image", "count"),
    [
        ('<img src="a.png" alt="Rates against time">', 0),
        ('<img src="a.png">', 1),
        ('<img src="a.png" alt>', 1),
        ('<img src="a.png" alt=" ">', 1),
        ('<img src="a.png" alt="_images/a.png">', 1),
        ('<img src="a.png" alt="plot noise and chaos">', 1),  # of sphinx-gallery, from the name of the script
        ('<img class="logo__image" src="a.svg" alt="">', 0),
        ('<img class="logo__image" src="a.svg">', 1),
        ('<code>&lt;img src="a.png"&gt;</code>', 0),
    ],
)
def test_images_without_a_text_are_found(image, count, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text(f"<html><p>{image}</p></html>", encoding="utf-8")
    faults = alt_texts.faults_of_site(tmp_path)
    assert len(faults) == count
    assert all("sub/page.html: image 'a." in fault for fault in faults)


def test_the_description_contains_every_panel_and_no_colour_bar():
    figure = Figure()
    first, second, third = figure.subplots(1, 3)
    image = first.imshow(np.eye(2))
    figure.colorbar(image, ax=first, label=r"$\langle C_{ij} \rangle$")
    first.set(xlabel="unit $j$", ylabel="unit $i$")
    second.plot([1, 2], label=r"$\sigma = 1$")
    second.plot([1, 2], label="_hidden")
    second.legend()
    second.set(title="time course", ylabel="activity\n$x$")
    third.set_axis_off()
    third.set_title("NRooks, $r^* = 5.7$")
    assert alt_texts.described(figure) == (
        "3 panels. Unit i against unit j, colours: ⟨C_ij⟩. Time course: activity x, with curves σ = 1. "
        "NRooks, r^* = 5.7."
    )
    assert alt_texts.described(Figure()) == ""


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"title": "rates", "xlabel": "time (ms)"}, "Rates, against time (ms)."),
        ({"xlabel": "time (ms)"}, "Values against time (ms)."),
        ({"ylabel": r"dt $\times$ rate", "xlabel": "gain"}, "dt × rate against gain."),
        ({"title": "rates", "ylabel": r"$\lambda_{\max}$"}, "Rates: λ_max."),
        ({"title": "a graph"}, "A graph."),
    ],
)
def test_panels_may_lack_labels(labels, expected):
    figure = Figure()
    figure.subplots().set(**labels)
    assert alt_texts.described(figure) == expected


def test_thumbnails_have_the_titles_of_their_scripts():
    from docutils import nodes

    document = nodes.paragraph()
    names = ("auto_gallery/images/thumb/sphx_glr_plot_x_thumb.png", "/images/peers.png")
    document += [nodes.image(uri=name, alt="") for name in names]
    titles = {"auto_gallery/plot_x": nodes.title("", "A network in noise")}
    alt_texts.name_thumbnails(SimpleNamespace(env=SimpleNamespace(titles=titles)), document, "index")
    assert [image["alt"] for image in document.findall(nodes.image)] == ["A network in noise", ""]


def test_the_report_on_all_papers_has_texts():
    content = json.loads((ROOT / "docs" / "report" / "report.json").read_text(encoding="utf-8"))
    page = _index_page.index_page(content)
    assert page.count("<img ") > 20
    assert alt_texts.faults(page) == []
