"""Network models in discrete and continuous time, and integrators."""

from noisette.networks._base import (
    DiscreteNetwork,
    HasNetwork,
    Network,
    NetworkLike,
    as_network,
    as_networks,
    as_noise,
)
from noisette.networks._binary import BinaryNetwork, rounded_reach
from noisette.networks._continuous import ContinuousNetwork
from noisette.networks._driven import DrivenBinary as DrivenBinary
from noisette.networks._labels import label_units
from noisette.networks._logistic_normal import logistic_normal
from noisette.networks._population_words import populations_of as populations_of
from noisette.networks._schedules import Ramp, Switch
from noisette.networks._state import CodedState as CodedState
from noisette.networks._state import State
from noisette.networks._state import code_of_units as code_of_units
from noisette.networks._step_noise import NO_STEP_NOISE as NO_STEP_NOISE
from noisette.networks._step_noise import StepNoise
from noisette.networks._words import from_string, parameters_of
from noisette.networks.boltzmann import Boltzmann
from noisette.networks.flow import Flow, Map
from noisette.networks.integrators import INTEGRATORS, Discretized, Euler, Heun, Integrator, Milstein
from noisette.networks.onsager import Onsager
from noisette.networks.populations import Populations
from noisette.networks.rate import RateNetwork
from noisette.networks.sign import SignNetwork
from noisette.networks.stability import fastest_rate
from noisette.networks.task import Population as Population
from noisette.networks.task import TaskNetwork, Trainable

__all__ = [
    "INTEGRATORS",
    "BinaryNetwork",
    "Boltzmann",
    "ContinuousNetwork",
    "DiscreteNetwork",
    "Discretized",
    "Euler",
    "Flow",
    "HasNetwork",
    "Heun",
    "Integrator",
    "Map",
    "Milstein",
    "Network",
    "NetworkLike",
    "Onsager",
    "Populations",
    "Ramp",
    "RateNetwork",
    "SignNetwork",
    "State",
    "StepNoise",
    "Switch",
    "TaskNetwork",
    "Trainable",
    "as_network",
    "as_networks",
    "as_noise",
    "fastest_rate",
    "from_string",
    "label_units",
    "logistic_normal",
    "parameters_of",
    "rounded_reach",
]
