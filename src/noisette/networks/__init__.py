"""Networks: a state, a step or a drift, and the noise that enters it."""

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
from noisette.networks._logistic_normal import logistic_normal
from noisette.networks._schedules import Ramp, Switch
from noisette.networks._state import State
from noisette.networks.boltzmann import Boltzmann
from noisette.networks.flow import Flow, Map
from noisette.networks.integrators import INTEGRATORS, Discretized, Euler, Heun, Integrator
from noisette.networks.onsager import Onsager
from noisette.networks.rate import RateNetwork
from noisette.networks.sign import SignNetwork
from noisette.networks.stability import sharpness
from noisette.networks.task import TaskNetwork, Trainable

NETWORKS = {
    "Boltzmann": "binary units, on with probability 1/(1 + exp(−u)), all in parallel",
    "SignNetwork": "binary units that take the sign of their input, all in parallel",
    "RateNetwork": "leaky units in continuous time, any activation, time constants, inputs, readout",
    "TaskNetwork": "excitatory and inhibitory rate units as they are trained on tasks, with trainable time constants",
    "Onsager": "any differentiable continuous network with the Onsager reaction term γ",
    "Flow": "any system in continuous time, given by a function",
    "Map": "any system in discrete time, given by a function",
}

__all__ = [
    "INTEGRATORS",
    "NETWORKS",
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
    "Network",
    "NetworkLike",
    "Onsager",
    "Ramp",
    "RateNetwork",
    "SignNetwork",
    "State",
    "Switch",
    "TaskNetwork",
    "Trainable",
    "as_network",
    "as_networks",
    "as_noise",
    "logistic_normal",
    "rounded_reach",
    "sharpness",
]
