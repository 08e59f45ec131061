"""Stochastic resonance: the response of a network to a weak signal as a function of the noise strength."""

from typing import Any, Literal, NamedTuple, Unpack

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy.typing import ArrayLike

from noisette.analysis._noise_scan import SIGNALS, NoiseScan, noise_scan, require_input, whole_steps
from noisette.analysis._options import Progress, SignalOptions, seed_entry
from noisette.analysis._output import Output
from noisette.analysis._signal_estimates import SEGMENTS, coherence_response, line_response
from noisette.analysis._signals import SAMPLES_PER_TIME, Sampling, Sinusoid, correlation_steps, realisation
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, Network, NetworkLike, as_network
from noisette.noise import Noise
from noisette.provenance import network_entries, provenance
from noisette.theory import markov

SignalEstimator = Literal["auto", "exact", "simulated"]
PERIODS, DISCARDED_PERIODS = 100, 10  # default length of a run with a periodic signal
SAMPLES_PER_PERIOD = 32
DISCARDED = 0.1  # default transient with an aperiodic signal, as a fraction of the time that is measured
FEWEST_PERIODS, FEWEST_SAMPLES = 16, 8 * SEGMENTS
LABELS = {
    "amplification": ("spectral amplification η", ""),
    "snr": ("signal-to-noise ratio π a²/S(Ω)", "1/{unit}"),
    "snr_db": ("signal-to-noise ratio", "dB"),
    "phase_lag": ("phase lag of the output", "rad"),
    "information": ("information of phase and state", "bit"),
    "cross_correlation": ("cross-correlation C₀", ""),
    "correlation": ("normalised cross-correlation C₁", ""),
    "information_rate": ("Gaussian information rate", "bit/{unit}"),
    "lag": ("lag of the largest cross-correlation", "{unit}"),
}


class _Drive(NamedTuple):
    """Signal of a scan: its values in each step, the weights of the input channels, and the sampling."""

    values: Float[np.ndarray, " steps"]
    channels: Float[np.ndarray, " channels"]
    sampling: Sampling
    solver: Any


