"""Compiled programs: their persistent cache in the user's cache folder, and the limit of their number in a process."""

import hashlib
import os
import platform
import sys
import time
import warnings
import zlib
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "NOISETTE_CACHE"  # "off", or another folder
OFF = ("off", "no", "none", "false", "0")
MOST_BYTES = 500_000_000
SECONDS_BETWEEN_CHECKS = 3600.0
SECONDS_OF_WRITING = 60.0  # a younger program may still be written by another process
MAPS, MOST_MAPS = Path("/proc/self/maps"), Path("/proc/sys/vm/max_map_count")
SHARE = 0.5  # of the memory maps of a process, at which compiled programs are cleared
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

    A cache folder that the user has set for JAX stays in use. Nothing is kept if the folder cannot be written. Programs
    that cannot be read are compiled again; the warning that JAX issues is suppressed, since results do not change.
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
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache entry", UserWarning)
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
    """Remove damaged programs and, beyond a total size, the oldest programs; at most once an hour.

    A process that is killed while it writes, or a full disk, leaves an incomplete file, which JAX would not replace.
    Only files that are newer than the last check are examined for damage.
    """
    stamp, now = folder / "checked", time.time()
    try:
        last = stamp.stat().st_mtime
    except OSError:
        last = 0.0
    if now - last < SECONDS_BETWEEN_CHECKS:
        return
    try:
        stamp.touch()
        programs = [(entry.stat(), Path(entry.path)) for entry in os.scandir(folder) if entry.name != stamp.name]
        total = 0
        for status, path in sorted(programs, key=lambda program: program[0].st_mtime, reverse=True):
            total += status.st_size
            new = last - SECONDS_OF_WRITING < status.st_mtime < now - SECONDS_OF_WRITING
            if total > most_bytes or (new and _is_damaged(path.read_bytes())):
                path.unlink(missing_ok=True)
    except OSError:  # another process removes programs at the same time
        return


def _is_damaged(program: bytes) -> bool:
    """Return whether a program is incomplete.

    JAX compresses programs by zlib, whose files begin with "x". Where the package zstandard is installed it uses that
    instead; of such files only empty ones are recognised as damaged.
    """
    if not program.startswith(b"x"):
        return not program
    try:
        zlib.decompress(program)
    except zlib.error:
        return True
    return False


def clear_excess_programs(most: int | None = None) -> bool:
    """Clear the compiled programs of this process if they use many memory maps; return whether they were cleared.

    Each program uses several maps, of which Linux allows a process 65,530 by default; beyond this limit the compiler of
    XLA aborts the process. Programs that are needed again are compiled again, or read from the persistent cache.

    Parameters
    ----------
    most : number of maps up to which programs are kept; None for half of those that the system allows

    Examples
    --------
    >>> clear_excess_programs(10**9)
    False
    """
    try:
        limit = int(SHARE * int(MOST_MAPS.read_text())) if most is None else most
        with MAPS.open("rb") as file:
            number = sum(1 for _ in file)
    except (OSError, ValueError):  # other systems
        return False
    if number <= limit:
        return False
    import equinox
    import jax

    equinox.clear_caches()
    jax.clear_caches()
    return True
