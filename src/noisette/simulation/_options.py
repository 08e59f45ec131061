"""Options of time stepping, shared by `simulate` and by the functions that call it.

Functions that forward keywords to `simulate` take them as ``**options: Unpack[…]`` of one of these types, so that each
keyword has one name, one type and one description.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, get_args

from noisette.errors import real_number
from noisette.progress import Callback
from noisette.signatures import Spelled

Progress = Callback | bool  # a callback, or whether to show a bar
TOLERANCE = 1e-7  # default relative tolerance of adaptive and stiff solvers


@dataclass(frozen=True)
class Adaptive:
    """Integrate a flow without noise with SciPy's DOP853, an explicit Runge–Kutta method of order 8.

    Parameters
    ----------
    tolerance : relative tolerance of the local error

    See Also
    --------
    Stiff : For flows whose rates differ by orders of magnitude.
    step_audit : The error of a fixed step.

    Examples
    --------
    >>> import noisette as nz
    >>> decay = nz.networks.Flow(lambda x: -x, 1)
    >>> last = nz.simulate(decay, duration=1, dt=1.0, start=[1.0], solver=nz.Adaptive(1e-10), key=0).final
    >>> round(float(last[0, 0]), 9)  # 1/e
    0.367879441
    """

    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        _check_tolerance(self.tolerance)


@dataclass(frozen=True)
class Stiff:
    """Integrate a stiff flow without noise with SciPy's BDF and the exact Jacobian.

    Parameters
    ----------
    tolerance : relative tolerance of the local error

    See Also
    --------
    Adaptive : For flows without fast decaying modes; steps take less time.

    Examples
    --------
    >>> import noisette as nz
    >>> fast = nz.networks.Flow(lambda x: -1e4 * x, 1)
    >>> last = nz.simulate(fast, duration=1, dt=1.0, start=[1.0], solver=nz.Stiff(), key=0).final
    >>> abs(float(last[0, 0])) < 1e-5
    True
    """

    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        _check_tolerance(self.tolerance)


def _check_tolerance(tolerance: float) -> None:
    real_number(tolerance, "tolerance", "a number between 0 and 1", lambda number: 0 < number < 1)


SolverName = Literal["auto", "euler", "heun", "milstein", "adaptive", "stiff"]
Solver = SolverName | Adaptive | Stiff


class TimeOptions(TypedDict, total=False):
    """Options of simulations in continuous time.

    Attributes
    ----------
    duration : length of a trial, in the network's unit of time; instead of ``steps``
    dt : time step, or "auto"; for "adaptive" and "stiff" the interval at which probes are updated
    solver : "auto", "euler", "heun", "milstein", "adaptive" or "stiff"; or `Adaptive` or `Stiff` with a tolerance
    inputs : signals u, shape (steps,) or (steps, channels), held constant during each step; or a function of time
    """

    duration: float | None
    dt: float | Literal["auto"] | None
    solver: Solver
    inputs: Any


class TrialOptions(TypedDict, total=False):
    """Options forwarded to `simulate` by functions that measure properties of a simulated network.

    Attributes
    ----------
    start : initial state
    inputs : signals u
    runs : number of independent trials of each network
    solver : as for `simulate`
    warn : whether to issue warnings
    progress : True to show a bar, or a function called with (steps done, steps) after each chunk
    """

    start: Any
    inputs: Any
    runs: int
    solver: Solver
    warn: bool
    progress: Progress | None


def keywords(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function by name, with a typed group ``**options: Unpack[…]`` expanded.

    Examples
    --------
    >>> from noisette.simulation import simulate
    >>> [*keywords(simulate)][-4:]
    ['duration', 'dt', 'solver', 'inputs']
    """
    signature = inspect.signature(function)
    if isinstance(signature.return_annotation, Spelled):  # of a public call, whose annotations are texts
        signature = inspect.signature(inspect.unwrap(function))
    expanded = {}
    for name, parameter in signature.parameters.items():
        group = get_args(parameter.annotation) if parameter.kind is parameter.VAR_KEYWORD else ()
        if group:
            kind = inspect.Parameter.KEYWORD_ONLY
            expanded |= {key: inspect.Parameter(key, kind, default=None) for key in group[0].__annotations__}
        else:
            expanded[name] = parameter
    return expanded
