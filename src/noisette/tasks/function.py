"""Function approximation: report a function of a constant input."""

import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require, shown
from noisette.formulas import function_of
from noisette.tasks._base import PRECISION, Task, parameter


class FunctionApproximation(Task):
    """Function approximation: report f(x) for a constant input x from a grid on [−1, 1].

    .. math:: u(t) = (x, 1), \\qquad z = f(x) \\text{ in the response window}

    The second input channel is constant: with input weights of its own for each unit, it acts as a bias. Outside the
    window, which is the last part of the trial, the outputs do not count.

    Parameters
    ----------
    formula : f, a formula in x, see `activations.Formula`
    points : number of values of x, one condition each
    response : duration of the response window at the end of the trial, ms
    duration : duration of the trial, ms
    input_noise : standard deviation of the Gaussian noise added to both channels in every step
    dt : time step, ms

    Raises
    ------
    InputError : If the formula cannot be read or is not finite on the grid, there are fewer than two points, or the
        window is longer than the trial.

    Examples
    --------
    >>> task = FunctionApproximation(formula="x^2", points=5)
    >>> task.targets[:, 0].tolist(), task.conditions[1]
    ([1.0, 0.25, 0.0, 0.25, 1.0], 'x = -0.5')

    References
    ----------
    Eckstein & Srinivasan (2026), arXiv:2601.04539, whose abstract names this task.
    """

    formula: str = parameter("sin(pi*x)")
    points: int = parameter(11)
    response: float = parameter(200.0)
    duration: float = parameter(500.0)

    channels = 2

    def check(self):
        """Raise `InputError` if the formula, the number of points or a period is invalid."""
        require(integer(self.points, "points") >= 2, f"{self.points} points", "at least two")
        require(isinstance(self.formula, str), f"formula {shown(self.formula)}", "a string, such as 'x^2'")
        values = self.targets
        require(bool(np.isfinite(values).all()), f"formula {self.formula!r}", "a function that is finite on [−1, 1]")
        super().check()

    @property
    def grid(self) -> np.ndarray:
        """Values of x, shape (points,)."""
        return np.linspace(-1, 1, self.points)

    @property
    def conditions(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Names of the conditions, the values of x."""
        return tuple(f"x = {round(float(x), 4):g}" for x in self.grid)

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """The response window as (first step, step after the last)."""
        response = self.steps_of("response", least=1)
        require(response < self.steps, f"response of {self.response:g} ms", "a window that is shorter than the trial")
        return {"response": (self.steps - response, self.steps)}

    @property
    def targets(self) -> np.ndarray:
        """Targets of the conditions f(x), shape (points, 1)."""
        with jax.ensure_compile_time_eval():
            return np.asarray(function_of(self.formula)(jnp.asarray(self.grid)), float)[:, None]

    def signals(self, label, *, key):
        """Return the inputs, the target and the mask of a condition."""
        x, target = (jnp.asarray(v, PRECISION)[label] for v in (self.grid, self.targets[:, 0]))
        mask = self.window("response")
        inputs = jnp.broadcast_to(jnp.stack([x, jnp.ones_like(x)]), (self.steps, 2))
        return inputs, (target * mask)[:, None], mask
