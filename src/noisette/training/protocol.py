"""Training protocols: optimiser, loss, tests, and criteria of success and failure."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from noisette.arguments import check_arguments
from noisette.errors import integer, real_number, real_values, require, shown
from noisette.functions import check_array, is_own, traced
from noisette.tasks import Score, Task, Trial
from noisette.training.adam import published_adam

Criterion = Callable[[float, float], bool]


@check_arguments
def summed_error(outputs: Any, trial: Trial) -> Any:
    """Return √Σ(o − z)² over all outputs and times of a trial, the published loss, which is not a mean.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> trial = Trial(jnp.zeros((3, 1)), jnp.ones((3, 1)), jnp.ones(3), jnp.array(0))
    >>> float(summed_error(jnp.array([[1.0], [-1.0]]), trial))
    2.0
    """
    values, target = real_values(outputs, "outputs"), trial.target[:-1]
    require(values.shape == target.shape, f"outputs of shape {values.shape}", f"shape {target.shape} of the targets")
    return jnp.sqrt(jnp.sum((values - target) ** 2))


@check_arguments
@dataclass(frozen=True)
class WindowError:
    """Mean squared error of low-pass filtered outputs in the response window, a loss for `Protocol`.

    .. math:: y_t = (1 - \\gamma) y_{t-1} + \\gamma o_t, \\qquad \\gamma = dt/\\tau, \\qquad
       L = \\frac{\\sum_t m_t\\, |y_t - z_t|^2}{n \\sum_t m_t}

    Here n is the number of outputs and m the mask of the trial. With a common time constant τ of all units, the
    filtered output is the read-out of networks whose units are low-pass filtered rates, τ ḣ = −h + φ(W h + …).

    Parameters
    ----------
    tau : τ of the filter, ms; 0 for none
    dt : time step of the task, ms

    Raises
    ------
    InputError : a step that is not positive, or a time constant that is neither zero nor at least `dt`.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> trial = Trial(jnp.zeros((3, 1)), jnp.ones((3, 1)), jnp.ones(3), jnp.array(0))
    >>> error = WindowError(tau=10.0, dt=5.0)
    >>> error.filtered(jnp.array([[0.0], [1.0]])).tolist(), float(error(jnp.array([[0.0], [1.0]]), trial))
    ([[0.0], [0.5]], 0.625)
    """

    tau: float = 0.0
    dt: float = 5.0

    def __post_init__(self):
        real_number(self.dt, "dt", "a time above zero", lambda dt: 0 < dt < math.inf)
        allowed = "zero, or at least dt"
        real_number(self.tau, "tau", allowed, lambda tau: tau == 0 or self.dt <= tau < math.inf)

    def filtered(self, outputs: Any) -> Any:
        """Return the filtered outputs y, shape (..., steps, outputs), which start at the first output."""
        values = real_values(outputs, "outputs")
        if self.tau == 0:
            return values
        gamma, steps = self.dt / self.tau, np.arange(values.shape[-2])
        lag = steps[:, None] - steps
        weights = np.where(lag < 0, 0.0, (1 - gamma) ** np.maximum(lag, 0) * np.where(steps == 0, 1.0, gamma))
        return jnp.asarray(weights, values.dtype) @ values

    def __call__(self, outputs: Any, trial: Trial) -> Any:
        """Return the error of a trial."""
        values, target = self.filtered(outputs), trial.target[:-1]
        require(
            values.shape == target.shape, f"outputs of shape {values.shape}", f"shape {target.shape} of the targets"
        )
        mask = trial.mask[:-1, None]
        return jnp.sum(mask * (values - target) ** 2) / (jnp.sum(mask) * values.shape[1])


@check_arguments
@dataclass(frozen=True)
class Protocol:
    """Training protocol of a network; the defaults are the published values.

    Parameters
    ----------
    max_trials : number of trials after which training has failed
    test_every : number of trials between tests; there is a test after 2 + k test_every trials, k = 0, 1, …
    test_trials : number of new trials in each test
    loss_below, accuracy_above : a test is passed if its mean loss is below `loss_below` and its fraction of correct
        trials above `accuracy_above`
    least_trials : number of trials before which no test is passed; 1,500 for go/no-go in the code of Kim et al. (2019),
        see `published_protocol`
    score : "threshold" or "strict", the definition of a correct trial
    batch : number of trials in each step of the optimiser
    optimiser : optax transformation, or a function that returns it, such as ``functools.partial(optax.sgd, 0.1)``,
        which can be sent to worker processes, unlike the transformation itself; ``published_adam(0.01)`` by default
    loss : function of the outputs, shape (T − 1, outputs), and the trial; `summed_error` by default
    criterion : function of mean loss and accuracy that returns whether a test is passed; replaces the two bounds

    Raises
    ------
    InputError : values out of range, or an unknown score.

    Examples
    --------
    >>> Protocol(max_trials=500).reached(5.0, 0.97)
    True

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, training protocol.
    """

    max_trials: int = 20_000
    test_every: int = 100
    test_trials: int = 100
    loss_below: float = 7.0
    accuracy_above: float = 0.95
    least_trials: int = 0
    score: Score = "threshold"
    batch: int = 1
    optimiser: optax.GradientTransformation | Callable[[], optax.GradientTransformation] | None = None
    loss: Callable[[Any, Trial], Any] = summed_error
    criterion: Criterion | None = None

    def __post_init__(self):
        for name in ("max_trials", "test_every", "test_trials", "batch"):
            integer(getattr(self, name), name)
        integer(self.least_trials, "least_trials", 0)
        require(
            self.least_trials <= self.max_trials,
            f"least_trials {self.least_trials} exceeds max_trials {self.max_trials}",
            "least_trials of at most max_trials",
            "change one of them",
        )
        require(self.loss_below > 0, f"loss_below {self.loss_below:g}", "a number above zero")
        require(
            0 <= self.accuracy_above < 1,
            f"accuracy_above {self.accuracy_above:g}",
            "at least 0 and below 1",
        )

    @property
    def published(self) -> bool:
        """Whether the optimiser is the published one, for which dead weights remain dead."""
        return self.optimiser is None

    @property
    def errors_allowed(self) -> int:
        """Largest number of errors with which a test can be passed; not limited with a user-defined criterion."""
        if self.criterion is not None:
            return self.test_trials
        # the fraction must exceed the bound: for 0.95 and 100 trials, 96 trials must be correct
        return self.test_trials - 1 - math.floor(self.accuracy_above * self.test_trials + 1e-9)

    def transformation(self) -> optax.GradientTransformation:
        """Return the optimiser."""
        if self.optimiser is None:
            return published_adam()
        optimiser = self.optimiser() if callable(self.optimiser) else self.optimiser
        made = isinstance(optimiser, optax.GradientTransformation)
        require(made, f"optimiser returns {shown(optimiser)}", "an optax transformation, such as optax.adam(0.01)")
        return optimiser

    def try_functions(self, task: Task) -> None:
        """Try the optimiser and the loss; raise `InputError` unless the loss of a trial is one real number."""
        self.transformation()
        if not is_own(self.loss):
            return
        trial = jax.eval_shape(lambda: task.trial(key=jax.random.key(0))) if task.traceable else None
        if trial is not None:
            outputs = jax.ShapeDtypeStruct((task.steps - 1, task.outputs), jnp.float32)
            loss = traced(self.loss, "loss", outputs, trial)
            check_array(loss, "loss", ())
            real = jnp.issubdtype(loss.dtype, jnp.floating)
            require(real, f"loss returns a number of type {loss.dtype}", "a real number, which can be differentiated")

    @property
    def learning(self) -> "Protocol":
        """Parameters on which the compiled training program depends; the others do not cause a compilation."""
        return Protocol(batch=self.batch, optimiser=self.optimiser, loss=self.loss)

    @property
    def testing(self) -> "Protocol":
        """Parameters on which the compiled test program depends."""
        return Protocol(score=self.score, loss=self.loss)

    def reached(self, loss: float, accuracy: float) -> bool:
        """Return whether a test is passed."""
        if self.criterion is not None:
            passed = self.criterion(loss, accuracy)
            require(isinstance(passed, bool | np.bool), f"criterion returns {shown(passed)}", "True or False")
            return bool(passed)
        return loss < self.loss_below and accuracy > self.accuracy_above

    def tests(self) -> list[int]:
        """Return the numbers of trials after which there is a test, at least one."""
        return [*range(2, self.max_trials + 1, self.test_every)] or [self.max_trials]


@check_arguments
def published_protocol(task: Task, **changes: Any) -> Protocol:
    """Return the published protocol for a task, with optional changes.

    It is the same for all tasks except go/no-go, for which the code of Kim et al. (2019) requires at least 1,500
    trials. Forced choice is a similar task, but Rungratsameetaweemana et al. (2025) do not mention such a requirement,
    and none is applied.

    Parameters
    ----------
    task : task to learn
    changes : parameters of `Protocol` that differ from the published ones

    Raises
    ------
    InputError : as for `Protocol`.

    Examples
    --------
    >>> import noisette as nz
    >>> published_protocol(nz.tasks.GoNoGo()).least_trials, published_protocol(nz.tasks.AFC()).least_trials
    (1500, 0)

    References
    ----------
    Kim, Li & Sejnowski (2019), PNAS 116:22811; Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122.
    """
    return Protocol(**{"least_trials": task.least_trials, **changes})
