"""Probe of the autocovariance function, averaged over units."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.probes._base import Probe, Variable, clock


class Autocovariance(Probe):
    """Autocovariance function of the units, averaged over units and over time.

    .. math:: C(\\tau) = \\frac1N \\sum_i
       \\big( \\langle x_i(t)\\, x_i(t-\\tau) \\rangle_t - \\langle x_i \\rangle_t^2 \\big)

    The results are ``current``, C(τ) of the state x, and, for networks with rates, ``rate``, the autocovariance of
    φ(x), both as functions of ``lag``, as in the results of `theory.autocovariance`. All lags are averaged over the
    same times t.

    Parameters
    ----------
    lags : number of lags above zero; the largest is lags · every steps
    every : number of steps between lags, and between samples
    discard : number of steps to discard at the beginning
    centred : whether to subtract the squared temporal mean of each unit. Over a trial of n correlation times this
        biases C by about −C(0)/n; set it to False if the mean is known to be zero
    rates : whether to measure ``rate`` as well, if the network has rates

    Raises
    ------
    InputError : trials that are too short for the lags, or invalid numbers of steps.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> half = nz.networks.Map(lambda x: 0.5 * x, 1, noise=nz.White(1.0))
    >>> probe = nz.Autocovariance(2, discard=10)
    >>> data = nz.simulate(half, 50_000, probe, key=jax.random.key(0))
    >>> data.current[0].values.round(1)  # 0.5^k/(1 − 0.25)
    array([1.3, 0.7, 0.3])
    """

    lags: int = eqx.field(static=True)
    every: int = eqx.field(static=True)
    discard: int = eqx.field(static=True)
    centred: bool = eqx.field(static=True)
    rates: bool = eqx.field(static=True)

    @check_arguments
    def __init__(self, lags: int, every: int = 1, discard: int = 0, centred: bool = True, rates: bool = True):
        self.lags, self.every = integer(lags, "lags", 0), integer(every, "every", 1)
        self.discard, self.centred, self.rates = integer(discard, "discard", 0), centred, rates

    def bind(self, networks):
        """Return the probe, which measures rates only if the networks have rates."""
        rates = self.rates and networks[0].activity is not None
        return Autocovariance(self.lags, self.every, self.discard, self.centred, rates)

    def _samples(self, steps: int) -> int:
        """Return the number of samples in a trial."""
        return max(0, (steps - self.discard - 1) // self.every + 1)

    def init(self, network, steps):
        """Return (ring buffer of samples, sums of products at each lag, sums of samples) for currents and rates."""
        number = self._samples(steps)
        counts = f"{number} samples in {steps} steps for {self.lags} lags"
        require(number > self.lags, counts, "more samples than lags", "simulate for longer, or use fewer lags")
        kinds = 2 if self.rates else 1
        ring = jnp.zeros((kinds, self.lags + 1, network.size))
        return ring, jnp.zeros((kinds, self.lags + 1)), jnp.zeros((kinds, network.size))

    def update(self, record, step):
        """Store the state before every `every`-th step and add its products with the stored states."""
        elapsed = step.time - self.discard
        number, length = elapsed // self.every, self.lags + 1

        def add(record):
            ring, sums, total = record
            rate = step.network.activity if self.rates else None
            x = step.before[None] if rate is None else jnp.stack([step.before, rate(step.before)])
            ring = ring.at[:, number % length].set(x)
            products = jnp.einsum("ckn,cn->ck", ring, x) / x.shape[1]
            by_lag = products[:, (number - jnp.arange(length)) % length]
            return ring, sums + jnp.where(number >= self.lags, by_lag, 0.0), total + x

        return jax.lax.cond((elapsed >= 0) & (elapsed % self.every == 0), add, lambda record: record, record)

    def result(self, record, steps):
        """Return the autocovariances, averages over time."""
        _, sums, total = record
        number = self._samples(steps)
        products = sums / (number - self.lags)
        if self.centred:
            products = products - ((total / number) ** 2).mean(1)[:, None]
        return {name: products[kind] for kind, name in enumerate(("current", "rate")[: len(products)])}

    def describe(self, network, steps):
        """Return the labels, with lags in the network's unit of time or in steps."""
        coords = {"lag": clock(network, self.every * np.arange(self.lags + 1))}
        kind = "autocovariance" if self.centred else "mean product"
        names = {"current": f"{kind} of currents", "rate": f"{kind} of rates"}
        return {
            name: Variable(("lag",), coords, {"long_name": names[name], "units": ""})
            for name in (names if self.rates else ("current",))
        }
