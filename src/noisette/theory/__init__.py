"""Theory: the probes' questions answered without sampling."""

from noisette.theory import chain, exchangeable

__all__ = ["chain", "exchangeable"]
