"""Figure c: how the dimension deviates from N → ∞: N (D − D_∞) against 1/N, in theory and simulated."""

from typing import Any, NamedTuple

import jax
import numpy as np
import xarray as xr

from noisette.activations import Activation, Power, linear, tanh
from noisette.analysis import jackknife
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, MANY, NOISE, Traces, traces
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations
from noisette.weights import gaussian


class Case(NamedTuple):
    """One network: φ, g, whether J_ii are drawn, what it is called, its colour, and its slopes (ours: of x, of φ)."""

    activation: Activation
    gain: float
    self_coupling: bool
    label: str
    colour: str
    slopes: tuple[tuple[float, float], ...] = ()


CASES = {
    "linear": Case(linear, 0.5, True, "linear, g = 0.5", "black"),
    "no-autapses": Case(linear, 0.5, False, "the same, J_ii = 0", "grey"),
    "tanh-0.8": Case(tanh, 0.8, True, "tanh, g = 0.8", "entropy", ((-0.24, 0.03), (0.21, 0.03))),
    "tanh-1.2": Case(tanh, 1.2, True, "tanh, g = 1.2", "sky", ((-0.15, 0.05), (0.52, 0.05))),
    "power": Case(Power(0.75), 0.5, True, "power ¾, g = 0.5", "information", ((-0.26, 0.03), (0.08, 0.03))),
}
CURVED = tuple(name for name, case in CASES.items() if case.slopes)
SIZES = {"quick": (40, 100, 200), "paper": (40, 100, 200, 400)}
REDUCED = {"quick": (40, 100), "paper": (40, 100, 200)}  # sizes at which the reduced model is sampled
SITES = {"quick": 800_000, "paper": 20_000_000}  # samples × N of it
NETWORKS = {"quick": {40: 100, 100: 60, 200: 40}, "paper": {40: 2000, 100: 1000, 200: 500, 400: 250}}
MATRICES = {"quick": 8_000_000, "paper": 80_000_000}  # entries of linear networks drawn at each size
BLOCK = 4_000_000  # of them at once
FAR = 4.0  # standard errors beyond which no point may lie


def measure(case: str, size: int, scale: str, seed: int) -> xr.Dataset:
    """Return N (D − D_∞) of simulated networks and of the reduced model, each with its standard error."""
    given, none = CASES[case], np.full(2, np.nan)
    phi, gain = given.activation, given.gain
    large = [correlations(phi, gain, NOISE, activity=each) for each in ACTIVITIES]
    limit = np.array([float(one.participation_dimension) for one in large])
    found: dict[str, Any] = {"limit": limit, "model": none, "model_se": none}
    if phi is linear:
        first, second = _linear(gain, size, scale, seed, given.self_coupling)
        found["simulated"], found["simulated_se"] = (np.full(2, each) for each in jackknife(first, second))
        networks, failed = 2 * len(first), 0
    else:
        control = float(large[0].effective_gain)
        runs = traces(phi, gain, scale, seed, networks=NETWORKS[scale][size], size=size, control=control)
        known = np.stack(_linear(control, size, scale, seed + 1))
        found["simulated"], found["simulated_se"] = np.array([controlled(runs, i, known) for i in range(2)]).T
        networks, failed = runs.first.shape[1], runs.failed
    if phi is not linear and size in REDUCED[scale]:
        samples, key = SITES[scale] // size, jax.random.key(seed)
        options: dict[str, Any] = {"order": "finite", "samples": samples, "key": key}
        model = [correlations(phi, gain, NOISE, size, activity=each, **options) for each in ACTIVITIES]
        found["model"] = np.array([float(one.participation_dimension) for one in model])
        found["model_se"] = np.array([float(one.participation_dimension_se) for one in model])
    for name in ("model", "simulated"):
        found[name] = size * (found[name] - limit)
        found[f"{name}_se"] = size * found[f"{name}_se"]
    data = {name: ("activity", values) for name, values in found.items()} | {"networks": networks, "failed": failed}
    return xr.Dataset(data, {"activity": list(ACTIVITIES)}, {"method": "mean-field, and simulated"})


def _linear(
    gain: float, size: int, scale: str, seed: int, self_coupling: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Return tr C/N and tr C²/N of linear networks, C = (1 − gJ)⁻¹ (1 − gJ)⁻ᵀ, each averaged over J and −J."""
    number, block = MATRICES[scale] // (2 * size**2), max(1, BLOCK // size**2)
    key, one, parts = jax.random.fold_in(jax.random.key(seed), size), np.eye(size), []
    for start in range(0, number, block):
        shape = (min(block, number - start), size, size)
        J = np.array(jax.random.normal(jax.random.fold_in(key, start), shape, float)) / size**0.5
        if not self_coupling:
            J[:, range(size), range(size)] = 0.0
        both = [np.linalg.inv(one - sign * gain * J) for sign in (1, -1)]
        first = [(G**2).sum((1, 2)) for G in both]
        second = [((G @ G.swapaxes(1, 2)) ** 2).sum((1, 2)) for G in both]
        parts.append(np.mean([first, second], axis=1) / size)
    first, second = np.concatenate(parts, axis=1)
    return first, second


def controlled(runs: Traces, activity: int, known: np.ndarray) -> tuple[float, float]:
    """Return D and its standard error, with a linear network of the same weights and noise as control variate.

    Parameters
    ----------
    runs : traces of x, of φ(x), and of the linear network
    activity : which of the first two
    known : traces of many linear networks, shape (2, networks), which give the means of the control
    """
    first, second = runs.first[activity], runs.second[activity]
    control = np.array([runs.first[2], runs.second[2]])
    mean, spread = known.mean(1), np.cov(known) / known.shape[1]
    design = np.column_stack([np.ones(len(first)), (control - mean[:, None]).T])
    fits, *_ = np.linalg.lstsq(design, np.array([first, second]).T, rcond=None)
    one, two = fits[0]
    rest = np.array([first, second]).T - design @ fits
    free = len(first) - design.shape[1]
    ratio = np.array([2 / one, -1 / two])  # of the logarithm of D
    passed = fits[1:] @ ratio  # how errors of the control's mean go on
    error = ((rest @ ratio) ** 2).sum() / (free * len(first)) + passed @ spread @ passed
    dimension = one**2 / two
    return float(dimension), float(dimension * np.sqrt(error))


def study(scale: str, seed: int) -> Study:
    """Return the study over cases and sizes."""
    return Study("finite-size", measure, {"case": list(CASES), "size": SIZES[scale]}, {"scale": scale, "seed": seed})


def slope(sizes: np.ndarray, values: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Return the limit N → ∞ of values a + b/N, and its standard error."""
    kept = np.isfinite(values)
    design = np.column_stack([np.ones(kept.sum()), 1 / sizes[kept]]) / errors[kept, None]
    inverse = np.linalg.inv(design.T @ design)
    return float((inverse @ design.T @ (values[kept] / errors[kept]))[0]), float(np.sqrt(inverse[0, 0]))