@check_arguments
@public_call
def stochastic_resonance(
    network: NetworkLike,
    signal: Sinusoid | Noise | ArrayLike,
    noise: ArrayLike,
    *,
    estimator: SignalEstimator = "auto",
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[SignalOptions],
) -> xr.Dataset:
    """Response of a network to a weak signal at each strength of the noise.

    For a periodic signal A cos Ωt, with an output whose mean has the component a cos(Ωt − φ),

    .. math:: \\eta = (a/A)^2, \\qquad \\mathrm{SNR} = \\frac{\\pi a^2}{S(\\Omega)}, \\qquad
       \\mathrm{SNR_{dB}} = 10 \\log_{10} \\mathrm{SNR},

    are the spectral amplification and the signal-to-noise ratio, the power of both spectral lines over the background,
    where S(ω) = ∫ C(τ) e^(−iωτ) dτ is the two-sided spectrum of the fluctuations about the periodic mean. The SNR has
    the dimension of a rate, here 1 per unit of time. For an aperiodic signal u and the output y,

    .. math:: C_0 = \\langle \\delta u(t)\\, \\delta y(t + \\tau) \\rangle, \\qquad C_1 = \\frac{C_0}{\\sigma_u
       \\sigma_y}, \\qquad R = -\\int_0^{f_N} \\log_2 (1 - C(f))\\, df

    are the cross-correlations at the lag τ ≥ 0 at which they are largest in absolute value, and an information rate,
    with the coherence C(f) and the Nyquist frequency of the samples. For a Gaussian signal, R is a lower bound on the
    rate of mutual information of signal and output. All errors are jackknife standard errors over runs, for aperiodic
    signals the larger of those over runs and over 20 segments of time.

    The signal is an input of the network: it is added to the biases of a binary network and to the velocity of a
    `Flow`, and enters a rate network through its input weights.

    Parameters
    ----------
    network : any network with inputs, whose noise is scaled; white noise is added if it has none
    signal : `Sinusoid`; a noise, of which a realisation is the aperiodic signal of all runs; or values u of an
        aperiodic signal, one per step including those to discard, shape (steps,)
    noise : strengths above zero, shape (strengths,), by which the noise is multiplied; for white noise of unit strength
        σ, or in discrete time the standard deviation per step
    estimator : "exact", the periodic solution of the Markov chain of a binary network of up to 8 units with a periodic
        signal (see `theory.markov.periodic_response`), "simulated", or "auto", exact where it is available
    key : an integer or a JAX key
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (done, total)
    **options : options of the simulation, below

    Other Parameters
    ----------------
    runs : number of runs at each strength, at least 3 with a periodic signal, by default 20
    duration : time measured in each run; by default 100 periods; required if the signal is a noise
    discard : time discarded before; by default 10 periods, or a tenth of the duration. With a periodic signal both are
        rounded up to whole periods
    dt : time step; by default chosen as by `simulate`, such that a period is a whole number of steps; required in
        continuous time if the signal is an array
    solver : "auto", "euler" or "heun"
    start : initial state; by default a random state for each run
    output : weights c of the units in the output y = c · x, shape (N,); by default 1/N
    of : output of the states, "current" (the default), or of the rates, "rate"
    warn : whether to issue warnings of the step and of trials that diverge
    input_weights : factors of the signal in the input channels of the network, shape (channels,); for binary networks
        and flows, channels are units. By default a single channel with the factor 1

    Returns
    -------
    Dataset over ``noise``: ``amplification``, ``snr``, ``snr_db`` and ``phase_lag`` φ for a periodic signal, and for
    exact results the mutual ``information`` of the phase of the signal and the state in bits; ``cross_correlation``,
    ``correlation``, ``information_rate`` and ``lag`` for an aperiodic one. Simulated results have standard errors,
    ``…_se``. ``snr`` and ``amplification`` are unbiased for the power of the line and may be negative by chance;
    ``snr_db`` is then NaN

    Raises
    ------
    InputError : strengths that are not above zero, a network that ignores inputs, a period that is not a whole number
        of steps, too few periods or samples, or an exact estimate that is not available.

    See Also
    --------
    resonance : Information of successive states of a binary network, without a signal.
    analysis.coherence_resonance : Regularity of the output without a signal.
    theory.markov.periodic_response : The exact response at one strength, for any periodic signal.

    Examples
    --------
    >>> import noisette as nz
    >>> unit = nz.Boltzmann([[6.0]])
    >>> curve = nz.analysis.stochastic_resonance(unit, nz.analysis.Sinusoid(0.5, period=100), [1, 2, 4, 8])
    >>> curve.snr_db.values.round(1)
    array([-25.1, -20.8, -18.9, -22.1])

    References
    ----------
    Gammaitoni, Hänggi, Jung & Marchesoni (1998), Reviews of Modern Physics 70:223; Jung & Hänggi (1991), Physical
    Review A 44:8032; Collins, Chow & Imhoff (1995), Physical Review E 52:R3321; Borst & Theunissen (1999), Nature
    Neuroscience 2:947.
    """
    driven = as_network(network)
    scan = noise_scan(driven, noise, options, as_key(key))
    channels = np.atleast_1d(real_array(_or(options.get("input_weights"), 1.0), "input weights"))
    require_input(driven, channels)
    exact = _is_exact(driven, signal, scan, estimator)
    if exact:
        assert isinstance(signal, Sinusoid)
        variables = _exact(scan, signal, channels)
    else:
        variables = _simulated(scan, _drive(scan, signal, channels, options), signal, progress)
    unit = driven.time_unit
    data = {name: ("noise", np.asarray(values), _labels(name, unit)) for name, values in variables.items()}
    noise_units = {"long_name": "noise strength σ", "units": "std per step" if unit == "step" else ""}
    result = xr.Dataset(data, {"noise": ("noise", scan.strengths, noise_units)})
    configuration = {**network_entries(driven), "signal": signal, "noise": scan.base, "key": key, **options}
    references = ("gammaitoni1998", "jung1991") if isinstance(signal, Sinusoid) else ("collins1995", "borst1999")
    method, kind = ("exact", "stationary") if exact else ("simulated", "single-run")
    return result.assign_attrs(provenance(method, kind, references, configuration, **seed_entry(key)))


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _labels(name: str, unit: str) -> dict[str, str]:
    """Return the attributes of a variable."""
    long_name, units = LABELS[name.removesuffix("_se")]
    error = "standard error of the " if name.endswith("_se") else ""
    return {"long_name": error + long_name, "units": units.format(unit=unit)}


