"""A store has one writer at a time, whatever happened to the previous one."""

import json
import os
import threading

import pytest

from noisette.errors import InputError
from noisette.studies import Study, status
from noisette.studies import _lock as lock_module
from noisette.studies._lock import Lock, is_alive, lock_owner, start_time


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(lock_module, "BEAT", 0.05)


def foreign(tmp_path, **more):
    owner = {"host": "elsewhere", "pid": 1, "born": "1", "since": "then", "token": "t", "beats": 0} | more
    (tmp_path / "lock").write_text(json.dumps(owner))
    return owner


def test_a_second_run_is_refused_with_the_owner_of_the_lock(tmp_path):
    with Lock(tmp_path), pytest.raises(InputError, match=f"in use by process {os.getpid()} on"), Lock(tmp_path):
        pass
    assert os.listdir(tmp_path) == []


def test_a_study_locks_its_store_while_it_runs(tmp_path):
    inner = []

    def measure(x):
        inner.append(status(tmp_path).running)
        with pytest.raises(InputError, match="in use"):
            Study("s", lambda x: x, {"x": [1]}).run(store=tmp_path)
        return x

    Study("s", measure, {"x": [1]}).run(store=tmp_path)
    assert inner == [True]
    assert not status(tmp_path).running


@pytest.mark.parametrize("owner", [{"pid": 2**22 + 1}, {"pid": os.getpid(), "born": "another time"}])
def test_the_lock_of_a_dead_process_of_this_machine_is_ignored(tmp_path, owner):
    """There is no such process, or another process has its number."""
    import socket

    foreign(tmp_path, host=socket.gethostname(), **owner)
    with Lock(tmp_path):
        assert lock_owner(tmp_path / "lock")["pid"] == os.getpid()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_lock_without_an_owner_is_ignored(tmp_path, content):
    (tmp_path / "lock").write_text(content)
    with Lock(tmp_path):
        assert lock_owner(tmp_path / "lock")["pid"] == os.getpid()


def test_an_owner_on_another_machine_is_alive_while_its_heartbeat_changes(tmp_path):
    """Heartbeats are counted, so that differences and jumps of the clocks do not matter."""
    owner = foreign(tmp_path)
    os.utime(tmp_path / "lock", (0, 0))
    ended = threading.Event()

    def beat():
        while not ended.wait(0.01):
            owner["beats"] += 1
            temporary = tmp_path / "beside"
            temporary.write_text(json.dumps(owner))
            os.replace(temporary, tmp_path / "lock")

    beating = threading.Thread(target=beat)
    beating.start()
    alive = is_alive(tmp_path / "lock", lock_owner(tmp_path / "lock"), patience=2.0)
    ended.set()
    beating.join()
    assert alive
    assert not is_alive(tmp_path / "lock", lock_owner(tmp_path / "lock"), patience=0.1)


def test_the_lock_has_a_heartbeat(tmp_path):
    with Lock(tmp_path) as lock:
        while lock.beats < 2:
            threading.Event().wait(0.01)
        assert lock_owner(tmp_path / "lock")["token"] == lock.token


def test_a_lock_taken_over_by_another_process_is_not_removed(tmp_path):
    lock = Lock(tmp_path)
    seen = foreign(tmp_path, token="old")
    foreign(tmp_path, token="new")
    lock._remove(seen)
    assert lock_owner(tmp_path / "lock")["token"] == "new"


def test_file_systems_without_links(tmp_path, monkeypatch):
    def link(*names):
        raise OSError(95, "not supported")

    monkeypatch.setattr(lock_module.os, "link", link)
    with Lock(tmp_path), pytest.raises(InputError, match="in use"), Lock(tmp_path):
        pass


def test_the_start_time_of_a_process():
    assert start_time(os.getpid()) == start_time(os.getpid()) != ""
    assert start_time(2**22 + 1) == ""
