"""Memory and prediction: reconstruction of past or future inputs by a linear readout of the state of a network."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Unpack

import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.analysis._options import Direction, Protocol, ReadoutOptions, Reference
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, real_number, require
from noisette.provenance import provenance

REFERENCES = ("variance", "power")
SPLIT, WASHOUT = (3000, 1000, 1000), 2000
RIDGES = np.logspace(-26, 2, 29)  # in units of the largest squared singular value; those of smooth flows reach 1e-34
RANK = 1e-8  # singular values above this fraction of the largest count towards the effective rank
FLOOR_LAGS = 100  # number of future inputs that yield the distribution of scores without information
DEPENDENT = 6.0  # bound on |autocorrelation| √n, which independent values exceed with a probability of 2e-9 per lag
SIMULTANEOUS = 4.0  # m(0) above this multiple of the score by chance: states contain the input of their own step
States = ArrayLike | Array | xr.DataArray


class _Readout(NamedTuple):
    """Scores and ridge parameters of each lag, with the condition number and effective rank of the states."""

    memory: np.ndarray
    condition: float
    rank: int
    ridge: np.ndarray


@check_arguments
def readout_score(
    target: ArrayLike | Array, fitted: ArrayLike | Array, reference: Reference = "variance"
) -> np.ndarray:
    """Coefficient of determination of a readout: 1 for a perfect readout, 0 or less for an uninformative one.

    .. math:: m = 1 - \\frac{\\langle (z - \\hat z)^2 \\rangle}{\\langle (z - \\bar z)^2 \\rangle}

    With the reference "power" the denominator is ⟨z²⟩: a constant readout then scores z̄²/⟨z²⟩.

    Fit and score must use the same target: a perfect readout of S(t) scored on S(t + τ) yields, for a sine of frequency
    ω, m = 2 cos(ωτ) − 1 irrespective of the network.

    Parameters
    ----------
    target : z, shape (samples,) or (samples, lags)
    fitted : ẑ, same shape
    reference : "variance" of the target, or its "power" ⟨z²⟩

    Raises
    ------
    InputError : different shapes, values that are not finite real numbers, a target without variance (or power).

    Returns
    -------
    m, shape () or (lags,)

    Examples
    --------
    >>> float(readout_score([1.0, -1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -0.0]))
    0.75
    """
    require(reference in REFERENCES, f"reference {reference!r}", " or ".join(REFERENCES))
    z, fit = real_array(target, "target"), real_array(fitted, "fitted signal")
    fits = z.shape == fit.shape and z.size > 0 and z.ndim > 0
    require(fits, f"target of shape {z.shape} and fitted signal of shape {fit.shape}", "two equal shapes (samples, …)")
    return _score(z, fit, z.mean(0) if reference == "variance" else np.zeros(z.shape[1:]))


def _score(z: np.ndarray, fitted: np.ndarray, constant: np.ndarray | np.floating) -> np.ndarray:
    """Return the relative reduction of the squared error of a readout below that of a constant."""
    error = ((z - constant) ** 2).mean(0)
    # a constant signal may deviate from its mean by round-off
    varies = bool((error > (16 * np.finfo(float).eps) ** 2 * (z**2).mean(0)).all())
    defect = "is constant" if constant.any() else "is zero throughout"
    require(varies, f"a signal that {defect}", "there is nothing to reconstruct")
    return np.asarray(1 - ((z - fitted) ** 2).mean(0) / error)


@check_arguments
@public_call
def memory_curve(
    states: States,
    signal: States,
    lags: ArrayLike | Sequence[int],
    *,
    direction: Direction = "memory",
    protocol: Protocol = "out-of-sample",
    reference: Reference = "variance",
    **readout: Unpack[ReadoutOptions],
) -> xr.Dataset:
    """Memory or prediction function of a reservoir: the score of a linear readout of S(t ∓ τ) from x(t).

    .. math:: m(\\tau) = 1 - \\min_{\\mathbf w, c} \\frac{\\langle (z - \\mathbf w \\cdot \\mathbf x - c)^2 \\rangle}
       {\\langle (z - \\bar z)^2 \\rangle}, \\qquad z(t) = S(t - \\tau) \\text{ or } S(t + \\tau)

    x[k] is the state *before* S[k] acts, so that τ = 1 is the most recent input that can have changed the state.

    With the reference "variance" the readout has an intercept c, and m is a fraction of the variance of the input about
    z̄, the mean over the samples of the fit: a state without information has m = 0 for any z̄. With "power", the
    convention of Huang & Huang (2025), there is no intercept and the denominator is ⟨z²⟩: the mean z̄ of the input then
    contributes up to m = z̄²/⟨z²⟩ at every lag. The two agree for inputs of mean zero.

    The protocol "out-of-sample" discards the washout, fits by ridge regression, selects the ridge parameter of each lag
    on a second set of samples, and scores on a third; for predictions, the last samples of the first two sets are
    omitted, since their targets lie in the next set. "in-sample" is equation 20 of the paper (with reference "power"):
    all samples are used for both fit and score, by a stable solver; with N units and L samples, pure noise scores N/L.
    "inverse" is the same with the unregularised inverse of XᵀX, as in published scripts: for smooth trajectories XᵀX
    is singular in double precision, and m is dominated by round-off and far below zero. Check the condition number.

    Parameters
    ----------
    states : x, shape (samples, N), as returned by `driven_states`
    signal : S, shape (samples,)
    lags : τ, non-negative integers, in samples
    direction : "memory" or "prediction"
    protocol : "out-of-sample", "in-sample" or "inverse"
    reference : "variance" or "power"
    **readout : ``washout``, the number of initial samples to discard, by default 2000 for "out-of-sample" and 0
        otherwise; ``split``, the numbers of samples for fit, selection of the ridge parameter and score
        ("out-of-sample"), by default 3000, 1000 and 1000; ``ridge``, the λ of min |Xw − z|² + λ|w|², by default
        selected ("out-of-sample")

    Returns
    -------
    Dataset over ``lag``: ``memory`` and ``ridge`` (NaN without regularisation); ``condition``, the ratio of the largest
    to the smallest singular value of the states of the fit (centred for the reference "variance"), and ``rank``, the
    number of singular values above 1e-8 of the largest. The attribute ``reference`` names the convention

    Raises
    ------
    InputError : states and signal that are not finite or of different lengths, a constant signal, lags that are
        negative, fractional or too long, too few samples, an unknown direction, protocol or reference.

    See Also
    --------
    analysis.network_memory : Memory and prediction of a network's input, in one call.

    Examples
    --------
    >>> import numpy as np
    >>> signal = np.random.default_rng(0).uniform(-1, 1, 1000)
    >>> delay_line = np.stack([np.roll(signal, k) for k in (1, 2, 3)], axis=1)
    >>> curve = memory_curve(delay_line, signal, [1, 3, 4], washout=10, split=(500, 200, 200))
    >>> abs(curve.memory.values.round(2))
    array([1., 1., 0.])

    References
    ----------
    Jaeger (2001), Short term memory in echo state networks, GMD report 152; Huang & Huang (2025), Physical Review
    E 112:044227.
    """
    washout, split, ridge = readout.get("washout"), readout.get("split", SPLIT), readout.get("ridge")
    begin = (WASHOUT if protocol == "out-of-sample" else 0) if washout is None else integer(washout, "washout", 0)
    x, s, tau = _checked(states, signal, lags, ridge is None or protocol == "out-of-sample", ridge)
    rows, targets = _aligned(s, tau if direction == "prediction" else -tau, begin)
    if protocol == "out-of-sample":
        parts = _parts(len(targets), split, int(tau.max()) if direction == "prediction" else 0)
        result = _out_of_sample(x[rows], targets, parts, None if ridge is None else np.array([float(ridge)]), reference)
    else:
        result = _fit_and_score(x[rows], targets, protocol, reference)
    estimator = "out-of-sample" if protocol == "out-of-sample" else "in-sample"
    convention = {"protocol": protocol, "reference": reference}
    configuration = {"direction": direction, "washout": begin, "split": split, "ridge": ridge, **convention}
    attrs = {"long_name": f"{direction} function, {estimator}, share of the {reference}", "units": ""}
    curve = xr.Dataset(
        {
            "memory": ("lag", result.memory, attrs),
            "ridge": ("lag", result.ridge),
            "condition": ((), result.condition, {"long_name": "condition number of the states", "units": ""}),
            "rank": ((), result.rank, {"long_name": f"singular values above {RANK:g} of the largest", "units": ""}),
        },
        {"lag": tau},
    )
    return curve.assign_attrs(provenance("simulated", estimator, ("huang2025",), configuration, **convention))


@check_arguments
@public_call
def total_capacity(
    states: States,
    signal: States,
    lags: int | None = None,
    *,
    washout: int = 100,
    split: tuple[int, int, int] | None = None,
) -> xr.Dataset:
    """Total memory capacity: the sum of the memory function over all delays, for independent random input.

    .. math:: C = \\sum_{\\tau \\ge 1} m(\\tau) \\; \\le \\; N

    m is measured out of sample and with the reference "variance". Future inputs, about which a state contains no
    information, yield the distribution of scores by chance; a delay contributes only if m exceeds the largest of a
    hundred such scores. Contributions below this floor are omitted, so that C is biased downwards. The bound N holds
    for independent inputs only, since periodic or slow inputs can be reconstructed at any delay.

    Parameters
    ----------
    states : x, shape (values, N), one state per input value, before the value acts
    signal : independent input values of any mean, shape (values,)
    lags : largest delay; by default 2N, but at most a tenth of the number of values
    washout : number of initial values to discard
    split : numbers of values for fit, selection of the ridge parameter and score; by default 60, 20 and 20 %

    Returns
    -------
    Dataset with ``capacity``, ``floor``, the score by chance, ``memory`` over ``lag``, ``condition`` and ``rank``

    Raises
    ------
    InputError : as for `memory_curve`; dependent input values, such as sines, trends or held values sampled more than
        once; states that contain the input value of their own time step.

    See Also
    --------
    analysis.network_memory : Memory and prediction of a network's input, in one call.

    Examples
    --------
    >>> import numpy as np
    >>> signal = np.random.default_rng(0).uniform(-1, 1, 1000)
    >>> delay_line = np.stack([np.roll(signal, k) for k in (1, 2, 3)], axis=1)
    >>> round(float(total_capacity(delay_line, signal).capacity), 6)
    3.0

    References
    ----------
    Jaeger (2001), Short term memory in echo state networks, GMD report 152.
    """
    lags = None if lags is None else integer(lags, "lags", None)
    washout = integer(washout, "washout", 0)
    x, s, _ = _checked(states, signal, [0], True, None)
    longest = min(2 * x.shape[1], len(s) // 10) if lags is None else lags
    require(longest >= 1, f"{longest} lags", "an integer of at least one", "give more input values")
    _independent(s, longest)
    ahead = max(1, min(FLOOR_LAGS, len(s) // 10))
    shifts = np.concatenate([-np.arange(1, longest + 1), np.arange(ahead)])
    rows, targets = _aligned(s, shifts, washout)
    tenth = len(targets) // 10
    split = (6 * tenth, 2 * tenth, 2 * tenth) if split is None else split
    result = _out_of_sample(x[rows], targets, _parts(len(targets), split, 0), None, "variance")
    memory, chance = result.memory[:longest], result.memory[longest:]
    require(
        chance[0] <= max(SIMULTANEOUS * chance[1:].max(initial=0.0), 0.1),
        f"states that contain the input of their own time step (m = {chance[0]:.2g} at delay 0)",
        "each state must precede the effect of its value",
        "pass states[:-1] and signal[1:]",
    )
    floor = max(0.0, float(chance.max()))
    total = {"long_name": "total memory capacity, at most N", "units": ""}
    data = xr.Dataset(
        {
            "capacity": ((), memory[memory > floor].sum(), total),
            "floor": ((), floor, {"long_name": "largest score on future inputs", "units": ""}),
            "memory": ("lag", memory, {"long_name": "memory function, out-of-sample", "units": ""}),
            "condition": ((), result.condition),
            "rank": ((), result.rank),
        },
        {"lag": np.arange(1, longest + 1)},
    )
    configuration: dict[str, Any] = {"lags": longest, "washout": washout, "split": split}
    return data.assign_attrs(provenance("simulated", "out-of-sample", ("huang2025",), configuration))


def _checked(
    states: States, signal: States, lags: ArrayLike | Sequence[int], ridge_allowed: bool, ridge: float | None
) -> tuple[Float[np.ndarray, "samples N"], Float[np.ndarray, " samples"], np.ndarray]:
    """Return states, signal and lags as arrays; raise `InputError` for invalid ones."""
    x, s = real_array(states, "states"), real_array(signal, "signal")
    real_array(lags, "lags")  # raises for types that NumPy would convert silently; integers remain integers
    tau = np.atleast_1d(np.asarray(lags))
    allowed = "zero or a positive number, with the protocol 'out-of-sample'"
    if ridge is not None:
        real_number(ridge, "ridge", allowed, lambda r: 0 <= r < np.inf)
        require(ridge_allowed, f"ridge {ridge:g} with another protocol", allowed)
    require(
        x.ndim == 2 and s.shape == (len(x),) and x.size > 0,
        f"states of shape {x.shape} and a signal of shape {s.shape}",
        "states of shape (samples, N) and a signal of shape (samples,)",
    )
    require(
        tau.ndim == 1 and tau.size > 0 and tau.dtype.kind in "iu" and bool((tau >= 0).all()),
        f"lags {tau.tolist()}",
        "integers of at least 0",
    )
    return x, s, tau.astype(int)


def _independent(signal: np.ndarray, longest: int) -> None:
    """Raise `InputError` if an autocorrelation, which has variance 1/n for independent values, is out of bounds."""
    centred = signal - signal.mean()
    _score(signal, signal, signal.mean(0))  # raises for a constant
    power = np.abs(np.fft.rfft(centred, 2 * len(centred))) ** 2
    correlation = np.fft.irfft(power)[1 : longest + 1] / (centred**2).sum()
    lag = int(np.abs(correlation).argmax())
    require(
        abs(correlation[lag]) * np.sqrt(len(signal)) <= DEPENDENT,
        f"input values that depend on each other (correlation {correlation[lag]:.2f} at lag {lag + 1})",
        "the total capacity is defined for independent values, such as those of random_signal",
        "see memory_curve for other inputs",
    )


def _aligned(signal: np.ndarray, shifts: np.ndarray, washout: int) -> tuple[slice, np.ndarray]:
    """Return the samples for which all targets exist, and the targets S[k + shift], with one column per shift."""
    require(washout >= 0, f"washout {washout}", "0 or more samples")
    first, last = max(washout, -int(shifts.min())), len(signal) - max(0, int(shifts.max()))
    require(
        last - first >= 2,
        f"{len(signal)} samples, with a washout of {washout} and lags up to {np.abs(shifts).max()}",
        "lags must be shorter than the signal, and at least 2 samples must remain",
        "give a longer signal",
    )
    return slice(first, last), signal[np.arange(first, last)[:, None] + shifts]


def _parts(number: int, split: tuple[int, int, int], gap: int) -> tuple[slice, slice, slice]:
    """Return the rows for fit, selection of the ridge parameter and score, in temporal order.

    The last `gap` rows of the first two parts are omitted, since their targets belong to the next part.
    """
    require(len(split) == 3, f"split {split}", "three numbers of samples")
    samples = [integer(part, "split", 2) for part in split]
    allowed = "the first two parts must exceed the lag by at least 2"
    require(min(samples[:2]) >= gap + 2, f"split {split} and lags up to {gap}", allowed)
    a, b, c = np.cumsum(samples)
    require(
        c <= number,
        f"{number} samples remain after washout and lags",
        f"the split {split} needs {c}",
        "give a longer signal or a smaller split",
    )
    return slice(0, int(a) - gap), slice(int(a), int(b) - gap), slice(int(b), int(c))


def _centred(x: np.ndarray, fit: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return columns centred by their means over the rows of the fit, and the means; constant columns become zero."""
    mean = x[fit].mean(0)
    centred = x - mean
    centred[:, np.ptp(x[fit], axis=0) == 0] = 0.0
    return centred, mean


