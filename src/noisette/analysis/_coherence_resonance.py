"""Coherence resonance: regularity of noise-induced events as a function of the noise strength."""

from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy.typing import ArrayLike

from noisette.analysis._noise_scan import NoiseScan, noise_scan, whole_steps
from noisette.analysis._options import OutputOptions, Progress, seed_entry
from noisette.analysis._output import Crossings, Output
from noisette.analysis._signal_estimates import jackknife
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import NetworkLike, as_network
from noisette.provenance import network_entries, provenance

DISCARDED = 0.1  # default transient, as a fraction of the duration
SAMPLES = 2**14  # number of samples of a run from which the autocorrelation is estimated
FEWEST = 10  # number of intervals, over all runs, below which there is no estimate
LONGEST_LAG = 0.1  # as a fraction of the duration
LABELS = {
    "cv": ("coefficient of variation of the intervals", ""),
    "interval": ("mean interval between crossings", "{unit}"),
    "correlation_time": ("correlation time ∫ ρ² dt", "{unit}"),
    "intervals": ("number of intervals", ""),
}


class CoherenceOptions(OutputOptions, total=False):
    """Options of `coherence_resonance`.

    Attributes
    ----------
    reset : level below which the output returns between two crossings; by default the threshold
    """

    reset: float | None


