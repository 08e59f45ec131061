"""Reliability: reproducibility of responses over trials with the same stimulus noise and independent private noise."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Int, UInt32

from noisette.analysis._options import Progress, TimeStep
from noisette.analysis._records import Records
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, ContinuousNetwork, Network, NetworkLike, RateNetwork, as_network
from noisette.noise import Noise
from noisette.probes import Probe, Trace
from noisette.provenance import network_entries, provenance
from noisette.random_numbers import fold_in, key_words
from noisette.simulation import simulate

FIRST = 2**32 - 1  # index of a step that is never reached; its key initialises the stimulus
RECORDS = 500  # number of samples of the outputs in continuous time
STIMULUS, PRIVATE = 1, 2  # numbers folded into the key


class ReliabilityOptions(TypedDict, total=False):
    """Options of `reliability`.

    Attributes
    ----------
    trials, stimuli : number of trials of each stimulus, and of stimuli
    units : indices of the units whose rates are the outputs of a network without readout; all by default
    inputs : signals u, the same in all trials
    solver : "euler" or "heun"
    warn : whether to issue warnings
    progress : True to show a bar, or a function called with (steps done, steps)
    """

    trials: int
    stimuli: int
    units: Sequence[int] | None
    inputs: Any
    solver: Literal["euler", "heun"]
    warn: bool
    progress: Progress | None


class _Repeated(Noise):
    """A noise with the same realisation in every trial: its random numbers follow from a key of its own.

    Parameters
    ----------
    noise : law of the noise
    words : two words of the key of the realisation, an array, so that networks with several realisations can be stacked
    """

    noise: Noise
    words: UInt32[Array, " 2"]

    def _key(self, step: int | Int[Array, ""]) -> Array:
        return fold_in(jax.random.wrap_key_data(self.words), step)

    def init(self, size, *, key):
        """Return the initial state of the noise, and the number of steps taken."""
        return self.noise.init(size, key=self._key(FIRST)), jnp.zeros((), int)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the sample of this realisation in the next step."""
        inner, step = state
        added, after = self.noise.sample(inner, time, size, key=self._key(step), dt=dt)
        return added, (after, step + 1)

    def value(self, state, time, size, *, dt=1.0):
        """Return the value of the noise."""
        return self.noise.value(state[0], time, size, dt=dt)

    def scaled(self, factor):
        """Return the scaled noise."""
        return _Repeated(factor * self.noise, self.words)


@check_arguments
@public_call
def reliability(
    network: NetworkLike,
    private: Noise | None = None,
    *,
    key: KeyLike,
    duration: float = 200.0,
    discard: float = 50.0,
    dt: TimeStep | None = None,
    **options: Unpack[ReliabilityOptions],
) -> xr.Dataset:
    """Measure how reproducible the outputs of a network are over trials with the same stimulus noise.

    .. math:: R = \\langle \\mathrm{cov}_t(y_a, y_b) \\rangle_{a \\ne b} / \\langle \\mathrm{var}_t(y_a) \\rangle_a

    with the outputs y_a(t) of trial a. The noise of the network is the stimulus; it is the same in all trials of a
    stimulus, which differ in their initial states and their private noise. Without private noise, R = 1 where λ < 0
    and trajectories have met, and R < 1 in chaos; with it R is the fraction of the variance due to the stimulus. A
    linear unit in white noises of strengths σ and σ' has R = σ²/(σ² + σ'²).

    Parameters
    ----------
    network : a network or a trained network; its noise is the stimulus
    private : independent noise of each trial, added to the stimulus. The random thresholds of Boltzmann units are
        always private
    key : an integer or a JAX key
    duration : length of each trial, in the network's unit of time, or in steps for networks in discrete time
    discard : transient to discard, in the same unit
    dt : time step, as for `simulate`
    **options : ``trials`` (10) of each of ``stimuli`` (8), realisations of the stimulus; ``units``, whose rates (states
        of networks without rates) are the outputs of a network without readout; ``inputs``, ``solver``, ``warn`` and
        ``progress``, as for `simulate`

    Returns
    -------
    Dataset with ``reliability`` (output), ``total_reliability``, that of all outputs together (ratio of sums over
    outputs), each averaged over stimuli, with standard errors ``…_se`` over stimuli

    Raises
    ------
    InputError : a network without noise, fewer than two trials or stimuli, a noise that is not a `noise.Noise`.

    See Also
    --------
    analysis.synchronisation : The distance of trajectories in the same noise against time.
    lyapunov_spectrum : The conditional exponent, whose sign decides whether responses are reproducible.

    Examples
    --------
    >>> import noisette as nz
    >>> unit = nz.RateNetwork([[0.0]], activation=nz.activations.linear, noise=nz.White(2.0))
    >>> data = reliability(unit, nz.White(1.0), duration=400, dt=0.1, key=0)
    >>> bool(abs(data.total_reliability - 0.8) < 4 * data.total_reliability_se)
    True

    References
    ----------
    Mainen & Sejnowski (1995) [mainen1995]; Lin, Shea-Brown & Young (2009) [lin2009].
    """
    network = as_network(network)
    stimulus, independent, root = network.noise, private, as_key(key)
    require(stimulus is not None, "a network without noise", "its noise is the stimulus", "with_noise(nz.White(1.0))")
    assert stimulus is not None
    trials, stimuli = (integer(options.get(name, n), name) for name, n in (("trials", 10), ("stimuli", 8)))
    require(min(trials, stimuli) >= 2, f"{trials} trials of {stimuli} stimuli", "at least two of each")
    skipped = real_number(discard, "discard", "a time of zero or more", lambda time: 0 <= time < duration)
    members = []
    for n in range(stimuli):
        noise: Noise = _Repeated(stimulus, jnp.stack(key_words(fold_in(fold_in(root, STIMULUS), n))))
        members.append(network.with_noise(noise if independent is None else noise + independent))
    outputs = _outputs(network, members, trials, duration, skipped, dt, fold_in(root, PRIVATE), options)
    data = _measures(outputs)
    configuration = {"private": private, "duration": duration, "discard": discard, "dt": dt, "key": key, **options}
    configuration |= network_entries(network)
    configuration.pop("progress", None)
    return data.assign_attrs(provenance("simulated", "single-run", ("mainen1995", "lin2009"), configuration))


