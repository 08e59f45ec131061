"""Versions of the programs on which the last bits of a result may depend."""

import platform
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DECIDING = ("noisette", "jax", "jaxlib", "numpy", "scipy", "xarray")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the numerical libraries, and the machine type."""
    return {"python": platform.python_version(), "machine": platform.machine()} | versions_of(DECIDING)


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed packages; "unknown" for packages that are not installed."""
    installed = {}
    for name in names:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "unknown"
    return installed


def revision(folder: Path | None = None) -> str:
    """Return the git revision of a folder, followed by + if files have been modified; empty outside a repository."""
    try:
        call = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
        process = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return process.stdout.strip() if process.returncode == 0 else ""
