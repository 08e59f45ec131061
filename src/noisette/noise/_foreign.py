"""Simulations of isolated leaky units by code of the user: a step function, or a function that simulates."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import InputError, real_array, require, shown
from noisette.functions import check_array, refusal, traced
from noisette.random_numbers import fold_in

FORMS = "step(x, dt, rng), step(x, dt, key), or simulate(duration, dt, seed, units)"
OF_SIMULATE = ("duration", "dt", "seed", "units")


class Simulator:
    """Simulator of isolated units, from a function in one of three forms.

    Parameters
    ----------
    function : ``step(x, dt, rng)`` with a generator of NumPy, ``step(x, dt, key)`` with a key of JAX, which JAX can
        trace, or ``simulate(duration, dt, seed, units)``, possibly without ``dt``, that returns states, shape
        (time, units)
    """

    def __init__(self, function: Callable[..., Any]):
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):  # functions of extension modules may have no signature
            parameters = ()
        names = [parameter.name for parameter in parameters]
        needed = [
            parameter.name
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        ]
        self.simulates = "duration" in names
        self.arguments = {*names} & {*OF_SIMULATE}
        whole = {*OF_SIMULATE} - {"dt"} <= self.arguments and {*needed} <= {*OF_SIMULATE}
        steps = len(needed) == 3 and needed[2] in ("rng", "key")
        listed = f"{self.name}({', '.join(needed)})"
        require(whole if self.simulates else steps, f"{listed} as step function", FORMS, "name its parameters so")
        self.of_jax = needed[-1:] == ["key"]

    @property
    def takes_dt(self) -> bool:
        """Whether the time step can be changed."""
        return not self.simulates or "dt" in self.arguments

    def run(self, steps: int, dt: float, seed: int, units: int) -> np.ndarray:
        """Return the states after each of the last `steps` steps of a run, shape (steps, units)."""
        if not self.simulates:
            return (self._scan if self.of_jax else self._loop)(steps, dt, seed, units)
        values = {"duration": steps * dt, "dt": dt, "seed": seed, "units": units}
        states = self._checked(self._call(**{name: values[name] for name in self.arguments}))
        fits = states.ndim == 2 and states.shape[1] == units and steps <= len(states) <= steps + 1
        allowed = f"states of shape ({steps}, {units}), with or without the initial state"
        require(fits, f"{self.name} returns shape {states.shape} for {steps} steps and {units} units", allowed)
        return states[-steps:]

    def _call(self, *arguments: Any, **keywords: Any) -> Any:
        try:
            return self.function(*arguments, **keywords)
        except Exception as error:  # the code of the user may raise anything
            reason = str(error).strip().partition("\n")[0][:160]
            raise InputError(f"{self.name} fails ({type(error).__name__}: {reason}); {FORMS}") from error

    def _checked(self, states: Any) -> np.ndarray:
        require(states is not None, f"{self.name} returns None", "an array of states")
        return real_array(np.asarray(states) if hasattr(states, "__array__") else states, f"result of {self.name}")

    def _loop(self, steps: int, dt: float, seed: int, units: int) -> np.ndarray:
        """Return the states of a step function of NumPy."""
        rng = np.random.default_rng(seed)
        states = np.zeros((steps + 1, units))
        for i in range(steps):
            after = self._call(states[i].copy(), dt, rng)
            if np.shape(after) != (units,):
                given = f"{self.name} returns {shown(after)} for {units} units"
                raise InputError(f"{given}; the next states, shape ({units},)")
            states[i + 1] = after
        return self._checked(states[1:])

    def _scan(self, steps: int, dt: float, seed: int, units: int) -> np.ndarray:
        """Return the states of a step function of JAX."""

        def step(x: Any, key: Any) -> Any:
            return self.function(x, dt, key)

        key, zeros = jax.random.key(seed), jnp.zeros(units)
        check_array(traced(step, self.name, zeros, key), self.name, (units,))

        @jax.jit
        def states(key: Any) -> Any:
            def body(x: Any, index: Any) -> Any:
                after = jnp.asarray(step(x, fold_in(key, index)), x.dtype)
                return after, after

            return jax.lax.scan(body, zeros, jnp.arange(steps))[1]

        try:
            return self._checked(states(key))
        except InputError:
            raise
        except Exception as error:
            raise refusal(error, self.name, zeros) from error
