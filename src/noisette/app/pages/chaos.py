"""The page about chaos: exponents, energy and modes of a rate network with an Onsager term, noise and a time step."""

import shlex
import time
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from noisette import step_audit
from noisette.app import uploads
from noisette.app.answers import Answer, Page, Panel, Part, Report, always
from noisette.app.numbers import signed
from noisette.app.pages import _chaos_figures as figures
from noisette.app.pages import _chaos_regime as regime
from noisette.app.pages import _chaos_run as runs
from noisette.app.pages._chaos_stories import stories
from noisette.app.pages._chaos_view import Chaos, matrix_of, network_of

LARGE = 5_000_000  # steps × units of a run, beyond which a part of it is shown first
FIRST = 8  # fraction of the run that is shown first, 1/8
FEWEST = 100  # steps of a run whose step is audited
PAUSES, PAUSE = 4, 0.1  # number of pauses, each in seconds, before the step is audited
DRAWN = ("gaussian", "normal", "symmetric", "ei")  # words of which `noisette chaos` draws the matrix by its seed


def beginning(view: Chaos, report: Report) -> Answer:
    """Return the first steps, and the longest stable steps at the state that they reach."""
    data = runs.beginning_of(view)
    stabilities = runs.bounds_of(view, data)
    drawn = {"beginning": figures.beginning(data), "bounds": figures.bounds(view, stabilities)}
    bounds = [stability.bound for stability in stabilities.values()]
    numbers = xr.Dataset(
        {"first_trace": data.trace.isel(run=0, unit=slice(0, figures.UNITS)), "longest_step": ("gamma", bounds)},
        {"gamma": list(stabilities)},
        {"method": "simulated", "estimator": "single-run"},
    )
    values = {
        f"longest stable step after the first steps, {regime.weight(g)}": f"{s.bound:.3g} τ"
        for g, s in stabilities.items()
    }
    return Answer(drawn, regime.bounds(stabilities, view.dt, runs.BEGINNING), numbers, values)


def run(view: Chaos, report: Report) -> Iterator[Answer]:
    """Return the run: a part of it if it is long, all of it, and then with mean-field theory."""
    size = len(matrix_of(view.weights, view.seed))
    if view.steps * size > LARGE:
        short = view.but(duration=max(10.0, view.duration / FIRST))
        first = runs.run_of(short, report)
        yield _run(short, first, runs.phases_of(short, first), prefix=f"The first {short.duration:g} τ: ")
    data = runs.run_of(view, report)
    phases = runs.phases_of(view, data)
    if not runs.has_theory(view):
        yield _run(view, data, phases)
        return
    yield _run(view, data, phases, complete=False)
    theory = runs.theory_at(view.activation, view.gain, view.noise_word)
    quiet = runs.theory_at(view.activation, view.gain, "none")
    yield _run(view, data, phases, (theory, quiet), complete=False)
    yield _run(view, data, phases, (theory, quiet), runs.theory_curve(view, report))


def _run(
    view: Chaos,
    data: xr.Dataset,
    phases: Sequence[runs.Phase],
    theories: tuple[runs.Theory, runs.Theory] | None = None,
    curve: Sequence[runs.Theory] = (),
    prefix: str = "",
    complete: bool = True,
) -> Answer:
    """Return the answer for a run, with what is known of mean-field theory."""
    theory, quiet = theories or (None, None)
    gains, applies = runs.gains_of(view), runs.has_theory(view)
    drawn = {
        "time": figures.in_time(view, data, phases, theory),
        "modes": figures.modes(view, phases),
        "gain": figures.against_gain(view, gains, curve, phases, applies),
    }
    sentence = prefix + regime.regime(view, phases, data.sizes["final_unit"], theory, quiet)
    numbers = xr.Dataset(
        runs.variables_of(view, data, phases), attrs={"method": "simulated", "estimator": "single-run"}
    )
    if theory is not None:
        numbers["mean_field_lyapunov"] = theory.lyapunov
        numbers["mean_field_kinetic_energy"] = theory.energy
    if curve:
        numbers["mean_field_curve"] = ("gain", [each.lyapunov for each in curve], {"units": "1/tau"})
        numbers = numbers.assign_coords(gain=gains)
    return Answer(drawn, sentence, numbers, _values(phases, theory), complete and not prefix)


