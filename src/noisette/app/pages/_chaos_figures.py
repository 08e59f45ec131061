"""Figures of the page about chaos."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from noisette.app import figures
from noisette.app.answers import Figure
from noisette.app.numbers import signed
from noisette.app.pages import _chaos_regime as regime
from noisette.app.pages._chaos_run import Phase, Theory
from noisette.app.pages._chaos_view import Chaos
from noisette.simulation import StepStability

UNITS = 5  # units of which traces are shown
SHORTEST, LONGEST = 0.004, 0.7  # ends of the axis of steps, in units of τ
DOMAINS = ((0.68, 1.0), (0.41, 0.64), (0.14, 0.37), (0.0, 0.1))  # traces, energy, exponent, γ; from the top
STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def in_time(view: Chaos, data: xr.Dataset, phases: Sequence[Phase], theory: Theory | None) -> Figure:
    """Return traces, energy, running exponent and γ(t) over time, with marks at the times at which γ changes.

    Parameters
    ----------
    view : the view
    data : its run
    phases : phases of the run
    theory : mean-field theory at γ = 0; None if it does not apply or is not known yet
    """
    traces = [*_units(data), _energy(data)]
    for phase in phases:
        traces += _exponent(phase)
    if theory is not None and not theory.reason:
        traces += _theory_lines(phases, theory)
    times = data.time.values
    gammas = np.array([next(p.gamma for p in reversed(phases) if p.begin <= time + 1e-9) for time in times])
    times, gammas = np.append(times, phases[-1].end), np.append(gammas, phases[-1].gamma)
    step = figures.line(times, gammas, "γ(t)", "purple", yaxis="y4", hovertemplate="%{y:g}", showlegend=False)
    traces.append(step | {"line": step["line"] | {"shape": "hv"}})
    changes = {"on": view.on, "off": view.off} if view.gamma != view.base else {}
    marks = [figures.marker_line(time, editable=True, name=name) for name, time in changes.items()]
    axes = {
        "yaxis": figures.axis("x of 5 units", domain=DOMAINS[0]),
        "yaxis2": _energy_axis(data, DOMAINS[1]),
        "yaxis3": figures.axis("λ (1/τ)", domain=DOMAINS[2], zeroline=True, zerolinecolor=figures.NEUTRAL),
        "yaxis4": figures.axis("γ", domain=DOMAINS[3], nticks=3),
    }
    x = figures.axis("time t (τ)", anchor="y4", range=[0, 1.01 * phases[-1].end])
    layout = figures.layout(x, axes["yaxis"], shapes=marks, hoversubplots="axis", **axes)
    return {"data": traces, "layout": layout}


def _units(data: xr.Dataset) -> list[dict[str, Any]]:
    traces = data.trace.isel(run=0, unit=slice(0, UNITS))
    time = traces.time.values
    return [
        figures.line(
            *(time, values, f"unit {unit}", number),
            line={"width": 1},
            showlegend=False,
            hovertemplate="%{y:.2f}",
        )
        for number, (unit, values) in enumerate(zip(traces.unit.values, traces.values.T, strict=True))
    ]


def _energy(data: xr.Dataset, axis: str = "y2", name: str = "E_k/N", colour: str = "information") -> dict[str, Any]:
    speed = data.speed.isel(run=0)
    positive = np.where(speed.values > 0, speed.values, np.nan)
    style = {"width": 1.5}
    return figures.line(
        *(speed.speed_time.values, positive, name, colour),
        line=style,
        yaxis=axis,
        showlegend=False,
        hovertemplate="%{y:.2g}",
    )


def _energy_axis(data: xr.Dataset, domain: tuple[float, float], labels: int = 3) -> dict[str, Any]:
    """Return the logarithmic axis of the energy, with labels at about `labels` powers of ten."""
    powers = np.log10(data.speed.values[(data.speed.values > 0) & np.isfinite(data.speed.values)])
    decades = float(np.ptp(powers)) if len(powers) else 1.0
    ticks = max(1, round(decades / labels)) if decades > 1.6 else "D2"
    options = {"type": "log", "exponentformat": "power", "dtick": ticks}
    return figures.axis("E<sub>k</sub>/N", domain=list(domain), **options)


def _exponent(phase: Phase) -> list[dict[str, Any]]:
    """Return the running exponent of a phase, and its value with its error at the end."""
    options = {"yaxis": "y3", "showlegend": False, "hovertemplate": "%{y:.3f}"}
    running = phase.running
    if not running.size:
        return []
    curve = figures.line(running.time.values, running.values, "running λ", "divergence", **options)
    known = np.isfinite(phase.error)
    end = figures.points(
        [running.time.values[-1]],
        [phase.lyapunov],
        "λ ± standard error",
        "divergence",
        [phase.error] if known else None,
        **options | {"showlegend": False},
    )
    return [curve, end]


def _theory_lines(phases: Sequence[Phase], theory: Theory) -> list[dict[str, Any]]:
    """Return the exponent and the energy of mean-field theory while γ = 0."""
    times, exponents, energies = [], [], []
    for phase in phases:
        if phase.gamma == 0:
            times += [phase.begin, phase.end, phase.end]
            exponents += [theory.lyapunov, theory.lyapunov, np.nan]
            energies += [theory.energy, theory.energy, np.nan]
    if not times:
        return []
    style = {"dash": "dash", "width": 1.2}
    options = {"line": style, "hoverinfo": "skip"}
    positive = [value if value > 0 else np.nan for value in energies]
    return [
        figures.line(times, positive, "mean field, N → ∞ (γ = 0)", "grey", yaxis="y2", **options),
        figures.line(times, exponents, "mean field, λ", "grey", yaxis="y3", showlegend=False, **options),
    ]


def modes(view: Chaos, phases: Sequence[Phase]) -> Figure:
    """Return the eigenvalues of the Jacobian at the end of each phase, and the region in which Euler's step is stable.

    Parameters
    ----------
    view : the view
    phases : phases of its run
    """
    known = [phase for phase in phases if phase.rates.size]
    if not known:
        return figures.empty("the activity diverges: there are no modes")
    traces, dt = [_region(view.dt)], view.dt
    for number, phase in enumerate(known):
        template = f"{regime.weight(phase.gamma)}: μ = %{{x:.3f}} + %{{y:.3f}} i<extra></extra>"
        traces.append(
            figures.points(
                *(
                    np.real(phase.rates),
                    np.imag(phase.rates),
                    f"{regime.weight(phase.gamma)}, t = {phase.end:g} τ",
                    number,
                ),
                marker={"size": 5, "opacity": 0.75},
                hovertemplate=template,
            )
        )
    rates = np.concatenate([phase.rates.astype(complex) for phase in known])
    low, high = min(-1.0, float(np.real(rates).min())), max(0.5, float(np.real(rates).max()))
    if 2 / dt < 3 * (high - low):  # the whole circle, unless the modes would be too small to be seen
        low = min(low, -2 / dt)
    tall = max(1.0, float(np.abs(np.imag(rates)).max()))
    pad = 0.06 * (high - low)
    x = figures.axis("Re μ (1/τ)", range=[low - pad, high + pad], zeroline=True, zerolinecolor=figures.NEUTRAL)
    y = figures.axis("Im μ (1/τ)", range=[-1.15 * tall, 1.15 * tall])
    return {"data": traces, "layout": figures.layout(x, y, hovermode="closest")}


def _region(dt: float) -> dict[str, Any]:
    """Return the circle |1 + dt μ| = 1, with more points near μ = 0, which may be all that is visible."""
    angles = np.pi * np.linspace(-1, 1, 401) ** 3
    circle = (np.exp(1j * angles) - 1) / dt
    name = "|1 + dt μ| = 1"
    return figures.line(circle.real, circle.imag, name, "grey", line={"dash": "dot"}, hoverinfo="skip")


def against_gain(
    view: Chaos, gains: np.ndarray, curve: Sequence[Theory], phases: Sequence[Phase], applies: bool
) -> Figure:
    """Return the exponent of mean-field theory against the gain, and those of the run while γ = 0.

    Parameters
    ----------
    view : the view
    gains : gains of the theory
    curve : theory at these gains; empty if it is not known yet
    phases : phases of the run
    applies : whether the theory describes the weights
    """
    traces = []
    if curve:
        exponents = [theory.lyapunov for theory in curve]
        name = "mean field, N → ∞ (γ = 0)"
        traces.append(figures.line(gains, exponents, name, "entropy", hovertemplate="%{y:.3f}"))
    for number, phase in enumerate(phases):
        if np.isfinite(phase.lyapunov):
            error = [phase.error] if np.isfinite(phase.error) else None
            name = regime.span(phase)
            traces.append(
                figures.points([view.gain], [phase.lyapunov], name, number + 1, error, hovertemplate="%{y:.3f}")
            )
    mark = figures.marker_line(view.gain, editable=True, name="gain")
    top = max(4.0 if view.gain <= 4 else 12.0, view.gain)
    x = figures.axis("gain g", range=[0, 1.02 * top])
    y = figures.axis("λ (1/τ)", zeroline=True, zerolinecolor=figures.NEUTRAL)
    options: dict[str, Any] = {"shapes": [mark], "hovermode": "closest"}
    if not applies:
        options["annotations"] = [figures.note("no mean-field theory for these weights", 0.5, 0.06)]
    return {"data": traces, "layout": figures.layout(x, y, **options)}


def beginning(data: xr.Dataset) -> Figure:
    """Return traces and energy of the first steps.

    Parameters
    ----------
    data : the first steps of a run
    """
    traces = [*_units(data), _energy(data)]
    axes = {
        "yaxis": figures.axis("x of 5 units", domain=[0.48, 1]),
        "yaxis2": _energy_axis(data, (0, 0.42)),
    }
    x = figures.axis("time t (τ)", anchor="y2")
    return {
        "data": traces,
        "layout": figures.layout(x, axes["yaxis"], showlegend=False, hoversubplots="axis", **axes),
    }


def bounds(view: Chaos, stabilities: Mapping[float, StepStability]) -> Figure:
    """Return the steps for which Euler's method is stable, for each γ, with a mark at the step.

    Parameters
    ----------
    view : the view
    stabilities : stability of the step for each γ
    """
    traces = []
    for number, (gamma, stability) in enumerate(stabilities.items()):
        label, bound = regime.weight(gamma), min(stability.bound, 2 * LONGEST)
        mode = f"<br>limited by μ = {stability.mode.real:.3g} ± {abs(stability.mode.imag):.3g} i"
        known = np.isfinite(stability.mode.real)
        text = f"{label}: stable for dt < {stability.bound:.3g} τ{mode if known else ''}<extra></extra>"
        style = {"width": 12}
        traces.append(
            figures.line(
                *([SHORTEST / 2, bound], [label, label], "stable steps", number),
                line=style,
                hovertemplate=text,
                opacity=0.6,
            )
        )
    x = figures.axis(
        "time step dt (τ)",
        type="log",
        range=np.log10([SHORTEST, LONGEST]).tolist(),
        tickvals=list(STEPS),
        ticktext=[f"{step:g}" for step in STEPS],
    )
    y = figures.axis("", type="category", range=[-0.6, max(1, len(traces)) - 0.4])
    mark = figures.marker_line(view.dt, editable=True, name="dt")
    options: dict[str, Any] = {"shapes": [mark], "showlegend": False, "hovermode": "closest"}
    return {"data": traces, "layout": figures.layout(x, y, **options)}


def halved(coarse: xr.Dataset, fine: xr.Dataset | None, dt: float) -> Figure:
    """Return the energy against time with dt and with dt/2.

    Parameters
    ----------
    coarse, fine : runs with dt and with dt/2; the second may not be known yet
    dt : time step
    """
    traces = [_energy(coarse, "y", f"dt = {dt:g} τ")]
    if fine is not None:
        traces.append(_energy(fine, "y", f"dt/2 = {dt / 2:g} τ", "entropy"))
    traces = [trace | {"showlegend": True} for trace in traces]
    return {"data": traces, "layout": figures.layout("time t (τ)", _energy_axis(coarse, (0, 1), 6))}


def meeting(view: Chaos, data: xr.Dataset) -> Figure:
    """Return the distance of two trajectories in the same noise against time, and its exponential decay at constant γ.

    Parameters
    ----------
    view : the view
    data : result of `synchronisation`
    """
    distance = data.distance.values
    positive = np.where(distance > 0, distance, np.nan)
    traces = [figures.line(data.time.values, positive, "distance per unit", "entropy", hovertemplate="%{y:.2g}")]
    exponent, error = float(data.lyapunov), float(data.lyapunov_se)
    if len(view.phases) == 1 and np.isfinite([distance[0], exponent]).all() and exponent < 0:
        line = distance[0] * np.exp(exponent * data.time.values)
        name = f"e^(λt), λ = {signed(exponent, 3)}" + (f" ± {error:.2g}" if np.isfinite(error) else "")
        visible = np.where(line > 1e-17, line, np.nan)
        style = {"dash": "dash", "width": 1.2}
        traces.append(figures.line(data.time.values, visible, name, "grey", line=style, hoverinfo="skip"))
    y = figures.axis("distance per unit", type="log", exponentformat="power")
    return {"data": traces, "layout": figures.layout("time t (τ)", y)}


__all__ = ["against_gain", "beginning", "bounds", "halved", "in_time", "meeting", "modes"]
