"""The two criteria for correct outputs: threshold and strict."""

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Score = Literal["threshold", "strict"]
#: Rules by which the answer of a trial is correct, by name.
SCORES: dict[Score, str] = {
    "threshold": "the scored output exceeds 0.7 of its target at least once, or stays below 0.3 if the target is 0",
    "strict": "the mean output over the response window is closer to its target than to that of any other condition",
}
REACHED = 0.7
SILENT = 0.3
SAME = 1e-3  # targets that differ by less are considered equal


@jax.jit
def is_correct(
    outputs: Float[Array, "time outputs"],
    target: Float[Array, "time outputs"],
    mask: Float[Array, " time"],
    scored: Bool[Array, " time"],
    targets: Float[Array, "conditions outputs"] | None,
) -> Bool[Array, ""]:
    """Return whether outputs are correct: by the nearest target if `targets` is given, otherwise by threshold."""
    window = mask > 0
    mean_target = mean_within(target, window).astype(outputs.dtype)
    if targets is None:
        return reached(outputs, mean_target, scored)
    return nearest(mean_within(outputs, window), mean_target, targets.astype(outputs.dtype))


def mean_within(values: Float[Array, "time outputs"], window: Bool[Array, " time"]) -> Float[Array, " outputs"]:
    """Return the mean over the steps within a window, shape (outputs,); NaN if the window is empty."""
    inside = jnp.where(window[:, None], values, 0)
    return inside.sum(axis=0) / window.sum().astype(values.dtype)


def reached(
    outputs: Float[Array, "time outputs"], target: Float[Array, " outputs"], window: Bool[Array, " time"]
) -> Bool[Array, ""]:
    """Return whether every output exceeds 0.7 of its target once, or stays below 0.3 if the target is zero.

    .. math::
       \\max_{t} \\, \\mathrm{sign}(z) \\, o_t > 0.7 \\, |z| \\quad (z \\neq 0), \\qquad
       \\max_{t} |o_t| < 0.3 \\quad (z = 0)

    Examples
    --------
    >>> oscillating = jnp.asarray([[-5.0], [0.0], [0.8]])
    >>> bool(reached(oscillating, jnp.ones(1), jnp.ones(3, bool)))
    True
    """
    lowest = jnp.asarray(-jnp.inf, outputs.dtype)
    towards = jnp.where(window[:, None], jnp.sign(target) * outputs, lowest).max(axis=0)
    away = jnp.where(window[:, None], jnp.abs(outputs), 0).max(axis=0)
    size = jnp.abs(target)
    return jnp.where(size > SAME, towards > REACHED * size, away < SILENT).all()


def nearest(
    mean: Float[Array, " outputs"], target: Float[Array, " outputs"], others: Float[Array, "conditions outputs"]
) -> Bool[Array, ""]:
    """Return whether a mean output is closer to its target than to every other target.

    If no other target differs, return whether each output is within 0.5 of its target.

    Examples
    --------
    >>> signs = jnp.asarray([[1.0], [-1.0]])
    >>> [bool(nearest(jnp.asarray([mean]), signs[0], signs)) for mean in (0.01, 0.0, -0.01)]
    [True, False, False]
    """
    different = (jnp.abs(others - target) > SAME).any(axis=1)
    # Equivalent to |m − z|² < |m − z'|², but without the term |m|², which would cause cancellation for small m.
    nearer = 2 * (target - others) @ mean > (target**2).sum() - (others**2).sum(axis=1)
    within = (jnp.abs(mean - target) < 0.5).all()
    return jnp.where(different.any(), jnp.where(different, nearer, True).all(), within)
