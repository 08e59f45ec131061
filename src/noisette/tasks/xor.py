"""Exclusive or of two stimuli separated by a short delay."""

from noisette.tasks._base import parameter
from noisette.tasks.dms import DMS


class XOR(DMS):
    """Exclusive or of two signs: the delayed match-to-sample task of Kim et al. (2019), with a delay of 50 ms.

    The task is identical to `DMS` except for the defaults of `delay` and `score_gap`. In the code of Kim et al. (2019)
    the threshold score considers outputs from step 200 on, which is 200 ms after the second stimulus for a delay of
    50 ms.

    Parameters
    ----------
    delay : duration of the delay between the stimuli, ms
    score_gap : time from the end of the stimuli to the first output that the threshold score considers, ms
    fixation, stimulus, second_delay, gap, response, amplitude, inputs, duration, input_noise, dt : as in `DMS`

    Raises
    ------
    InputError : As for `DMS`.

    Examples
    --------
    >>> XOR().steps, XOR().periods["stimulus 2"], XOR().score_from
    (300, (110, 160), 200)

    References
    ----------
    Kim, Li & Sejnowski (2019), PNAS 116:22811.
    """

    delay: float = parameter(50.0)
    score_gap: float = parameter(200.0)
