"""Pages of the explorer."""

from noisette.app.answers import Page
from noisette.app.pages import chaos, resonance

PAGES: dict[str, Page] = {page.name: page for page in (resonance.PAGE, chaos.PAGE)}

__all__ = ["PAGES"]
