"""Figure 3: gradient dynamics at small and large gain, and the spectrum of the Jacobian at the end."""

import numpy as np
import xarray as xr

from noisette.analysis import spectrum
from noisette.networks import Onsager, RateNetwork
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import COLOURS, figure, letter, traces
from noisette.probes import Trace
from noisette.studies import Claim, Study, holds

GAINS = (2.0, 10.0)
STEPS = (_runs.PAPER_DT, 0.002)
POSITIVE = 1e-3  # eigenvalues closer to zero count as marginal


def measure(dt: float, scale: str, seed: int) -> xr.Dataset:
    """Return traces, and the spectrum of the Jacobian at t = 100, for both gains."""
    W = _runs.weights(scale, seed, 0)
    data = _runs.run(
        _runs.networks(W, GAINS, 1.0),
        [Trace(every=round(0.25 / dt), units=range(8))],
        duration=100.0,
        dt=dt,
        start="uniform",
        seed=seed,
        network=0,
    )
    spectra = [spectrum(Onsager(RateNetwork(W, g)), x) for g, x in zip(GAINS, data.final.values, strict=True)]
    variables = {
        "trace": (("gain", "time", "unit"), data.trace.values),
        "eigenvalue": (("gain", "mode"), np.array(spectra)),
        "stability": ("gain", data.stability.values),
    }
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale)}
    return xr.Dataset(variables, {"gain": list(GAINS), "time": np.round(data.time.values, 6)}, attrs)


def study(scale: str, seed: int) -> Study:
    """Return the study over the step."""
    return Study("fig3", measure, {"dt": STEPS}, {"scale": scale, "seed": seed}, units={"dt": "tau"})


def plot(data: xr.Dataset):
    """Plot traces and distributions of eigenvalues, at g = 10 for both steps."""
    fig = figure(9.4, 4.8)
    axes = fig.subplots(2, 3)
    cases = ((2.0, STEPS[0], "ab"), (10.0, STEPS[0], "cd"), (10.0, STEPS[1], ("c′", "d′")))
    for column, (gain, dt, marks) in enumerate(cases):
        run = data.sel(gain=gain, dt=dt)
        top, bottom = axes[:, column]
        traces(top, data.time.values, run.trace.values)
        top.set_title(rf"$\gamma = 1$, $g = {gain:g}$, $\mathrm{{d}}t = {dt:g}$")
        values = run.eigenvalue.values
        bottom.hist(values, 60, color=COLOURS["entropy"])
        bottom.hist(values[values > POSITIVE], 12, color=COLOURS["information"])
        bottom.axvline(0, color=COLOURS["grey"], lw=0.6, ls="--")
        share = float((values > POSITIVE).mean())
        bottom.annotate(f"{100 * share:.1f} % positive", (0.03, 0.92), xycoords="axes fraction", fontsize=8)
        bottom.set_xlabel(r"eigenvalue of the Jacobian at $t = 100$ ($1/\tau$)")
        bottom.set_ylabel("number of modes")
        for axis, mark in zip((top, bottom), marks, strict=True):
            letter(axis, mark)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the spectra at the end."""
    share = {(g, dt): float((data.eigenvalue.sel(gain=g, dt=dt) > POSITIVE).mean()) for g in GAINS for dt in STEPS}
    top = {(g, dt): float(data.eigenvalue.sel(gain=g, dt=dt).max()) for g in GAINS for dt in STEPS}
    coarse, fine = (10.0, STEPS[0]), (10.0, STEPS[1])
    return [
        holds(
            "3b: at g = 2 the end state is marginally stable",
            "no positive eigenvalues",
            f"largest eigenvalue {top[2.0, STEPS[0]]:.1e}, {100 * share[2.0, STEPS[0]]:.1f} % positive",
            top[2.0, STEPS[0]] < 0.02,
            why="the flow has nearly reached a minimum of the kinetic energy",
            why_not="some eigenvalue is well above zero",
        ),
        holds(
            "3d: at g > 8 a fraction of the eigenvalues of the Jacobian of the potential dynamics is positive",
            "a fraction positive",
            f"g = 10: {100 * share[coarse]:.1f} % (largest {top[coarse]:.3g}) with dt = 0.01, {100 * share[fine]:.1f} "
            f"% (largest {top[fine]:.1g}) with dt = {STEPS[1]:g}",
            share[fine] > 0.02,
            why="the fraction is also positive with a short step",
            why_not="positive eigenvalues occur only while the step is unstable (bound: dt < 0.005 at g = 10); the "
            "flow itself ends in a state without growing modes",
        ),
    ]


FIGURE = Figure(
    "fig3",
    "Gradient dynamics at g = 2 and 10, and spectra at the end",
    study,
    plot,
    claims,
    caption=(
        "All results are simulated, in one network; a and c show its first units. Primes mark panels "
        "that are not in the paper."
    ),
)