def _out_of_sample(
    x: np.ndarray, targets: np.ndarray, parts: tuple[slice, slice, slice], ridges: np.ndarray | None, reference: str
) -> _Readout:
    """Fit on the first part for all ridge parameters, select on the second, and score on the third.

    Ridge regression with an unpenalised intercept equals that of centred states on centred targets, with the means over
    the rows of the fit. The SVD X = U S Vᵀ yields the weights V S/(S² + λ) Uᵀ z of all ridge parameters λ.
    """
    fit, choose, test = parts
    offset = np.zeros(targets.shape[1])
    if reference == "variance":
        x, offset = _centred(x, fit)[0], targets[fit].mean(0)
    for part in parts:
        _score(targets[part], targets[part], offset)  # raises for a constant signal
    u, s, Vt = scipy.linalg.svd(x[fit], full_matrices=False, check_finite=False)
    projected = u.T @ (targets[fit] - offset)
    chosen_states, test_states = x[choose] @ Vt.T, x[test] @ Vt.T
    ridges = RIDGES * s[0] ** 2 if ridges is None else ridges
    # filter factors s/(s² + λ), with 0 instead of 0/0 for null directions without regularisation
    filters = [np.divide(s, s**2 + r, out=np.zeros_like(s), where=s**2 + r > 0)[:, None] for r in ridges]
    scores = np.stack([_score(targets[choose], offset + chosen_states @ (d * projected), offset) for d in filters])
    best = scores.argmax(0)
    weights = np.stack([filters[b][:, 0] * projected[:, i] for i, b in enumerate(best)], axis=1)
    return _Readout(_score(targets[test], offset + test_states @ weights, offset), *_conditioning(s), ridges[best])


