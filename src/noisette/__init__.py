"""Noisette: a laboratory for noise in recurrent neural networks.

Importing it switches JAX to float64, which exact theory and small networks need.
"""

import jax

jax.config.update("jax_enable_x64", True)

from noisette import activations, analysis, networks, noise, studies, tasks, theory, training, weights  # noqa: E402
from noisette.analysis import (  # noqa: E402
    attractors,
    chaos_curve,
    correlations,
    covariance_spectrum,
    lyapunov_spectrum,
    optimal_noise,
    participation_dimension,
    resonance,
    simulated_correlations,
    simulated_switching,
    step_audit,
    switching,
    trace_moments,
    transition_graph,
)
from noisette.errors import BlowUpWarning, InputError, StepSizeWarning, UnsolvedWarning  # noqa: E402
from noisette.networks import Boltzmann, Onsager, Ramp, RateNetwork, SignNetwork, Switch  # noqa: E402
from noisette.noise import Channels, Common, Frozen, Gated, OrnsteinUhlenbeck, Pulse, White  # noqa: E402
from noisette.probes import (  # noqa: E402
    Autocovariance,
    ConditionalEntropy,
    ConditionalStates,
    Covariance,
    JointStates,
    Lyapunov,
    Separation,
    Snapshots,
    Speed,
    Trace,
)
from noisette.simulate import relaxed, simulate  # noqa: E402
from noisette.studies import Study  # noqa: E402

__version__ = "0.1.0"
__all__ = [
    "Autocovariance",
    "BlowUpWarning",
    "Boltzmann",
    "Channels",
    "Common",
    "ConditionalEntropy",
    "ConditionalStates",
    "Covariance",
    "Frozen",
    "Gated",
    "InputError",
    "JointStates",
    "Lyapunov",
    "Onsager",
    "OrnsteinUhlenbeck",
    "Pulse",
    "Ramp",
    "RateNetwork",
    "Separation",
    "SignNetwork",
    "Snapshots",
    "Speed",
    "StepSizeWarning",
    "Study",
    "Switch",
    "Trace",
    "UnsolvedWarning",
    "White",
    "activations",
    "analysis",
    "attractors",
    "chaos_curve",
    "correlations",
    "covariance_spectrum",
    "lyapunov_spectrum",
    "networks",
    "noise",
    "optimal_noise",
    "participation_dimension",
    "plots",
    "relaxed",
    "resonance",
    "simulate",
    "simulated_correlations",
    "simulated_switching",
    "step_audit",
    "studies",
    "switching",
    "tasks",
    "theory",
    "trace_moments",
    "training",
    "transition_graph",
    "weights",
]


def __getattr__(name: str):
    """Import `plots`, and with it matplotlib, when it is first used."""
    if name == "plots":
        from importlib import import_module

        return import_module("noisette.plots")
    raise AttributeError(f"module 'noisette' has no attribute {name!r}")
