"""The sections "See Also" of docstrings name public objects, and exist where names are alternatives."""

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the package `docs` is not installed
from docs._sphinx.reference import PACKAGES, path_of, public  # noqa: E402

SECTION = re.compile(r"See Also\n-{8}\n(.*?)(?=\n\n|\Z)", flags=re.DOTALL)
WHICH = (ROOT / "docs" / "reference" / "which.md").read_text(encoding="utf-8")


def documented():
    """Return all public objects by the path under which they are documented."""
    paths = {}
    for package in PACKAGES:
        module = import_module(package)
        paths |= {path_of(package, name): getattr(module, name) for name in public(module)}
    return paths


OBJECTS = documented()
CALLABLE = [path for path, value in OBJECTS.items() if inspect.isclass(value) or inspect.isroutine(value)]


def see_also(path):
    """Return the names in the section of a docstring, with their descriptions."""
    match = SECTION.search(inspect.getdoc(OBJECTS[path]) or "")
    entries = re.sub(r"\n\s+", " ", match[1]).splitlines() if match else []
    return dict(entry.split(" :", 1) if " :" in entry else (entry, "") for entry in entries)


@pytest.mark.parametrize("path", [path for path in CALLABLE if see_also(path)])
def test_names_resolve_and_are_described(path):
    for name, description in see_also(path).items():
        target = f"noisette.{name}"
        assert target in OBJECTS, f"{path} names {name}"
        assert OBJECTS[target] is not OBJECTS[path]
        assert re.fullmatch(r" \S.*\.", description), f"{path} describes {name} as {description!r}"


def tables():
    """Return the names in each table of the page about alternatives, which is sorted by topics."""
    topics = WHICH.split("\n## ")[1:]
    return {topic.splitlines()[0]: re.findall(r"\{py:\w+\}`~([\w.]+)`", topic) for topic in topics}


@pytest.mark.parametrize(("topic", "names"), tables().items(), ids=tables())
def test_alternatives_name_each_other(topic, names):
    known = [name for name in names if name in OBJECTS]
    assert known == names
    for name in names if len(names) > 1 else ():
        others = {f"noisette.{other}" for other in see_also(name)}
        assert others & {other for other in names if other != name}, f"{name} names no alternative of {topic!r}"
