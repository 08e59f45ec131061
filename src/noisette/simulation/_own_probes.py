"""Trial of probes of the user's own on abstract arrays, before the simulation."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import InputError, require, shown
from noisette.functions import is_own, traced, try_carry
from noisette.networks import Network
from noisette.probes import Probe, Step, Variable
from noisette.simulation._driver import Trials


def try_probes(trials: Trials, steps: int, network: Network, exact: bool) -> None:
    """Try the methods of the probes of the user's own on one trial; probes of this package are not tried.

    Parameters
    ----------
    trials : networks, keys and initial states, with the probes by name
    steps : number of steps of a trial
    network : first network
    exact : whether a solver with adaptive steps is used, which passes neither states of the noise nor keys to probes

    Raises
    ------
    InputError : If JAX cannot trace a method, or it returns anything but what `Probe` documents.
    """
    for probe in trials.probes.values():
        if is_own(probe):
            _check_labels(probe, network, steps, _results(probe, trials, steps, exact))


def _results(probe: Probe, trials: Trials, steps: int, exact: bool) -> Any:
    """Return the abstract results of a probe for one trial."""
    name, results = type(probe).__name__, []

    def trial(network: Network, key: Any, start: Any) -> None:
        record = traced(lambda: probe.init(network, steps), f"init of {name}")
        state = None if exact else network.init(start, key=key)
        step = Step(jnp.zeros((), int), start, start, network, state, None if exact else key)
        traced(lambda record: probe.update(record, step), f"update of {name}", record)
        try_carry(lambda record: probe.update(record, step), f"record of {name}", record)
        results.append(traced(lambda record: probe.result(record, steps), f"result of {name}", record))

    jax.eval_shape(lambda: trials.each(trial))
    return results[0]


def _check_labels(probe: Probe, network: Network, steps: int, results: Any) -> None:
    """Raise `InputError` unless the labels of a probe fit its results."""
    name = type(probe).__name__
    try:
        labels: Any = probe.describe(network, steps)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"describe of {name} fails ({type(error).__name__}: {error})") from None
    fits = isinstance(labels, Mapping) and all(isinstance(label, Variable) for label in labels.values())
    require(fits, f"describe of {name} returns {shown(labels)}", "a mapping from names of results to Variable")
    fits = isinstance(results, Mapping) and all(hasattr(result, "shape") for result in results.values())
    require(fits, f"result of {name} returns {shown(results)}", "a mapping from names to arrays")
    absent = ", ".join(map(str, labels.keys() - results.keys()))
    require(not absent, f"result of {name} without {absent}", "a result for each name of describe")
    for label, (dims, coords, _) in labels.items():
        shape = results[label].shape
        lengths = {dim: np.shape(values) for dim, values in coords.items()}
        fits = len(dims) == len(shape) and set(lengths) <= set(dims)
        fits = fits and all(lengths.get(dim, (size,)) == (size,) for dim, size in zip(dims, shape, strict=True))
        described = f"{label!r} of {name} with dimensions {tuple(dims)} and coordinates of shapes {lengths}"
        require(fits, described, f"those of its result of shape {shape}")
