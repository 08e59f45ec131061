"""The installed command in a separate process."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_progress_and_result_go_to_different_streams():
    line = [
        sys.executable,
        "-m",
        "noisette",
        "resonance",
        "--weights",
        "hopfield:24,7:10",
        "--noise",
        "23",
        "--json",
    ]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["information"][0] > 1.2


@pytest.mark.slow
def test_invalid_input_has_no_traceback():
    line = [sys.executable, "-m", "noisette", "attractors", "--weights", "nothing.csv"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
