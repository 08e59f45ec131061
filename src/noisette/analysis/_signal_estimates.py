"""Estimates of the response to a signal from sampled outputs of several runs, with jackknife standard errors.

**Periodic signal** A cos Ωt, records of a whole number n of periods. The coefficient of the line in run r is
c_r = (1/L) Σ_t y_r(t) e^(−iΩt), with the mean M_1, half the complex amplitude of the mean output. |c̄|² exceeds |M_1|²
by the variance of c̄; the estimate (R |c̄|² − ⟨|c_r|²⟩)/(R − 1) of |M_1|² is unbiased, and may be negative by chance.
The background S(Ω) is the mean over runs and over the frequencies within an eighth of Ω, except the three at the line,
of periodograms with Hann's window, for which the line is confined to these three.

**Aperiodic signal**: correlations and coherence of signal and output. In a segment of the record, the coefficients of
signal and output at frequency f are jointly normal with the coherence C(f) if both processes are. Of B independent
segments the sample coherence Ĉ is one minus the ratio of a residual to a total sum of squares, with B − 1 and B complex
degrees of freedom, so that exactly E[ln(1 − Ĉ)] = ln(1 − C) + ψ(B − 1) − ψ(B) = ln(1 − C) − 1/(B − 1), where ψ is the
digamma function. −ln(1 − Ĉ) − 1/(B − 1) is therefore unbiased, also for C = 0.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Complex, Float
from numpy.lib.stride_tricks import sliding_window_view

SEGMENTS = 20  # number of segments of a record with an aperiodic signal
NEIGHBOURS = 8  # the background is averaged within Ω/8 of the line
LAGS = 4  # lags up to a fourth of a segment


class Line(NamedTuple):
    """Response to a periodic signal; each entry is a pair of an estimate and its standard error."""

    amplification: tuple[float, float]
    snr: tuple[float, float]
    snr_db: tuple[float, float]
    phase_lag: tuple[float, float]


class Coherence(NamedTuple):
    """Response to an aperiodic signal: the lag of the largest correlation; estimates with their standard errors."""

    cross_correlation: tuple[float, float]
    correlation: tuple[float, float]
    information_rate: tuple[float, float]
    lag: float


def jackknife(groups: np.ndarray, statistic: Callable[[np.ndarray, int], float]) -> tuple[float, float]:
    """Return a function of means over groups, and its standard error by leaving out each group in turn.

    Parameters
    ----------
    groups : numbers of each group, shape (groups, …)
    statistic : function of the means, shape (…), and of the number of groups

    Examples
    --------
    >>> value, error = jackknife(np.array([1.0, 2.0, 3.0]), lambda mean, number: float(mean))  # 1/√3
    >>> value, round(error, 6)
    (2.0, 0.57735)
    """
    number = len(groups)
    total = groups.sum(0)
    value = statistic(total / number, number)
    without = np.array([statistic((total - group) / (number - 1), number - 1) for group in groups])
    return value, float(np.sqrt((number - 1) / number * ((without - without.mean()) ** 2).sum()))


def line_response(
    output: Float[np.ndarray, "runs samples"], periods: int, amplitude: float, interval: float, every: int
) -> Line:
    """Return the response to a periodic signal, see the docstring of this module.

    Parameters
    ----------
    output : means of the output over blocks of `every` steps; the first block begins at a maximum of the signal
    periods : number of periods in the record
    amplitude : A
    interval : length of a block
    every : number of steps in a block
    """
    samples, width = output.shape[1], max(periods // NEIGHBOURS, 4)
    bins = np.arange(periods - width, periods + width + 1)
    filtered = _block_filter(2 * np.pi * bins / samples, every)
    line = np.fft.rfft(output, axis=1)[:, periods] / samples / filtered[bins == periods]
    window = 1 - np.cos(2 * np.pi * np.arange(samples) / samples)
    power = interval * np.abs(np.fft.rfft(window * output, axis=1)[:, bins] / filtered) ** 2 / (window**2).sum()
    background = power[:, abs(bins - periods) > 1].mean(1)
    groups = np.stack([line.real, line.imag, np.abs(line) ** 2, background], axis=1)

    def square(mean: np.ndarray, number: int) -> float:
        return float((number * (mean[0] ** 2 + mean[1] ** 2) - mean[2]) / (number - 1))

    def ratio(mean: np.ndarray, number: int) -> float:
        return 4 * np.pi * square(mean, number) / float(mean[3]) if mean[3] > 0 else math.nan

    snr = jackknife(groups, ratio)
    positive = snr[0] > 0
    mean_line = complex(line.mean())
    return Line(
        amplification=jackknife(groups, lambda mean, number: 4 * square(mean, number) / amplitude**2),
        snr=snr,
        snr_db=(10 * math.log10(snr[0]), 10 / math.log(10) * snr[1] / snr[0]) if positive else (math.nan, math.nan),
        phase_lag=jackknife(groups, lambda mean, _: _phase_lag(complex(mean[0], mean[1]), mean_line)),
    )


def _phase_lag(line: complex, reference: complex) -> float:
    """Return −arg of a coefficient, on the branch of that of a reference."""
    return float(-np.angle(reference) - np.angle(line / reference)) if reference != 0 else math.nan


def _block_filter(phase: Float[np.ndarray, " bins"], every: int) -> Complex[np.ndarray, " bins"]:
    """Return the factor by which the mean over a block changes e^(iωt), from the phase ω · interval of a block."""
    return np.exp(1j * phase[:, None] * np.arange(every) / every).mean(1)


def coherence_response(
    signal: Float[np.ndarray, " samples"], output: Float[np.ndarray, "runs samples"], interval: float
) -> Coherence:
    """Return the response to an aperiodic signal, see the docstring of this module.

    The standard error is the larger of two jackknife errors, from leaving out each run and each segment of time: runs
    share the signal, and segments of a run may depend on each other.

    Parameters
    ----------
    signal : means of the signal over the same blocks of steps as those of the output
    output : means of the output
    interval : length of a block
    """
    products, powers = _products(signal - signal.mean(), output - output.mean())
    joint = np.concatenate([products, powers], axis=2)

    def largest(mean: np.ndarray, _: int) -> int:
        return int(np.abs(mean[:-2]).argmax())

    statistics: tuple[Callable[[np.ndarray, int], float], ...] = (
        lambda mean, n: float(mean[largest(mean, n)]),
        lambda mean, n: float(mean[largest(mean, n)] / np.sqrt(mean[-2] * mean[-1])) if mean[-1] > 0 else 0.0,
    )
    correlations = []
    for statistic in statistics:
        by_run, by_segment = (jackknife(joint.mean(axis), statistic) for axis in (1, 0))
        correlations.append((by_run[0], max(by_run[1], by_segment[1])))
    lag = interval * largest(joint.mean((0, 1)), 1)
    rate = information_rate(signal, output, interval)
    return Coherence(correlations[0], correlations[1], rate, lag)


def _products(
    signal: Float[np.ndarray, " samples"], output: Float[np.ndarray, "runs samples"]
) -> tuple[Float[np.ndarray, "runs segments lags"], Float[np.ndarray, "runs segments two"]]:
    """Return means over segments of u(t) y(t + τ) for each lag τ, and of u² and y²."""
    runs, samples = output.shape
    longest = max(samples // SEGMENTS // LAGS, 1)
    length = (samples - longest) // SEGMENTS
    u = signal[: SEGMENTS * length].reshape(SEGMENTS, length)
    later = sliding_window_view(output, longest + 1, axis=1)[:, : SEGMENTS * length]
    later = later.reshape(runs, SEGMENTS, length, longest + 1)
    products = np.einsum("bt,rbtk->rbk", u, later) / length
    squares = [np.broadcast_to((u**2).mean(1), (runs, SEGMENTS)), (later[..., 0] ** 2).mean(2)]
    return products, np.stack(squares, axis=2)


def information_rate(
    signal: Float[np.ndarray, " samples"], output: Float[np.ndarray, "runs samples"], interval: float
) -> tuple[float, float]:
    """Return the rate of Gaussian information, −∫ log2(1 − C(f)) df, in bits per unit of time, and its standard error.

    Parameters
    ----------
    signal, output, interval : as for `coherence_response`
    """
    runs, samples = output.shape
    length = samples // SEGMENTS
    window = 1 - np.cos(2 * np.pi * (np.arange(length) + 0.5) / length)
    last = (length + 1) // 2  # zero frequency and Nyquist frequency have real coefficients

    def transform(values: np.ndarray) -> np.ndarray:
        parts = values[..., : SEGMENTS * length].reshape(*values.shape[:-1], SEGMENTS, length)
        return np.fft.rfft(window * (parts - parts.mean(-1, keepdims=True)), axis=-1)[..., 1:last]

    u, y = transform(signal), transform(output)
    cross, input_power, output_power = u.conj() * y, np.abs(u) ** 2, np.abs(y) ** 2

    def rate(cross_sum: np.ndarray, input_sum: np.ndarray, output_sum: np.ndarray, segments: int) -> np.ndarray:
        constant = output_sum == 0  # a constant output carries no information
        coherence = np.abs(cross_sum) ** 2 / (input_sum * np.where(constant, 1.0, output_sum))
        unbiased = -np.log(np.maximum(1 - coherence, 1e-300)) - 1 / (segments - 1)
        return np.where(constant, 0.0, unbiased).sum(-1) / (length * interval * math.log(2))

    sums = (cross.sum(1), input_power.sum(0), output_power.sum(1))
    per_run = rate(*sums, SEGMENTS)
    without = np.array(
        [
            rate(sums[0] - cross[:, b], sums[1] - input_power[b], sums[2] - output_power[:, b], SEGMENTS - 1).mean()
            for b in range(SEGMENTS)
        ]
    )
    by_run = float(per_run.std(ddof=1)) / math.sqrt(runs)
    by_segment = math.sqrt((SEGMENTS - 1) / SEGMENTS * ((without - without.mean()) ** 2).sum())
    return float(per_run.mean()), max(by_run, by_segment)


__all__ = ["SEGMENTS", "Coherence", "Line", "coherence_response", "information_rate", "jackknife", "line_response"]
