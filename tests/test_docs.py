"""The pages of the documentation: their code runs and prints what they quote, and their studies and commands exist."""

import doctest
import json
import re
import runpy
import shlex
import shutil
import sys
import warnings
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import pytest

from noisette.study_files import read_study

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [page for folder in ("guide", "how_to", "theory", "about") for page in sorted((DOCS / folder).rglob("*.md"))]
ELSEWHERE = {"studies.md"}  # `test_readme.py` runs this page, at smaller sizes
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# (\S+\.py)\n")  # a first line that names the file with the code of a page
SEPARATOR = "\x1e"  # printed after each block
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

pytestmark = pytest.mark.slow


class Block(NamedTuple):
    """A block of code of a page, and whether only blank lines separate it from the block before."""

    language: str
    text: str
    follows: bool


def blocks(page: Path) -> list[Block]:
    """Return the blocks of code of a page, in order."""
    text, blocks_of_page, end = page.read_text(encoding="utf-8"), [], 0
    for match in FENCE.finditer(text):
        blocks_of_page.append(Block(match[1], match[2], end > 0 and not text[end : match.start()].strip()))
        end = match.end()
    return blocks_of_page


def of_language(page: Path, language: str) -> list[str]:
    """Return the blocks of a page in one language."""
    return [block.text for block in blocks(page) if block.language == language]


def pages_with(*languages: str):
    """Return the pages with blocks in one of the languages, as parameters with readable names."""
    chosen = [page for page in PAGES if any(of_language(page, language) for language in languages)]
    return [pytest.param(page, id=page.relative_to(DOCS).with_suffix("").as_posix()) for page in chosen]


def quotations(page: Path) -> tuple[list[str], dict[int, str]]:
    """Return the blocks of Python, and the output that is quoted behind them, by the number of blocks before it."""
    code: list[str] = []
    quoted: dict[int, str] = {}
    before = ""
    for language, text, follows in blocks(page):
        if language == "python":
            code.append(text)
        elif language == "text" and before == "python" and follows:
            quoted[len(code)] = text
        before = language
    return code, quoted


def commands(page: Path) -> list[list[str]]:
    """Return the command lines of `noisette` on a page, as lists of words without the name of the program."""
    lines = "".join(of_language(page, "sh")).replace("\\\n", " ").splitlines()
    parts = [shlex.split(part, comments=True) for line in lines for part in line.split(" && ")]
    programs = [list(dropwhile(lambda word: "=" in word, words)) for words in parts]  # without NAME=VALUE before them
    return [words[1:] for words in programs if words[:1] == ["noisette"]]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty working directory; modules imported from it are forgotten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def write_files(page: Path, folder: Path) -> None:
    """Write the code of a page whose first line names a file."""
    code = "\n".join(of_language(page, "python"))
    if name := FILE.match(code):
        (folder / name[1]).write_text(code, encoding="utf-8")


@pytest.mark.parametrize("page", [page for page in pages_with("python") if page.values[0].name not in ELSEWHERE])
def test_the_code_runs_and_prints_what_is_quoted(page, folder, capsys):
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    code, quoted = quotations(page)
    script = folder / "page.py"
    script.write_text("\n".join(f"{text}\nprint({SEPARATOR!r})\n" for text in code), encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")
    plt.close("all")
    outputs = capsys.readouterr().out.split(f"{SEPARATOR}\n")
    last = 0
    for number, text in quoted.items():
        printed = "".join(outputs[last:number])
        matches = doctest.OutputChecker().check_output(text.replace("…", "..."), printed, FLAGS)
        assert matches, f"{page.name}: code prints\n{printed}\nand the page quotes\n{text}"
        last = number


@pytest.mark.parametrize("page", pages_with("toml"))
def test_the_studies_can_be_read(page, folder):
    write_files(page, folder)
    for text in of_language(page, "toml"):
        (folder / "study.toml").write_text(text, encoding="utf-8")
        assert len(read_study(folder / "study.toml").axes) >= 1


@pytest.mark.parametrize("page", pages_with("sh"))
def test_the_commands_and_their_options_exist(page, command_group):
    for name, *arguments in commands(page):
        command = command_group.get_command(None, name)
        assert command is not None, name
        command.make_context(name, arguments)  # the parser raises an error for unknown or missing options


@pytest.mark.parametrize("script", sorted((DOCS / "start").glob("plot_*.py")), ids=lambda path: path.stem)
def test_the_notebooks_of_the_starts_run(script, folder):
    """The cells of the notebook that readers download run one after the other, and draw a figure."""
    notebook = pytest.importorskip("sphinx_gallery.notebook", reason="extra docs")
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    shutil.copy(script, folder)
    notebook.python_to_jupyter_cli([script.name])
    cells = json.loads((folder / script.name).with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    names = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
        for cell in cells:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"]).replace("%matplotlib inline", "")
                exec(compile(source, script.name, "exec"), names)
    assert plt.get_fignums()
    plt.close("all")


def test_every_page_is_in_the_contents():
    contents = (DOCS / "how_to" / "index.md").read_text(encoding="utf-8")
    listed = re.search(r"```\{toctree\}\n(.*?)```", contents, flags=re.DOTALL)
    assert listed is not None
    names = {line for line in listed[1].splitlines() if line and not line.startswith(":")}
    assert names == {page.stem for page in (DOCS / "how_to").glob("*.md")} - {"index"}
    assert set(re.findall(r"^- \{doc\}`(\w+)`$", contents, flags=re.MULTILINE)) == names
