"""The files of a study: manifest, results of tasks, records of failures, and lock."""

import errno
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from noisette.disk import atomic_write
from noisette.errors import InputError, require
from noisette.studies._json import from_json, to_json
from noisette.studies._lock import BESIDE
from noisette.studies._part import DamagedError, Failure, Part, decode
from noisette.studies._versions import revision, versions

MANIFEST = "study.json"
IN_A_FOLDER = 1000  # files per folder; some cluster file systems are slow with more
LAYOUT = ("order", "axes", "vectorised", "where", "batch", "tasks")  # entries that determine the points of each task
ENTRIES = {"name": str, "order": list, "axes": dict, "tasks": int, "batch": int, "seed": int}  # always in a manifest
OLD = 60.0  # seconds after which a temporary file of a lock is considered abandoned


class StoreError(InputError):
    """Error for a store that cannot be used or written.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.studies.open_store("nowhere")
    Traceback (most recent call last):
    noisette.studies._folder.StoreError: 'nowhere' is not the store of a study (it contains no study.json); ...
    """


class Folder:
    """The folder in which the files of a study are stored.

    Parameters
    ----------
    place : path of the folder, which `begin` creates
    """

    def __init__(self, place: str | Path):
        self.place = Path(place)
        self.manifest = self.place / MANIFEST

    def begin(
        self, configuration: dict[str, Any], notice: Callable[[str], None], accept_changes: bool = False
    ) -> dict[str, Any]:
        """Create the folder, or check that it contains the same study; return the manifest."""
        if not self.manifest.is_file():
            require(
                not self._is_foreign(), f"folder {str(self.place)!r} contains other files", "an empty or a new folder"
            )
            manifest = {"configuration": configuration, "sessions": []}
        else:
            manifest = self.read()
            before, now = ({**each, "units": {}} for each in (manifest["configuration"], configuration))
            difference = changes(before, now)  # the same results in other units are those of the same study
            regrouped = any(manifest["configuration"].get(name) != configuration.get(name) for name in LAYOUT)
            if difference and (regrouped or not accept_changes):
                why = ", and its tasks contain different points" if regrouped and accept_changes else ""
                raise StoreError(
                    f"store {str(self.place)!r} contains a different study: {difference}{why}; "
                    "use another store, or undo the change"
                )
            manifest["configuration"] = configuration
        session = {"since": time.strftime("%Y-%m-%d %H:%M:%S"), "versions": versions(), "revision": revision()}
        if manifest["sessions"]:
            first = manifest["sessions"][0]
            if difference := changes(first["versions"], session["versions"]):
                notice(
                    f"store {str(self.place)!r} was created with other versions ({difference}): last bits may differ"
                )
        manifest["sessions"] = [*manifest["sessions"], session]
        with storage_errors(self.place):
            (self.place / "tasks").mkdir(parents=True, exist_ok=True)
            (self.place / "failed").mkdir(exist_ok=True)
            self._write(self.manifest, to_json(manifest, indent=1).encode())
        return manifest

    def _is_foreign(self) -> bool:
        """Return whether a folder without a manifest contains files other than those of an interrupted start."""
        if not self.place.is_dir():
            return False
        created = {self.place / "tasks", self.place / "failed"}
        prefixes = ("lock", *BESIDE, f".{self.manifest.stem}-")
        return any(not file.name.startswith(prefixes) for file in self.place.rglob("*") if file not in created)

    def read(self) -> dict[str, Any]:
        """Return the manifest."""
        if not self.manifest.is_file():
            raise StoreError(
                f"{str(self.place)!r} is not the store of a study (it contains no {MANIFEST}); "
                "give a folder created by `run`"
            )
        try:
            manifest = from_json(self.manifest.read_text(encoding="utf-8"))
            require(isinstance(manifest, dict), "it contains no table", "")
            require(_is_complete(manifest), "entries are missing or damaged", "")
        except (OSError, ValueError, RecursionError) as error:
            raise StoreError(
                f"{str(self.manifest)!r} cannot be read ({error}); restore it from a copy, or use a new store; "
                "the results of tasks are not changed"
            ) from error
        return manifest

    def task(self, number: int) -> Path:
        """Return the path of the result of a task."""
        return self.place / "tasks" / f"{number // IN_A_FOLDER:03d}" / f"{number:07d}.task"

    def failure(self, number: int) -> Path:
        """Return the path of the record of the failures of a task."""
        return self.place / "failed" / f"{number:07d}.json"

    def keep(self, number: int, data: bytes, failures: list[Failure]) -> None:
        """Write the result of a task and the record of its failures.

        The record is written before the result and removed after it, so that an interruption cannot leave a result
        whose failures are not recorded.
        """
        with storage_errors(self.place):
            if failures:
                text = to_json([vars(failure) for failure in failures], indent=1)
                self._write(self.failure(number), text.encode())
            target = self.task(number)
            if not target.parent.is_dir():
                target.parent.mkdir(exist_ok=True)
            self._write(target, data)
            if not failures:
                self.failure(number).unlink(missing_ok=True)

    def _write(self, target: Path, data: bytes) -> None:
        with atomic_write(target) as temporary:
            temporary.write_bytes(data)

    def finished(self, total: int, damaged: Callable[[str], None]) -> list[int]:
        """Return the numbers of the tasks with an intact result; damaged files are reported and count as missing."""
        intact = []
        for number in range(total):
            if self.part(number, damaged) is not None:
                intact.append(number)
        return intact

    def part(self, number: int, damaged: Callable[[str], None] | None = None) -> Part | None:
        """Return the result of a task; None if it is missing or damaged."""
        file = self.task(number)
        try:
            return decode(file.read_bytes())
        except FileNotFoundError:
            return None
        except (DamagedError, OSError, ValueError, KeyError) as error:
            if damaged is not None:
                damaged(f"{file}: {error}; the task is run again")
            return None

    def failed(self) -> list[int]:
        """Return the numbers of the tasks with failed points."""
        return sorted(int(file.stem) for file in (self.place / "failed").glob("[0-9]*.json"))

    def failures(self) -> list[Failure]:
        """Return the failures of all tasks, in the order of the tasks."""
        records = []
        for number in self.failed():
            try:
                records += [Failure(**record) for record in from_json(self.failure(number).read_text(encoding="utf-8"))]
            except (OSError, ValueError, TypeError):
                records.append(
                    Failure(
                        {"task": number},
                        "exception",
                        "the record of its failures is damaged; --retry-failed runs it again",
                    )
                )
        return records

    def done(self) -> int:
        """Return the number of tasks with a file, intact or damaged."""
        return sum(1 for _ in self._files())

    def times(self) -> list[float]:
        """Return the times at which tasks were finished, in seconds since the epoch."""
        return [file.stat().st_mtime for file in self._files()]

    def sweep(self) -> None:
        """Remove temporary files of interrupted writes."""
        for file in self.place.rglob(".*"):
            abandoned = file.suffix in (".task", ".json", ".nc")
            if file.name.startswith(BESIDE):  # a recent file may belong to a process that is about to take the lock
                with suppress(OSError):
                    abandoned = time.time() - file.stat().st_mtime > OLD
            if abandoned and file.is_file():
                file.unlink(missing_ok=True)

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for part in sorted((self.place / "tasks").glob("[0-9]*")):
            yield from (file for file in os.scandir(part) if file.name.endswith(".task") and file.name[0] != ".")


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Convert operating-system errors into a `StoreError` with a remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "free some space and run the study again"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            remedy = "choose a folder with write permission"
        else:
            remedy = "check the disk and run the study again"
        reason = getattr(error, "reason", "") or (os.strerror(error.errno) if error.errno else str(error))
        raise StoreError(
            f"store {str(place)!r} cannot be written ({reason}); finished tasks are kept; {remedy}"
        ) from error


