"""Controls: how a parameter of a view is entered, and which values it may have."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from noisette.errors import InputError, require

Check = Callable[[str], object]


@dataclass(frozen=True)
class Control(ABC):
    """What all controls have: a label, an explanation, a unit and a group.

    Parameters
    ----------
    label : name of the parameter, with its symbol
    help : one sentence about the parameter
    unit : unit of the parameter; empty for numbers without a unit
    group : title of the group of controls
    button : label of a button below the control; empty for none
    press : what the button does: "+1" or "or:v" by parameter, that is, add one, or set to v what is zero
    """

    label: str
    help: str
    unit: str = ""
    group: str = ""
    button: str = ""
    press: tuple[tuple[str, str], ...] = ()

    @abstractmethod
    def read(self, text: str) -> Any:
        """Return the value that a string stands for; raise `InputError` if it stands for none."""

    def write(self, value: Any) -> str:
        """Return the string of a value, from which `read` returns the same value."""
        return str(value)


@dataclass(frozen=True)
class Number(Control):
    """A number in an interval, entered by a slider or in a field.

    Parameters
    ----------
    low, high : ends of the interval, which are allowed
    step : step of the slider; values between the steps are allowed
    whole : whether the value is an integer
    slider : whether there is a slider; a field otherwise
    logarithmic : whether equal distances on the slider are equal factors; the step is then a number of decades

    Examples
    --------
    >>> Number("noise r", "Strength of the noise.", low=0, high=50).read("7.5")
    7.5
    >>> Number("noise r", "Strength of the noise.", low=0, high=50).read("60")
    Traceback (most recent call last):
    noisette.errors.InputError: noise r 60; a number from 0 to 50
    """

    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    whole: bool = False
    slider: bool = True
    logarithmic: bool = False

    def read(self, text: str) -> float | int:
        """Return the number."""
        kind = "an integer" if self.whole else "a number"
        allowed = f"{kind} from {self.low:g} to {self.high:g}"
        try:
            value = float(text)
        except ValueError:
            raise InputError(f"{self.label} {text[:40]!r}; {allowed}") from None
        require(self.low <= value <= self.high, f"{self.label} {text[:40]}", allowed)  # false for NaN
        require(not self.whole or value == math.floor(value), f"{self.label} {text[:40]}", allowed)
        return int(value) if self.whole else value

    def write(self, value: float | int) -> str:
        """Return the shortest string that is read as the same number."""
        return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


@dataclass(frozen=True)
class Choice(Control):
    """One of a few values.

    Parameters
    ----------
    options : values and the words shown for them

    Examples
    --------
    >>> Choice("states", "", options=(("sign", "±1"), ("zero", "0, 1"))).read("one")
    Traceback (most recent call last):
    noisette.errors.InputError: states 'one'; sign, zero
    """

    options: tuple[tuple[str, str], ...] = ()

    def read(self, text: str) -> str:
        """Return the value."""
        known = [value for value, _ in self.options]
        require(text in known, f"{self.label} {text[:40]!r}", ", ".join(known))
        return text


@dataclass(frozen=True)
class Text(Control):
    """A short text, such as a word of the registry.

    Parameters
    ----------
    check : function that raises `InputError` for texts that are not allowed
    longest : number of characters that are allowed
    suggestions : texts that are offered
    upload : whether a file may be uploaded instead
    """

    check: Check = field(default=str, compare=False)
    longest: int = 2000
    suggestions: tuple[str, ...] = ()
    upload: bool = False

    def read(self, text: str) -> str:
        """Return the text, without spaces at its ends."""
        given = text.strip()
        require(
            len(given) <= self.longest, f"{self.label} of {len(given)} characters", f"at most {self.longest} characters"
        )
        self.check(given)
        return given


def seed_control(explanation: str, group: str, button: str = "New sample") -> Number:
    """Return the field of a seed, with a button that increases it by one.

    Parameters
    ----------
    explanation : one sentence about what the seed determines
    group : title of the group of controls
    button : label of the button

    Examples
    --------
    >>> seed_control("Seed of the weights.", "Network").read("3")
    3
    """
    press = (("seed", "+1"),)
    return Number("seed", explanation, "", group, button, press, 0, 2**31, whole=True, slider=False)


__all__ = ["Choice", "Control", "Number", "Text", "seed_control"]
