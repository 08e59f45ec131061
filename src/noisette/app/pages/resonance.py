"""The page about recurrence resonance: information of successive states of a binary network against noise."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import jax
import numpy as np
import xarray as xr

from noisette import Boltzmann, Pulse, SignNetwork, Trace, White, attractors, resonance, simulate
from noisette.analysis import Attractors, noise_effect, optimal_noise
from noisette.app import uploads
from noisette.app.answers import Answer, Page, Panel, Part, Report
from noisette.app.controls import Choice, Number, Text, seed_control
from noisette.app.pages import _resonance_figures as figures
from noisette.app.pages._resonance_stories import stories
from noisette.app.views import View, parameter
from noisette.app.words import weights_word
from noisette.errors import InputError
from noisette.networks import BinaryNetwork
from noisette.theory.markov import joint, transition_matrix
from noisette.weights import as_word, from_string

MOST_UNITS, EXACT_UNITS, DRAWN_UNITS, MOST_WRITTEN = 400, 8, 6, 64
WEIGHTS = (
    "autapses:10",
    "hopfield:24,7:10",
    "nrooks:20",
    "symmetric:8:5",
    "normal:8:5",
    "normal:2:100",
    "matrix:0,10;10,0",
)


@dataclass(frozen=True)
class Resonance(View):
    """Parameters of the page."""

    page = "resonance"

    weights: str = parameter(
        "hopfield:24,7:10",
        Text(
            "weights W",
            "A word of `noisette list`, or an uploaded file; cells of a small matrix can be clicked.",
            group="Network",
            check=lambda text: weights_word(text, MOST_UNITS),
            suggestions=WEIGHTS,
            upload=True,
        ),
    )
    scale: float = parameter(
        1.0,
        Number("factor of W", "Factor that multiplies all weights.", "", "Network", low=0, high=4, step=0.05),
    )
    seed: int = parameter(0, seed_control("Seed of random weights and of the run.", "Network"))
    kind: str = parameter(
        "boltzmann",
        Choice(
            "units",
            "Probabilistic units, or units that take the sign of their field.",
            group="Network",
            options=(("boltzmann", "Boltzmann"), ("sign", "sign")),
        ),
    )
    noise: float = parameter(
        23.0, Number("noise r", "Standard deviation of the noise.", "per step", "Noise", low=0, high=50, step=0.5)
    )
    pulse: float = parameter(
        0.0,
        Number(
            "pulse",
            "Standard deviation of noise that is added in one step.",
            "per step",
            "Noise",
            "Pulse",
            (("pulse", "or:20"), ("seed", "+1")),
            0,
            100,
        ),
    )
    steps: int = parameter(
        10_000,
        Number(
            "steps N_T",
            "Number of steps of a run; the information depends on it.",
            "steps",
            "Run",
            low=10,
            high=10**6,
            whole=True,
            slider=False,
        ),
    )
    start: int = parameter(
        24,
        Number(
            "initial state",
            "Integer code, unit 0 is the most significant bit: 24 is 11000.",
            "",
            "Run",
            low=0,
            high=2**30,
            whole=True,
            slider=False,
        ),
    )

    def weight_matrix(self) -> np.ndarray:
        """Return the weights."""
        return self.scale * matrix_of(self.weights, self.seed)

    def conflicts(self) -> dict[str, str]:
        """Return messages about weights that cannot be made, and about codes that are no state of the network."""
        try:
            size = len(matrix_of(self.weights, self.seed))
        except InputError as error:
            return {"weights": str(error)}
        if size > MOST_UNITS:
            return {"weights": f"{size} units; at most {MOST_UNITS} on this page"}
        if self.start >= 2 ** min(size, 62):
            return {"start": f"initial state {self.start}; codes of {size} units run from 0 to {2**size - 1}"}
        return {}


@lru_cache(maxsize=32)
def matrix_of(weights: str, seed: int) -> np.ndarray:
    """Return the weights that an address names."""
    return uploads.matrix(weights) if weights.startswith(uploads.PREFIX) else from_string(weights, seed)


def network_of(view: Resonance) -> BinaryNetwork:
    """Return the network of a view, in noise of strength 1."""
    kind = Boltzmann if view.kind == "boltzmann" else SignNetwork
    return kind(view.weight_matrix())


def grid_of(view: Resonance) -> np.ndarray:
    """Return the 51 strengths of noise of the curve."""
    return np.linspace(0.0, 50.0, 51)


@lru_cache(maxsize=64)
def _curve(view: Resonance) -> xr.Dataset:
    return resonance(network_of(view), grid_of(view), steps=view.steps, start=view.start)


def _is_large(view: Resonance) -> bool:
    return len(matrix_of(view.weights, view.seed)) > EXACT_UNITS


def curve(view: Resonance, report: Report) -> Answer:
    """Return entropy, information and divergence against the noise: exact for few units, simulated for many."""
    same = view.but(noise=0.0, pulse=0.0)  # the curve does not depend on these
    if _is_large(view):
        data = noise_effect(
            network_of(view), grid_of(view), steps=view.steps, start=view.start, key=view.seed, progress=report
        ).data
    else:
        data = _curve(same)
    return figures.curve(data, view.noise)


def states(view: Resonance, report: Report) -> Answer:
    """Return the joint probabilities of successive states and the transitions, at the noise of the view."""
    network = network_of(view).with_noise(White(view.noise))
    if network.size > DRAWN_UNITS:
        return figures.too_many_states(network.size)
    pairs = joint(network, view.steps, view.start)
    return figures.states(pairs, transition_matrix(network), _attractors(view.weights, view.seed, view.scale), view)


@lru_cache(maxsize=32)
def _attractors(weights: str, seed: int, scale: float) -> Attractors:
    return attractors(SignNetwork(scale * matrix_of(weights, seed)))


def run(view: Resonance, report: Report) -> Answer:
    """Return the states of one run, with the pulse in its middle."""
    network = network_of(view)
    noise = White(view.noise)
    if view.pulse:
        noise = noise + Pulse(view.pulse, start=figures.PULSE)
    data = simulate(
        network.with_noise(noise), figures.SHOWN, probes=Trace(), start=view.start, key=jax.random.key(view.seed)
    )
    return figures.run(data, view)


def optimum(view: Resonance, report: Report) -> Iterator[Answer]:
    """Return the noise at which the information is greatest; for large networks it is part of the curve."""
    if _is_large(view):
        yield Answer({}, "", xr.Dataset())
        return
    report(0, 1)
    found = optimal_noise(network_of(view), steps=view.steps, start=view.start)
    yield figures.optimum(found)


def python(view: Resonance) -> str:
    """Return the code with which the view is computed."""
    kind = "Boltzmann" if view.kind == "boltzmann" else "SignNetwork"
    if view.weights.startswith(uploads.PREFIX):
        weights = f"nz.weights.load({_file(view)!r})"
    else:
        weights = f"nz.weights.from_string({view.weights!r}, {view.seed})"
    scale = "" if view.scale == 1 else f"{view.scale!r} * "
    pulse = f" + nz.Pulse({view.pulse!r}, start={figures.PULSE})" if view.pulse else ""
    lines = [
        "import jax",
        "import numpy as np",
        "import noisette as nz",
        "",
        f"W = {scale}{weights}",
        f"network = nz.{kind}(W)",
        "noise = np.linspace(0, 50, 51)",
    ]
    if _is_large(view):
        call = f"network, noise, steps={view.steps}, start={view.start}, key={view.seed}"
        lines.append(f"curve = nz.noise_effect({call}).data")
    else:
        lines.append(f"curve = nz.resonance(network, noise, steps={view.steps}, start={view.start})")
        lines.append(f"best = nz.optimal_noise(network, steps={view.steps}, start={view.start})")
    lines += [
        f"noisy = network.with_noise(nz.White({view.noise!r}){pulse})",
        f"run = nz.simulate(noisy, {figures.SHOWN}, probes=nz.Trace(), start={view.start}, "
        f"key=jax.random.key({view.seed}))",
        'print(curve[["entropy", "information", "divergence"]].to_dataframe())',
    ]
    return "\n".join(lines) + "\n"


def command(view: Resonance) -> str:
    """Return the command with which the curve is computed."""
    weights = _file(view) if view.weights.startswith(uploads.PREFIX) else view.weights
    if view.scale != 1:
        if len(view.weight_matrix()) > MOST_WRITTEN:
            return uploads.command_of(view)
        weights = as_word(view.weight_matrix())
    deterministic = " --deterministic" if view.kind == "sign" else ""
    return (
        f"noisette resonance --weights {shlex.quote(weights)} --noise 0:50:1 --steps {view.steps} --start {view.start} "
        f"--seed {view.seed}{deterministic} --json"
    )


def _file(view: Resonance) -> str:
    return uploads.uploaded(view.weights).name


PAGE = Page(
    "resonance",
    "Resonance",
    "At which strength of the noise do successive states of a binary network share most information?",
    Resonance,
    (
        Part("curve", (Panel("curve", "Information against noise", 320, True),), curve, _is_large),
        Part("optimum", (), optimum, lambda view: not _is_large(view)),
        Part("states", (Panel("joint", "Joint probabilities"), Panel("graph", "Transitions and attractors")), states),
        Part("run", (Panel("raster", "One run", 260, True),), run),
    ),
    python,
    command,
    stories(Resonance),
)
