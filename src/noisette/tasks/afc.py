"""Forced choice: was there a stimulus?"""

import jax.numpy as jnp
import numpy as np

from noisette.tasks._base import PRECISION, Task, parameter
from noisette.tasks._steps import one_stimulus


class AFC(Task):
    """Two-alternative forced choice: +1 after a stimulus, 0 if there was none. It needs no memory to speak of.

    .. math::
       u(t) = a g \\; \\text{during the stimulus}, \\qquad z(t) = g \\; \\text{in the response window}, \\qquad
       g \\in \\{1, 0\\}

    There is one channel, so nothing to choose. The response lasts to the end of the trial, unless it is given. The
    threshold score looks at the response window: more than 0.7 once after a stimulus, always less than 0.3 in size
    without. The strict score asks whether the mean output is nearer to 1 or to 0.

    The published criterion for the go/no-go task of the ancestor also asks for at least 1500 trials of training; that
    is left to whoever trains.

    Parameters
    ----------
    fixation, stimulus : ms
    gap : from the end of the stimulus to the response window, ms
    response : length of the response window, ms; to the end of the trial by default
    amplitude : a
    duration : of the trial, ms
    input_noise : standard deviation added to the channel in every step
    dt : step, ms

    Raises
    ------
    InputError : periods that are no whole number of steps, or leave no response.

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
        """Refuse amplitudes that are no number, and what any task refuses."""
        self.checked_number("amplitude")
        super().check()

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Fixation, stimulus and response: (first step, step after the last)."""
        return one_stimulus(self)

    @property
    def targets(self) -> np.ndarray:
        """One and zero."""
        return np.array([[1.0], [0.0]])

    def signals(self, label, *, key):
        """Return the input, the target and the response window of a condition."""
        present = jnp.where(label == 0, 1, 0).astype(PRECISION)
        mask = self.window("response")
        inputs = self.amplitude * present * self.window("stimulus")
        return inputs[:, None], (present * mask)[:, None], mask
