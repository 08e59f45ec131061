"""The probe of covariances between units."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require
from noisette.probes._base import Probe, Variable, original

ACTIVITIES = ("current", "rate")


class Covariance(Probe):
    """Mean and covariance of the units over the time of a trial, without keeping states.

    .. math:: C_{ij} = \\frac{L}{n-1} \\sum_{k=1}^{n} (y_i^k - \\bar y_i)(y_j^k - \\bar y_j)

    Samples y are states every `every` steps; or, with a `window` of several steps, means over windows, L being
    their length in time. For long windows C is the covariance at zero frequency, ∫ C(τ) dτ. L = 1 without windows.

    Results: ``mean``, ``covariance`` and ``second_moment``, L ⟨y_i y_j⟩ with nothing removed. To combine runs, average
    ``mean`` m and ``second_moment`` over runs and take off L m mᵀ.

    Parameters
    ----------
    every : steps from one sample to the next
    discard : steps at the beginning that are not counted
    window : steps of a sample, the first of each `every` steps
    of : "current", the state x; or "rate", φ(x) of networks that have one

    Raises
    ------
    InputError : fewer than two samples, numbers that are no numbers of steps, rates of a network without.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> noisy = nz.networks.Map(lambda x: 0.0 * x, 2, noise=nz.White(2.0))
    >>> data = nz.simulate(noisy, 4000, nz.Covariance(), key=jax.random.key(0))
    >>> data.covariance[0].values.round(0) + 0.0
    array([[4., 0.],
           [0., 4.]])
    """

    every: int = eqx.field(static=True)
    discard: int = eqx.field(static=True)
    window: int = eqx.field(static=True)
    of: str = eqx.field(static=True)

    def __init__(self, every: int = 1, discard: int = 0, window: int = 1, of: str = "current"):
        self.every, self.discard = integer(every, "every", 1), integer(discard, "discard", 0)
        self.window, self.of = integer(window, "window", 1), of
        require(window <= every, f"a window of {window} steps every {every}", "windows that do not overlap")
        require(of in ACTIVITIES, f"of {of!r}", " or ".join(ACTIVITIES))

    def bind(self, networks):
        """Check that the network has rates, where their covariance is measured."""
        lacking = f"{type(original(networks[0])).__name__} has no rates"
        require(self.of == "current" or networks[0].activity is not None, lacking, "current", "use of='current'")
        return self

    def _samples(self, steps: int) -> int:
        return max(0, (steps - self.discard - self.window) // self.every + 1)

    def init(self, network, steps):
        """Return (length of a window in time, sum over the running one, mean, sum of products about the mean)."""
        counts = f"{steps} steps, {self.discard} discarded, a sample every {self.every}"
        require(self._samples(steps) >= 2, counts, "a covariance needs two samples", "simulate for longer")
        length = self.window * network.step_length if self.window > 1 else 1.0
        none = jnp.zeros(network.size)
        return jnp.asarray(length, float), none, none, jnp.zeros((network.size, network.size))

    def update(self, record, step):
        """Add the state before the step to the running window and, at its end, the window to the mean and products."""
        late = step.time - self.discard
        phase, number = late % self.every, late // self.every + 1

        def add(record):
            length, running, mean, products = record
            running = jnp.where(phase == 0, 0.0, running) + self._value(step)
            apart = running / self.window - mean
            due = phase == self.window - 1
            mean = jnp.where(due, mean + apart / number, mean)  # Welford: nothing large is subtracted
            products = jax.lax.cond(
                due, lambda p: p + jnp.outer(apart, running / self.window - mean), lambda p: p, products
            )
            return length, running, mean, products

        return jax.lax.cond((late >= 0) & (phase < self.window), add, lambda record: record, record)

    def _value(self, step):
        if self.of == "current":
            return step.before
        rate = step.network.activity
        assert rate is not None
        return rate(step.before)

    def result(self, record, steps):
        """Return the mean, the covariance and the second moment."""
        length, _, mean, products = record
        number = self._samples(steps)
        covariance = length * products / (number - 1)
        second = length * (products / number + jnp.outer(mean, mean))
        return {"mean": mean, "covariance": covariance, "second_moment": second}

    def describe(self, network, steps):
        """Label units."""
        units = np.arange(network.size)
        both: tuple[str, ...] = ("unit", "other_unit")
        long = self.window > 1
        unit = network.time_unit if long else "1"
        attrs = {"units": unit, "samples": str(self._samples(steps))}
        kind = f"{self.of}, {'long-window' if long else 'equal-time'}"
        coords = {name: units for name in both}
        return {
            "mean": Variable(("unit",), {"unit": units}, {"long_name": f"mean {self.of}", "units": "1"}),
            "covariance": Variable(both, coords, {"long_name": f"covariance of the {kind}", **attrs}),
            "second_moment": Variable(both, coords, {"long_name": f"second moment of the {kind}", **attrs}),
        }
