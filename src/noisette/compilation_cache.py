"""Persistent cache of compiled programs in the user's cache folder, shared by all processes."""

import hashlib
import os
import platform
import sys
import time
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "NOISETTE_CACHE"  # "off", or another folder
OFF = ("off", "no", "none", "false", "0")
MOST_BYTES = 500_000_000
SECONDS_BETWEEN_CHECKS = 86_400.0
SETTINGS = {
    # most programs compile in less than the second below which JAX keeps none by default
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def cache_folder() -> Path | None:
    """Return the folder of the compiled programs, or None if the variable `NOISETTE_CACHE` is "off".

    Programs contain instructions of the processor that they are compiled for. Home folders are shared by the nodes of
    a cluster, which may differ, so each kind of processor has a folder of its own.

    Examples
    --------
    >>> import os
    >>> os.environ["NOISETTE_CACHE"] = "/scratch/cache"
    >>> cache_folder().parent.as_posix()
    '/scratch/cache'
    >>> del os.environ["NOISETTE_CACHE"]
    """
    setting = os.environ.get(VARIABLE, "").strip()
    if setting.lower() in OFF:
        return None
    parent = Path(setting).expanduser() if setting else user_cache_path("noisette", appauthor=False)
    return parent / f"programs-{hashlib.sha256(_processor().encode()).hexdigest()[:12]}"


def _processor() -> str:
    """Return a description of the processor: its kind and the extensions of its instruction set."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            lines = file.read(8192).splitlines()  # those of the first core and some others
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    names = ("model name", "flags", "Features", "CPU part")
    first = {line.partition(":")[0].strip(): line for line in reversed(lines) if line.startswith(names)}
    return " ".join([platform.machine(), *(first[name] for name in sorted(first))])


def use_cache() -> None:
    """Let JAX keep compiled programs in `cache_folder`, by environment variables that worker processes inherit.

    A cache folder that the user has set for JAX stays in use. Nothing is kept if the folder cannot be written.
    """
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    folder = cache_folder()
    if folder is None or not _can_be_written(folder):
        return
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if "jax" in sys.modules:
        _configure(folder)
    _limit(folder, MOST_BYTES)


def _configure(folder: Path) -> None:
    """Set the options of a JAX that is imported already, unless it has a cache folder."""
    config = sys.modules["jax"].config
    if config.jax_compilation_cache_dir is None:
        config.update("jax_compilation_cache_dir", str(folder))
        config.update("jax_persistent_cache_min_compile_time_secs", 0)
        config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _can_be_written(folder: Path) -> bool:
    """Create the folder, for the user alone because programs in it are executed; return whether it can be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _limit(folder: Path, most_bytes: int) -> None:
    """Remove empty files and, beyond a total size, the oldest programs; at most once a day.

    An empty file is left by a process that was killed while it wrote; JAX would neither read nor replace it.
    """
    stamp, now = folder / "checked", time.time()
    try:
        if now - stamp.stat().st_mtime < SECONDS_BETWEEN_CHECKS:
            return
    except OSError:
        pass
    try:
        stamp.touch()
        programs = [(entry.stat(), entry.path) for entry in os.scandir(folder) if entry.name != stamp.name]
    except OSError:
        return
    total = 0
    for status, path in sorted(programs, key=lambda program: program[0].st_mtime, reverse=True):
        total += status.st_size
        if total > most_bytes or (status.st_size == 0 and now - status.st_mtime > 60):
            Path(path).unlink(missing_ok=True)
