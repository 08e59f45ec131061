"""Call every public callable with arguments of the wrong kind: only right answers and `InputError` may result.

    python benchmarks/wrong_kinds.py                                # all calls; several minutes
    python benchmarks/wrong_kinds.py --quick                        # constructors and checks only; seconds
    python benchmarks/wrong_kinds.py --only simulate resonance      # some callables
    python benchmarks/wrong_kinds.py --share 0.2 --json             # the outcomes of some of the calls, for a test

Each call starts from a valid call in `_wrong_kinds_calls.py` and replaces one argument. Arrays in another memory layout
or without write access must give the result of the valid call. NaN and infinity in place of a number, and NaN within an
array, must be refused, except where they are documented (`NAN_ALLOWED`, `INFINITY_ALLOWED`).
"""

import argparse
import functools
import importlib
import inspect
import json
import math
import os
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import _wrong_kinds_calls as tables
import equinox as eqx
import jax
import numpy as np
import xarray as xr

from noisette.errors import InputError
from noisette.simulation._options import keywords

PACKAGES = (
    "activations analysis codes ensembles information networks noise plots studies tasks theory theory.markov training"
)
PACKAGES = (PACKAGES + " weights probes papers simulation study_files").split()
LIMIT = 60  # seconds per call


class WrongClass:
    """A class, given where an instance is required."""


WRONG: dict[str, Any] = {
    "None": None,
    "str": "withe:x",
    "complex": 1 + 2j,
    "NaN": math.nan,
    "inf": math.inf,
    "empty": [],
    "huge": 10**30,
    "negative": -3,
    "masked": np.ma.array([1.0, 2.0, 3.0], mask=[True, False, False]),
    "object": np.array([1.0, None, "x"], dtype=object),
    "strings": ["a", "b"],
    "class": WrongClass,
    "lambda": lambda *a, **k: "x",
    "mapping": {"a": object()},
}
# kinds that no number, array of numbers, network, noise or task is
NEVER = ("str", "complex", "masked", "object", "strings", "class", "mapping")
# "callable(parameter)" for which the documentation says what NaN means
FUNCTIONS = {f"activations:{name}(x)" for name in ("erf", "linear", "relu", "sigmoid", "tanh")}
INFINITY_ALLOWED = FUNCTIONS | {
    *("noise:Pulse(duration)", "noise:Gated(stop)", "noise:per_unit(strength)", "analysis:switching(pulse)"),
    *("analysis:simulated_switching(pulse)", "networks:fastest_rate(time)", "networks:logistic_normal(field)"),
    *("networks:logistic_normal(std)", "networks:logistic_normal(reach)", "plots:eigenvalues(values)"),
    *("studies:compare(ours)", "studies:deviation_test(deviation)"),
}
NAN_ALLOWED = FUNCTIONS | {
    *("noise:per_unit(strength)", "probes:block_error(means)", "networks:fastest_rate(units)"),
    *("networks:fastest_rate(time)", "networks:logistic_normal(field)", "networks:logistic_normal(std)"),
    *("analysis:entropy_rate(exponents)", "analysis:kaplan_yorke(exponents)", "analysis:jackknife(first)"),
    *("analysis:jackknife(second)", "plots:eigenvalues(values)", "plots:traces(times)", "plots:traces(states)"),
    *("studies:compare(ours)", "studies:deviation_test(deviation)"),
}


def callables() -> Iterator[tuple[str, Any]]:
    """Yield every public callable with its name; one that several packages list is yielded once."""
    for package in PACKAGES:
        module = importlib.import_module(f"noisette.{package}")
        names = getattr(module, "__all__", None) or [n for n, o in vars(module).items() if _own(n, o, module)]
        for name in names:
            thing = getattr(module, name)
            if callable(thing) and not (isinstance(thing, type) and issubclass(thing, Warning)):
                yield f"{package}:{name}", thing


def _own(name: str, thing: Any, module: Any) -> bool:
    return inspect.isfunction(thing) and not name.startswith("_") and thing.__module__ == module.__name__


def missing(known: set[str]) -> list[str]:
    """Return the public callables without a valid call."""
    excluded = {f"{package}:{name}" for package, names in tables.NOT_CALLED.items() for name in names.split()}
    return [name for name, _ in callables() if name not in known | excluded]


def layouts(value: Any) -> dict[str, Any]:
    """Return the same array in other memory layouts."""
    if not isinstance(value, np.ndarray) or value.dtype.kind == "O":
        return {}
    frozen = value.copy()
    frozen.flags.writeable = False
    return {
        "read-only": frozen,
        "Fortran": np.asfortranarray(value),
        "strided": np.repeat(value, 2, axis=0)[::2],
    }


def same(first: Any, second: Any) -> bool:
    """Return whether two results are equal; results that cannot be compared count as equal."""
    if isinstance(first, xr.Dataset | xr.DataArray):
        return first.equals(second)
    if isinstance(first, eqx.Module | np.ndarray | jax.Array | float | tuple):
        arrays = [jax.tree.leaves(value) for value in (first, second)]
        return len(arrays[0]) == len(arrays[1]) and all(
            np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind in "fc")
            for a, b in zip(*arrays, strict=True)
            if eqx.is_array_like(a)
        )
    return True


