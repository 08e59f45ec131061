"""Parameters of the page about chaos, and the network that they describe."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from noisette import Onsager, RateNetwork, Switch, activations, noise
from noisette.app import uploads
from noisette.app.controls import Choice, Number, Text, seed_control
from noisette.app.views import View, parameter
from noisette.app.words import activation_word, weights_word
from noisette.errors import InputError
from noisette.weights import from_string

MOST_UNITS = 200
LONGEST = 400  # largest duration, in units of τ
WEIGHTS = ("gaussian:100", "gaussian:200", "gaussian:50", "ei:balanced:200", "symmetric:0.1:100")
ACTIVATIONS = ("tanh", "erf", "sigmoid", "relu", "threshold:0.5", "pade:0.3,0.05")
KINDS = (("none", "none"), ("white", "white"), ("ou", "Ornstein–Uhlenbeck"))


def gamma_parameter(default: float, label: str, text: str) -> Any:
    """Return the field of a weight of the Onsager term."""
    return parameter(default, Number(label, text, "", "Onsager term γ(t)", low=-1, high=2, step=0.05))


def time_parameter(default: float, label: str, text: str) -> Any:
    """Return the field of a time at which γ changes."""
    return parameter(default, Number(label, text, "τ", "Onsager term γ(t)", low=0, high=LONGEST, step=1))


@dataclass(frozen=True)
class Chaos(View):
    """Parameters of the page."""

    page = "chaos"

    weights: str = parameter(
        "gaussian:100",
        Text(
            "weights W",
            f"A word of `noisette list` with at most {MOST_UNITS} units, or an uploaded file.",
            group="Network",
            check=lambda text: weights_word(text, MOST_UNITS),
            suggestions=WEIGHTS,
            upload=True,
        ),
    )
    seed: int = parameter(0, seed_control("Seed of random weights, of the initial state and of the noise.", "Network"))
    gain: float = parameter(3.0, Number("gain g", "Factor of the weights.", "", "Network", low=0, high=12, step=0.05))
    activation: str = parameter(
        "tanh",
        Text(
            "activation φ",
            "Activation function of the units, a word of `noisette list`.",
            group="Network",
            check=activation_word,
            suggestions=ACTIVATIONS,
        ),
    )
    base: float = gamma_parameter(0.0, "γ before and after", "Weight of the term before and after the two times.")
    gamma: float = gamma_parameter(1.0, "γ between", "Weight of the term between the two times; 1 freezes chaos.")
    on: float = time_parameter(100.0, "first time", "Time at which γ changes; it can be dragged in the figure.")
    off: float = time_parameter(200.0, "second time", "Time at which γ changes back; it can be dragged in the figure.")
    kind: str = parameter("none", Choice("noise", "Noise that is added to x.", group="Noise", options=KINDS))
    strength: float = parameter(
        1.0,
        Number(
            "strength σ",
            "White: intensity per √τ. Ornstein–Uhlenbeck: standard deviation.",
            "",
            "Noise",
            low=0,
            high=4,
            step=0.05,
        ),
    )
    correlation: float = parameter(
        2.0,
        Number(
            "correlation time",
            "Correlation time of Ornstein–Uhlenbeck noise.",
            "τ",
            "Noise",
            low=0.1,
            high=20,
            step=0.1,
        ),
    )
    dt: float = parameter(
        0.02,
        Number(
            "time step dt",
            "Length of a step of Euler's method; beyond its bound the simulation is not that of the equation.",
            "τ",
            "Simulation",
            low=0.005,
            high=0.5,
            step=0.01,
            logarithmic=True,
        ),
    )
    duration: float = parameter(
        300.0, Number("duration", "Length of the run.", "τ", "Simulation", low=10, high=LONGEST, step=10)
    )
    transient: float = parameter(
        20.0,
        Number(
            "transient",
            "Percentage of each phase of γ(t) that is left out of the exponent and of mean energies.",
            "%",
            "Simulation",
            low=0,
            high=90,
            step=5,
        ),
    )

    def weight_matrix(self) -> np.ndarray:
        """Return the weights."""
        return matrix_of(self.weights, self.seed)

    def conflicts(self) -> dict[str, str]:
        """Return messages about weights that cannot be made, and about times in the wrong order."""
        errors = {}
        try:
            size = len(matrix_of(self.weights, self.seed))
            if size > MOST_UNITS:
                errors["weights"] = f"{size} units; at most {MOST_UNITS} on this page"
        except InputError as error:
            errors["weights"] = str(error)
        if self.off <= self.on:
            errors["off"] = f"second time {self.off:g}; a time after the first one, {self.on:g}"
        return errors

    @property
    def steps(self) -> int:
        """Number of steps of a run."""
        return max(1, round(self.duration / self.dt))

    @property
    def noise_word(self) -> str:
        """Word of the noise, as at the terminal."""
        if self.kind == "none" or self.strength == 0:
            return "none"
        return f"white:{self.strength!r}" if self.kind == "white" else f"ou:{self.strength!r},{self.correlation!r}"

    @property
    def phases(self) -> tuple[tuple[float, float, float], ...]:
        """Times (begin, end, γ) between which γ is constant, within the duration of the run."""
        end = self.steps * self.dt
        if self.gamma == self.base:
            return ((0.0, end, self.base),)
        edges = [0.0, min(self.on, end), min(self.off, end), end]
        spans = zip(edges, edges[1:], (self.base, self.gamma, self.base), strict=False)
        return tuple(span for span in spans if span[1] > span[0])


@lru_cache(maxsize=32)
def matrix_of(weights: str, seed: int) -> np.ndarray:
    """Return the weights that an address names."""
    return uploads.matrix(weights) if weights.startswith(uploads.PREFIX) else from_string(weights, seed)


def unit_network(view: Chaos) -> RateNetwork:
    """Return the network of a view without the Onsager term."""
    activation, process = activations.from_string(view.activation), noise.from_string(view.noise_word)
    matrix = matrix_of(view.weights, view.seed)
    return RateNetwork(matrix, view.gain, activation=activation, noise=process)


def network_of(view: Chaos) -> RateNetwork | Onsager:
    """Return the network of a view, with γ(t)."""
    gammas = {gamma for _, _, gamma in view.phases}
    if gammas == {0.0}:
        return unit_network(view)
    if len(gammas) == 1:
        return Onsager(unit_network(view), gammas.pop())
    return switched(view)


def switched(view: Chaos) -> Onsager:
    """Return the network with γ(t) as a `Switch`, also where γ is constant: all views share a compiled program."""
    return Onsager(unit_network(view), Switch([view.on, view.off], [view.base, view.gamma, view.base]))


__all__ = ["MOST_UNITS", "Chaos", "matrix_of", "network_of", "switched", "unit_network"]
