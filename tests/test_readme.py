"""The README: its commands, its examples with their output, and its links."""

import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from noisette.registry import words

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
def test_the_examples_print_what_the_readme_shows(code, printed, capsys):
    """Words are the same; numbers differ by less than 10 %, since simulated ones depend on the machine's round-off."""
    mpl.use("Agg")
    assert len(code.splitlines()) <= 11
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})
    output = capsys.readouterr().out
    assert NUMBER.sub("0", " ".join(output.split())) == NUMBER.sub("0", " ".join(printed.split()))
    np.testing.assert_allclose(
        [float(n) for n in NUMBER.findall(output)], [float(n) for n in NUMBER.findall(printed)], rtol=0.1
    )
    import matplotlib.pyplot as plt

    assert any(axes.has_data() for number in plt.get_fignums() for axes in plt.figure(number).axes)
    plt.close("all")


@pytest.mark.slow
def test_the_figure_of_a_paper_has_the_claims_that_the_readme_shows(tmp_path):
    command, printed = re.search(r"```sh\nnoisette (reproduce .*?)\n```\n\n```text\n(.*?)```", README, re.DOTALL).groups()
    run = subprocess.run(
        [sys.executable, "-m", "noisette", *command.split()], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    shown = [line.split()[:3] for line in printed.splitlines() if line.startswith("reproduced")]
    found = [line.split()[:3] for line in run.stdout.splitlines() if line.startswith("reproduced")]
    assert all(line in found for line in shown)


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
