"""Path integration: report the position that results from a velocity."""

import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require
from noisette.tasks._base import PRECISION, Task, parameter


class PathIntegration(Task):
    """Path integration: report the position of a walk from its velocity, at any time.

    .. math:: u(t) = (v(t), 1), \\qquad z(t) = \\int_0^t v(t')\\, dt'

    The components of the velocity are independent Ornstein–Uhlenbeck processes, so that the position has the variance
    2 v² τ_c (t − τ_c (1 − e^(−t/τ_c))). The last input channel is constant: with input weights of its own for each
    unit, it acts as a bias. The response window is the whole trial.

    Parameters
    ----------
    dimensions : number of components of the position, 1 to 3
    speed : v, stationary standard deviation of a component of the velocity, per second
    correlation_time : τ_c of the velocity, ms
    duration : duration of the trial, ms
    input_noise : standard deviation of the Gaussian noise added to every channel in every step
    dt : time step, ms

    Raises
    ------
    InputError : If the number of dimensions is not 1, 2 or 3, or a time or the speed is not positive.

    Examples
    --------
    >>> import jax
    >>> task = PathIntegration()
    >>> trial = task.trial(key=jax.random.key(0))
    >>> walked = 0.005 * trial.inputs[:, :2].sum(0)  # steps of 5 ms
    >>> bool(jnp.abs(walked - trial.target[-1]).max() < 1e-4), task.channels, task.outputs
    (True, 3, 2)

    References
    ----------
    Eckstein & Srinivasan (2026), arXiv:2601.04539, whose abstract names this task.
    """

    dimensions: int = parameter(2)
    speed: float = parameter(2.0)
    correlation_time: float = parameter(150.0)
    duration: float = parameter(750.0)

    conditions = ("walk",)

    def check(self):
        """Raise `InputError` if a parameter is invalid."""
        require(integer(self.dimensions, "dimensions") <= 3, f"{self.dimensions} dimensions", "1, 2 or 3")
        for name in ("speed", "correlation_time"):
            require(self.checked_number(name) > 0, f"{name} {getattr(self, name)}", "a number above zero")
        super().check()

    @property
    def channels(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of input channels, one more than the number of dimensions."""
        return self.dimensions + 1

    @property
    def outputs(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Number of outputs, one for each dimension."""
        return self.dimensions

    @property
    def periods(self) -> dict[str, tuple[int, int]]:
        """The response window, the whole trial, as (first step, step after the last)."""
        return {"response": (0, self.steps)}

    @property
    def targets(self) -> np.ndarray:
        """Mean target over walks, which is zero, shape (1, dimensions)."""
        return np.zeros((1, self.dimensions))

    def signals(self, label, *, key):
        """Return the velocity, the position after each step and the mask."""
        decay = float(np.exp(-self.dt / self.correlation_time))
        xi = jax.random.normal(key, (self.steps, self.dimensions), PRECISION)
        innovations = (self.speed * xi).at[1:].multiply(float(np.sqrt(1 - decay**2)))

        def step(velocity, innovation):
            after = decay * velocity + innovation
            return after, after

        _, velocity = jax.lax.scan(step, jnp.zeros(self.dimensions, PRECISION), innovations)
        position = jnp.cumsum(velocity, axis=0) * (self.dt / 1000)
        inputs = jnp.concatenate([velocity, jnp.ones((self.steps, 1), PRECISION)], axis=1)
        return inputs, position, jnp.ones(self.steps, PRECISION)
