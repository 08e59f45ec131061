"""Studies written as text (TOML): a network, a noise, a measure and a grid, all by name."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from noisette.activations import named as activation_named
from noisette.analysis.measures import MEASURES, accepted, probe_named
from noisette.errors import InputError, require
from noisette.imports import import_object
from noisette.networks import Boltzmann, Onsager, RateNetwork, SignNetwork
from noisette.noise import named as noise_named
from noisette.simulation._options import keyword_names
from noisette.studies import Study
from noisette.weights import family

OPTIONS = ("seed", "repeats", "where", "shared", "allow_nan")
TOP = ("name", *OPTIONS, "network", "measure", "grid")
BINARY = ("weights", "noise")
NETWORK = {
    "rate": ("weights", "gain", "gamma", "activation", "tau", "bias", "noise"),
    "boltzmann": BINARY,
    "sign": BINARY,
}
NUMBERS = ("gain", "gamma", "tau", "bias")
SPACINGS = ("from", "to", "count", "step", "scale")

Plan = dict[str, Any]


def read_study(file: str | Path) -> Study:
    """Return the study that a TOML file describes.

    Words of the file are those of the terminal: weights as ``gaussian:200`` (drawn anew for each repeat), noises as
    ``white:0.1``, activations as ``tanh``. A coordinate of ``[grid]`` is a key of ``[network]`` or ``[measure]``, or a
    word of one's own that stands in braces in their texts: ``weights = "gaussian:{size}"``. Where both sections have a
    key, say which: ``measure.noise``.

    Parameters
    ----------
    file : such as::

            name = "onset of chaos"
            repeats = 4

            [network]
            kind = "rate"                 # or boltzmann, sign
            weights = "gaussian:{size}"
            noise = "white:0.1"

            [measure]
            kind = "lyapunov"             # or simulate, dimension, resonance, MODULE:FUNCTION
            duration = 100.0
            dt = 0.05

            [grid]
            size = [100, 200]
            gain = { from = 0.5, to = 2.5, count = 9 }

    Raises
    ------
    InputError : with line, key, value and what is allowed.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "study.toml"
    >>> text = '[network]\\nkind = "boltzmann"\\nweights = "autapses:10"\\n[measure]\\nkind = "resonance"\\n'
    >>> size = file.write_text(text + "[grid]\\nmeasure.noise = [0, 4, 50]\\n")
    >>> read_study(file).run().information.values.round(2)
    array([3.28, 4.54, 0.09])
    """
    return _Written(Path(file)).study()


class _Written:
    """A file, what it says, and where it says it."""

    def __init__(self, file: Path):
        self.file = file
        try:
            text = file.read_text(encoding="utf-8")
            self.said = tomllib.loads(text)
        except FileNotFoundError as error:
            raise InputError(f"study file {str(file)!r} does not exist; give a .toml file") from error
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"study file {str(file)!r} cannot be read ({error}); give a .toml file") from error
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"study file {str(file)!r} is not TOML: {error}") from error
        self.lines = _lines(text)

    def refuse(self, place: tuple[str, ...], value: Any, allowed: str) -> InputError:
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), 1)
        given = "" if value is None else f" = {value!r}"
        return InputError(f"{self.file.name} line {line}: {'.'.join(place)}{given}; {allowed}")

    def section(self, name: str) -> dict[str, Any]:
        found = self.said.get(name)
        if not isinstance(found, dict):
            raise self.refuse((name,), found, f"a section [{name}] is needed; there are {', '.join(self.said)}")
        return found

    def study(self) -> Study:
        for key in self.said:
            if key not in TOP:
                raise self.refuse((key,), None, f"unknown; keys are {', '.join(TOP)}")
        plan = {"network": self.section("network"), "measure": self.section("measure")}
        self._known(plan)
        grid, places = {}, {}
        for axis, values in _flat(self.section("grid")).items():
            name, place = self._place(axis, plan)
            grid[name], places[name] = self._values(axis, values), place
        self._fits(plan, grid, places)
        options = {key: self.said[key] for key in OPTIONS if key in self.said}
        name = self.said.get("name", self.file.stem)
        fixed = {"plan": plan, "places": places, "seed": options.get("seed", 0)}
        try:
            return Study(name, measured, grid, fixed, **options)
        except InputError as error:
            raise InputError(f"{self.file.name}: {error}") from None
        except TypeError as error:
            raise InputError(f"{self.file.name}: {error}; see the types of `noisette.studies.Study`") from error

    def _known(self, plan: Plan) -> None:
        """Refuse kinds and keys that do not exist."""
        kind = plan["network"].get("kind", "rate")
        if kind not in NETWORK:
            raise self.refuse(("network", "kind"), kind, f"one of {', '.join(NETWORK)}")
        for key in plan["network"]:
            if key not in ("kind", *NETWORK[kind]):
                known = f"a {kind} network has {', '.join(NETWORK[kind])}"
                raise self.refuse(("network", key), plan["network"][key], known)
        if "weights" not in plan["network"] and "network.weights" not in _flat(self.section("grid")):
            raise self.refuse(("network",), None, 'no weights; such as weights = "gaussian:200"')
        kind = plan["measure"].get("kind")
        if not isinstance(kind, str) or (kind not in MEASURES and ":" not in kind):
            known = f"one of {', '.join(MEASURES)}, or MODULE:FUNCTION of your own"
            raise self.refuse(("measure", "kind"), kind, known)
        given = {key: value for key, value in plan["measure"].items() if key != "kind"}
        for key in given:
            self._try(("measure", key), given[key], partial(_takes, kind, key))
        if kind == "simulate":
            probes = given.get("probes")
            if not isinstance(probes, dict) or not probes:
                form = "probes and their arguments: { Lyapunov = { k = 2 }, Speed = {} }"
                raise self.refuse(("measure", "probes"), probes, form)

    def _place(self, axis: str, plan: Plan) -> tuple[str, tuple[str, str] | None]:
        """Return the name of a coordinate, and the key that it sets; None if it stands in braces."""
        section, dot, key = axis.rpartition(".")
        kind, measure = plan["network"].get("kind", "rate"), plan["measure"]["kind"]
        keys = {"network": NETWORK[kind], "measure": tuple(keyword_names(_measure(measure)[1]))}
        if any(f"{{{axis}}}" in text for text in _texts(plan)):
            return axis, None
        homes = [one for one in keys if (key if dot else axis) in keys[one] and (not dot or one == section)]
        if len(homes) != 1:
            others = "measure.noise or network.noise" if homes else f"{{{axis}}} in braces, or one of {_all(keys)}"
            many = "several things" if homes else "nothing"
            raise self.refuse(("grid", axis), None, f"it stands for {many}: {others}")
        return key or axis, (homes[0], key or axis)

    def _values(self, axis: str, given: Any) -> list[Any]:
        form = 'a list, or { from = a, to = b, count = n } or step = d, with scale = "log" if wished'
        if isinstance(given, list) and given:
            if any(value != value for value in given):
                raise self.refuse(("grid", axis), given, f"{form}, of values other than NaN")
            return given
        if not isinstance(given, dict) or not {"from", "to"} <= given.keys() <= set(SPACINGS):
            raise self.refuse(("grid", axis), given, form)
        ends = [given[key] for key in ("from", "to", "step") if key in given]
        if not all(isinstance(end, int | float) and math.isfinite(end) for end in ends):
            raise self.refuse(("grid", axis), given, f"{form}, of finite numbers; infinity is a value of a list")
        first, last = given["from"], given["to"]
        log = given.get("scale") == "log"
        if "step" in given and not log and "count" not in given and given["step"] > 0 and last >= first:
            return (first + given["step"] * np.arange(int((last - first) / given["step"] + 1e-9) + 1)).tolist()
        if not isinstance(given.get("count"), int) or given["count"] < 1 or (log and not 0 < first <= last):
            raise self.refuse(("grid", axis), given, form)
        return (np.geomspace if log else np.linspace)(first, last, given["count"]).tolist()

    def _fits(self, plan: Plan, grid: dict[str, list[Any]], places: dict[str, Any]) -> None:
        """Build what every value of every coordinate names, once, so that nothing fails in the night for a slip."""
        if not grid:
            raise self.refuse(("grid",), None, "at least one coordinate")
        for name, values in grid.items():
            some = values if any(isinstance(value, str) for value in values) else [values[0], values[-1]]
            for value in some:
                self._try(("grid", name), value, partial(_built, _alone(plan, places, name, value)))
        start = {name: values[0] for name, values in grid.items()}
        self._try(("grid",), start, partial(_built, filled(plan, places, start)))

    def _try(self, place: tuple[str, ...], value: Any, what: Callable[[], Any]) -> None:
        try:
            what()
        except InputError as error:
            raise self.refuse(place, value, str(error)) from None


def _flat(grid: dict[str, Any]) -> dict[str, Any]:
    """Return a grid with the keys of sections in it joined by dots."""
    found = {}
    for axis, values in grid.items():
        if axis in ("network", "measure") and isinstance(values, dict):
            found |= {f"{axis}.{key}": inner for key, inner in values.items()}
        else:
            found[axis] = values
    return found


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of every key of a TOML text."""
    found: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[([^\[\]]+)\]", line):
            section = tuple(part.strip().strip("\"'") for part in head[1].split("."))
            found.setdefault(section, number)
        elif key := re.match(r"\s*(\"[^\"]+\"|'[^']+'|[\w.-]+)\s*=", line):
            found.setdefault((*section, key[1].strip("\"'")), number)
    return found


