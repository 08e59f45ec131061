"""Types of options shared by several measures."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from noisette.activations import Activation
from noisette.noise import Noise
from noisette.progress import Callback
from noisette.tasks import Score
from noisette.theory.covariance import Activity, ModelOptions, Order, ReducedModelOptions

Progress = Callback | bool  # a callback, or whether to show a bar

Estimator = Literal["auto", "fixed-start", "start-averaged", "stationary", "single-run", "rao-blackwell"]
Direction = Literal["memory", "prediction"]
Protocol = Literal["out-of-sample", "in-sample", "inverse"]
Reference = Literal["variance", "power"]
Form = Literal["current", "state"]
Ties = Literal["keep", "up", "down"]
TimeStep = float | Literal["auto"]


class RunOptions(TypedDict, total=False):
    """Options of simulated estimators.

    Attributes
    ----------
    runs : number of runs at each noise strength
    units : indices of the observed units, at most 10
    """

    runs: int
    units: Sequence[int] | None


class ChaosOptions(TypedDict, total=False):
    """Options of `chaos_curve`.

    Attributes
    ----------
    exponents : number of Lyapunov exponents
    activation, noise : activation function and noise of the units
    start : "normal", "uniform" or a state, with a new draw for each network
    halve : whether to repeat every run with dt/2 for comparison
    progress : True to show a bar, or a function called with (steps done, steps)
    """

    exponents: int
    activation: Activation
    noise: Noise | None
    start: Any
    halve: bool
    progress: Progress | None


class PopulationOptions(TypedDict, total=False):
    """Options of `population_activity`.

    Attributes
    ----------
    start_mean, start_variance, start_overlap : start of theory and simulation
    duration, discard, dt : length of a run, transient and time step
    """

    start_mean: ArrayLike
    start_variance: ArrayLike
    start_overlap: ArrayLike
    duration: float
    discard: float
    dt: float


class ReadoutOptions(TypedDict, total=False):
    """Options of the linear readout of `memory_curve`.

    Attributes
    ----------
    washout : number of initial samples to discard; by default 2000 for "out-of-sample" and 0 otherwise
    split : numbers of samples for fit, selection of the ridge parameter and score ("out-of-sample")
    ridge : λ of min |Xw − z|² + λ|w|²; by default selected ("out-of-sample")
    """

    washout: int | None
    split: tuple[int, int, int]
    ridge: float | None


class MemoryOptions(TypedDict, total=False):
    """Options of `network_memory`.

    Attributes
    ----------
    protocol : "out-of-sample" or "in-sample", as for `memory_curve`
    direction : "memory" or "prediction"
    """

    protocol: Protocol
    direction: Direction


class SnapshotOptions(TypedDict, total=False):
    """Options of the simulation of one network.

    Attributes
    ----------
    weights : J, a matrix of shape (N, N), or a function from the index of a network to its matrix; by default N(0, 1/N)
    discard : shortest transient to discard, in units of τ
    snapshots, every : number of states kept per run, and the time between them in units of τ
    """

    weights: Callable[[int], np.ndarray] | ArrayLike | None
    discard: float
    snapshots: int
    every: float


class SimulatedOptions(ModelOptions, SnapshotOptions, total=False):
    """Options of `simulated_correlations`.

    Attributes
    ----------
    activity : "current" x or "rate" φ(x)
    """

    activity: Activity


class CorrelationOptions(ModelOptions, ReducedModelOptions, SnapshotOptions, total=False):
    """Options of `correlations`: those of the network, of the theory and of the simulation.

    Attributes
    ----------
    order : "leading" or "finite", as for `theory.correlations`
    networks : number of simulated networks
    draws : number of draws of the noise for each network
    """

    order: Order
    networks: int
    draws: int


class AuditOptions(TypedDict, total=False):
    """Options of `step_audit` that are passed to `simulate`.

    Attributes
    ----------
    start : initial state
    inputs : input signals u, as a function of time or as an array for the steps of dt
    solver : "euler" or "heun"
    progress : True to show a bar, or a function called with (steps done, steps) of each comparison
    """

    start: Any
    inputs: Any
    solver: Literal["euler", "heun"]
    progress: Progress | None


class OutputOptions(TypedDict, total=False):
    """Options of the simulations of `stochastic_resonance` and `coherence_resonance`.

    Attributes
    ----------
    runs : number of runs at each strength, at least 2
    discard : time discarded in each run, in the network's unit of time
    dt, solver : time step and solver, as for `simulate`
    start : initial state, as for `simulate`; by default a random state for each run
    output : weights c of the units in the output, shape (N,); by default 1/N
    of : output of the states, "current", or of the rates, "rate"
    warn : whether to issue warnings of the step and of trials that diverge
    """

    runs: int
    discard: float | None
    warn: bool
    dt: TimeStep | None
    solver: Literal["auto", "euler", "heun"]
    start: Any
    output: ArrayLike | None
    of: Activity


class SignalOptions(OutputOptions, total=False):
    """Options of `stochastic_resonance`.

    Attributes
    ----------
    duration : time measured in each run, in the network's unit of time
    input_weights : factors of the signal in the input channels of the network, shape (channels,); for binary networks
        and flows, channels are units. By default a single channel with the factor 1
    """

    duration: float | None
    input_weights: ArrayLike | None


class StrongOrderOptions(TypedDict, total=False):
    """Options of `strong_order`.

    Attributes
    ----------
    trials : number of paths
    start : initial state
    solver : "euler" or "heun"
    exact : function of initial state, increments and their dt to the exact last state
    """

    trials: int | None
    start: Any
    solver: Literal["euler", "heun"]
    exact: Callable[[np.ndarray, np.ndarray, float], ArrayLike] | None


class PerturbationOptions(TypedDict, total=False):
    """Options of `perturb`.

    Attributes
    ----------
    form : "current", constant within the window, or "state", a displacement at its first step
    window : name of a period of the task, or first and last step
    internal_noise, score : as for `run_trials`
    progress : True to show a bar, or a function called with (perturbations done, perturbations)
    """

    form: Form
    window: str | tuple[int, int]
    internal_noise: bool
    score: Score
    progress: Progress | None


def seed_entry(key: Any) -> dict[str, int]:
    """Return the attribute ``seed`` of a result; empty for a JAX key, which is recorded in the configuration.

    Examples
    --------
    >>> seed_entry(3)
    {'seed': 3}
    """
    return {"seed": int(key)} if isinstance(key, int | np.integer) else {}
