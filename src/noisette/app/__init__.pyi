from .results import data_of, view_of
from .server import create_app, explore

__all__ = ["create_app", "data_of", "explore", "view_of"]
