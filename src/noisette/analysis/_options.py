"""Words and groups of options that measures share.

A type checker sees the words that are allowed. At run time they are plain strings, since each function refuses an
unknown word itself, in one line that lists the allowed ones.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from noisette.activations import Activation
from noisette.noise import Noise

Progress = Callable[[int, int], None]

if TYPE_CHECKING:
    ExactEstimator = Literal["fixed-start", "start-averaged", "stationary"]
    Estimator = Literal["fixed-start", "start-averaged", "stationary", "single-run", "rao-blackwell"]
    Activity = Literal["current", "rate"]
    Placement = Literal["inside", "outside"]
    Order = Literal["leading", "finite"]
    CovarianceKind = Literal["equal-time", "long-window"]
    Direction = Literal["memory", "prediction"]
    Protocol = Literal["honest", "in-sample", "inverse"]
    Reference = Literal["variance", "power"]
    Form = Literal["current", "state"]
    Score = Literal["threshold", "strict"]
    SolverName = Literal["auto", "euler", "heun", "adaptive", "stiff"]
    TimeStep = float | Literal["auto"]
else:
    ExactEstimator = Estimator = Activity = Placement = Order = CovarianceKind = str
    Direction = Protocol = Reference = Form = Score = SolverName = str
    TimeStep = float | str


class RunOptions(TypedDict, total=False):
    """Options of simulated estimators.

    Attributes
    ----------
    runs : number of runs at each noise strength
    units : observed units, at most 10
    """

    runs: int
    units: Sequence[int] | None


class ChaosOptions(TypedDict, total=False):
    """Options of `chaos_curve`.

    Attributes
    ----------
    exponents : number of Lyapunov exponents
    activation, noise : of the units
    start : "normal", "uniform" or a state; drawn anew for each network
    halve : whether to repeat every run with dt/2 and compare
    progress : called with (steps done, steps)
    """

    exponents: int
    activation: Activation
    noise: Noise | None
    start: Any
    halve: bool
    progress: Progress | None


class ReadoutOptions(TypedDict, total=False):
    """Options of the linear readout of `memory_curve`.

    Attributes
    ----------
    washout : samples dropped at the beginning; None is 2000 for "honest" and 0 for the others
    split : numbers of samples to fit on, to choose the ridge on, and to score on ("honest")
    ridge : λ of min |Xw − z|² + λ|w|²; None chooses it ("honest")
    """

    washout: int | None
    split: tuple[int, int, int]
    ridge: float | None


class MemoryOptions(TypedDict, total=False):
    """Options of `network_memory`.

    Attributes
    ----------
    protocol : "honest" or "in-sample", as for `memory_curve`
    direction : "memory" or "prediction"
    """

    protocol: Protocol
    direction: Direction


class ModelOptions(TypedDict, total=False):
    """Options of a random network, for theory and simulation alike.

    Attributes
    ----------
    placement : noise "inside" φ, x = g J φ(x) + ξ, or (Frozen only) "outside", x = φ(g J x) + ξ
    self_coupling : whether J_ii are drawn like all others, or zero
    dynamic : describe the motion in frozen noise, too, instead of fixed points
    dt : time step of Euler's method, in units of τ
    """

    placement: Placement
    self_coupling: bool
    dynamic: bool
    dt: float | None


class ReducedModelOptions(TypedDict, total=False):
    """Options of `theory.correlations` alone.

    Attributes
    ----------
    order : "leading" or "finite"
    covariance : "equal-time" or "long-window"
    samples : number of pairs of replicas drawn for the reduced model
    """

    order: Order
    covariance: CovarianceKind
    samples: int


class SnapshotOptions(TypedDict, total=False):
    """Options of the simulation of one network.

    Attributes
    ----------
    weights : J, a matrix or a function from the index of a network to its matrix; N(0, 1/N) by default
    discard : shortest transient to discard, in units of τ
    snapshots, every : number of states kept of a run, and the time between them
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
    """Options of `correlations`: of the network, of theory, and of the simulation.

    Attributes
    ----------
    networks : number of simulated networks
    draws : number of draws of the noise for each of them
    """

    networks: int
    draws: int


class AuditOptions(TypedDict, total=False):
    """Options of `step_audit` that it forwards to `simulate`.

    Attributes
    ----------
    start : initial state
    inputs : signals u: a function of time, or an array for the steps of dt
    solver : "euler" or "heun"
    """

    start: Any
    inputs: Any
    solver: Literal["euler", "heun"]


class PerturbationOptions(TypedDict, total=False):
    """Options of `perturb`.

    Attributes
    ----------
    form : "current", constant within the window, or "state", a displacement at its first step
    window : name of a period of the task, or first and last step
    internal_noise, score : as for `run_trials`
    """

    form: Form
    window: str | tuple[int, int]
    internal_noise: bool
    score: Score


def seed_entry(key: Any) -> dict[str, int]:
    """Return the attribute ``seed`` of a result; empty for a JAX key, which the configuration records.

    Examples
    --------
    >>> seed_entry(3)
    {'seed': 3}
    """
    return {"seed": int(key)} if isinstance(key, int | np.integer) else {}
