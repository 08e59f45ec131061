"""Figure d: the covariances C_ij over pairs of units are Gaussian with variance ψ/N."""

from math import comb
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import norm

from noisette.activations import Activation, Pade, tanh
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, NOISE, SIZE, THRESHOLD, blocks, fixed_points
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
MATRICES = {"smoke": 2, "quick": 4, "paper": 12}  # number of matrices per size, each with SIZE // N blocks
SAMPLES = {"smoke": 128, "quick": 1536, "paper": 3200}  # draws of the noise
EDGES = np.linspace(-5, 5, 41)
NORMAL = np.linspace(-3.5, 3.5, 29)
PARTS = 20  # parts of the samples whose estimates are multiplied
FITTED = 3  # number of the largest sizes from which the kurtosis is extrapolated, as smaller ones deviate from a line
CORRECTION = 2.0  # tolerated relative coefficient of 1/N of ψ; that of the reduced model is about one


def measure(case: str, size: int, scale: str, seed: int) -> xr.Dataset:
    """Return the distribution of √N C_ij, i ≠ j, over all pairs of several networks, and its moments in each."""
    phi, gain, *_ = CASES[case]
    large = [correlations(phi, gain, NOISE, activity=activity) for activity in ACTIVITIES]
    psi = np.array([float(table.covariance_variance) for table in large])
    variance = np.array([float(table.variance) for table in large])
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), list(CASES).index(case)), size)
    attrs = {"method": "mean-field, and simulated", "draws": SAMPLES[scale]}
    by_network, failed = _networks(phi, gain, size, scale, key)
    width = np.sqrt(psi + size * variance**2 / SAMPLES[scale])  # standard deviation of the estimates of √N C_ij
    pooled = [np.concatenate([network[i][0] for network in by_network]) / width[i] for i in range(2)]
    moments = np.array(
        [[statistics for _, statistics in network] for network in by_network]
    )  # network, activity, moment
    data: dict[str, Any] = {
        "density": (("activity", "bin"), [np.histogram(values, EDGES, density=True)[0] for values in pooled]),
        "quantiles": (("activity", "normal"), [np.quantile(values, norm.cdf(NORMAL)) for values in pooled]),
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
    """Return √N C_ij of all pairs and its moments for each network and activity, and the number of unsolved draws."""
    networks, failed, blocks_per_matrix = [], 0, SIZE[scale] // size
    for number in range(MATRICES[scale]):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        W = blocks(size, blocks_per_matrix, for_weights)
        x, unsolved = fixed_points(phi, gain, W, SAMPLES[scale], for_noise)
        failed += unsolved
        activities = (x, np.asarray(phi(jnp.asarray(x))))
        parts = [slice(block * size, (block + 1) * size) for block in range(blocks_per_matrix)]
        networks += [[pair_moments(y[:, part]) for y in activities] for part in parts]
    return networks, failed


def pair_moments(samples: np.ndarray) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Return √N C_ij of all pairs i < j, estimated from samples of mean zero, and four statistics of these values.

    The statistics are the mean and variance of the true √N C_ij, the variance that sampling adds, and the excess
    kurtosis of the true ones. Powers of C_ij are estimated without bias from products of estimates from different parts
    of the samples: with p_k = Σ c^k over the estimates c of the parts, (p₁² − p₂)/2 is the sum of all products of two
    of them, and (p₁⁴ − 6 p₁² p₂ + 3 p₂² + 8 p₁ p₃ − 6 p₄)/24 that of four.
    """
    number, size = samples.shape
    pairs = np.triu_indices(size, 1)
    values = np.sqrt(size) * (samples.T @ samples / number)[pairs]
    sums = np.zeros((4, len(values)))
    for part in np.array_split(samples, PARTS):
        estimates = np.sqrt(size) * (part.T @ part / len(part))[pairs]
        sums += estimates ** np.arange(1, 5)[:, None]
    one, two, three, four = sums
    second = float((one**2 - two).mean()) / 2 / comb(PARTS, 2)
    fourth = float((one**4 - 6 * one**2 * two + 3 * two**2 + 8 * one * three - 6 * four).mean()) / 24 / comb(PARTS, 4)
    return values, (float(values.mean()), second, float((values**2).mean()) - second, fourth / second**2 - 3)


def study(scale: str, seed: int) -> Study:
    """Return the study over cases and sizes."""
    grid = {"case": list(CASES), "size": SIZES[scale]}
    return Study("distribution", measure, grid, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot histograms and quantiles for the largest size, and the excess kurtosis against 1/N."""
    fig = figure(9.6, 3.3)
    shape, quantiles, tails = axes = fig.subplots(1, 3)
    last = data.isel(size=-1)
    shape.plot(EDGES, norm.pdf(EDGES), color=COLOURS["black"], lw=0.8, label="Gaussian, predicted")
    quantiles.plot(NORMAL, NORMAL, color=COLOURS["black"], lw=0.8)
    for number, (name, (_, _, label, colour)) in enumerate(CASES.items()):
        for activity, mark, fill in (("current", "o", COLOURS[colour]), ("rate", "D", "white")):
            points = last.sel(case=name, activity=activity)
            style = {"ms": 3.2, "color": COLOURS[colour], "mfc": fill, "mew": 0.8}
            nonzero = points.density.values > 0
            symbol = "$x$" if activity == "current" else r"$\phi(x)$"
            shape.plot(
                points.bin[nonzero],
                points.density[nonzero],
                mark,
                label=f"{label.replace('g =', '$g$ =')}: {symbol}",
                **style,
            )
            quantiles.plot(NORMAL, points.quantiles, mark, **style)
            all_sizes = data.sel(case=name, activity=activity)
            mean, error = _over_networks(all_sizes.kurtosis)
            places = 1 / data["size"].values + 1e-4 * (2 * number - 2 + (activity == "rate"))
            tails.errorbar(places, mean, error, fmt=mark, lw=0.9, **style)
    size = int(last["size"])
    shape.set(
        yscale="log", ylim=(1e-5, 1), xlabel=r"$\sqrt{N}\,C_{ij}\,/\,\sqrt{\psi + \mathrm{sampling}}$", ylabel="density"
    )
    quantiles.set(xlabel="quantile of a Gaussian", ylabel=rf"quantile of $\sqrt{{N}}\,C_{{ij}}$, $N = {size}$")
    tails.axhline(0, color=COLOURS["black"], lw=0.8)
    tails.set(xlabel="$1/N$", ylabel="excess kurtosis over pairs", xlim=(0, None))
    for axis, mark in zip(axes, "abc", strict=True):
        letter(axis, mark)
    fig.legend(*shape.get_legend_handles_labels(), loc="outside right center", fontsize=7)
    return fig


def _over_networks(values: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard error over networks; their number depends on the size."""
    number = values.notnull().sum("network")
    return values.mean("network").values, (values.std("network", ddof=1) / np.sqrt(number)).values


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the distribution of the covariances of pairs."""
    return [_variance(data), _mean(data), _gaussian(data)]


def _variance(data: xr.Dataset) -> Claim:
    ratio, error = _over_networks((data.variance / data.psi).transpose("case", "activity", "size", "network"))
    noise = (data.sampling / data.psi).mean("network").isel(size=-1)
    sizes = data["size"].values
    deviation = np.abs(ratio - 1)
    outside, extreme = (
        int((deviation > THRESHOLD * error).sum()),
        int((deviation > THRESHOLD * error + CORRECTION / sizes).sum()),
    )
    return holds(
        "large-N statistics of correlations: N Var C_ij over the pairs of simulated networks equals ψ (x and φ)",
        "1 × ψ (theory)",
        f"N = {sizes[-1]}: {_listed(ratio[..., -1], error[..., -1])}; over all N {outside} of {ratio.size} deviate by "
        f"more than {THRESHOLD:g} s.e., {extreme} by more than that plus {CORRECTION:g}/N",
        extreme <= 1 and float(deviation[..., -1].max()) < 0.15,
        why=f"the variance that sampling with {data.attrs['draws']} draws adds, about N C_ii C_jj/draws "
        f"({float(noise.min()):.2f} to {float(noise.max()):.2f} ψ at N = {sizes[-1]}), is not contained; "
        f"{int(data.failed.sum())} draws unsolved",
        why_not="the variance differs from ψ",
    )


def _mean(data: xr.Dataset) -> Claim:
    mean, error = _over_networks((data.average / np.sqrt(data.psi)).transpose("case", "activity", "size", "network"))
    outside = int((np.abs(mean) > THRESHOLD * error).sum())
    return holds(
        "covariances of pairs have mean zero (odd φ)",
        "0 (theory)",
        f"in units of √(ψ/N), N = {int(data['size'][-1])}: {_listed(mean[..., -1], error[..., -1])}; "
        f"over all N {outside} of {mean.size} deviate from zero by more than {THRESHOLD:g} s.e.",
        outside <= 1 and float(np.abs(mean[..., -1]).max()) < 0.05,
        why="φ(−x) = −φ(x), so that the distribution is symmetric under changes of sign of single units",
        why_not="the mean differs from zero",
    )


def _gaussian(data: xr.Dataset) -> Claim:
    sizes = data["size"].values
    kurtosis, error = _over_networks(data.kurtosis.transpose("case", "activity", "size", "network"))
    largest = [values.reshape(-1, len(sizes))[:, -FITTED:] for values in (kurtosis, error)]
    rows = [fitted(sizes[-FITTED:], *pair) for pair in zip(*largest, strict=True)]
    limits, spreads = (np.array([row[k] for row in rows]) for k in (0, 2))
    number = int((np.abs(limits) > THRESHOLD * spreads).sum())
    return holds(
        "large-N statistics of correlations: the distribution of C_ij over pairs is Gaussian",
        "excess kurtosis 0 at N → ∞ (theory)",
        f"{_listed(kurtosis[..., -1], error[..., -1])} at N = {sizes[-1]}; linear extrapolation in 1/N from "
        f"N ≥ {sizes[-FITTED:][0]} gives "
        f"{_listed(limits, spreads)}",
        number == 0 and float(kurtosis[..., -1].max()) < 0.6,
        why="at these sizes the tails are slightly heavier than Gaussian, more so for x than for φ, with a deviation "
        "proportional to 1/N",
        why_not=f"{number} of the limits differ from zero by more than {THRESHOLD:g} standard errors, or the tails are "
        "heavier than Gaussian",
    )


def _listed(values: np.ndarray, errors: np.ndarray) -> str:
    pairs = zip(values.ravel(), errors.ravel(), strict=True)
    return ", ".join(f"{value:.3f} ± {error:.3f}" for value, error in pairs)


FIGURE = Figure(
    "distribution",
    "Distribution of the covariances of pairs, compared with a Gaussian",
    study,
    plot,
    claims,
    caption=(
        "Symbols are simulated, pooled over networks and pairs; the black line is the predicted "
        "Gaussian. Error bars in c are standard errors over networks."
    ),
)
