"""`correlations`: statistics of covariances in large random networks as functions of the gain."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.activations import Activation
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.noise import Noise, spectrum_of
from noisette.progress import ProgressLike, counted
from noisette.provenance import provenance
from noisette.theory.covariance._dispatch import Options, Row, solve
from noisette.theory.covariance._finite_size import check_traced
from noisette.theory.covariance._options import Activity, Order, TheoryOptions
from noisette.theory.covariance._validity import TOLERANCE
from noisette.theory.gaussian._activation import check, is_odd
from noisette.theory.gaussian._averages import is_linear

NAMES = {
    "variance": "tr C/N, variance of a unit",
    "covariance_variance": "ψ = N Var C_ij over networks, i ≠ j",
    "participation_dimension": "D = (tr C)²/(N tr C²)",
    "susceptibility": "χ = g² ⟨φ'²⟩",
    "effective_gain": "√ν, g times the root mean square of mean slopes",
}
ERRORS = {
    "covariance_variance_se": "standard error of ψ from sampling the reduced model",
    "participation_dimension_se": "standard error of D from sampling the reduced model",
}
SAMPLES = 20_000  # pairs of replicas of the reduced model
DYNAMIC = ("sompolinsky1988", "schuecker2018", "clark2023")
STATIC = ("mato2026", "hu2022", "clark2023")


@check_arguments
@public_call
def correlations(
    activation: Activation,
    gain: ArrayLike | Array | Sequence[float],
    noise: Noise | None,
    size: int | None = None,
    *,
    activity: Activity = "current",
    order: Order = "leading",
    key: KeyLike = 0,
    progress: ProgressLike = None,
    **options: Unpack[TheoryOptions],
) -> xr.Dataset:
    """Statistics of the covariances C_ij in a large random network with noise.

    .. math:: \\dot x_i = -x_i + g \\sum_j J_{ij} \\phi(x_j) + \\xi_i, \\quad J_{ij} \\sim \\mathcal N(0, 1/N), \\qquad
       D = \\frac{(\\mathrm{tr}\\, C)^2}{N\\, \\mathrm{tr}\\, C^2} \\to \\frac{C_0^2}{C_0^2 + \\psi}

    where C is the covariance over noise and time of one network, C₀ = tr C/N and ψ = lim N Var C_ij, i ≠ j. In frozen
    noise the variance of the currents obeys v = s² + g² ⟨φ²⟩_v, and the rates of odd units have D = (1 − ν)² with
    ν = g² ⟨φ'⟩². Since ν ≤ 1 − s²/v, nonlinearity keeps D positive at gains at which linear networks are unstable.
    Fixed points are stable only for χ = g² ⟨φ'²⟩ < 1. Networks whose activity fluctuates in time are described by
    dynamical mean-field theory.

    Parameters
    ----------
    activation : φ, any callable on arrays
    gain : g ≥ 0, a number or several
    noise : Frozen(s), White(σ), OrnsteinUhlenbeck(s, τ_c), a sum of them, or None
    size : N. With order="leading" the results are those of N → ∞, and N only determines whether they are ``valid``
    activity : "current" for x, or "rate" for φ(x)
    order : "leading" for N → ∞, or "finite" for results to order 1/N. The latter are closed forms for linear networks;
        for odd φ in frozen noise the variance is a closed form, and the rest follows from the two-replica reduced
        model, with standard errors
    key : integer or JAX key of the reduced model, the same at every gain
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (gains
        done, gains)
    **options : the options below

    Other Parameters
    ----------------
    covariance : "equal-time", or "long-window": integrated over lags, that is, at zero frequency, per unit of time.
        For fixed points in frozen noise both are the covariance over noise
    placement : noise "inside" φ, as above, or "outside", x = φ(g J x) + ξ, with the rate φ(g J x) (Frozen, odd φ)
    self_coupling : whether the J_ii are drawn like all other weights, or are zero; N → ∞ does not depend on it
    dt : time step of the Euler simulation to describe; None for continuous time. Fixed points do not depend on it
    dynamic : whether to use dynamical mean-field theory in frozen noise, too; it describes chaos for χ > 1, and gives
        the same results for χ < 1
    samples : number of pairs of replicas drawn for the reduced model

    Raises
    ------
    InputError : If there is no theory for φ or the noise, or no 1/N theory with order="finite".

    Returns
    -------
    Dataset over ``gain`` (if several are given) with ``variance`` C₀, ``covariance_variance`` ψ,
    ``participation_dimension`` D, ``susceptibility`` χ, ``effective_gain`` √ν, ``valid``, and the ``reason`` for which
    a row is not valid; with the reduced model also ``covariance_variance_se`` and ``participation_dimension_se``.
    Without a stationary state all results are NaN; without activity D is NaN. If no size is given, ``valid`` means that
    there is a stationary state that the results describe as N → ∞; fixed points must be stable. With a size it means
    that variance and D of networks of that size agree with the results within 10 %, by a rule calibrated with
    simulations of 114 combinations of φ, gain, noise and N (``benchmarks/correlation_validity.py``). In that case
    unstable fixed points are valid if the theory of the dynamics that replaces them gives the same results within 5 %

    See Also
    --------
    correlations : Theory, and on request simulations, of random networks against the gain.
    simulated_correlations : Simulations alone, without bias from finite samples.
    theory.predicted_covariance : Every entry of C of one given network in frozen noise.
    analysis.network_correlations : Covariances and dimension of one given network, by theory or simulation.

    Examples
    --------
    >>> from noisette.activations import linear, tanh
    >>> from noisette.noise import Frozen
    >>> statistics = correlations(tanh, [0.8, 1.2], Frozen(1.0), activity="rate")
    >>> statistics.participation_dimension.values.round(5).tolist()
    [0.63836, 0.39453]
    >>> statistics = correlations(linear, 0.5, Frozen(1.0), 100, order="finite")
    >>> round(float(statistics.variance), 4), round(float(statistics.participation_dimension), 4)
    (1.3452, 0.5531)

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026]; Hu & Sompolinsky (2022) [hu2022]; Clark, Abbott & Litwin-Kumar (2023)
    [clark2023].
    """
    size = None if size is None else integer(size, "size", None)
    gains = real_array(gain, "gain")
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    wrong = gains[~(gains >= 0)]
    require(wrong.size == 0, f"gain {wrong.ravel()[:1]}", "finite numbers, zero or positive")  # NaN fails g ≥ 0, too
    check(activation)
    request = Options(
        activation=activation,
        spectrum=spectrum_of(noise),
        size=size,
        activity=activity,
        order=order,
        covariance=options.get("covariance", "equal-time"),
        placement=options.get("placement", "inside"),
        self_coupling=options.get("self_coupling", True),
        dt=options.get("dt"),
        dynamic=options.get("dynamic", False),
        samples=integer(options.get("samples", SAMPLES), "samples", None),
        linear=is_linear(activation),
        odd=is_odd(activation),
    )
    _check(request)
    draws_key = as_key(key)
    rows = [solve(request, float(g), draws_key) for g in counted(gains.ravel().tolist(), progress)]
    return _table(request, gains, rows)


def _check(options: Options) -> None:
    """Raise `InputError` for options without a theory."""
    _check_options(options)
    if options.placement == "outside":
        require(
            options.odd and (options.spectrum.is_frozen or options.spectrum.is_zero) and not options.dynamic,
            "noise outside φ",
            "it must be Frozen, with odd φ and dynamic=False",
            "place it inside, or simulate",
        )
    if options.order == "finite":
        _check_finite(options)


def _check_options(options: Options) -> None:
    require(options.size is None or options.size >= 2, f"size {options.size}", "at least 2 units, or None for N → ∞")
    # for dt ≤ 1 the Euler steps of a unit amplify no frequency, as in continuous time
    require(options.dt is None or 0 < options.dt <= 1, f"dt {options.dt}", "a step above 0 and up to 1, or None")
    require(options.samples >= 100, f"{options.samples} samples", "at least 100")


def _check_finite(options: Options) -> None:
    require(options.size is not None, "order='finite' without a size", "it requires the number of units", "give size=N")
    leading = "use order='leading', or simulate"
    require(
        options.placement == "inside",
        "order='finite' with noise outside φ",
        "1/N corrections are known for noise inside",
        leading,
    )
    white_only = options.linear and options.spectrum.is_white
    require(
        options.spectrum.is_frozen or white_only,
        "order='finite' in this noise",
        "1/N corrections are known in Frozen noise, for linear units in White noise, too",
        leading,
    )
    require(
        not options.dynamic or options.linear,
        "order='finite' with dynamic=True",
        "1/N corrections are known for fixed points",
        leading,
    )
    if options.linear:
        equal_time = white_only and options.covariance == "equal-time"
        require(
            options.self_coupling or not equal_time,
            "order='finite' in white noise at equal times without self-coupling",
            "1/N corrections are known with self-coupling",
            leading,
        )
        require(
            options.dt is None or not equal_time,
            f"order='finite' with dt {options.dt}",
            "1/N corrections are known in continuous time",
            leading,
        )
        return
    require(options.odd, "order='finite' with a φ that is not odd", "1/N corrections are known for odd φ", leading)
    require(
        options.self_coupling,
        "order='finite' without self-coupling",
        "1/N corrections for nonlinear units are known with self-coupling",
        leading,
    )
    check_traced(options.activation)


def _table(options: Options, gains: np.ndarray, rows: list[Row]) -> xr.Dataset:
    dims = ("gain",) * gains.ndim
    columns: dict[str, Any] = {
        name: [getattr(row.statistics, field) for row in rows]
        for name, field in zip(NAMES, rows[0].statistics._fields, strict=True)
    }
    columns["valid"] = [row.reason == "" for row in rows]
    columns["reason"] = [row.reason for row in rows]
    if options.order == "finite" and not options.linear:
        columns |= {name: [row.errors[i] for row in rows] for i, name in enumerate(ERRORS)}
    data = xr.Dataset(
        {name: (dims, np.reshape(values, gains.shape)) for name, values in columns.items()},
        coords={"gain": (dims, gains)},
        attrs=_attributes(options, gains, rows),
    )
    for name, text in (NAMES | ERRORS).items():
        if name in data:
            data[name].attrs["long_name"] = text
    agreement = f"; if N is given, networks of N units agree within {100 * TOLERANCE:.0f} %"
    data.valid.attrs["long_name"] = f"whether the theory holds: it describes a stationary state{agreement}"
    return data


def _attributes(options: Options, gains: np.ndarray, rows: list[Row]) -> dict[str, Any]:
    dynamic = any(row.dynamic for row in rows)
    time = "continuous" if options.dt is None else f"Euler steps of {options.dt:g}"
    settings = {
        "order": options.order,
        "activity": options.activity,
        "covariance": options.covariance,
        "placement": options.placement,
        "time": time if dynamic else "fixed point",
        "size": "infinite" if options.size is None or options.order == "leading" else int(options.size),
        "self_coupling": "yes" if options.self_coupling else "no",
    }
    arguments = {
        "gain": gains,
        "activation": options.activation,
        "noise": options.spectrum._asdict(),
        "size": options.size,
    }
    if options.order == "finite" and not options.linear:
        arguments["samples"] = options.samples
    configuration = {**arguments, "dynamic": options.dynamic, "dt": options.dt, **settings}
    return provenance("mean-field", "stationary", DYNAMIC if dynamic else STATIC, configuration, **settings)


__all__ = ["correlations"]