def _values(phases: Sequence[runs.Phase], theory: runs.Theory | None) -> dict[str, str]:
    values = {}
    for phase in phases:
        name = regime.span(phase)
        values[f"λ, {name}"] = f"{regime.number(phase)} per τ"
        values[f"E_k/N at the end, {name}"] = regime.energy(phase.last)
        if phase.stability is not None:
            values[f"longest stable step, {name}"] = f"{phase.stability.bound:.3g} τ"
    if theory is not None:
        reason = f" ({theory.reason})" if theory.reason else ""
        values["λ by mean field, N → ∞, γ = 0"] = f"{signed(theory.lyapunov, 4)} per τ{reason}"
    return values


def step(view: Chaos, report: Report) -> Iterator[Answer]:
    """Return the energy with dt and with dt/2, and the verdict of the audit of the step."""
    for _ in range(PAUSES):  # a slider that moves makes many views; the audit is for the one where it stops
        report(0, 1)
        time.sleep(PAUSE)
    coarse = runs.run_of(view, report)
    drawn = {"halved": figures.halved(coarse, None, view.dt)}
    numbers = xr.Dataset({"speed_dt": coarse.speed.isel(run=0, drop=True)})
    yield Answer(drawn, "", numbers, complete=False)
    fine = runs.run_of(view, report, view.dt / 2)
    first, second = (runs.phases_of(view, data) for data in (coarse, fine))
    drawn = {"halved": figures.halved(coarse, fine, view.dt)}
    exponents = [[phase.lyapunov for phase in phases] for phases in (first, second)]
    numbers = numbers.assign(
        speed_half=fine.speed.isel(run=0, drop=True).rename(speed_time="half_time"),
        exponents=(("halving", "phase"), exponents, {"units": "1/tau"}),
    )
    sentence = regime.halved(first, second, view.dt)
    if view.steps < FEWEST:
        yield Answer(drawn, sentence, numbers)
        return
    yield Answer(drawn, sentence, numbers, complete=False)
    options = {"duration": view.steps * view.dt, "key": runs.key_of(view), "runs": 1, "progress": report}
    verdict = str(step_audit(network_of(view), view.dt, **options).attrs["verdict"])
    numbers = numbers.assign_attrs(verdict=verdict)
    yield Answer(drawn, f"{regime.audit(verdict, first)} {sentence}", numbers, {"audit of the step": verdict})


def meeting(view: Chaos, report: Report) -> Answer:
    """Return the distance to the trajectory of a second initial state in the same noise."""
    data = runs.meeting_of(view, report)
    numbers = data[["distance"]].rename(time="meeting_time")
    met = bool(data.synchronised)
    where = "in the same noise" if view.noise_word != "none" else "without noise"
    end = view.steps * view.dt
    distance = float(data.distance[-1])
    if met:
        sentence = (
            f"Two starts {where} meet: their distance stays below 10⁻⁶ after {float(data.synchronisation_time):.3g} τ."
        )
    elif np.isfinite(distance):
        sentence = f"Two starts {where} have not met after {end:g} τ: their distance per unit is {distance:.2g}."
    else:
        sentence = "The activity grows without bound, so that two starts do not meet."
    values = {"two starts": "meet" if met else "have not met"}
    if len(view.phases) == 1 and np.isfinite(rate := float(data.rate)):
        values["growth rate of small distances"] = f"{signed(rate, 3)} per τ"
        numbers["meeting_rate"] = data.rate
    return Answer({"meeting": figures.meeting(view, data)}, sentence, numbers.drop_attrs(), values)


