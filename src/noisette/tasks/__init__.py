"""Tasks on which networks are trained.

A task generates trials, which consist of inputs, targets and a response window, and scores the outputs of a network.
Durations are in ms. A trial of T steps has T inputs, and a network makes T − 1 steps in it: output i, the output after
the step driven by input i, is compared with target i. See `Task` for how to define new tasks.
"""

from noisette.tasks._base import Task, Trial, parameter
from noisette.tasks._base import without_noise as without_noise
from noisette.tasks._scores import SCORES
from noisette.tasks._scores import Score as Score
from noisette.tasks._words import from_string
from noisette.tasks.afc import AFC
from noisette.tasks.ctx import CTX
from noisette.tasks.dms import DMS
from noisette.tasks.function import FunctionApproximation
from noisette.tasks.gonogo import GoNoGo
from noisette.tasks.gym import FromGym
from noisette.tasks.path import PathIntegration
from noisette.tasks.xor import XOR

__all__ = [
    "AFC",
    "CTX",
    "DMS",
    "SCORES",
    "XOR",
    "FromGym",
    "FunctionApproximation",
    "GoNoGo",
    "PathIntegration",
    "Task",
    "Trial",
    "from_string",
    "parameter",
]
