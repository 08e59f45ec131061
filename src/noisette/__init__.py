"""Noisette: a laboratory for noise in recurrent neural networks.

Importing it switches JAX to float64, which exact theory and small networks need.
"""

import jax

jax.config.update("jax_enable_x64", True)

from noisette import analysis, networks, noise, theory, weights  # noqa: E402
from noisette.analysis import (  # noqa: E402
    attractors,
    optimal_noise,
    resonance,
    simulated_switching,
    switching,
    transition_graph,
)
from noisette.errors import InputError  # noqa: E402
from noisette.networks import Boltzmann, SignNetwork  # noqa: E402
from noisette.noise import Common, Gated, Pulse, White  # noqa: E402
from noisette.probes import ConditionalEntropy, ConditionalStates, JointStates, Trace  # noqa: E402
from noisette.simulate import simulate  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "Boltzmann",
    "Common",
    "ConditionalEntropy",
    "ConditionalStates",
    "Gated",
    "InputError",
    "JointStates",
    "Pulse",
    "SignNetwork",
    "Trace",
    "White",
    "analysis",
    "attractors",
    "networks",
    "noise",
    "optimal_noise",
    "plots",
    "resonance",
    "simulate",
    "simulated_switching",
    "switching",
    "theory",
    "transition_graph",
    "weights",
]


def __getattr__(name: str):
    """Import `plots`, and with it matplotlib, when it is first used."""
    if name == "plots":
        from importlib import import_module

        return import_module("noisette.plots")
    raise AttributeError(f"module 'noisette' has no attribute {name!r}")
