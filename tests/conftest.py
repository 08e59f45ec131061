"""The annotations are checked at every call of every test."""

import os
from pathlib import Path

import equinox as eqx
import jax
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

# most of the time of these tests is compilation; at level 0 programs that run for seconds take three times as long
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=1")
# two test processes, each with as many threads as there are cores, wait for each other most of the time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# the numeric tower: an int may stand where a float is asked for, as static checkers have it
install_import_hook(
    "noisette",
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)

settings.register_profile("noisette", deadline=None, derandomize=True, max_examples=15, database=None)
settings.load_profile("noisette")


def pytest_make_parametrize_id(val):
    """Name functions by their names: their addresses differ between the processes that share the tests."""
    return getattr(val, "__name__", None) if callable(val) else None


class FewPrograms:
    """Forget compiled programs after a file of tests, once there are many.

    Each takes memory maps of the process, of which Linux allows 65,530 by default; beyond,
    XLA's compiler ends the process.
    """

    MAPS = Path("/proc/self/maps")
    MOST = 20_000

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item, nextitem):
        """Count the maps at the end of each file."""
        last = nextitem is None or nextitem.path != item.path
        if last and self.MAPS.exists() and self.MAPS.read_bytes().count(b"\n") > self.MOST:
            eqx.clear_caches()
            jax.clear_caches()


def pytest_configure(config):
    """Count for the doctests of the package, too, which lie outside this folder."""
    config.pluginmanager.register(FewPrograms())
