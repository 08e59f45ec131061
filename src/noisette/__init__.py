"""Noisette: a laboratory for noise in recurrent neural networks.

Importing the package switches JAX to float64, which exact theory and simulations of small networks require. Public
names are in ``__init__.pyi`` and are imported when they are first used. JAX itself, whose import takes half a second,
is imported by the modules that use it; the switch is therefore the environment variable that JAX reads at its import.
"""

import os
import sys
from importlib import import_module

from lazy_loader import attach_stub

from noisette.compilation_cache import use_cache

os.environ["JAX_ENABLE_X64"] = "1"
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)
use_cache()

__version__ = "0.1.0"
_attribute, __dir__, __all__ = attach_stub(__name__, __file__)
HIGHER = ("papers", "study_files")  # packages that use the public names, which the stub therefore cannot contain


def __getattr__(name: str) -> object:
    """Import a public name or a subpackage when it is first used."""
    return import_module(f"{__name__}.{name}") if name in HIGHER else _attribute(name)
