"""Conversion of a TOML document to a study; all names are checked, and error messages contain the line number."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from noisette.analysis import measures
from noisette.disk import check_folder_name
from noisette.errors import InputError
from noisette.keys import LARGEST_SEED
from noisette.limits import require_steps
from noisette.networks import Network, parameters_of
from noisette.registry import words
from noisette.simulation._options import keywords
from noisette.studies import Study
from noisette.studies._conditions import rule
from noisette.studies._grid import MOST_CELLS, Axis
from noisette.study_files._document import Document, Place
from noisette.study_files._plan import (
    POPULATIONS,
    build_network,
    build_populations,
    check_parameter,
    check_probe,
    fill,
    kind_of_network,
    measured,
    texts,
)
from noisette.study_files._values import MOST, read_values

OPTIONS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "seed": (int, "an integer"),
    "repeats": (int, "an integer"),
    "where": ((str, list), "a condition, or a list of conditions"),
    "shared": (list, "a list of coordinates"),
    "allow_nan": (bool, "true or false"),
}
TOP = ("name", *OPTIONS, "network", "measure", "grid")
# numerical options of the registered measures, and parameters and options in the unit of time of the network
NUMBERS = ("duration", "discard", "dt", "steps", "runs", "exponents", "amplitude", "threshold")
TIMES = ("tau", "duration", "discard", "dt", "period", "correlation_time")
PROBES_FORM = "probes and their arguments: { Lyapunov = { exponents = 2 }, Speed = {} }"


class StudyFile:
    """A study file, parsed into its document, plan and grid.

    Parameters
    ----------
    file : TOML file
    code : whether the points of the study may name code

    Raises
    ------
    InputError : If the file is invalid; the message contains the line, key and value, and what is allowed.
    """

    def __init__(self, file: Path, code: bool = True):
        self.document = Document(file)
        self._check_top()
        self.plan: dict[str, Any] = {name: self.document.table(name) for name in ("network", "measure")}
        self.coordinates = _flat(self.document.table("grid"))
        self._check_network()
        self._check_measure()
        if not code:  # a point may combine placeholders to a name that reading the file has not imported
            self.plan["code"] = False

    def study(self) -> Study:
        """Return the study, after checking the values of the grid."""
        grid, places, lines = {}, {}, {}
        for axis, values in self.coordinates.items():
            name, place = self._target(axis)
            self._check(self._place_of(axis), values, partial(read_values, values))
            grid[name], places[name], lines[name] = read_values(values), place, self._place_of(axis)
            self._check(lines[name], values, partial(Axis.read, name, grid[name]))
        network = self._check_grid(grid, places, lines)
        self._check_points(grid)
        unit = network.time_unit if isinstance(network, Network) else "tau" if self.of_populations else ""
        units = {name: unit for name, place in places.items() if place is not None and place[1] in TIMES}
        options = {key: self.document.values[key] for key in OPTIONS if key in self.document.values}
        fixed = {"plan": self.plan, "places": places, "seed": options.get("seed", 0)}
        try:
            return Study(self.name, measured, grid, fixed, units=units, **options)
        except InputError as error:
            raise InputError(f"{self.document.file.name}: {error}") from None
        except TypeError as error:
            message = f"{self.document.file.name}: {error}; see the types of `noisette.studies.Study`"
            raise InputError(message) from error

    def _check(self, place: Place, value: Any, check: Callable[[], Any]) -> Any:
        """Return the result of a check, and add the line of the value to its error."""
        try:
            return check()
        except InputError as error:
            message = str(error).removeprefix(f"name {value!r}; ").removeprefix(f"condition {value!r} ")
            raise self.document.error(place, value, message) from None

    @property
    def name(self) -> str:
        """The name of the study; by default that of the file."""
        return self.document.values.get("name", self.document.file.stem)

    def _check_points(self, grid: dict[str, list[Any]]) -> None:
        """Raise `InputError` for too many points, unknown shared coordinates, and invalid conditions."""
        where, repeats = self.document.values.get("where", []), self.document.values.get("repeats")
        names = [*grid, *([] if repeats is None else ["repeat"])]
        points = math.prod(map(len, grid.values())) * (repeats or 1)
        if points > MOST_CELLS:
            raise self.document.error(("grid",), None, f"{points:,} points; at most {MOST_CELLS:,}; split the study")
        for name in self.document.values.get("shared", []):
            if name not in names:
                raise self.document.error(("shared",), name, f"one of the coordinates {', '.join(names)}")
        for condition in where if isinstance(where, list) else [where]:
            if not isinstance(condition, str):
                raise self.document.error(("where",), condition, OPTIONS["where"][1])
            holds = self._check(("where",), condition, partial(rule, condition, names))
            for place, repeat in ((0, 0), (-1, (repeats or 1) - 1)):
                point = {name: values[place] for name, values in grid.items()} | {"repeat": repeat}
                self._check(("where",), condition, partial(holds, {name: point[name] for name in names}))

    def _check_kind(self, section: str, kind: Any) -> None:
        if not isinstance(kind, str):
            known = f"one of {', '.join(words(section + 's'))}, or MODULE:NAME of your own"
            raise self.document.error((section, "kind"), kind, known)

    def _check_top(self) -> None:
        types = {"name": (str, "a string"), **OPTIONS}
        for key, value in self.document.values.items():
            if key not in TOP:
                raise self.document.error((key,), None, f"unknown; keys are {', '.join(TOP)}")
            if key in types:
                allowed, description = types[key]
                if not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool):
                    raise self.document.error((key,), value, description)
        self._check(("name",), self.name, partial(check_folder_name, self.name))
        for key, least, most in (("repeats", 1, MOST), ("seed", 0, LARGEST_SEED)):
            number = self.document.values.get(key, least)
            if not least <= number <= most:
                raise self.document.error((key,), number, f"an integer of at least {least} and at most {most}")

    def _check_network(self) -> None:
        """Raise `InputError` if the network is unknown, keys or values are invalid, or a required key is missing."""
        network = self.plan["network"]
        self._check_kind("network", network.get("kind", ""))
        kind = kind_of_network(self.plan)
        parameters = self._check(("network", "kind"), kind, lambda: parameters_of(kind))
        self.parameters = [name for name in parameters if name != "key"]
        for name, value in network.items():
            if name == "kind":
                continue
            if name not in self.parameters and not _takes_any_keyword(parameters.values()):
                known = f"the keys of a {kind} network are {', '.join(self.parameters) or '(none)'}"
                raise self.document.error(("network", name), value, known)
            if not _has_placeholder(value):
                self._check(("network", name), value, partial(check_parameter, kind, name, value))
        self.of_populations = kind == POPULATIONS
        if self.of_populations and not {"sizes", "weights"} & {*network, *self._axes()}:
            example = "for example sizes = [400, 100]"
            raise self.document.error(("network",), None, f"sizes or weights are missing; {example}")
        self.required = [name for name in self.parameters if _is_required(parameters[name])]
        for name in self.required:
            if name not in {*network, *self._axes()}:
                example = (
                    'for example weights = "gaussian:200"' if name == "weights" else f"a {kind} network requires it"
                )
                raise self.document.error(("network",), None, f"{name} is missing; {example}")

    def _axes(self) -> list[str]:
        """Return the coordinates, without the name of the section of the network."""
        return [name.removeprefix("network.") for name in self.coordinates]

    def _check_measure(self) -> None:
        """Raise `InputError` if the measure is unknown, or its options or probes are invalid."""
        options = dict(self.plan["measure"])
        kind = options.pop("kind", None)
        self._check_kind("measure", kind)
        measure = self._check(("measure", "kind"), kind, lambda: measures.from_string(kind))
        self.takes_populations = measures.takes_populations(measure)
        if self.takes_populations and not self.of_populations:
            known = f'a network of the kind "{POPULATIONS}", not "{kind_of_network(self.plan)}", in [network]'
            raise self.document.error(("measure", "kind"), kind, known)
        self.options = measures.options_of(measure)
        for name, value in options.items():
            if name not in self.options and not _takes_any_keyword(keywords(measure).values()):
                known = f"measure {kind} has no option {name!r}; its options are {', '.join(self.options) or '(none)'}"
                raise self.document.error(("measure", name), value, known)
        if ":" not in kind:
            self._check_numbers(options)
        if kind == "simulate":
            probes = options.get("probes")
            if not isinstance(probes, dict) or not probes:
                raise self.document.error(("measure", "probes"), probes, PROBES_FORM)
            for name, arguments in probes.items():
                if not _has_placeholder(arguments):
                    self._check(("measure", "probes", name), arguments, partial(check_probe, name, arguments))

    def _check_numbers(self, options: dict[str, Any]) -> None:
        """Raise `InputError` for numerical options of a measure that are no numbers, and for too many steps."""
        numbers = {name: options[name] for name in NUMBERS if name in options and not _has_placeholder(options[name])}
        for name, value in numbers.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and 0 <= value < math.inf) and (name, value) != ("dt", "auto"):
                raise self.document.error(("measure", name), value, "a number, zero or positive")
        if isinstance(dt := numbers.get("dt"), int | float) and (duration := numbers.get("duration")) is not None:
            if dt == 0:
                raise self.document.error(("measure", "dt"), dt, "a number above zero, or auto")
            what = f"duration {duration:g} in steps of {dt:g}"
            steps = partial(require_steps, int(min(duration / dt, 1e300)), what)
            self._check(("measure", "dt"), dt, steps)

    def _place_of(self, axis: str) -> Place:
        quoted = ("grid", axis)
        return quoted if quoted in self.document.lines else ("grid", *axis.split("."))

    def _target(self, axis: str) -> tuple[str, tuple[str, str] | None]:
        """Return the name of a coordinate, and the section and key that it sets; None for a placeholder in braces."""
        if any(f"{{{axis}}}" in text for text in texts(self.plan)):
            return axis, None
        keys = {"network": self.parameters, "measure": self.options}
        section, dot, key = axis.rpartition(".")
        key = key if dot else axis
        sections = [name for name in keys if key in keys[name] and (not dot or name == section)]
        if len(sections) != 1:
            known = ", ".join([*self.parameters, *self.options])
            allowed = (
                f"it is ambiguous: measure.{key} or network.{key}"
                if sections
                else f"it is not used: a placeholder {{{axis}}} in the file, or one of {known}"
            )
            raise self.document.error(self._place_of(axis), None, allowed)
        return key, (sections[0], key)

    def _check_grid(self, grid: dict[str, list[Any]], places: dict[str, Any], lines: dict[str, Place]) -> Any:
        """Return the network of the first point, after building those along each coordinate, whose errors occur now."""
        if not grid:
            raise self.document.error(("grid",), None, "at least one coordinate")
        start = {name: values[0] for name, values in grid.items()}
        if not self.of_populations:
            self._check_axes(grid, places, lines, {})
        plan = fill(self.plan, places, start)
        if not self.of_populations:
            return self._check(("grid",), start, partial(self._build, plan))
        network = self._populations(plan, lines)
        self._check_axes(grid, places, lines, start)
        return network

    def _populations(self, plan: dict[str, Any], lines: dict[str, Place]) -> Any:
        """Return the populations of the first point, whose parameters depend on each other, or a network of them."""
        try:
            return self._build(plan)
        except InputError as error:
            name = str(error).partition(" ")[0]  # the parameter at fault
            own = ("network", name) if name in self.plan["network"] else ("network",)
            value = plan["network"].get(name)
            raise self.document.error(lines.get(name, own), value, str(error)) from None

    def _check_axes(
        self, grid: dict[str, list[Any]], places: dict[str, Any], lines: dict[str, Place], start: dict[str, Any]
    ) -> None:
        """Build the networks along each coordinate, with some values of the others."""
        for name, values in grid.items():
            checked = values if any(isinstance(value, str) for value in values) else [values[0], values[-1]]
            for value in checked:
                plan = self._with_coordinates(places, {**start, name: value})
                if plan is not None:
                    self._check(lines[name], value, partial(self._network, plan))

    def _build(self, plan: dict[str, Any]) -> Any:
        network = self._network(plan)
        if plan["measure"]["kind"] == "simulate":
            for name, arguments in plan["measure"]["probes"].items():
                check_probe(name, arguments)
        return network

    def _network(self, plan: dict[str, Any]) -> Any:
        """Return what the measure is of: the network, or populations and their gain, without drawing weights."""
        if not self.takes_populations:
            return build_network(plan)
        populations, gain = build_populations(plan)
        if plan["measure"]["kind"] == POPULATIONS and not plan["measure"].get("simulate"):
            populations.ensemble.statistics()  # raises an error for an ensemble without theory
        return populations, gain

    def _with_coordinates(self, places: dict[str, Any], values: dict[str, Any]) -> dict[str, Any] | None:
        """Return the plan with coordinates inserted, without keys that depend on others; None if one is required."""
        filled = fill(self.plan, places, values)
        network = {key: entry for key, entry in filled["network"].items() if not _has_placeholder(entry)}
        if "weights" in self.required:
            network = {"weights": "gaussian:3"} | network
        return {**filled, "network": network} if set(self.required) <= network.keys() else None


def _flat(grid: dict[str, Any]) -> dict[str, Any]:
    """Return the coordinates of a grid; those in the table of a section are named ``section.key``."""
    flat = {}
    for axis, values in grid.items():
        if axis in ("network", "measure") and isinstance(values, dict):
            flat |= {f"{axis}.{key}": entry for key, entry in values.items()}
        else:
            flat[axis] = values
    return flat


def _has_placeholder(value: Any) -> bool:
    """Return whether a value contains a placeholder in braces."""
    return any("{" in text for text in texts(value))


def _takes_any_keyword(parameters: Any) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _is_required(parameter: inspect.Parameter) -> bool:
    variadic = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    return parameter.default is parameter.empty and not variadic
