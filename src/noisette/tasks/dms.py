"""Delayed match to sample: were the two stimuli the same?"""

import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require
from noisette.tasks._base import PRECISION, Task, parameter
from noisette.tasks._steps import consecutive, steps_holding

SIGNS = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
SHORTEST = 1500.0  # ms; the published trial
AFTERWARDS = 500.0  # ms after the stimuli and delays, however long they are


class DMS(Task):
    """Delayed match to sample: +1 if two stimuli separated by a delay had the same sign, −1 if not.

    .. math::
       u_k(t) = a \\, s_k \\; \\text{during stimulus } k, \\qquad
       z(t) = s_1 s_2 \\; \\text{in the response window}, \\qquad s_k = \\pm 1

    The periods follow each other: fixation, stimulus 1, delay, stimulus 2, second delay (none by default), gap,
    response. The response window is cut at the end of the trial. Before and after it the target is 0.

    ``inputs=2`` shows stimulus k on channel k, as the code of Kim et al. (2019) does; ``inputs=1`` shows both on one
    channel, as the text of Rungratsameetaweemana et al. (2025) reads. That paper does not say which: it matters, as
    fewer networks learn the second without noise.

    The threshold score looks from the end of stimulus 2 (and of the second delay) to the end of the trial, not only at
    the response window; so does the ancestor's code, for a delay of 250 ms.

    Parameters
    ----------
    fixation, stimulus, delay, second_delay : ms; both stimuli last equally long
    gap : from the end of the stimuli (and second delay) to the response window, ms. The ancestor's code has 50;
        "immediately after the second stimulus", as the paper has it, may mean 0
    response : length of the response window, ms
    amplitude : a
    inputs : 2 or 1 channels
    score_gap : from the end of the stimuli to where the threshold score begins to look, ms
    duration : of the trial, ms; by default 1500, or 500 after the stimuli and delays if that is longer
    input_noise : standard deviation added to every channel in every step
    dt : step, ms

    Raises
    ------
    InputError : periods that are no whole number of steps, or leave no response; other than 1 or 2 inputs.

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
        """Refuse numbers of channels and amplitudes that make no sense, and what any task refuses."""
        integer(self.inputs, "inputs", None)
        require(self.inputs in (1, 2), f"{self.inputs} inputs", "2: a channel for each stimulus; 1: both on one")
        self.checked_number("amplitude")
        super().check()
        require(
            self.score_from < self.steps - 1,
            f"score_gap of {self.score_gap:g} ms",
            f"less than {(self.steps - 1 - self.end) * self.dt:g} ms, when the last output is over",
        )

    @property
    def channels(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """One, or one for each stimulus."""
        return self.inputs

    @property
    def end(self) -> int:
        """Step at which the second stimulus, and the second delay if there is one, are over."""
        shown = self.steps_of("fixation") + 2 * self.steps_of("stimulus", least=1)
        return shown + self.steps_of("delay") + self.steps_of("second_delay")

    @property
    def score_from(self) -> int:
        """First output at which the threshold score looks."""
        return self.end + self.steps_of("score_gap")

    @property
    def steps(self) -> int:
        """Number of steps of a trial."""
        if self.duration is not None:
            return self.steps_of("duration", least=2)
        return steps_holding(max(SHORTEST, self.end * self.dt + AFTERWARDS), self.dt)

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Fixation, stimuli, delays and response: (first step, step after the last)."""
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
        """The product of the two signs."""
        return SIGNS.prod(axis=1, keepdims=True).astype(float)

    def signals(self, label, *, key):
        """Return the inputs, the target and the response window of a condition."""
        signs = jnp.asarray(SIGNS, PRECISION)[label]
        shown = np.stack([self.window("stimulus 1"), self.window("stimulus 2")], axis=1)
        inputs = self.amplitude * signs * shown
        if self.inputs == 1:
            inputs = inputs.sum(axis=1, keepdims=True)
        mask = self.window("response")
        return inputs, (signs.prod() * mask)[:, None], mask

    def scored(self, trial):
        """Return the outputs from the end of the stimuli on."""
        return np.arange(self.steps - 1) >= self.score_from
