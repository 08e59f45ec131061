"""Outputs of a network in noise of several strengths, from batches of simulations."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray

from noisette.analysis._options import OutputOptions
from noisette.analysis._output import output_weights
from noisette.errors import InputError, integer, real_array, real_number, require
from noisette.networks import BinaryNetwork, ContinuousNetwork, Network
from noisette.noise import Noise, White
from noisette.probes import Probe
from noisette.progress import Callback
from noisette.simulation import simulate
from noisette.simulation._continuous import chosen_step
from noisette.simulation._stack import starts

RUNS = 20
VALUES = 2e7  # number of outputs of one batch of strengths, 160 MB
STARTS, SIGNALS = 1, 2  # numbers folded into the key for initial states and for a random signal


class NoiseScan(NamedTuple):
    """A network in noise `base`, scaled by each of several strengths, and the options of its simulation.

    Attributes
    ----------
    network : the network
    base : noise that is scaled
    strengths : factors of the noise, all positive, shape (strengths,)
    weights : weights of the units in the output, shape (N,)
    rates : whether the output is that of the rates
    runs : number of runs at each strength
    start : initial states
    key : key of the starts and of the noise
    warn : whether simulations issue warnings
    """

    network: Network
    base: Noise
    strengths: np.ndarray
    weights: np.ndarray
    rates: bool
    runs: int
    start: Any
    key: PRNGKeyArray
    warn: bool

    def at(self, strength: float) -> Network:
        """Return the network with noise of the given strength."""
        return self.network.with_noise(self.base * float(strength))

    def time_step(self, options: OutputOptions, inputs: Any, duration: float) -> tuple[float, Any]:
        """Return the time step and the solver; 1 and None in discrete time."""
        dt, solver = options.get("dt"), options.get("solver", "auto")
        if not isinstance(self.network, ContinuousNetwork):
            require(dt is None and solver == "auto", "dt or solver for a network in discrete time", "leave them out")
            return 1.0, None
        network = self.at(float(self.strengths.max()))
        assert isinstance(network, ContinuousNetwork)
        dynamics = network.dynamics()
        units = starts(dynamics, self.start, self.runs, self.key)[:1]
        return chosen_step([dynamics], dt, solver, units, inputs, duration=duration)

    def records(
        self, probes: Sequence[Probe], steps: int, values: int, progress: Callback | bool | None, **time: Any
    ) -> list[xr.Dataset]:
        """Return the results of probes for batches of strengths, over (network, run); a batch bounds the memory.

        Parameters
        ----------
        probes : probes
        steps : number of steps
        values : number of values that the probes record in a run
        progress : callback
        **time : options of `simulate`
        """
        batch = max(1, int(VALUES // (self.runs * max(values, 1))))
        results, number = [], len(self.strengths)
        for first in range(0, number, batch):
            part = self.strengths[first : first + batch]
            results.append(
                simulate(
                    [self.at(r) for r in part],
                    steps,
                    probes,
                    key=jax.random.fold_in(self.key, first),
                    start=self.start,
                    runs=self.runs,
                    warn=self.warn,
                    progress=partial(_report, progress, first, len(part), number) if callable(progress) else None,
                    **time,
                )
            )
        return results


def noise_scan(network: Network, noise: Any, options: OutputOptions, key: PRNGKeyArray) -> NoiseScan:
    """Return a scan after checking its arguments.

    Parameters
    ----------
    network : any network
    noise : strengths
    options : options of the simulation
    key : random key
    """
    strengths = np.atleast_1d(real_array(noise, "noise", finite=False))
    require(strengths.ndim == 1 and strengths.size > 0, f"noise of shape {strengths.shape}", "a list of strengths")
    invalid = strengths[~((strengths > 0) & (strengths < np.inf))]
    if invalid.size:
        raise InputError(f"noise strength {invalid[0]:g}; strengths above zero; ratios of signal and noise need noise")
    runs = integer(options.get("runs", RUNS), "runs", None)
    require(runs >= 2, f"{runs} runs", "at least 2, for a standard error")
    of = options.get("of", "current")
    start = options.get("start")
    if start is None and isinstance(network, BinaryNetwork):
        coins = jax.random.bernoulli(jax.random.fold_in(key, STARTS), 0.5, (runs, network.size))
        start = np.where(np.asarray(coins), 1.0, -1.0)
    return NoiseScan(
        network,
        _scaled_noise(network),
        strengths,
        output_weights(options.get("output"), network.size),
        of == "rate",
        runs,
        start,
        key,
        options.get("warn", True),
    )


def _scaled_noise(network: Network) -> Noise:
    """Return the noise that is scaled: that of the network, or white noise of unit strength if the network has none."""
    noise = network.noise
    if noise is None or (isinstance(noise, White) and not np.any(np.asarray(noise.strength))):
        return White(1.0)
    return noise


def whole_steps(time: float | None, default: float, dt: float, name: str, least: int = 1) -> int:
    """Return a time as a number of steps, rounded up to whole steps."""
    value = default if time is None else real_number(time, name, "a time", lambda t: 0 <= t < np.inf)
    steps = int(np.ceil(value / dt - 1e-6))
    require(steps >= least, f"{name} {value:g}", f"at least {least} steps of {dt:g}")
    return steps


def require_input(network: Network, channels: Float[np.ndarray, " channels"]) -> None:
    """Raise `InputError` if the network cannot receive a signal, or ignores it."""
    if isinstance(network, BinaryNetwork):
        size = network.size
        require(len(channels) in (1, size), f"{len(channels)} input weights", f"1, or one for each of {size} units")
        return
    allowed = "a network with inputs: RateNetwork, Onsager, Flow, Boltzmann or SignNetwork"
    require(isinstance(network, ContinuousNetwork), f"a signal for a {type(network).__name__}", allowed)
    assert isinstance(network, ContinuousNetwork)
    dynamics = network.dynamics()
    velocity: Callable[[Array], Array] = lambda u: dynamics.drift(jnp.ones(network.size) / 2, 0.0, u)  # noqa: E731
    without, driven = (np.asarray(velocity(jnp.asarray(u))) for u in (0 * channels, channels))
    ignored = bool((without == driven).all())
    require(not ignored, f"a {type(network).__name__} whose drift ignores its inputs", allowed)


def _report(progress: Callback, first: int, part: int, strengths: int, done: int, total: int) -> None:
    """Report the progress of one batch of strengths as a fraction of all."""
    progress(first * total + done * part, strengths * total)


__all__ = ["RUNS", "SIGNALS", "NoiseScan", "noise_scan", "require_input", "whole_steps"]
