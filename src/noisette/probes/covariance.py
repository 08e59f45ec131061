"""Probe of covariances between units."""

import itertools
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.probes._base import Probe, Variable, original

FEWEST, MOST = 64, 512  # samples in a block
STRIPS = 4  # strips of rows of a large covariance, which are computed up to their diagonal blocks


class Covariance(Probe):
    """Mean and covariance of the units over time, accumulated without recording states.

    .. math:: C_{ij} = \\frac{L}{n-1} \\sum_{k=1}^{n} (y_i^k - \\bar y_i)(y_j^k - \\bar y_j)

    The n samples y are the states at every `every`-th step, and L = 1. With a `window` of several steps, samples are
    means over windows, and L is the duration of a window; for long windows, C is the covariance at zero frequency,
    ∫ C(τ) dτ.

    The results are ``mean``, ``covariance`` and ``second_moment``, which is L ⟨y_i y_j⟩ without subtraction of the
    mean. To combine runs, average ``mean``, m, and ``second_moment`` over runs, and subtract L m mᵀ.

    Samples are gathered in blocks of N/2, at least 64 and at most 512, each of which is added by one matrix product.
    Besides the N² numbers of the covariance, a trial takes the memory of a block.

    Parameters
    ----------
    every : number of steps between samples
    discard : number of steps to discard at the beginning
    window : number of steps of a window, at most `every`
    of : "current" for the state x, or "rate" for φ(x) of networks with rates

    Raises
    ------
    InputError : fewer than two samples, invalid numbers of steps, or rates of a network that has none.

    See Also
    --------
    participation_dimension : The dimension of a given covariance matrix.
    spectral_moments : Traces without bias from samples, for the dimension and the mean square covariance.
    covariance_spectrum : All eigenvalues of a covariance matrix.

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
    of: Literal["current", "rate"] = eqx.field(static=True)

    @check_arguments
    def __init__(self, every: int = 1, discard: int = 0, window: int = 1, of: Literal["current", "rate"] = "current"):
        self.every, self.discard = integer(every, "every", 1), integer(discard, "discard", 0)
        self.window, self.of = integer(window, "window", 1), of
        require(window <= every, f"a window of {window} steps every {every}", "windows that do not overlap")

    def bind(self, networks):
        """Return the probe; raise if it measures rates and the networks have none."""
        lacking = f"{type(original(networks[0])).__name__} has no rates"
        require(self.of == "current" or networks[0].activity is not None, lacking, "current", "use of='current'")
        return self

    def _samples(self, steps: int) -> int:
        """Return the number of samples in a trial."""
        return max(0, (steps - self.discard - self.window) // self.every + 1)

    def init(self, network, steps):
        """Return (duration of a window, sum over a window, mean, sums of products of deviations, block of samples).

        The products are the strips of rows of a matrix, each up to its diagonal block.
        """
        counts = f"{steps} steps, {self.discard} discarded, a sample every {self.every}"
        require(self._samples(steps) >= 2, counts, "a covariance needs two samples", "simulate for longer")
        length = self.window * network.step_length if self.window > 1 else 1.0
        size = network.size
        block = min(max(size // 2, FEWEST), MOST)
        zeros = jnp.zeros(size)
        products = tuple(jnp.zeros((stop - start, stop)) for start, stop in _strips(size))
        return jnp.asarray(length, float), zeros, zeros, products, jnp.zeros((block, size))

    def update(self, record, step):
        """Add the state before the step to the current window, and a complete block to the mean and the products."""
        elapsed = step.time - self.discard
        phase, number = elapsed % self.every, elapsed // self.every
        block = len(record[-1])

        def add(record):
            length, running, mean, products, samples = record
            running = jnp.where(phase == 0, 0.0, running) + self._value(step)
            samples = samples.at[number % block].set(running / self.window)  # overwritten until the window is complete
            is_full = (phase == self.window - 1) & (number % block == block - 1)
            mean, products = jax.lax.cond(
                is_full, lambda: _merged(mean, products, samples, number + 1 - block), lambda: (mean, products)
            )
            return length, running, mean, products, samples

        return jax.lax.cond((elapsed >= 0) & (phase < self.window), add, lambda record: record, record)

    def _value(self, step):
        """Return the state or the rates before the step, shape (N,)."""
        if self.of == "current":
            return step.before
        rate = step.network.activity
        assert rate is not None
        return rate(step.before)

    def result(self, record, steps):
        """Return the mean, the covariance and the second moment."""
        length, _, mean, products, samples = record
        number = self._samples(steps)
        if rest := number % len(samples):
            mean, products = _merged(mean, products, samples[:rest], number - rest)
        size = len(mean)
        lower = jnp.concatenate([jnp.pad(strip, ((0, 0), (0, size - strip.shape[1]))) for strip in products])
        products = jnp.tril(lower) + jnp.tril(lower, -1).T
        covariance = length * products / (number - 1)
        second = length * (products / number + jnp.outer(mean, mean))
        return {"mean": mean, "covariance": covariance, "second_moment": second}

    def describe(self, network, steps):
        """Return the labels, with the indices of the units."""
        units = np.arange(network.size)
        dims: tuple[str, ...] = ("unit", "other_unit")
        is_long = self.window > 1
        unit = network.time_unit if is_long else ""
        attrs = {"units": unit, "samples": str(self._samples(steps))}
        kind = f"{self.of}, {'long-window' if is_long else 'equal-time'}"
        coords = {name: units for name in dims}
        return {
            "mean": Variable(("unit",), {"unit": units}, {"long_name": f"mean {self.of}", "units": ""}),
            "covariance": Variable(dims, coords, {"long_name": f"covariance of the {kind}", **attrs}),
            "second_moment": Variable(dims, coords, {"long_name": f"second moment of the {kind}", **attrs}),
        }


def _strips(size: int) -> list[tuple[int, int]]:
    """Return the first and the last row, exclusive, of each strip of a matrix."""
    number = STRIPS if size >= STRIPS * FEWEST else 1
    edges = [round(i * size / number) for i in range(number + 1)]
    return list(itertools.pairwise(edges))


Strips = tuple[Array, ...]  # each of shape (…, rows, columns)


def _merged(
    mean: Float[Array, " N"], products: Strips, samples: Float[Array, "block N"], number: int | Int[Array, ""]
) -> tuple[Float[Array, " N"], Strips]:
    """Return the mean and the sums of products of deviations after a block of samples is added.

    With means m of the n earlier samples and m' of the n' samples of the block, the products increase by those of the
    deviations from m' and by n n'/(n + n') (m' − m)(m' − m)ᵀ, which avoids cancellation.

    References
    ----------
    Chan, Golub & LeVeque (1983), The American Statistician 37:242.
    """
    added, block_mean = len(samples), samples.mean(0)
    shift = block_mean - mean
    mean = mean + shift * (added / (number + added))
    rows = jnp.concatenate([samples - block_mean, (shift * jnp.sqrt(number * added / (number + added)))[None]])
    every = _with_products(tuple(strip[None] for strip in products), rows[None])
    return mean, tuple(strip[0] for strip in every)


@jax.custom_batching.custom_vmap
def _with_products(products: Strips, rows: Float[Array, "trials rows N"]) -> Strips:
    """Return RᵀR added to the products of each trial.

    Trials are processed one after the other, in place: the products of all trials would not fit into the cache, and a
    product of stacked matrices would need as much memory again.
    """
    strips = _strips(rows.shape[-1])

    def add(trial, products):
        transposed = rows[trial].T
        return tuple(
            strip.at[trial].add(transposed[start:stop] @ rows[trial, :, :stop])
            for strip, (start, stop) in zip(products, strips, strict=True)
        )

    return jax.lax.fori_loop(0, len(rows), add, products)


@_with_products.def_vmap
def _with_products_of_a_batch(size: int, batched: Any, products: Strips, rows: Array) -> tuple[Strips, tuple]:
    """Combine the batch axis with that of the trials."""

    def whole(array: Array, is_batched: bool) -> Array:
        return array if is_batched else jnp.broadcast_to(array, (size, *array.shape))

    arrays = jax.tree.map(whole, (products, rows), tuple(batched))
    merged = _with_products(*jax.tree.map(lambda array: array.reshape(-1, *array.shape[2:]), arrays))
    return jax.tree.map(lambda new, old: new.reshape(old.shape), merged, arrays[0]), (True,) * len(products)