def _texts(plan: Any) -> list[str]:
    if isinstance(plan, dict):
        return [text for inner in plan.values() for text in _texts(inner)]
    return [plan] if isinstance(plan, str) else []


def _all(keys: Mapping[str, tuple[str, ...]]) -> str:
    return ", ".join(name for names in keys.values() for name in names if name not in ("network", "key", "progress"))


def filled(plan: Plan, places: Mapping[str, Any], coordinates: Mapping[str, Any]) -> Plan:
    """Return a plan with the values of coordinates in their places.

    Examples
    --------
    >>> filled({"network": {"weights": "gaussian:{size}"}}, {"size": None, "gain": ("network", "gain")}, {"size": 5})
    {'network': {'weights': 'gaussian:5'}}
    """

    def put(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {name: put(value) for name, value in inner.items()}
        if isinstance(inner, str):
            for name, value in coordinates.items():
                inner = inner.replace(f"{{{name}}}", str(value))
        return inner

    found = put(plan)
    for name, value in coordinates.items():
        if places.get(name) is not None:
            section, key = places[name]
            found[section][key] = value
    return found


def _alone(plan: Plan, places: Mapping[str, Any], name: str, value: Any) -> Plan:
    """Return a plan with one coordinate only; what waits for others takes its default."""
    found = filled(plan, places, {name: value})
    waiting = [key for key, text in found["network"].items() if isinstance(text, str) and "{" in text]
    for key in waiting:
        del found["network"][key]
    return {**found, "network": {"weights": "gaussian:3"} | found["network"]}


def _takes(kind: str, key: str) -> None:
    accepted(_measure(kind)[1], {key: None}, f"measure {kind}")


def _measure(kind: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return a measure, and the function whose arguments it takes."""
    if kind in MEASURES:
        return MEASURES[kind][:2]
    found = import_object(kind, "measure")
    require(callable(found), f"measure {kind!r} is no function", "a function of (network, *, key, …)")
    return found, found


def _built(plan: Plan, number: int = 0, seed: int = 0) -> Any:
    """Return the network of a plan; its random weights belong to the number and the seed."""
    given, kind = plan["network"], plan["network"].get("kind", "rate")
    for name in NUMBERS:
        known = isinstance(given.get(name, 0.0), int | float) and not isinstance(given.get(name), bool)
        require(known, f"{name} {given.get(name)!r}", "a number")
    for name in ("weights", "noise", "activation"):
        require(isinstance(given.get(name, ""), str), f"{name} {given.get(name)!r}", "a text; see `noisette list`")
    if plan["measure"]["kind"] == "simulate":
        for name, arguments in plan["measure"]["probes"].items():
            require(isinstance(arguments, dict), f"probe {name} = {arguments!r}", "its arguments: { … }")
            probe_named(name, **arguments)
    matrix = family(given["weights"], seed)(number)
    noise = noise_named(given["noise"]) if "noise" in given else None
    if kind != "rate":
        return {"boltzmann": Boltzmann, "sign": SignNetwork}[kind](matrix, noise=noise)
    made = RateNetwork(
        matrix,
        given.get("gain", 1.0),
        tau=given.get("tau", 1.0),
        bias=given.get("bias", 0.0),
        activation=activation_named(given.get("activation", "tanh")),
        noise=noise,
    )
    return Onsager(made, given["gamma"]) if given.get("gamma") else made


def measured(
    plan: Plan, places: Mapping[str, Any], seed: int, key: jax.Array, repeat: int = 0, **coordinates: Any
) -> Any:
    """Return what the measure of a plan finds at a point of its grid.

    Parameters
    ----------
    plan : sections ``network`` and ``measure``
    places : the key that each coordinate sets
    seed : of random weights, which belong to a repeat and are the same all over the grid
    key : random key of the point
    repeat : number of the repeat
    coordinates : of the point
    """
    here = filled(plan, places, coordinates)
    options = {name: value for name, value in here["measure"].items() if name != "kind"}
    return _measure(here["measure"]["kind"])[0](_built(here, repeat, seed), key=key, **options)
