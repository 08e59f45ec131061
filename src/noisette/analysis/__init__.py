"""Measures of arrays and networks."""

from noisette.analysis.attractors import Attractors, attractors, successors, transition_graph
from noisette.analysis.census import motifs, resonant_fraction, signed_permutations
from noisette.analysis.chaos import chaos_curve, kaplan_yorke, lyapunov_spectrum, step_audit
from noisette.analysis.correlations import correlations, simulated_correlations
from noisette.analysis.dimension import (
    TraceMoments,
    covariance_spectrum,
    jackknife,
    participation_dimension,
    trace_moments,
)
from noisette.analysis.embedding import pca
from noisette.analysis.entropies import entropy_from_counts, plug_in
from noisette.analysis.jacobian import diagonal, divergence, jacobian, spectrum
from noisette.analysis.memory import memory_curve, readout_score, total_capacity
from noisette.analysis.optimum import Optimum, information_slope, optimal_noise
from noisette.analysis.reservoir import driven_states, random_signal, sines
from noisette.analysis.resonance import resonance, sampled_divergence
from noisette.analysis.slow_points import slow_points
from noisette.analysis.slowness import slowness
from noisette.analysis.switching import Switching, simulated_switching, switching

__all__ = [
    "Attractors",
    "Optimum",
    "Switching",
    "TraceMoments",
    "attractors",
    "chaos_curve",
    "correlations",
    "covariance_spectrum",
    "diagonal",
    "divergence",
    "driven_states",
    "entropy_from_counts",
    "information_slope",
    "jackknife",
    "jacobian",
    "kaplan_yorke",
    "lyapunov_spectrum",
    "memory_curve",
    "motifs",
    "optimal_noise",
    "participation_dimension",
    "pca",
    "plug_in",
    "random_signal",
    "readout_score",
    "resonance",
    "resonant_fraction",
    "sampled_divergence",
    "signed_permutations",
    "simulated_correlations",
    "simulated_switching",
    "sines",
    "slow_points",
    "slowness",
    "spectrum",
    "step_audit",
    "successors",
    "switching",
    "total_capacity",
    "trace_moments",
    "transition_graph",
]