def python(view: Chaos) -> str:
    """Return the code with which the view is computed."""
    every = runs.every_of(view)
    lines = [
        "import jax",
        "import numpy as np",
        "import noisette as nz",
        "",
        f"W = {_weights(view)}",
        f"phi, noise = nz.activations.from_string({view.activation!r}), nz.noise.from_string({view.noise_word!r})",
        f"network = nz.RateNetwork(W, {view.gain!r}, activation=phi, noise=noise)",
        *_term(view),
        f"key = jax.random.fold_in(jax.random.key({view.seed}), 0)  # of the first network of `noisette chaos`",
        f"probes = [nz.Trace(every={every}), nz.Speed(every={every}), nz.Lyapunov()]",
        f"run = nz.simulate(network, {view.steps}, probes, dt={view.dt!r}, key=key, warn=False)",
        f"duration, transient = {view.steps * view.dt!r}, {view.transient / 100!r}  # in τ; fraction of each phase",
        'print("begin end γ: λ (1/τ), standard error, E_k/N at the end")',
        f"for begin, end, gamma in {view.phases!r}:",
        "    counted = (begin + transient * (end - begin)) / duration",
        "    window = nz.analysis.exponents_between(run, counted, min(1.0, end / duration))",
        "    energy = run.speed[0, run.speed_time.values < end - 1e-9][-1]",
        "    print(begin, end, gamma, float(window.lyapunov[0, 0]), float(window.lyapunov_se[0, 0]), float(energy))",
        "modes = nz.analysis.spectrum(network, run.final[0], duration)  # at the last state",
        f'print("at the last state, Euler is stable for dt <", 2 * {view.dt!r} / float(run.stability))',
        f"starts = nz.analysis.synchronisation(network, duration=duration, dt={view.dt!r}, key=key, warn=False)",
        'print("two starts in the same noise: time to meet (τ)", float(starts.synchronisation_time))',
        'print("distance per unit at the end", float(starts.distance[-1]))',
    ]
    if runs.has_theory(view):
        lines += [
            f"theory = nz.theory.mean_field(phi, {view.gain!r}, noise)  # N → ∞, γ = 0",
            'print("mean field: λ =", float(theory.lyapunov), "E_k/N =", float(theory.kinetic_energy))',
        ]
    return "\n".join(lines) + "\n"


def _weights(view: Chaos) -> str:
    if view.weights.startswith(uploads.PREFIX):
        return f"nz.weights.load({uploads.uploaded(view.weights).name!r})"
    return f"nz.weights.from_string({view.weights!r}, {view.seed})"


def _term(view: Chaos) -> list[str]:
    """Return the line of code that adds the Onsager term, if there is one."""
    gammas = {gamma for _, _, gamma in view.phases}
    if gammas == {0.0}:
        return []
    switch = f"nz.Switch([{view.on!r}, {view.off!r}], [{view.base!r}, {view.gamma!r}, {view.base!r}])"
    return [f"network = nz.Onsager(network, {switch if len(gammas) > 1 else gammas.pop()})"]


def command(view: Chaos) -> str:
    """Return the command with which the exponent is computed; γ of `noisette chaos` is constant."""
    if len(view.phases) > 1 or view.weights.partition(":")[0] not in DRAWN or view.steps < FEWEST:
        return uploads.command_of(view)
    duration, gamma = view.steps * view.dt, next(gamma for _, _, gamma in view.phases)
    options = {
        "weights": shlex.quote(view.weights),
        "gain": f"{view.gain!r}",
        "gamma": f"{gamma!r}",
        "dt": f"{view.dt!r}",
        "duration": f"{duration!r}",
        "discard": f"{view.transient / 100 * duration!r}",
        "networks": "1",
        "activation": shlex.quote(view.activation),
        "noise": view.noise_word,
        "seed": str(view.seed),
    }
    return f"noisette chaos {' '.join(f'--{name} {value}' for name, value in options.items())} --json"


PAGE = Page(
    "chaos",
    "Chaos",
    "When is a rate network chaotic, what freezes it, and when is its chaos only that of the time step?",
    Chaos,
    (
        Part(
            "run",
            (
                Panel("time", "Traces, kinetic energy, exponent and γ(t); drag the dotted lines", 520, True),
                Panel("modes", "Modes of the Jacobian, and where Euler's step is stable"),
                Panel("gain", "Exponent against the gain; drag the dotted line"),
            ),
            run,
            always,
        ),
        Part(
            "beginning",
            (
                Panel("beginning", f"The first {runs.BEGINNING} steps"),
                Panel("bounds", "Stable time steps; drag the dotted line"),
            ),
            beginning,
        ),
        Part(
            "meeting", (Panel("meeting", "Distance of a second start in the same noise", 280, True),), meeting, always
        ),
        Part("step", (Panel("halved", "Kinetic energy with dt and with dt/2", 280, True),), step, always),
    ),
    python,
    command,
    stories(Chaos),
)