def _is_exact(network: Network, signal: Any, scan: NoiseScan, estimator: str) -> bool:
    """Return whether the estimate is exact; raise if it has to be and cannot be."""
    if estimator == "simulated":
        return False
    reason = ""
    if not isinstance(network, BinaryNetwork) or network.size > markov.PERIODIC_LIMIT:
        reason = f"it is for binary networks of up to {markov.PERIODIC_LIMIT} units"
    elif not isinstance(signal, Sinusoid):
        reason = "it is for a periodic signal"
    elif scan.rates:
        reason = "binary networks have no rates"
    else:
        try:
            scan.base.step_law(network.size, None)
        except InputError as error:
            reason = str(error)
    require(estimator == "auto" or not reason, "estimator 'exact'", reason, "use estimator='simulated'")
    return not reason


def _exact(scan: NoiseScan, signal: Sinusoid, channels: np.ndarray) -> dict[str, list[float]]:
    """Return the exact response at each strength."""
    steps = _whole_period(signal, 1.0)
    u = np.outer(np.asarray(signal(np.arange(steps))), channels)
    names = ("amplification", "snr", "snr_db", "phase_lag", "information")
    values: dict[str, list[float]] = {name: [] for name in names}
    for strength in scan.strengths:
        network = as_network(scan.at(strength), BinaryNetwork)
        response = markov.periodic_response(network, u, scan.weights)
        # η refers to the signal, not to its sum over the channels
        entries = response._asdict() | {"amplification": 4 * abs(response.line) ** 2 / signal.amplitude**2}
        entries["snr_db"] = 10 * np.log10(response.snr) if response.snr > 0 else np.nan
        entries["phase_lag"] = -float(np.angle(response.line))
        for name in names:
            values[name].append(float(entries[name]))
    return values


def _whole_period(signal: Sinusoid, dt: float) -> int:
    """Return the number of steps in a period, after checking that it is a whole number of at least 2."""
    steps = round(signal.period / dt)
    whole = abs(steps * dt - signal.period) < 1e-6 * signal.period
    require(whole and steps >= 2, f"a period of {signal.period / dt:g} steps", "a whole number of at least 2 steps")
    return steps


