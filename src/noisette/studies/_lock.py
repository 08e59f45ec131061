"""One writer a store: a lock that says who holds it, and that a dead owner does not hold."""

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

BEAT = 5.0  # seconds between signs of life
BESIDE = LOCKING, DEAD = ".lock-", ".dead-"  # how the files begin that a lock leaves beside itself, if it is killed
PATIENCE = 4 * BEAT  # seconds without one after which an owner on another machine is dead


class Lock:
    """Holds a store while its context is open.

    An owner on the same machine is alive as long as its process is; one on another machine, as long as it gives signs
    of life, which are counted and not dated: clocks may jump. Should two ever take over the same dead lock at once,
    no file is harmed: both write the same bytes, each whole.

    Parameters
    ----------
    folder : of the store

    Raises
    ------
    InputError : another process holds it.
    """

    def __init__(self, folder: Path):
        self.file = folder / "lock"
        self.token = uuid.uuid4().hex
        self.beats = 0
        self.ended = threading.Event()

    def __enter__(self) -> "Lock":
        while not self._take():
            owner = lock_owner(self.file)
            if owner is not None and is_alive(self.file, owner):
                raise InputError(
                    f"store {str(self.file.parent)!r} is in use by process {owner['pid']} on {owner['host']} since "
                    f"{owner['since']}; wait for it or stop it; `noisette status` shows how far it is"
                )
            self._remove(owner)
        self.beating = threading.Thread(target=self._beat, daemon=True)
        self.beating.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.ended.set()
        self.beating.join()
        owner = lock_owner(self.file)
        if owner is not None and owner["token"] == self.token:
            self.file.unlink(missing_ok=True)

    def _take(self) -> bool:
        beside = self.file.with_name(f"{LOCKING}{self.token}")
        beside.write_text(self._text(), encoding="utf-8")
        try:
            os.link(beside, self.file)  # fails where there is one, and is never seen half written
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            return self._create()
        finally:
            beside.unlink(missing_ok=True)
        return True

    def _create(self) -> bool:
        try:
            with self.file.open("x", encoding="utf-8") as out:
                out.write(self._text())
        except FileExistsError:
            return False
        return True

    def _remove(self, dead: dict[str, Any] | None) -> None:
        """Take the lock of a dead owner away, unless somebody else did so just now and holds it."""
        aside = self.file.with_name(f"{DEAD}{self.token}")
        with suppress(FileNotFoundError):
            os.replace(self.file, aside)
            if (lock_owner(aside) or {}).get("token") != (dead or {}).get("token"):
                with suppress(OSError):
                    os.link(aside, self.file)
            aside.unlink()

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
        while not self.ended.wait(BEAT):
            if (lock_owner(self.file) or {}).get("token") != self.token:
                return  # taken over, by somebody who held this process for dead
            self.beats += 1
            beside = self.file.with_name(f"{LOCKING}{self.token}")
            try:
                beside.write_text(self._text(), encoding="utf-8")
                os.replace(beside, self.file)
            except OSError:  # a full disk does not end the work; the next beat may succeed
                beside.unlink(missing_ok=True)


def lock_owner(file: Path) -> dict[str, Any] | None:
    """Return what a lock says of its owner, None where there is no (readable) lock."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return found if {"host", "pid", "born", "token", "since"} <= found.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def is_alive(file: Path, owner: dict[str, Any], patience: float = PATIENCE) -> bool:
    """Return whether the owner of a lock lives; watches one on another machine for a while."""
    if owner["host"] == socket.gethostname():
        return start_time(owner["pid"]) == owner["born"]
    end = time.monotonic() + patience
    while time.monotonic() < end:
        time.sleep(min(BEAT, patience) / 5)
        if lock_owner(file) != owner:
            return True
    return False


def start_time(pid: int) -> str:
    """Return when a process began, in the words of the system; empty where there is none, "?" where it is not said."""
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
