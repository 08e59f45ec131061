"""Sentences about the regime of a network: chaotic, frozen, at rest, or an artefact of the time step."""

import math
from collections.abc import Sequence

from noisette.app.numbers import signed
from noisette.app.pages._chaos_run import Phase, Theory
from noisette.app.pages._chaos_view import Chaos
from noisette.simulation import StepStability

UNSTABLE = 2.0  # stability number of a step that is too long
ERRORS = 2.0  # standard errors by which an exponent differs from zero
SMALL = 0.02  # exponent, in 1/τ, that may be due to slow relaxation, as in the audit of a step
GROWN = 1e12  # factor by which the energy rises where activity has no bound
FROZEN = 10.0  # factor by which the energy falls where activity freezes
REST = 1e-8  # kinetic energy per unit of activity at rest


def regime(view: Chaos, phases: Sequence[Phase], size: int, theory: Theory | None, quiet: Theory | None) -> str:
    """Return the sentence about a run.

    Parameters
    ----------
    view : the view
    phases : phases of its run
    size : number of units
    theory : mean-field theory at the gain and the noise of the view; None if it does not apply
    quiet : the same without noise
    """
    if any(phase.stability is None or phase.last > GROWN * max(1.0, phase.first) for phase in phases):
        return "The activity grows without bound: the step is too long, or the activation has no upper bound."
    worst = max(phases, key=lambda phase: phase.stability.number if phase.stability else 0.0)
    assert worst.stability is not None
    if worst.stability.number > UNSTABLE:
        return _artefact(view, worst, worst.stability)
    method = f"simulated, N = {size}, one network"
    if any(phase.gamma != 0 for phase in phases):
        return _with_term(phases, method)
    return _without_term(view, phases[0], f"{method}{_mean_field(theory)}", quiet)


def exponent(phase: Phase) -> str:
    """Return the exponent of a phase with its error, and its unit."""
    return f"λ = {number(phase)} per τ"


def number(phase: Phase) -> str:
    """Return the exponent of a phase with its error."""
    if math.isnan(phase.lyapunov):
        return "undetermined"
    if math.isinf(phase.lyapunov):
        return "−∞"
    if math.isnan(phase.error):
        return f"{signed(phase.lyapunov, 2)} ± ? (too short for an error)"
    digits = min(6, max(2, math.ceil(-math.log10(phase.error)) if phase.error > 0 else 2))
    return f"{signed(phase.lyapunov, digits)} ± {phase.error:.{digits}f}"


def weight(gamma: float) -> str:
    """Return γ as text."""
    return f"γ = {gamma:g}".replace("-", "−")


def span(phase: Phase) -> str:
    """Return γ and the times of a phase as text."""
    return f"{weight(phase.gamma)}, {phase.begin:g}–{phase.end:g} τ"


def energy(value: float) -> str:
    """Return a kinetic energy with two digits."""
    return f"{value:.2g}"


def describe(mode: complex) -> str:
    """Return an eigenvalue as text."""
    if abs(mode.imag) <= 1e-9 * abs(mode):
        return signed(mode.real, 1)
    return f"{signed(mode.real, 1)} ± {abs(mode.imag):.1f}i"


def bounds(stabilities: dict[float, StepStability], dt: float, steps: int) -> str:
    """Return the sentence about the longest stable steps at the state after the first steps.

    Parameters
    ----------
    stabilities : stability of the step for each γ
    dt : time step
    steps : number of first steps
    """
    if not stabilities:
        return f"Within the first {steps} steps of dt = {dt:g} τ the activity diverges."
    parts = []
    for gamma, stability in stabilities.items():
        limit = f"dt < {stability.bound:.2g} τ" if math.isfinite(stability.bound) else "any dt"
        parts.append(f"{limit} at {weight(gamma)}")
    unstable = any(stability.number > UNSTABLE for stability in stabilities.values())
    verdict = "is too long" if unstable else "satisfies this"
    return (
        f"At the state after the first {steps} steps ({steps * dt:g} τ), Euler's method is stable for "
        f"{' and '.join(parts)}; dt = {dt:g} τ {verdict}."
    )


def halved(coarse: Sequence[Phase], fine: Sequence[Phase], dt: float) -> str:
    """Return the comparison of runs with dt and dt/2.

    Parameters
    ----------
    coarse, fine : phases of the runs with dt and with dt/2
    dt : time step
    """
    parts = [
        f"{number(first)} and {number(second)} ({span(first)})" for first, second in zip(coarse, fine, strict=True)
    ]
    return f"λ with dt = {dt:g} τ and with dt/2, per τ: {'; '.join(parts)}."


