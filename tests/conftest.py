"""Annotations are checked at every call, unless the variable FAST_TESTS is set."""

import gc
import mmap
import os
import shutil
import tempfile
from pathlib import Path

import jaxlib
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook


def known_flags(*flags: str) -> str:
    """Return the flags that the installed compiler knows, since others would end the process.

    Names of flags are strings in the library of the compiler.
    """
    folder = Path(jaxlib.__file__).parent
    libraries = [path for path in folder.iterdir() if path.suffix in (".so", ".dylib", ".dll")]
    with max(libraries, key=lambda path: path.stat().st_size).open("rb") as file:
        library = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return " ".join(flag for flag in flags if library.find(flag[2:].partition("=")[0].encode()) >= 0)


# most of the time of these tests is compilation: fast rather than optimal, and shared by all test processes
if "XLA_FLAGS" not in os.environ:
    os.environ["XLA_FLAGS"] = known_flags(
        "--xla_backend_optimization_level=0",
        # older code generators of loops: a third of the time, for programs that are equally fast at this level
        "--xla_cpu_use_fusion_emitters=false",
        "--xla_cpu_parallel_codegen_split_count=1",
    )
PROGRAMS = None if "NOISETTE_CACHE" in os.environ else tempfile.mkdtemp(prefix="noisette-tests-")
os.environ.setdefault("NOISETTE_CACHE", str(PROGRAMS))
# two test processes with as many threads as cores each would mostly wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# operations without their tracebacks: programs are traced faster
os.environ.setdefault("JAX_INCLUDE_FULL_TRACEBACKS_IN_LOCATIONS", "0")
# many objects are allocated while programs are traced, and few of them are part of cycles
gc.set_threshold(100_000, 50, 100)

FAST = "FAST_TESTS" in os.environ  # without checks of annotations, and with one context of the compiler
if not FAST:
    # the numeric tower: an int is accepted as a float, as by static type checkers
    install_import_hook(
        "noisette",
        "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
    )

settings.register_profile("noisette", deadline=None, derandomize=True, max_examples=15, database=None)
settings.load_profile("noisette")


def pytest_make_parametrize_id(val):
    """Identify functions by their names, since their addresses differ between test processes."""
    return getattr(val, "__name__", None) if callable(val) else None


class FewPrograms:
    """Clear compiled programs after a test file once they use many memory maps."""

    MOST = 20_000

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item, nextitem):
        """Count the maps between two files."""
        from noisette.compilation_cache import clear_excess_programs

        if nextitem is not None and nextitem.path != item.path:
            clear_excess_programs(self.MOST)


def share_compiler_context():
    """Lower all programs in one context of the compiler, since a new one takes longer than most small programs.

    A program that is lowered while another one is being lowered has a context of its own.
    """
    from jax._src.interpreters import mlir

    make = getattr(mlir, "make_ir_context", None)
    if make is not None:  # a private function: without it, programs are lowered as usual
        shared = make()
        mlir.make_ir_context = lambda: shared if mlir.ir.Context.current is None else make()


def pytest_configure(config):
    """Apply this also to the doctests of the package, which are outside this folder."""
    config.pluginmanager.register(FewPrograms())


def pytest_collection_finish():
    """Exempt modules and tests from further garbage collections."""
    if FAST:
        share_compiler_context()
    gc.collect()
    gc.freeze()


def pytest_unconfigure():
    """Remove the shared programs, in the process that made their folder."""
    if PROGRAMS is not None:
        shutil.rmtree(PROGRAMS, ignore_errors=True)


@pytest.fixture
def command_group():
    """Return the commands of the terminal, as objects of the parser."""
    from typer.main import get_command

    from noisette.cli._app import app

    return get_command(app)
