"""Stories of the page about correlations."""

from typing import Any

from noisette.app.answers import Story


def stories(view: type[Any]) -> tuple[Story, ...]:
    """Return the stories, whose views are of the given class."""
    return (
        Story("A", "B. C. D.", view(), "E"),
        Story("A", "B. C. D.", view(), "E"),
        Story("A", "B. C. D.", view(), "E"),
    )
