"""Perturbation in delayed match to sample: accuracy and PIPR while the units of a leading mode are perturbed."""

from itertools import combinations, product
from pathlib import Path

import jax
import numpy as np
import xarray as xr

from noisette.analysis import compare_counts, delay_state, modes, perturb, supports
from noisette.papers._paper import Figure
from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._claims import (
    LEVEL,
    ByChannels,
    Expected,
    for_each_source,
    groups_differ,
    values_of,
    without_and_with_ten,
)
from noisette.papers.working_memory._ensembles import of_dms
from noisette.papers.working_memory._panels import SHADES
from noisette.papers.working_memory._summary import AMPLITUDES
from noisette.papers.working_memory.fig1 import learning
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study
from noisette.tasks import DMS

EXAMPLES = (0, 10)
SCORES = ("threshold", "strict")
TRIALS = {"smoke": 4, "quick": 100, "paper": 100}
MAX_OVERLAP = 0.9  # share of common units above which modes are considered the same
MEASURES: dict[str, tuple[str, Expected]] = {
    "pipr": ("PIPR is lower", "smaller"),
    "accuracy_disturbed": ("accuracy is higher", "larger"),
}
PAPER = "supplement, not available to us; l.189: networks trained with noise are more robust"


def examples(scale: str, seed: int) -> xr.Dataset:
    """Return the effects of ten perturbations on each of the stored networks, at every amplitude."""
    task, parts = DMS(), []
    for channels in EXAMPLES:
        network, key = _stored.example(channels), jax.random.key(seed)
        state = delay_state(network, task, TRIALS[scale] // 2, key=key).isel(stimulus=0)
        spectrum = modes(network, state.state)
        units = supports(spectrum)
        names = ["accuracy", "pipr", "ipr_left", "perturbed", "baseline"]
        rows = {
            score: [
                perturb(network, task, units, a, trials=TRIALS[scale], ipr=spectrum.ipr_left, score=score, key=key)[
                    names
                ]
                for a in AMPLITUDES
            ]
            for score in SCORES
        }
        amplitude = xr.DataArray(list(AMPLITUDES), dims="amplitude", name="amplitude")
        scores = xr.DataArray(list(SCORES), dims="example_score", name="example_score")
        row = xr.concat([xr.concat(each, amplitude) for each in rows.values()], scores)
        parts.append(row.assign(overlap=_overlap(units.values)))
    joined = xr.concat(parts, xr.DataArray(list(EXAMPLES), dims="example", name="example"), combine_attrs="drop")
    # the perturbed modes differ from the modes of the spectra in the summaries
    renamed = {str(name): f"example_{name}" for name in joined.data_vars}
    return joined.rename(renamed | {"mode": "perturbed_mode", "amplitude": "example_amplitude"})


def measure(inputs: int, out: str, scale: str, seed: int) -> xr.Dataset:
    """Return summaries, and perturbations of the stored networks."""
    data = learning(inputs, out, scale)
    return data.assign(dict(examples(scale, seed).data_vars)).assign_attrs(example_trials=TRIALS[scale])


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of perturbations."""
    return Study("perturbation", measure, {"inputs": [2]}, {"out": str(out), "scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot IPR, accuracy by both scores, and PIPR of the ten perturbations of each network, at both amplitudes."""
    selected = data.isel(inputs=0)
    fig = figure(12.0, 3.4)
    axes = fig.subplots(1, 4)
    places = np.arange(1, selected.sizes["perturbed_mode"] + 1)
    markers = dict(zip(AMPLITUDES, (("o", "-"), ("s", "--")), strict=True))
    for channels, (amplitude, (marker, line)) in product(EXAMPLES, markers.items()):
        row = selected.sel(example=channels, example_amplitude=amplitude)
        style = {"marker": marker, "ls": line, "color": SHADES[channels], "ms": 4}
        if amplitude == AMPLITUDES[0]:
            axes[0].plot(places, row.example_ipr_left.isel(example_score=0), **style)
        for axis, score in zip(axes[1:3], SCORES, strict=True):
            panel = row.sel(example_score=score)
            axis.plot(places, panel.example_accuracy, label=f"$C = {channels}$, $A = {amplitude:g}$", **style)
            axis.axhline(float(panel.example_baseline), color=SHADES[channels], lw=0.8, ls=":")
        ratio = row.example_pipr.sel(example_score="threshold")
        axes[3].plot(places, ratio.where(np.isfinite(ratio)), **style)
    axes[1].plot([], [], ":", color=COLOURS["grey"], label="without perturbation")
    labels = (
        "IPR of the left eigenvector",
        "accuracy, threshold score",
        "accuracy, strict score",
        "PIPR, threshold score",
    )
    for axis, label, text in zip(axes, labels, "abcd", strict=True):
        axis.set(xlabel="mode whose units are perturbed", ylabel=label, xticks=places)
        axis.set_ylim(bottom=0)
        letter(axis, text)
    for axis in axes[1:3]:
        axis.set_ylim(0, 1.08)
    axes[1].legend(fontsize=7, loc="lower left")
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that networks trained with noise are more robust to perturbations."""
    selected = data.isel(inputs=0)
    judged = [_accuracy(selected, amplitude, score) for amplitude in AMPLITUDES for score in SCORES]
    judged += [_ratio(selected), _supports(selected)]
    for amplitude in AMPLITUDES:
        for name in MEASURES:
            judged += for_each_source(selected, lambda g, w, n=name, a=amplitude: _of_networks(g, w, n, a))
    return judged


def _accuracy(data: xr.Dataset, amplitude: float, score: str) -> Claim:
    """Compare the two example networks by their accuracy while the units of the first mode are perturbed."""
    n = int(data.attrs["example_trials"])
    shares = data.example_accuracy.sel(example_amplitude=amplitude, example_score=score)
    counts = {f"C = {c}": (round(n * float(shares.sel(example=c)[0])), n) for c in EXAMPLES}
    comparison = compare_counts(counts)
    p, difference = float(comparison.p), float(comparison.difference)
    low, high = (float(bound) for bound in comparison.difference_interval)
    means = ", ".join(f"C = {c}: {float(shares.sel(example=c).mean()):.2f}" for c in EXAMPLES)
    text = f"mean over ten modes {means}; first mode {difference:+.2f} ({low:.2f} … {high:.2f}), p = {p:.2g}"
    verdict = "reproduced" if p < LEVEL and difference > 0 else "not reproduced"
    reason = "significant" if p < LEVEL else "no significant difference"
    reason += f"; Fisher's exact test of {n} trials of each network, which does not generalise to other networks"
    statement = f"perturbation, A = {amplitude:g}, {score} score: the example network with C = 10 is correct more often"
    return Claim(statement, PAPER, text, verdict, reason, p=p, level=LEVEL)


def _ratio(data: xr.Dataset) -> Claim:
    """Compare the mean PIPR of the ten modes of the two example networks."""
    finite = data.example_pipr.where(np.isfinite(data.example_pipr)).mean("perturbed_mode")
    lower, texts = [], []
    for amplitude, score in product(AMPLITUDES, SCORES):
        means = finite.sel(example_amplitude=amplitude, example_score=score)
        without, with_noise = (float(means.sel(example=c)) for c in EXAMPLES)
        lower.append(with_noise < without)
        texts.append(f"A = {amplitude:g}, {score} score: C = 0 {without:.2f}, C = 10 {with_noise:.2f}")
    verdict = "reproduced" if all(lower) else "not reproduced"
    if len(set(lower)) > 1:
        verdict = "depends on amplitude and score"
    reason = (
        "one network each, hence no test; most of the difference is due to the IPR, little to accuracy; the form and "
        "amplitude of the perturbation, a constant current in the response window, are our choice"
    )
    statement = "perturbation: mean PIPR of the ten leading modes is lower in the example network with C = 10"
    return Claim(statement, PAPER, "; ".join(texts), verdict, reason)


def _supports(data: xr.Dataset) -> Claim:
    """Return the claim about the overlap of the units that are affected by the ten perturbations."""
    texts, overlaps = [], data.example_overlap.values
    for channels, overlap in zip(EXAMPLES, overlaps, strict=True):
        sizes = data.example_perturbed.sel(example=channels).isel(example_amplitude=0, example_score=0).values
        texts.append(
            f"C = {channels}: {sizes.min()} to {sizes.max()} units, shared by two modes on average {overlap:.0%}"
        )
    same = bool((overlaps > MAX_OVERLAP).all())
    verdict = "not reproduced" if same else "reproduced"
    reason = (
        "the leading modes are localised on nearly the same units, so that the ten perturbations are nearly identical"
        if same
        else ("the leading modes are localised on different units")
    )
    statement = "perturbation, l.441: the ten leading modes give ten different perturbations"
    return Claim(statement, "a perturbation for each of ten modes", "; ".join(texts), verdict, reason)


def _overlap(units: np.ndarray) -> float:
    """Return the mean share of common units over pairs of modes."""
    pairs = [(a & b).sum() / max(1, (a | b).sum()) for a, b in combinations(units, 2)]
    return float(np.mean(pairs))


def _of_networks(groups: ByChannels, where: str, name: str, amplitude: float) -> Claim | None:
    """Compare networks by their mean over the ten modes; return None if it is not available."""
    if any(name not in part for part in groups.values()):
        return None
    text, expected = MEASURES[name]
    statement = f"perturbation, A = {amplitude:g}, threshold score: mean {text} with C = 10 than without noise"
    return groups_differ(
        statement, PAPER, without_and_with_ten(values_of(groups, name, amplitude=amplitude)), expected, where
    )


FIGURE = Figure(
    "perturbation",
    "Perturbation in delayed match to sample, and PIPR",
    study,
    plot,
    claims,
    caption="All results are from simulated trials of trained networks; means over networks.",
)
NEEDS = {"perturbation": [ensemble.name for ensemble in of_dms(2)]}