def _drive(scan: NoiseScan, signal: Any, channels: np.ndarray, options: SignalOptions) -> _Drive:
    """Return the signal in each step, and the steps and samples of the simulation."""
    if isinstance(signal, Sinusoid):
        sampling, solver = _periodic_sampling(scan, signal, channels, options)
        values = np.asarray(signal(sampling.dt * (np.arange(sampling.steps) - sampling.discard)))
        return _Drive(values, channels, sampling, solver)
    if isinstance(signal, Noise):
        duration = options.get("duration")
        require(duration is not None, "no duration", "the time that is measured, for a random signal")
        assert duration is not None
        dt, solver = scan.time_step(options, None, float(duration))
        measured = whole_steps(duration, 0.0, dt, "duration")
        discard = whole_steps(options.get("discard"), DISCARDED * measured * dt, dt, "discard", 0)
        values = realisation(signal, discard + measured, dt, jax.random.fold_in(scan.key, SIGNALS))
    else:
        values = real_array(signal, "signal")
        require(values.ndim == 1 and values.size > 0, f"signal of shape {values.shape}", "one number per step")
        require(options.get("duration") is None, "duration with an array as signal", "its length is that of the runs")
        discrete = scan.network.time_unit == "step"
        given = discrete or options.get("dt") not in (None, "auto")
        require(given, "no dt with an array as signal", "the time between two values", "give dt")
        dt, solver = scan.time_step(options, None, 1.0)
        discard = whole_steps(options.get("discard"), DISCARDED * len(values) * dt, dt, "discard", 0)
    require(np.ptp(values[discard:]) > 0 if len(values) > discard else False, "a constant signal", "one that varies")
    every = max(1, correlation_steps(values[discard:]) // SAMPLES_PER_TIME)
    sampling = Sampling(dt, discard, len(values), every)
    few = f"{sampling.samples} samples of the signal, {SAMPLES_PER_TIME} per correlation time"
    require(sampling.samples >= FEWEST_SAMPLES, few, f"at least {FEWEST_SAMPLES}", "use a longer duration")
    return _Drive(values, channels, sampling, solver)


def _periodic_sampling(
    scan: NoiseScan, signal: Sinusoid, channels: np.ndarray, options: SignalOptions
) -> tuple[Sampling, Any]:
    """Return the steps and samples of a simulation with a periodic signal, in whole periods."""
    allowed = "at least 3, for the standard error of the power of the line"
    require(scan.runs >= 3, f"{scan.runs} runs with a periodic signal", allowed)
    dt, solver = scan.time_step(options, lambda t: channels * float(signal(t)), signal.period)
    if solver is not None and options.get("dt") in (None, "auto"):  # the step is shortened to a fraction of the period
        dt = signal.period / (SAMPLES_PER_PERIOD * int(np.ceil(signal.period / dt / SAMPLES_PER_PERIOD - 1e-9)))
    steps = _whole_period(signal, dt)
    period = steps * dt
    defaults = {"duration": PERIODS * period, "discard": DISCARDED_PERIODS * period}
    duration, discard = (whole_steps(options.get(name), default, period, name, 0) for name, default in defaults.items())
    allowed = f"at least {FEWEST_PERIODS}, for the background beside the line"
    require(duration >= FEWEST_PERIODS, f"a duration of {duration} periods", allowed)
    every = max(n for n in range(1, max(steps // SAMPLES_PER_PERIOD, 1) + 1) if steps % n == 0)
    return Sampling(dt, discard * steps, (discard + duration) * steps, every), solver


def _simulated(scan: NoiseScan, drive: _Drive, signal: Any, progress: Any) -> dict[str, list[float]]:
    """Return the estimates of the response at each strength, with their standard errors."""
    sampling = drive.sampling
    probe = Output(jax.numpy.asarray(scan.weights), scan.rates, sampling.every, sampling.discard)
    time: dict[str, Any] = {"inputs": np.outer(drive.values, drive.channels)}
    if drive.solver is not None:
        time |= {"dt": sampling.dt, "solver": drive.solver}
    batches = scan.records([probe], sampling.steps, sampling.samples, progress, **time)
    variables: dict[str, list[float]] = {}
    for output in (each for batch in batches for each in batch.output.values):
        if isinstance(signal, Sinusoid):
            periods = round((sampling.steps - sampling.discard) * sampling.dt / signal.period)
            response = line_response(output, periods, signal.amplitude, sampling.interval, sampling.every)
        else:
            response = coherence_response(sampling.averaged(drive.values), output, sampling.interval)
        for name, pair in response._asdict().items():
            value, error = pair if isinstance(pair, tuple) else (pair, None)
            variables.setdefault(name, []).append(value)
            if error is not None:
                variables.setdefault(f"{name}_se", []).append(error)
    return variables


__all__ = ["SignalEstimator", "stochastic_resonance"]