def _is_complete(manifest: dict[str, Any]) -> bool:
    """Return whether a manifest has all entries that are needed to read the store, of the right types."""
    configuration, sessions = manifest.get("configuration"), manifest.get("sessions")
    if not isinstance(configuration, dict) or not isinstance(sessions, list):
        return False
    if not all(isinstance(configuration.get(name), kind) for name, kind in ENTRIES.items()):
        return False
    order, axes = configuration["order"], configuration["axes"]
    return (
        all(isinstance(name, str) for name in order)
        and sorted(order) == sorted(axes)
        and all(isinstance(values, list) and values for values in axes.values())
        and all(isinstance(value, str | bool | int | float) for values in axes.values() for value in values)
        and 0 < configuration["tasks"] <= math.prod(map(len, axes.values()))
        and all(isinstance(session, dict) and isinstance(session.get("versions"), dict) for session in sessions)
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return the differences between two configurations as text; empty if there are none."""
    differences = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, "absent"), after.get(name, "absent")
        if old == new or to_json(old) == to_json(new):  # compared as text, because NaN is not equal to itself
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            differences.append(f"{name}: {changes(old, new)}")
        elif isinstance(old, list) and isinstance(new, list):
            differences.append(f"{name}: {_list_changes(old, new)}")
        else:
            differences.append(f"{name}: {_short(old)} → {_short(new)}")
    return ", ".join(differences)


def _list_changes(old: list[Any], new: list[Any]) -> str:
    removed = [value for value in old if value not in new]
    added = [value for value in new if value not in old]
    if not removed and not added:
        return "in another order"
    return " and ".join(
        f"{word} {', '.join(map(_short, values[:5]))}{' …' if len(values) > 5 else ''}"
        for word, values in (("without", removed), ("with", added))
        if values
    )


def _short(value: Any) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else f"{text[:40]}…{text[-12:]}"  # the end is kept because it contains the digest
