"""Delayed match to sample: comparison of two stimuli."""

import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require
from noisette.tasks._base import Task, parameter
from noisette.tasks._draws import PRECISION
from noisette.tasks._steps import consecutive, steps_holding

SIGNS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
SHORTEST = 1500.0  # default duration, that of the published trials, ms
AFTERWARDS = 500.0  # shortest time after the stimuli and delays by default, ms


class DMS(Task):
    """Delayed match to sample: respond +1 if two stimuli separated by a delay have the same sign, −1 otherwise.

    .. math::
       u_k(t) = a \\, s_k \\; \\text{during stimulus } k, \\qquad
       z(t) = s_1 s_2 \\; \\text{in the response window}, \\qquad s_k = \\pm 1

    The periods are consecutive: fixation, stimulus 1, delay, stimulus 2, second delay (none by default), gap and
    response. The response window ends at the latest with the trial. Outside the window the target is 0.

    With ``inputs=2``, stimulus k is presented on channel k, as in the code of Kim et al. (2019). With ``inputs=1``,
    both stimuli are presented on one channel, as the text of Rungratsameetaweemana et al. (2025) can be read. That
    paper does not specify the number of channels. The choice matters, because without noise fewer networks learn
    the task with one channel.

    The threshold score considers all outputs from the end of stimulus 2 (and of the second delay) to the end of the
    trial, not only the response window, as in the code of Kim et al. (2019) for a delay of 250 ms.

    Parameters
    ----------
    fixation : duration of the fixation period, ms
    stimulus : duration of each of the two stimuli, ms
    delay, second_delay : durations of the delays after stimulus 1 and stimulus 2, ms
    gap : time from the end of the stimuli and delays to the response window, ms. It is 50 ms in the code of Kim et al.
        (2019); "immediately after the second stimulus" in the paper may mean 0
    response : duration of the response window, ms
    amplitude : amplitude a of the stimuli
    inputs : number of input channels, 1 or 2
    score_gap : time from the end of the stimuli and delays to the first output that the threshold score considers, ms
    duration : duration of the trial, ms; by default 1500 ms, but at least 500 ms after the stimuli and delays
    input_noise : standard deviation of the Gaussian noise added to every channel in every step
    dt : time step, ms

    Raises
    ------
    InputError : If a period is not a whole number of steps, no step is left for the response, or `inputs` is neither 1
        nor 2.

    Examples
    --------
    >>> DMS().periods
    {'fixation': (0, 50), 'stimulus 1': (50, 100), 'delay': (100, 150), 'stimulus 2': (150, 200),
     'second delay': (200, 200), 'response': (210, 300)}
    >>> DMS(delay=750).steps, DMS(second_delay=250).steps, DMS(delay=50, inputs=1).channels
    (400, 350, 1)

    References
    ----------
    Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025), PNAS 122:e2316745122; Kim, Li & Sejnowski (2019), PNAS
    116:22811 (its 'xor' task).
    """

    fixation: float = parameter(250.0)
    stimulus: float = parameter(250.0)
    delay: float = parameter(250.0)
    second_delay: float = parameter(0.0)
    gap: float = parameter(50.0)
    response: float = parameter(500.0)
    amplitude: float = parameter(1.0)
    inputs: int = parameter(2)
    score_gap: float = parameter(0.0)
    duration: float | None = parameter(None)

    conditions = ("+1/+1", "+1/-1", "-1/+1", "-1/-1")

    def check(self):
        """Raise `InputError` if `inputs`, `amplitude`, `score_gap` or a parameter of the base class is invalid."""
        integer(self.inputs, "inputs", None)
        require(self.inputs in (1, 2), f"{self.inputs} inputs", "2 (one channel per stimulus) or 1 (for both)")
        self.checked_number("amplitude")
        super().check()
        require(
            self.score_from < self.steps - 1,
            f"score_gap of {self.score_gap:g} ms",
            f"less than {(self.steps - 1 - self.end) * self.dt:g} ms, the time from the stimuli to the last output",
        )

    @property
    def channels(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of input channels."""
        return self.inputs

    @property
    def end(self) -> int:
        """First step after the second stimulus and the second delay."""
        end = self.steps_of("fixation") + 2 * self.steps_of("stimulus", least=1)
        return end + self.steps_of("delay") + self.steps_of("second_delay")

    @property
    def score_from(self) -> int:
        """Index of the first output that the threshold score considers."""
        return self.end + self.steps_of("score_gap")

    @property
    def steps(self) -> int:
        """Number of steps of a trial."""
        if self.duration is not None:
            return self.steps_of("duration", least=2)
        return steps_holding(max(SHORTEST, self.end * self.dt + AFTERWARDS), self.dt)

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Fixation, stimuli, delays and response as (first step, step after the last)."""
        stimulus = self.steps_of("stimulus", least=1)
        lengths = {
            "fixation": self.steps_of("fixation"),
            "stimulus 1": stimulus,
            "delay": self.steps_of("delay"),
            "stimulus 2": stimulus,
            "second delay": self.steps_of("second_delay"),
        }
        onset = self.end + self.steps_of("gap")
        offset = onset + self.steps_of("response", least=1)
        return {**consecutive(lengths), "response": (onset, min(offset, self.steps))}

    @property
    def targets(self) -> np.ndarray:
        """Targets of the conditions, the products of the two signs, shape (4, 1)."""
        return SIGNS.prod(axis=1, keepdims=True).astype(float)

    def signals(self, label, *, key):
        """Return the inputs, the target and the mask of a condition."""
        signs = jnp.asarray(SIGNS, PRECISION)[label]
        shown = np.stack([self.window("stimulus 1"), self.window("stimulus 2")], axis=1)
        inputs = self.amplitude * signs * shown
        if self.inputs == 1:
            inputs = inputs.sum(axis=1, keepdims=True)
        mask = self.window("response")
        return inputs, (signs.prod() * mask)[:, None], mask

    def scored(self, trial):
        """Return the mask of the outputs from `score_from` on, shape (time − 1,)."""
        return np.arange(self.steps - 1) >= self.score_from
