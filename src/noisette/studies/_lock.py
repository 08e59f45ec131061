"""A lock file that admits one writer per folder, and expires when its owner dies."""

import json
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from noisette.errors import InputError

BEAT = 5.0  # seconds between heartbeats
BESIDE = LOCKING, DEAD = ".lock-", ".dead-"  # prefixes of temporary files left behind when a process is killed
PATIENCE = 4 * BEAT  # seconds without a heartbeat after which an owner on another machine is considered dead


class Lock:
    """Context manager that locks a folder, or one file in it, for writing.

    An owner on the same machine is alive while its process exists. An owner on another machine is alive while its
    heartbeats continue; these are counters instead of time stamps, because clocks differ and may jump. If two processes
    replace the same expired lock simultaneously, no file is damaged, because both write identical files atomically.

    Parameters
    ----------
    folder : existing folder, in which the lock file is created
    what : description of what is locked, for the error message
    name : name of the lock file
    hint : how the progress of the owner is shown, for the error message

    Raises
    ------
    InputError : If another process holds the lock.
    """

    def __init__(self, folder: Path, what: str = "store", name: str = "lock", hint: str = ""):
        self.file, self.what, self.hint = folder / name, what, hint
        self.token = uuid.uuid4().hex
        self.beats = 0
        self.stopping = threading.Event()

    def __enter__(self) -> "Lock":
        while not self._take():
            owner = lock_owner(self.file)
            if owner is not None and is_alive(self.file, owner):
                hint = f"; {self.hint}" if self.hint else ""
                raise InputError(
                    f"{self.what} {str(self.file.parent)!r} is in use by process {owner['pid']} on {owner['host']} "
                    f"since {owner['since']}; wait for it or stop it{hint}"
                )
            self._remove(owner)
        self.beating = threading.Thread(target=self._beat, daemon=True)
        self.beating.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.stopping.set()
        self.beating.join()
        owner = lock_owner(self.file)
        if owner is not None and owner["token"] == self.token:
            self.file.unlink(missing_ok=True)

    def _take(self) -> bool:
        temporary = self.file.with_name(f"{LOCKING}{self.token}")
        temporary.write_text(self._text(), encoding="utf-8")
        try:
            os.link(temporary, self.file)  # atomic: fails if a lock exists, and never exposes a partly written file
        except FileExistsError:
            return False
        except OSError:  # the file system does not support hard links
            return self._create()
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def _create(self) -> bool:
        try:
            with self.file.open("x", encoding="utf-8") as out:
                out.write(self._text())
        except FileExistsError:
            return False
        return True

    def _remove(self, dead: dict[str, Any] | None) -> None:
        """Remove the lock of a dead owner, unless another process has replaced it in the meantime."""
        removed = self.file.with_name(f"{DEAD}{self.token}")
        with suppress(FileNotFoundError):
            os.replace(self.file, removed)
            if (lock_owner(removed) or {}).get("token") != (dead or {}).get("token"):
                with suppress(OSError):
                    os.link(removed, self.file)
            removed.unlink()

    def _text(self) -> str:
        pid = os.getpid()
        return json.dumps(
            {
                "host": socket.gethostname(),
                "pid": pid,
                "born": start_time(pid),
                "since": time.strftime("%Y-%m-%d %H:%M:%S"),
                "token": self.token,
                "beats": self.beats,
            }
        )

    def _beat(self) -> None:
        while not self.stopping.wait(BEAT):
            if (lock_owner(self.file) or {}).get("token") != self.token:
                return  # another process took the lock, assuming this one had died
            self.beats += 1
            temporary = self.file.with_name(f"{LOCKING}{self.token}")
            try:
                temporary.write_text(self._text(), encoding="utf-8")
                os.replace(temporary, self.file)
            except OSError:  # a full disk, for instance: the run continues, and the next heartbeat may succeed
                temporary.unlink(missing_ok=True)


def lock_owner(file: Path) -> dict[str, Any] | None:
    """Return the owner that a lock file records; None if the file is missing or unreadable."""
    try:
        owner = json.loads(file.read_text(encoding="utf-8"))
        return owner if {"host", "pid", "born", "token", "since"} <= owner.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def is_alive(file: Path, owner: dict[str, Any], patience: float = PATIENCE) -> bool:
    """Return whether the owner of a lock is alive; on another machine, it has `patience` seconds for a heartbeat."""
    if owner["host"] == socket.gethostname():
        return start_time(owner["pid"]) == owner["born"]
    end = time.monotonic() + patience
    while time.monotonic() < end:
        time.sleep(min(BEAT, patience) / 5)
        if lock_owner(file) != owner:
            return True
    return False


def start_time(pid: int) -> str:
    """Return the start time of a process in clock ticks; "" if it does not exist, "?" if the time is unavailable."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "?"
