"""Noisette: a laboratory for noise in recurrent neural networks.

Importing the package switches JAX to float64, which exact theory and simulations of small networks require. Public
names are listed in `__init__.pyi` and imported when they are first used.
"""

import jax
from lazy_loader import attach_stub

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
