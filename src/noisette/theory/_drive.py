"""Noise as mean-field theory sees it: the autocovariance of what drives each unit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.errors import InputError, require
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, Sum, White

FAINTEST = 1e-50  # noise whose fourth power would vanish in floating point


class Drive(NamedTuple):
    """⟨ξ(t) ξ(t+τ)⟩ = white · δ(τ) + Σ s² e^(−|τ|/τ_c) + frozen, independent for every unit.

    Attributes
    ----------
    white : σ²; coloured : pairs (s², τ_c); frozen : s²
    """

    white: float = 0.0
    coloured: tuple[tuple[float, float], ...] = ()
    frozen: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether there is no noise at all."""
        return self == Drive()

    @property
    def static(self) -> bool:
        """Whether nothing but frozen noise is there."""
        return self.frozen > 0 and self.white == 0 and not self.coloured

    def __add__(self, other: "Drive") -> "Drive":  # type: ignore[override]
        return Drive(self.white + other.white, self.coloured + other.coloured, self.frozen + other.frozen)


def drive(noise: Noise | None) -> Drive:
    """Return the autocovariance of a noise that is independent and alike for all units.

    Raises
    ------
    InputError : noise shared by units, different for different units, or that changes in time.
    """
    if noise is None:
        return Drive()
    if isinstance(noise, Sum):
        return sum((drive(part) for part in noise.parts), Drive())
    if isinstance(noise, White):
        return Drive(white=_square(noise.strength, "white"))
    if isinstance(noise, Frozen):
        return Drive(frozen=_square(noise.std, "frozen"))
    if isinstance(noise, OrnsteinUhlenbeck):
        square = _square(noise.std, "Ornstein–Uhlenbeck")
        return Drive(coloured=((square, float(noise.tau)),)) if square else Drive()
    raise InputError(
        f"{type(noise).__name__} noise; mean-field theory takes White, OrnsteinUhlenbeck, Frozen and their sums; "
        "simulate it"
    )


def _square(strength: object, kind: str) -> float:
    values = np.asarray(strength, float).ravel()
    require(
        bool((values == values[0]).all()),
        f"{kind} noise with {values.size} strengths",
        "mean-field units are all alike",
    )
    require(bool(np.isfinite(values[0])), f"noise strength {values[0]}", "a finite number")
    refuse_faint(values[0])
    return float(values[0]) ** 2


def refuse_faint(strengths: ArrayLike) -> None:
    """Refuse noise so weak that products of covariances vanish in floating point."""
    values = np.asarray(strengths, float)
    faint = values[(values > 0) & (values <= FAINTEST)]
    require(
        faint.size == 0,
        f"noise strength {faint.min(initial=np.inf):g}",
        f"zero, or above {FAINTEST:g}, whose fourth power is left in floating point",
        "weak noise leaves a network linear: take a stronger one and scale variances by its square",
    )


__all__ = ["Drive", "drive", "refuse_faint"]