def _outputs(
    network: Network,
    members: list[Network],
    trials: int,
    duration: float,
    discard: float,
    dt: TimeStep | None,
    key: Any,
    options: ReliabilityOptions,
) -> np.ndarray:
    """Return the outputs after the transient, shape (stimuli, trials, times, outputs)."""
    own = {name: value for name, value in options.items() if name in ("inputs", "solver", "warn", "progress")}
    dynamics = network.dynamics()
    readout = isinstance(dynamics, RateNetwork) and dynamics.readout is not None and options.get("units") is None
    units = None if readout else options.get("units")
    settings: dict[str, Any] = {"key": key, "runs": trials, **own}
    probe: Probe = Trace(1, units)
    if isinstance(dynamics, ContinuousNetwork):
        settings |= {"duration": duration, "dt": dt}
        probe = Records((duration - discard) / RECORDS, units)
    else:
        require(float(duration).is_integer(), f"duration {duration:g} in discrete time", "a whole number of steps")
        settings["steps"] = int(duration)
    if isinstance(network, BinaryNetwork):
        settings["start"] = np.where(np.random.default_rng(0).random((trials, network.size)) < 0.5, 1.0, -1.0)
    run = simulate(members, probes=probe, **settings)
    states = run.trace.sel(time=run.time >= discard * (1 - 1e-9)).values
    if readout:
        assert isinstance(dynamics, RateNetwork)
        return np.asarray(dynamics.output(jnp.asarray(states)))
    return states if network.activity is None else np.asarray(network.activity(jnp.asarray(states)))


def _measures(outputs: np.ndarray) -> xr.Dataset:
    """Return the reliability of each output and of all, with standard errors over stimuli."""
    trials = outputs.shape[1]
    deviations = outputs - outputs.mean(axis=2, keepdims=True)
    variance = (deviations**2).mean(axis=(1, 2))  # (stimuli, outputs)
    # the sum over all pairs, a ≠ b, is the square of the sum minus the sum of squares
    square_of_sum = (deviations.sum(axis=1) ** 2).mean(axis=1)
    covariance = (square_of_sum - trials * variance) / (trials * (trials - 1))
    with np.errstate(invalid="ignore", divide="ignore"):  # outputs that are constant in time
        each, total = covariance / variance, covariance.sum(-1) / variance.sum(-1)
    root = np.sqrt(len(outputs))
    columns: dict[str, Any] = {}
    for name, values, dims in (("reliability", each, ("output",)), ("total_reliability", total, ())):
        columns[name] = (dims, values.mean(0), {"long_name": "correlation between trials", "units": ""})
        columns[f"{name}_se"] = (dims, values.std(0, ddof=1) / root, {"long_name": "standard error", "units": ""})
    return xr.Dataset(columns)


__all__ = ["ReliabilityOptions", "reliability"]
