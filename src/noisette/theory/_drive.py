"""Noise as mean-field theory sees it: the autocovariance of what drives each unit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.errors import InputError, require
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, Sum, White

FAINTEST, STRONGEST = 1e-50, 1e50  # noise whose fourth power neither vanishes nor overflows in floating point


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
    strength = float(values[0])
    require(np.isfinite(strength), f"noise strength {strength}", "a finite number")
    representable(strength, f"{kind} noise")
    return strength**2


def representable(strengths: ArrayLike, name: str = "noise") -> None:
    """Refuse strengths whose fourth power, as in products of covariances, vanishes or overflows in floating point."""
    values = np.asarray(strengths, float)
    wrong = values[(values != 0) & ~((values > FAINTEST) & (values < STRONGEST))].ravel()
    require(
        wrong.size == 0,
        f"{name} of strength {wrong[0] if wrong.size else 0:g}",
        f"zero, or from {FAINTEST:g} to {STRONGEST:g}",
        "scale the activation instead: φ(σx)/σ in noise of strength 1 makes the same network",
    )


__all__ = ["Drive", "drive", "representable"]
