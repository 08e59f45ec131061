"""A study on disk: what it is, one file a task, what failed, and who is at work on it."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from noisette.errors import InputError, require
from noisette.studies._json import from_json, to_json
from noisette.studies._lock import BESIDE
from noisette.studies._part import DamagedError, Failure, Part, decode
from noisette.studies._versions import revision, versions
from noisette.studies.store import atomic_write

MANIFEST = "study.json"
IN_A_FOLDER = 1000  # files; some file systems of clusters are slow with more
LAYOUT = ("order", "axes", "vectorised", "where", "batch", "tasks")  # what tells which points a task holds
OLD = 60.0  # seconds after which what a lock left beside itself belongs to nobody


class StoreError(InputError):
    """A store that cannot be used or written: says why, what is safe, and what to do.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.studies.open_store("nowhere")
    Traceback (most recent call last):
    noisette.studies._folder.StoreError: 'nowhere' is no store of a study (no study.json in it); ...
    """


class Folder:
    """The files of a study.

    Parameters
    ----------
    place : folder, made by `begin`
    """

    def __init__(self, place: str | Path):
        self.place = Path(place)
        self.manifest = self.place / MANIFEST

    def begin(
        self, configuration: dict[str, Any], notice: Callable[[str], None], accept_changes: bool = False
    ) -> dict[str, Any]:
        """Make the folder, or see that it holds the same study; return the manifest."""
        if not self.manifest.is_file():
            require(
                not self._is_foreign(), f"folder {str(self.place)!r} holds something else", "an empty or a new folder"
            )
            manifest = {"configuration": configuration, "sessions": []}
        else:
            manifest = self.read()
            difference = changes(manifest["configuration"], configuration)
            moved = any(manifest["configuration"].get(name) != configuration.get(name) for name in LAYOUT)
            if difference and (moved or not accept_changes):
                why = ", and its tasks hold other points" if moved and accept_changes else ""
                raise StoreError(
                    f"store {str(self.place)!r} holds another study: {difference}{why}; "
                    "use another store, or undo the change"
                )
            manifest["configuration"] = configuration
        session = {"since": time.strftime("%Y-%m-%d %H:%M:%S"), "versions": versions(), "revision": revision()}
        if manifest["sessions"]:
            first = manifest["sessions"][0]
            if other := changes(first["versions"], session["versions"]):
                notice(f"store {str(self.place)!r} was begun with other programs ({other}): last bits may differ")
        manifest["sessions"] = [*manifest["sessions"], session]
        with storage_errors(self.place):
            (self.place / "tasks").mkdir(parents=True, exist_ok=True)
            (self.place / "failed").mkdir(exist_ok=True)
            self._write(self.manifest, to_json(manifest, indent=1).encode())
        return manifest

    def _is_foreign(self) -> bool:
        """Return whether a folder without a manifest holds more than a store that was begun and interrupted."""
        if not self.place.is_dir():
            return False
        ours = {self.place / "tasks", self.place / "failed"}
        begun = ("lock", *BESIDE, f".{self.manifest.stem}-")
        return any(not one.name.startswith(begun) for one in self.place.rglob("*") if one not in ours)

    def read(self) -> dict[str, Any]:
        """Return the manifest."""
        if not self.manifest.is_file():
            raise StoreError(
                f"{str(self.place)!r} is no store of a study (no {MANIFEST} in it); give the folder that `run` made"
            )
        try:
            found = from_json(self.manifest.read_text(encoding="utf-8"))
            assert {"configuration", "sessions"} <= found.keys()
        except (OSError, ValueError, AssertionError, AttributeError) as error:
            raise StoreError(
                f"{str(self.manifest)!r} cannot be read ({error}); put back a copy, or begin a new store: "
                "the tasks in it stay where they are"
            ) from error
        return found

    def task(self, number: int) -> Path:
        """Return the file of a task."""
        return self.place / "tasks" / f"{number // IN_A_FOLDER:03d}" / f"{number:07d}.task"

    def failure(self, number: int) -> Path:
        """Return the file that says what failed in a task."""
        return self.place / "failed" / f"{number:07d}.json"

    def keep(self, number: int, data: bytes, failures: list[Failure]) -> None:
        """Write what a task left behind; what failed is there before the task is, and goes after it."""
        with storage_errors(self.place):
            if failures:
                text = to_json([vars(one) for one in failures], indent=1)
                self._write(self.failure(number), text.encode())
            target = self.task(number)
            if not target.parent.is_dir():
                target.parent.mkdir(exist_ok=True)
            self._write(target, data)
            if not failures:
                self.failure(number).unlink(missing_ok=True)

    def _write(self, target: Path, data: bytes) -> None:
        with atomic_write(target) as beside:
            beside.write_bytes(data)

    def finished(self, total: int, damaged: Callable[[str], None]) -> list[int]:
        """Return which tasks have a sound file; name damaged ones, which count as not done."""
        found = []
        for number in range(total):
            if self.part(number, damaged) is not None:
                found.append(number)
        return found

    def part(self, number: int, damaged: Callable[[str], None] | None = None) -> Part | None:
        """Return what a task left behind, None if it is not done or its file is damaged."""
        file = self.task(number)
        try:
            return decode(file.read_bytes())
        except FileNotFoundError:
            return None
        except (DamagedError, OSError, ValueError, KeyError) as error:
            if damaged is not None:
                damaged(f"{file}: {error}; it is computed again")
            return None

    def failed(self) -> list[int]:
        """Return which tasks have points that failed."""
        return sorted(int(file.stem) for file in (self.place / "failed").glob("[0-9]*.json"))

    def failures(self) -> list[Failure]:
        """Return what failed, in the order of tasks."""
        found = []
        for number in self.failed():
            try:
                found += [Failure(**one) for one in from_json(self.failure(number).read_text(encoding="utf-8"))]
            except (OSError, ValueError, TypeError):
                found.append(
                    Failure({"task": number}, "exception", "its record is damaged; --retry-failed computes it again")
                )
        return found

    def done(self) -> int:
        """Return how many tasks have a file, sound or not."""
        return sum(1 for _ in self._files())

    def times(self) -> list[float]:
        """Return when the tasks were finished, in seconds since some moment."""
        return [one.stat().st_mtime for one in self._files()]

    def sweep(self) -> None:
        """Remove what interrupted writes left beside the files."""
        for one in self.place.rglob(".*"):
            left = one.suffix in (".task", ".json", ".nc")
            if one.name.startswith(BESIDE):  # another may be about to use it
                with suppress(OSError):
                    left = time.time() - one.stat().st_mtime > OLD
            if left and one.is_file():
                one.unlink(missing_ok=True)

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for part in sorted((self.place / "tasks").glob("[0-9]*")):
            yield from (one for one in os.scandir(part) if one.name.endswith(".task") and one.name[0] != ".")


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn errors of the disk into one line that says what is safe and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "free some space and run it again"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            remedy = "choose a folder in which you may write"
        else:
            remedy = "see to the disk and run it again"
        what = os.strerror(error.errno) if error.errno else str(error)
        raise StoreError(
            f"store {str(place)!r} cannot be written ({what}); finished tasks are safe; {remedy}"
        ) from error


def changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return in words how one configuration differs from another; empty if they are the same."""
    said = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, "absent"), after.get(name, "absent")
        if old == new or to_json(old) == to_json(new):  # as text, since NaN differs from itself
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            said.append(f"{name}: {changes(old, new)}")
        elif isinstance(old, list) and isinstance(new, list):
            said.append(f"{name}: {_list_changes(old, new)}")
        else:
            said.append(f"{name}: {_short(old)} → {_short(new)}")
    return ", ".join(said)


def _list_changes(old: list[Any], new: list[Any]) -> str:
    lost = [one for one in old if one not in new]
    won = [one for one in new if one not in old]
    if not lost and not won:
        return "in another order"
    return " and ".join(
        f"{word} {', '.join(map(_short, some[:5]))}{' …' if len(some) > 5 else ''}"
        for word, some in (("without", lost), ("with", won))
        if some
    )


def _short(value: Any) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else f"{text[:40]}…{text[-12:]}"  # digests stand at the end
