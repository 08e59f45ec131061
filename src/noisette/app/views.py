"""Views: everything that determines what a page shows, as one immutable value, which is also the page's address."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

from noisette.app.controls import Control
from noisette.errors import InputError

AnyView = TypeVar("AnyView", bound="View")
LONGEST = 8000  # characters of an address


class InvalidView(InputError):
    """Exception for an address with values that are not allowed.

    Parameters
    ----------
    errors : message for each parameter
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def parameter(default: Any, control: Control) -> Any:
    """Return the field of a view with a default value and a control.

    Parameters
    ----------
    default : value of the parameter where an address does not state it
    control : control by which the parameter is entered
    """
    return field(default=default, metadata={"control": control})


@dataclass(frozen=True)
class View:
    """What a page shows: one field for each control.

    A subclass has a `page`, the name of its page, and fields that are made by `parameter`.

    Examples
    --------
    >>> from noisette.app.controls import Number
    >>> @dataclass(frozen=True)
    ... class Gain(View):
    ...     page = "gain"
    ...     gain: float = parameter(1.0, Number("gain g", "Gain of the units.", low=0, high=4))
    >>> Gain(2.5).address()
    '/gain?gain=2.5'
    >>> Gain.read("gain=2.5") == Gain(2.5)
    True
    """

    page: ClassVar[str] = ""

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """Return the controls of all parameters by name."""
        return {entry.name: _control(entry) for entry in fields(cls)}

    @classmethod
    def read(cls: type[AnyView], query: str | Mapping[str, str]) -> AnyView:
        """Return the view of an address.

        Parameters
        ----------
        query : the part of the address behind the question mark, or the texts of the parameters by name

        Raises
        ------
        InvalidView : If a parameter is unknown, or has a value that is not allowed.
        """
        if isinstance(query, str) and len(query) > LONGEST:
            raise InvalidView({"": f"an address of {len(query)} characters; at most {LONGEST}"})
        texts = query if isinstance(query, Mapping) else dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
        controls = cls.controls()
        known = ", ".join(controls)
        errors = {n: f"unknown parameter {n[:40]!r}; parameters are {known}" for n in texts if n not in controls}
        values: dict[str, Any] = {}
        for name, text in texts.items():
            if name in controls:
                try:
                    values[name] = controls[name].read(text)
                except InputError as error:
                    errors[name] = str(error)
        if not errors:
            view = cls(**values)
            errors = view.conflicts()
            if not errors:
                return view
        raise InvalidView(errors)

    def conflicts(self) -> dict[str, str]:
        """Return messages about values that are allowed by themselves but not together, by parameter."""
        return {}

    def texts(self) -> dict[str, str]:
        """Return the texts of all parameters by name."""
        return {name: control.write(getattr(self, name)) for name, control in self.controls().items()}

    def address(self) -> str:
        """Return the address of the view, with all parameters."""
        return f"/{self.page}?{urlencode(self.texts())}"

    def but(self: AnyView, **changes: Any) -> AnyView:
        """Return the view with other values of some parameters."""
        return replace(self, **changes)


def _control(entry: Field[Any]) -> Control:
    return entry.metadata["control"]


__all__ = ["InvalidView", "View", "parameter"]
