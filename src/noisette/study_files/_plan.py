"""Plans, the sections ``network`` and ``measure`` of a study file, and their evaluation at a point of the grid."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import jax

from noisette import networks
from noisette.activations import from_string as activation_from_string
from noisette.analysis import measures
from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.imports import watched_imports
from noisette.networks import Populations
from noisette.networks._population_words import WRITTEN, activations_of, noises_of, numbers_of, populations_of
from noisette.noise import from_string as noise_from_string
from noisette.probes import from_string as probe_from_string
from noisette.weights import distribution, ensemble

Plan = dict[str, Any]
Places = Mapping[str, tuple[str, str] | None]
NUMBERS = ("gain", "gamma", "tau", "bias")  # numerical parameters of the networks in the registry
READERS: dict[str, Callable[[str], Any]] = {
    "weights": ensemble,
    "noise": noise_from_string,
    "activation": activation_from_string,
}
POPULATIONS = "populations"  # kind of a network whose weights are drawn from an ensemble with populations
READERS_OF_POPULATIONS: dict[str, Callable[[Any], Any]] = {
    "weights": distribution,
    "noise": noises_of,
    "activation": activations_of,
    **{name: partial(numbers_of, name=name) for name in WRITTEN},
}


def fill(plan: Plan, places: Places, coordinates: Mapping[str, Any]) -> Plan:
    """Return a plan with the values of coordinates inserted.

    Parameters
    ----------
    plan : sections ``network`` and ``measure``
    places : section and key that each coordinate sets; None for a placeholder in the strings of the plan
    coordinates : values of the coordinates

    Examples
    --------
    >>> fill({"network": {"weights": "gaussian:{size}"}}, {"size": None, "gain": ("network", "gain")}, {"size": 5})
    {'network': {'weights': 'gaussian:5'}}
    """

    def replace(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: replace(value) for name, value in part.items()}
        if isinstance(part, list):
            return [replace(value) for value in part]
        if isinstance(part, str):
            for name, value in coordinates.items():
                part = part.replace(f"{{{name}}}", str(value))
        return part

    filled = replace(plan)
    for name, value in coordinates.items():
        place = places.get(name)
        if place is not None:
            section, key = place
            filled[section][key] = value
    return filled


def texts(part: Any) -> list[str]:
    """Return all strings in a plan or a part of it."""
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def kind_of_network(plan: Plan) -> str:
    """Return the kind of the network, "rate" by default."""
    return plan["network"].get("kind", "rate")


def check_parameter(kind: str, name: str, value: Any) -> None:
    """Raise `InputError` if the value of a key of ``[network]`` is invalid."""
    if kind == POPULATIONS and name in READERS_OF_POPULATIONS:
        if name in READERS:
            words = value if name in ("activation", "noise") and isinstance(value, list) else [value]
            require(all(isinstance(word, str) for word in words), f"{name} {value!r}", "a string; see `noisette list`")
        READERS_OF_POPULATIONS[name](value)
    elif name in READERS:
        require(isinstance(value, str), f"{name} {value!r}", "a string; see `noisette list`")
        READERS[name](value)
    elif name in NUMBERS and ":" not in kind:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        require(is_number, f"{name} {value!r}", "a number")


def check_probe(name: str, arguments: Any) -> None:
    """Raise `InputError` if a probe does not exist or does not take the arguments."""
    require(isinstance(arguments, dict), f"probe {name} = {arguments!r}", "a table of its arguments: { … }")
    probe_from_string(name, **arguments)


@check_arguments
def build_network(plan: Plan, number: int = 0, seed: int = 0) -> Any:
    """Return the network of a plan.

    Parameters
    ----------
    plan : plan with a section ``network``
    number, seed : number and seed of the draw of random weights, as in `noisette.weights.ensemble`. They also determine
        the ``key`` of a user-defined network that takes one

    Examples
    --------
    >>> build_network({"network": {"kind": "sign", "weights": "autapses:3"}}).size
    5
    """
    kind = kind_of_network(plan)
    parameters = _parameters(plan, number, seed)
    if "key" in networks.parameters_of(kind):
        parameters["key"] = jax.random.fold_in(jax.random.key(seed), number)
    return networks.from_string(kind, **parameters)


def build_populations(plan: Plan) -> tuple[Populations, float]:
    """Return the populations and the gain of a plan with a network of the kind "populations".

    Parameters
    ----------
    plan : plan with a section ``network``

    Examples
    --------
    >>> populations, gain = build_populations({"network": {"kind": "populations", "sizes": [4, 1], "gain": 2.0}})
    >>> populations.sizes, gain
    ((4, 1), 2.0)
    """
    parameters = _parameters(plan)
    gain = parameters.pop("gain", 1.0)
    return populations_of(**parameters), gain


def _parameters(plan: Plan, number: int = 0, seed: int = 0) -> dict[str, Any]:
    """Return the parameters of the network of a plan, with words replaced by the objects that they name."""
    kind = kind_of_network(plan)
    readers = READERS_OF_POPULATIONS if kind == POPULATIONS else READERS
    parameters = {name: value for name, value in plan["network"].items() if name != "kind"}
    for name, value in parameters.items():
        if name == "weights" and isinstance(value, str) and kind != POPULATIONS:
            parameters[name] = ensemble(value, seed)(number)
        else:
            check_parameter(kind, name, value)
            parameters[name] = readers[name](value) if name in readers else value
    return parameters


@check_arguments
def measured(plan: Plan, places: Places, seed: int, key: jax.Array, repeat: int = 0, **coordinates: Any) -> Any:
    """Return the result of the measure of a plan at a point of its grid.

    Parameters
    ----------
    plan : sections ``network`` and ``measure``; with ``"code": False``, names of code are refused
    places : section and key that each coordinate sets
    seed : seed of random weights, which depend on the repeat but not on the other coordinates
    key : random key of the point
    repeat : index of the repeat
    coordinates : coordinates of the point
    """
    filled = fill(plan, places, coordinates)
    options = {name: value for name, value in filled["measure"].items() if name != "kind"}
    with refused_code(plan.get("code", True)):
        measure = measures.from_string(filled["measure"]["kind"])
        if measures.takes_populations(measure):
            return measure(*build_populations(filled), key=key, **options)
        return measure(build_network(filled, repeat, seed), key=key, **options)


def refused_code(code: bool) -> AbstractContextManager[None]:
    """Return a context in which names of code are refused, unless `code` is True."""
    return nullcontext() if code else watched_imports(lambda name: None, refuse=True)
