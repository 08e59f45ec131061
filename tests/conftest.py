"""The annotations are checked at every call of every test."""

import os

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
