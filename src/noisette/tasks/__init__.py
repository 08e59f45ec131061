"""Tasks: what networks are trained on. Each makes trials (inputs, target, response window) and scores answers.

Periods are in ms. A trial of T steps has T inputs, and a network makes T − 1 steps in it: output i, after the step that
heard input i, is compared with target i. A task of your own is a class of about ten lines: see `Task`.
"""

from noisette.tasks._base import Task, Trial, parameter
from noisette.tasks._scores import SCORES
from noisette.tasks._words import from_string
from noisette.tasks.afc import AFC
from noisette.tasks.ctx import CTX
from noisette.tasks.dms import DMS
from noisette.tasks.gonogo import GoNoGo
from noisette.tasks.gym import FromGym
from noisette.tasks.xor import XOR

__all__ = [
    "AFC",
    "CTX",
    "DMS",
    "SCORES",
    "XOR",
    "FromGym",
    "GoNoGo",
    "Task",
    "Trial",
    "from_string",
    "parameter",
]
