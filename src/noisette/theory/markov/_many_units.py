"""Random binary networks of many units: `binary_mean_field` and `binary_critical_gain`.

The derivation in brief; `docs/theory/many_binary_units` has it in full. Weights W_ij ~ N(w₀/N, w²/N) are independent,
also of W_ji. For N → ∞ the field of a unit is Gaussian with mean w₀ m + b and a covariance w² C(t, t') over time, with
C(t, t') = Σ_i s_i(t) s_i(t')/N, and it has no memory of the unit's own past states, which returns through W_ij W_ji, of
mean zero. One step maps C(t, t') to

    C(t + 1, t' + 1) = ⟨μ(h) μ(h')⟩ = F(C(t, t')),    μ(h) = 2 S(h; σ) − 1,

for fields h and h' with the covariance w² C + B². F is a power series with positive coefficients, thus convex, and
F(1) < 1: there is a single fixed point q, which C(t, t') approaches for all t ≠ t'. Fields at different times therefore
have the covariance w² q + B² of a part u that is constant in time, and no other.

The entropy production is Σ_i ⟨s'_i L(h_i(s)) − s_i L(h_i(s'))⟩/2, with the log-odds L of a unit. Given u, s_i and
h_i(s') are independent, so that it is half the covariance of s'_i and L(h_i) over time.
"""

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, nonnegative_grid, real_array, real_number, require
from noisette.progress import ProgressLike, counted
from noisette.provenance import provenance
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.markov import _random_units as one
from noisette.theory.markov._joint_entropy import joint_entropy
from noisette.theory.markov._random_units import Units

#: Quantities of random binary networks by their names: description and unit.
QUANTITIES = {
    "magnetisation": ("m, mean of the units", ""),
    "overlap": ("q, mean square over units of their means over time", ""),
    "autocorrelation": ("mean over units of s_i(t) s_i(t + 1)", ""),
    "conditional_entropy": ("H(s'|s)/N, entropy rate per unit", "bit"),
    "unit_entropy": ("mean entropy of single units", "bit"),
    "entropy": ("H(s)/N, entropy of the state per unit", "bit"),
    "unit_information": ("mean information of the next state of one unit about the state of all", "bit"),
    "information": ("I(s'; s)/N, information of successive states per unit", "bit"),
    "entropy_production": ("entropy production per unit and step", "bit"),
    "slope": ("F'(m), factor of a small deviation of m in one step", ""),
    "stable_solutions": ("number of stable magnetisations", ""),
}
NONNEGATIVE = "a finite number, zero or positive"
LARGEST = 1e8  # gain up to which the onset is searched


