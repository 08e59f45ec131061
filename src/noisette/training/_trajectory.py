"""The rates in a trial, with a backward pass that does its large products once, after the loop over time."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.training._loop import loop


@jax.custom_vjp
def trajectory(
    weights: Float[Array, "N K"],
    outer: Float[Array, "N signals"],
    alpha: Float[Array, " N"],
    signals: Float[Array, "steps signals"],
    added: Float[Array, "steps N"],
    start: Float[Array, " N"],
) -> Float[Array, "steps N"]:
    """Return σ(x_1) … σ(x_steps) of x ← x + α (W σ(x) + V s − x) + added; only the first K units are heard."""
    return _forward(weights, outer, alpha, signals, added, start)[0]


def _onward(constant, carried, push):
    weights, alpha = constant
    x, rate = carried
    away = weights @ rate[: weights.shape[1]] - x
    after = x + alpha * away + push
    rate = jax.nn.sigmoid(after)
    return (after, rate), (rate, away)


def _forward(weights, outer, alpha, signals, added, start):
    drive = signals @ outer.T
    first = jax.nn.sigmoid(start)
    _, (rates, away) = loop(_onward, (weights, alpha), (start, first), alpha * drive + added)
    return rates, (weights, outer, alpha, signals, away + drive, rates, first)


def _back(constant, carried, given):
    transposed, alpha = constant
    later, through = carried  # of the state one step later, and of the rates now through the weights
    here, rate = given
    heard = len(through)
    alone = here[heard:]  # nobody hears these units
    felt = jnp.concatenate([here[:heard] + through, alone]) if len(alone) else here + through
    total = (1 - alpha) * later + rate * (1 - rate) * felt
    return (total, transposed @ (alpha * total)), total


def _backward(kept, sensitivity):
    weights, outer, alpha, signals, inward, rates, first = kept
    heard = weights.shape[1]
    zeros = jnp.zeros_like(first), jnp.zeros_like(first[:heard])
    (last, through), totals = loop(_back, (weights.T, alpha), zeros, (sensitivity, rates), reverse=True)
    weighted = alpha * totals
    before = jnp.concatenate([first[None, :heard], rates[:-1, :heard]])
    both = weighted.T @ jnp.concatenate([before, signals], axis=1)  # one product, since packing costs as much
    slope = (first * (1 - first)).at[:heard].multiply(through).at[heard:].set(0)
    to_start = (1 - alpha) * last + slope
    return both[:, :heard], both[:, heard:], jnp.sum(totals * inward, 0), weighted @ outer, totals, to_start


trajectory.defvjp(_forward, _backward)
