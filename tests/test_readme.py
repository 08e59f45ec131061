"""The README: its commands, its examples with their output, and its links."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from noisette.registry import words
from noisette.study_files import read_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, flags=re.DOTALL)
NAMES = ("matrix", "theory", "trained")
NUMBER = re.compile(r"-?\d+\.\d+|\d+")


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        pytest.param(code, printed, marks=[] if name == "matrix" else [pytest.mark.slow], id=name)
        for name, (code, printed) in zip(NAMES, EXAMPLES, strict=True)
    ],
)
def test_the_examples_print_what_the_readme_shows(code, printed, capsys, tmp_path, monkeypatch):
    """Words are the same; numbers differ by less than 10 %, since simulated ones depend on the machine's round-off."""
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    assert len(code.splitlines()) <= 11
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    output = capsys.readouterr().out
    assert NUMBER.sub("0", " ".join(output.split())) == NUMBER.sub("0", " ".join(printed.split()))
    np.testing.assert_allclose(
        [float(n) for n in NUMBER.findall(output)], [float(n) for n in NUMBER.findall(printed)], rtol=0.1
    )
    import matplotlib.pyplot as plt

    drawn = any(axes.has_data() for number in plt.get_fignums() for axes in plt.figure(number).axes)
    assert drawn or (tmp_path / "effect.png").stat().st_size > 10_000
    plt.close("all")


@pytest.mark.slow
def test_the_figure_of_a_paper_has_the_claims_that_the_readme_shows(tmp_path):
    example = re.search(r"```sh\nnoisette (reproduce .*?)\n```\n\n```text\n(.*?)```", README, re.DOTALL)
    command, printed = example.groups()
    run = subprocess.run(
        [sys.executable, "-m", "noisette", *command.split()], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    shown = [line.split()[:3] for line in printed.splitlines() if line.startswith("reproduced")]
    printed_now = [line.split()[:3] for line in run.stdout.splitlines() if line.startswith("reproduced")]
    assert all(line in printed_now for line in shown)


@pytest.mark.slow
def test_the_examples_of_studies_run(tmp_path, monkeypatch, capsys):
    """As one script including `__main__`, in worker processes, with fewer units and shorter runs."""
    text = (ROOT / "docs" / "how_to" / "studies.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    for written, smaller in {
        "gaussian(100, 0.1": "gaussian(10, 0.3",
        "duration=50.0, discard=10.0": "duration=5.0, discard=1.0",
        "ProcessPool())": "ProcessPool(1))",
        "repeats=5,": "repeats=2,",
    }.items():
        assert written in code
        code = code.replace(written, smaller)
    (tmp_path / "studies.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path("studies.py", run_name="__main__")
    assert names["data"].attrs["failures"] == ""
    assert names["data"].lyapunov.sizes == {"gain": 4, "noise": 3, "repeat": 2, "exponent": 1}
    exponents = names["data"].lyapunov.mean("repeat")
    assert float(exponents.sel(gain=0.5).max()) < 0  # 0.5 × the spectral radius, about 1, is far below 1
    assert bool((exponents.sel(gain=4.0) > exponents.sel(gain=0.5)).all())
    plan, *_, variances = capsys.readouterr().out.strip().splitlines()
    assert plan.startswith("24 points in 24 tasks")
    assert "failed" not in plan
    np.testing.assert_allclose(np.fromstring(variances.strip(" []"), sep=" "), [0.05, 0.05, 0.09], atol=0.02)


def test_the_study_as_text_is_the_same(tmp_path):
    text = (ROOT / "docs" / "how_to" / "studies.md").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)[1])
    assert [axis.name for axis in read_study(tmp_path / "study.toml").axes] == ["gain", "noise", "repeat"]


def test_the_readme_has_both_commands_and_is_short():
    assert "pip install . && noisette reproduce recurrence-resonance" in README
    assert "pip install -e '.[test]' && pytest" in README
    assert "pip install -e '.[docs]' && python -m docs" in README
    assert len(README.split()) < 900


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_links_lead_to_files(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("paper", words("papers"))
def test_the_readme_names_every_paper(paper):
    assert paper in README
