"""The house: imports only run down, the public list is documented, files and functions stay short."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import noisette

HOUSE = Path(noisette.__file__).parent
ROOF = "noisette"
FLOORS = (
    {"array_files", "errors", "codes", "imports", "information", "proportions", "provenance", "registry", "threads"},
    {"weights", "activations", "noise", "probes", "tasks", "studies", "plots"},
    {"networks"},
    {"simulation", "theory", "training"},
    {"analysis"},
    {"papers", "study_files"},
    {"cli", "app"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
UNDER_THE_ROOF = ("papers", "cli", "app", "__main__")  # the only rooms that may use the public names
TERMINAL = {"typer", "rich"}
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60


def modules() -> dict[str, Path]:
    """Return every module of the package by its dotted name."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = (ROOF, *path.relative_to(HOUSE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
TREES[ROOF] = ast.parse((HOUSE / "__init__.pyi").read_text(encoding="utf-8"))  # of which the roof is made


def imported(name: str) -> set[str]:
    """Return what a module imports anywhere in its text: ours exactly, others by their first name."""
    found: set[str] = set()
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            # `from package import module` needs the module; `from package import name` needs the package
            found |= inner & MODULES.keys() or {source}
            if not inner <= MODULES.keys():
                found.add(source)
    return {dotted if dotted.split(".")[0] == ROOF else dotted.split(".")[0] for dotted in found}


IMPORTS = {name: imported(name) for name in MODULES}


def room(name: str) -> str:
    """Return the room of a module: the part of its name just under the roof."""
    return name.split(".")[1] if "." in name else ROOF


def inside(name: str) -> set[str]:
    """Return the modules of the house that a module imports, itself and the roof left out."""
    return {other for other in IMPORTS[name] if room(other) != ROOF and other.startswith(ROOF + ".")} - {name}


def test_every_room_has_a_floor():
    assert {room(name) for name in MODULES} - {ROOF, "__main__"} <= FLOOR.keys()


@pytest.mark.parametrize("name", [n for n in MODULES if room(n) in FLOOR])
def test_imports_only_run_down(name):
    own = room(name)
    for other in inside(name):
        same_room = room(other) == own
        foundation = FLOOR[own] == 0 and FLOOR[room(other)] == 0  # circles among these are tested below
        faces = FLOOR[own] == len(FLOORS) - 1 and FLOOR[room(other)] == FLOOR[own]  # the terminal opens the explorer
        assert same_room or foundation or faces or FLOOR[room(other)] < FLOOR[own], (
            f"{name} (floor {FLOOR[own]}) imports {other} (floor {FLOOR[room(other)]})"
        )


@pytest.mark.parametrize("name", [n for n in MODULES if room(n) in FLOOR])
def test_the_roof_is_used_only_under_it(name):
    if room(name) not in UNDER_THE_ROOF:
        assert ROOF not in IMPORTS[name], f"{name} imports the roof; import the room it needs"


def test_the_roof_rests_on_floors_below_the_papers():
    assert all(FLOOR[room(other)] < FLOOR["papers"] for other in inside(ROOF))


def test_there_are_no_circles():
    """Depth first: a module met again while it is still open closes a circle."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted((IMPORTS[name] & MODULES.keys()) - {name}):
                visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


@pytest.mark.parametrize("name", [n for n in MODULES if room(n) in FLOOR])
def test_terminals_and_figures_stay_in_their_rooms(name):
    own = room(name)
    if FLOOR[own] < FLOOR["papers"]:
        assert own in ("studies", "plots") or not TERMINAL & IMPORTS[name], f"{name} writes to a terminal"
        assert own == "plots" or "matplotlib" not in IMPORTS[name], f"{name} draws"


@pytest.mark.parametrize("name", MODULES)
def test_files_are_short(name):
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines; split it into a folder of the same name"


def functions(tree: ast.Module) -> dict[str, int]:
    """Return the lines of each function, its docstring (which is documentation, not code) not counted."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            prose = first.end_lineno - first.lineno + 1 if ast.get_docstring(node, clean=False) else 0
            found[node.name] = max(found.get(node.name, 0), node.end_lineno - node.lineno + 1 - prose)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_functions_are_short(name):
    assert {f: n for f, n in functions(TREES[name]).items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_public_names_are_listed_once():
    listed = next(ast.literal_eval(node.value) for node in TREES[ROOF].body if isinstance(node, ast.Assign))
    assert listed == sorted(noisette.__all__) == sorted(set(listed))


def test_the_roof_imports_nothing_before_it_is_needed():
    code = "import sys, noisette; sys.exit(any(name.startswith('noisette.') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", noisette.__all__)
def test_public_names_exist_and_are_documented(name):
    thing = getattr(noisette, name)
    assert inspect.getdoc(thing), f"noisette.{name} has no docstring"
    if inspect.isfunction(thing) or inspect.isclass(thing):
        assert thing.__doc__, f"noisette.{name} only inherits its docstring"
        assert "Examples\n" in inspect.getdoc(thing), f"noisette.{name} has no Examples section"


PUBLIC_ROOMS = [name for name in noisette.__all__ if isinstance(getattr(noisette, name), ModuleType)]


@pytest.mark.parametrize("name", PUBLIC_ROOMS)
def test_public_rooms_list_documented_names(name):
    module = getattr(noisette, name)
    for inner in getattr(module, "__all__", ()):
        thing = getattr(module, inner)
        if callable(thing):
            assert inspect.getdoc(thing), f"noisette.{name}.{inner} has no docstring"
