"""Dynamical mean-field theory of large random networks: `mean_field` and `autocovariance`.

.. math:: \\dot x_i = -x_i + g \\sum_j J_{ij} \\phi(x_j) + \\xi_i, \\quad J_{ij} \\sim \\mathcal N(0, 1/N)

For N → ∞ the input of a unit is Gaussian, and the second moment Δ(τ) = ⟨x(t) x(t+τ)⟩ obeys the self-consistent
equation Δ − Δ'' = g² C_φ(Δ; Δ(0)) + ⟨ξ(t) ξ(t+τ)⟩. Without coloured noise this is the motion of a particle in a
potential, which starts with the velocity Δ'(0⁺) = −σ²/2 due to white noise and comes to rest at a maximum of the
potential. Time is in units of the time constant.
"""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.activations import Activation
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, real_number, require
from noisette.noise import Noise
from noisette.progress import ProgressLike, counted
from noisette.provenance import provenance
from noisette.theory.dmft import _trajectory
from noisette.theory.dmft._lyapunov import exponent
from noisette.theory.dmft._places import Places, places_of, solve_places
from noisette.theory.dmft._solution import DMFTSolution

PAPERS = ("sompolinsky1988", "schuecker2018")
NAMES = {
    "variance": "Δ₀ = ⟨x²⟩",
    "rate_variance": "⟨φ(x)²⟩",
    "mean_square": "M, mean square over units of ⟨x⟩",
    "kinetic_energy": "E_k/N = ⟨f²⟩/2, f = −x + g J φ(x)",
    "susceptibility": "χ = g² ⟨φ'²⟩",
    "lyapunov": "λ_max, largest Lyapunov exponent",
}
DEFAULT = Places()._asdict()
MOST_LAGS = 401  # number of default lags
DECAYS = 12  # largest default lag, in decay times: e^(−12) is 6e-6