@check_arguments
@public_call
def binary_mean_field(
    gain: ArrayLike | Array,
    mean: float = 0.0,
    std: float = 1.0,
    noise: ArrayLike | Array = 0.0,
    *,
    bias: ArrayLike | Array = 0.0,
    bias_std: float = 0.0,
    start: float = 1.0,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Order parameters, entropies, information and entropy production per unit of random binary networks, N → ∞.

    .. math:: P(s_i' = \\pm 1) = S(\\pm h_i; \\sigma), \\quad h_i = \\sum_j W_{ij} s_j + b_i, \\quad
       W_{ij} \\sim \\mathcal N\\Big(\\frac{g J_0}{N}, \\frac{g^2 \\Delta J^2}{N}\\Big), \\qquad
       m = \\langle 2 S(g J_0 m + b; s) - 1 \\rangle, \\quad q = \\langle m_i^2 \\rangle

    with synchronous updates, the logistic function S averaged over noise of strength σ on the input, and
    s² = g² ΔJ² + B² + σ² with the standard deviation B of the biases. The weights are independent, also W_ij of W_ji.
    The asymmetric Sherrington–Kirkpatrick model at the inverse temperature β, with fields H_i, is the case g = 2β,
    b_i = 2β H_i, σ = 0.

    Parameters
    ----------
    gain : g ≥ 0, a number or several
    mean, std : J₀ and ΔJ ≥ 0
    noise : σ ≥ 0, standard deviation of Gaussian noise that is independent for each unit and step, a number or several
    bias : b, the mean of the biases; a list of values is shared by equal fractions of the units
    bias_std : B, standard deviation of Gaussian differences of the biases from these values
    start : magnetisation from −1 to 1, which determines the solution where there are several
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (points
        done, points)

    Raises
    ------
    InputError : If arguments are out of range, if fields exceed 200, or if the magnetisation has no stable stationary
        value because it alternates, as it may for J₀ < 0.

    Returns
    -------
    Dataset over ``gain`` and ``noise``, each if several are given, for the solution that is reached from ``start``:
    ``magnetisation`` m and ``overlap`` q; ``autocorrelation``, the mean of s_i(t) s_i(t+1), equal to q since
    fluctuations have no memory; in bits per unit ``conditional_entropy`` H(s'|s)/N, ``entropy`` H(s)/N, ``information``
    I(s'; s)/N, ``unit_entropy``, the mean entropy of single units, ``unit_information``, the information of one unit
    about the preceding state of all, and, per step, ``entropy_production`` (times ln 2 in nat); ``slope`` F'(m), which
    is 1 at the onset of magnetisation; and ``stable_solutions``, 2 where networks are bistable. The entropy of the
    state is less than that of its units, since fields are correlated. It is derived by the replica method and confirmed
    by exact chains, not proved, and so is the information

    See Also
    --------
    theory.binary_critical_gain : The gain at which networks without biases become magnetised.
    analysis.binary_ensemble : The same quantities of networks of N units, exact or simulated.
    theory.markov.measures : H, I and D of one network at one strength, exactly.
    theory.mean_field : Random networks of rate units.

    Examples
    --------
    >>> import numpy as np
    >>> theory = binary_mean_field([0.4, 2.0], mean=1.0, std=0.5)  # β = 0.2 and 1
    >>> (np.log(2) * theory.entropy_production).values.round(5).tolist()
    [0.0099, 0.20662]
    >>> theory.information.values.round(3).tolist(), theory.unit_information.values.round(3).tolist()
    ([0.007, 0.125], [0.007, 0.135])

    References
    ----------
    Aguilera, Igarashi & Shimazaki (2023) [aguilera2023]; Gabrié et al. (2019) [gabrie2019].
    """
    gains, strengths = nonnegative_grid(gain, "gain"), nonnegative_grid(noise, "noise")
    biases = real_array(bias, "bias")
    require(biases.ndim <= 1 and biases.size > 0, f"bias of shape {biases.shape}", "a number, or a list of numbers")
    spread = (_positive(std, "std"), _positive(bias_std, "bias_std"))
    first = real_number(start, "start", "a magnetisation from -1 to 1", lambda m: -1 <= m <= 1)
    j0 = real_number(mean, "mean")
    points = [(g, s) for g in gains.ravel().tolist() for s in strengths.ravel().tolist()]
    rows = []
    for g, s in counted(points, progress):
        units = Units(g * j0, (g * spread[0]) ** 2, s, biases.ravel(), spread[1] ** 2)
        one.check_width(units)
        rows.append(_row(units, first, f"gain {g:g} with mean {j0:g}"))
    dims = ("gain",) * gains.ndim + ("noise",) * strengths.ndim
    shape = gains.shape + strengths.shape
    data = xr.Dataset({name: (dims, np.reshape([row[name] for row in rows], shape)) for name in QUANTITIES})
    data = data.assign_coords(
        gain=(("gain",) * gains.ndim, gains, {"long_name": "gain g", "units": ""}),
        noise=(("noise",) * strengths.ndim, strengths, {"long_name": "noise strength", "units": "std per step"}),
    )
    for name, (text, unit) in QUANTITIES.items():
        data[name].attrs = {"long_name": text, "units": unit}
    configuration = {"gain": gains, "mean": j0, "std": spread[0], "noise": strengths, "bias": biases}
    configuration |= {"bias_std": spread[1], "start": first}
    return data.assign_attrs(provenance("mean-field", "stationary", ("aguilera2023", "gabrie2019"), configuration))


def _positive(value: float, name: str) -> float:
    return real_number(value, name, NONNEGATIVE, lambda x: 0 <= x < np.inf)


def _row(units: Units, start: float, what: str) -> dict[str, float]:
    """Return the results for one set of parameters."""
    solutions = one.magnetisations(units)
    slopes = np.array([one.slope_of(units, m) for m in solutions])
    if (slopes < -1).any():
        raise InputError(
            f"{what}: the magnetisation alternates in successive steps; only stationary states are described; "
            "use a smaller gain or stronger noise, or simulate"
        )
    m = one.reached(units, solutions, start)
    q = one.overlap(units, m)
    unit, weight = one.constant_part(units, m, q)
    marginal = float(np.sum(one.entropy_of(unit) * weight))
    joint = joint_entropy(units, m, q)
    lost = one.conditional(units, m)
    bits = {"conditional_entropy": lost, "unit_entropy": marginal, "entropy": joint}
    bits |= {"unit_information": marginal - lost, "information": joint - lost}
    bits["entropy_production"] = one.production(units, m, q)
    return {
        **{"magnetisation": m, "overlap": q, "autocorrelation": q, "slope": one.slope_of(units, m)},
        **{name: value / np.log(2) for name, value in bits.items()},
        "stable_solutions": int((slopes < 1).sum()),
    }


@check_arguments
def binary_critical_gain(mean: float, std: float = 1.0, noise: float = 0.0, *, bias_std: float = 0.0) -> float:
    """Gain at which a large random binary network without mean bias becomes magnetised, N → ∞.

    .. math:: 2 g J_0 S'(0; s) = 1, \\qquad s^2 = g^2 \\Delta J^2 + B^2 + \\sigma^2

    The transition is continuous, since the magnetisation in the next step is concave in m > 0. There is no transition
    to a glass: the overlap q is unique at every gain.

    Parameters
    ----------
    mean, std, noise, bias_std : J₀, ΔJ, σ and B, as for `theory.binary_mean_field`

    Returns
    -------
    g_c, a float; inf for J₀ ≤ √(π/2) ΔJ, as disorder keeps m = 0 stable at every gain

    See Also
    --------
    theory.binary_mean_field : Order parameters and information on both sides of the transition.
    theory.critical_gain : The gain at which random networks of rate units lose stability.

    Examples
    --------
    >>> round(binary_critical_gain(1.0, 0.5) / 2, 4), binary_critical_gain(1.0, 0.0)  # β_c with disorder, and without
    (1.3485, 2.0)
    """
    j0 = real_number(mean, "mean")
    spread, sigma, differences = (
        _positive(x, name) for x, name in ((std, "std"), (noise, "noise"), (bias_std, "bias_std"))
    )

    def excess(g: float) -> float:
        units = Units(g * j0, (g * spread) ** 2, sigma, np.zeros(1), differences**2)
        return one.slope_of(units, 0.0) - 1

    if j0 <= np.sqrt(np.pi / 2) * spread:
        return np.inf
    high = 1.0
    while excess(high) < 0:
        high *= 2
        if high > LARGEST:
            return np.inf
    return root(excess, 0.0, high, absolute=1e-14)


__all__ = ["QUANTITIES", "binary_critical_gain", "binary_mean_field"]
