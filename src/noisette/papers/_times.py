"""Run times of figures and of their preparation, kept in the folder of a reproduction."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from noisette.disk import atomic_write
from noisette.provenance import program_version

PREPARATION = "preparation.json"


def recorded_seconds(path: Path, settings: Mapping[str, Any]) -> float | None:
    """Return the run time that a file of claims records; None if there is none, or if the settings differ.

    Parameters
    ----------
    path : ``FIGURE.json``
    settings : entries that the file must have: paper, figure, scale, seed and version
    """
    record = _read(path)
    same = all(record.get(name) == value for name, value in settings.items())
    return _seconds(record) if same else None


def preparation_seconds(folder: Path, scale: str, seed: int) -> float | None:
    """Return the time that the preparation of the figures in a folder took in all runs together.

    Parameters
    ----------
    folder : folder of the reproduction of one paper
    scale, seed : scale and seed of the reproduction; times of other scales and seeds do not count
    """
    return recorded_seconds(folder / PREPARATION, _settings(scale, seed))


def add_preparation(folder: Path, scale: str, seed: int, seconds: float) -> None:
    """Add the duration of a run of `Paper.prepare` to the time that is recorded in a folder."""
    total = seconds + (preparation_seconds(folder, scale, seed) or 0.0)
    with suppress(OSError):  # such as a full disk: the time is lost, the results are not
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(folder / PREPARATION) as temporary:
            text = json.dumps({**_settings(scale, seed), "seconds": total}, indent=1)
            temporary.write_text(text + "\n", encoding="utf-8")


def _settings(scale: str, seed: int) -> dict[str, Any]:
    return {"scale": scale, "seed": seed, "version": program_version()}


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _seconds(record: Mapping[str, Any]) -> float | None:
    seconds = record.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None
