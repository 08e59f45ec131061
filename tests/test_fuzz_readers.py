"""The fuzz test of the readers at a small size."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "fuzz_readers.py"


def run(*arguments):
    """Run the fuzz test."""
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
def test_mutants_are_read_or_refused():
    result = run("--size", "600")
    assert result.returncode == 0, result.stdout
    assert "600 mutants of seed 0" in result.stdout


def broken_reader(body):
    """Return a program that runs a worker whose reader is broken."""
    return f"""
import sys
sys.path.insert(0, {str(SCRIPT.parent)!r})
import fuzz_readers
from noisette.weights import _files
def broken(*arguments, **options):
    {body}
_files.read_array = broken
worker = fuzz_readers.Worker(["weights"], 0)
print(worker.check(0)[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "violation"),
    [
        ("raise KeyError('w')", "KeyError"),
        ("import pickle; pickle.loads(pickle.dumps(fuzz_readers.Worker)); return _files.np.eye(2)", "unpickled"),
    ],
)
def test_violations_are_noticed(body, violation):
    command = [sys.executable, "-c", broken_reader(body)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert violation in result.stdout, result.stderr


def test_a_mutant_depends_on_its_seed_only():
    import random

    specification = importlib.util.spec_from_file_location("_fuzz_files", SCRIPT.with_name("_fuzz_files.py"))
    assert specification is not None
    assert specification.loader is not None
    files = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(files)
    content = bytes(range(256))
    mutants = [files.mutated(content, content[::-1], random.Random(f"{seed}")) for seed in (1, 1, 2)]
    assert mutants[0] == mutants[1] != content
    assert mutants[0] != mutants[2]
    texts = [files.mutated_text(files.STUDY, random.Random(f"{seed}")) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
