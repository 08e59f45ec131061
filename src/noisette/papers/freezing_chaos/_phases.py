"""Claims of Figure 2b: the onset of chaos, the phase of slow activity, and the chaotic phase at larger gains."""

import numpy as np
import xarray as xr

from noisette.activations import tanh
from noisette.papers.freezing_chaos import _runs
from noisette.studies import Claim, holds
from noisette.theory import mean_field


def claims_of_exponents(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the largest exponents, supported by the audit of the step size."""
    first = data.lyapunov.isel(exponent=0)
    means = {str(kind): first.sel(kind=kind).mean("network") for kind in data.kind.values}
    return [_onset(means["vanilla"]), _slow(means), *_third_phase(data, means)]


def _onset(vanilla: xr.DataArray) -> Claim:
    onset = float(vanilla.gain[(vanilla > 0).values][0])
    infinite = float(mean_field(tanh, 2.0).lyapunov)
    return holds(
        "2b: the onset of chaos in the plain network is at g = 1",
        "g = 1",
        f"λ is positive from g = {onset:g} on; λ = {float(vanilla.sel(gain=2.0, method='nearest')):.3f} at g = 2, "
        f"{infinite:.3f} for N → ∞",
        0.8 <= onset <= 2.0,
        why="for N → ∞ the onset is exactly at g = 1 (mean-field theory); in finite networks it is at a slightly "
        "larger gain",
        why_not="λ changes sign at another gain",
    )


def _slow(means: dict[str, xr.DataArray]) -> Claim:
    low, high = (
        float(getattr(means[kind].sel(gain=slice(1.0, 7.0)), side)())
        for kind, side in (("published", "min"), ("published", "max"))
    )
    return holds(
        "2b: with the Onsager term, λ is close to zero over a wide range of gains above g = 1",
        "g = 1 … 8",
        f"λ = {low:.3f} … {high:.3f} for 1 ≤ g ≤ 7",
        max(abs(low), abs(high)) < 0.08,
        why="the descent is slow and ages: λ → 0 as t grows (for t < 50 it is still slightly negative near g = 1)",
        why_not="|λ| exceeds 0.08 at some gain",
    )


def _third_phase(data: xr.Dataset, means: dict[str, xr.DataArray]) -> list[Claim]:
    at = {"gain": 10.0}
    coarse, fine = (
        float(means["published"].sel(at, method="nearest")),
        float(means["converged"].sel(at, method="nearest")),
    )
    audit = {k: float(data[k].sel(kind="published").sel(at, method="nearest").mean()) for k in ("rising", "stability")}
    rising_fine = data.rising.sel(kind="converged").max().item()
    worst = float(np.abs(means["converged"].sel(gain=slice(1.0, None))).max())
    numbers = f"g = 10: λ = {coarse:.2f} with dt = 0.01, {fine:.3f} with dt = {_runs.FINE_DT:g}"
    return [
        holds(
            "2b: with dt = 0.01, the exponent at γ = 1 grows rapidly beyond g ≈ 8",
            "above g ≈ 8",
            f"{float(means['published'].sel(gain=7.0, method='nearest')):.3f} at g = 7, {coarse:.2f} at 10, "
            f"{float(means['published'][-1]):.2f} at {float(data.gain[-1]):g}",
            coarse > 0.1 and float(means["published"][-1]) > 0.3,
            why="the map x → x − dt ∇E_k is chaotic there",
            why_not="the exponent stays near zero",
        ),
        holds(
            "2b: the potential dynamics (Eq 8) therefore have a chaotic phase beyond g ≈ 8",
            "third phase",
            f"{numbers}; for all g ≥ 1 with dt = {_runs.FINE_DT:g}: |λ| ≤ {worst:.3f}",
            fine > 0.3,
            why="the exponent is also positive with a short step",
            why_not="the chaos is an artefact of Euler's step. Eq 8 at γ = 1 is a gradient flow, which cannot be "
            "chaotic; the step must satisfy dt × (top eigenvalue of the Hessian) < 2, which holds for dt = 0.01 only "
            f"up to g ≈ 7.8. At g = 10 this product is {audit['stability']:.2f} and E_k rises in "
            f"{100 * audit['rising']:.0f} % of the steps, with dt = {_runs.FINE_DT:g} in {100 * rising_fine:.0f} %",
        ),
    ]
