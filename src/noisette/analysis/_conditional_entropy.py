"""Conditional entropy of the next state of binary networks of any size: exact, or along simulated runs."""

from typing import Any, Literal

import jax
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._choice import choose_estimator, is_shared
from noisette.analysis._options import Progress, seed_entry
from noisette.analysis._resonance import resonance, strengths, unit_noise, with_unit_noise
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.probes import ConditionalEntropy
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate
from noisette.theory.markov import DENSE_LIMIT

RUNS, EVERY = 8, 10
Method = Literal["auto", "exact", "simulated"]


@check_arguments
@public_call
def conditional_entropy(
    network: NetworkLike,
    noise: ArrayLike,
    steps: int = 10_000,
    start: Any = 0,
    method: Method = "auto",
    *,
    runs: int = RUNS,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Conditional entropy of the next state given the present state, for all units of a network of any size.

    .. math:: H(s_{t+1} \\mid s_t) = \\frac{1}{N_T} \\sum_{t=1}^{N_T} \\Big\\langle \\sum_n h_2\\big(q_n(s_t)\\big)
       \\Big\\rangle

    Here h2 is the binary entropy and q_n the probability that unit n takes the sign opposite to its field. The average
    is over all runs of N_T steps from one initial state, so that the exact and the simulated values agree within
    sampling errors. It is the divergence D = H − I of `resonance`, apart from boundary terms of order N/N_T.

    Parameters
    ----------
    network, noise, steps, start, key, progress : as for `resonance`
    method : "exact" (up to 16 units, or 12 in shared noise), "simulated" (any size, in noise that is independent
        between units), or "auto", exact where possible
    runs : number of simulated runs at each strength

    Returns
    -------
    Dataset over ``noise`` with ``conditional_entropy`` and ``conditional_entropy_se`` (zero for exact results) in bits;
    the attributes ``reason`` and ``alternative`` state which method was used, and why

    Raises
    ------
    InputError : an unknown method, fewer than 2 runs, a network too large for the exact method, or noise shared between
        units of a network that is too large for it; invalid arguments of `resonance`.

    See Also
    --------
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    analysis.sampled_divergence : Its mean along a simulated run, for a curve against the noise.
    theory.markov.conditional_entropy : The exact values of all states, for few units.

    Examples
    --------
    >>> import noisette as nz
    >>> exact = conditional_entropy(nz.Boltzmann(nz.weights.autapses(10)), [4.0])
    >>> exact.conditional_entropy.values.round(3), exact.method
    (array([0.456]), 'exact')
    >>> large = conditional_entropy(nz.Boltzmann(nz.weights.autapses(10, 50)), [4.0], 20)
    >>> large.conditional_entropy.values.round(3), large.method  # ten times as many units
    (array([4.556]), 'simulated')

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    binary, grid = as_network(network, BinaryNetwork), strengths(noise)
    runs = integer(runs, "runs", 2)
    choice = choose_estimator(with_unit_noise(binary), integer(steps, "steps"), runs=runs)
    bit = {"units": "bit", "long_name": "conditional entropy H(s'|s) of all units"}
    error = bit | {"long_name": f"{bit['long_name']}, standard error over runs"}
    exact = method == "exact" or (method == "auto" and choice.exact)
    require(
        exact or not is_shared(with_unit_noise(binary)),
        f"conditional entropy of {binary.size} units in noise that is shared between them, or has memory",
        f"it is simulated in independent noise, and exact for up to {DENSE_LIMIT} units in shared noise",
        "`resonance` estimates the divergence of a subset of the units",
    )
    if exact:
        data = resonance(binary, grid, steps, start, "fixed-start", key=key, progress=progress)
        values, errors = data.divergence.values, np.zeros(len(grid))
        reason = choice.reason
    else:
        data = sampled_divergence(binary, grid, steps, start, runs=runs, every=EVERY, key=key, progress=progress)
        values, errors = data.divergence.values, data.divergence_se.values
        reason = (
            f"Simulated for all {binary.size} units, {runs} runs: the probabilities of the next state are exact given "
            "the present state, so that no states are counted."
        )
    other = "a simulation, use method simulated" if data.method == "exact" else "an exact result, use method exact"
    alternative = f"For {other}." if choice.exact else choice.alternative.partition("; other subsets")[0] + "."
    coordinate = ("noise", grid, {"long_name": "noise strength r", "units": "std per step"})
    variables = {"conditional_entropy": ("noise", values, bit), "conditional_entropy_se": ("noise", errors, error)}
    return xr.Dataset(variables, {"noise": coordinate}, data.attrs | {"reason": reason, "alternative": alternative})


@check_arguments
@public_call
def sampled_divergence(
    network: NetworkLike,
    noise: ArrayLike,
    steps: int = 1000,
    start: Any = 0,
    *,
    runs: int = 8,
    every: int = 10,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Divergence of networks of any size: mean conditional entropy of the next state along simulated runs.

    .. math:: D = \\langle H(s_{t+1} \\mid s_t) \\rangle_t

    Parameters
    ----------
    network, noise, steps, start, runs, key, progress : as for `resonance`
    every : number of steps between two evaluations of the conditional entropy

    Returns
    -------
    Dataset over ``noise`` with ``divergence`` and its standard error over runs, ``divergence_se``, in bits

    Raises
    ------
    InputError : fewer than 2 runs; invalid arguments of `resonance`.

    See Also
    --------
    analysis.conditional_entropy : One network at several strengths, with a choice of the method.
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.

    Examples
    --------
    >>> import noisette as nz
    >>> curve = sampled_divergence(nz.Boltzmann(nz.weights.autapses(10, 50)), [4.0], 20, runs=2)
    >>> curve.divergence.values.round(3)  # 50 h2(0.0115854)
    array([4.556])
    """
    steps = integer(steps, "steps")
    runs = integer(runs, "runs", 2)
    every = integer(every, "every")
    root = as_key(key)
    network = as_network(network, BinaryNetwork)
    grid, base = strengths(noise), unit_noise(network)
    rows = []
    for i, r in enumerate(grid):
        folded = jax.random.fold_in(root, i)
        probe = ConditionalEntropy(every=every)
        noisy = network.with_noise(base * float(r))
        values = simulate(noisy, steps, probe, key=folded, start=start, runs=runs).conditional_entropy.values
        rows.append((values.mean(), values.std(ddof=1) / np.sqrt(runs)))
        if callable(progress):
            progress(i + 1, len(grid))
    mean, error = np.array(rows).T
    configuration = {
        **{"noise": grid, "steps": steps, "start": start, "runs": runs, "every": every, "key": key},
        **network_entries(network),
    }
    attrs = provenance(
        "simulated", "conditional entropy along runs", ("metzner2024",), configuration, **seed_entry(key)
    )
    bit = {"units": "bit"}
    return xr.Dataset(
        {"divergence": ("noise", mean, bit), "divergence_se": ("noise", error, bit)}, {"noise": grid}, attrs
    )


__all__ = ["conditional_entropy", "sampled_divergence"]
