"""Figure 2: the Onsager term switched on and off; largest exponents at the step of the paper and a converged step."""

import jax
import numpy as np
import xarray as xr

from noisette.activations import tanh
from noisette.analysis import chaos_curve, spectrum
from noisette.networks import Onsager, RateNetwork
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.papers.freezing_chaos._phases import claims_of_exponents
from noisette.plots import eigenvalues, figure, letter, lyapunov_curve, traces
from noisette.probes import Snapshots, Trace
from noisette.studies import Claim, Study, holds
from noisette.theory import mean_field

GAIN = 2.0
UNITS = 8
LEVELS = {"on and off": (0.0, 1.0, 0.0), "off and on": (1.0, 0.0, 1.0)}
GAINS = {
    "smoke": (1.0, 2.0, 7.0, 10.0),
    "quick": (0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0),
    "paper": tuple(np.round(np.arange(0.4, 12.01, 0.4), 1)),
}
KINDS = {"vanilla": (0.0, _runs.PAPER_DT), "published": (1.0, _runs.PAPER_DT), "converged": (1.0, _runs.FINE_DT)}


def measure(network: int, scale: str, seed: int) -> xr.Dataset:
    """Return exponents of every kind over t in [0, 50], as published, and one run of each protocol, for one W."""
    W = _runs.weights(scale, seed, network)
    # no halving of the step, as KINDS contains two steps
    common = {"duration": 50.0, "discard": 0.0, "halve": False, "key": _start(seed, network)}
    curves = [chaos_curve([W], GAINS[scale], gamma=gamma, dt=dt, **common) for gamma, dt in KINDS.values()]
    kinds = xr.DataArray(list(KINDS), dims="kind", name="kind")
    exponents = xr.concat([curve.isel(network=0) for curve in curves], kinds, combine_attrs="drop")
    protocols = xr.DataArray(list(LEVELS), dims="protocol", name="protocol")
    runs = xr.concat([_switching(W, levels, seed, network) for levels in LEVELS.values()], protocols)
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale), "dt": _runs.PAPER_DT}
    return exponents.merge(runs).assign_attrs(attrs)


def _start(seed: int, network: int) -> int:
    return int(jax.random.randint(jax.random.fold_in(jax.random.key(seed), network), (), 0, 2**31 - 1))


def _switching(W: np.ndarray, levels: tuple[float, ...], seed: int, network: int) -> xr.Dataset:
    """Return traces, and the energy and the spectrum of the Jacobian at the end of each phase."""
    data = _runs.run(
        _runs.networks(W, [GAIN], _runs.switched(*levels)),
        [Snapshots([99.99, 199.99]), Trace(every=25, units=range(UNITS))],
        duration=300.0,
        dt=_runs.PAPER_DT,
        start="uniform",
        seed=seed,
        network=network,
    ).isel(network=0)
    states = np.concatenate([data.snapshots.values, data.final.values[None]])
    plain = RateNetwork(W, GAIN)
    spectra = [spectrum(Onsager(plain, g) if g else plain, x) for g, x in zip(levels, states, strict=True)]
    variables = {
        "trace": (("time", "unit"), data.trace.values),
        "energy": ("phase", _runs.energy(W, np.full(3, GAIN), states)),
        "eigenvalue_real": (("phase", "mode"), np.real(spectra)),
        "eigenvalue_imag": (("phase", "mode"), np.imag(spectra)),
    }
    return xr.Dataset(variables, {"time": data.time.values})


