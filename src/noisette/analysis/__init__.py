"""Measures of arrays and networks."""

from noisette.analysis.attractors import Attractors, attractors, successors, transition_graph
from noisette.analysis.census import motifs, resonant_fraction, signed_permutations
from noisette.analysis.chaos import chaos_curve, kaplan_yorke, lyapunov_spectrum, step_audit
from noisette.analysis.entropies import entropy_from_counts, plug_in
from noisette.analysis.optimum import Optimum, information_slope, optimal_noise
from noisette.analysis.resonance import resonance, sampled_divergence
from noisette.analysis.switching import Switching, simulated_switching, switching

__all__ = [
    "Attractors",
    "Optimum",
    "Switching",
    "attractors",
    "chaos_curve",
    "entropy_from_counts",
    "information_slope",
    "kaplan_yorke",
    "lyapunov_spectrum",
    "motifs",
    "optimal_noise",
    "plug_in",
    "resonance",
    "resonant_fraction",
    "sampled_divergence",
    "signed_permutations",
    "simulated_switching",
    "step_audit",
    "successors",
    "switching",
    "transition_graph",
]
