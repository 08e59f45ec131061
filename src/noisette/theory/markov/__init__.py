"""Exact Markov chains of binary networks.

A binary network in white noise is a Markov chain on its 2^N states. Its transition matrix, occupation of states,
information measures, passage times and entropy production are computed without sampling. For a one-pattern Hopfield
network of many units a lumped chain of N + 1 states gives the measures of any subset of units, and for random weights
mean-field theory gives the measures per unit for N → ∞.
"""

from noisette.theory.markov._differentiable import PhaseMeasures as PhaseMeasures
from noisette.theory.markov._differentiable import phase_measures as phase_measures
from noisette.theory.markov._differentiable import stationary_information as stationary_information
from noisette.theory.markov._flow import Units, information_flow, transfer_entropies
from noisette.theory.markov._input import INPUT_LIMIT, input_information
from noisette.theory.markov._krylov import Unresolved
from noisette.theory.markov._many_units import QUANTITIES, binary_critical_gain, binary_mean_field
from noisette.theory.markov._measures import (
    ESTIMATORS,
    Measures,
    conditional_entropy,
    joint,
    measures,
    small_measures,
)
from noisette.theory.markov._measures import ExactEstimator as ExactEstimator
from noisette.theory.markov._occupation import (
    SMALL,
    Reducible,
    Start,
    closed_classes,
    occupation,
    start_distribution,
    stationary,
    stationary_of,
)
from noisette.theory.markov._one_pattern import one_pattern_conditional_entropy, one_pattern_measures
from noisette.theory.markov._passage import entropy_production, escape_time, irreversibility, passage_times
from noisette.theory.markov._periodic import PERIODIC_LIMIT, PeriodicResponse, periodic_response
from noisette.theory.markov._rms import rms_correlation
from noisette.theory.markov._transition import DENSE_LIMIT, SHARED_LIMIT, transition_matrix

__all__ = [
    "DENSE_LIMIT",
    "ESTIMATORS",
    "INPUT_LIMIT",
    "PERIODIC_LIMIT",
    "QUANTITIES",
    "SHARED_LIMIT",
    "SMALL",
    "Measures",
    "PeriodicResponse",
    "Reducible",
    "Start",
    "Units",
    "Unresolved",
    "binary_critical_gain",
    "binary_mean_field",
    "closed_classes",
    "conditional_entropy",
    "entropy_production",
    "escape_time",
    "information_flow",
    "input_information",
    "irreversibility",
    "joint",
    "measures",
    "occupation",
    "one_pattern_conditional_entropy",
    "one_pattern_measures",
    "passage_times",
    "periodic_response",
    "rms_correlation",
    "small_measures",
    "start_distribution",
    "stationary",
    "stationary_of",
    "transfer_entropies",
    "transition_matrix",
]
