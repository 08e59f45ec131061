"""Pages of the explorer."""

from noisette.app.answers import Page
from noisette.app.pages import memory, resonance

PAGES: dict[str, Page] = {page.name: page for page in (resonance.PAGE, memory.PAGE)}

__all__ = ["PAGES"]
