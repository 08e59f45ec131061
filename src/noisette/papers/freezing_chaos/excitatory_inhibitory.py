"""Figures 6 and 7: networks of excitatory and inhibitory units, their weights and their dynamics."""

from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.analysis import lyapunov_spectrum
from noisette.networks import Onsager, RateNetwork, fastest_rate
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import COLOURS, figure, letter, traces
from noisette.probes import Snapshots, Trace
from noisette.studies import Claim, Study, holds
from noisette.weights import EI_CASES, dale_violations, ensemble, expected_mean, spectral_radius

PRINTED = {"inhibitory": "< 0", "balanced": "= 0", "excitatory": "> 0"}
SIZE = {"smoke": 40, "quick": 300, "paper": 1000}
FINE_DT = {"smoke": 0.005, "quick": 0.005, "paper": 0.002}
SHOWN = 120  # rows and columns of the matrices that are shown


def measure_weights(case: str, scale: str, seed: int) -> xr.Dataset:
    """Return sampled rows and columns of the weights, their histogram, and statistics with their predicted values."""
    size = SIZE[scale]
    W = ensemble(f"ei:{case}:{size}", seed)(0)
    synapses = W[W != 0] * np.sqrt(size)
    edges = np.linspace(-11, 6, 69)
    moduli = np.sort(np.abs(np.linalg.eigvals(W)))
    shown_units = np.linspace(0, size - 1, SHOWN).astype(int)
    variables = {
        "weight": (("row", "column"), W[np.ix_(shown_units, shown_units)] * np.sqrt(size)),
        "histogram": ("value", np.histogram(synapses, edges)[0] / len(synapses)),
        "mean": size * W.mean(),
        "mean_formula": size * expected_mean(size, **EI_CASES[case]),
        "radius": np.sqrt(size * W.var(axis=0).mean()),
        "farthest": ("largest", moduli[-2:]),
        "radius_formula": spectral_radius(**EI_CASES[case]),
        "violations": dale_violations(W)["all"],
    }
    attrs = {"method": "simulated", "estimator": "single draw", "size": size}
    return xr.Dataset(variables, {"value": (edges[1:] + edges[:-1]) / 2}, attrs)


def study_weights(scale: str, seed: int) -> Study:
    """Return the study over the three cases."""
    return Study("fig6", measure_weights, {"case": list(EI_CASES)}, {"scale": scale, "seed": seed})


def plot_weights(data: xr.Dataset):
    """Plot the sampled rows and columns, and the distributions of the weights."""
    fig = figure(8.4, 4.6)
    axes = fig.subplots(2, 3, height_ratios=[1.5, 1])
    for column, case in enumerate(EI_CASES):
        matrix = data.sel(case=case)
        top, bottom = axes[:, column]
        top.imshow(matrix.weight, cmap="RdBu_r", vmin=-8, vmax=8, interpolation="nearest")
        top.set(xticks=[], yticks=[], xlabel="presynaptic unit", ylabel="postsynaptic unit" if column == 0 else "")
        top.set_title(
            f"{case}\n$N\\,E[J] = {float(matrix.mean_formula):.2f}$, $R = {float(matrix.radius_formula):.2f}$"
        )
        bottom.bar(data.value, matrix.histogram, 0.25, color=COLOURS["entropy"])
        bottom.axvline(0, color=COLOURS["grey"], lw=0.6)
        bottom.set(xlabel=r"non-zero $\sqrt{N}\,J$", ylabel="fraction of synapses" if column == 0 else "")
        letter(top, "abc"[column])
        letter(bottom, "def"[column])
    fig.colorbar(axes[0, 0].images[0], ax=axes[0], label=r"$\sqrt{N}\,J$", shrink=0.8)
    return fig


def claims_weights(data: xr.Dataset) -> list[Claim]:
    """Return whether the matrices agree with the formulas of the paper."""
    claims = []
    for case in EI_CASES:
        matrix = data.sel(case=case)
        means, radii = ([float(matrix[f"{n}{s}"]) for s in ("_formula", "")] for n in ("mean", "radius"))
        claims.append(
            holds(
                f"6, {case}: E[J] {PRINTED[case]}, radius of the disc R (Eq 18 and below)",
                f"N E[J] = {means[0]:.2f}, R = {radii[0]:.3f}",
                f"N × mean {means[1]:.2f}, R = {radii[1]:.3f} from the variances of columns; largest modulus of an "
                f"eigenvalue {float(matrix.farthest[-1]):.2f}; {100 * float(matrix.violations):.0f} % of the synapses "
                "violate Dale's law",
                abs(means[1] - means[0]) < 0.4 and abs(radii[1] / radii[0] - 1) < 0.05,
                why="the formulas hold; because of the dispersion σ some synapses have the wrong sign",
                why_not="the drawn matrix does not agree with the formulas",
            )
        )
    return claims


