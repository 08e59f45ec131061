"""Base class of tasks: trials with inputs, targets and a response window, and the scoring of outputs."""

import dataclasses
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from noisette.arguments import check_arguments, nearest
from noisette.errors import integer, require, shown
from noisette.functions import is_own, traced
from noisette.reprs import as_call
from noisette.tasks._draws import PRECISION, fold_name, noisy, noisy_block, trial_keys
from noisette.tasks._scores import Score, is_correct
from noisette.tasks._steps import whole_steps

MOST_STEPS = 1_000_000

Label = int | np.integer | str | Array | np.ndarray


class Trial(NamedTuple):
    """Inputs and targets of one trial of T steps; a block of trials has a leading axis.

    A network makes T − 1 steps in a trial: output i, the output after the step driven by input i, is compared with
    target i.

    Parameters
    ----------
    inputs : inputs u, shape (time, channels)
    target : target outputs z, shape (time, outputs)
    mask : 1 within the response window and 0 outside, shape (time,)
    label : condition of the trial, as an index into the `conditions` of the task

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
    """Return the field of a task parameter, which is keyword-only and static under `jax.jit`.

    Parameters
    ----------
    default : default value of the parameter

    Examples
    --------
    >>> class Wait(Task):
    ...     delay: float = parameter(500.0)
    >>> Wait.__name__
    'Wait'
    """
    return eqx.field(default=default, static=True, kw_only=True)


class Task(eqx.Module):
    """Base class of tasks, which generate trials and score outputs.

    A subclass defines `channels`, `conditions` and the method `signals`. The length of a trial is its parameter
    `duration`, or a property `steps` that the subclass defines. The number of `outputs` is 1 by default.

    Parameters
    ----------
    dt : time step, ms
    input_noise : standard deviation σ of the Gaussian noise added to every input channel in every step

    Raises
    ------
    InputError : If the time step, the noise or a period is invalid.

    Examples
    --------
    >>> class Sign(Task):
    ...     "Report the sign of a stimulus after a delay."
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
    conditions: ClassVar[tuple[str, ...]]  # names of the conditions; each trial has one of them
    outputs: ClassVar[int] = 1
    traceable: ClassVar[bool] = True  # whether trials can be generated under a JAX transformation
    least_trials: ClassVar[int] = 0  # smallest number of training trials in the published protocol

    def __repr__(self) -> str:
        return as_call(self)

    def __check_init__(self):
        positive = isinstance(self.dt, Real) and math.isfinite(self.dt) and self.dt > 0
        require(positive, f"dt of {self.dt} ms", "a positive number of ms")
        self.checked_number("input_noise", least=0.0)
        self.check()
        if is_own(self) and self.traceable:
            self._try()

    def check(self) -> None:
        """Raise `InputError` if the parameters are invalid; subclasses extend this method."""
        for name in ("channels", "conditions"):
            missing = f"{type(self).__name__} has no {name}"
            require(hasattr(self, name), missing, "a task defines it as a class attribute or a property")
        integer(self.channels, "channels")
        integer(self.outputs, "outputs")
        names = [] if isinstance(self.conditions, str) or not isinstance(self.conditions, Sequence) else self.conditions
        fits = len(names) > 0 and all(isinstance(name, str) for name in names)
        require(fits, f"conditions {shown(self.conditions)}", "a tuple of the names of the conditions, at least one")
        require(
            2 <= self.steps <= MOST_STEPS,
            f"a trial of {self.steps} steps",
            f"2 … {MOST_STEPS} steps",
            "mind that durations are in ms",
        )
        start, stop = self.periods.get("response", (0, 1))
        require(
            start < min(stop, self.steps - 1),
            f"a response window from {start * self.dt:g} ms in a trial of {self.steps * self.dt:g} ms",
            "a response window that begins at least two steps before the trial ends",
            "give a longer duration or shorter periods",
        )

    def _try(self) -> None:
        """Try a task of the user's own: generate a trial from abstract arrays."""
        kind, own = type(self), type(self).signals is not Task.signals or type(self).trial is not Task.trial
        if not own:
            return
        key, label = jax.random.key(0), jnp.zeros((), jnp.int32)
        trial = traced(lambda index: self.trial(key=key, label=index), f"trial of {kind.__name__}", label)
        shapes = {"inputs": (self.steps, self.channels), "target": (self.steps, self.outputs), "mask": (self.steps,)}
        require(isinstance(trial, Trial), f"trial of {kind.__name__} returns {shown(trial)}", "a Trial")
        for name, shape in shapes.items():
            actual = getattr(trial, name).shape
            require(actual == shape, f"{kind.__name__} with {name} of shape {actual}", f"shape {shape}")

    @property
    def steps(self) -> int:
        """Number of steps T of a trial."""
        require(hasattr(self, "duration"), f"{type(self).__name__} has no duration", "a parameter `duration`, in ms")
        return self.steps_of("duration", least=2)

    @property
    def times(self) -> np.ndarray:
        """Start times of the steps in ms, shape (time,)."""
        return self.dt * np.arange(self.steps)

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """Periods of a trial: a mapping from names to (first step, step after the last)."""
        return {}

    @property
    def targets(self) -> np.ndarray:
        """Mean target of each condition over its response window, shape (conditions, outputs)."""
        number = len(self.conditions)
        with jax.ensure_compile_time_eval():
            trials = self.block(number, key=jax.random.key(0), label=np.arange(number))
            inside = np.asarray(trials.mask)[:, :-1, None] > 0
            for name, selected in zip(self.conditions, inside, strict=True):
                require(
                    bool(selected.any()), f"condition {name!r} without a response window", "a mask with steps above 0"
                )
            return np.mean(np.asarray(trials.target)[:, :-1], axis=1, where=inside)

    @property
    def configuration(self) -> dict[str, Any]:
        """Description from which the task can be rebuilt: its class, as `from_string` reads it, and its parameters."""
        values = {field.name: _plain(getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {"task": f"{type(self).__module__}:{type(self).__qualname__}", **values}

    def steps_of(self, name: str, least: int = 0) -> int:
        """Return the duration of the parameter `name`, a period in ms, as a number of steps."""
        return whole_steps(getattr(self, name), self.dt, name, least)

    def checked_number(self, name: str, least: float = -math.inf) -> float:
        """Return the parameter `name` after checking that it is a finite number of at least `least`."""
        raw = getattr(self, name)
        value = float(raw) if isinstance(raw, Real) else math.nan
        require(
            math.isfinite(value) and value >= least,
            f"{name} {raw}",
            "a finite number" + (f" of at least {least:g}" if least > -math.inf else ""),
        )
        return value

    def window(self, name: str) -> np.ndarray:
        """Return the indicator of a period: 1 during its steps and 0 elsewhere, shape (time,)."""
        known = f"periods are {', '.join(self.periods) or '(none)'}"
        require(name in self.periods, f"period {name!r}", known, nearest(name, self.periods))
        start, stop = self.periods[name]
        step = np.arange(self.steps)
        return ((step >= start) & (step < stop)).astype(np.float32)

    def index(self, label: Label) -> Int[Array, "..."]:
        """Return the index of a condition given by name or index, or an array of indices, after checking them."""
        conditions = self.conditions
        if isinstance(label, str):
            known = f"conditions are {'; '.join(conditions)}"
            require(label in conditions, f"condition {label!r}", known, nearest(label, conditions))
            label = conditions.index(label)
        if not isinstance(label, Tracer):
            indices = np.asarray(label)
            valid = indices.dtype.kind in "iu" and bool(((indices >= 0) & (indices < len(conditions))).all())
            require(valid, f"label {label}", f"0 … {len(conditions) - 1}, or the name of a condition")
        return jnp.asarray(label, jnp.int32)

    def signals(self, label: Int[Array, ""], *, key: PRNGKeyArray) -> tuple[Any, Any, Any]:
        """Return the inputs of a trial without `input_noise`, the target and the mask.

        Parameters
        ----------
        label : index of the condition. It may be traced, so that implementations use arithmetic or `jnp.where` instead
            of ``if``
        key : random key for the trial, apart from the choice of the condition and `input_noise`

        Returns
        -------
        inputs of shape (time, channels), target of shape (time, outputs), mask of shape (time,)
        """
        require(False, f"{type(self).__name__} generates no trials", "a task defines a method `signals` or `trial`")
        return (), (), ()

    def trial(self, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return one trial.

        Parameters
        ----------
        key : random key
        label : name or index of the condition; the index may be traced. By default the condition is drawn at random

        Examples
        --------
        >>> from noisette.tasks import AFC
        >>> trial = AFC(input_noise=1.0).trial(key=jax.random.key(0), label="absent")
        >>> int(trial.label), trial.inputs.dtype.name, bool(0.8 < trial.inputs.std() < 1.2)
        (1, 'float32', True)
        """
        drawn = jax.random.randint(fold_name(key, "label"), (), 0, len(self.conditions), jnp.int32)
        chosen = drawn if label is None else self.index(label)
        signals = self.signals(chosen, key=fold_name(key, "signals"))
        three = isinstance(signals, tuple) and len(signals) == 3
        require(three, f"signals of {type(self).__name__} returns {shown(signals)}", "inputs, target and mask")
        inputs, target, mask = signals
        return Trial(
            self.noisy_inputs(jnp.asarray(inputs, PRECISION), key=key),
            jnp.asarray(target, PRECISION),
            jnp.asarray(mask, PRECISION),
            chosen,
        )

    def noisy_inputs(
        self, inputs: Float[Array, "time channels"], *, key: PRNGKeyArray
    ) -> Float[Array, "time channels"]:
        """Return inputs of shape (time, channels) with `input_noise` added."""
        return inputs if self.input_noise == 0 else noisy(inputs, key, PRECISION(self.input_noise))

    def block(self, number: int, *, key: PRNGKeyArray, label: Label | None = None) -> Trial:
        """Return several trials, stacked along a leading axis; trial i has the key ``fold_in(key, i)``.

        Parameters
        ----------
        number : number of trials
        key : random key
        label : one condition for all trials, or the index of the condition of each trial, shape (number,). By default
            conditions are drawn at random

        Examples
        --------
        >>> from noisette.tasks import DMS
        >>> trials = DMS().block(6, key=jax.random.key(0), label=jnp.asarray([0, 0, 1, 1, 2, 3]))
        >>> trials.inputs.shape, trials.target[:, -1, 0].tolist()
        ((6, 300, 2), [1.0, 1.0, -1.0, -1.0, -1.0, 1.0])
        """
        noiseless = without_noise(self)
        trials = _block(noiseless, key, number, self.labels(number, label))
        if noiseless is self:
            return trials
        return trials._replace(inputs=noisy_block(trials.inputs, key, jnp.asarray(self.input_noise, PRECISION)))

    def labels(self, number: int, label: Label | None) -> Int[Array, " trials"] | None:
        """Return the index of the condition of each trial, shape (number,), or None if conditions are drawn."""
        number = integer(number, "number", None)
        require(number >= 1, f"{number} trials", "at least one")
        if label is None:
            return None
        indices = self.index(label)
        require(
            indices.shape in ((), (number,)),
            f"labels of shape {indices.shape}",
            f"one, or one per trial ({number})",
        )
        return jnp.broadcast_to(indices, (number,))

    def scored(self, trial: Trial) -> Array | np.ndarray:
        """Return the mask of the outputs that the threshold score considers, shape (time − 1,).

        The default is the response window.
        """
        return trial.mask[:-1] > 0

    @check_arguments
    def correct(self, outputs: Array | np.ndarray, trial: Trial, score: Score = "threshold") -> Bool[Array, ""]:
        """Return whether the outputs of a network in a trial are correct.

        Let z be the mean target of the trial over its response window.

        * ``"threshold"`` (as in the code of Kim et al. 2019): within the steps selected by `scored`, every output
          exceeds 0.7 of its target at least once, or its absolute value stays below 0.3 if the target is 0.
          Excursions to the wrong sign are not penalised, so that an output that oscillates between both signs is
          always correct.
        * ``"strict"``: the mean output over the response window is closer to z than to the target of any other
          condition. For targets of ±1 this compares signs, and for classes it selects the largest output. If all
          conditions have the same target, every mean output must be within 0.5 of it.

        Parameters
        ----------
        outputs : outputs after each of the T − 1 steps, shape (time − 1, outputs)
        trial : the trial
        score : "threshold" or "strict"

        Raises
        ------
        InputError : If the score is unknown, or the outputs have the wrong shape.

        Examples
        --------
        >>> from noisette.tasks import DMS
        >>> trial = DMS().trial(key=jax.random.key(0), label="+1/+1")
        >>> oscillating = jnp.where(jnp.arange(299) < 280, -1.0, 1.0)[:, None]
        >>> [bool(DMS().correct(oscillating, trial, score)) for score in ("threshold", "strict")]
        [True, False]
        """
        shape = (self.steps - 1, self.outputs)
        require(
            outputs.shape == shape,
            f"outputs of shape {outputs.shape}",
            f"shape {shape}: one row after each of the first {shape[0]} inputs of a trial, one column per output",
        )
        values = jnp.asarray(outputs)
        targets = jnp.asarray(self.targets, values.dtype) if score == "strict" else None
        return is_correct(values, trial.target[:-1], trial.mask[:-1], jnp.asarray(self.scored(trial)), targets)


@eqx.filter_jit
def _block(task: Task, key: PRNGKeyArray, number: int, labels: Int[Array, " trials"] | None) -> Trial:
    keys = trial_keys(key, number)
    if labels is None:
        return jax.vmap(lambda trial_key: task.trial(key=trial_key))(keys)
    return jax.vmap(lambda trial_key, label: task.trial(key=trial_key, label=label))(keys, labels)


def without_noise(task: Task) -> Task:
    """Return a task without its `input_noise`, for programs that are the same for all strengths of this noise.

    Programs are compiled for each set of parameters of a task. A task of the user's own is returned as it is, since
    its trials may depend on the noise in other ways, and so is one whose trials are not generated by JAX.
    """
    shared = task.traceable and not is_own(task) and task.input_noise != 0
    return dataclasses.replace(task, input_noise=0.0) if shared else task


def _plain(value: Any, default: Any) -> Any:
    """Return a value as plain data; numbers take the type of the default, so that 250 and 250.0 ms are equal."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | float | np.number):
        return int(value) if isinstance(default, int) else float(value)
    return list(value) if isinstance(value, tuple | list) else str(value)
