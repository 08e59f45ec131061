"""The start of the terminal: light imports, version, completion, and what is said after an interrupt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import noisette as nz
from noisette.cli.interrupts import KEPT, after_interrupt

HEAVY = ("jax", "xarray", "scipy", "matplotlib", "pandas", "equinox")
UNUSED = ("networkx", "optax", "matplotlib", "noisette.training", "scipy.integrate", "scipy.signal", "scipy.stats")
NOT_IMPORTED = {  # libraries that a command does not use
    "resonance --weights gaussian:3 --noise 0,1": UNUSED,
    "chaos --weights gaussian:3 --gain 1 --networks 1 --duration 1 --discard 0": (*UNUSED, "scipy.optimize"),
    "train dms --networks 1 --size 10 --max-trials 1 --json": ("networkx", "scipy.signal", "scipy.stats", "matplotlib"),
}
RUN = """
import sys
from noisette.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code
print("imported:", *sorted(sys.modules))
"""
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


def python(code, *arguments, **environment):
    """Run Python code in a new process, and return the result."""
    variables = {**os.environ, **environment}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)


@pytest.mark.slow
def test_help_of_every_command_imports_no_numerical_library():
    """JAX alone takes half a second to import; `benchmarks/start.py` measures the times."""
    result = python(HELP)
    assert result.returncode == 0, result.stderr
    number = int(result.stdout.rpartition("commands: ")[2])
    assert result.stdout.count("Usage: ") == number + 1 > len(KEPT)


@pytest.mark.parametrize("package", ["analysis", "theory", "theory.covariance", "theory.dmft"])
def test_packages_import_nothing_before_their_names_are_used(package):
    result = python(f"import sys, noisette.{package}; print(*sys.modules)")
    assert not {*HEAVY, "networkx", "optax"} & set(result.stdout.split()), result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", NOT_IMPORTED)
def test_commands_import_only_what_they_use(command, tmp_path):
    """Each of these libraries takes 0.05 s to 0.5 s to import."""
    words = command.split() + (["--out", str(tmp_path)] if command.startswith("train") else [])
    result = python(RUN, *words)
    assert result.returncode == 0, result.stderr
    imported = set(result.stdout.rpartition("imported: ")[2].split())
    assert {"jax", "noisette.cli._app"} <= imported
    assert not imported & set(NOT_IMPORTED[command])


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
