"""Notices on standard error before a command executes code that a name, MODULE:NAME or FILE.py:NAME, refers to."""

import sys
from contextlib import AbstractContextManager

from noisette.imports import watched_imports


def reported_code() -> AbstractContextManager[None]:
    """Return a context in which each file that an argument names, as FILE.py:NAME, is reported once before it runs."""
    reported: set[str] = set()

    def report(name: str) -> None:
        place = name.rpartition(":")[0]
        if place.endswith(".py") and place not in reported:
            reported.add(place)
            _print(f"{name} executes the code of {place}")

    return watched_imports(report)


def code_of_study(study: str, *, refuse: bool) -> AbstractContextManager[None]:
    """Return a context for the code that a study names.

    Parameters
    ----------
    study : study file, which is reported once if it names code; or the name of a study, which is not reported, because
        the command is to execute it
    refuse : whether names of code raise `InputError`
    """
    reported: list[str] = []

    def report(name: str) -> None:
        if study.endswith(".toml") and not reported:
            reported.append(name)
            _print(f"{study} runs code that it names, {name}; --no-code refuses such files")

    return watched_imports(report, refuse=refuse)


def _print(line: str) -> None:
    print(f"noisette: {line}", file=sys.stderr, flush=True)
