"""The start of the terminal: light imports, version, completion, and what is said after an interrupt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import noisette as nz
from noisette.cli.interrupts import KEPT, after_interrupt

HEAVY = ("jax", "xarray", "scipy", "matplotlib", "pandas", "equinox")
HELP = f"""
import sys
import noisette
from noisette.cli import main
from noisette.cli._app import COMMANDS
for arguments in [[], *([name] for name in COMMANDS)]:
    sys.argv = ["noisette", *arguments, "--help"]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, arguments
    loaded = [name for name in {HEAVY} if name in sys.modules]
    assert not loaded, (arguments, loaded)
print("commands:", len(COMMANDS))
"""


def python(code, **environment):
    """Run Python code in a new process, and return the result."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_help_of_every_command_imports_no_numerical_library():
    """JAX alone takes half a second to import; `benchmarks/start.py` measures the times."""
    result = python(HELP)
    assert result.returncode == 0, result.stderr
    number = int(result.stdout.rpartition("commands: ")[2])
    assert result.stdout.count("Usage: ") == number + 1 > len(KEPT)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import noisette, jax", "import jax, noisette", "import noisette.errors, jax"])
@pytest.mark.parametrize("setting", ["0", "1"])
def test_float64_is_on_in_any_order_of_imports(first, setting):
    result = python(f"{first}; print(jax.numpy.ones(1).dtype)", JAX_ENABLE_X64=setting)
    assert result.stdout == "float64\n", result.stderr


def test_version(noisette):
    result = noisette("--version")
    assert (result.status, result.out) == (0, f"noisette {nz.__version__}\n")


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_options(shell, tmp_path):
    words = {"noisette res": "resonance", "noisette chaos --gai": "--gain"}
    for line, completed in words.items():
        environment = {
            "_NOISETTE_COMPLETE": f"complete_{shell}",
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split()) - 1),
        }
        result = subprocess.run(
            [Path(sys.executable).with_name("noisette")],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment},
        )
        assert completed in result.stdout, (result.stdout, result.stderr)


@pytest.mark.parametrize("command", [*KEPT, "resonance", "chaos", "memory", "status", "list"])
def test_an_interrupt_states_what_the_command_keeps(command, noisette, monkeypatch):
    """Only three commands save anything before they end; nobody is told that files of the others are kept."""

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("noisette.cli._app.Commands.invoke", interrupt)
    result = noisette(command)
    assert result.status == 130
    assert result.err == f"noisette: interrupted; {KEPT.get(command, 'nothing was saved')}\n"


def test_a_plan_of_a_study_keeps_nothing():
    assert after_interrupt(["run", "study.toml"]) == KEPT["run"]
    assert after_interrupt(["run", "study.toml", "--plan"]) == "nothing was saved"
    assert after_interrupt([]) == "nothing was saved"
