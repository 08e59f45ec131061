"""The architecture: the layers of imports, the public names, the length of files and functions.

Each test checks one rule for the whole package and reports every violation at once.
"""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import noisette

ROOT = Path(noisette.__file__).parent
TESTS = Path(__file__).parent
TOP = "noisette"
# from the lowest layer to the highest; a module imports from its own package and from lower layers
LAYERS = (
    {
        *(
            "arguments",
            "array_files",
            "averages",
            "calls",
            "codes",
            "compilation_cache",
            "disk",
            "errors",
            "formulas",
            "functions",
            "imports",
        ),
        *("information", "keys", "limits", "p_values", "progress", "proportions", "provenance", "recipes", "records"),
        *("references", "random_numbers", "registry", "reprs", "signatures", "threads", "time_left"),
    },
    {"ensembles"},
    {"weights", "activations", "noise", "tasks", "studies", "plots"},
    {"networks"},
    {"probes"},
    {"simulation", "theory", "training"},
    {"analysis"},
    {"papers", "study_files"},
    {"app"},
    {"cli"},
)
LAYER = {package: number for number, packages in enumerate(LAYERS) for package in packages}
USERS_OF_PUBLIC_NAMES = {"papers", "cli", "app", "__main__"}  # all others import from the package that defines a name
SCIENCE = ("networks", "simulation", "probes", "analysis", "theory", "training")
TERMINAL = {"typer", "rich"}
MAX_LINES = 400
MAX_LINES_OF_A_FUNCTION = 60


def modules() -> dict[str, Path]:
    """Return the path of every module of the package, by its dotted name."""
    paths = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = (TOP, *path.relative_to(ROOT).with_suffix("").parts)
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


