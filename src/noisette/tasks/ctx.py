"""Context-dependent integration of two noisy signals."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import require
from noisette.tasks._base import Task, parameter
from noisette.tasks._draws import PRECISION
from noisette.tasks._steps import one_stimulus

CASES = np.array(list(product((0, 1), (1, -1), (1, -1))))  # cued modality, sign of the first, sign of the second


class CTX(Task):
    """Context-dependent integration: respond with the sign of the mean of the cued one of two noisy signals.

    .. math::
       u_k(t) = s_k c + \\eta_k(t) \\; \\text{during the stimulus}, \\quad \\eta_k(t) \\sim \\mathcal N(0, \\varsigma^2)
       \\quad (k = 1, 2), \\qquad u_{2+k}(t) = b \\, [k = \\text{cue}] \\; \\text{always}

    and :math:`z(t) = s_{\\text{cue}}` in the response window. The first two channels carry the signals, the last two
    the context cues. Four of the eight conditions are congruent, that is, both signals have the same sign.

    The threshold score considers the last outputs of the trial (200 by default, as in the code of Kim et al. 2019),
    the strict score the response window.

    Parameters
    ----------
    fixation : duration of the fixation period, ms
    stimulus : duration of the stimulus, ms
    gap : time from the end of the stimulus to the response window, ms
    response : duration of the response window, ms; by default it lasts until the end of the trial
    duration : duration of the trial, ms
    offset : absolute value c of the mean of the signals. The paper does not report it; the default is the value in the
        code of Kim et al. (2019)
    stimulus_noise : standard deviation ς of the signals in each step, independent of `dt`, so that with shorter steps
        the noise averages out faster
    context : amplitude b of the cue
    score_last : duration of the final part of the trial that the threshold score considers, ms
    input_noise : standard deviation of the Gaussian noise added to every channel, including the cues, in every step
    dt : time step, ms

    Raises
    ------
    InputError : If a period is not a whole number of steps, no step is left for the response, or a noise is negative.

    Examples
    --------
    >>> task = CTX()
    >>> task.periods, task.steps, task.channels
    ({'fixation': (0, 50), 'stimulus': (50, 250), 'response': (250, 500)}, 500, 4)
    >>> task.conditions[5], float(task.targets[5, 0])
    ('modality 2, +1/-1', -1.0)

    References
    ----------
    Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025), PNAS 122:e2316745122; Kim, Li & Sejnowski (2019), PNAS
    116:22811; Mante, Sussillo, Shenoy & Newsome (2013), Nature 503:78.
    """

    fixation: float = parameter(250.0)
    stimulus: float = parameter(1000.0)
    gap: float = parameter(0.0)
    response: float | None = parameter(None)
    duration: float = parameter(2500.0)
    offset: float = parameter(0.5)
    stimulus_noise: float = parameter(1.0)
    context: float = parameter(1.0)
    score_last: float = parameter(1000.0)

    channels = 4
    conditions = tuple(f"modality {cue + 1}, {first:+d}/{second:+d}" for cue, first, second in CASES.tolist())

    def check(self):
        """Raise `InputError` if a strength, `score_last` or a parameter of the base class is invalid."""
        self.checked_number("offset")
        self.checked_number("context")
        self.checked_number("stimulus_noise", least=0.0)
        super().check()
        require(
            self.steps_of("score_last", least=1) < self.steps,
            f"score_last of {self.score_last:g} ms",
            f"less than the trial, {self.steps * self.dt:g} ms",
        )

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Fixation, stimulus and response as (first step, step after the last)."""
        return one_stimulus(self)

    @property
    def targets(self) -> np.ndarray:
        """Targets of the conditions, the signs of the cued signals, shape (8, 1)."""
        return np.take_along_axis(CASES[:, 1:], CASES[:, :1], axis=1).astype(float)

    def signals(self, label, *, key):
        """Return the inputs, the target and the mask of a condition."""
        case = jnp.asarray(CASES)[label]
        cue, signs = case[0], case[1:].astype(PRECISION)
        start, stop = self.periods["stimulus"]
        noise = jax.random.normal(key, (stop - start, 2), PRECISION)
        evidence = (self.offset * signs + self.stimulus_noise * noise).astype(PRECISION)
        cues = (self.context * (jnp.arange(2) == cue)).astype(PRECISION)
        inputs = jnp.zeros((self.steps, 4), PRECISION).at[:, 2:].set(cues).at[start:stop, :2].set(evidence)
        mask = self.window("response")
        return inputs, (signs[cue] * mask)[:, None], mask

    def scored(self, trial):
        """Return the mask of the last outputs of the trial, shape (time − 1,)."""
        return np.arange(self.steps - 1) >= self.steps - 1 - self.steps_of("score_last")
