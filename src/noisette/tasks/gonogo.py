"""Go/no-go task: detection of a short pulse."""

from noisette.tasks._base import parameter
from noisette.tasks.afc import AFC


class GoNoGo(AFC):
    """Go/no-go task of Kim et al. (2019): respond +1 after a short pulse, and 0 if there was none.

    The task is identical to `AFC` except that the default stimulus lasts half as long.

    Parameters
    ----------
    stimulus : duration of the pulse, ms
    fixation, gap, response, amplitude, duration, input_noise, dt : as in `AFC`

    Raises
    ------
    InputError : As for `AFC`.

    Examples
    --------
    >>> GoNoGo().periods, GoNoGo().steps, GoNoGo().conditions
    ({'fixation': (0, 50), 'stimulus': (50, 75), 'response': (75, 200)}, 200, ('go', 'no-go'))

    References
    ----------
    Kim, Li & Sejnowski (2019), PNAS 116:22811.
    """

    stimulus: float = parameter(125.0)

    conditions = ("go", "no-go")
    least_trials = 1500  # in the code of Kim et al. (2019)
