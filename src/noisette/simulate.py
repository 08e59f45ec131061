"""The one driver of simulations: networks × runs side by side, chunk by chunk, with streaming probes."""

import time as clock
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, PRNGKeyArray, PyTree

from noisette.errors import require
from noisette.probes import Probe, Step
from noisette.provenance import provenance

NEVER = 2**32 - 1  # the step number whose key starts the noise
FIRST_CHUNK = 200
UNEVEN = 64  # from here on halves may differ by a run: a second program to compile pays
SECONDS_A_CHUNK = 0.5
Progress = Callable[[int, int], None]


def simulate(
    network: Any,
    steps: int,
    probes: Probe | Sequence[Probe] | Mapping[str, Probe] = (),
    *,
    key: PRNGKeyArray,
    start: Any = 0,
    runs: int = 1,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a network, or several of the same size, and measure while it runs.

    Memory does not depend on `steps` unless a probe keeps states. The same key gives the same result whatever
    the number of processors: the randomness of a step is folded from network, run and step number.

    Parameters
    ----------
    network : a network, or a sequence of networks of one kind and size (dimension ``network``)
    steps : number of steps of each trial
    probes : one probe, several, or a mapping from a prefix of result names to probes
    key : random key
    start : what ``network.init`` takes, for binary networks a code or a state; or an array of one start for
        each run, shape (runs,) of codes or (runs, N) of states
    runs : independent trials of each network (dimension ``run``)
    progress : called with (steps done, steps) after each chunk

    Returns
    -------
    Dataset with the probes' results, and ``final``: the last state of each trial

    Raises
    ------
    InputError : fewer than one step or run; networks of different sizes; what the probes refuse.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> found = nz.simulate(network, 100, nz.JointStates(), key=jax.random.key(0), runs=3)
    >>> found.joint_states.sum(["before", "after"]).values
    array([100, 100, 100])
    """
    require(isinstance(steps, int | np.integer) and steps >= 1, f"steps {steps!r}", "an integer of at least 1")
    require(isinstance(runs, int | np.integer) and runs >= 1, f"runs {runs!r}", "an integer of at least 1")
    several = isinstance(network, Sequence)
    networks = list(network) if several else [network]
    require(len({n.size for n in networks}) == 1, "networks of different sizes", "one size in one simulation")
    named = _bound(probes, networks)
    network_axes = _stack(networks)
    starts = jnp.asarray(np.stack([networks[0].start(s) for s in _starts(start, networks[0].size, runs)]))
    trials = _Trials(*network_axes, named, _trial_keys(key, len(networks), runs), starts)
    state, records = _drive(trials, int(steps), progress)
    attrs = provenance("simulated", "single-run", (), {"steps": int(steps), "runs": int(runs)})
    found = _dataset(named, networks[0], records, state.units, int(steps)).assign_attrs(attrs)
    return found if several else found.isel(network=0)


def _bound(probes: Any, networks: list[Any]) -> dict[str, Probe]:
    if isinstance(probes, Probe):
        probes = [probes]
    if not isinstance(probes, Mapping):
        probes = {str(i): probe for i, probe in enumerate(probes)}
        kinds = [type(probe) for probe in probes.values()]
        require(
            len(set(kinds)) == len(kinds),
            "several probes of one kind",
            "their results need names",
            "pass a mapping from name to probe",
        )
    return {name: probe.bind(networks) for name, probe in probes.items()}


def _stack(networks: list[Any]) -> tuple[Any, Any]:
    """Return one network with stacked leaves, and where its batch axes are: leaves shared by all stay single."""
    leaves = [jax.tree.leaves(n) for n in networks]
    structure = jax.tree.structure(networks[0])
    require(
        all(jax.tree.structure(n) == structure for n in networks),
        "networks of different kinds, or in different kinds of noise",
        "one kind in one simulation",
        "simulate them one after another",
    )
    merged, axes = [], []
    for column in zip(*leaves, strict=True):
        same = all(leaf is column[0] or np.array_equal(leaf, column[0]) for leaf in column)
        merged.append(column[0] if same else jnp.stack(column))
        axes.append(None if same else 0)
    return jax.tree.unflatten(structure, merged), jax.tree.unflatten(structure, axes)


@partial(jax.jit, static_argnames=("networks", "runs"))
def _trial_keys(key: PRNGKeyArray, networks: int, runs: int) -> Array:
    fold = jax.vmap(jax.random.fold_in, (None, 0))
    return jax.vmap(fold, (0, None))(fold(key, jnp.arange(networks)), jnp.arange(runs))


def _starts(start: Any, size: int, runs: int) -> list[Any]:
    array = np.asarray(start)
    each = array.ndim == 2 or (array.ndim == 1 and array.shape != (size,))
    require(
        not each or len(array) == runs,
        f"{len(array) if each else 1} starts for {runs} runs",
        "one start, or one for each run",
    )
    return list(array) if each else [start] * runs


class _Trials(NamedTuple):
    """Everything that does not change during a simulation; `axes` tells where `network` is batched."""

    network: Any
    axes: Any
    probes: dict[str, Probe]
    keys: Array
    starts: Array

    def part(self, runs: slice) -> "_Trials":
        """Return the same networks with some of the runs."""
        return self._replace(keys=self.keys[:, runs], starts=self.starts[runs])

    def each(self, function: Callable[..., Any], *batched: Any) -> Any:
        """Apply function(network, key, start, *batched) to every trial."""
        inner = jax.vmap(function, (None, 0, 0, *[0] * len(batched)))
        outer = jax.vmap(inner, (self.axes, 0, None, *[0] * len(batched)), axis_size=len(self.keys))
        return outer(self.network, self.keys, self.starts, *batched)


def _drive(trials: _Trials, steps: int, progress: Progress | None) -> tuple[Any, dict[str, Any]]:
    """Run all trials chunk by chunk, in two halves side by side where that pays.

    The split depends on the number of runs alone, so results do not depend on the machine.
    """
    runs = len(trials.starts)
    split = runs % 2 == 0 or runs > UNEVEN
    halves = [slice(0, runs // 2), slice(runs // 2, runs)] if split else [slice(0, runs)]
    parts = [trials.part(half) for half in halves]
    carries = [_begin(part, steps) for part in parts]
    done, chunk = 0, FIRST_CHUNK
    with ThreadPoolExecutor(len(parts)) as pool:
        while done < steps:
            began = clock.monotonic()
            until = min(done + chunk, steps)
            jobs = [
                pool.submit(_advance, part, carry, np.int64(done), np.int64(until))
                for part, carry in zip(parts, carries, strict=True)
            ]
            carries = [jax.block_until_ready(job.result()) for job in jobs]
            done = until
            if progress is not None:
                progress(done, steps)
            if clock.monotonic() - began < SECONDS_A_CHUNK:
                chunk *= 2
    finished = [(state, _results(part, records, steps)) for part, (state, records) in zip(parts, carries, strict=True)]
    return jax.tree.map(lambda *each: np.concatenate([np.asarray(e) for e in each], axis=1), *finished)


@eqx.filter_jit
def _begin(trials: _Trials, steps: int) -> tuple[Any, dict[str, PyTree]]:
    def begin(network, key, start):
        records = {name: probe.init(network, steps) for name, probe in trials.probes.items()}
        return network.init(start, key=jax.random.fold_in(key, NEVER)), records

    return trials.each(begin)


@eqx.filter_jit(donate="all-except-first")
def _advance(trials: _Trials, carry: tuple[Any, dict[str, PyTree]], first: Array, stop: Array) -> Any:
    """Move every trial from step `first` to step `stop`; both are traced, so one program serves all chunks."""

    def move(network, key, start, state, records, now):
        after = network.step(state, now, key=jax.random.fold_in(key, now))
        step = Step(now, state.units, after.units, network)
        return after, {name: probe.update(records[name], step) for name, probe in trials.probes.items()}

    def body(now, carry):
        return trials.each(lambda n, k, s, state, records: move(n, k, s, state, records, now), *carry)

    return jax.lax.fori_loop(first, stop, body, carry)


@eqx.filter_jit
def _results(trials: _Trials, records: dict[str, PyTree], steps: int) -> dict[str, dict[str, Array]]:
    return trials.each(
        lambda network, key, start, own: {n: p.result(own[n], steps) for n, p in trials.probes.items()},
        records,
    )


def _dataset(probes: dict[str, Probe], network: Any, results: Any, final: np.ndarray, steps: int) -> xr.Dataset:
    variables: dict[str, xr.DataArray] = {}
    prefixed = any(not name.isdigit() for name in probes)
    for name, probe in probes.items():
        for label, about in probe.describe(network, steps).items():
            full = f"{name}_{label}" if prefixed else label
            dims = {d: f"{name}_{d}" if prefixed else d for d in about.dims}
            coords = {dims[d]: values for d, values in about.coords.items()}
            variables[full] = xr.DataArray(
                results[name][label], coords, ["network", "run", *dims.values()], attrs=about.attrs
            )
    attrs = {"long_name": "last state", "units": "1"}
    final_array = xr.DataArray(final, dims=["network", "run", "final_unit"], attrs=attrs)
    return xr.Dataset({**variables, "final": final_array})
