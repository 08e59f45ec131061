"""Two-alternative forced choice: detection of a stimulus."""

import jax.numpy as jnp
import numpy as np

from noisette.tasks._base import Task, parameter
from noisette.tasks._draws import PRECISION
from noisette.tasks._steps import one_stimulus


class AFC(Task):
    """Two-alternative forced choice: respond +1 after a stimulus, and 0 if there was none.

    .. math::
       u(t) = a g \\; \\text{during the stimulus}, \\qquad z(t) = g \\; \\text{in the response window}, \\qquad
       g \\in \\{1, 0\\}

    The task has one input channel, and requires little memory. The threshold score considers the response window: the
    output must exceed 0.7 at least once after a stimulus, and stay below 0.3 in absolute value without one. The strict
    score tests whether the mean output is closer to 1 or to 0.

    The published criterion for the go/no-go task of Kim et al. (2019) also requires at least 1500 training trials;
    this is not part of the score.

    Parameters
    ----------
    fixation : duration of the fixation period, ms
    stimulus : duration of the stimulus, ms
    gap : time from the end of the stimulus to the response window, ms
    response : duration of the response window, ms; by default it lasts until the end of the trial
    amplitude : amplitude a of the stimulus
    duration : duration of the trial, ms
    input_noise : standard deviation of the Gaussian noise added to the channel in every step
    dt : time step, ms

    Raises
    ------
    InputError : If a period is not a whole number of steps, or no step is left for the response.

    Examples
    --------
    >>> AFC().periods, AFC().steps
    ({'fixation': (0, 50), 'stimulus': (50, 100), 'response': (100, 200)}, 200)

    References
    ----------
    Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025), PNAS 122:e2316745122.
    """

    fixation: float = parameter(250.0)
    stimulus: float = parameter(250.0)
    gap: float = parameter(0.0)
    response: float | None = parameter(None)
    amplitude: float = parameter(1.0)
    duration: float = parameter(1000.0)

    channels = 1
    conditions = ("present", "absent")

    def check(self):
        """Raise `InputError` if the amplitude or a parameter of the base class is invalid."""
        self.checked_number("amplitude")
        super().check()

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Fixation, stimulus and response as (first step, step after the last)."""
        return one_stimulus(self)

    @property
    def targets(self) -> np.ndarray:
        """Targets of the two conditions, shape (2, 1)."""
        return np.array([[1.0], [0.0]])

    def signals(self, label, *, key):
        """Return the inputs, the target and the mask of a condition."""
        present = jnp.where(label == 0, 1, 0).astype(PRECISION)
        mask = self.window("response")
        inputs = self.amplitude * present * self.window("stimulus")
        return inputs[:, None], (present * mask)[:, None], mask
