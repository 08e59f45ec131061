"""Pages of the explorer."""

from noisette.app.answers import Page
from noisette.app.pages import chaos, correlations, memory, populations, resonance

PAGES: dict[str, Page] = {
    page.name: page for page in (resonance.PAGE, correlations.PAGE, memory.PAGE, chaos.PAGE, populations.PAGE)
}

FIRST = "resonance"  # page of an empty address; named in server.py, too, which does not import the pages

__all__ = ["FIRST", "PAGES"]
