"""Figure 4: spectra about the mean state in the delay, localisation, and time constants of dominant units."""

from pathlib import Path

import jax
import xarray as xr

from noisette.analysis import delay_state, modes
from noisette.papers._paper import Figure
from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._claims import (
    ByChannels,
    for_each_source,
    groups_differ,
    pairs_differ,
    sources,
    values_of,
    without_and_with_ten,
)
from noisette.papers.working_memory._ensembles import of_dms
from noisette.papers.working_memory._panels import boxes_by_channels, with_scale
from noisette.papers.working_memory.fig1 import learning
from noisette.plots import COLOURS, boxes, figure, letter, localised_spectrum
from noisette.studies import Claim, Study
from noisette.tasks import DMS

STIMULI = (1, -1)
EXAMPLES = (0, 10)


def examples(seed: int) -> xr.Dataset:
    """Return modes of the two stored networks about their mean states in the delay."""
    parts = {}
    for channels in EXAMPLES:
        network = _stored.example(channels)
        state = delay_state(network, DMS(), key=jax.random.key(seed))
        spectrum = modes(network, state.state)
        parts[channels] = xr.Dataset(
            {
                "eigenvalue": spectrum.eigenvalue,
                "ipr_left": spectrum.ipr_left,
                "residual": state.residual,
                "distance": state.distance,
            }
        ).drop_vars("conditions", errors="ignore")
    return with_scale(parts, "stored").rename(channels="example")


def measure(inputs: int, out: str, scale: str, seed: int) -> xr.Dataset:
    """Return summaries, and the spectra of the stored networks."""
    data, spectra = learning(inputs, out, scale), examples(seed)
    return data.assign(
        {
            f"example_{name}": spectra[name].rename(mode="example_mode")
            if "mode" in spectra[name].dims
            else spectra[name]
            for name in ("eigenvalue", "ipr_left", "residual", "distance")
        }
    )


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of spectra."""
    return Study("fig4", measure, {"inputs": [2]}, {"out": str(out), "scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the spectra of two networks, and localisation and time constants of all networks."""
    selected = data.isel(inputs=0)
    groups = next(iter(sources(selected).values()))
    fig = figure(9.4, 7.2)
    axes = fig.subplots(3, 2)
    for row, channels in zip(axes, EXAMPLES, strict=False):
        for axis, (place, stimulus) in zip(row, enumerate(STIMULI), strict=True):
            example = selected.sel(example=channels).isel(stimulus=place)
            spectrum = xr.Dataset({"eigenvalue": example.example_eigenvalue, "ipr_left": example.example_ipr_left})
            points = localised_spectrum(axis, spectrum)
            axis.set_title(
                f"$C = {channels}$, $s_1 = {stimulus:+d}$; residual {float(example.example_residual):.1f}",
                loc="left",
                fontsize=8,
            )
            axis.set_xlim(-55, 3)
            if place:
                fig.colorbar(points, ax=list(row), label="IPR of left eigenvectors")
    boxes_by_channels(axes[2, 0], values_of(groups, "ipr_top10"), "mean IPR, leading modes")
    values = {}
    for channels in EXAMPLES:
        for name, label in (("tau_dominant", "dominant"), ("tau_other", "other")):
            group = values_of(groups, name).get(f"C = {channels}")
            if group is not None and len(group):
                values[f"{label}\n$C = {channels}$"] = group
    colours = [COLOURS["purple"] if "dominant" in name else COLOURS["grey"] for name in values]
    boxes(axes[2, 1], values, colours=colours)
    axes[2, 1].set_ylabel(r"mean $\tau$ (ms)")
    for axis, text in zip(axes.ravel(), "abcdik", strict=True):
        letter(axis, text)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of figure 4."""
    selected = data.isel(inputs=0)
    judged = for_each_source(selected, _stable)
    ends = lambda g, name: without_and_with_ten(values_of(g, name))  # noqa: E731
    nearer = "mean Re λ of complex eigenvalues (1/s) is closer to zero with noise"
    judged += for_each_source(
        selected,
        lambda g, w: groups_differ(f"4e–h: {nearer}", "example networks", ends(g, "mean_complex"), "larger", w),
    )
    for name, text in (("ipr_top10", "ten leading modes"), ("ipr_all", "all modes")):
        judged += for_each_source(
            selected,
            lambda g, w, n=name, t=text: groups_differ(
                f"4i: left eigenvectors are less localised with noise, {t}", "lower, P < .001", ends(g, n), "smaller", w
            ),
        )
    for channels in EXAMPLES:
        judged += for_each_source(selected, lambda g, w, c=channels: _slower(g, w, c))
    statement = "4j, k: dominant units are slower with C = 10 than without noise"
    judged += for_each_source(
        selected, lambda g, w: groups_differ(statement, "P < .001", ends(g, "tau_dominant"), "larger", w)
    )
    return judged + for_each_source(selected, _residuals)


def _stable(groups: ByChannels, where: str) -> Claim | None:
    values = values_of(groups, "largest")
    if not values or not sum(map(len, values.values())):
        return None
    worst, n = max(group.max() for group in values.values() if len(group)), sum(map(len, values.values()))
    verdict = "reproduced" if worst < 0 else "not reproduced"
    unstable = sum(int((group >= 0).sum()) for group in values.values())
    text = f"largest Re λ of {n} networks {worst:.2g} /s; {unstable} are unstable"
    reason = "all spectra about mean states in the delay" if worst < 0 else "some mean states are unstable"
    return Claim(f"4a–d: all eigenvalues have negative real parts ({where})", "all negative", text, verdict, reason)


def _slower(groups: ByChannels, where: str, channels: int) -> Claim | None:
    data = groups.get(channels)
    if data is None or "tau_dominant" not in data:
        return None
    complete = data[["tau_other", "tau_dominant"]].where(data.success > 0).dropna("network")
    values = {"other": complete.tau_other.values.astype(float), "dominant": complete.tau_dominant.values.astype(float)}
    statement = f"4{'j' if channels == 0 else 'k'}: dominant units are slower than others, C = {channels}"
    return pairs_differ(statement, "P < .001", values, "larger", where)


def _residuals(groups: ByChannels, where: str) -> Claim | None:
    values = values_of(groups, "residual")
    if not values or not sum(map(len, values.values())):
        return None
    residuals = [group.mean() for group in values.values() if len(group)]
    spread = f"{min(residuals):.2g} … {max(residuals):.2g}"
    inhibitory = [group.mean() for group in values_of(groups, "dominant_inhibitory").values() if len(group)]
    verdict = "reproduced" if max(residuals) < 0.1 else "not reproduced"
    reason = (
        "x* is the mean of time-dependent states, so that Eq 4 is not a linearisation about a fixed point; dominant "
        f"units are mostly inhibitory ({min(inhibitory):.0%} … {max(inhibitory):.0%}), so that 'dominant units are "
        "slow' largely means 'inhibitory units are slow'"
    )
    return Claim(
        f"l.175: F(x*) ≈ 0 at the state in the delay ({where})", "≈ 0", f"max |x − Wσ(x)| = {spread}", verdict, reason
    )


FIGURE = Figure(
    "fig4",
    "Spectra in the delay, localisation, and slow dominant units",
    study,
    plot,
    claims,
    caption=(
        "Eigenvalues are those of the equations linearised about the simulated mean state of the delay. "
        "In i and k, boxes span the quartiles with the median, and dots are networks."
    ),
)
NEEDS = {"fig4": [ensemble.name for ensemble in of_dms(2)]}
