"""The explorer: pages in a browser that show what the library computes (extra ``app``)."""

from noisette.app.server import create_app, explore

__all__ = ["create_app", "explore"]