def measure_dynamics(case: str, scale: str, seed: int) -> xr.Dataset:
    """Return runs of several networks with the switch, at the step of the paper and at a short step, and exponents."""
    draw = ensemble(f"ei:{case}:{SIZE[scale]}", seed)
    plain = [RateNetwork(draw(i)) for i in range(_runs.NETWORKS[scale])]
    variables: dict[str, Any] = {}
    for name, dt in (("coarse", _runs.PAPER_DT), ("fine", FINE_DT[scale])):
        probes = [Snapshots([100.0 - dt]), Trace(every=round(0.5 / dt), units=range(0, SIZE[scale], SIZE[scale] // 10))]
        common: dict[str, Any] = {"duration": 200.0, "dt": dt, "start": "uniform", "seed": seed}
        runs = [  # one after another: batching networks with different weights is no faster
            _runs.run([Onsager(network, _runs.switched(0.0, 1.0))], probes, network=i, **common).isel(network=0)
            for i, network in enumerate(plain)
        ]
        for when, states in (
            ("before", [r.snapshots.values[0] for r in runs]),
            ("after", [r.final.values for r in runs]),
        ):
            energies = [
                float(n.kinetic_energy(jax.numpy.asarray(x))) / n.size for n, x in zip(plain, states, strict=True)
            ]
            variables[f"{when}_{name}"] = ("network", energies)
    most = int(np.argmax(variables["before_coarse"][1]))
    variables["trace"] = (("time", "unit"), runs[most].trace.values)
    key = jax.random.key(seed)
    spectra = [lyapunov_spectrum(n, discard=100, dt=0.05, warn=False, key=key) for n in plain]
    exponents = [float(spectrum.lyapunov[0]) for spectrum in spectra]
    stiffness = [float(fastest_rate(Onsager(n), jax.numpy.zeros(n.size))) for n in plain]
    variables |= {"lyapunov": ("network", exponents), "stiffness": ("network", stiffness), "shown": most}
    attrs = {"method": "simulated", "estimator": "single-run", "size": SIZE[scale], "dt": FINE_DT[scale]}
    return xr.Dataset(variables, {"time": np.round(runs[most].time.values, 6)}, attrs)


def study_dynamics(scale: str, seed: int) -> Study:
    """Return the study over the three cases."""
    return Study("fig7", measure_dynamics, {"case": list(EI_CASES)}, {"scale": scale, "seed": seed})


def plot_dynamics(data: xr.Dataset):
    """Plot traces of the most active network of each case, with the switch at t = 100."""
    fig = figure(9.0, 2.8)
    for axis, case, mark in zip(fig.subplots(1, 3), EI_CASES, "abc", strict=True):
        run = data.sel(case=case)
        traces(axis, data.time.values, run.trace.values, switches={100.0: r"$\gamma = 1$"})
        axis.set_title(rf"{case}, $\lambda = {float(run.lyapunov[int(run.shown)]):.3f}$ at $\gamma = 0$")
        letter(axis, mark)
    return fig


def claims_dynamics(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the dynamics of the three cases."""
    mean = {case: float(data.lyapunov.sel(case=case).mean()) for case in EI_CASES}
    energy = {n: data[n].sel(case="inhibitory") for n in ("before_fine", "after_fine", "after_coarse")}
    active = energy["before_fine"] > 1e-6
    slowed = float((energy["after_fine"] < energy["before_fine"])[active].mean()) if bool(active.any()) else 1.0
    largest, stiff = (
        float(data.lyapunov.sel(case="balanced").max()),
        float(data.stiffness.sel(case="inhibitory").mean()),
    )
    at_rest = [float(data[n].sel(case="excitatory").median()) for n in ("before_fine", "after_fine")]
    size, number, dt = data.attrs["size"], data.sizes["network"], data.attrs["dt"]
    return [
        holds(
            "7, balanced: without the Onsager term there are strong chaotic fluctuations",
            "chaotic",
            f"λ = {mean['balanced']:.3f} (largest of {number}: {largest:.3f}), N = {size}",
            mean["balanced"] > 0.02,
            why="the exponent of the plain network is positive",
            why_not="with the printed parameters R = 0.963 < 1, so that activity decays or oscillates slowly",
        ),
        holds(
            "7, inhibitory: the dynamics can be slowed by the Onsager term",
            "slowed",
            f"mean E_k/N {float(energy['before_fine'].mean()):.1e} → {float(energy['after_fine'].mean()):.1e} with dt "
            f"= {dt:g}, {float(energy['after_coarse'].mean()):.1e} with dt = 0.01",
            slowed == 1.0,
            why=f"at a short step every active network is slowed. The fastest rate at the fixed point is {stiff:.0f} "
            "(bound 200 for dt = 0.01); it grows as α² N (f μ_e² + (1 − f) μ_i²) to about 330 at N = 1000, where dt = "
            "0.01 increases the energy",
            why_not="the energy of some active network does not fall",
        ),
        holds(
            "7, excitatory: the activity is at a fixed point, on which the Onsager term has no effect",
            "no role",
            f"λ = {mean['excitatory']:.2f}; median E_k/N {at_rest[0]:.0e} and {at_rest[1]:.0e}",
            mean["excitatory"] < -0.1 and max(at_rest) < 1e-10,
            why="a saturated fixed point of f is also a fixed point of −∇E_k",
            why_not="the activity is not at rest",
        ),
    ]


FIGURES = (
    Figure(
        "fig6",
        "Weights of excitatory–inhibitory networks",
        study_weights,
        plot_weights,
        claims_weights,
        caption=(
            "Sampled weight matrices of one network per case. The mean and the spectral radius R in the "
            "titles follow from the formulas of the paper."
        ),
    ),
    Figure(
        "fig7",
        "Dynamics of excitatory–inhibitory networks",
        study_dynamics,
        plot_dynamics,
        claims_dynamics,
        caption=(
            "All results are simulated. Each panel shows the first units of one network; the dashed line "
            "marks the switch to γ = 1."
        ),
    ),
)
