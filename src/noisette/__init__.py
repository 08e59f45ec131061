"""Noisette: a laboratory for noise in recurrent neural networks.

Importing the package switches JAX to float64, which exact theory and simulations of small networks require. Public
names are listed in `__init__.pyi` and imported when they are first used.
"""

from importlib import import_module

import jax
from lazy_loader import attach_stub

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
_attribute, __dir__, __all__ = attach_stub(__name__, __file__)
HIGHER = ("papers", "study_files")  # packages that use the public names, which the stub therefore cannot contain


def __getattr__(name: str) -> object:
    """Import a public name or a subpackage when it is first used."""
    return import_module(f"{__name__}.{name}") if name in HIGHER else _attribute(name)
