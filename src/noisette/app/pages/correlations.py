"""The page about correlations: variance, covariances and dimension of random rate networks in noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from noisette.app import uploads
from noisette.app.answers import Answer, Page, Panel, Part, Report
from noisette.app.controls import Choice, Number, Text, seed_control
from noisette.app.pages import _correlations_code as code
from noisette.app.pages import _correlations_figures as figures
from noisette.app.pages import _correlations_results as results
from noisette.app.pages._correlations_results import GAINS, SIMULATED, Law, Rows
from noisette.app.pages._correlations_stories import stories
from noisette.app.views import View, parameter
from noisette.app.words import activation_word
from noisette.errors import InputError
from noisette.registry import words

SUGGESTIONS = ("tanh", "erf", "linear", "relu", "power:0.75", "pade:0.333,0", "formula:x/(1+abs(x))")
QUICK = ("tanh", "erf", "linear")  # words of activations with a quick theory in white noise
SLOW = ("sigmoid", "formula")  # and of those whose theory may take long even in frozen noise, unless they are odd


@dataclass(frozen=True)
class Correlations(View):
    """Parameters of the page."""

    page = "correlations"

    activation: str = parameter(
        "tanh",
        Text(
            "activation φ",
            "A word of `noisette list`, such as tanh, power:p or pade:α,β, or a formula in x.",
            group="Network",
            check=activation_word,
            longest=200,
            suggestions=tuple(text for text in SUGGESTIONS if text.partition(":")[0] in words("activations")),
        ),
    )
    gain: float = parameter(
        1.2,
        Number("gain g", "Standard deviation of the weights, times √N.", "", "Network", low=0.05, high=3, step=0.05),
    )
    kind: str = parameter(
        "frozen",
        Choice(
            "kind of noise",
            "Constant during a trial, or changing in time with a correlation time of zero or τ_c.",
            group="Noise",
            options=(("frozen", "frozen"), ("white", "white"), ("coloured", "coloured")),
        ),
    )
    strength: float = parameter(
        1.0,
        Number(
            "strength s",
            "Standard deviation of an isolated unit in this noise.",
            "",
            "Noise",
            low=0.1,
            high=3,
            step=0.1,
        ),
    )
    tau: float = parameter(
        3.0,
        Number("correlation time τ_c", "Of coloured noise only.", "τ", "Noise", low=0.5, high=10, step=0.1),
    )
    activity: str = parameter(
        "current",
        Choice(
            "activity",
            "C is the covariance of the currents x, or of the rates φ(x).",
            group="Network",
            options=(("current", "current x"), ("rate", "rate φ(x)")),
        ),
    )
    size: int = parameter(
        100,
        Number(
            "units N",
            "Size of simulated networks.",
            "",
            "Simulation",
            low=20,
            high=200,
            whole=True,
            slider=False,
            step=10,
        ),
    )
    networks: int = parameter(
        4,
        Number(
            "networks",
            "Number of simulated networks; without any, curves are those of theory alone.",
            "",
            "Simulation",
            low=0,
            high=16,
            whole=True,
            slider=False,
        ),
    )
    seed: int = parameter(0, seed_control("Seed of weights and noise.", "Simulation"))

    def conflicts(self) -> dict[str, str]:
        """Return a message about a single network, which has no standard error over networks."""
        if self.networks == 1:
            return {"networks": "networks 1; standard errors over networks require at least 2, and 0 simulates none"}
        return {}


def law_of(view: Correlations) -> Law:
    """Return what determines the theory of a view."""
    tau = view.tau if view.kind == "coloured" else 0.0
    return Law(view.activation, view.kind, view.strength, tau, view.activity)


def gains_of(view: Correlations) -> list[float]:
    """Return the gains of the curves, which include that of the view."""
    return np.union1d(GAINS, [view.gain]).tolist()


def simulated_gains(view: Correlations, rows: Rows) -> list[float]:
    """Return the gains at which networks are simulated: those with a stationary state, as far as they are known."""
    known = [gain for gain in SIMULATED if gain in rows.theory and np.isfinite(rows.theory[gain]["variance"])]
    return known if view.networks else []


def state_is_long(view: Correlations) -> bool:
    """Return whether the theory at one gain takes more than a moment."""
    law, word = law_of(view), view.activation.partition(":")[0]
    if view.gain in results.rows_of(law).theory:
        return False
    if view.kind == "frozen":
        return word in SLOW and not law.odd
    return view.kind == "coloured" or word not in QUICK


def curves_are_long(view: Correlations) -> bool:
    """Return whether anything that the curves show is still to be computed."""
    rows = results.rows_of(law_of(view))
    samples = [(view.size, view.networks, view.seed, gain) for gain in simulated_gains(view, rows)]
    known = all(rows.knows(gain) for gain in gains_of(view)) and all(sample in rows.simulated for sample in samples)
    return not known or rows.critical is None


def pairs_are_long(view: Correlations) -> bool:
    """Return whether there may be a network to simulate, as far as a quick theory tells."""
    return view.kind != "frozen" or bool(np.isfinite(_row(view)["variance"]))


def lags_are_long(view: Correlations) -> bool:
    """Return whether the activity may change in time."""
    return view.kind != "frozen" or results.rows_of(law_of(view)).is_unstable(view.gain)


def _row(view: Correlations) -> results.Row:
    return results.rows_of(law_of(view)).at(view.gain)


def state(view: Correlations, report: Report) -> Answer:
    """Return what theory says about the network at the gain of the view."""
    row, few = results.rows_of(law_of(view)).with_size(view.gain, view.size)
    return figures.state(row, few, view)


def curves(view: Correlations, report: Report) -> Iterator[Answer]:
    """Return variance, ψ and D against the gain, theory first, then simulated networks at one gain after the other."""
    rows, gains = results.rows_of(law_of(view)), gains_of(view)
    rows.fill()
    if view.kind == "frozen":
        rows.critical_gain()  # quick in frozen noise
        yield _curves(view, rows)
    total = len(gains) + view.networks * len(SIMULATED)
    for number, gain in enumerate([view.gain, *gains]):
        if not rows.knows(gain):
            rows.best(gain)
            report(number, total)
            yield _curves(view, rows)
    rows.critical_gain()
    for number, gain in enumerate(simulated_gains(view, rows)):
        done = len(gains) + number * view.networks
        rows.sample(gain, view.size, view.networks, view.seed, lambda n, _, done=done: report(done + n, total))
        yield _curves(view, rows)
    report(total, total)
    yield _curves(view, rows, complete=True)


def _curves(view: Correlations, rows: Rows, complete: bool = False) -> Answer:
    gains = gains_of(view)
    theory = {gain: rows.theory[gain] for gain in gains if gain in rows.theory}
    dynamics = {gain: rows.dynamics[gain] for gain in gains if gain in rows.dynamics}
    samples = {gain: rows.simulated.get((view.size, view.networks, view.seed, gain)) for gain in gains}
    data = figures.table(theory, dynamics, {gain: row for gain, row in samples.items() if row is not None})
    critical = float("nan") if rows.critical is None else rows.critical
    return figures.curves(data, critical, view, complete)


def pairs(view: Correlations, report: Report) -> Iterator[Answer]:
    """Return the covariances of the pairs of one network."""
    law, rows = law_of(view), results.rows_of(law_of(view))
    if not np.isfinite(rows.at(view.gain)["variance"]):
        yield figures.none("pairs", rows.at(view.gain)["reason"])
        return
    key = ("pairs", law, view.gain, view.size, view.seed)
    try:
        data = results.kept(key, lambda: results.pairs(law, view.gain, view.size, view.seed, report))
    except InputError as error:
        yield figures.none("pairs", str(error))
        return
    yield figures.pairs(data, rows.best(view.gain), view)


def lags(view: Correlations, report: Report) -> Iterator[Answer]:
    """Return the autocovariance by theory, then by simulation as well."""
    law, rows = law_of(view), results.rows_of(law_of(view))
    row = rows.at(view.gain)
    if not np.isfinite(row["variance"]):
        yield figures.none("lags", row["reason"])
        return
    if view.kind == "frozen" and not rows.is_unstable(view.gain):
        yield figures.constant(row, view)
        return
    report(0, 1)
    try:
        theory = results.kept(("lags", law, view.gain), lambda: results.lag_theory(law, view.gain))
    except InputError as error:
        yield figures.none("lags", str(error))
        return
    # the means of units that are not odd cannot be told from the contribution of frozen noise
    if view.networks == 0 or (view.kind == "frozen" and not law.odd):
        yield figures.lags(theory, view, complete=True)
        return
    yield figures.lags(theory, view, complete=False)
    longest = float(theory.lag[-1])
    simulated = results.kept(
        ("simulated lags", law, view.gain, view.size, view.seed),
        lambda: results.lag_simulation(law, view.gain, view.size, view.seed, longest, report),
    )
    yield figures.lags(xr.merge([theory, simulated], join="outer"), view, complete=True)


def python(view: Correlations) -> str:
    """Return the code with which the view is computed."""
    rows = results.rows_of(law_of(view))
    return code.python(view, rows.law, view.kind == "frozen" and not rows.is_unstable(view.gain))


def command(view: Correlations) -> str:
    """Return the command with which the numbers of the view are computed."""
    return uploads.command_of(view)


PAGE = Page(
    "correlations",
    "Correlations",
    "How are the units of a random network in noise correlated, and what is the dimension of their activity?",
    Correlations,
    (
        Part("state", (), state, state_is_long),
        Part("curves", (Panel("curves", "Variance, covariances and dimension", 560, True),), curves, curves_are_long),
        Part("pairs", (Panel("pairs", "Covariances of pairs"),), pairs, pairs_are_long),
        Part("lags", (Panel("lags", "Autocovariance"),), lags, lags_are_long),
    ),
    python,
    command,
    stories(Correlations),
)