class Hang(Exception):
    """A call that took longer than the limit."""


def _stop(number: int, frame: Any) -> None:
    raise Hang


def attempt(call: Callable[..., Any], arguments: dict[str, Any]) -> tuple[str, Any]:
    """Return the outcome of a call, "answer", "refused" or a description of a raw exception, and its result."""
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(LIMIT)
    try:
        with warnings.catch_warnings(action="ignore"):
            return "answer", call(**arguments)
    except InputError as error:
        return ("refused", str(error)) if "\n" not in str(error) else (f"several lines: {error}"[:150], None)
    except Hang:
        return f"longer than {LIMIT} s", None
    except TypeError as error:
        required = "missing" in str(error) and "required" in str(error)
        return ("refused" if required else f"TypeError: {error}"[:150].split("\n")[0]), None
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:150].split("\n")[0], None
    finally:
        signal.alarm(0)


def numeric(value: Any) -> bool:
    """Return whether a valid argument is a number or an array of numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.ndarray | jax.Array | list | tuple):
        return False
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:
        return False


def with_nan(value: Any) -> Any:
    """Return an array with one NaN in place of a number."""
    array = np.array(value, float)
    array.flat[-1] = math.nan
    return array.tolist() if isinstance(value, list) else tuple(array.tolist()) if isinstance(value, tuple) else array


def suspicious(place: str, kind: str, value: Any) -> bool:
    """Return whether an answer to an argument of some kind, in place of a valid value, is suspicious."""
    if kind in ("NaN", "array with NaN"):
        return numeric(value) and place not in NAN_ALLOWED
    if kind == "inf":
        return numeric(value) and place not in INFINITY_ALLOWED
    return numeric(value) and kind in NEVER


def examine(name: str, call: Any, valid: dict[str, Any], chosen: Callable[[], bool]) -> Iterator[tuple[str, str, str]]:
    """Yield (parameter, kind, outcome) for each call with a wrong argument; outcomes "accepted" are suspicious."""
    expected = functools.cache(lambda: attempt(call, valid))
    if chosen():
        yield "", "valid", expected()[0]
    try:
        parameters = [p for p, x in keywords(call).items() if x.kind in (x.KEYWORD_ONLY, x.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        parameters = []
    for parameter in dict.fromkeys([*valid, *parameters]):
        value = valid.get(parameter)
        filled = numeric(value) and np.ndim(value) > 0 and np.size(value) > 0
        wrong_kinds = WRONG | ({"array with NaN": with_nan(value)} if filled else {})
        for kind, wrong in wrong_kinds.items():
            if chosen():
                outcome, result = attempt(call, valid | {parameter: wrong})
                accepted = outcome == "answer" and suspicious(f"{name}({parameter})", kind, value)
                yield parameter, kind, "accepted" if accepted else outcome
        for kind, other in layouts(value).items():
            if not chosen():
                continue
            outcome, result = attempt(call, valid | {parameter: other})
            wrong = outcome == "answer" and not same(expected()[1], result)
            yield (
                parameter,
                kind,
                "other result" if wrong else outcome if outcome == "answer" else f"not read: {outcome}",
            )


def main() -> None:
    """Print the number of calls and every outcome that is neither an answer nor an `InputError`."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", default=[], help="names of callables, or of groups")
    parser.add_argument("--quick", action="store_true", help="core group only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--share", type=float, default=1.0, help="share of the calls that are made")
    parser.add_argument("--seed", type=int, default=0, help="seed of their choice")
    parser.add_argument("--missing", action="store_true", help="print the callables without a valid call")
    options = parser.parse_args()
    os.chdir(tables.FOLDER)
    groups = vars(tables.GROUPS)
    chosen = ["core"] if options.quick else [g for g in options.only if g in groups] or list(groups)
    calls: dict[str, Any] = {}
    for group in chosen:
        calls |= groups[group]()
    words = [word for word in options.only if word not in groups]
    if options.missing:
        print("\n".join(missing(set(calls))))
        return
    things = dict(callables())
    random = Random(options.seed)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for name, valid in calls.items():
        if valid is None or (words and name.partition(":")[2] not in words):
            continue
        began = time.perf_counter()
        for parameter, kind, outcome in examine(name, things[name], valid, lambda: random.random() < options.share):
            counts["calls"] += 1
            counts[kind] += 1
            good = outcome in ("answer", "refused") and not (kind == "valid" and outcome != "answer")
            counts["faults"] += not good
            if not good:
                faults.append(f"{name}({parameter}) {kind}: {outcome}")
                if not options.json:
                    print(faults[-1], flush=True)
        seconds = time.perf_counter() - began
        if seconds > 10:
            print(f"# {name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    if options.json:
        absent = missing(set(calls)) if chosen == list(groups) else []
        print(json.dumps({"calls": counts["calls"], "kinds": counts, "faults": faults, "missing": absent}))
    else:
        print(f"{counts['calls']} calls, {counts['faults']} faults")


if __name__ == "__main__":
    main()
