from ._attractors import Attractors, attractors, successors
from ._audit import step_audit
from ._binary_ensemble import binary_ensemble
from ._chaos import chaos_curve
from ._chaos_summary import chaos_summary
from ._choice import Choice, choose_estimator, default_strengths
from ._coherence_resonance import coherence_resonance
from ._conditional_entropy import conditional_entropy, sampled_divergence
from ._connectivity import connectivity
from ._correlations import correlations, simulated_correlations
from ._covariant import covariant_vectors
from ._critical_noise import simulated_critical_noise
from ._delay import delay_state, persistent_activity
from ._dimension import (
    SpectralMoments,
    covariance_spectrum,
    jackknife,
    participation_dimension,
    spectral_moments,
)
from ._displacement import squared_displacement
from ._entropies import entropy_from_counts, plug_in
from ._enumeration import motifs, resonant_fraction, signed_permutations
from ._exponents_between import exponents_between
from ._finite_time import finite_time_exponents
from ._fixed_points import nearest_fixed_point
from ._information_phases import information_phases
from ._jacobian import diagonal, divergence, jacobian, spectrum
from ._lyapunov import entropy_rate, kaplan_yorke, lyapunov_spectrum
from ._maximise import maximise_information
from ._memory import memory_curve, readout_score, total_capacity
from ._modes import dominant_units, inverse_participation_ratio, modes, participation, supports
from ._network_correlations import network_correlations
from ._network_memory import network_memory
from ._noise_effect import NoiseEffect, noise_effect
from ._optimum import Optimum, information_slope, optimal_noise
from ._perturbation import disturbance, perturb, pipr
from ._populations import population_activity
from ._reliability import reliability
from ._reservoir import driven_states, random_signal, sines
from ._resonance import resonance
from ._rms_correlation import rms_correlation
from ._sampled_attractors import SampledAttractors, find_attractors, sampled_attractors
from ._signals import Sinusoid
from ._slow_points import slow_points
from ._stochastic_resonance import stochastic_resonance
from ._strong_order import strong_order
from ._switching import Switching, simulated_switching, switching
from ._synchronisation import synchronisation, synchronisation_summary
from ._transition_graph import transition_graph
from .embedding import agreement, cluster_separation, clusters, embed, pca
from .inference import effective_gain, kinetic_ising, linear_network
from .statistics import (
    compare_counts,
    compare_groups,
    compare_times,
    describe,
    dunn,
    holm,
    per_network,
)

__all__ = [
    "Attractors",
    "Choice",
    "NoiseEffect",
    "Optimum",
    "SampledAttractors",
    "Sinusoid",
    "SpectralMoments",
    "Switching",
    "agreement",
    "attractors",
    "binary_ensemble",
    "chaos_curve",
    "chaos_summary",
    "choose_estimator",
    "cluster_separation",
    "clusters",
    "coherence_resonance",
    "compare_counts",
    "compare_groups",
    "compare_times",
    "conditional_entropy",
    "connectivity",
    "correlations",
    "covariance_spectrum",
    "covariant_vectors",
    "default_strengths",
    "delay_state",
    "describe",
    "diagonal",
    "disturbance",
    "divergence",
    "dominant_units",
    "driven_states",
    "dunn",
    "effective_gain",
    "embed",
    "entropy_from_counts",
    "entropy_rate",
    "exponents_between",
    "find_attractors",
    "finite_time_exponents",
    "holm",
    "information_phases",
    "information_slope",
    "inverse_participation_ratio",
    "jackknife",
    "jacobian",
    "kaplan_yorke",
    "kinetic_ising",
    "linear_network",
    "lyapunov_spectrum",
    "maximise_information",
    "memory_curve",
    "modes",
    "motifs",
    "nearest_fixed_point",
    "network_correlations",
    "network_memory",
    "noise_effect",
    "optimal_noise",
    "participation",
    "participation_dimension",
    "pca",
    "per_network",
    "persistent_activity",
    "perturb",
    "pipr",
    "plug_in",
    "population_activity",
    "random_signal",
    "readout_score",
    "reliability",
    "resonance",
    "resonant_fraction",
    "rms_correlation",
    "sampled_attractors",
    "sampled_divergence",
    "signed_permutations",
    "simulated_correlations",
    "simulated_critical_noise",
    "simulated_switching",
    "sines",
    "slow_points",
    "spectral_moments",
    "spectrum",
    "squared_displacement",
    "step_audit",
    "stochastic_resonance",
    "strong_order",
    "successors",
    "supports",
    "switching",
    "synchronisation",
    "synchronisation_summary",
    "total_capacity",
    "transition_graph",
]
