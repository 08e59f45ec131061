"""Figure g: every covariance C_ij of one given network, predicted by linear equivalence, beside its simulation."""

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
DRAWS = 4000  # side by side
CASES = ("random", "excitatory-inhibitory", "uneven")
GAIN = {"random": 1.2, "excitatory-inhibitory": 1.2, "uneven": 1.0}
UNEVEN = 0.4  # standard deviation of the logarithm of the strength of a row
KINDS = (("current", "alike"), ("rate", "alike"), ("current", "own"), ("rate", "own"))
DRAWN = 3000  # pairs in a panel
PANELS = (
    ("random", "current", "random: x"),
    ("random", "rate", "random: φ(x)"),
    ("excitatory-inhibitory", "current", "excitatory–inhibitory: x"),
    ("uneven", "current", "rows of uneven strength: x"),
)
SITES = {"random": ("alike",), "excitatory-inhibitory": ("own",), "uneven": ("alike", "own")}
LOOK = {"own": ("entropy", "each site its own"), "alike": ("information", "all sites alike")}


def weights(case: str, size: int, seed: int) -> np.ndarray:
    """Return J/g: independent normal entries; columns of two kinds, four fifths zeros; rows of different strength."""
    key = jax.random.fold_in(jax.random.key(seed), CASES.index(case))
    if case == "excitatory-inhibitory":
        return excitatory_inhibitory(size, key=key)
    W = gaussian(size, size**-0.5, key=key)
    strength = np.exp(UNEVEN * np.asarray(jax.random.normal(jax.random.fold_in(key, 1), (size,))))
    return W * strength[:, None] if case == "uneven" else W


def measure(case: str, scale: str, seed: int) -> xr.Dataset:
    """Return simulated and predicted covariances of some pairs, and how well those of all pairs agree."""
    size, draws = SIZE[scale], BATCHES[scale] * DRAWS
    network = RateNetwork(weights(case, size, seed), GAIN[case], noise=Frozen(1.0))
    simulated, failed = _covariances(network, BATCHES[scale], seed)
    pairs = np.triu_indices(size, 1)
    some = np.random.default_rng(seed).choice(len(pairs[0]), min(DRAWN, len(pairs[0])), replace=False)
    rows = []
    for activity, sites in KINDS:
        C = simulated[activity]
        predicted = predicted_covariance(network, activity=activity, sites=sites).covariance.values
        rows.append(
            {"predicted": predicted[pairs][some], "simulated": C[pairs][some]} | agreement(C, predicted, draws - failed)
        )
    data = {
        name: (("kind", "pair")[: 1 + np.ndim(rows[0][name])], np.array([row[name] for row in rows]))
        for name in rows[0]
    }
    attrs = {"method": "mean-field, and simulated", "estimator": "fixed points", "size": size, "draws": draws}
    return xr.Dataset(data | {"failed": failed}, {"kind": [" ".join(kind) for kind in KINDS]}, attrs)


