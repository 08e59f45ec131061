"""Entropy, mutual information and divergence of successive states as functions of the noise strength."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, Unpack, cast

import jax
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._choice import Choice, choose_estimator
from noisette.analysis._entropies import Correction, plug_in
from noisette.analysis._options import Estimator, Progress, RunOptions, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.noise import Noise, White
from noisette.probes import ConditionalEntropy, ConditionalStates, JointStates
from noisette.progress import Callback
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate
from noisette.theory import markov

BATCH = 32  # number of strengths evaluated by one call of the compiled program
RUNS = 20
EVERY = 10  # number of steps between evaluations of the conditional entropy of all units
SAMPLED = ("single-run", "rao-blackwell")
NOISE_LABELS = {"long_name": "noise strength r", "units": "std per step"}
ESTIMATORS = ("auto", *markov.ESTIMATORS, *SAMPLED)
LABELS = {
    "entropy": "entropy H of the states",
    "information": "mutual information I of successive states",
    "divergence": "divergence D = H − I",
}


def unit_noise(network: BinaryNetwork) -> Noise:
    """Return the noise that is scaled: that of the network, or white noise of unit strength if the network has none."""
    noise = network.noise
    noiseless = isinstance(noise, White) and not np.any(np.asarray(noise.strength))
    return White(1.0) if noiseless else noise


def with_unit_noise(network: BinaryNetwork) -> BinaryNetwork:
    """Return the network in the noise that is scaled."""
    return network.with_noise(unit_noise(network))


def strengths(values: ArrayLike) -> np.ndarray:
    """Return noise strengths as an array of finite numbers ≥ 0; raise `InputError` for other values."""
    array = np.atleast_1d(real_array(values, "noise", finite=False))
    require(array.ndim == 1 and array.size > 0, f"noise of shape {array.shape}", "a list of strengths")
    invalid = array[~((array >= 0) & (array < np.inf))]
    if invalid.size:
        raise InputError(f"noise strength {invalid[0]:g}; a noise strength is zero or positive; give numbers ≥ 0")
    return array


class _Curve(NamedTuple):
    """Parameters of a curve: a network in noise `base` scaled by each strength of `grid`, and the estimator."""

    network: BinaryNetwork
    base: Noise
    grid: np.ndarray
    steps: int
    start: Any
    estimator: Estimator
    runs: int
    units: Sequence[int] | None
    key: KeyLike
    choice: Choice | None = None

    def check(self) -> None:
        """Raise `InputError` for parameters with which the curve cannot be computed."""
        integer(self.steps, "steps")
        integer(self.runs, "runs", None)
        as_key(self.key)
        if self.estimator not in SAMPLED:
            allowed = "subsets are simulated, with single-run or rao-blackwell"
            require(self.units is None, "units with an exact estimator", allowed)
            return
        require(self.runs >= 2, f"{self.runs} runs", "at least 2, for a standard error")
        size = self.network.size
        require(
            size <= 10 or self.units is not None,
            f"{size} units have 2^{size} joint states, more than runs can visit",
            "observe at most 10 units",
            "select them with units",
        )

    def at(self, strength: float) -> BinaryNetwork:
        """Return the network with noise of the given strength."""
        return self.network.with_noise(self.base * float(strength))

    def provenance(self) -> dict[str, Any]:
        """Return the attributes of the result: its method, and the configuration that reproduces it."""
        references = {"stationary": ("grassmann1985",), "rao-blackwell": ("blackwell1947",)}.get(self.estimator, ())
        configuration = {
            **network_entries(self.network),
            "noise": self.base,
            "key": self.key,
            "steps": self.steps,
            "start": self.start,
            "runs": self.runs,
            "units": self.units,
        }
        method = "simulated" if self.estimator in SAMPLED else "exact"
        chosen = {} if self.choice is None else self.choice.attributes()
        return provenance(
            method,
            self.estimator,
            ("metzner2024", *references),
            configuration,
            steps=self.steps,
            **seed_entry(self.key),
            **chosen,
        )


@check_arguments
@public_call
def resonance(
    network: NetworkLike,
    noise: ArrayLike,
    steps: int = 10_000,
    start: Any = 0,
    estimator: Estimator = "auto",
    *,
    key: KeyLike = 0,
    progress: Progress | None = None,
    **sampling: Unpack[RunOptions],
) -> xr.Dataset:
    """Entropy, mutual information and divergence of successive states at each strength of the noise.

    .. math:: H = -\\sum_a \\bar p_a \\log_2 \\bar p_a, \\quad I = I(s_t; s_{t+1}), \\quad D = H - I

    Three different quantities are called I(r) in the literature; ``estimator`` selects one of them and its estimate:

    - "auto": "fixed-start" where it is available (up to 16 units, or 12 in shared noise); beyond, "rao-blackwell" for a
      subset of the units, and the divergence of all units; "single-run" in shared noise or noise with memory. The
      attributes ``reason`` and ``alternative`` of the result state what was chosen, and why;
    - "fixed-start": exact, for the ensemble of all runs of N_T steps from one initial state;
    - "start-averaged": exact, for the mixture over uniformly distributed initial states, which conceals a resonance;
    - "stationary": exact, for N_T → ∞;
    - "single-run": simulated, the plug-in estimate of one run, averaged over ``runs`` runs;
    - "rao-blackwell": simulated, with the exact probabilities of the next state instead of a sampled one.

    "fixed-start" describes the mixture of all runs. Entropy and conditional entropy are concave, so on average both
    H and D of a single run lie below their values for the mixture, and the information I = H − D may lie on either
    side. Where runs visit all states often but many pairs of states rarely, as in strong noise, the bias of D prevails:
    I is too high by about (K_ab − K_a − K_b + 1)/(2 N_T ln 2), where K are the numbers of observed pairs and states,
    and the Miller–Madow correction removes most of this bias. Where runs differ in the time that they spend in each
    attractor, as in weak noise, the bias of H prevails: I is too low, and the correction lowers it further.

    Parameters
    ----------
    network : binary network, whose noise is scaled; white noise is added if it has none
    noise : strengths r ≥ 0, shape (strengths,), by which the noise is multiplied; for white noise of unit strength the
        standard deviation per step
    steps : number of steps N_T of a run
    start : code of the initial state (for exact estimators also "uniform" or a distribution)
    estimator : one of the estimators above
    key : an integer or a JAX key, for simulated estimators
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (done, total)
    **sampling : for simulated estimators, ``runs`` (20; "auto" uses fewer for large networks), the number of runs at
        each strength, and ``units``, the indices of the observed units (at most 10; by default all, or for "auto" five
        units that are strongly coupled with each other)

    Returns
    -------
    Dataset over ``noise`` with ``entropy``, ``information`` and ``divergence`` in bits; for simulated estimators also
    with standard errors over runs (``…_se``) and Miller–Madow corrected values (``…_corrected``). A subset chosen by
    "auto" is accompanied by ``conditional_entropy`` of all units, with its standard error. Where the stationary
    distribution is not unique, or cannot be resolved in float64, the values are NaN, and the attribute ``undefined``
    contains the strengths and the reason: a sign network without noise, for instance, has one stationary distribution
    per attractor.

    Raises
    ------
    InputError : negative noise, unknown estimator, a network too large for the estimator.

    See Also
    --------
    noise_effect : One answer: whether noise helps, at which strength, and why.
    optimal_noise : The exact optimum, its kind and all local maxima.
    theory.markov.measures : H, I and D of one network at one strength, exactly.
    analysis.conditional_entropy : H(s'|s) of all units of a network of any size.
    JointStates : Counts of pairs of successive states in your own simulation.

    Examples
    --------
    >>> import noisette as nz
    >>> curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    >>> curve.information.values.round(4)
    array([3.2837, 4.5442, 0.0909])
    >>> nz.resonance(nz.SignNetwork(nz.weights.autapses(10)), [0, 9], estimator="stationary").undefined
    'noise 0: the chain has 32 closed sets of states; ...'

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    runs, units = sampling.get("runs", RUNS), sampling.get("units")
    network = as_network(network, BinaryNetwork)
    grid, choice = strengths(noise), None
    if estimator == "auto":
        number = sampling.get("runs")
        choice = choose_estimator(with_unit_noise(network), integer(steps, "steps"), units, number, len(grid))
        estimator, units, runs = choice.estimator, choice.units, choice.runs
    curve = _Curve(network, unit_noise(network), grid, steps, start, estimator, runs, units, key, choice)
    curve.check()
    data, undefined = (_sampled(curve, progress), "") if estimator in SAMPLED else _exact(curve, progress)
    coordinate = ("noise", curve.grid, NOISE_LABELS)
    variables = {name: ("noise", values, {"units": "bit", "long_name": _label(name)}) for name, values in data.items()}
    attrs = curve.provenance() | ({"undefined": undefined} if undefined else {})
    return xr.Dataset(variables, {"noise": coordinate}, attrs)


def _label(name: str) -> str:
    """Return the label of a variable, such as ``information_corrected_se``."""
    kind, _, suffix = name.partition("_")
    suffixes = {
        "": "",
        "se": ", standard error over runs",
        "corrected": ", Miller–Madow",
        "corrected_se": ", s.e.",
    }
    if kind == "conditional":
        kind, _, suffix = "conditional entropy H(s'|s) of all units", "", suffix.removeprefix("entropy").strip("_")
    return LABELS.get(kind, kind) + suffixes.get(suffix, "")


def _exact(curve: _Curve, progress: Progress | None) -> tuple[dict[str, np.ndarray], str]:
    """Return the exact curves, and a description of the strengths at which they are undefined."""
    network, estimator = curve.network, curve.estimator
    unit, factors = curve.base.step_law(network.size, None)
    if network.size <= markov.SMALL and not factors.shape[0] and estimator != "stationary":
        start = "uniform" if estimator == "start-averaged" else curve.start
        first = markov.start_distribution(start, network.size)
        std = curve.grid[:, None] * np.asarray(unit)
        noiseless, reach = network.with_noise(None), network.reach()
        # padding to batches of equal size avoids a compilation for each number of strengths
        padded = np.concatenate([std, np.repeat(std[-1:], -len(std) % BATCH, axis=0)])
        batches = []
        for i in range(0, len(padded), BATCH):
            part = padded[i : i + BATCH]
            batches.append(np.stack(_batched(noiseless, part, first, int(curve.steps), estimator, reach)))
            if callable(progress):
                progress(min(i + BATCH, len(std)), len(std))
        curves, undefined = np.concatenate(batches, axis=1)[:, : len(std)], ""
    else:
        rows, reasons, exact = [], {}, cast("markov.ExactEstimator", estimator)
        for i, r in enumerate(curve.grid):
            try:
                rows.append([float(x) for x in markov.measures(curve.at(r), int(curve.steps), curve.start, exact)])
            except (markov.Reducible, markov.Unresolved) as error:
                # in very weak noise the chain decomposes, exactly or nearly so, into one closed set per attractor
                reasons[float(r)] = str(error)
                rows.append([np.nan] * len(LABELS))
            if callable(progress):
                progress(i + 1, len(curve.grid))
        curves, undefined = np.array(rows).T, _undefined(reasons)
    return dict(zip(LABELS, map(np.asarray, curves), strict=True)), undefined


def _undefined(reasons: dict[float, str]) -> str:
    """Describe the strengths at which a curve is undefined, with the reason at the largest of them."""
    if not reasons:
        return ""
    least, most = min(reasons), max(reasons)
    where = f"{least:g}" if len(reasons) == 1 else f"{least:g} to {most:g} ({len(reasons)} strengths)"
    return f"noise {where}: {reasons[most]}"


_batched = jax.jit(
    lambda network, std, first, steps, estimator, reach: jax.vmap(
        lambda s: markov.small_measures(network, s, first, steps, estimator, reach)
    )(std),
    static_argnames=("estimator", "reach"),
)


def _sampled(curve: _Curve, progress: Progress | None) -> dict[str, np.ndarray]:
    """Return the means and standard errors of a simulated curve, each of shape (strengths,)."""
    if curve.estimator == "single-run":
        name, probe = "joint_states", JointStates(curve.units)
    else:
        name, probe = "conditional_states", ConditionalStates(curve.units)
    observed = curve.network.size if curve.units is None else len(curve.units)
    batch = max(1, int(4e6 // (curve.runs * 4**observed)))  # number of strengths whose joint counts fit into memory
    whole = curve.choice is not None and curve.estimator == "rao-blackwell" and observed < curve.network.size
    probes = [probe, ConditionalEntropy(every=EVERY)] if whole else [probe]
    rows: list[dict[str, np.ndarray]] = []
    for first in range(0, len(curve.grid), batch):
        part = curve.grid[first : first + batch]
        result = simulate(
            [curve.at(r) for r in part],
            int(curve.steps),
            probes,
            key=jax.random.fold_in(as_key(curve.key), first),
            start=curve.start,
            runs=curve.runs,
            progress=None if not callable(progress) else partial(_report, progress, first, len(part), len(curve.grid)),
        )
        rows.append(_summary(result[name].values, curve.estimator))
        if whole:
            rows[-1] |= _mean("conditional_entropy", result.conditional_entropy.values)
    return {k: np.concatenate([row[k] for row in rows]) for k in rows[0]}


def _report(progress: Callback, first: int, part: int, strengths: int, done: int, total: int) -> None:
    """Report the progress of one batch of strengths as a fraction of the whole curve."""
    progress(first * total + done * part, strengths * total)


def _summary(joint: np.ndarray, estimator: str) -> dict[str, np.ndarray]:
    """Return means and standard errors over runs, of shape (strengths,), from counts (strengths, runs, K, K)."""
    summary = {}
    kinds: dict[str, Correction] = (
        {"": "none", "_corrected": "miller-madow"} if estimator == "single-run" else {"": "none"}
    )
    for suffix, correction in kinds.items():
        for name, values in plug_in(joint, correction)._asdict().items():
            summary |= _mean(name + suffix, values)
    return summary


def _mean(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Return mean and standard error over runs, of shape (strengths,), from values of shape (strengths, runs)."""
    return {name: values.mean(1), f"{name}_se": values.std(1, ddof=1) / np.sqrt(values.shape[1])}


__all__ = ["ESTIMATORS", "resonance", "strengths", "unit_noise", "with_unit_noise"]