MODULES = modules()


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax trees of all modules; for packages that import lazily, of the list from which they import."""
    stubs = {name: path.with_suffix(".pyi") for name, path in MODULES.items()}
    return {name: parsed(stub if stub.exists() else MODULES[name]) for name, stub in stubs.items()}


def imported(name: str) -> set[str]:
    """Return all imports of a module: exact names in Noisette, top-level packages otherwise."""
    names: set[str] = set()
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{source}.{alias.name}" for alias in node.names}
            # `from package import module` needs the module; `from package import name` needs the package
            names |= inner & MODULES.keys() or {source}
            if not inner <= MODULES.keys():
                names.add(source)
    return {dotted if dotted.split(".")[0] == TOP else dotted.split(".")[0] for dotted in names}


@cache
def imports() -> dict[str, set[str]]:
    """Return the imports of all modules."""
    return {name: imported(name) for name in MODULES}


def package_of(name: str) -> str:
    """Return the sub-package or module directly below `noisette` to which a module belongs."""
    return name.split(".")[1] if "." in name else TOP


LAYERED = [name for name in MODULES if package_of(name) in LAYER]


def imported_modules(name: str) -> set[str]:
    """Return the other modules of Noisette that a module imports, except the top-level package."""
    return {other for other in imports()[name] if package_of(other) != TOP and other.startswith(TOP + ".")} - {name}


def check(violations: list[str]) -> None:
    """Fail with one violation per line."""
    assert not violations, "\n".join(["", *violations])


def test_every_package_has_a_layer():
    check(sorted({package_of(name) for name in MODULES} - {TOP, "__main__"} - LAYER.keys()))


def may_import(package: str, other: str) -> bool:
    """Return whether modules of one package may import those of another."""
    lowest = LAYER[package] == 0 and LAYER[other] == 0  # no cycle among these: tested below
    highest = LAYER[package] == LAYER[other] == len(LAYERS) - 1  # the terminal starts the explorer
    return package == other or lowest or highest or LAYER[other] < LAYER[package]


def test_modules_import_only_from_lower_layers():
    check(
        [
            f"{name} (layer {LAYER[package_of(name)]}) imports {other} (layer {LAYER[package_of(other)]})"
            for name in LAYERED
            for other in sorted(imported_modules(name))
            if not may_import(package_of(name), package_of(other))
        ]
    )


def test_only_the_highest_layers_use_the_public_names():
    check(
        [
            f"{name} imports {TOP} itself; import from the package that defines the name"
            for name in LAYERED
            if package_of(name) not in USERS_OF_PUBLIC_NAMES and TOP in imports()[name]
        ]
    )


def test_public_names_come_from_layers_below_the_papers():
    check([other for other in sorted(imported_modules(TOP)) if LAYER[package_of(other)] >= LAYER["papers"]])


def test_there_are_no_import_cycles():
    """Depth-first search: a module that is reached again while its imports are followed closes a cycle."""
    done: set[str] = set()
    cycles: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycles.append(" -> ".join([*path[path.index(name) :], name]))
        elif name not in done:
            for other in sorted((imports()[name] & MODULES.keys()) - {name}):
                visit(other, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())
    check(cycles)


def test_terminal_output_and_figures_stay_in_their_packages():
    below = [name for name in LAYERED if LAYER[package_of(name)] < LAYER["papers"]]
    check(
        [
            f"{name} writes to a terminal"
            for name in below
            if package_of(name) not in ("progress", "studies", "plots") and TERMINAL & imports()[name]
        ]
        + [f"{name} draws" for name in below if package_of(name) != "plots" and "matplotlib" in imports()[name]]
    )


def test_files_are_short():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()}
    lengths |= {path: len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS.rglob("*.py")}
    check([f"{path} has {lines} lines; split it by subject" for path, lines in lengths.items() if lines >= MAX_LINES])


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the name and the number of lines of each function, without its docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(node, clean=False) else 0
            yield node.name, node.end_lineno - node.lineno + 1 - docstring


def test_functions_are_short():
    check(
        [
            f"{name}.{function} has {lines} lines"
            for name in MODULES
            for function, lines in functions(trees()[name])
            if lines >= MAX_LINES_OF_A_FUNCTION
        ]
    )


def test_public_names_are_listed_once():
    listed = next(ast.literal_eval(node.value) for node in trees()[TOP].body if isinstance(node, ast.Assign))
    assert listed == sorted(noisette.__all__) == sorted(set(listed))


def test_the_top_level_package_imports_nothing_before_it_is_needed():
    """Except for the module that configures JAX, which must do so before JAX is imported."""
    code = (
        "import sys, noisette; print(*(name for name in sys.modules if name.startswith('noisette.') or name == 'jax'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["noisette.compilation_cache"]


def test_names_that_packages_import_lazily_exist():
    packages = [import_module(name) for name, path in MODULES.items() if path.with_suffix(".pyi").exists()]
    assert len(packages) > 4
    check([f"{p.__name__}.{name} does not exist" for p in packages for name in p.__all__ if not hasattr(p, name)])


def documentation_faults(name: str) -> Iterator[str]:
    """Yield what is missing in the documentation of a public name."""
    thing = getattr(noisette, name)
    text = inspect.getdoc(thing)
    if not text:
        yield f"noisette.{name} has no docstring"
    elif inspect.isfunction(thing) or inspect.isclass(thing):
        if not thing.__doc__:
            yield f"noisette.{name} only inherits its docstring"
        if "Examples\n" not in text:
            yield f"noisette.{name} has no Examples section"


def test_public_names_exist_and_are_documented():
    check([fault for name in noisette.__all__ for fault in documentation_faults(name)])


def test_public_packages_list_documented_names():
    packages = {name: getattr(noisette, name) for name in noisette.__all__}
    check(
        [
            f"noisette.{name}.{inner} has no docstring"
            for name, package in packages.items()
            if isinstance(package, ModuleType)
            for inner in getattr(package, "__all__", ())
            if callable(getattr(package, inner)) and not inspect.getdoc(getattr(package, inner))
        ]
    )


def private_imports(tree: ast.Module) -> set[str]:
    """Return the private modules and names of Noisette that a file imports, up to their first private part."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    private = set()
    for name in names:
        parts = name.split(".")
        depth = next((i for i, part in enumerate(parts) if part.startswith("_") and not part.endswith("__")), None)
        if parts[0] == TOP and depth is not None:
            private.add(".".join(parts[: depth + 1]))
    return private


def test_no_private_name_is_imported_by_two_test_files():
    files: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in private_imports(parsed(path)):
            files.setdefault(name, []).append(path.relative_to(TESTS).as_posix())
    check([f"{name}: {', '.join(paths)}" for name, paths in sorted(files.items()) if len(paths) > 1])


def names_a_network(node: ast.AST) -> bool:
    """Return whether the name of an expression denotes a network: `network`, `networks[0]`, `self.network`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("network", "networks")


def untyped_networks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the lines at which attributes of a network are looked up by name, or a network is annotated as Any."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id in ("hasattr", "getattr") and names_a_network(node.args[0]):
                yield node.lineno, f"{node.func.id} of a network"
        elif isinstance(node, ast.arg | ast.AnnAssign) and isinstance(node.annotation, ast.Name):
            named = node.arg == "network" if isinstance(node, ast.arg) else names_a_network(node.target)
            if named and node.annotation.id == "Any":
                yield node.lineno, "network: Any"


def test_networks_are_typed():
    check(
        [
            f"{name}, line {line}: {fault}"
            for name in MODULES
            if package_of(name) in SCIENCE
            for line, fault in untyped_networks(trees()[name])
        ]
    )