@check_arguments
@public_call
def mean_field(
    activation: Activation,
    gain: ArrayLike | Array,
    noise: Noise | None = None,
    *,
    dt: float | None = None,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Variance, kinetic energy and largest Lyapunov exponent of a large random network, N → ∞.

    .. math:: \\Delta - \\Delta'' = g^2 C_\\phi(\\Delta; \\Delta_0) + \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle,
       \\quad E_k/N = \\tfrac12 \\langle (-x + g J \\phi)^2 \\rangle, \\quad \\lambda_{\\max} = -1 + \\sqrt{1 - E_0}

    with Δ₀ = Δ(0) and the lowest eigenvalue E₀ of −∂² + 1 − g² C_φ'(τ), where C_φ' is the autocorrelation of the slopes
    φ'(x). At fixed points λ_max = −1 + √χ. Without noise and with g φ'(0) ≤ 1 activity decays to zero, and
    λ_max = g φ'(0) − 1. Without noise or in white noise the exponent has nine digits for tanh at gains up to 20, five
    at 50 and three at 100. Stronger drive raises an error, and so do gains so close to the onset of activity that
    fluctuations last longer than 10⁷ time constants.

    Parameters
    ----------
    activation : φ, any callable on arrays; it may have kinks, and with dt also jumps (χ is infinite then)
    gain : g ≥ 0, a number or several
    noise : None, White, OrnsteinUhlenbeck, Frozen, a sum of them, or a noise that defines ``spectrum()``, with the same
        statistics for all units; strengths from 1e-50 to 1e50. It may be inside the activation, on the rates and on the
        synapses, see `noise.Placed`; in white synaptic noise the result does not contain ``lyapunov``
    dt : time step, up to 1, of an Euler simulation to describe exactly in place of continuous time; the result does not
        contain ``lyapunov`` then
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (gains
        done, gains)

    Raises
    ------
    InputError : If φ nearly jumps on the scale of x, if the noise is shared or differs between units, if there is no
        stationary state, or if there are several in white noise.

    Returns
    -------
    Dataset with ``variance`` Δ₀ = ⟨x²⟩, ``rate_variance`` ⟨φ²⟩, ``kinetic_energy`` E_k/N, ``susceptibility``
    χ = g² ⟨φ'²⟩ and ``lyapunov`` λ_max (1/tau), over ``gain`` if several are given; if φ is not odd also
    ``mean_square`` M, the part of Δ₀ due to the means of the units over noise and time

    See Also
    --------
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    chaos_curve : Exponents against the gain, for several networks, with an audit of the step.
    theory.autocovariance : The autocovariances of the same solution.
    theory.critical_gain : The gain at which the stationary state loses stability.

    Examples
    --------
    >>> from noisette.activations import relu, tanh
    >>> theory = mean_field(tanh, 2.0)
    >>> round(float(theory.variance), 4), round(float(theory.lyapunov), 5)
    (1.9248, 0.11246)
    >>> from noisette.noise import OrnsteinUhlenbeck, White
    >>> round(float(mean_field(tanh, 1.2, White(0.3)).lyapunov), 5)  # noise can end chaos
    -0.01325
    >>> round(float(mean_field(tanh, 1.2, OrnsteinUhlenbeck((4 / 3) ** 0.5, 3.0)).variance), 4)
    1.6027
    >>> theory = mean_field(relu, 1.0, White(1.0), dt=0.1)
    >>> round(float(theory.variance), 4), round(float(theory.mean_square), 4)
    (0.8232, 0.1788)

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    gains = real_array(gain, "gain")
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    places = places_of(noise)
    rows = [
        _scalars(solve_places(activation, float(g), places, dt=dt), places)
        for g in counted(gains.ravel().tolist(), progress)
    ]
    dims = ("gain",) * gains.ndim
    data = xr.Dataset(
        {name: (dims, np.reshape([row[name] for row in rows], gains.shape)) for name in rows[0]},
        coords={"gain": (dims, gains)},
        attrs=_provenance({"gain": gains, "dt": dt}, activation, places),
    )
    for name in rows[0]:
        data[name].attrs["long_name"] = NAMES[name]
    if "lyapunov" in data:
        data.lyapunov.attrs["units"] = "1/tau"
    return data


@check_arguments
@public_call
def autocovariance(
    activation: Activation,
    gain: float,
    noise: Noise | None = None,
    lags: ArrayLike | Array | None = None,
    *,
    dt: float | None = None,
) -> xr.Dataset:
    """Autocovariances of current x and rate φ(x) in a large random network, N → ∞.

    .. math:: C_x(\\tau) = \\langle x(t)\\, x(t+\\tau) \\rangle - M, \\qquad
       C_\\phi(\\tau) = \\langle \\phi(x(t))\\, \\phi(x(t+\\tau)) \\rangle - C_\\phi[M]

    where ⟨ ⟩ is the average over noise, time and units. M, the mean square of the units' means, is zero for odd φ, and
    C_φ[M] is ⟨φ φ'⟩ for currents of covariance M. The contribution of frozen noise does not decay.

    Parameters
    ----------
    activation, noise : as for `mean_field`
    gain : g ≥ 0
    lags : τ, of any sign, in units of the time constant, shape (lags,); multiples of dt if dt is given. The default is
        up to 401 lags from zero to twelve times the longest decay time
    dt : time step of the Euler simulation to describe; None for continuous time

    Raises
    ------
    InputError : As for `mean_field`, and if lags are not finite or not multiples of dt.

    Returns
    -------
    Dataset with ``current`` C_x and ``rate`` C_φ over ``lag``

    See Also
    --------
    Autocovariance : The probe that measures the autocovariance of a simulation.
    theory.mean_field : Variance, energy and exponent of the same solution.

    Examples
    --------
    >>> from noisette.activations import tanh
    >>> theory = autocovariance(tanh, 2.0, lags=[0.0, 1.0, 10.0])
    >>> theory.current.values.round(4).tolist()
    [1.9248, 1.863, 0.3511]

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988]; Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    places = places_of(noise)
    solution = solve_places(activation, real_number(gain, "gain"), places, dt=dt)
    lag = _lags(solution, dt) if lags is None else real_array(lags, "lags")
    require(lag.ndim == 1 and lag.size > 0, f"lags of shape {lag.shape}", "a list of numbers")
    if dt is not None:
        off = float(np.abs(lag / dt - np.rint(lag / dt)).max())
        require(off < 1e-6, f"lags {off * dt:.3g} from the nearest step", f"multiples of dt = {dt:g}", "or omit dt")
    if solution.trajectory is not None:
        second = solution.constant + solution.decaying[0] * _trajectory.correlation(solution.trajectory, lag)
    else:
        second = solution.current_at(lag)
    mean = solution.mean_square
    inside = places.inside.autocovariance(lag)  # `second` is that of the argument of φ
    return xr.Dataset(
        {
            "current": ("lag", second - inside - mean),
            "rate": ("lag", solution.rates(second) - float(solution.rates(mean))),
        },
        coords={"lag": ("lag", lag, {"long_name": "lag", "units": "tau"}), "gain": gain},
        attrs=_provenance({"gain": gain, "lags": None if lags is None else lag, "dt": dt}, activation, places),
    )


def _lags(solution: DMFTSolution, dt: float | None) -> np.ndarray:
    """Return default lags, which cover twelve of the longest decay times."""
    rate = 1.0
    # linearised at long lags, c − c'' = g² ⟨φ' φ'⟩(∞) c decays at the rate √(1 − g² ⟨φ' φ'⟩(∞)), if the noise is faster
    if not solution.is_fixed_point:
        rate = float(np.sqrt(1 - solution.gain**2 * solution.slopes(solution.constant)))
        decaying = solution.spectrum.decaying + solution.inside.decaying
        rate = min([rate, *(decay.real for _, decay in decaying)])
    if dt is None:
        return np.linspace(0, DECAYS / rate, MOST_LAGS)
    steps = int(np.ceil(DECAYS / rate / dt))
    return dt * np.arange(0, steps + 1, -(-steps // (MOST_LAGS - 1)))  # every k-th step, to at most MOST_LAGS of them


def _scalars(solution: DMFTSolution, places: Places) -> dict[str, float]:
    row = {"variance": solution.state_variance, "rate_variance": solution.rate_square}
    if not solution.unit.odd:
        row["mean_square"] = solution.mean_square
    row |= {"kinetic_energy": solution.drift / 2, "susceptibility": solution.susceptibility}
    # white synaptic noise also multiplies the distance of trajectories, which the equation of λ does not contain
    if solution.step is not None or places.white_synapses > 0:
        return row
    return row | {"lyapunov": exponent(solution)}


def _provenance(arguments: dict[str, Any], activation: Activation, places: Places) -> dict[str, Any]:
    noise = dict(places.current._asdict())
    others = {name: value for name, value in places._asdict().items() if name != "current" and value != DEFAULT[name]}
    configuration = {**arguments, "activation": activation, **noise, **others}
    return provenance("mean-field", "stationary", PAPERS, configuration)


__all__ = ["autocovariance", "mean_field"]
