"""How networks are trained, and when they are done."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import optax

from noisette.errors import integer, require
from noisette.tasks import SCORES, Task, Trial
from noisette.training.adam import published_adam

Criterion = Callable[[float, float], bool]


def summed_error(outputs: Any, trial: Trial) -> Any:
    """Return √Σ(o − z)² over all outputs of a trial, as published: a norm, not a mean.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> trial = Trial(jnp.zeros((3, 1)), jnp.ones((3, 1)), jnp.ones(3), jnp.array(0))
    >>> float(summed_error(jnp.array([[1.0], [-1.0]]), trial))
    2.0
    """
    return jnp.sqrt(jnp.sum((outputs - trial.target[:-1]) ** 2))


@dataclass(frozen=True)
class Protocol:
    """How a network is trained; the defaults are those published.

    Parameters
    ----------
    max_trials : trials, after which a network has failed
    test_every, test_trials : a test of so many fresh trials after trials 2, 102, 202, … (in general, 2 + k test_every)
    loss_below, accuracy_above : what both the mean loss and the share of correct trials must reach in one test
    least_trials : no success before so many trials; 1,500 for go/no-go in the code of Kim et al. (2019), see
        `published_protocol`
    score : "threshold" or "strict", how a trial counts as correct
    batch : trials in each step of the optimiser
    optimiser : any optax transformation, or a function that makes it, such as ``functools.partial(optax.sgd, 0.1)``,
        which unlike the transformation itself can be sent to workers; `published_adam(0.01)` by default
    loss : function of outputs (T − 1, outputs) and trial; `summed_error` by default
    criterion : function of mean loss and accuracy, instead of the two bounds

    Raises
    ------
    InputError : numbers outside what is possible, an unknown score.

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
    score: str = "threshold"
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
            f"no success before {self.least_trials} trials in at most {self.max_trials}",
            "least_trials up to max_trials",
            "give both",
        )
        require(self.loss_below > 0, f"loss_below {self.loss_below:g}", "a number above zero")
        require(0 <= self.accuracy_above < 1, f"accuracy_above {self.accuracy_above:g}", "a share below 1")
        require(self.score in SCORES, f"score {self.score!r}", f"one of {', '.join(SCORES)}")

    @property
    def published(self) -> bool:
        """Whether the optimiser is the published one, for which dead weights stay dead."""
        return self.optimiser is None

    @property
    def errors_allowed(self) -> int:
        """The most errors with which a test can be passed; all, where a criterion is given."""
        if self.criterion is not None:
            return self.test_trials
        # the share must lie above the bound: at 0.95 of 100 trials, 96 correct ones
        return self.test_trials - 1 - math.floor(self.accuracy_above * self.test_trials + 1e-9)

    def transformation(self) -> optax.GradientTransformation:
        """Return the optimiser."""
        if self.optimiser is None:
            return published_adam()
        return self.optimiser() if callable(self.optimiser) else self.optimiser

    @property
    def learning(self) -> "Protocol":
        """What of this is part of the compiled program that learns; protocols that differ in the rest share it."""
        return Protocol(batch=self.batch, optimiser=self.optimiser, loss=self.loss)

    @property
    def testing(self) -> "Protocol":
        """What of this is part of the compiled program that tests."""
        return Protocol(score=self.score, loss=self.loss)

    def reached(self, loss: float, accuracy: float) -> bool:
        """Return whether a test is passed."""
        if self.criterion is not None:
            return bool(self.criterion(loss, accuracy))
        return loss < self.loss_below and accuracy > self.accuracy_above

    def tests(self) -> list[int]:
        """Return after how many trials there is a test, the last trial being one of them or not."""
        return [*range(2, self.max_trials + 1, self.test_every)] or [self.max_trials]


def published_protocol(task: Task, **changes: Any) -> Protocol:
    """Return the published protocol for a task, of which anything may be changed.

    It is the same for all tasks but go/no-go, which the code of Kim et al. (2019) does not call trained before 1,500
    trials. Forced choice is similar to it, but Rungratsameetaweemana et al. (2025) do not mention such a bound for
    theirs, and none is applied.

    Parameters
    ----------
    task : what is learned
    changes : parameters of `Protocol`

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