@check_arguments
@public_call
def coherence_resonance(
    network: NetworkLike,
    noise: ArrayLike,
    duration: float,
    threshold: float = 0.0,
    *,
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[CoherenceOptions],
) -> xr.Dataset:
    """Regularity of the upward threshold crossings of the output of a network at each strength of the noise.

    .. math:: \\mathrm{CV} = \\frac{\\sqrt{\\langle T^2 \\rangle - \\langle T \\rangle^2}}{\\langle T \\rangle}, \\qquad
       \\tau_c = \\int_0^\\infty \\rho(t)^2\\, dt

    T is the interval between two upward crossings: CV is 0 for a periodic and 1 for a Poisson process. ρ is the
    autocorrelation of the output, and τ_c is large if it oscillates coherently. In coherence resonance CV has a
    minimum, and τ_c a maximum, at an intermediate strength of the noise.

    Intervals within all runs are pooled; an interval that is not complete at the end of a run does not count, so that a
    run must contain many intervals. τ_c is integrated over lags up to a tenth of the duration.

    Parameters
    ----------
    network : any network, whose noise is scaled; white noise is added if it has none
    noise : strengths above zero, shape (strengths,), by which the noise is multiplied
    duration : time measured in each run, in the network's unit of time (in discrete time, steps)
    threshold : level of the crossings
    key : an integer or a JAX key
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (done, total)
    **options : options of the simulation, below

    Other Parameters
    ----------------
    reset : level below which the output must return before the next crossing counts; by default the threshold. A lower
        level ignores the fluctuations of a noisy output about the threshold
    runs : number of runs at each strength, by default 20
    discard : time discarded before; by default a tenth of the duration
    dt, solver : time step and solver, as for `simulate`
    start : initial state; by default a random state for each run
    output : weights c of the units in the output y = c · x, shape (N,); by default 1/N
    of : output of the states, "current" (the default), or of the rates, "rate"
    warn : whether to issue warnings of the step and of trials that diverge

    Returns
    -------
    Dataset over ``noise``: ``cv``, ``interval``, the mean of T, and ``correlation_time`` τ_c, with jackknife standard
    errors over runs, ``…_se``; and ``intervals``, the number of intervals of all runs. With fewer than 10 intervals,
    ``cv`` and ``interval`` are NaN, and the attribute ``undefined`` names the strengths

    Raises
    ------
    InputError : strengths that are not above zero, a reset level above the threshold, invalid options.

    See Also
    --------
    analysis.stochastic_resonance : The response to a weak signal.

    Examples
    --------
    >>> import noisette as nz
    >>> phase = nz.networks.Map(lambda x: (x + 0.01) % 1.0, 1, noise=nz.White(1e-4))
    >>> clock = nz.analysis.coherence_resonance(phase, [1.0], 1000, 0.5, runs=2)
    >>> round(float(clock.interval[0])), bool(clock.cv[0] < 0.02)
    (100, True)

    References
    ----------
    Pikovsky & Kurths (1997), Physical Review Letters 78:775.
    """
    system = as_network(network)
    scan = noise_scan(system, noise, options, as_key(key))
    level = real_number(threshold, "threshold")
    reset = level if options.get("reset") is None else real_number(options.get("reset"), "reset")
    require(reset <= level, f"reset {reset:g} above the threshold {level:g}", "a level that is not above it")
    dt, solver = scan.time_step(options, None, float(duration))
    measured = whole_steps(duration, 0.0, dt, "duration", 2)
    discard = whole_steps(options.get("discard"), DISCARDED * measured * dt, dt, "discard", 0)
    weights, every = jnp.asarray(scan.weights), -(-measured // SAMPLES)
    probes = [
        Crossings(weights, jnp.asarray(level), jnp.asarray(reset), scan.rates, discard),
        Output(weights, scan.rates, every, discard),
    ]
    time: dict[str, Any] = {} if solver is None else {"dt": dt, "solver": solver}
    batches = scan.records(probes, discard + measured, measured // every, progress, **time)
    variables, undefined = _estimates(scan, batches, dt, every * dt)
    unit = system.time_unit
    data = {name: ("noise", np.asarray(values), _labels(name, unit)) for name, values in variables.items()}
    noise_units = {"long_name": "noise strength σ", "units": "std per step" if unit == "step" else ""}
    result = xr.Dataset(data, {"noise": ("noise", scan.strengths, noise_units)})
    configuration = {**network_entries(system), "noise": scan.base, "key": key, **options}
    attrs = provenance("simulated", "single-run", ("pikovsky1997",), configuration, **seed_entry(key))
    return result.assign_attrs(attrs | ({"undefined": undefined} if undefined else {}))


def _estimates(
    scan: NoiseScan, batches: list[xr.Dataset], dt: float, interval: float
) -> tuple[dict[str, list[float]], str]:
    """Return the estimates at each strength, and a description of those that are not defined."""
    variables: dict[str, list[float]] = {}
    few: list[str] = []
    rows = [(batch.intervals.values[i], batch.output.values[i]) for batch in batches for i in range(len(batch.network))]
    for strength, (sums, output) in zip(scan.strengths, rows, strict=True):
        count = int(sums[:, 0].sum())
        enough = count >= FEWEST and bool((sums[:, 0] < count).all())  # the jackknife leaves out each run
        if not enough:
            few.append(f"{strength:g}")
        nothing = (np.nan, np.nan)
        estimates = {
            "cv": jackknife(sums, lambda mean, _: _variation(mean)) if enough else nothing,
            "interval": jackknife(sums, lambda mean, _: float(dt * mean[1] / mean[0])) if enough else nothing,
            "correlation_time": _correlation_time(output, interval),
        }
        for name, (value, error) in estimates.items():
            variables.setdefault(name, []).append(value)
            variables.setdefault(f"{name}_se", []).append(error)
        variables.setdefault("intervals", []).append(count)
    return variables, f"fewer than {FEWEST} intervals at noise {', '.join(few)}" if few else ""


def _variation(mean: np.ndarray) -> float:
    """Return the coefficient of variation from the means of the sums of the powers 0, 1 and 2 of the intervals."""
    first, second = mean[1] / mean[0], mean[2] / mean[0]
    return float(np.sqrt(max(second - first**2, 0.0)) / first)


def _correlation_time(output: Float[np.ndarray, "runs samples"], interval: float) -> tuple[float, float]:
    """Return ∫ ρ(t)² dt and its standard error."""
    centred = output - output.mean()
    samples = output.shape[1]
    power = np.abs(np.fft.rfft(centred, 2 * samples, axis=1)) ** 2
    lags = max(int(LONGEST_LAG * samples), 1)
    autocovariance = np.fft.irfft(power, axis=1)[:, : lags + 1] / (samples - np.arange(lags + 1))

    def integral(mean: np.ndarray, _: int) -> float:
        square = (mean / mean[0]) ** 2
        return float(interval * (square.sum() - (square[0] + square[-1]) / 2))

    return jackknife(autocovariance, integral) if (centred != 0).any() else (np.nan, np.nan)


def _labels(name: str, unit: str) -> dict[str, str]:
    """Return the attributes of a variable."""
    long_name, units = LABELS[name.removesuffix("_se")]
    error = "standard error of the " if name.endswith("_se") else ""
    return {"long_name": error + long_name, "units": units.format(unit=unit)}


__all__ = ["CoherenceOptions", "coherence_resonance"]
