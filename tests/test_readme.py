"""What the README promises, runs."""

import re
from pathlib import Path

import matplotlib as mpl
import pytest

from noisette.papers import PAPERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs(capsys):
    mpl.use("Agg")
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(code.splitlines()) <= 12
    exec(compile(code, "README.md", "exec"), {})
    assert "best noise 21.75, information 1.241 bit" in capsys.readouterr().out
    import matplotlib.pyplot as plt

    plt.close("all")


def test_both_commands_and_the_picture_are_there():
    assert "pip install . && noisette reproduce recurrence-resonance" in README
    assert "pip install -e '.[test]' && pytest" in README
    for name in re.findall(r"\]\(((?:docs|benchmarks|CITATION)[^)]*)\)", README):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_is_named(paper):
    assert paper in README
