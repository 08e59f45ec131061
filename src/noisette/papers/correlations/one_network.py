"""Figure g: all covariances C_ij of a single network, predicted by linear equivalence and simulated."""

from typing import Literal

import jax
import numpy as np
import xarray as xr

from noisette.networks import RateNetwork
from noisette.noise import Frozen
from noisette.papers._paper import Figure
from noisette.plots import COLOURS, figure, letter
from noisette.simulation import find_fixed_points
from noisette.studies import Claim, Study, holds
from noisette.theory import predicted_covariance
from noisette.weights import excitatory_inhibitory, gaussian

SIZE = {"smoke": 40, "quick": 200, "paper": 400}
BATCHES = {"smoke": 1, "quick": 1, "paper": 8}
DRAWS = 4000  # per batch
CASES = ("random", "excitatory-inhibitory", "uneven")
GAIN = {"random": 1.2, "excitatory-inhibitory": 1.2, "uneven": 1.0}
UNEVEN = 0.4  # standard deviation of the logarithm of the strengths of rows
KINDS: tuple[tuple[Literal["current", "rate"], Literal["alike", "own"]], ...] = (
    ("current", "alike"),
    ("rate", "alike"),
    ("current", "own"),
    ("rate", "own"),
)
DRAWN = 3000  # number of pairs shown in each panel
PANELS = (
    ("random", "current", "random: $x$"),
    ("random", "rate", r"random: $\phi(x)$"),
    ("excitatory-inhibitory", "current", "excitatory–inhibitory: $x$"),
    ("uneven", "current", "rows of different strength: $x$"),
)
SITES = {"random": ("alike",), "excitatory-inhibitory": ("own",), "uneven": ("alike", "own")}
STYLES = {"own": ("entropy", "site-dependent"), "alike": ("information", "uniform sites")}


def weights(case: str, size: int, seed: int) -> np.ndarray:
    """Return J/g: normal entries; sparse excitatory and inhibitory columns; or rows of different strength."""
    key = jax.random.fold_in(jax.random.key(seed), CASES.index(case))
    if case == "excitatory-inhibitory":
        return excitatory_inhibitory(size, key=key)
    W = gaussian(size, size**-0.5, key=key)
    strength = np.exp(UNEVEN * np.asarray(jax.random.normal(jax.random.fold_in(key, 1), (size,))))
    return W * strength[:, None] if case == "uneven" else W


def measure(case: str, scale: str, seed: int) -> xr.Dataset:
    """Return simulated and predicted covariances of some pairs, and measures of agreement for all pairs."""
    size, draws = SIZE[scale], BATCHES[scale] * DRAWS
    network = RateNetwork(weights(case, size, seed), GAIN[case], noise=Frozen(1.0))
    simulated, failed = _covariances(network, BATCHES[scale], seed)
    pairs = np.triu_indices(size, 1)
    selected = np.random.default_rng(seed).choice(len(pairs[0]), min(DRAWN, len(pairs[0])), replace=False)
    rows = []
    for activity, sites in KINDS:
        C = simulated[activity]
        predicted = predicted_covariance(network, activity=activity, sites=sites).covariance.values
        rows.append(
            {"predicted": predicted[pairs][selected], "simulated": C[pairs][selected]}
            | agreement(C, predicted, draws - failed)
        )
    data = {
        name: (("kind", "pair")[: 1 + np.ndim(rows[0][name])], np.array([row[name] for row in rows]))
        for name in rows[0]
    }
    attrs = {"method": "mean-field, and simulated", "estimator": "fixed points", "size": size, "draws": draws}
    return xr.Dataset(data | {"failed": failed}, {"kind": [" ".join(kind) for kind in KINDS]}, attrs)


