"""Answers: what a page shows for a view, and the pages themselves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import xarray as xr

from noisette.app.views import View

Figure = dict[str, Any]  # as Plotly.js expects it: data and layout
Report = Callable[[int, int], None]  # progress of a long calculation, in the form of the library's callbacks


def never(view: View) -> bool:
    """Return False: the part is computed at once for each view."""
    return False


def always(view: View) -> bool:
    """Return True: the part is computed in the background for each view."""
    return True


@dataclass(frozen=True)
class Answer:
    """Figures, numbers and a sentence about them.

    Parameters
    ----------
    figures : figures by the names of their panels
    sentence : what the numbers mean, in one sentence; a figure is described by it to those who do not see it
    data : the numbers that the figures show
    values : the most important numbers, as they are read: name and value with its unit
    complete : false while a long calculation continues
    """

    figures: Mapping[str, Figure]
    sentence: str
    data: xr.Dataset
    values: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True


def completed(produced: Answer | Iterator[Answer]) -> Answer:
    """Return the last answer of a part.

    Parameters
    ----------
    produced : what the function of a part returns
    """
    if isinstance(produced, Answer):
        return produced
    *_, last = produced
    return last


@dataclass(frozen=True)
class Panel:
    """A figure of a page.

    Parameters
    ----------
    name : name of the panel, a word
    title : title shown above the figure
    height : height in pixels
    wide : whether the panel takes the whole width of a page
    """

    name: str
    title: str
    height: int = 300
    wide: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a page that is computed by itself.

    Parameters
    ----------
    name : name of the part, a word
    panels : panels that show its figures
    compute : function of a view and a `Report` that returns an answer, or yields answers of which each is more complete
        than the one before
    long : function of a view that returns whether it takes more than a moment, and runs in the background
    """

    name: str
    panels: tuple[Panel, ...]
    compute: Callable[[Any, Report], Answer | Iterator[Answer]]
    long: Callable[[Any], bool] = never


@dataclass(frozen=True)
class Story:
    """An entry point to a finding: a title, three sentences, a view, and what to try there."""

    title: str
    text: str
    view: View
    attempt: str


@dataclass(frozen=True)
class Page:
    """A page of the explorer.

    Parameters
    ----------
    name : name in the address
    title : title in the navigation
    question : the question that the page answers, in one sentence
    view : class of its views
    parts : parts in the order in which they are shown
    python : function that returns the Python code with which a view is computed
    command : function that returns the command with which a view is computed
    stories : entry points
    """

    name: str
    title: str
    question: str
    view: type[View]
    parts: tuple[Part, ...]
    python: Callable[[Any], str]
    command: Callable[[Any], str]
    stories: tuple[Story, ...]

    def part(self, name: str) -> Part:
        """Return a part by name."""
        return next(part for part in self.parts if part.name == name)


__all__ = ["Answer", "Figure", "Page", "Panel", "Part", "Report", "Story", "always", "completed", "never"]
