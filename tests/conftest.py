"""The annotations of every room that handles arrays are checked at every call of every test."""

from hypothesis import settings
from jaxtyping import install_import_hook

ROOMS = [
    "codes",
    "errors",
    "information",
    "provenance",
    "weights",
    "noise",
    "networks",
    "probes",
    "simulate",
    "theory",
    "analysis",
]

# the numeric tower: an int may stand where a float is asked for, as static checkers have it
install_import_hook(
    [f"noisette.{room}" for room in ROOMS],
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)

settings.register_profile("noisette", deadline=None, derandomize=True, max_examples=15, database=None)
settings.load_profile("noisette")
