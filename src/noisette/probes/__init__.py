"""Probes: streaming measures, composed into the simulation so that memory does not grow with time."""

from noisette.probes._base import Probe, Step, Variable
from noisette.probes._block_error import block_error
from noisette.probes._tangents import AXES
from noisette.probes.autocovariance import Autocovariance
from noisette.probes.conditional import ConditionalEntropy, ConditionalStates
from noisette.probes.covariance import Covariance
from noisette.probes.joint_states import JointStates
from noisette.probes.lyapunov import Lyapunov, TrajectorySeparation
from noisette.probes.snapshots import Snapshots
from noisette.probes.speed import Speed
from noisette.probes.trace import Trace

PROBES = {
    "Trace": "the states themselves, every so many steps",
    "JointStates": "how often each state of some units was followed by each other",
    "ConditionalStates": "the same, with the exact probability of the next state instead of a sampled one",
    "ConditionalEntropy": "divergence H(s'|s) of any number of units, without counting states",
    "Snapshots": "the states of all units at a few chosen times",
    "Covariance": "mean and covariance of all units, at equal times or in long windows",
    "Autocovariance": "autocovariance averaged over units, of currents and rates",
    "Speed": "kinetic energy, and the share of steps on which it rises",
    "Lyapunov": "Lyapunov exponents, by tangent vectors",
    "TrajectorySeparation": "the largest exponent from two orbits, for comparison",
}

__all__ = [
    "AXES",
    "PROBES",
    "Autocovariance",
    "ConditionalEntropy",
    "ConditionalStates",
    "Covariance",
    "JointStates",
    "Lyapunov",
    "Probe",
    "Snapshots",
    "Speed",
    "Step",
    "Trace",
    "TrajectorySeparation",
    "Variable",
    "block_error",
]
