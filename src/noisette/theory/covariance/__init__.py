"""Covariances between units of a large random network, their participation dimension and their stability."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
