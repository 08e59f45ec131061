"""The examples of the README run."""

import re
import runpy
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from noisette.registry import words
from noisette.study_files import read_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


CODE = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
NAMES = ("resonance", "freezing", "correlations", "training")
PRINTED = (
    r"best noise 21\.75, information 1\.241 bit",
    r"λ = 0\.\d\d \(N = 200\), 0\.24 \(N → ∞\)",  # the digits of a chaotic run depend on the machine
    r"D = 0\.713 \(N → ∞\); simulated, N = 100:\n0\.7\d ± 0\.01\n",
    r"trained after \d+ trials, largest eigenvalue -\d+\.\d /s",
)


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        pytest.param(code, printed, marks=[] if name == "resonance" else [pytest.mark.slow], id=name)
        for name, code, printed in zip(NAMES, CODE, PRINTED, strict=True)
    ],
)
def test_the_python_examples_run(code, printed, capsys):
    mpl.use("Agg")
    assert len(code.splitlines()) <= 12
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    assert re.search(printed, capsys.readouterr().out)
    import matplotlib.pyplot as plt

    assert plt.gca().has_data()
    plt.close("all")


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


def test_the_study_can_be_read(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    (tmp_path / "study.toml").write_text(text)
    made = read_study(tmp_path / "study.toml")
    assert len(made.axes) == 4


def test_the_readme_has_both_commands_and_the_figure():
    assert "pip install . && noisette reproduce recurrence-resonance" in README
    assert "pip install -e '.[test]' && pytest" in README
    for name in re.findall(r"\]\(((?:docs|benchmarks|CITATION)[^)]*)\)", README):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("paper", words("papers"))
def test_the_readme_names_every_paper(paper):
    assert paper in README
