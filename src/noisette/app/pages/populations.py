"""The page about populations: excitatory and inhibitory units by mean-field theory, beside one network."""

from collections.abc import Iterator
from dataclasses import dataclass

from noisette.app import uploads
from noisette.app.answers import Answer, Page, Panel, Part, Report, always
from noisette.app.controls import Choice, Number, seed_control
from noisette.app.pages import _populations_figures as figures
from noisette.app.pages import _populations_results as results
from noisette.app.pages._populations_results import DISCARD, DT, DURATION, EVERY, GAINS, START, Law
from noisette.app.pages._populations_stories import stories
from noisette.app.views import View, parameter


@dataclass(frozen=True)
class PopulationsView(View):
    """Parameters of the page."""

    page = "populations"

    gain: float = parameter(1.0, Number("gain g", "Factor of all weights.", "", "Weights", low=0.05, high=3, step=0.05))
    excitation: float = parameter(
        1.0,
        Number(
            "excitation e",
            "Mean weight from excitatory units, times their number.",
            "",
            "Weights",
            low=0,
            high=4,
            step=0.1,
        ),
    )
    balance: float = parameter(
        2.0,
        Number(
            "balance k",
            "Mean weight from inhibitory units over −e: inhibition dominates above 1.",
            "",
            "Weights",
            low=0,
            high=4,
            step=0.1,
        ),
    )
    variance_e: float = parameter(
        1.0,
        Number(
            "variance V_E",
            "Variance of weights from excitatory units, times their number.",
            "",
            "Weights",
            low=0.05,
            high=4,
            step=0.05,
        ),
    )
    variance_i: float = parameter(
        2.0,
        Number(
            "variance V_I",
            "Variance of weights from inhibitory units, times their number.",
            "",
            "Weights",
            low=0.05,
            high=4,
            step=0.05,
        ),
    )
    activation: str = parameter(
        "tanh",
        Choice(
            "activation φ",
            "Activation of all units.",
            group="Units",
            options=(("tanh", "tanh"), ("erf", "erf"), ("sigmoid", "sigmoid")),
        ),
    )
    fraction: float = parameter(
        0.8, Number("fraction f", "Fraction of excitatory units.", "", "Units", low=0.2, high=0.8, step=0.1)
    )
    tau: float = parameter(
        1.0, Number("τ_I", "Time constant of inhibitory units.", "τ_E", "Units", low=0.25, high=4, step=0.25)
    )
    bias: float = parameter(
        0.5, Number("bias b_E", "Constant input to excitatory units.", "", "Units", low=-2, high=2, step=0.1)
    )
    noise: float = parameter(
        0.0, Number("noise σ", "White noise of all units.", "per √τ_E", "Units", low=0, high=3, step=0.1)
    )
    size: int = parameter(
        200,
        Number(
            "units N", "Size of the network.", "", "Simulation", low=20, high=400, whole=True, slider=False, step=20
        ),
    )
    seed: int = parameter(0, seed_control("Seed of weights and noise.", "Simulation", "New network"))


def law_of(view: PopulationsView) -> Law:
    """Return what determines the theory of a view besides the gain."""
    return Law(
        view.activation,
        view.excitation,
        view.balance,
        view.variance_e,
        view.variance_i,
        view.fraction,
        view.tau,
        view.bias,
        view.noise,
    )


def curves(view: PopulationsView, report: Report) -> Iterator[Answer]:
    """Return theory at the gain of the view, and then against the gain."""
    gains = [view.gain, *(gain for gain in GAINS if gain != view.gain)]
    solutions = {}
    for number, gain in enumerate(gains):
        report(number, len(gains))
        solutions[gain] = results.solution(law_of(view), gain)
        yield figures.curves(solutions, view, complete=number == len(gains) - 1)


def run(view: PopulationsView, report: Report) -> Iterator[Answer]:
    """Return one simulated network, and then the means of theory in addition."""
    report(0, 2)
    data = results.run(law_of(view), view.gain, view.size, view.seed)
    yield figures.run(data, view, None)
    report(1, 2)
    yield figures.run(data, view, results.solution(law_of(view), view.gain))


def spectrum(view: PopulationsView, report: Report) -> Answer:
    """Return the eigenvalues of the weights of the network."""
    law = law_of(view)
    return figures.spectrum(results.eigenvalues(law, view.gain, view.size, view.seed), law, view)


def python(view: PopulationsView) -> str:
    """Return the code with which the view is computed."""
    inhibition = -view.balance * view.excitation
    excitatory = round(view.fraction * view.size)
    noise = f"nz.White({view.noise!r})" if view.noise else "None"
    return f"""import jax
import numpy as np
import noisette as nz

mean = [[{view.excitation!r}, {inhibition!r}]] * 2
variance = [[{view.variance_e!r}, {view.variance_i!r}]] * 2
weights = nz.ensembles.Blocks(mean, variance, [{excitatory}, {view.size - excitatory}])
phi = nz.activations.from_string({view.activation!r})
units = {{"tau": [1.0, {view.tau!r}], "bias": [{view.bias!r}, 0.0], "noise": {noise}}}
populations = nz.networks.Populations(weights, phi, **units)

# theory, N → ∞
theory = nz.theory.population_mean_field(populations, {view.gain!r}, start_mean={START!r})
print(theory[["mean", "variance", "lyapunov"]])

# one network
key = jax.random.key({view.seed})
network = populations.network({view.gain!r}, key=key)
start = {START!r} + np.asarray(jax.random.normal(jax.random.fold_in(key, 1), ({view.size},), float))
options = {{"duration": {DURATION!r}, "dt": {DT!r}, "start": start, "key": jax.random.fold_in(key, 2), "warn": False}}
trace = nz.simulate(network, probes=nz.Trace(every={EVERY}), **options).trace[0]
late = trace.sel(time=slice({DISCARD!r}, None)).values
for p in range(2):
    x = late[:, weights.populations == p]
    print(x.mean(), x.var())
eigenvalues = np.linalg.eigvals({view.gain!r} * np.asarray(network.weights))
"""


def command(view: PopulationsView) -> str:
    """Return the command with which the numbers of the view are computed."""
    return uploads.command_of(view)


PAGE = Page(
    "populations",
    "Populations",
    "How do excitation, inhibition and their balance determine the activity of a random network?",
    PopulationsView,
    (
        Part("curves", (Panel("curves", "Means, variances and exponent by theory", 520, True),), curves, always),
        Part("run", (Panel("run", "One network"),), run, always),
        Part("spectrum", (Panel("spectrum", "Eigenvalues of the weights"),), spectrum),
    ),
    python,
    command,
    stories(PopulationsView),
)
