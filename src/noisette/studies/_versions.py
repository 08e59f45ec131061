"""Which programs computed something, as far as its bits may depend on it."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DECIDING = ("noisette", "jax", "jaxlib", "numpy", "scipy", "xarray")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of the libraries that compute, and the type of machine."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def revision(folder: Path | None = None) -> str:
    """Return the git revision of a folder, with a + where files differ from it; empty where there is none."""
    try:
        call = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
        found = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
