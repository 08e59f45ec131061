"""Measures of a single network for study files: functions of a network, a key and options."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.analysis._coherence_resonance import coherence_resonance
from noisette.analysis._dimension import participation_dimension
from noisette.analysis._lyapunov import lyapunov_spectrum
from noisette.analysis._options import Estimator, TimeStep
from noisette.analysis._reliability import reliability
from noisette.analysis._resonance import resonance
from noisette.analysis._signals import signal_of
from noisette.analysis._stochastic_resonance import SignalEstimator, stochastic_resonance
from noisette.analysis._synchronisation import synchronisation
from noisette.errors import InputError, require
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.noise import Noise
from noisette.noise import from_string as noise_from_string
from noisette.probes import Covariance
from noisette.probes import from_string as probe_from_string
from noisette.registry import lookup
from noisette.simulation import simulate
from noisette.simulation._options import SolverName, keywords


def simulated(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    probes: Mapping[str, Mapping[str, Any]],
    steps: int | None = None,
    duration: float | None = None,
    dt: TimeStep | None = None,
    solver: SolverName = "euler",
    start: str | float | int | None = None,
    final: bool = False,
) -> xr.Dataset:
    """Simulate one trial and return the results of probes.

    Parameters
    ----------
    network : any network
    key : random key
    probes : names of probes (see `noisette.probes.from_string`) with their arguments, as in
        ``{"Trace": {"every": 5}, "Speed": {}}``
    steps, duration, dt, solver, start : as for `noisette.simulate`
    final : whether the result includes the final state

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0]], noise=nz.White(0.1))
    >>> data = simulated(network, key=jax.random.key(0), probes={"Speed": {}}, duration=5, dt=0.1)
    >>> "kinetic_energy" in data, "run" in data.dims
    (True, False)
    """
    built = [probe_from_string(name, **arguments) for name, arguments in probes.items()]
    data = simulate(
        network, steps, built, key=key, duration=duration, dt=dt, solver=solver, start=start, warn=False
    ).isel(run=0, drop=True)
    data = _measured(data)
    return data if final else data.drop_vars("final").pipe(_without_unused_coordinates)


MEETING = ("synchronisation_time", "rate", "rate_se", "lyapunov_se")  # undetermined in short runs, or without meeting
SUMMARIES = ("kaplan_yorke", "kaplan_yorke_se", "entropy", "entropy_se", "lyapunov_se")


def _measured(data: xr.Dataset) -> xr.Dataset:
    """Remove summaries of exponents that are undetermined, because trials are too short or exponents too few.

    Otherwise a study would count the point as failed, as it does for all values that are not finite.
    """
    return _determined(data, SUMMARIES) if np.isfinite(data.get("lyapunov", 0.0)).all() else data


def _determined(data: xr.Dataset, names: tuple[str, ...]) -> xr.Dataset:
    """Remove those of the named variables that are not finite."""
    return data.drop_vars([name for name in names if name in data and not np.isfinite(data[name].values).all()])


def _without_unused_coordinates(data: xr.Dataset) -> xr.Dataset:
    used = {dim for variable in data.data_vars.values() for dim in variable.dims}
    return data.drop_vars([name for name, values in data.coords.items() if not set(values.dims) <= used])


def _with_options_of(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a measure with ``**options`` the signature of the function that accepts them."""

    def decorate(measure: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.Signature([*keywords(function).values()])
        setattr(measure, "__signature__", signature)  # noqa: B010
        return measure

    return decorate


@_with_options_of(lyapunov_spectrum)
def exponents(network: NetworkLike, *, key: PRNGKeyArray, **options: Any) -> xr.Dataset:
    """Return Lyapunov exponents, with standard errors if trials are long enough.

    Parameters
    ----------
    network : any network
    key : random key
    **options : as for `lyapunov_spectrum`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> data = exponents(nz.RateNetwork([[0.0]]), key=jax.random.key(0), duration=5, discard=0, dt=0.1)
    >>> float(data.lyapunov[0].round(4))
    -1.0536
    """
    size = as_network(network).size
    data = lyapunov_spectrum(network, key=key, warn=False, **options).drop_vars(["lyapunov_running", "share"])
    if data.sizes["exponent"] < size:  # a partial spectrum may not determine the dimension
        data = data.drop_vars(["kaplan_yorke", "kaplan_yorke_se"])
    return _measured(data.isel(run=0, drop=True) if "run" in data.dims else data)


def dimension(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    duration: float | None = None,
    steps: int | None = None,
    dt: TimeStep | None = None,
    every: int = 10,
    discard: int = 0,
    of: Literal["current", "rate"] = "current",
) -> dict[str, float]:
    """Return the participation dimension, divided by N, of the covariance of one trial, and the mean variance.

    Parameters
    ----------
    network : any network
    key : random key
    duration, steps, dt : as for `noisette.simulate`
    every, discard, of : as for the probe `Covariance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0, 0.0], [0.0, 0.0]], noise=nz.White(1.0))
    >>> values = dimension(network, key=jax.random.key(0), duration=4000, dt=0.1)
    >>> round(values["dimension"], 1), round(values["variance"], 1)
    (1.0, 0.5)
    """
    probe = Covariance(every=every, discard=discard, of=of)
    covariance = simulate(network, steps, probe, key=key, duration=duration, dt=dt, warn=False).covariance.values[0]
    return {"dimension": participation_dimension(covariance), "variance": float(covariance.diagonal().mean())}


def of_successive_states(
    network: BinaryNetwork,
    *,
    key: PRNGKeyArray,
    noise: float = 1.0,
    steps: int = 10_000,
    estimator: Estimator = "fixed-start",
    start: int | str = 0,
    runs: int = 20,
) -> xr.Dataset:
    """Return entropy, mutual information and divergence of successive states of a binary network, in bits.

    Parameters
    ----------
    network : binary network
    key : random key, for simulated estimators
    noise : strength r, in units of the noise of the network
    steps, estimator, start, runs : as for `resonance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> data = of_successive_states(nz.Boltzmann(nz.weights.autapses(10)), key=jax.random.key(0), noise=4.0)
    >>> round(float(data.information), 2)
    4.54
    """
    if not isinstance(network, BinaryNetwork):
        raise InputError(f"resonance of a {type(network).__name__}; it is of binary networks: boltzmann or sign")
    seed = int(jax.random.bits(key, dtype="uint32") >> 1)
    data = resonance(network, [noise], steps, start, estimator, runs=runs, key=seed)
    return data.isel(noise=0, drop=True)


def of_a_signal(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    noise: float = 1.0,
    amplitude: float = 0.1,
    period: float | None = None,
    correlation_time: float | None = None,
    estimator: SignalEstimator = "auto",
    duration: float | None = None,
    discard: float | None = None,
    dt: TimeStep | None = None,
    runs: int = 20,
) -> xr.Dataset:
    """Return the response to a weak signal, as `stochastic_resonance` at one strength of the noise.

    Parameters
    ----------
    network : any network with inputs
    key : random key
    noise : strength, in units of the noise of the network
    amplitude : amplitude of a sinusoid, or standard deviation of an Ornstein–Uhlenbeck signal
    period, correlation_time : one of them: the period of a sinusoid, or the correlation time of the other signal
    estimator, duration, discard, dt, runs : as for `stochastic_resonance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann([[6.0]])
    >>> data = of_a_signal(network, key=jax.random.key(0), noise=4.0, amplitude=0.5, period=100)
    >>> round(float(data.snr_db), 1)
    -18.9
    """
    signal = signal_of(amplitude, period, correlation_time)
    options: dict[str, Any] = {"duration": duration, "discard": discard, "dt": dt, "runs": runs}
    data = stochastic_resonance(network, signal, [noise], estimator=estimator, key=key, **options)
    data = data.isel(noise=0, drop=True)
    return _determined(data, ("snr_db", "snr_db_se"))  # a ratio that is not positive by chance has no logarithm


def regularity(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    duration: float,
    noise: float = 1.0,
    threshold: float = 0.0,
    discard: float | None = None,
    dt: TimeStep | None = None,
    runs: int = 20,
) -> xr.Dataset:
    """Return the regularity of threshold crossings, as `coherence_resonance` at one strength of the noise.

    Parameters
    ----------
    network : any network
    key : random key
    noise : strength, in units of the noise of the network
    duration, threshold, discard, dt, runs : as for `coherence_resonance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.networks.Map(lambda x: (x + 0.01) % 1.0, 1, noise=nz.White(1e-4))
    >>> data = regularity(network, key=jax.random.key(0), duration=2000, threshold=0.5, runs=2)
    >>> round(float(data.interval))
    100
    """
    options: dict[str, Any] = {"discard": discard, "dt": dt, "runs": runs}
    return coherence_resonance(network, [noise], duration, threshold, key=key, **options).isel(noise=0, drop=True)


def in_common_noise(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    noise: float = 1.0,
    duration: float = 200.0,
    starts: int = 2,
    dt: TimeStep | None = None,
    tolerance: float = 1e-6,
) -> xr.Dataset:
    """Return whether and when trajectories in the same noise meet, as `synchronisation` at one strength of the noise.

    Parameters
    ----------
    network : any network
    key : random key
    noise : strength, in units of the noise of the network
    duration, starts, dt, tolerance : as for `synchronisation`; ``distance`` is that at the end. A time of trajectories
        that have not met, and a rate of distances that are never small, are absent

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.5]], activation=nz.activations.linear, noise=nz.White(1.0))
    >>> data = in_common_noise(network, key=jax.random.key(0), duration=60.0, dt=0.01)
    >>> bool(data.synchronised), round(float(data.lyapunov), 2)
    (True, -0.5)
    """
    options: dict[str, Any] = {"duration": duration, "starts": starts, "dt": dt, "tolerance": tolerance, "warn": False}
    data = synchronisation(network, [noise], key=key, **options).isel(noise=0, drop=True)
    data = _without_unused_coordinates(data.assign(distance=data.distance.isel(time=-1, drop=True)))
    return _determined(data, MEETING)


def of_responses(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    private: Noise | str | None = None,
    duration: float = 200.0,
    discard: float = 50.0,
    dt: TimeStep | None = None,
    trials: int = 10,
    stimuli: int = 8,
) -> xr.Dataset:
    """Return the reliability of responses to the noise of the network, as `reliability`, of all outputs together.

    Parameters
    ----------
    network : any network with noise, the stimulus
    key : random key
    private : noise or its word, such as ``white:1``
    duration, discard, dt, trials, stimuli : as for `reliability`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.5]], activation=nz.activations.linear, noise=nz.White(1.0))
    >>> data = of_responses(network, key=jax.random.key(0), dt=0.1, trials=2, stimuli=2)
    >>> round(float(data.total_reliability), 6)
    1.0
    """
    options: dict[str, Any] = {"trials": trials, "stimuli": stimuli, "warn": False}
    independent = noise_from_string(private) if isinstance(private, str) else private
    data = reliability(network, independent, key=key, duration=duration, discard=discard, dt=dt, **options)
    return _without_unused_coordinates(data[["total_reliability", "total_reliability_se"]])


PASSED = ("self", "network", "key", "progress", "warn")  # parameters of a measure that are not options


def from_string(text: str) -> Callable[..., Any]:
    """Return the measure with a given name, a function of (network, \\*, key) and options.

    Parameters
    ----------
    text : ``simulate``, ``lyapunov``, ``dimension``, ``resonance``, ``signal``, ``coherence``,
        ``synchronisation``, ``reliability``, ``flow``, ``input``, ``rms``, ``populations``, or a function as
        ``MODULE:NAME``

    Raises
    ------
    InputError : an unknown name, numbers after the name, or an object that is not callable.

    Examples
    --------
    >>> options_of(from_string("resonance"))
    ['noise', 'steps', 'estimator', 'start', 'runs']
    """
    name = lookup("measures", text)
    require(not name.arguments, f"measure {text!r} with numbers", "options of a measure are written as keys")
    require(callable(name.maker), f"measure {text!r} is no function", "a function of (network, *, key, …)")
    return name.maker


def options_of(measure: Callable[..., Any]) -> list[str]:
    """Return the names of the options of a measure.

    Examples
    --------
    >>> options_of(dimension)[:2]
    ['duration', 'steps']
    """
    variadic = inspect.Parameter.VAR_KEYWORD
    positional = inspect.Parameter.POSITIONAL_ONLY
    return [
        name
        for name, option in keywords(measure).items()
        if name not in PASSED and option.kind not in (variadic, positional)
    ]


def takes_populations(measure: Callable[..., Any]) -> bool:
    """Return whether a measure is of populations and a gain, not of one network: its first parameter is `populations`.

    Examples
    --------
    >>> takes_populations(dimension), takes_populations(from_string("populations"))
    (False, True)
    """
    return next(iter(inspect.signature(measure).parameters), "") == "populations"
