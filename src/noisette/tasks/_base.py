"""What every task is: trials with inputs, targets and a response window, and two ways to score an answer."""

import dataclasses
import math
import zlib
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from noisette.errors import integer, require
from noisette.tasks._scores import SCORES, judged
from noisette.tasks._steps import whole_steps

PRECISION = jnp.float32  # of all that a network is trained on
MOST_STEPS = 1_000_000

Label = int | np.integer | str | Array | np.ndarray


class Trial(NamedTuple):
    """What is heard and what is wanted in one trial of T steps; a block of trials has a leading axis.

    A network makes T − 1 steps in it: its output i, after the step that heard input i, is compared with target i.

    Parameters
    ----------
    inputs : u, shape (time, channels)
    target : z, shape (time, outputs)
    mask : 1 in the response window, else 0, shape (time,)
    label : number of the condition, an index into the task's `conditions`

    Examples
    --------
    >>> import jax
    >>> from noisette.tasks import DMS
    >>> trial = DMS().trial(key=jax.random.key(0), label="+1/-1")
    >>> trial.inputs.shape, trial.target.shape, float(trial.target.min())
    ((300, 2), (300, 1), -1.0)
    """

    inputs: Float[Array, "*trials time channels"]
    target: Float[Array, "*trials time outputs"]
    mask: Float[Array, "*trials time"]
    label: Int[Array, "*trials"]


def parameter(default: Any) -> Any:
    """Return a parameter of a task: given by name, and fixed when a program is compiled.

    Examples
    --------
    >>> class Wait(Task):
    ...     delay: float = parameter(500.0)
    >>> Wait.__name__
    'Wait'
    """
    return eqx.field(default=default, static=True, kw_only=True)


