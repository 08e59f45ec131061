"""Simulation loop, batched over networks and runs, in chunks of steps, with streaming probes."""

import time as clock
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, PyTree

from noisette.networks import DiscreteNetwork, Network
from noisette.probes import AXES, Probe, Step
from noisette.random_numbers import fold_in
from noisette.simulation._options import Progress

NEVER = 2**32 - 1  # index of a step that is never reached; its key initialises the noise
FIRST_CHUNK = 200  # steps
UNEVEN = 64  # number of runs above which an odd number is split, although halves of unequal size compile separately
SECONDS_PER_CHUNK = 0.5  # the length of chunks is doubled until they take this time


class Trials(NamedTuple):
    """Constant data of a simulation.

    Attributes
    ----------
    network : networks of the simulation, stacked into one
    axes : batch axis of each leaf of `network`, with the same structure; None for leaves shared by all networks
    probes : mapping from the prefix of result names to probes
    keys : random keys, shape (networks, runs)
    starts : initial states, shape (runs, N)
    """

    network: Network
    axes: Network
    probes: dict[str, Probe]
    keys: Array
    starts: Array

    def part(self, runs: slice) -> "Trials":
        """Return the trials of a slice of the runs."""
        return self._replace(keys=self.keys[:, runs], starts=self.starts[runs])

    def each(self, function: Callable[..., Any], *batched: Any) -> Any:
        """Apply ``function(network, key, start, *batched)`` to every trial."""
        networks, runs = AXES
        inner = jax.vmap(function, (None, 0, 0, *[0] * len(batched)), axis_name=runs)
        axes = (self.axes, 0, None, *[0] * len(batched))
        outer = jax.vmap(inner, axes, axis_size=len(self.keys), axis_name=networks)
        return outer(self.network, self.keys, self.starts, *batched)


def drive(trials: Trials, steps: int, progress: Progress | None) -> tuple[Any, dict[str, Any]]:
    """Run all trials in chunks, split into two parallel halves if that is faster.

    The split depends only on the number of runs, so that results do not depend on the machine.
    """
    runs = len(trials.starts)
    split = runs % 2 == 0 or runs > UNEVEN
    halves = [slice(0, runs // 2), slice(runs // 2, runs)] if split else [slice(0, runs)]
    parts = [trials.part(half) for half in halves]
    carries = [begin(part, steps) for part in parts]
    done, chunk = 0, FIRST_CHUNK
    with ThreadPoolExecutor(len(parts)) as pool:
        while done < steps:
            start_time = clock.monotonic()
            stop = min(done + chunk, steps)
            jobs = [
                pool.submit(_advance, (part, np.int64(done), np.int64(stop)), carry)
                for part, carry in zip(parts, carries, strict=True)
            ]
            carries = [jax.block_until_ready(job.result()) for job in jobs]
            done = stop
            if callable(progress):
                progress(done, steps)
            if clock.monotonic() - start_time < SECONDS_PER_CHUNK:
                chunk *= 2
    finished = [(state, results(part, records, steps)) for part, (state, records) in zip(parts, carries, strict=True)]
    return jax.tree.map(lambda *each: np.concatenate([np.asarray(e) for e in each], axis=1), *finished)


@eqx.filter_jit
def begin(trials: Trials, steps: int) -> tuple[Any, dict[str, PyTree]]:
    """Return the initial state and the empty records of every trial."""

    def first(network: Network, key, start):
        records = {name: probe.init(network, steps) for name, probe in trials.probes.items()}
        return network.init(start, key=jax.random.fold_in(key, NEVER)), records

    return trials.each(first)


@eqx.filter_jit(donate="all-except-first")
def _advance(interval: tuple[Trials, Any, Any], carry: tuple[Any, dict[str, PyTree]]) -> Any:
    """Advance every trial from a step to a later one; both are traced, so that all chunks share a compilation."""
    trials, first, stop = interval

    def advance(network: DiscreteNetwork, key, start, state, records, now):
        step_key = fold_in(key, now)
        after = network.step(state, now, key=step_key)
        step = Step(now, state.units, after.units, network, state, step_key, after)
        return after, {name: probe.update(records[name], step) for name, probe in trials.probes.items()}

    def body(now, carry):
        return trials.each(lambda n, k, s, state, records: advance(n, k, s, state, records, now), *carry)

    return jax.lax.fori_loop(first, stop, body, carry)


@eqx.filter_jit
def results(trials: Trials, records: dict[str, PyTree], steps: int) -> dict[str, dict[str, Array]]:
    """Return the results of the probes for every trial."""
    return trials.each(
        lambda network, key, start, record: {n: p.result(record[n], steps) for n, p in trials.probes.items()},
        records,
    )