def _covariances(network: RateNetwork, batches: int, seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Return covariances of x and φ(x) over draws of the noise, known to be zero on average, and draws not solved."""
    sums, count, failed = {"current": 0.0, "rate": 0.0}, 0, 0
    for batch in range(batches):
        found = find_fixed_points(network, DRAWS, key=jax.random.fold_in(jax.random.key(seed), batch), warn=False)
        x = found.state.values[found.converged.values]
        count, failed = count + len(x), failed + int(found.attrs["failed"])
        for activity, y in (("current", x), ("rate", np.tanh(x))):
            sums[activity] = sums[activity] + y.T @ y
    return {activity: np.asarray(total) / count for activity, total in sums.items()}, failed


def agreement(simulated: np.ndarray, predicted: np.ndarray, draws: int) -> dict[str, float]:
    """Return how the covariances of all pairs i ≠ j agree.

    Of n draws a covariance has sampling variance (C_ii C_jj + C_ij²)/n; so simulations of exactly the predicted
    covariances would correlate with them by √(1 − that/Var C_ij), the floor of sampling.
    """
    pairs = np.triu_indices(len(simulated), 1)
    own = np.diag(simulated)
    c, p = simulated[pairs], predicted[pairs]
    noise = ((np.outer(own, own) + simulated**2) / draws)[pairs].mean()
    return {
        "correlation": float(np.corrcoef(c, p)[0, 1]),
        "floor": float(np.sqrt(max(0.0, 1 - noise / c.var()))),
        "slope": float(np.polyfit(p, c, 1)[0]),
        "own_correlation": float(np.corrcoef(own, np.diag(predicted))[0, 1]),
    }


def study(scale: str, seed: int) -> Study:
    """Return the study over matrices."""
    return Study("one-network", measure, {"case": CASES}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw simulated against predicted covariances."""
    made = figure(10.4, 3.0)
    for axis, (case, activity, title), mark in zip(made.subplots(1, 4), PANELS, "abcd", strict=True):
        for sites in SITES[case]:
            here = data.sel(case=case, kind=f"{activity} {sites}")
            colour, label = LOOK[sites]
            said = f"{label}\nr = {float(here.correlation):.3f}, slope {float(here.slope):.2f}"
            points = {"ms": 1.5, "color": COLOURS[colour], "alpha": 0.5, "rasterized": True}
            axis.plot(here.predicted, here.simulated, ".", label=said, **points)
        shown = data.simulated.sel(case=case, kind=f"{activity} {SITES[case][0]}")  # the same whatever the sites
        low, high = float(shown.min()), float(shown.max())
        margin = 0.05 * (high - low)
        axis.plot([low, high], [low, high], color=COLOURS["black"], lw=0.8)
        room = 4 + 4 * len(SITES[case])  # for the legend, in margins
        axis.set(xlim=(low - 2 * margin, high + 2 * margin), ylim=(low - margin, high + room * margin))
        axis.set(xlabel="predicted C_ij", title=title)
        axis.annotate(f"g = {GAIN[case]:g}", (0.97, 0.03), xycoords="axes fraction", ha="right", fontsize=8)
        axis.legend(loc="upper left", handlelength=0.5, markerscale=5, borderaxespad=0)
        letter(axis, mark)
    made.axes[0].set_ylabel(f"C_ij of {data.attrs['draws']} draws, N = {data.attrs['size']}")
    return made


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether a few numbers predict the covariances of one network."""
    random = data.sel(case="random")
    alike, own = (random.sel(kind=[f"current {s}", f"rate {s}"]) for s in ("alike", "own"))
    return [_entries(alike, data.attrs), _slopes(alike, own, data.attrs["size"]), _few(alike, own), _structured(data)]


def _listed(values: xr.DataArray) -> str:
    """Return values for x and φ(x) as text."""
    return f"{float(values[0]):.3f} (x), {float(values[1]):.3f} (φ)"


def _entries(alike: xr.Dataset, attrs: dict) -> Claim:
    relative = alike.correlation / alike.floor
    return holds(
        "g: linear equivalence predicts each C_ij of a given network: tanh, g = 1.2, s = 1, one J",
        "theory: correlation .995 (x), .993 (φ) at N = 200, the rest being sampling and O(1/√N)",
        f"correlation {_listed(alike.correlation)}; sampling of {attrs['draws']} draws alone would leave "
        f"{_listed(alike.floor)}; their ratio is {_listed(relative)}; N = {attrs['size']}",
        float(relative.min()) >= 0.98,
        why="at least 0.98 of what sampling leaves possible",
        why_not="less than 0.98 of what sampling leaves possible",
    )


def _slopes(alike: xr.Dataset, own: xr.Dataset, size: int) -> Claim:
    return holds(
        "g: and in size: the slope of C_ij over its prediction",
        "theory: 1 up to O(1/√N); .974 (x), .971 (φ) at N = 200",
        f"{_listed(alike.slope)}; with each site its own variance {_listed(own.slope)}",
        float(abs(alike.slope - 1).max()) < size**-0.5,
        why=f"within 1/√N = {size**-0.5:.3f} of 1; sites are alike only as N → ∞",
        why_not=f"more than 1/√N = {size**-0.5:.3f} off 1",
    )


def _few(alike: xr.Dataset, own: xr.Dataset) -> Claim:
    ratio = alike.correlation.values / own.correlation.values
    return holds(
        "g: a few collective variables determine the statistics of correlations",
        "the path integral reduces to few collective variables",
        f"three numbers (v, ⟨φ'⟩, variance of the rest) beside J give correlations {_listed(alike.correlation)}; "
        f"three for each site {_listed(own.correlation)}",
        float(ratio.min()) > 0.99,
        why="numbers of each site add less than 1 % to the correlation",
        why_not="numbers of each site predict clearly more",
    )


def _structured(data: xr.Dataset) -> Claim:
    kinds = [f"{activity} own" for activity in ("current", "rate")]
    own = data.sel(kind=kinds, case=list(CASES[1:]))
    relative, off = own.correlation / own.floor, float(abs(own.slope - 1).max())
    alike = data.sel(case="uneven", kind="current alike")
    allowed = data.attrs["size"] ** -0.5
    return holds(
        "g: matrices of your own are predicted too, site by site (ours)",
        "not in the abstract: J there is gaussian",
        f"of what sampling leaves: excitatory–inhibitory {_listed(relative.sel(case='excitatory-inhibitory'))}, rows "
        f"of uneven strength {_listed(relative.sel(case='uneven'))}, where alike sites reach "
        f"{float(alike.correlation / alike.floor):.3f} (x); slopes are off 1 by up to {off:.3f}",
        float(relative.min()) >= 0.98 and off < allowed,
        why=f"at least 0.98 for both matrices, x and φ(x), with slopes within 1/√N = {allowed:.3f} of 1",
        why_not=f"less than 0.98, or a slope more than 1/√N = {allowed:.3f} off 1",
    )


FIGURE = Figure("one-network", "Covariances of one network, pair by pair", study, plot, claims)
