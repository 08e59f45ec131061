"""Probes: streaming measurements that are updated in each step of a simulation."""

from noisette.probes._base import Probe, Step, Variable
from noisette.probes._block_error import block_error
from noisette.probes._tangents import AXES
from noisette.probes._words import from_string
from noisette.probes.autocovariance import Autocovariance
from noisette.probes.conditional import ConditionalEntropy, ConditionalStates
from noisette.probes.covariance import Covariance
from noisette.probes.irreversibility import EntropyProduction
from noisette.probes.joint_states import JointStates
from noisette.probes.lyapunov import Lyapunov, TrajectorySeparation
from noisette.probes.snapshots import Snapshots
from noisette.probes.speed import Speed
from noisette.probes.trace import Trace

__all__ = [
    "AXES",
    "Autocovariance",
    "ConditionalEntropy",
    "ConditionalStates",
    "Covariance",
    "EntropyProduction",
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
    "from_string",
]