def _covariances(network: RateNetwork, batches: int, seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Return covariances of x and φ(x), whose means vanish, over draws of the noise, and the unsolved draws."""
    sums, count, failed = {"current": 0.0, "rate": 0.0}, 0, 0
    for batch in range(batches):
        result = find_fixed_points(network, DRAWS, key=jax.random.fold_in(jax.random.key(seed), batch), warn=False)
        x = result.state.values[result.converged.values]
        count, failed = count + len(x), failed + int(result.attrs["failed"])
        for activity, y in (("current", x), ("rate", np.tanh(x))):
            sums[activity] = sums[activity] + y.T @ y
    return {activity: np.asarray(total) / count for activity, total in sums.items()}, failed


def agreement(simulated: np.ndarray, predicted: np.ndarray, draws: int) -> dict[str, float]:
    """Return measures of the agreement of the covariances of all pairs i ≠ j.

    The sampling variance of a covariance estimated from n draws is (C_ii C_jj + C_ij²)/n. Estimates of exactly the
    predicted covariances would therefore correlate with the prediction by √(1 − (C_ii C_jj + C_ij²)/(n Var C_ij)),
    averaged over pairs. This largest attainable correlation is returned as ``floor``.
    """
    pairs = np.triu_indices(len(simulated), 1)
    variances = np.diag(simulated)
    c, p = simulated[pairs], predicted[pairs]
    noise = ((np.outer(variances, variances) + simulated**2) / draws)[pairs].mean()
    return {
        "correlation": float(np.corrcoef(c, p)[0, 1]),
        "floor": float(np.sqrt(max(0.0, 1 - noise / c.var()))),
        "slope": float(np.polyfit(p, c, 1)[0]),
        "own_correlation": float(np.corrcoef(variances, np.diag(predicted))[0, 1]),
    }


def study(scale: str, seed: int) -> Study:
    """Return the study over matrices."""
    return Study("one-network", measure, {"case": CASES}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot simulated against predicted covariances."""
    fig = figure(10.4, 3.0)
    for axis, (case, activity, title), mark in zip(fig.subplots(1, 4), PANELS, "abcd", strict=True):
        for sites in SITES[case]:
            panel = data.sel(case=case, kind=f"{activity} {sites}")
            colour, label = STYLES[sites]
            text = f"{label}\n$r = {float(panel.correlation):.3f}$, slope {float(panel.slope):.2f}"
            points = {"ms": 1.5, "color": COLOURS[colour], "alpha": 0.5, "rasterized": True}
            axis.plot(panel.predicted, panel.simulated, ".", label=text, **points)
        reference = data.simulated.sel(case=case, kind=f"{activity} {SITES[case][0]}")  # independent of the theory
        low, high = float(reference.min()), float(reference.max())
        margin = 0.05 * (high - low)
        axis.plot([low, high], [low, high], color=COLOURS["black"], lw=0.8)
        headroom = 4 + 4 * len(SITES[case])  # for the legend, in units of the margin
        axis.set(xlim=(low - 2 * margin, high + 2 * margin), ylim=(low - margin, high + headroom * margin))
        axis.set(xlabel="predicted $C_{ij}$", title=title)
        axis.annotate(rf"$g = {GAIN[case]:g}$", (0.97, 0.03), xycoords="axes fraction", ha="right", fontsize=8)
        axis.legend(loc="upper left", handlelength=0.5, markerscale=5, borderaxespad=0)
        letter(axis, mark)
    fig.axes[0].set_ylabel(rf"simulated $C_{{ij}}$ ({data.attrs['draws']} draws, $N = {data.attrs['size']}$)")
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that a few collective variables predict the covariances of one network."""
    random = data.sel(case="random")
    uniform, by_site = (random.sel(kind=[f"current {s}", f"rate {s}"]) for s in ("alike", "own"))
    return [
        _entries(uniform, data.attrs),
        _slopes(uniform, by_site, data.attrs["size"]),
        _few(uniform, by_site),
        _structured(data),
    ]


def _listed(values: xr.DataArray) -> str:
    """Return the values for x and φ(x) as text."""
    return f"{float(values[0]):.3f} (x), {float(values[1]):.3f} (φ)"


def _entries(uniform: xr.Dataset, attrs: dict) -> Claim:
    relative = uniform.correlation / uniform.floor
    return holds(
        "g: linear equivalence predicts each C_ij of a given network: tanh, g = 1.2, s = 1, one J",
        "theory: correlation 0.995 (x), 0.993 (φ) at N = 200, limited by sampling and O(1/√N)",
        f"correlation {_listed(uniform.correlation)}; sampling of {attrs['draws']} draws limits it to "
        f"{_listed(uniform.floor)}; their ratio is {_listed(relative)}; N = {attrs['size']}",
        float(relative.min()) >= 0.98,
        why="the ratio is at least 0.98",
        why_not="the ratio is below 0.98",
    )


def _slopes(uniform: xr.Dataset, by_site: xr.Dataset, size: int) -> Claim:
    return holds(
        "g: linear equivalence predicts the magnitude of C_ij: the slope of C_ij against its prediction",
        "theory: 1 up to O(1/√N); 0.974 (x), 0.971 (φ) at N = 200",
        f"{_listed(uniform.slope)}; with site-dependent variances {_listed(by_site.slope)}",
        float(abs(uniform.slope - 1).max()) < size**-0.5,
        why=f"the slope is within 1/√N = {size**-0.5:.3f} of 1; sites are statistically identical only for N → ∞",
        why_not=f"the slope deviates from 1 by more than 1/√N = {size**-0.5:.3f}",
    )


def _few(uniform: xr.Dataset, by_site: xr.Dataset) -> Claim:
    ratio = uniform.correlation.values / by_site.correlation.values
    return holds(
        "g: a few collective variables determine the statistics of correlations",
        "the path integral reduces to few collective variables",
        f"three numbers (v, ⟨φ'⟩, residual variance) and J give correlations {_listed(uniform.correlation)}; "
        f"three numbers for each site {_listed(by_site.correlation)}",
        float(ratio.min()) > 0.99,
        why="site-dependent numbers increase the correlation by less than 1 %",
        why_not="site-dependent numbers increase the correlation by 1 % or more",
    )


def _structured(data: xr.Dataset) -> Claim:
    kinds = [f"{activity} own" for activity in ("current", "rate")]
    by_site = data.sel(kind=kinds, case=list(CASES[1:]))
    relative, slope_error = by_site.correlation / by_site.floor, float(abs(by_site.slope - 1).max())
    uniform = data.sel(case="uneven", kind="current alike")
    allowed = data.attrs["size"] ** -0.5
    return holds(
        "g: structured matrices are also predicted, with site-dependent theory (not in the paper)",
        "not in the abstract, where J is Gaussian",
        "correlation relative to the sampling limit: excitatory–inhibitory "
        f"{_listed(relative.sel(case='excitatory-inhibitory'))}, rows of different strength "
        f"{_listed(relative.sel(case='uneven'))}, where the theory of uniform sites reaches "
        f"{float(uniform.correlation / uniform.floor):.3f} (x); slopes deviate from 1 by up to {slope_error:.3f}",
        float(relative.min()) >= 0.98 and slope_error < allowed,
        why=f"it is at least 0.98 for both matrices, for x and φ(x), and slopes are within 1/√N = {allowed:.3f} of 1",
        why_not=f"the relative correlation is below 0.98, or a slope deviates from 1 by more than 1/√N = {allowed:.3f}",
    )


FIGURE = Figure(
    "one-network",
    "Covariances of all pairs of one network",
    study,
    plot,
    claims,
    caption=(
        "Each dot is a pair of units: simulated covariance against the theory for the same network. The "
        "line marks equality."
    ),
)