def audit(verdict: str, phases: Sequence[Phase]) -> str:
    """Return the verdict on a step.

    Parameters
    ----------
    verdict : verdict of `step_audit` on the whole run
    phases : phases of the run
    """
    unstable = [weight(p.gamma) for p in phases if p.stability is not None and p.stability.number > UNSTABLE]
    if unstable and verdict in ("ok", "not converged"):
        return f"The step is unstable at {' and '.join(dict.fromkeys(unstable))} (comparison with dt/2: {verdict})."
    return f"Audit of the step, by a comparison with dt/2: {verdict}."


def _artefact(view: Chaos, phase: Phase, stability: StepStability) -> str:
    bound = (
        f"dt = {view.dt:g} τ is longer than the bound {stability.bound:.2g} τ of the mode "
        f"μ = {describe(stability.mode)} (2|Re μ|/|μ|², at {weight(phase.gamma)})"
    )
    chaotic = phase.lyapunov > SMALL + ERRORS * (0.0 if math.isnan(phase.error) else phase.error)
    if chaotic and phase.gamma == 1 and view.noise_word == "none":
        return (
            f"This chaos is Euler's step: {bound}. At γ = 1 the equation is a gradient descent, which cannot be "
            f"chaotic; {exponent(phase)} (simulated) is that of the discrete map."
        )
    return f"The step is too long: {bound}. {exponent(phase)} (simulated) is that of the discrete map."


def _mean_field(theory: Theory | None) -> str:
    if theory is None:
        return ""
    if theory.reason:
        return "; mean-field theory fails here"
    return f"; mean field for N → ∞: {signed(theory.lyapunov, 3)}"


def _with_term(phases: Sequence[Phase], method: str) -> str:
    """Return the sentence about a run with the Onsager term in a phase, the last one in which γ is not zero."""
    place = max(number for number, phase in enumerate(phases) if phase.gamma != 0)
    if place and abs(phases[place - 1].gamma) > abs(phases[place].gamma):
        place -= 1
    phase = phases[place]
    before = phases[place - 1].mean if place else phase.first
    falls = phase.last < before / FROZEN and not is_chaotic(phase, SMALL)
    was_chaotic = place == 0 or is_chaotic(phases[place - 1])
    head = ("Frozen" if was_chaotic else "Relaxing") if falls else "Not frozen"
    change = f"E_k/N {'falls' if phase.last < before else 'rises'} from {energy(before)} to {energy(phase.last)}"
    text = f"{head}: {change} while {weight(phase.gamma)} ({exponent(phase)}; {method})"
    if place + 1 < len(phases):
        later = phases[place + 1]
        text += f"; {_return(later)}, {exponent(later)}"
    return text + "."


def _return(phase: Phase) -> str:
    """Return whether a phase after the term is chaotic, in words."""
    if is_chaotic(phase):
        return f"then chaos returns at {weight(phase.gamma)}"
    verdict = "there is no chaos" if is_convergent(phase) else "chaos is not certain"
    return f"afterwards, at {weight(phase.gamma)}, {verdict}"


def _without_term(view: Chaos, phase: Phase, method: str, quiet: Theory | None) -> str:
    if is_chaotic(phase):
        return f"Chaotic: {exponent(phase)} ({method})."
    if not is_convergent(phase):
        return f"Between order and chaos, or too short to tell: {exponent(phase)} ({method})."
    if view.noise_word == "none":
        state = "At rest" if phase.last < REST else "Not chaotic"
        return f"{state}: {exponent(phase)}, and E_k/N is {energy(phase.last)} at the end ({method})."
    if quiet is not None and quiet.lyapunov > 0:
        return (
            f"Noise suppresses chaos: {exponent(phase)} ({method}); without noise the mean field is chaotic, "
            f"λ = {signed(quiet.lyapunov, 3)}."
        )
    return f"Not chaotic: {exponent(phase)} ({method}); trajectories in the same noise converge."


def is_chaotic(phase: Phase, least: float = 0.0) -> bool:
    """Return whether the exponent of a phase is larger than `least` by two standard errors."""
    return phase.lyapunov - ERRORS * phase.error > least


def is_convergent(phase: Phase) -> bool:
    """Return whether the exponent of a phase is smaller than zero by two standard errors."""
    return phase.lyapunov + ERRORS * phase.error < 0


__all__ = [
    "audit",
    "bounds",
    "describe",
    "energy",
    "exponent",
    "halved",
    "is_chaotic",
    "is_convergent",
    "number",
    "regime",
    "span",
    "weight",
]
