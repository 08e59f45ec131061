"""Figure d: the covariances of pairs of one network are gaussian numbers of variance ψ/N."""

from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.stats import norm

from noisette.activations import Activation, Pade, tanh
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, DRAWS, MANY, NOISE, SIZE, blocks, settled
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations

CASES: dict[str, tuple[Activation, float, str, str]] = {
    "tanh-0.8": (tanh, 0.8, "tanh, g = 0.8", "entropy"),
    "tanh-1.2": (tanh, 1.2, "tanh, g = 1.2", "sky"),
    "pade": (Pade(1 / 3, 0.0), 1.2, "Padé, g = 1.2", "purple"),
}
SIZES = {"quick": (100, 200), "paper": (100, 200, 400)}
NETWORKS = {"quick": 6, "paper": 16}  # of each size
BATCHES = {"quick": 10, "paper": 10}  # of draws of the noise
EDGES = np.linspace(-5, 5, 41)
NORMAL = np.linspace(-3.5, 3.5, 29)
CORRECTION = 2.0  # coefficient of 1/N, relative, that is granted to ψ; the reduced model has about one


def measure(case: str, size: int, scale: str, seed: int) -> xr.Dataset:
    """Return the distribution of √N C_ij, i ≠ j, over all pairs of some networks, and its moments in each."""
    phi, gain, *_ = CASES[case]
    large = [correlations(phi, gain, NOISE, activity=each) for each in ACTIVITIES]
    psi = np.array([float(one.covariance_variance) for one in large])
    level = np.array([float(one.variance) for one in large])
    found, failed = _networks(phi, gain, size, scale, seed)
    width = np.sqrt(psi + size * level**2 / (BATCHES[scale] * DRAWS[scale]))  # that of the estimates of √N C_ij
    pooled = [np.concatenate([one[i][0] for one in found]) / width[i] for i in range(2)]
    moments = np.array([[each[1] for each in one] for one in found])  # network, activity, moment
    data: dict[str, Any] = {
        "density": (("activity", "bin"), [np.histogram(one, EDGES, density=True)[0] for one in pooled]),
        "quantiles": (("activity", "normal"), [np.quantile(one, norm.cdf(NORMAL)) for one in pooled]),
        "pairs": pooled[0].size,
        "psi": ("activity", psi),
        "failed": failed,
    }
    for i, name in enumerate(("average", "variance", "sampling", "kurtosis")):
        data[name] = (("activity", "network"), moments[:, :, i].T)
    coords = {"activity": list(ACTIVITIES), "bin": (EDGES[1:] + EDGES[:-1]) / 2, "normal": NORMAL}
    attrs = {"method": "mean-field, and simulated", "draws": BATCHES[scale] * DRAWS[scale]}
    return xr.Dataset(data, coords, attrs)


def _networks(
    phi: Activation, gain: float, size: int, scale: str, seed: int
) -> tuple[list[list[tuple[np.ndarray, tuple[float, ...]]]], int]:
    """Return for each network and activity √N C_ij of all pairs and its moments, and how many draws were lost."""
    found, failed, key = [], 0, jax.random.key(seed)
    together = SIZE[scale] // size
    for number in range(-(-NETWORKS[scale] // together)):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = blocks(size, together, for_weights)
        keys = [jax.random.fold_in(for_noise, batch) for batch in range(BATCHES[scale])]
        runs = [settled(phi, gain, W, DRAWS[scale], each) for each in keys]
        failed += sum(lost for _, lost in runs)
        x = np.concatenate([states for states, _ in runs])
        both = (x, np.asarray(phi(x)))
        parts = [slice(one * size, (one + 1) * size) for one in range(together)]
        found += [[pair_moments(y[:, part]) for y in both] for part in parts]
    return found[: NETWORKS[scale]], failed


def pair_moments(samples: np.ndarray) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Return √N C_ij of all pairs i < j, estimated from samples of mean zero, and four numbers about them.

    These are the mean; the variance without what the number of samples adds; what it adds, N Var(x_i x_j)/n, about
    N C_ii C_jj/n; and the excess kurtosis, to which sampling adds next to nothing.
    """
    number, size = samples.shape
    pairs = np.triu_indices(size, 1)
    products = (samples.T @ samples / number)[pairs]
    squares = ((samples**2).T @ samples**2 / number)[pairs]
    values = np.sqrt(size) * products
    second, added = (values**2).mean(), size * (squares - products**2).mean() / (number - 1)
    kurtosis = ((values**4).mean() - 3 * second**2) / (second - added) ** 2
    return values, (float(values.mean()), float(second - added), float(added), float(kurtosis))


def study(scale: str, seed: int) -> Study:
    """Return the study over cases and sizes."""
    grid = {"case": list(CASES), "size": SIZES[scale]}
    return Study("distribution", measure, grid, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw histogram and quantiles of the largest size, and the excess kurtosis over 1/N."""
    made = figure(9.6, 3.3)
    shape, quantiles, tails = axes = made.subplots(1, 3)
    last = data.isel(size=-1)
    shape.plot(EDGES, norm.pdf(EDGES), color=COLOURS["black"], lw=0.8, label="gaussian of variance ψ")
    quantiles.plot(NORMAL, NORMAL, color=COLOURS["black"], lw=0.8)
    for number, (name, (_, _, label, colour)) in enumerate(CASES.items()):
        for activity, mark, fill in (("current", "o", COLOURS[colour]), ("rate", "D", "white")):
            here = last.sel(case=name, activity=activity)
            look = {"ms": 3.2, "color": COLOURS[colour], "mfc": fill, "mew": 0.8}
            some = here.density.values > 0
            symbol = "x" if activity == "current" else "φ"
            shape.plot(here.bin[some], here.density[some], mark, label=f"{label}: {symbol}", **look)
            quantiles.plot(NORMAL, here.quantiles, mark, **look)
            every = data.sel(case=name, activity=activity)
            mean, error = _over_networks(every.kurtosis)
            places = 1 / data["size"].values + 1e-4 * (2 * number - 2 + (activity == "rate"))
            tails.errorbar(places, mean, error, fmt=mark, lw=0.9, **look)
    size = int(last["size"])
    shape.set(yscale="log", ylim=(1e-5, 1), xlabel=r"$\sqrt{N}\,C_{ij}$ in predicted s.d.", ylabel="density")
    quantiles.set(xlabel="quantile of a gaussian", ylabel=rf"quantile of $\sqrt{{N}}\,C_{{ij}}$, N = {size}")
    tails.axhline(0, color=COLOURS["black"], lw=0.8)
    tails.set(xlabel="1/N", ylabel="excess kurtosis over pairs", xlim=(0, None))
    for axis, mark in zip(axes, "abc", strict=True):
        letter(axis, mark)
    made.legend(*shape.get_legend_handles_labels(), loc="outside right center", fontsize=7)
    return made


def _over_networks(values: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over networks."""
    return values.mean("network").values, (values.std("network", ddof=1) / np.sqrt(values.sizes["network"])).values
