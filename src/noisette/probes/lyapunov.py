"""Probes of chaos: tangent vectors, and two orbits side by side."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import require
from noisette.probes._base import Probe, Variable


def _length(network) -> jax.Array:
    return jnp.asarray(getattr(network, "dt", 1.0), float)


def _followed(networks, name: str) -> None:
    require(
        not hasattr(networks[0], "flip"),
        f"{name} of a {type(networks[0]).__name__}",
        "they need states that vary continuously",
    )
    require(
        hasattr(networks[0], "step"),
        f"{name} with a solver that chooses its own steps",
        "it follows the map of one step",
        "use euler or heun",
    )


class Lyapunov(Probe):
    """The k largest Lyapunov exponents, from tangent vectors carried by the network's own step.

    .. math:: V(t + dt) = DM_t\\, V(t), \\qquad V = QR \\text{ every few steps}, \\qquad
       \\lambda_i = \\frac{1}{T} \\sum \\ln |R_{ii}|

    The derivative of the step is exact (forward differentiation), so there is no separation to choose and no
    rounding to fear. Additive noise enters through the states that it leads to. In discrete time the unit is a
    step.

    Parameters
    ----------
    k : number of exponents, at most the number of units
    every : steps between two orthonormalisations
    discard : time before counting begins, in the network's unit of time

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0]])  # decays at rate 1; a step of Euler by ln(1 − dt)/dt
    >>> found = nz.simulate(network, duration=10, dt=0.1, probes=nz.Lyapunov(), key=jax.random.key(0))
    >>> round(float(found.lyapunov[0, 0]), 4)
    -1.0536

    References
    ----------
    Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15:9; Engelken, Wolf & Abbott (2023), Physical
    Review Research 5:043044.
    """

    k: int = eqx.field(static=True, default=1)
    every: int = eqx.field(static=True, default=10)
    discard: float = eqx.field(static=True, default=0.0)

    def bind(self, networks):
        """Check k and that steps can be differentiated."""
        size = networks[0].size
        require(1 <= self.k <= size, f"{self.k} exponents", f"between 1 and the number of units, {size}")
        require(self.every >= 1, f"every {self.every}", "at least one step")
        require(self.discard >= 0, f"discard {self.discard:g}", "a time of zero or more")
        _followed(networks, "Lyapunov exponents")
        return self

    def init(self, network, steps):
        """Return orthonormal tangent vectors (rows), sums of logarithms and the length of a step."""
        start = np.random.default_rng(0).standard_normal((network.size, self.k))
        tangents = jnp.asarray(np.linalg.qr(start)[0].T)
        return tangents, jnp.zeros(self.k), jnp.zeros(()), _length(network)

    def update(self, record, step):
        """Carry the tangents through the step; orthonormalise and count every few steps."""
        tangents, sums, counted, dt = record

        def advance(units):
            return step.network.step(step.state._replace(units=units), step.time, key=step.key).units

        def carry(tangent):
            return jax.jvp(advance, (step.before,), (tangent,))[1]

        tangents = carry(tangents[0])[None] if self.k == 1 else jax.vmap(carry)(tangents)

        def orthonormal(tangents, sums, counted):
            if self.k == 1:
                sizes = jnp.linalg.norm(tangents)[None]
                tangents = tangents / sizes
            else:
                q, r = jnp.linalg.qr(tangents.T)
                tangents, sizes = q.T, jnp.abs(jnp.diag(r))
            heard = (step.time + 1 - self.every) * dt >= self.discard * (1 - 1e-9) - 1e-12
            return tangents, sums + heard * jnp.log(sizes), counted + heard * self.every

        due = (step.time + 1) % self.every == 0
        found = jax.lax.cond(due, orthonormal, lambda *same: same, tangents, sums, counted)
        return *found, dt

    def result(self, record, steps):
        """Return the exponents, in descending order but for sampling."""
        _, sums, counted, dt = record
        return {"lyapunov": sums / (counted * dt)}  # NaN where nothing was counted

    def describe(self, network, steps):
        """Label the exponents."""
        attrs = {"long_name": "Lyapunov exponents", "units": "1/tau" if hasattr(network, "dt") else "1/step"}
        return {"lyapunov": Variable(("exponent",), {"exponent": np.arange(self.k)}, attrs)}


class Separation(Probe):
    """The largest Lyapunov exponent from two orbits a small distance δ apart, rescaled at every step.

    .. math:: \\lambda = \\frac{1}{T} \\sum_t \\ln \\frac{|y(t) - x(t)|}{\\delta}

    This is the orbit separation of the literature, for comparison: in float32 with δ = 1e-5 it is off by tenths,
    in float64 it agrees with `Lyapunov`.

    Parameters
    ----------
    delta : δ, Euclidean distance
    discard : time before counting begins

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0]])
    >>> found = nz.simulate(network, duration=10, dt=0.1, probes=nz.Separation(), key=jax.random.key(0))
    >>> round(float(found.separation[0]), 4)
    -1.0536

    References
    ----------
    Sprott (2003), Chaos and Time-Series Analysis; Huang & Huang (2025), Appendix A.
    """

    delta: float = eqx.field(static=True, default=1e-5)
    discard: float = eqx.field(static=True, default=0.0)

    def bind(self, networks):
        """Check the distance."""
        require(self.delta > 0 and math.isfinite(self.delta), f"delta {self.delta:g}", "a distance above zero")
        _followed(networks, "separations of orbits")
        return self

    def init(self, network, steps):
        """Return the separation, the sum of logarithms, the steps counted and their length."""
        start = np.random.default_rng(0).standard_normal(network.size)
        return jnp.asarray(start / np.linalg.norm(start) * self.delta), jnp.zeros(2), _length(network)

    def update(self, record, step):
        """Advance the other orbit in the same noise, measure, rescale."""
        apart, sums, dt = record
        beside = step.state._replace(units=step.before + apart)
        apart = step.network.step(beside, step.time, key=step.key).units - step.after
        distance = jnp.linalg.norm(apart)
        heard = step.time * dt >= self.discard * (1 - 1e-9) - 1e-12
        sums = sums + heard * jnp.stack([jnp.log(distance / self.delta), jnp.ones(())])
        return apart * self.delta / distance, sums, dt

    def result(self, record, steps):
        """Return the exponent."""
        _, (total, counted), dt = record
        return {"separation": total / (counted * dt)}

    def describe(self, network, steps):
        """Label the exponent."""
        units = "1/tau" if hasattr(network, "dt") else "1/step"
        return {"separation": Variable((), {}, {"long_name": "exponent of orbit separation", "units": units})}
