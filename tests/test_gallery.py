"""Every gallery script runs, draws a figure and is short."""

import runpy
from pathlib import Path

import matplotlib as mpl
import pytest

GALLERY = Path(__file__).parent.parent / "docs" / "gallery"
SCRIPTS = sorted(GALLERY.glob("plot_*.py"))
QUICK = {"plot_attractors", "plot_motifs"}


def test_the_gallery_has_scripts():
    assert len(SCRIPTS) >= 5


def marked(script):
    """Mark all scripts except the fast ones as slow."""
    return pytest.param(script, marks=[] if script.stem in QUICK else [pytest.mark.slow])


@pytest.mark.slow
@pytest.mark.parametrize("script", [marked(path) for path in SCRIPTS], ids=lambda path: path.stem)
def test_gallery_scripts_draw_figures(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    plt.close("all")
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(True))
    runpy.run_path(str(script), run_name="__main__")
    assert shown
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert figures, "no figure was drawn"
    assert any(axes.has_data() for made in figures for axes in made.axes)
    plt.close("all")
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 60
