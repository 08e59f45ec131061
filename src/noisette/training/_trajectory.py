"""Rates of a trial, with a backward pass that forms the gradient of the weights in one product after the time loop.

The forward pass, for t = 1 … T with r_t = σ(x_t), h_t = W r_{t−1} − x_{t−1} and constant signals s_t:

    x_t = x_{t−1} + α ∘ (h_t + V s_t) + n_t

Let y_t = ∂L/∂r_t be the direct sensitivity of the loss to the rates, and λ_t = ∂L/∂x_t the total one. The chain rule,
from the last step to the first, gives

    λ_t = (1 − α) ∘ λ_{t+1} + r_t (1 − r_t) ∘ [y_t + Wᵀ(α ∘ λ_{t+1})],    λ_{T+1} = 0,

    ∂L/∂W = Σ_t (α ∘ λ_t) r_{t−1}ᵀ,    ∂L/∂V = Σ_t (α ∘ λ_t) s_tᵀ,    ∂L/∂α = Σ_t λ_t ∘ (h_t + V s_t),
    ∂L/∂s_t = Vᵀ(α ∘ λ_t),    ∂L/∂n_t = λ_t,    ∂L/∂x_0 = (1 − α) ∘ λ_1 + r_0 (1 − r_0) ∘ Wᵀ(α ∘ λ_1).

Automatic differentiation of the loop adds an outer product of N × K numbers to ∂L/∂W in every step, which is bound by
memory. Keeping all λ_t, of T × N numbers, turns the sum into one matrix product after the loop. Only the recursion of
λ_t stays in the loop, with one product with Wᵀ per step.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.training._loop import compiled_scan


@jax.custom_vjp
def rate_trajectory(
    weights: Float[Array, "N K"],
    outer: Float[Array, "N signals"],
    alpha: Float[Array, " N"],
    signals: Float[Array, "steps signals"],
    noise: Float[Array, "steps N"],
    initial: Float[Array, " N"],
) -> Float[Array, "steps N"]:
    """Return σ(x_1) … σ(x_T) of x ← x + α ∘ (W σ(x) + V s − x) + n.

    Parameters
    ----------
    weights : W, shape (N, K); only the first K units have outgoing weights
    outer : V, weights of the noise channels and inputs
    alpha : α = dt/τ
    signals : s_t, noise of the channels and inputs
    noise : n_t, added to the state in each step
    initial : x_0
    """
    return _forward(weights, outer, alpha, signals, noise, initial)[0]


def _step(constant, carry, increment):
    """Advance x and σ(x) by one step; return also h_t."""
    weights, alpha = constant
    x, rate = carry
    recurrent = weights @ rate[: weights.shape[1]] - x  # h_t, shape (N,)
    x = x + alpha * recurrent + increment
    rate = jax.nn.sigmoid(x)
    return (x, rate), (rate, recurrent)


def _forward(weights, outer, alpha, signals, noise, initial):
    """Return the rates, shape (T, N), and the residuals of the backward pass."""
    drive = signals @ outer.T  # V s_t of all times in one product, shape (T, N)
    first_rate = jax.nn.sigmoid(initial)
    _, (rates, recurrent) = compiled_scan(_step, (weights, alpha), (initial, first_rate), alpha * drive + noise)
    return rates, (weights, outer, alpha, signals, recurrent + drive, rates, first_rate)


def _backward_step(constant, carry, inputs):
    """Return λ_t and Wᵀ(α ∘ λ_t) from those of step t + 1."""
    transposed, alpha = constant  # Wᵀ, shape (K, N)
    later, feedback = carry  # λ_{t+1}, shape (N,), and Wᵀ(α ∘ λ_{t+1}), shape (K,)
    direct, rate = inputs  # y_t and r_t, both of shape (N,)
    columns = len(feedback)
    # The last N − K units have no outgoing weights, hence no feedback.
    silent = direct[columns:]
    sensitivity = jnp.concatenate([direct[:columns] + feedback, silent]) if len(silent) else direct + feedback
    total = (1 - alpha) * later + rate * (1 - rate) * sensitivity  # λ_t
    return (total, transposed @ (alpha * total)), total


def _backward(residuals, direct):
    """Return the gradients of all arguments of `rate_trajectory`, see the docstring of this module."""
    weights, outer, alpha, signals, total_input, rates, first_rate = residuals
    columns = weights.shape[1]
    zeros = jnp.zeros_like(first_rate), jnp.zeros_like(first_rate[:columns])
    # Wᵀ is formed once, outside the loop, so that each step reads it along its rows.
    (first, feedback), totals = compiled_scan(_backward_step, (weights.T, alpha), zeros, (direct, rates), reverse=True)
    weighted = alpha * totals  # α ∘ λ_t, shape (T, N)
    previous = jnp.concatenate([first_rate[None, :columns], rates[:-1, :columns]])  # r_{t−1}, shape (T, K)
    # ∂L/∂W and ∂L/∂V side by side in one product, (N, T) @ (T, K + signals): the matrix product packs its left factor,
    # which costs as much as the multiplication by the few columns of V.
    gradients = weighted.T @ jnp.concatenate([previous, signals], axis=1)
    through_rate = (first_rate * (1 - first_rate)).at[:columns].multiply(feedback).at[columns:].set(0)
    initial = (1 - alpha) * first + through_rate
    return (
        gradients[:, :columns],
        gradients[:, columns:],
        jnp.sum(totals * total_input, 0),
        weighted @ outer,
        totals,
        initial,
    )


rate_trajectory.defvjp(_forward, _backward)
