"""Networks: a state, a step, and the noise that enters it."""

from noisette.networks._binary import BinaryNetwork, State, rounded_reach
from noisette.networks._logistic_normal import logistic_normal
from noisette.networks.boltzmann import Boltzmann
from noisette.networks.sign import SignNetwork

NETWORKS = {
    "Boltzmann": "binary units, on with probability 1/(1 + exp(−u)), all in parallel",
    "SignNetwork": "binary units that take the sign of their input, all in parallel",
}

__all__ = [
    "NETWORKS",
    "BinaryNetwork",
    "Boltzmann",
    "SignNetwork",
    "State",
    "logistic_normal",
    "rounded_reach",
]
