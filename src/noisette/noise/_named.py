"""Noises by name, as they are typed at the terminal and written in files."""

import math

from noisette.errors import require
from noisette.noise._base import Noise
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.white import Common, White

KINDS = {
    "white": (White, "white:σ"),
    "common": (Common, "common:c"),
    "frozen": (Frozen, "frozen:s"),
    "ou": (OrnsteinUhlenbeck, "ou:s,τ"),
}


def named(text: str) -> Noise | None:
    """Return the noise that `text` names: none, white:σ, common:c, frozen:s, ou:s,τ, or a sum of these with +.

    Parameters
    ----------
    text : name and numbers

    Raises
    ------
    InputError : an unknown name, or numbers that do not fit.

    Examples
    --------
    >>> noise = named("ou:0.5,10")
    >>> float(noise.std), float(noise.tau)
    (0.5, 10.0)
    >>> named("none") is None
    True
    >>> type(named("white:0.1+frozen:1")).__name__
    'Sum'
    """
    if text == "none":
        return None
    first, *others = (_one(part.strip()) for part in text.split("+"))
    for other in others:
        first = first + other
    return first


def _one(text: str) -> Noise:
    name, _, given = text.partition(":")
    forms = ", ".join(["none", *(form for _, form in KINDS.values())])
    require(name in KINDS, f"noise {text!r} is unknown", f"noises are {forms}, and sums with +")
    kind, form = KINDS[name]
    try:
        parts = [float(part) for part in given.split(",")]
    except ValueError:
        parts = []
    require(
        len(parts) == form.count(",") + 1 and all(map(math.isfinite, parts)),
        f"noise {text!r} cannot be read",
        f"the form is {form}",
    )
    return kind(*parts)
