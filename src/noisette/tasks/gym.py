"""Tasks of NeuroGym: an adapter for its environments, which needs neither NeuroGym nor Gymnasium."""

from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from noisette.errors import InputError, require
from noisette.tasks._base import PRECISION, Label, Task, Trial, parameter, trial_keys
from noisette.tasks._environments import Drawn, class_names, drawn_trial, found, kind_of, number_of
from noisette.tasks._steps import whole_steps

PROBED = 100  # trials drawn to learn how long they are
MOST_TRIES = 1000  # trials drawn in search of one condition


class FromGym(Task):
    """A NeuroGym environment as a task.

    An environment is anything with ``new_trial()``, after which ``ob`` and ``gt`` hold the observations and the ground
    truth of the whole trial; or with ``reset()`` and ``step(action)`` that give the observation of each step, the
    ground truth as ``info["gt"]`` or ``gt``, and the end of the trial as ``info["new_trial"]`` or a termination. Such
    trials are stepped through with action 0. It is seeded by ``seed(n)`` where it has that, else by ``reset(seed=n)``.

    Where actions are classes (``action_space.n``), ground truth becomes one output for each class, 1 for the right one
    and 0 for the others; the strict score is then the largest mean output. Where they are continuous, it is the target
    itself, and the strict score asks whether each mean output is within 0.5 of it.

    The response window is the period named by `response` where the environment has that, else the steps whose ground
    truth is not class 0 (NeuroGym's fixation), or the whole trial. A step of silence is added to each trial, as a
    network makes one step less than the trial has; shorter trials are filled with more of it, outside the mask.

    Trials come from Python, not from a compiled program: `traceable` is False, and `block` makes them beforehand.
    Wrappers that act only in ``step`` are heard only from environments that are stepped.

    Parameters
    ----------
    environment : as above
    duration : of the longest trial, ms. By default the length of 100 trials, if they have one length
    response : name of the period in which the answer counts
    dt : step, ms; the environment's own by default
    input_noise : standard deviation added to every channel in every step

    Raises
    ------
    InputError : no ground truth, no dt, trials of different lengths without a duration, or longer ones than that.

    Examples
    --------
    >>> class Delayed:
    ...     "Two steps of a sign, and two steps later which one it was."
    ...     dt = 100
    ...     action_space = type("Discrete", (), {"n": 3, "name": {"fixation": 0, "choice": (1, 2)}})
    ...
    ...     def seed(self, seed):
    ...         self.rng = np.random.default_rng(seed)
    ...
    ...     def new_trial(self):
    ...         answer = self.rng.integers(1, 3)
    ...         self.ob = np.array([[3 - 2 * answer], [3 - 2 * answer], [0], [0]])
    ...         self.gt = np.array([0, 0, 0, answer])
    >>> task = FromGym(Delayed())
    >>> task.steps, task.channels, task.outputs, task.conditions
    (5, 1, 3, ('fixation', 'choice 1', 'choice 2'))
    >>> trial = task.trial(key=jax.random.key(0), label="choice 2")
    >>> trial.inputs[:, 0].tolist(), trial.mask.tolist(), trial.target[3].tolist()
    ([-1.0, -1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0])

    References
    ----------
    Molano-Mazón et al. (2022), NeuroGym, https://github.com/neurogym/neurogym (``neurogym/core.py``, `TrialEnv`).
    """

    environment: Any = parameter(None)
    response: str = parameter("decision")
    classes: int | None = parameter(None)
    longest: int = parameter(0)
    sizes: tuple[int, int] = parameter((0, 0))
    names: tuple[str, ...] = parameter(())

    traceable: ClassVar[bool] = False

    def __init__(
        self,
        environment: Any,
        *,
        duration: float | None = None,
        response: str = "decision",
        dt: float | None = None,
        input_noise: float = 0.0,
    ):
        kind = kind_of(environment).__name__
        own = found(environment, "dt") if dt is None else dt
        require(own is not None, f"environment {kind} has no dt", "the length of a step in ms", "give it as dt=")
        self.environment = environment
        self.dt = float(own)
        self.input_noise = input_noise
        self.response = response
        self.classes = number_of(found(environment, "action_space"))
        if callable(found(environment, "reset")):
            environment.reset()  # some wrappers make no trial before
        probes = [drawn_trial(environment, seed, response, self.classes) for seed in range(PROBED)]
        lengths = {len(probe.mask) for probe in probes}
        require(
            duration is not None or len(lengths) == 1,
            f"trials of {kind} have {min(lengths)} … {max(lengths)} steps of {self.dt:g} ms",
            "trials of one length, or a duration",
            f"give duration={max(lengths) * self.dt:g} or more; shorter trials are filled with silence",
        )
        self.longest = max(lengths) if duration is None else whole_steps(duration, self.dt, "duration", 1)
        self.sizes = probes[0].inputs.shape[1], probes[0].target.shape[1]
        self.names = class_names(found(environment, "action_space"), self.classes)

    @property
    def channels(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of observed values."""
        return self.sizes[0]

    @property
    def outputs(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of classes, or of continuous actions."""
        return self.sizes[1]

    @property
    def conditions(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The classes, of which a trial's is the one asked for in its response window."""
        return self.names

    @property
    def steps(self) -> int:
        """Steps of the longest trial, and one of silence."""
        return self.longest + 1

    @property
    def targets(self) -> np.ndarray:
        """One output for each class; nothing is known of continuous targets."""
        return np.zeros((0, self.outputs)) if self.classes is None else np.eye(self.classes)

    @property
    def configuration(self) -> dict[str, Any]:
        """What makes the same task again, the environment named by its class."""
        kind = kind_of(self.environment)
        return {
            "task": f"{type(self).__module__}:{type(self).__qualname__}",
            "environment": f"{kind.__module__}:{kind.__qualname__}",
            "duration": self.longest * self.dt,
            "response": self.response,
            "dt": self.dt,
            "input_noise": float(self.input_noise),
        }

    def trial(self, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return one trial; one of a given condition is searched for among many."""
        seed = jax.random.bits(key, dtype=jnp.uint32)[None]
        return jax.tree.map(lambda leaf: leaf[0], self._stacked(seed, self.labels(1, label)))

    def block(self, number: int, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return many trials with a leading axis; trial i is that of ``fold_in(key, i)``."""
        return self._stacked(_seeds(key, number), self.labels(number, label))

    def _stacked(self, random: Array, labels: Any) -> Trial:
        require(
            not isinstance(random, Tracer),
            "trials of an environment inside a compiled program",
            "trials made beforehand",
            "call `block` outside, and hand its trials in",
        )
        seeds = (np.asarray(random) >> 1).tolist()  # below 2^31, as old generators ask
        wanted = [None] * len(seeds) if labels is None else np.asarray(labels).tolist()
        drawn = [self._padded(self._of(seed, label), seed) for seed, label in zip(seeds, wanted, strict=True)]
        inputs, target, mask = (jnp.asarray(np.stack(part), PRECISION) for part in list(zip(*drawn, strict=True))[:3])
        return Trial(inputs, target, mask, jnp.asarray([one.label for one in drawn], jnp.int32))

    def _of(self, seed: int, label: int | None) -> Drawn:
        for again in range(MOST_TRIES):
            drawn = drawn_trial(self.environment, (seed + again) % 2**31, self.response, self.classes)
            if label in (None, drawn.label):
                return drawn
        raise InputError(
            f"condition {self.conditions[label or 0]!r}; {MOST_TRIES} trials of this environment had none of it"
        )

    def _padded(self, drawn: Drawn, seed: int) -> Drawn:
        short = self.steps - len(drawn.mask)
        require(
            short > 0,
            f"a trial of {len(drawn.mask)} steps of {self.dt:g} ms",
            f"at most {self.longest}, the duration of this task",
            f"make the task with duration={len(drawn.mask) * self.dt:g} or more",
        )
        rest = [np.zeros((short, size)) for size in self.sizes]
        inputs, target = (np.concatenate(pair) for pair in zip((drawn.inputs, drawn.target), rest, strict=True))
        inputs += self.input_noise * np.random.default_rng([seed, 1]).standard_normal(inputs.shape)
        if self.classes is not None:
            target[-short:, 0] = 1.0  # class 0, as before the response
        return Drawn(inputs, target, np.pad(drawn.mask, (0, short)), drawn.label)


@partial(jax.jit, static_argnames="number")
def _seeds(key: PRNGKeyArray, number: int) -> Array:
    return jax.vmap(lambda own: jax.random.bits(own, dtype=jnp.uint32))(trial_keys(key, number))
