"""How well a linear readout of a network's state knows the past of its input, or the future."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import integer, require
from noisette.provenance import provenance

DIRECTIONS = ("memory", "prediction")
PROTOCOLS = ("honest", "in-sample", "inverse")
SPLIT = (3000, 1000, 1000)
WASHOUT = 2000
RIDGES = np.logspace(-26, 2, 29)  # in units of the largest squared singular value; states of smooth flows span 1e-34
RANK = 1e-8  # a direction counts if its singular value is above this share of the largest
FLOOR_LAGS = 100  # inputs to come that measure what a readout "knows" about nothing
States = ArrayLike | Array | xr.DataArray


class _Reading(NamedTuple):
    memory: np.ndarray
    condition: float
    rank: int
    ridge: np.ndarray


def readout_score(target: ArrayLike | Array, fitted: ArrayLike | Array) -> np.ndarray:
    """Share of the power of a signal that a readout accounts for, 1 for a perfect one and below 0 for a harmful one.

    .. math:: m = 1 - \\frac{\\langle (z - \\hat z)^2 \\rangle}{\\langle z^2 \\rangle}

    A trap: a readout fitted to S(t) but scored on S(t + τ) gets, for a sine of frequency ω and however good the
    fit, m = 2 cos(ωτ) − 1, which says nothing about the network.

    Parameters
    ----------
    target : z, shape (samples,) or (samples, lags)
    fitted : ẑ, same shape

    Returns
    -------
    m, shape () or (lags,)

    Examples
    --------
    >>> float(readout_score([1.0, -1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -0.0]))
    0.75
    """
    z, fit = np.asarray(target, float), np.asarray(fitted, float)
    return np.asarray(1 - ((z - fit) ** 2).mean(0) / (z**2).mean(0))


def memory_curve(
    states: States,
    signal: States,
    lags: ArrayLike | Sequence[int],
    *,
    direction: str = "memory",
    protocol: str = "honest",
    washout: int | None = None,
    split: tuple[int, int, int] = SPLIT,
    ridge: float | None = None,
) -> xr.Dataset:
    """Memory or prediction function of a reservoir: what a linear readout of x(t) knows about S(t ∓ τ).

    .. math:: m(\\tau) = 1 - \\min_{\\mathbf w} \\frac{\\langle (z - \\mathbf w \\cdot \\mathbf x)^2 \\rangle}
       {\\langle z^2 \\rangle}, \\qquad z(t) = S(t - \\tau) \\text{ or } S(t + \\tau)

    x[k] is the state *before* S[k] acts, so that τ = 1 is the youngest input that the network has heard. The
    readout has no intercept.

    "honest" drops the washout, fits by ridge regression, chooses the ridge of each lag on samples of their own,
    and scores on others that it has never seen. "in-sample" is the paper's equation 20: all samples fit and score,
    solved stably; N states then fit anything, pure noise gives N/L. "inverse" is the same by the unregularised
    inverse of XᵀX, as in published scripts: smooth trajectories make XᵀX singular in double precision and m an
    artefact of round-off, far below zero. Watch the condition number.

    Parameters
    ----------
    states : x, shape (samples, N), such as `driven_states` returns
    signal : S, shape (samples,)
    lags : τ, whole numbers of samples, 0 or more
    direction : "memory" or "prediction"
    protocol : "honest", "in-sample" or "inverse"
    washout : samples dropped at the beginning; None is 2000 for "honest" and 0 for the others
    split : samples to fit on, to choose the ridge on, and to score on ("honest")
    ridge : λ of min |Xw − z|² + λ|w|²; None chooses it ("honest")

    Returns
    -------
    Dataset over ``lag``: ``memory``, ``ridge`` (NaN without one); ``condition``, the ratio of the largest to the
    smallest singular value of the states fitted on, and ``rank``, how many of these are above 1e-8 of the largest

    Raises
    ------
    InputError : states or signal that are not finite or do not fit each other, lags that are negative, fractional
        or too long, too few samples, unknown direction or protocol.

    Examples
    --------
    >>> import numpy as np
    >>> signal = np.random.default_rng(0).uniform(-1, 1, 1000)
    >>> delay_line = np.stack([np.roll(signal, k) for k in (1, 2, 3)], axis=1)
    >>> found = memory_curve(delay_line, signal, [1, 3, 4], washout=10, split=(500, 200, 200))
    >>> abs(found.memory.values.round(2))
    array([1., 1., 0.])

    References
    ----------
    Jaeger (2001), Short term memory in echo state networks, GMD report 152; Huang & Huang (2025), Physical Review
    E 112:044227.
    """
    washout = None if washout is None else integer(washout, "washout", 0)
    x, s, tau = _checked(states, signal, lags, direction, protocol, ridge)
    begin = (WASHOUT if protocol == "honest" else 0) if washout is None else washout
    rows, targets = _aligned(s, tau if direction == "prediction" else -tau, begin)
    if protocol == "honest":
        parts = _parts(len(targets), split)
        reading = _honest(x[rows], targets, parts, None if ridge is None else np.array([float(ridge)]))
    else:
        reading = _fit_and_score(x[rows], targets, protocol)
    estimator = "out-of-sample" if protocol == "honest" else "in-sample"
    configuration = {"direction": direction, "protocol": protocol, "washout": begin, "split": split, "ridge": ridge}
    about = {"long_name": f"{direction} function, {estimator}", "units": "1"}
    found = xr.Dataset(
        {
            "memory": ("lag", reading.memory, about),
            "ridge": ("lag", reading.ridge),
            "condition": ((), reading.condition, {"long_name": "condition number of the states", "units": "1"}),
            "rank": ((), reading.rank, {"long_name": f"singular values above {RANK:g} of the largest", "units": "1"}),
        },
        {"lag": tau},
    )
    return found.assign_attrs(provenance("simulated", estimator, ("huang2025",), configuration, protocol=protocol))


def total_capacity(
    states: States,
    signal: States,
    lags: int | None = None,
    *,
    washout: int = 100,
    split: tuple[int, int, int] | None = None,
) -> xr.Dataset:
    """Total memory capacity: the memory function for independent random input, summed over all delays.

    .. math:: C = \\sum_{\\tau \\ge 1} m(\\tau) \\; \\le \\; N

    m is out of sample. Of inputs still to come a state knows nothing, so what a readout scores on a hundred of
    them is noise with the same distribution; delays count only where m is above the largest of these scores in
    size. The tail of m below that floor is lost: C is rather too small than too large.

    Parameters
    ----------
    states : x, shape (values, N), one for each input value, before it acts
    signal : independent input values of mean zero, shape (values,)
    lags : largest delay; None is 2N, at most a tenth of the values
    washout : values dropped at the beginning
    split : values to fit on, to choose the ridge on, and to score on; None is 60, 20 and 20 % of all

    Returns
    -------
    Dataset with ``capacity``, ``floor``, ``memory`` over ``lag``, ``condition`` and ``rank``

    Raises
    ------
    InputError : as for `memory_curve`.

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
    x, s, _ = _checked(states, signal, [0], "memory", "honest", None)
    longest = min(2 * x.shape[1], len(s) // 10) if lags is None else lags
    require(longest >= 1, f"{longest} lags", "at least one", "give more input values")
    ahead = min(FLOOR_LAGS, len(s) // 10)
    shifts = np.concatenate([-np.arange(1, longest + 1), np.arange(ahead)])
    rows, targets = _aligned(s, shifts, washout)
    if split is None:
        tenth = len(targets) // 10
        split = (6 * tenth, 2 * tenth, 2 * tenth)
    reading = _honest(x[rows], targets, _parts(len(targets), split), None)
    memory, floor = reading.memory[:longest], float(np.abs(reading.memory[longest:]).max(initial=0.0))
    attrs = {"long_name": "total memory capacity, at most N", "units": "1"}
    found = xr.Dataset(
        {
            "capacity": ((), memory[memory > floor].sum(), attrs),
            "floor": ((), floor, {"long_name": "largest score on inputs to come", "units": "1"}),
            "memory": ("lag", memory, {"long_name": "memory function, out-of-sample", "units": "1"}),
            "condition": ((), reading.condition),
            "rank": ((), reading.rank),
        },
        {"lag": np.arange(1, longest + 1)},
    )
    configuration: dict[str, Any] = {"lags": longest, "washout": washout, "split": split}
    return found.assign_attrs(provenance("simulated", "out-of-sample", ("huang2025",), configuration))


def _checked(
    states: States, signal: States, lags: ArrayLike | Sequence[int], direction: str, protocol: str, ridge: float | None
) -> tuple[Float[np.ndarray, "samples N"], Float[np.ndarray, " samples"], np.ndarray]:
    x, s, tau = np.asarray(states, float), np.asarray(signal, float), np.atleast_1d(np.asarray(lags))
    require(direction in DIRECTIONS, f"direction {direction!r}", f"one of {', '.join(DIRECTIONS)}")
    require(protocol in PROTOCOLS, f"protocol {protocol!r}", f"one of {', '.join(PROTOCOLS)}")
    require(
        ridge is None or (protocol == "honest" and 0 <= ridge < np.inf),
        f"ridge {ridge} in protocol {protocol!r}",
        "a number of zero or more, in protocol 'honest'",
    )
    require(
        x.ndim == 2 and s.shape == (len(x),) and x.size > 0,
        f"states of shape {x.shape} and a signal of shape {s.shape}",
        "states of shape (samples, N) and a signal of shape (samples,)",
    )
    for name, array in (("states", x), ("signal", s)):
        require(bool(np.isfinite(array).all()), f"{name} that are NaN or infinite", "finite numbers")
    require(
        tau.ndim == 1 and tau.size > 0 and tau.dtype.kind in "iu" and bool((tau >= 0).all()),
        f"lags {tau.tolist()}",
        "integers of at least 0",
    )
    return x, s, tau.astype(int)


def _aligned(signal: np.ndarray, shifts: np.ndarray, washout: int) -> tuple[slice, np.ndarray]:
    """Return the samples for which all targets exist, and the targets S[k + shift], one column a shift."""
    require(washout >= 0, f"washout {washout}", "0 or more samples")
    first, last = max(washout, -int(shifts.min())), len(signal) - max(0, int(shifts.max()))
    require(
        last - first >= 2,
        f"{len(signal)} samples, with a washout of {washout} and lags up to {np.abs(shifts).max()}",
        "the lag must be shorter than the signal, and samples must be left to fit on",
        "give a longer signal",
    )
    return slice(first, last), signal[np.arange(first, last)[:, None] + shifts]


def _parts(number: int, split: tuple[int, int, int]) -> tuple[slice, slice, slice]:
    """Return the rows to fit on, to choose on and to score on, one after the other in time."""
    require(len(split) == 3, f"split {split}", "three numbers of samples")
    a, b, c = np.cumsum([integer(samples, "split", 2) for samples in split])
    require(
        c <= number,
        f"{number} samples are left after washout and lags",
        f"the split {split} needs {c}",
        "give a longer signal or a smaller split",
    )
    return slice(0, int(a)), slice(int(a), int(b)), slice(int(b), int(c))


def _power(targets: np.ndarray) -> None:
    require(bool((targets**2).mean(0).all()), "a signal that is zero throughout", "there is nothing to remember")


def _honest(
    x: np.ndarray, targets: np.ndarray, parts: tuple[slice, slice, slice], ridges: np.ndarray | None
) -> _Reading:
    """Fit on the first part for all ridges at once, choose on the second, score on the third."""
    fit, choose, test = parts
    for part in parts:
        _power(targets[part])
    u, s, rows = scipy.linalg.svd(x[fit], full_matrices=False, check_finite=False)
    along = u.T @ targets[fit]
    chosen_states, test_states = x[choose] @ rows.T, x[test] @ rows.T
    ridges = RIDGES * s[0] ** 2 if ridges is None else ridges
    # s/(s² + λ), which is 0 and not 0/0 where a direction is empty and the ridge is zero
    shrink = [np.divide(s, s**2 + r, out=np.zeros_like(s), where=s**2 + r > 0)[:, None] for r in ridges]
    scores = np.stack([readout_score(targets[choose], chosen_states @ (d * along)) for d in shrink])
    best = scores.argmax(0)
    weights = np.stack([shrink[b][:, 0] * along[:, i] for i, b in enumerate(best)], axis=1)
    return _Reading(readout_score(targets[test], test_states @ weights), *_conditioning(s), ridges[best])


def _fit_and_score(x: np.ndarray, targets: np.ndarray, protocol: str) -> _Reading:
    """Fit and score on the same samples, stably or by the unregularised inverse."""
    _power(targets)
    u, s, _ = scipy.linalg.svd(x, full_matrices=False, check_finite=False)
    if protocol == "in-sample":
        seen = u[:, s > s[0] * max(x.shape) * np.finfo(float).eps]
        fitted = seen @ (seen.T @ targets)
    else:
        try:
            # no solver and no symmetry: this is what the scripts compute, round-off included
            fitted = x @ (np.linalg.inv(x.T @ x) @ (x.T @ targets))
        except np.linalg.LinAlgError:  # singular beyond round-off, as with a unit that is exactly silent
            fitted = np.full_like(targets, np.nan)
    return _Reading(readout_score(targets, fitted), *_conditioning(s), np.full(targets.shape[1], np.nan))


def _conditioning(singular: np.ndarray) -> tuple[float, int]:
    largest, smallest = float(singular[0]), float(singular[-1])
    return largest / smallest if smallest > 0 else np.inf, int((singular > RANK * largest).sum())
