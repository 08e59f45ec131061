"""Exclusive or of two stimuli in quick succession."""

from noisette.tasks._base import parameter
from noisette.tasks.dms import DMS


class XOR(DMS):
    """Exclusive or of two signs: the delayed match to sample of Kim et al. (2019), with a delay of only 50 ms.

    Everything is as in `DMS`, delay and `score_gap` aside: in the ancestor's code the threshold score looks from step
    200 on, which is 200 ms after the second stimulus when the delay is 50 ms.

    Parameters
    ----------
    delay : ms
    score_gap : from the end of the stimuli to where the threshold score begins to look, ms
    fixation, stimulus, second_delay, gap, response, amplitude, inputs, duration, input_noise, dt : as in `DMS`

    Raises
    ------
    InputError : as for `DMS`.

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
