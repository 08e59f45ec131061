"""Links of built pages to files of the site: those of the report, and a check that all of them lead to a file."""

import os
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ANCHOR = re.compile(r'<a( class="[^"]*")? href="([^"]*)">(.*?)</a>', flags=re.DOTALL)
# other sites, and places on the same page
ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z+.-]*:|//|#", flags=re.IGNORECASE)


def relinked(page: str, folder: Path, papers: Path) -> str:
    """Return the page about all papers without links to files that its folder lacks.

    A report in the documentation contains neither data nor vector graphics. Plots lead to the images, reports on single
    papers to the pages of the documentation, and the other links are replaced by their text.

    Parameters
    ----------
    page : HTML of the page
    folder : folder of the page
    papers : folder of the pages about papers
    """

    def link(match: re.Match[str]) -> str:
        target = unquote(match[2])
        if ELSEWHERE.match(target) or (folder / target).is_file():
            return match[0]
        image, name = Path(target).with_suffix(".png"), f"{Path(target).parent.name}.html"
        if (folder / image).is_file() and target.endswith(".pdf"):
            return f'<a{match[1] or ""} href="{image.as_posix()}">{match[3]}</a>'
        if target.endswith("/report.html") and (papers / name).is_file():
            return f'<a href="../{papers.name}/{name}">{match[3]}</a>'
        return match[3]

    return ANCHOR.sub(link, page)


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.targets += [value for name, value in attrs if name in ("href", "src") and value]


def broken(folder: Path) -> list[str]:
    """Return the links of all pages in a folder that lead to no file, with the names of the pages."""
    faults, exists = [], cache(os.path.exists)  # most pages have the same links
    for page in sorted(folder.rglob("*.html")):
        if page.is_relative_to(folder / "_static"):  # templates of the theme
            continue
        parser = _Links()
        parser.feed(page.read_text(encoding="utf-8"))
        for target in dict.fromkeys(parser.targets):
            path = unquote(re.split("[?#]", target)[0])
            place = os.path.join(folder, path.lstrip("/")) if path.startswith("/") else os.path.join(page.parent, path)
            if not ELSEWHERE.match(target) and not exists(os.path.normpath(place)):
                faults.append(f"{page.relative_to(folder)}: link to {target!r}, which does not exist")
    return faults
