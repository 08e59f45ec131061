"""Tasks from words and from user modules."""

import sys

import pytest

from noisette.errors import InputError
from noisette.registry import ENTRIES
from noisette.tasks import CTX, DMS, Task, from_string

OWN = """
import numpy as np
from noisette.tasks import Task, FromGym

class Still(Task):
    duration: float = 50.0
    channels, conditions = 1, ("only",)

    def signals(self, label, *, key):
        return np.zeros((self.steps, 1)), np.zeros((self.steps, 1)), np.ones(self.steps)

def longer(factor=2):
    return Still(duration=50.0 * factor)

still = Still()

class Environment:
    pass

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the working directory of the program, with user modules."""
    (tmp_path / "own_tasks_of_a_user.py").write_text(OWN)
    (tmp_path / "broken_task_of_a_user.py").write_text("1 / 0")
    (tmp_path / "needy_task_of_a_user.py").write_text("import there_is_no_such_module")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if name.endswith("of_a_user"):
            del sys.modules[name]


def test_names_take_parameters():
    assert bool(from_string("dms", delay=50.0, inputs=1) == DMS(delay=50.0, inputs=1))
    assert bool(from_string("ctx") == CTX())
    assert all(issubclass(entry.load(), Task) and entry.summary for entry in ENTRIES["tasks"])


def test_a_class_of_the_users_folder_is_found(folder):
    assert from_string("own_tasks_of_a_user:Still").steps == 10
    assert from_string("own_tasks_of_a_user:Still", duration=100.0, input_noise=1.0).steps == 20
    assert from_string("own_tasks_of_a_user:longer", factor=4).steps == 40
    assert from_string("own_tasks_of_a_user:longer:4").steps == 40
    assert from_string("own_tasks_of_a_user:still").steps == 10


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("dmz", {}, "unknown task 'dmz'; tasks are dms, .*, xor, function, path, or MODULE:NAME.*did you mean dms\\?"),
        ("afc", {"delay": 50.0}, "task afc: got an unexpected keyword argument 'delay'; its parameters are .*gap"),
        ("no_module_of_a_user:Task", {}, "no module 'no_module_of_a_user'; .*no_module_of_a_user.py"),
        ("own_tasks_of_a_user:Stil", {}, "no task 'Stil' in module 'own_tasks_of_a_user'; available: Still, still"),
        ("own_tasks_of_a_user:number", {}, "is a int; a class or function that returns a noisette.tasks.Task"),
        ("own_tasks_of_a_user:Environment", {}, "returns a Environment; a noisette.tasks.Task; .*FromGym"),
        ("own_tasks_of_a_user:still", {"delay": 1.0}, "with delay; own_tasks_of_a_user:still takes no arguments"),
        ("own_tasks_of_a_user:longer:two", {}, r"cannot be read; the form is own_tasks_of_a_user:longer\[:NUMBERS\]"),
        ("dms:5", {}, "task 'dms:5' cannot be read; the form is dms"),
        ("own_tasks_of_a_user:Still", {"delay": 1.0}, "its parameters are .*duration"),
        ("broken_task_of_a_user:X", {}, "cannot be imported; ZeroDivisionError: division by zero"),
        (
            "needy_task_of_a_user:X",
            {},
            "'needy_task_of_a_user' needs 'there_is_no_such_module', which is not installed",
        ),
        (":X", {}, "unknown task ':X'; .*MODULE:NAME"),
        ("own_tasks_of_a_user:", {}, "MODULE:NAME"),
    ],
)
def test_unknown_names_are_explained(folder, name, parameters, message):
    with pytest.raises(InputError, match=message):
        from_string(name, **parameters)
