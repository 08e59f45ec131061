"""Probe of the autocovariance function, averaged over units."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.probes._base import Probe, Variable, clock

FEWEST, MOST = 16, 128  # samples in a block


class Autocovariance(Probe):
    """Autocovariance function of the units, averaged over units and over time.

    .. math:: C(\\tau) = \\frac1N \\sum_i
       \\big( \\langle x_i(t)\\, x_i(t-\\tau) \\rangle_t - \\langle x_i \\rangle_t^2 \\big)

    The results are ``current``, C(τ) of the state x, and, for networks with rates, ``rate``, the autocovariance of
    φ(x), both as functions of ``lag``, as in the results of `theory.autocovariance`. All lags are averaged over the
    same times t.

    Samples are gathered in blocks of as many as there are lags, at least 16 and at most 128. A block is multiplied with
    itself and the samples before it in one matrix product. A trial takes the memory of these samples.

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

    See Also
    --------
    theory.autocovariance : The mean-field prediction for large random networks.
    Covariance : Covariances of pairs at equal times.

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
        """Return (ring of the latest samples, sums of products by lag, sums of samples) of x and φ(x)."""
        number = self._samples(steps)
        counts = f"{number} samples in {steps} steps for {self.lags} lags"
        require(number > self.lags, counts, "more samples than lags", "simulate for longer, or use fewer lags")
        kinds = 2 if self.rates else 1
        samples = jnp.zeros((kinds, self.lags + self._block, network.size))
        return samples, jnp.zeros((kinds, self.lags + 1)), jnp.zeros((kinds, network.size))

    @property
    def _block(self) -> int:
        """Number of samples in a block."""
        return min(max(self.lags + 1, FEWEST), MOST)

    def update(self, record, step):
        """Store the state before every `every`-th step, and add the products of a complete block."""
        elapsed = step.time - self.discard
        number, block = elapsed // self.every, self._block
        is_complete = (number >= self.lags) & ((number - self.lags) % block == block - 1)

        def add(record):
            ring, sums, total = record
            rate = step.network.activity if self.rates else None
            x = step.before[None] if rate is None else jnp.stack([step.before, rate(step.before)])
            ring = ring.at[:, number % ring.shape[1]].set(x)
            # the ring does not pass through this conditional, which would copy it in every step
            added = jax.lax.cond(
                is_complete,
                lambda: _products_by_lag(jnp.roll(ring, -(number + 1), axis=1), self.lags),
                lambda: jnp.zeros_like(sums),
            )
            return ring, sums + added, total + x

        return jax.lax.cond((elapsed >= 0) & (elapsed % self.every == 0), add, lambda record: record, record)

    def result(self, record, steps):
        """Return the autocovariances, averages over time."""
        ring, sums, total = record
        number = self._samples(steps)
        if rest := (number - self.lags) % self._block:
            latest = jnp.roll(ring, -number, axis=1)[:, -(self.lags + rest) :]
            sums = sums + _products_by_lag(latest, self.lags)
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


def _products_by_lag(samples: Float[Array, "kinds time N"], lags: int) -> Float[Array, "kinds lags"]:
    """Return Σ_t ⟨x_i(t) x_i(t − τ)⟩_i over the samples t after the first `lags` ones, as a function of τ.

    The products form a matrix, of which each diagonal belongs to one lag. Written in order into a matrix with one more
    column, row k is shifted by k columns to the left, so that the diagonals become columns.
    """
    kinds, length, size = samples.shape
    block = length - lags
    products = jnp.einsum("ktn,ksn->kts", samples[:, lags:], samples) / size
    flat = jnp.pad(products.reshape(kinds, block * length), ((0, 0), (0, block)))
    return flat.reshape(kinds, block, length + 1).sum(1)[:, lags::-1]
