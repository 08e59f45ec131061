"""The rates in a trial, with a backward pass that does its large products once, after the loop over time."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@jax.custom_vjp
def trajectory(
    weights: Float[Array, "N K"],
    alpha: Float[Array, " N"],
    drive: Float[Array, "steps N"],
    added: Float[Array, "steps N"],
    start: Float[Array, " N"],
) -> Float[Array, "steps N"]:
    """Return σ(x_1) … σ(x_steps) of x ← x + α (W σ(x) + drive − x) + added; only the first K units are heard."""
    return _forward(weights, alpha, drive, added, start)[0]


def _forward(weights, alpha, drive, added, start):
    heard = weights.shape[1]

    def step(carried, push):
        x, rate = carried
        away = weights @ rate[:heard] - x
        after = x + alpha * away + push
        rate = jax.nn.sigmoid(after)
        return (after, rate), (rate, away)

    first = jax.nn.sigmoid(start)
    _, (rates, away) = jax.lax.scan(step, (start, first), alpha * drive + added)
    return rates, (weights, alpha, drive, rates, away, first)


def _backward(kept, sensitivity):
    weights, alpha, drive, rates, away, first = kept
    heard = weights.shape[1]
    transposed = weights.T

    def step(carried, given):
        later, through = carried  # of the state one step later, and of the rates now through the weights
        here, rate = given
        alone = here[heard:]  # nobody hears these units
        felt = jnp.concatenate([here[:heard] + through, alone]) if len(alone) else here + through
        total = (1 - alpha) * later + rate * (1 - rate) * felt
        return (total, transposed @ (alpha * total)), total

    zeros = jnp.zeros_like(first), jnp.zeros_like(first[:heard])
    (last, through), totals = jax.lax.scan(step, zeros, (sensitivity, rates), reverse=True)
    weighted = alpha * totals
    before = jnp.concatenate([first[None, :heard], rates[:-1, :heard]])
    slope = (first * (1 - first)).at[:heard].multiply(through).at[heard:].set(0)
    return weighted.T @ before, jnp.sum(totals * (away + drive), 0), weighted, totals, (1 - alpha) * last + slope


trajectory.defvjp(_forward, _backward)