class Task(eqx.Module):
    """What every task is: something that makes trials and scores answers.

    A task of your own is a class with its `channels` and `conditions`, and one method, `signals`. Its length is its
    parameter `duration`, or its own property `steps`; `outputs` is 1 unless said otherwise.

    Parameters
    ----------
    dt : step, ms
    input_noise : σ, standard deviation added to every channel in every step

    Raises
    ------
    InputError : a step, a noise or a period that cannot be.

    Examples
    --------
    >>> class Sign(Task):
    ...     "Say, after a while, which sign was shown."
    ...     duration: float = 500.0
    ...     channels = 1
    ...     conditions = ("up", "down")
    ...
    ...     def signals(self, label, *, key):
    ...         shown, mask = self.times < 100, self.times >= 300
    ...         sign = jnp.where(label == 0, 1.0, -1.0)
    ...         return sign * shown[:, None], sign * mask[:, None], mask
    >>> task = Sign()
    >>> trial = task.trial(key=jax.random.key(0), label="down")
    >>> task.steps, float(trial.inputs.sum()), float(trial.target.sum())
    (100, -20.0, -40.0)
    >>> bool(task.correct(-0.9 * jnp.ones((99, 1)), trial, score="strict"))
    True
    """

    dt: float = parameter(5.0)
    input_noise: float = parameter(0.0)

    channels: ClassVar[int]  # number of input channels
    conditions: ClassVar[tuple[str, ...]]  # names, one of which each trial has
    outputs: ClassVar[int] = 1
    traceable: ClassVar[bool] = True  # whether trials can be made inside a compiled program
    least_trials: ClassVar[int] = 0  # of training, before which the published protocol counts no network as trained

    def __check_init__(self):
        positive = isinstance(self.dt, Real) and math.isfinite(self.dt) and self.dt > 0
        require(positive, f"dt of {self.dt} ms", "a positive number of ms")
        self.checked_number("input_noise", least=0.0)
        self.check()

    def check(self) -> None:
        """Refuse parameters that make no trial; a task adds its own checks to these."""
        for name in ("channels", "conditions"):
            missing = f"{type(self).__name__} has no {name}"
            require(hasattr(self, name), missing, "each task has it, as a class attribute or a property")
        require(self.channels > 0 and self.outputs > 0, "a task without channels or outputs", "at least one of each")
        require(len(self.conditions) > 0, "a task without conditions", "at least one")
        require(
            2 <= self.steps <= MOST_STEPS,
            f"a trial of {self.steps} steps",
            f"2 … {MOST_STEPS} steps",
            "mind that durations are in ms",
        )
        start, stop = self.periods.get("response", (0, 1))
        require(
            start < min(stop, self.steps - 1),
            f"a response from {start * self.dt:g} ms in a trial of {self.steps * self.dt:g} ms",
            "a response that begins at least two steps before the trial ends",
            "give a longer duration or shorter periods",
        )

    @property
    def steps(self) -> int:
        """Number of steps T of a trial."""
        require(hasattr(self, "duration"), f"{type(self).__name__} has no duration", "a parameter `duration`, in ms")
        return self.steps_of("duration", least=2)

    @property
    def times(self) -> np.ndarray:
        """When each step begins, ms."""
        return self.dt * np.arange(self.steps)

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Names of the periods of a trial, and their (first step, step after the last)."""
        return {}

    @property
    def targets(self) -> np.ndarray:
        """Mean target of each condition over its response window, shape (conditions, outputs)."""
        number = len(self.conditions)
        with jax.ensure_compile_time_eval():
            shown = self.block(number, key=jax.random.key(0), label=np.arange(number))
            inside = np.asarray(shown.mask)[:, :-1, None] > 0
            for name, answered in zip(self.conditions, inside, strict=True):
                require(
                    bool(answered.any()), f"condition {name!r} without a response window", "a mask with steps above 0"
                )
            return np.mean(np.asarray(shown.target)[:, :-1], axis=1, where=inside)

    @property
    def configuration(self) -> dict[str, Any]:
        """What makes the same task again: its class, as `named` reads it, and its parameters."""
        made = {field.name: _plain(getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {"task": f"{type(self).__module__}:{type(self).__qualname__}", **made}

    def steps_of(self, name: str, least: int = 0) -> int:
        """Return how many steps the parameter `name`, a period in ms, lasts."""
        return whole_steps(getattr(self, name), self.dt, name, least)

    def checked_number(self, name: str, least: float = -math.inf) -> float:
        """Return the parameter `name`, a finite number of at least `least`."""
        given = getattr(self, name)
        value = float(given) if isinstance(given, Real) else math.nan
        require(
            math.isfinite(value) and value >= least,
            f"{name} {given}",
            "a finite number" + (f" of at least {least:g}" if least > -math.inf else ""),
        )
        return value

    def window(self, name: str) -> np.ndarray:
        """Return 1 in the steps of a period and 0 elsewhere, shape (time,)."""
        require(name in self.periods, f"period {name!r}", f"periods are {', '.join(self.periods) or '(none)'}")
        start, stop = self.periods[name]
        step = np.arange(self.steps)
        return ((step >= start) & (step < stop)).astype(np.float32)

    def index(self, label: Label) -> Int[Array, "..."]:
        """Return the number of a condition given by its name or number, or those of many."""
        known = self.conditions
        if isinstance(label, str):
            require(label in known, f"condition {label!r}", f"conditions are {'; '.join(known)}")
            label = known.index(label)
        if not isinstance(label, Tracer):
            given = np.asarray(label)
            within = given.dtype.kind in "iu" and bool(((given >= 0) & (given < len(known))).all())
            require(within, f"label {label}", f"0 … {len(known) - 1}, or the name of a condition")
        return jnp.asarray(label, jnp.int32)

    def signals(self, label: Int[Array, ""], *, key: PRNGKeyArray) -> tuple[Any, Any, Any]:
        """Return the inputs without noise, the target and the mask of a trial; arrays over time.

        Parameters
        ----------
        label : number of the condition; may be traced, so choose by arithmetic or `jnp.where`, not by `if`
        key : for what is random in the trial beside its condition and `input_noise`
        """
        require(False, f"{type(self).__name__} makes no trials", "a task has a method `signals`, or its own `trial`")
        return (), (), ()

    def trial(self, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return one trial, of a condition drawn at random or the one given.

        Parameters
        ----------
        key : for everything random
        label : name or number of the condition; the number may be traced

        Examples
        --------
        >>> from noisette.tasks import AFC
        >>> trial = AFC(input_noise=1.0).trial(key=jax.random.key(0), label="absent")
        >>> int(trial.label), trial.inputs.dtype.name, bool(0.8 < trial.inputs.std() < 1.2)
        (1, 'float32', True)
        """
        drawn = jax.random.randint(_named(key, "label"), (), 0, len(self.conditions), jnp.int32)
        chosen = drawn if label is None else self.index(label)
        inputs, target, mask = self.signals(chosen, key=_named(key, "signals"))
        return Trial(
            self.noisy_inputs(jnp.asarray(inputs, PRECISION), key=key),
            jnp.asarray(target, PRECISION),
            jnp.asarray(mask, PRECISION),
            chosen,
        )

    def noisy_inputs(
        self, inputs: Float[Array, "time channels"], *, key: PRNGKeyArray
    ) -> Float[Array, "time channels"]:
        """Return inputs with the noise of this task added."""
        if self.input_noise == 0:
            return inputs
        noise = jax.random.normal(_named(key, "input noise"), inputs.shape, PRECISION)
        return inputs + PRECISION(self.input_noise) * noise

    def block(self, number: int, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return many trials at once, with a leading axis; trial i is that of ``fold_in(key, i)``.

        Parameters
        ----------
        number : of trials
        key : for everything random
        label : one condition for all, or the number of the condition of each, shape (number,)

        Examples
        --------
        >>> from noisette.tasks import DMS
        >>> trials = DMS().block(6, key=jax.random.key(0), label=jnp.asarray([0, 0, 1, 1, 2, 3]))
        >>> trials.inputs.shape, trials.target[:, -1, 0].tolist()
        ((6, 300, 2), [1.0, 1.0, -1.0, -1.0, -1.0, 1.0])
        """
        return _block(self, key, number, self.labels(number, label))

    def labels(self, number: int, label: Label | None) -> Int[Array, " trials"] | None:
        """Return the condition asked for in each of a number of trials, or None if they are drawn."""
        number = integer(number, "number", None)
        require(number >= 1, f"{number} trials", "at least one")
        if label is None:
            return None
        asked = self.index(label)
        require(asked.shape in ((), (number,)), f"labels of shape {asked.shape}", f"one, or {number}: one a trial")
        return jnp.broadcast_to(asked, (number,))

    def scored(self, trial: Trial) -> Array | np.ndarray:
        """Return the outputs at which the threshold score looks, shape (time − 1,): the response window by default."""
        return trial.mask[:-1] > 0

    def correct(self, outputs: Array | np.ndarray, trial: Trial, score: str = "threshold") -> Bool[Array, ""]:
        """Return whether the outputs of a network answer a trial.

        The target z of a trial is its mean target over the response window.

        * ``"threshold"`` (as in the code of Kim et al. 2019): every output reaches 0.7 of its target at least once
          where the task is `scored`, or stays below 0.3 in size if its target is 0. An excursion to the wrong sign
          is not punished, so that an output that swings both ways is always right.
        * ``"strict"``: the mean output over the response window is nearer to z than to the target of any other
          condition (the sign, if targets are ±1; the largest output, if they are classes). If all conditions have
          one target, every output is within 0.5 of it.

        Parameters
        ----------
        outputs : after each of the first T − 1 steps, shape (time − 1, outputs)
        trial : what was asked
        score : "threshold" or "strict"

        Raises
        ------
        InputError : another score, or outputs of another shape.

        Examples
        --------
        >>> from noisette.tasks import DMS
        >>> trial = DMS().trial(key=jax.random.key(0), label="+1/+1")
        >>> swinging = jnp.where(jnp.arange(299) < 280, -1.0, 1.0)[:, None]
        >>> [bool(DMS().correct(swinging, trial, score)) for score in ("threshold", "strict")]
        [True, False]
        """
        require(score in SCORES, f"score {score!r}", f"one of {', '.join(SCORES)}")
        wanted = (self.steps - 1, self.outputs)
        require(
            outputs.shape == wanted,
            f"outputs of shape {outputs.shape}",
            f"shape {wanted}: a row after each of the first {wanted[0]} inputs of a trial, a column for each output",
        )
        given = jnp.asarray(outputs)
        targets = jnp.asarray(self.targets, given.dtype) if score == "strict" else None
        return judged(given, trial.target[:-1], trial.mask[:-1], jnp.asarray(self.scored(trial)), targets)


@eqx.filter_jit
def _block(task: Task, key: PRNGKeyArray, number: int, labels: Int[Array, " trials"] | None) -> Trial:
    keys = trial_keys(key, number)
    if labels is None:
        return jax.vmap(lambda own: task.trial(key=own))(keys)
    return jax.vmap(lambda own, label: task.trial(key=own, label=label))(keys, labels)


def trial_keys(key: PRNGKeyArray, number: int) -> Array:
    """Return the keys of the trials of a block."""
    return jax.vmap(lambda i: jax.random.fold_in(key, i))(jnp.arange(number))


def _named(key: PRNGKeyArray, name: str) -> PRNGKeyArray:
    """Fold a name into a key, so that no draw depends on the order of the others."""
    return jax.random.fold_in(key, zlib.crc32(name.encode()))


def _plain(value: Any, default: Any) -> Any:
    """Return a value as JSON keeps it: 250 and 250.0 ms are one period."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float | np.number):
        return int(value) if isinstance(default, int) else float(value)
    return list(value) if isinstance(value, tuple | list) else str(value)
