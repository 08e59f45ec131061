"""Threads of the serial executor: results, errors and interrupts."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from noisette.studies import Serial, Study, status
from noisette.threads import TASK, are_tasks_running

MEASURE = """
import time

def measure(x):
    \"\"\"Return at once for 0 and 1, and work for a minute for the others.\"\"\"
    end = time.monotonic() + (60 if x > 1 else 0)
    while time.monotonic() < end:
        {wait}
    return x
"""
LIBRARY = """
import sys
from noisette.studies import Serial, Study
from measures import measure

Study("minutes", measure, {"x": list(range(6))}).run(store=sys.argv[1], executor=Serial(2))
"""
TERMINAL = """
import sys
from noisette.cli import main
from noisette.cli import run
from noisette.studies import Serial

run._executor = lambda *options: Serial(2)
sys.argv = ["noisette", "run", "measures.py:study", "--out", sys.argv[1]]
main()
"""
STUDY = '\nfrom noisette.studies import Study\nstudy = Study("minutes", measure, {"x": list(range(6))})\n'
WAITS = {  # in Python, and in a call that no exception can end
    "python": "time.sleep(0.01)",
    "compiled": "time.sleep(60)",
}


def interrupted(folder, script, wait, number):
    """Run a script until two of its tasks are finished, interrupt it, and return its status and the seconds it took."""
    (folder / "measures.py").write_text(textwrap.dedent(MEASURE).format(wait=wait) + STUDY)
    (folder / "script.py").write_text(script)
    running = subprocess.Popen(
        [sys.executable, "script.py", "store"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    store = folder / "store"
    try:
        while not (store / "study.json").is_file() or status(store).done < 2:
            assert running.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)  # both threads are in the tasks that take a minute
        start = time.monotonic()
        running.send_signal(number)
        code = running.wait(50)
        return code, time.monotonic() - start
    finally:
        running.kill()
        running.wait()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("script", "wait", "number", "code"),
    [
        (LIBRARY, "python", signal.SIGINT, -signal.SIGINT),
        (LIBRARY, "python", signal.SIGTERM, 128 + signal.SIGTERM),
        (TERMINAL, "python", signal.SIGINT, 130),
        (TERMINAL, "compiled", signal.SIGINT, 130),
        (TERMINAL, "compiled", signal.SIGTERM, 128 + signal.SIGTERM),
    ],
)
def test_an_interrupt_ends_the_threads_and_keeps_finished_tasks(tmp_path, script, wait, number, code):
    ended, seconds = interrupted(tmp_path, script, WAITS[wait], number)
    assert ended == code
    assert seconds < 20  # it does not wait for the tasks, which take a minute; two seconds on an idle machine
    assert status(tmp_path / "store").line() == "minutes: 2 of 6 tasks done, interrupted"
    assert not (tmp_path / "store" / "lock").exists()


ENDS = []


def recorded(x):
    ENDS.append(x)
    return x


def test_tasks_that_are_finished_but_not_written_when_an_interrupt_arrives_are_kept(tmp_path):
    """Four tasks are queued at a time. The main thread is interrupted after it has written the first of them."""
    ENDS.clear()

    def progress(done, total):
        if done == 1:
            while len(ENDS) < 4:
                time.sleep(0.01)
            time.sleep(0.1)
            raise KeyboardInterrupt

    study = Study("some", recorded, {"x": list(range(9))})
    with pytest.raises(KeyboardInterrupt):
        study.run(progress, Serial(2), store=tmp_path)
    assert status(tmp_path).done == 4
    assert not are_tasks_running()
    assert study.run(executor=Serial(2), store=tmp_path).value.values.tolist() == list(range(9))
    assert sorted(ENDS) == list(range(9))


def test_an_error_ends_the_threads_without_a_store():
    def measure(x):
        end = time.monotonic() + 60
        while x > 0 and time.monotonic() < end:
            time.sleep(0.01)
        raise ValueError("no value")

    start = time.monotonic()
    with pytest.raises(ValueError, match="no value"):
        Study("errors", measure, {"x": [0, 1, 2, 3]}).run(executor=Serial(2))
    assert time.monotonic() - start < 10
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(TASK)]


def test_an_exit_in_a_measure_ends_the_run():
    def measure(x):
        raise SystemExit(7)

    with pytest.raises(SystemExit) as end:
        Study("exits", measure, {"x": [0, 1]}).run(executor=Serial(2))
    assert end.value.code == 7
    assert not are_tasks_running()