def study(scale: str, seed: int) -> Study:
    """Return the study over networks."""
    return Study("fig2", measure, {"network": range(_runs.NETWORKS[scale])}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the panels of the paper, and panel b again at a converged step."""
    fig = figure(9.6, 5.4)
    shown = int(data.energy.sel(protocol="on and off")[:, 0].values.argmax())  # the network with the strongest activity
    (a, b, fine), (c, d, inset) = fig.subplots(2, 3, width_ratios=[1.1, 1, 1])
    for axis, (protocol, levels) in zip((a, c), LEVELS.items(), strict=True):
        run = data.sel(protocol=protocol, network=shown)
        switches = {100.0: rf"$\gamma = {levels[1]:g}$", 200.0: rf"$\gamma = {levels[2]:g}$"}
        traces(axis, data.time.values, run.trace.values, switches=switches)
        axis.set_title(rf"$g = {GAIN:g}$, $N = {data.attrs['size']}$, initially $\gamma = {levels[0]:g}$")
    theory = mean_field(tanh, data.gain.values)
    curve = {kind: data.sel(kind=kind) for kind in KINDS}
    titles = (
        r"$\mathrm{d}t = 0.01$, as published (open: unstable)",
        rf"$\mathrm{{d}}t = {_runs.FINE_DT:g}$",
        "the phase near zero, enlarged",
    )
    for axis, kind, title in zip((b, fine, inset), ("published", "converged", "published"), titles, strict=True):
        lyapunov_curve(axis, curve["vanilla"], label=r"$\gamma = 0$", colour="entropy", theory=theory)
        lyapunov_curve(axis, curve[kind], label=r"$\gamma = 1$", colour="information")
        axis.set_title(title)
    fine_label = rf"$\gamma = 1$, $\mathrm{{d}}t = {_runs.FINE_DT:g}$"
    lyapunov_curve(inset, curve["converged"], label=fine_label, colour="divergence")
    top = max(1.0, float(curve["published"].lyapunov.mean("network").max()) * 1.1)
    for axis in (b, fine):
        axis.set_ylim(-0.6, top)
    inset.set(ylim=(-0.12, 0.1), xlim=(0.9, 10.5))
    fine.legend(loc="upper left")
    handles, labels = inset.get_legend_handles_labels()
    inset.legend(handles[2:], labels[2:], loc="lower right")  # the legend of panel b′ has the other entries
    run = data.sel(protocol="on and off", network=shown)
    for phase, colour, label in (
        (0, "entropy", r"$\gamma = 0$, $t = 100$"),
        (1, "information", r"$\gamma = 1$, $t = 200$"),
    ):
        values = run.eigenvalue_real[phase].values + 1j * run.eigenvalue_imag[phase].values
        eigenvalues(d, values, colour=colour, label=label)
    d.legend(loc="lower left", markerscale=3)
    for axis, mark in zip((a, b, fine, c, d, inset), ("a", "b", "b′", "c", "d", "b″"), strict=True):
        letter(axis, mark)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the switching of activity, the exponents and the spectra."""
    energy = data.energy.mean("network")
    chaos, frozen, released = energy.sel(protocol="on and off").values
    initial, released_again, frozen_again = energy.sel(protocol="off and on").values
    tops = data.eigenvalue_real.sel(protocol="on and off").max("mode").mean("network").values
    lowest = float(data.eigenvalue_real.sel(protocol="on and off")[:, 1].min())
    return [
        holds(
            "2a: activity freezes while the Onsager term is on, and is released when it is off (g = 2)",
            "on and off",
            f"E_k/N {chaos:.2g} → {frozen:.1g} → {released:.2g}",
            frozen < chaos / 10 and released > 5 * frozen,
            why="the kinetic energy falls and recovers",
            why_not="the kinetic energy does not fall tenfold, or does not recover fivefold",
        ),
        holds(
            "2c: the same in the reverse order, with the term off and on again",
            "off and on",
            f"E_k/N {initial:.1g} → {released_again:.2g} → {frozen_again:.1g}",
            released_again > 5 * initial and frozen_again < released_again / 5,
            why="the kinetic energy rises and falls",
            why_not="the kinetic energy does not rise and fall fivefold",
        ),
        *claims_of_exponents(data),
        holds(
            "2d: the regulated dynamics are much more stable",
            "spectrum shifted to the left",
            f"largest real part {tops[0]:.3f} before, {tops[1]:.4f} after, down to {lowest:.1f}",
            tops[1] < tops[0] / 4,
            why="at γ = 1 the Jacobian is minus a Hessian, hence symmetric with a real spectrum (a script published "
            "with the paper uses Jx for Jφ(x) in Eq 10 and would find a quarter of it positive; Eq 10 as printed is "
            "correct)",
            why_not="the largest real part is not near zero",
        ),
    ]


FIGURE = Figure(
    "fig2",
    "The Onsager term switched on and off; largest exponents; spectra",
    study,
    plot,
    claims,
    caption=(
        "All results are simulated, except for the black line, which is mean-field theory for N → ∞. "
        "Error bars are standard errors over networks; open symbols mark gains at which the time step is "
        "unstable. Primes mark panels that are not in the paper."
    ),
)