def _fit_and_score(x: np.ndarray, targets: np.ndarray, protocol: str, reference: str) -> _Readout:
    """Fit and score on the same samples, by a stable solver or by the unregularised inverse."""
    offset = np.zeros(targets.shape[1])
    if reference == "variance":
        (x, _), (targets, offset) = (_centred(columns, slice(None)) for columns in (x, targets))
    _score(targets + offset, targets + offset, offset)  # raises for a constant signal
    u, s, _ = scipy.linalg.svd(x, full_matrices=False, check_finite=False)
    if protocol == "in-sample":
        basis = u[:, s > s[0] * max(x.shape) * np.finfo(float).eps]
        fitted = basis @ (basis.T @ targets)
    else:
        try:
            # the explicit inverse reproduces the published scripts, including their round-off
            fitted = x @ (np.linalg.inv(x.T @ x) @ (x.T @ targets))
        except np.linalg.LinAlgError:  # exactly singular, for instance with a unit that is always zero
            fitted = np.full_like(targets, np.nan)
    score = _score(targets + offset, fitted + offset, offset)
    return _Readout(score, *_conditioning(s), np.full(targets.shape[1], np.nan))


def _conditioning(singular: np.ndarray) -> tuple[float, int]:
    """Return the condition number and the effective rank, from singular values in descending order."""
    largest, smallest = float(singular[0]), float(singular[-1])
    return largest / smallest if smallest > 0 else np.inf, int((singular > RANK * largest).sum())
