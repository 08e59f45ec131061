"""Replay of recorded paths: increments between any two times, and values at any time."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from noisette.noise._base import Noise, Time
from noisette.noise._bridges import PARTS, Position, bridge, brownian_midpoint, position, relaxing_midpoint
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.random_numbers import fold_in

Kind = Literal["path", "values", "steps"]


class RecordedPath(NamedTuple):
    """Data of a single recorded path.

    Attributes
    ----------
    kind : "path" for increments of a Brownian path, "values" for values of a Markov process at the beginning of each
        step and at the end, "steps" for increments without refinement
    data : increments or values, shape (rows, N)
    dt : length of a recorded step
    key : key of the refinement
    law : law of the noise; None if it is unknown
    stride : number of recorded steps per step of the simulation; None if it is unknown or not whole
    """

    kind: Kind
    data: Float[Array, "rows N"]
    dt: Float[Array, ""]
    key: Array
    law: Noise | None
    stride: int | None = None

    def increment(self, time: Time, dt: Time) -> Float[Array, " N"]:
        """Return the integral of the noise from `time` to `time` + `dt`; NaN after the end of the record."""
        if self.stride is not None:
            rows = self._rows(jnp.round(time / self.dt).astype(int), self.stride)
            return rows * self.dt if self.kind == "values" else rows
        first, last = position(time, self.dt), position(time + dt, self.dt)
        # a conditional, because a step of the recorded length reads a single row and the other branch has loops
        if self.kind == "values":
            at_once = last.step * PARTS + last.offset <= (first.step + 1) * PARTS + first.offset
            return jax.lax.cond(at_once, lambda: self._value(first) * dt, lambda: self._integral(first, last))
        at_once = (first.offset == 0) & (last.offset == 0) & (last.step == first.step + 1)
        return jax.lax.cond(at_once, lambda: self._row(first.step), lambda: self._difference(first, last))

    def value(self, time: Time) -> Float[Array, " N"]:
        """Return the value of coloured noise at a time; NaN after the end of the record."""
        at = position(time, self.dt)
        return self._value(at) if self.kind == "values" else self._row(at.step) / self.dt

    @property
    def _zero(self) -> Array:
        return jnp.zeros(self.data.shape[-1], self.data.dtype)

    def _row(self, index: Int[Array, ""]) -> Array:
        """Return a row of the data, shape (N,); NaN beyond its end."""
        row = jax.lax.dynamic_index_in_dim(self.data, index, keepdims=False)
        return jnp.where(index < self.data.shape[0], row, jnp.nan)

    def _rows(self, index: Int[Array, ""], number: int) -> Array:
        """Return the sum of a fixed number of rows, shape (N,); NaN beyond the end."""
        total = jax.lax.dynamic_slice_in_dim(self.data, index, number).sum(0) if number > 1 else self._row(index)
        return jnp.where(index + number <= self.data.shape[0], total, jnp.nan)

    def _sum(self, first: Position, last: Position) -> Array:
        """Return the sum of the rows of the recorded steps from one position to another, shape (N,)."""
        return jax.lax.fori_loop(first.step, last.step, lambda n, total: total + self._row(n), self._zero)

    def _difference(self, first: Position, last: Position) -> Array:
        """Return W(last) − W(first): the whole recorded steps, and the parts of the first and of the last one."""
        return self._sum(first, last) + self._part(last) - self._part(first)

    def _part(self, at: Position) -> Array:
        """Return the increment of the path from the beginning of a recorded step to an offset within it."""
        if self.kind == "steps":
            return jnp.where(at.offset == 0, self._zero, jnp.nan)
        assert self.law is not None
        return self._between(self._zero, self._row(at.step), at, brownian_midpoint(self.law, self.data.shape[-1]))

    def _value(self, at: Position) -> Array:
        """Return the value of Ornstein–Uhlenbeck or frozen noise at a position."""
        assert isinstance(self.law, OrnsteinUhlenbeck | Frozen)
        tau = self.law.tau if isinstance(self.law, OrnsteinUhlenbeck) else jnp.inf
        midpoint = relaxing_midpoint(self.law.std, tau, self.data.shape[-1])
        return self._between(self._row(at.step), self._row(at.step + 1), at, midpoint)

    def _between(self, left: Array, right: Array, at: Position, midpoint: Callable[..., Array]) -> Array:
        """Return the value within a recorded step, given the values at both ends."""
        return bridge(left, right, at.offset, self.dt, midpoint, fold_in(self.key, at.step))

    def _integral(self, first: Position, last: Position) -> Array:
        """Return the integral of the values, held constant during each recorded step, between two positions."""
        part = lambda at: jnp.where(at.offset > 0, self._row(at.step) * (at.offset / PARTS), 0.0)  # noqa: E731
        return self.dt * (self._sum(first, last) + part(last) - part(first))
