"""Public calls: a record of the arguments in the result, `rerun`, and progress."""

import dataclasses
import functools
import inspect
import json
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any, TypeVar, cast, get_args

import xarray as xr

from noisette.errors import InputError, require
from noisette.progress import reporting
from noisette.provenance import described, program_version
from noisette.recipes import path_of
from noisette.records import Decoder, encoded

CALL = "call"  # attribute of a result that contains the record of its call
LABELS = {  # names of coordinates in plots
    "after": "state after the step",
    "before": "state before the step",
    "exponent": "index of the exponent",
    "gain": "gain g",
    "share": "fraction of the time after the transient",
    "snapshot_unit": "unit",
}
PACKAGES = ("analysis", "noise", "simulation", "theory", "training")

Function = TypeVar("Function", bound=Callable[..., Any])
Data = TypeVar("Data", bound=xr.Dataset | xr.DataArray)
_functions: dict[str, Callable[..., Any]] = {}
_recording: ContextVar[bool] = ContextVar("recording", default=False)


def public_call(function: Function) -> Function:
    """Return a function whose result contains a record of the call, from which `rerun` repeats it.

    If the function has an argument ``progress``, True shows a bar, and the function receives a callback or None.

    Parameters
    ----------
    function : function that returns a Dataset, a DataArray, or an object with a Dataset ``data``

    Examples
    --------
    >>> import noisette as nz
    >>> json.loads(nz.theory.mean_field(nz.activations.tanh, 0.5).attrs["call"])["function"]
    'noisette.theory.dmft:mean_field'
    """
    signature = inspect.signature(function)
    takes_progress = "progress" in _names(signature)

    @functools.wraps(function)
    def caller(*args: Any, **keywords: Any) -> Any:
        outermost = not _recording.get()
        token = _recording.set(True)
        try:
            if not takes_progress:
                result = function(*args, **keywords)
            else:
                with reporting(keywords.get("progress"), function.__name__) as callback:
                    shown = {"progress": callback} if callback is not None or "progress" in keywords else {}
                    result = function(*args, **keywords | shown)
        finally:
            _recording.reset(token)
        return _recorded(result, function, signature, args, keywords) if outermost else result

    _functions[path_of(function)] = caller
    return cast("Function", caller)


def _names(signature: inspect.Signature) -> set[str]:
    """Return the names of all parameters, including those of a typed group ``**options``."""
    names = set(signature.parameters)
    for parameter in signature.parameters.values():
        group = get_args(parameter.annotation) if parameter.kind is parameter.VAR_KEYWORD else ()
        names |= set(getattr(group[0], "__annotations__", ())) if group else set()
    return names


def _recorded(result: Any, function: Any, signature: inspect.Signature, args: Any, keywords: dict[str, Any]) -> Any:
    """Return a result with the record of its call."""
    bound = signature.bind(*args, **keywords)
    bound.apply_defaults()
    arguments = dict(bound.arguments)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments |= arguments.pop(parameter.name, {})
    arguments.pop("progress", None)
    record = encoded(arguments)["dict"]
    text = json.dumps({"function": path_of(function), "version": program_version(), "arguments": record})
    if isinstance(result, xr.Dataset | xr.DataArray):
        return _labelled(result, arguments).assign_attrs({CALL: text})
    data = getattr(result, "data", None)
    if dataclasses.is_dataclass(result) and not isinstance(result, type) and isinstance(data, xr.Dataset):
        return dataclasses.replace(result, data=_labelled(data, arguments).assign_attrs({CALL: text}))  # type: ignore[call-arg]
    return result


def _labelled(data: Data, arguments: dict[str, Any]) -> Data:
    """Return a result whose configuration contains all arguments, and whose coordinates have units."""
    configuration = json.loads(data.attrs.get("configuration", "{}"))
    missing = arguments.keys() - configuration.keys() - ({"duration", "warn"} if "steps" in configuration else {"warn"})
    configuration |= {name: described(arguments[name]) for name in missing}
    data = data.assign_attrs(configuration=json.dumps(configuration, sort_keys=True))
    for name, coordinate in data.coords.items():
        labels = {"long_name": LABELS.get(str(name), str(name).replace("_", " "))}
        labels |= {"units": ""} if coordinate.dtype.kind in "biuf" else {}
        variable = coordinate.variable.copy(deep=False)
        variable.attrs = labels | coordinate.attrs
        data = data.assign_coords({name: variable})
    return data


def rerun(result: Any, **given: Any) -> Any:
    """Repeat the call that made a result, from the record in its attribute ``call``; the new result is the same.

    On the same machine and with the same versions of the libraries, all values are identical bit for bit. The record is
    that of the whole call, also if only a part of its result was kept. It contains numbers, small arrays, keys,
    networks, noises and probes by value, and weights by name where a function of `weights` drew them. Other large
    arrays, and functions of your own, are recorded by a digest; give the same objects, and the digest is checked.

    Parameters
    ----------
    result : Dataset returned by `simulate`, `resonance`, `chaos_curve`, `lyapunov_spectrum`, `correlations`, the
        functions of `theory` and most functions of `analysis` and `training`; the DataArray of `analysis.clusters`; or
        an object with a Dataset ``data``, such as a `NoiseEffect`; also after it was saved and loaded
    **given : objects that are recorded by their digests, by the name of an argument or of a parameter of the network,
        such as ``weights``, ``activation`` or ``network``

    Returns
    -------
    The result of the repeated call

    Raises
    ------
    InputError : a result without a record; an object that is needed and not given; a given object that differs from
        the recorded one.

    Examples
    --------
    >>> import noisette as nz
    >>> curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    >>> nz.rerun(curve).identical(curve)
    True
    >>> import numpy as np
    >>> own = np.random.default_rng(0).standard_normal((100, 100)) / 10
    >>> data = nz.simulate(nz.RateNetwork(own), duration=1.0, dt=0.1, key=0)
    >>> nz.rerun(data)
    Traceback (most recent call last):
    noisette.errors.InputError: the result records weights by a digest only (100×100 float64, sha256 ...
    >>> nz.rerun(data, weights=own).identical(data)
    True
    """
    name, record = _record(result)
    decoder = Decoder(given, name.partition(":")[2], set(record))
    arguments = {key: decoder.of(value, key) for key, value in record.items()}
    unused = ", ".join(sorted(set(given) - decoder.used))
    require(not unused, f"rerun with {unused}", f"the call has the arguments {', '.join(record)}", "omit it")
    return _functions[name](**arguments)


def _record(result: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of the function that made a result, and the records of its arguments by name."""
    data = result if isinstance(result, xr.Dataset | xr.DataArray) else getattr(result, "data", None)
    text = data.attrs.get(CALL) if isinstance(data, xr.Dataset | xr.DataArray) else None
    if text is None:
        raise InputError(
            f"a {type(result).__name__} without the attribute {CALL!r}; a Dataset returned by simulate, resonance or "
            "another function of Noisette, or a NoiseEffect"
        )
    try:
        record = json.loads(text)
        name, arguments = record["function"], dict(record["arguments"])
        package, parts = name.partition(":")[0], name.split(".")
        assert parts[0] == "noisette"
        assert parts[1].partition(":")[0] in PACKAGES
        import_module(package)
        assert name in _functions
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, ImportError) as error:
        raise InputError(
            f"a result with an unreadable record of its call ({text[:40]!r}); a result written by this version"
        ) from error
    return name, arguments


__all__ = ["CALL", "public_call", "rerun"]
