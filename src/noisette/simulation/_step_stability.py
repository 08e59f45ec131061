"""Stability of an explicit step at a given state."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number, require
from noisette.networks import ContinuousNetwork, NetworkLike, as_network
from noisette.networks.step_size import Explicit
from noisette.simulation._judge import BOUND, describe_mode, diagnose


class StepStability(NamedTuple):
    """Stability of a step at a state.

    Attributes
    ----------
    number : stability number, below 2 for a stable step
    bound : longest stable step, in the unit of time of the network; infinite where no mode decays
    mode : eigenvalue μ of the Jacobian of the mode that limits the step, in 1/time
    """

    number: float
    bound: float
    mode: complex

    def __str__(self) -> str:
        return f"stable for dt < {self.bound:.2g}, limited by {describe_mode(self.mode)}"


@check_arguments
def step_stability(
    network: NetworkLike, units: ArrayLike, dt: float, *, time: float = 0.0, solver: Explicit = "euler"
) -> StepStability:
    """Stability of a step of Euler's or Heun's method at a state, with the mode that limits the step.

    .. math:: s = \\max_k \\frac{dt\\, |\\mu_k|^2}{|\\mathrm{Re}\\, \\mu_k|} < 2 \\quad \\text{(Euler, no growing mode)}

    `simulate` reports the same number for the last state of a run as ``stability``.

    Parameters
    ----------
    network : network in continuous time
    units : state x, shape (N,)
    dt : time step, in the unit of time of the network
    time : time at which a velocity that depends on time is evaluated
    solver : "euler", "heun" or "milstein"

    Returns
    -------
    StepStability, a named tuple (number, bound, mode)

    Raises
    ------
    InputError : a network that is not in continuous time, a state of another shape, a step that is not positive.

    See Also
    --------
    simulation.stable_step : A step that is stable at a state and along the flow from it.
    step_audit : Comparison of whole simulations with a step and its half.

    Examples
    --------
    >>> import noisette as nz
    >>> frozen = nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]]))
    >>> print(nz.simulation.step_stability(frozen, [0.0, 0.0], 0.1))
    stable for dt < 0.18, limited by the mode μ = -10.91
    """
    flow = as_network(network, ContinuousNetwork).dynamics()
    state = real_array(units, "units")
    step = real_number(dt, "dt", "a time above zero", lambda length: 0 < length < math.inf)
    require(state.shape == (flow.size,), f"units of shape {state.shape}", f"one number for each of {flow.size} units")
    number, _, modes, worst = diagnose(flow, state, real_number(time, "time"), None, step, solver)
    with np.errstate(divide="ignore"):
        bound = float(BOUND * step / np.float64(number))
    return StepStability(number, bound, complex(modes.rates[worst]))


__all__ = ["StepStability", "step_stability"]
