"""Figure d: the covariances of pairs of one network are gaussian numbers of variance ψ/N."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import norm

from noisette.activations import Activation, Pade, tanh
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, MANY, NOISE, SIZE, blocks, settled
from noisette.papers.correlations.finite_size import fitted
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations

CASES: dict[str, tuple[Activation, float, str, str]] = {
    "tanh-0.8": (tanh, 0.8, "tanh, g = 0.8", "entropy"),
    "tanh-1.2": (tanh, 1.2, "tanh, g = 1.2", "sky"),
    "pade": (Pade(1 / 3, 0.0), 1.2, "Padé, g = 1.2", "purple"),
}
SIZES = {"smoke": (20, 40), "quick": (50, 100, 200), "paper": (50, 100, 200, 400)}
MATRICES = {"smoke": 2, "quick": 4, "paper": 12}  # for each size, filled with as many networks as find room
SAMPLES = {"smoke": 128, "quick": 1536, "paper": 3200}  # draws of the noise
EDGES = np.linspace(-5, 5, 41)
NORMAL = np.linspace(-3.5, 3.5, 29)
CORRECTION = 2.0  # coefficient of 1/N, relative, that is granted to ψ; the reduced model has about one


def measure(case: str, size: int, scale: str, seed: int) -> xr.Dataset:
    """Return the distribution of √N C_ij, i ≠ j, over all pairs of some networks, and its moments in each."""
    phi, gain, *_ = CASES[case]
    large = [correlations(phi, gain, NOISE, activity=each) for each in ACTIVITIES]
    psi = np.array([float(one.covariance_variance) for one in large])
    level = np.array([float(one.variance) for one in large])
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), list(CASES).index(case)), size)
    attrs = {"method": "mean-field, and simulated", "draws": SAMPLES[scale]}
    found, failed = _networks(phi, gain, size, scale, key)
    width = np.sqrt(psi + size * level**2 / SAMPLES[scale])  # that of the estimates of √N C_ij
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
    bins, networks = (EDGES[1:] + EDGES[:-1]) / 2, range(len(moments))
    return xr.Dataset(data, {"activity": list(ACTIVITIES), "bin": bins, "normal": NORMAL, "network": networks}, attrs)


def _networks(
    phi: Activation, gain: float, size: int, scale: str, key: Any
) -> tuple[list[list[tuple[np.ndarray, tuple[float, ...]]]], int]:
    """Return for each network and activity √N C_ij of all pairs and its moments, and how many draws were lost."""
    found, failed, together = [], 0, SIZE[scale] // size
    for number in range(MATRICES[scale]):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = blocks(size, together, for_weights)
        x, lost = settled(phi, gain, W, SAMPLES[scale], for_noise)
        failed += lost
        both = (x, np.asarray(phi(jnp.asarray(x))))
        parts = [slice(one * size, (one + 1) * size) for one in range(together)]
        found += [[pair_moments(y[:, part]) for y in both] for part in parts]
    return found, failed


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
    shape.plot(EDGES, norm.pdf(EDGES), color=COLOURS["black"], lw=0.8, label="gaussian, predicted")
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
    shape.set(
        yscale="log", ylim=(1e-5, 1), xlabel=r"$\sqrt{N}\,C_{ij}\,/\,\sqrt{\psi + \mathrm{sampling}}$", ylabel="density"
    )
    quantiles.set(xlabel="quantile of a gaussian", ylabel=rf"quantile of $\sqrt{{N}}\,C_{{ij}}$, N = {size}")
    tails.axhline(0, color=COLOURS["black"], lw=0.8)
    tails.set(xlabel="1/N", ylabel="excess kurtosis over pairs", xlim=(0, None))
    for axis, mark in zip(axes, "abc", strict=True):
        letter(axis, mark)
    made.legend(*shape.get_legend_handles_labels(), loc="outside right center", fontsize=7)
    return made


def _over_networks(values: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over networks, which smaller sizes have more of."""
    number = values.notnull().sum("network")
    return values.mean("network").values, (values.std("network", ddof=1) / np.sqrt(number)).values


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether covariances of pairs have the predicted distribution."""
    return [_variance(data), _mean(data), _gaussian(data)]


def _variance(data: xr.Dataset) -> Claim:
    ratio, error = _over_networks((data.variance / data.psi).transpose("case", "activity", "size", "network"))
    added = (data.sampling / data.psi).mean("network").isel(size=-1)
    sizes = data["size"].values
    off = np.abs(ratio - 1)
    beyond, granted = int((off > MANY * error).sum()), int((off > MANY * error + CORRECTION / sizes).sum())
    return holds(
        "large-N statistics of correlations: N Var C_ij over pairs of simulated networks is ψ (x and φ)",
        "1 × ψ (theory)",
        f"N = {sizes[-1]}: {_listed(ratio[..., -1], error[..., -1])}; over all N {beyond} of {ratio.size} beyond "
        f"{MANY:g} s.e., {granted} if {CORRECTION:g}/N is granted",
        granted <= 1 and float(off[..., -1].max()) < 0.15,
        why=f"sampling variance of {data.attrs['draws']} draws, about N C_ii C_jj/draws ({float(added.min()):.2f} to "
        f"{float(added.max()):.2f} ψ at N = {sizes[-1]}), is taken off; {int(data.failed.sum())} draws unsolved",
        why_not="the variance is another",
    )


def _mean(data: xr.Dataset) -> Claim:
    mean, error = _over_networks((data.average / np.sqrt(data.psi)).transpose("case", "activity", "size", "network"))
    beyond = int((np.abs(mean) > MANY * error).sum())
    return holds(
        "covariances of pairs have mean zero (odd φ)",
        "0 (theory)",
        f"in units of √(ψ/N), N = {int(data['size'][-1])}: {_listed(mean[..., -1], error[..., -1])}; "
        f"over all N {beyond} of {mean.size} beyond {MANY:g} s.e.",
        beyond <= 1 and float(np.abs(mean[..., -1]).max()) < 0.05,
        why="−φ(−x) = φ(x): signs of units do not matter",
        why_not="there is a mean",
    )


def _gaussian(data: xr.Dataset) -> Claim:
    sizes = data["size"].values
    found, error = _over_networks(data.kurtosis.transpose("case", "activity", "size", "network"))
    rows = [fitted(sizes, *pair) for pair in zip(*(x.reshape(-1, len(sizes)) for x in (found, error)), strict=True)]
    limits, spreads = (np.array([row[k] for row in rows]) for k in (0, 2))
    beyond = int((np.abs(limits) > MANY * spreads).sum())
    return holds(
        "large-N statistics of correlations: C_ij are gaussian over pairs",
        "excess kurtosis 0 at N → ∞ (theory)",
        f"{_listed(found[..., -1], error[..., -1])} at N = {sizes[-1]}; "
        f"lines in 1/N lead to {_listed(limits, spreads)}",
        beyond == 0 and float(found[..., -1].max()) < 0.6,
        why="tails are a little heavier at these sizes, more so of x than of φ, and go as 1/N",
        why_not=f"{beyond} of the limits are beyond {MANY:g} standard errors from zero, or tails are heavy",
    )


def _listed(values: np.ndarray, errors: np.ndarray) -> str:
    pairs = zip(values.ravel(), errors.ravel(), strict=True)
    return ", ".join(f"{value:.3f} ± {error:.3f}" for value, error in pairs)


FIGURE = Figure("distribution", "Distribution of covariances of pairs, against the gaussian", study, plot, claims)
