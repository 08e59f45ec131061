"""Pages of the reference: one for each public package, with tables of its names."""

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import get_origin

import noisette

PACKAGES = {  # public packages and their titles, in the order of the contents
    "noisette": "Names at the top level",
    "noisette.weights": "Weights",
    "noisette.ensembles": "Ensembles of weights",
    "noisette.activations": "Activations",
    "noisette.noise": "Noise",
    "noisette.networks": "Networks",
    "noisette.simulation": "Simulation",
    "noisette.probes": "Probes",
    "noisette.analysis": "Analysis",
    "noisette.theory": "Theory",
    "noisette.theory.markov": "Exact Markov chains",
    "noisette.theory.covariance": "Theory of covariances",
    "noisette.theory.dmft": "Dynamical mean-field theory",
    "noisette.tasks": "Tasks",
    "noisette.training": "Training",
    "noisette.studies": "Studies",
    "noisette.plots": "Plots",
    "noisette.papers": "Papers",
    "noisette.app": "Explorer",
    "noisette.codes": "Codes of states",
    "noisette.information": "Entropies of given distributions",
    "noisette.keys": "Random keys",
    "noisette.random_numbers": "Random numbers",
    "noisette.references": "References",
}
TOP = set(noisette.__all__)


def public(module: ModuleType) -> list[str]:
    """Return the public names of a module: ``__all__``, or what it defines itself."""
    if (names := getattr(module, "__all__", None)) is not None:
        return [name for name in names if not isinstance(getattr(module, name), ModuleType)]
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


def path_of(package: str, name: str) -> str:
    """Return the path under which a name is documented: the shortest one."""
    value = getattr(import_module(package), name)
    return f"noisette.{name}" if name in TOP and getattr(noisette, name) is value else f"{package}.{name}"


def kind(value: object) -> str:
    """Return the heading under which a name is listed."""
    if inspect.isclass(value):
        return "Exceptions and warnings" if issubclass(value, BaseException) else "Classes"
    is_function = callable(value) and hasattr(value, "__name__") and get_origin(value) is None
    return "Functions" if is_function else "Constants and types of arguments"


def undocumented() -> list[str]:
    """Return the public names without a docstring, and constants without a comment."""
    missing = []
    for package in PACKAGES:
        module = import_module(package)
        for name in public(module):
            value = getattr(module, name)
            if kind(value).startswith("Constants"):
                documented = bool(comment(value, name, module))
            else:
                documented = bool((value.__doc__ or "").strip()) and not is_generated(value)
            if not documented:
                missing.append(f"{package}.{name}")
    return missing


def is_generated(value: object) -> bool:
    """Return whether the docstring is the one that `dataclass` generates."""
    return inspect.isclass(value) and (value.__doc__ or "").startswith(f"{value.__name__}(")


def comment(value: object, name: str, module: ModuleType) -> str:
    """Return the comment behind the definition of a constant, in the module that defines it."""
    folder = Path(inspect.getfile(module)).parent
    paths = sorted(folder.rglob("*.py")) if Path(inspect.getfile(module)).name == "__init__.py" else [module.__file__]
    for path in map(Path, paths):
        lines = path.read_text(encoding="utf-8").splitlines()
        for i, line in enumerate(lines):
            if line.startswith((f"{name} = ", f"{name}: ", f"type {name} = ")) and "import" not in line:
                if "  # " in line:
                    return line.split("  # ", 1)[1]
                if i and lines[i - 1].startswith("#: "):
                    return lines[i - 1][3:]
    return ""


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(exist_ok=True)
    for package, title in PACKAGES.items():
        (folder / f"{package}.rst").write_text(_page(package, title), encoding="utf-8")


def _page(package: str, title: str) -> str:
    module = import_module(package)
    heading = f"{title}: ``{package}``"
    # not automodule, before which autosummary would complete names by the package
    lines = [heading, "=" * len(heading), "", f".. py:module:: {package}", "", inspect.getdoc(module) or "", ""]
    listed: dict[str, list[str]] = {}
    for name in sorted(public(module), key=str.lower):
        listed.setdefault(kind(getattr(module, name)), []).append(name)
    for head in ("Functions", "Classes", "Exceptions and warnings"):
        if names := listed.get(head):
            lines += [head, "-" * len(head), "", ".. autosummary::", "   :toctree: generated", "   :nosignatures:", ""]
            lines += [f"   ~{path_of(package, name)}" for name in names] + [""]
    if names := listed.get("Constants and types of arguments"):
        head = "Constants and types of arguments"
        lines += [head, "-" * len(head), ""]
        for name in names:
            value = getattr(module, name)
            lines += [f"``{name}``", f"   {comment(value, name, module)}", ""]
    return "\n".join(lines)
